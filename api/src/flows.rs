//! What several handlers do: one function per act, called with an open transaction.

pub mod admission;
pub mod award;
pub mod completion;
pub mod money;
pub mod program;
