//! What several handlers do: one function per act, called with an open transaction.

pub mod award;
pub mod program;
