//! What several handlers do: one function per act, called with an open transaction.

pub mod admission;
pub mod assistance;
pub mod award;
pub mod completion;
pub mod membership;
pub mod money;
pub mod order;
pub mod program;
pub mod rehearsal;
pub mod subscription;
