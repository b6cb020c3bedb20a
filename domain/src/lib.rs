//! The rules of a certification program as pure functions over values.
//!
//! No I/O, no clock, no chance: dates, instants and ids are handed in. The modules are the glossary.

pub mod access;
pub mod event;
pub mod finding;
pub mod id;
pub mod program;
pub mod word;

pub use finding::{BadFact, Finding, all_satisfied};
pub use id::*;
pub use word::Word;
