//! Help with a portfolio (FAQ 15): guidance for each competency set, events to learn how to prepare one,
//! and requests for help.

mod gathering;
mod help;

pub use gathering::{MAX_SEATS, Occasion, SupportEvent, SupportEventDetails, SupportRegistration};
pub use help::{HelpAct, HelpAnswer, HelpRequest, HelpState};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    BadFact, GuidanceId, SupportEventId, calendar::Faults, competency::SetCode, facts,
    program::ProgramCode,
};

/// The most entries of each list of a guidance.
pub const MAX_ENTRIES: usize = 30;

/// Where to read more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidanceLink {
    /// What it is called.
    pub title: String,
    /// Its `https` address.
    pub url: String,
}

/// What is said on preparing a portfolio for a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidanceText {
    /// What the set is about, and whom a portfolio for it suits.
    pub summary: String,
    /// How to go about it, in order.
    pub steps: Vec<String>,
    /// What can show the competencies.
    pub evidence: Vec<String>,
    /// Where to read more.
    pub links: Vec<GuidanceLink>,
}

impl GuidanceText {
    /// What is wrong with it: no steps, no evidence, lists that are too long.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        let lists = [
            ("/steps", self.steps.len(), 1),
            ("/evidence", self.evidence.len(), 1),
            ("/links", self.links.len(), 0),
        ];
        for (pointer, length, least) in lists {
            if !(least..=MAX_ENTRIES).contains(&length) {
                let detail = format!("There are {least} to {MAX_ENTRIES} entries.");
                faults.add(pointer, "length", detail);
            }
        }
        faults.none().err().unwrap_or_default()
    }
}

/// The guidance for one competency set. Every set of the program that ships has one; staff change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guidance {
    /// Identity.
    pub id: GuidanceId,
    /// The program.
    pub program: ProgramCode,
    /// The set.
    pub set: SetCode,
    /// What it says.
    pub text: GuidanceText,
    /// When it was written.
    pub updated_at: DateTime<Utc>,
    /// Who wrote it.
    pub updated_by: String,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Guidance {
    /// Writes it anew.
    #[must_use]
    pub fn revise(
        mut self,
        after: GuidanceText,
        by: String,
        now: DateTime<Utc>,
    ) -> (Self, SupportFact) {
        let before = std::mem::replace(&mut self.text, after.clone());
        self.updated_at = now;
        self.updated_by = by;
        (self, SupportFact::Revised { before: Box::new(before), after: Box::new(after) })
    }
}

facts! {
    /// What happens to guidance, support events and requests for help.
    pub enum SupportFact {
        /// A guidance was written anew.
        Revised = "guidance.revised" { before: Box<GuidanceText>, after: Box<GuidanceText> },
        /// An event was announced.
        Announced = "support_event.announced" { after: Box<SupportEventDetails> },
        /// It changed.
        Updated = "support_event.updated" { before: Box<SupportEventDetails>, after: Box<SupportEventDetails> },
        /// It was cancelled.
        Cancelled = "support_event.cancelled" { cancelled_on: NaiveDate, reason: String },
        /// Somebody registered for it.
        Registered = "support_registration.made" { event: SupportEventId },
        /// They do not come.
        Withdrawn = "support_registration.withdrawn" { event: SupportEventId },
        /// The event for which they registered was cancelled.
        Released = "support_registration.event_cancelled" { event: SupportEventId, reason: String },
        /// Somebody asked for help.
        Asked = "help_request.made" { set: Option<SetCode>, question: String },
        /// They were answered.
        Answered = "help_request.answered" { text: String },
        /// It is done.
        Closed = "help_request.closed" {},
    }
}
