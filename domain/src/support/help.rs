//! Requests for help: open -> answered -> closed (FAQ 15).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SupportFact;
use crate::{
    Finding, HelpRequestId, PersonId,
    competency::SetCode,
    decision::{self, Refused},
    program::ProgramCode,
    words,
};

words! {
    /// Where a request for help stands.
    pub enum HelpState {
        /// Nobody answered yet.
        Open = "open",
        /// It was answered.
        Answered = "answered",
        /// It is done.
        Closed = "closed",
    }
}

words! {
    /// What can be done to a request for help.
    pub enum HelpAct {
        /// Answer it.
        Answer = "answer",
        /// Close it.
        Close = "close",
    }
}

/// An answer of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpAnswer {
    /// What it says.
    pub text: String,
    /// Who answered.
    pub answered_by: String,
    /// When.
    pub answered_at: DateTime<Utc>,
}

/// Somebody asks the office for help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRequest {
    /// Identity.
    pub id: HelpRequestId,
    /// The program.
    pub program: ProgramCode,
    /// Who asks.
    pub person: PersonId,
    /// The competency set that it is about.
    pub set: Option<SetCode>,
    /// What they ask.
    pub question: String,
    /// Where it stands.
    pub state: HelpState,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The answers, oldest first.
    pub answers: Vec<HelpAnswer>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl HelpRequest {
    /// Asks.
    #[must_use]
    pub fn ask(
        id: HelpRequestId,
        program: ProgramCode,
        person: PersonId,
        (set, question): (Option<SetCode>, String),
        now: DateTime<Utc>,
    ) -> (Self, SupportFact) {
        let fact = SupportFact::Asked { set: set.clone(), question: question.clone() };
        let request = Self {
            id,
            program,
            person,
            set,
            question,
            state: HelpState::Open,
            asked_at: now,
            answers: Vec::new(),
            closed_at: None,
            version: 1,
        };
        (request, fact)
    }

    /// The finding on whether `act` is legal: not once it is closed.
    #[must_use]
    pub fn state_finding(&self, act: HelpAct) -> Finding {
        let words = match act {
            HelpAct::Answer => "answer the request",
            HelpAct::Close => "close the request",
        };
        let open = [HelpState::Open, HelpState::Answered];
        decision::state_finding("help_request.state", words, self.state, &open)
    }

    /// The office answers, once or more often.
    pub fn answer(
        mut self,
        text: String,
        by: String,
        now: DateTime<Utc>,
    ) -> Result<(Self, SupportFact), Refused> {
        decision::by_state(vec![self.state_finding(HelpAct::Answer)])?;
        self.state = HelpState::Answered;
        self.answers.push(HelpAnswer { text: text.clone(), answered_by: by, answered_at: now });
        Ok((self, SupportFact::Answered { text }))
    }

    /// The office or the person closes it, answered or not.
    pub fn close(mut self, now: DateTime<Utc>) -> Result<(Self, SupportFact), Refused> {
        decision::by_state(vec![self.state_finding(HelpAct::Close)])?;
        self.state = HelpState::Closed;
        self.closed_at = Some(now);
        Ok((self, SupportFact::Closed {}))
    }
}
