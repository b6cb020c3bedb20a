//! The store's promises, on each database, without HTTP.

mod appeals;
mod courses;
mod crash;
mod faults;
mod groups;
mod idempotency;
mod ledger;
mod log;
mod merges;
mod migrations;
mod portfolios;
mod races;
mod support;
mod verify;

use domain::{
    event::{Event, Fact},
    program::ProgramCode,
};

/// A fact for tests of the log.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Noted {
    by: usize,
    text: String,
}

impl Fact for Noted {
    fn event_type(&self) -> &'static str {
        "test.noted"
    }
}

/// An event about `subject`.
pub(crate) fn noted(subject: &str, by: usize) -> Event<Noted> {
    Event {
        program: Some(ProgramCode::lssc()),
        subject: subject.to_owned(),
        person: None,
        fact: Noted { by, text: "é \"quoted\"".to_owned() },
    }
}
