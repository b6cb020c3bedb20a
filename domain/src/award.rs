//! Financial help: enrollment assistance by rounds and draws, and course subsidies (the program's awards).

mod assistance;
mod subsidy;

pub use assistance::*;
pub use subsidy::*;
