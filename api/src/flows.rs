//! What several handlers do: one function per act, called with an open transaction.

pub mod activity;
pub mod admission;
pub mod agreement;
pub mod appeal;
pub mod assistance;
pub mod audit;
pub mod award;
pub mod bundle;
pub mod completion;
pub mod evaluation;
pub mod graduate;
pub mod measure;
pub mod membership;
pub mod money;
pub mod notice;
pub mod offering;
pub mod order;
pub mod organisation;
pub mod portfolio;
pub mod program;
pub mod proposal;
pub mod rehearsal;
pub mod renewal;
pub mod roster;
pub mod subscription;
pub mod support;
