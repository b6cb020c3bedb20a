//! The tables of the migrations, as diesel reads them.

mod main_job;
mod program_rules;

pub(crate) use main_job::*;
pub(crate) use program_rules::*;
