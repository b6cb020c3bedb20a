//! The tables of the migrations, as diesel reads them.

mod account;
mod appeal;
mod catalog;
mod main_job;
mod merge;
mod money;
mod notice;
mod person;
mod portfolio;
mod program_rules;
mod renewal;
mod support;

pub(crate) use account::*;
pub(crate) use appeal::*;
pub(crate) use catalog::*;
pub(crate) use main_job::*;
pub(crate) use merge::*;
pub(crate) use money::*;
pub(crate) use notice::*;
pub(crate) use person::*;
pub(crate) use portfolio::*;
pub(crate) use program_rules::*;
pub(crate) use renewal::*;
pub(crate) use support::*;
