//! Candidacies: the clock starts on the acceptance date; the status is computed, never stored
//! (FAQ 8, 9, 18).

mod provisional;

pub use provisional::Provisional;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    ApplicationId, CandidacyId, Finding, GraduateId, PersonId, calendar,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a candidacy stands on a date.
    pub enum CandidacyStatus {
        /// Working toward the certification.
        Active = "active",
        /// On hold: the days are added to the deadline.
        OnHold = "on_hold",
        /// The deadline passed.
        Expired = "expired",
        /// Certified.
        Completed = "completed",
        /// Withdrawn by the candidate.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done to a candidacy.
    pub enum CandidacyAct {
        /// Put it on hold.
        Hold = "hold",
        /// Take it off hold.
        Resume = "resume",
        /// Extend its deadline.
        Extend = "extend",
        /// Withdraw from it.
        Withdraw = "withdraw",
        /// Hand in a completion.
        RecordCompletion = "record_completion",
        /// Verify a completion; one that was handed in before the deadline may be verified after it.
        VerifyCompletion = "verify_completion",
        /// Begin a portfolio.
        WritePortfolio = "write_portfolio",
        /// Submit a portfolio; one that was submitted before the deadline may be judged after it.
        SubmitPortfolio = "submit_portfolio",
    }
}

impl CandidacyAct {
    /// The statuses in which the act is legal.
    #[must_use]
    pub fn from(self) -> &'static [CandidacyStatus] {
        use CandidacyStatus::{Active, Expired, OnHold};
        match self {
            Self::Hold => &[Active],
            Self::Resume => &[OnHold],
            Self::WritePortfolio | Self::SubmitPortfolio => &[Active, OnHold],
            // An expired candidacy can be brought back by an extension, not by a hold.
            Self::Extend | Self::Withdraw | Self::RecordCompletion | Self::VerifyCompletion => {
                &[Active, OnHold, Expired]
            }
        }
    }
    fn into_words(self) -> &'static str {
        match self {
            Self::Hold => "put the candidacy on hold",
            Self::Resume => "resume the candidacy",
            Self::Extend => "extend the deadline",
            Self::Withdraw => "withdraw from the candidacy",
            Self::RecordCompletion => "hand in a completion",
            Self::VerifyCompletion => "verify a completion",
            Self::WritePortfolio => "begin a portfolio",
            Self::SubmitPortfolio => "submit a portfolio",
        }
    }
}

/// A period on hold: from `held_on` until the day before `resumed_on`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// First day on hold.
    pub held_on: NaiveDate,
    /// First day active again; absent while on hold.
    pub resumed_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// A longer deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The day on which staff gave it.
    pub given_on: NaiveDate,
    /// Days added to the deadline.
    pub days: i64,
    /// Why.
    pub reason: String,
}

/// A candidacy: one admission of one person to one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidacy {
    /// Identity.
    pub id: CandidacyId,
    /// The program.
    pub program: ProgramCode,
    /// The candidate.
    pub person: PersonId,
    /// The application that was accepted.
    pub application: ApplicationId,
    /// The acceptance date, on which the clock starts.
    pub admitted_on: NaiveDate,
    /// The policy version in force on admission, pinned.
    pub policy_version: i64,
    /// The version of the competency sets in force on admission, pinned.
    pub framework_version: i64,
    /// The years that the pinned policy gives (FAQ 18).
    pub years: i32,
    /// Periods on hold, in order.
    pub holds: Vec<Hold>,
    /// Extensions, in order.
    pub extensions: Vec<Extension>,
    /// The day on which the requirement was met.
    pub completed_on: Option<NaiveDate>,
    /// The day of withdrawal.
    pub withdrawn_on: Option<NaiveDate>,
    /// The recognised graduate who was admitted short of the hours of work.
    pub provisional: Option<Provisional>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Candidacy {
    /// Days on hold up to and including `as_of`.
    #[must_use]
    pub fn hold_days(&self, as_of: NaiveDate) -> i64 {
        let held = |hold: &Hold| {
            let until = hold.resumed_on.unwrap_or(as_of).min(as_of);
            until.signed_duration_since(hold.held_on).num_days().max(0)
        };
        self.holds.iter().map(held).sum()
    }

    /// Days that extensions known on `as_of` add.
    #[must_use]
    pub fn extension_days(&self, as_of: NaiveDate) -> i64 {
        self.extensions.iter().filter(|given| given.given_on <= as_of).map(|given| given.days).sum()
    }

    /// The last day on which a set can be achieved, as known on `as_of`.
    #[must_use]
    pub fn deadline(&self, as_of: NaiveDate) -> NaiveDate {
        let base = calendar::add_years(self.admitted_on, self.years);
        let days = self.hold_days(as_of).saturating_add(self.extension_days(as_of));
        calendar::add_days(base, days)
    }

    /// The deadline by every hold that ended and every extension: what lists compare with today. An
    /// open hold moves it on day by day, which [`Candidacy::held_on`] tells.
    #[must_use]
    pub fn settled_deadline(&self) -> NaiveDate {
        let ended = self.holds.iter().filter_map(|hold| hold.resumed_on);
        let given = self.extensions.iter().map(|extension| extension.given_on);
        let open = self.held_on();
        let last_change = ended.chain(given).chain(open).max().unwrap_or(self.admitted_on);
        self.deadline(open.map_or(last_change, |held| held.min(last_change)))
    }

    /// The first day of the hold that is open.
    #[must_use]
    pub fn held_on(&self) -> Option<NaiveDate> {
        self.holds.iter().find(|hold| hold.resumed_on.is_none()).map(|hold| hold.held_on)
    }

    /// Where the candidacy stands on `as_of`.
    #[must_use]
    pub fn status(&self, as_of: NaiveDate) -> CandidacyStatus {
        let on_hold = |hold: &Hold| {
            hold.held_on <= as_of && hold.resumed_on.is_none_or(|resumed| as_of < resumed)
        };
        if self.completed_on.is_some_and(|day| day <= as_of) {
            CandidacyStatus::Completed
        } else if self.withdrawn_on.is_some_and(|day| day <= as_of) {
            CandidacyStatus::Withdrawn
        } else if self.holds.iter().any(on_hold) {
            CandidacyStatus::OnHold
        } else if as_of > self.deadline(as_of) {
            CandidacyStatus::Expired
        } else {
            CandidacyStatus::Active
        }
    }

    /// Whether the candidacy still runs on `as_of`, so that a second one cannot begin.
    #[must_use]
    pub fn runs(&self, as_of: NaiveDate) -> bool {
        matches!(self.status(as_of), CandidacyStatus::Active | CandidacyStatus::OnHold)
    }

    /// The finding on whether `act` is legal today.
    #[must_use]
    pub fn state_finding(&self, act: CandidacyAct, today: NaiveDate) -> Finding {
        let status = self.status(today);
        decision::state_finding("candidacy.status", act.into_words(), status, act.from())
    }

    fn legal(&self, act: CandidacyAct, today: NaiveDate) -> Result<(), Refused> {
        decision::by_state(vec![self.state_finding(act, today)]).map(drop)
    }

    /// Puts the candidacy on hold from today on.
    pub fn hold(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, CandidacyEvent), Refused> {
        self.legal(CandidacyAct::Hold, today)?;
        self.holds.push(Hold { held_on: today, resumed_on: None, reason: reason.clone() });
        Ok((self, CandidacyEvent::Held { held_on: today, reason }))
    }

    /// Takes the candidacy off hold: today is active again.
    pub fn resume(mut self, today: NaiveDate) -> Result<(Self, CandidacyEvent), Refused> {
        self.legal(CandidacyAct::Resume, today)?;
        if let Some(open) = self.holds.iter_mut().find(|hold| hold.resumed_on.is_none()) {
            open.resumed_on = Some(today);
        }
        let deadline = self.deadline(today);
        Ok((self, CandidacyEvent::Resumed { resumed_on: today, deadline }))
    }

    /// Adds days to the deadline.
    pub fn extend(
        mut self,
        days: i64,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, CandidacyEvent), Refused> {
        self.legal(CandidacyAct::Extend, today)?;
        let before = self.deadline(today);
        self.extensions.push(Extension { given_on: today, days, reason: reason.clone() });
        let after = self.deadline(today);
        Ok((self, CandidacyEvent::Extended { before, after, reason }))
    }

    /// Withdraws from the candidacy.
    pub fn withdraw(
        mut self,
        reason: Option<String>,
        today: NaiveDate,
    ) -> Result<(Self, CandidacyEvent), Refused> {
        self.legal(CandidacyAct::Withdraw, today)?;
        self.withdrawn_on = Some(today);
        Ok((self, CandidacyEvent::Withdrawn { withdrawn_on: today, reason }))
    }
}

facts! {
    /// What happens to candidacies.
    pub enum CandidacyEvent {
        /// Somebody was admitted.
        Admitted = "candidacy.admitted" { admitted_on: NaiveDate, deadline: NaiveDate, policy_version: i64, framework_version: i64 },
        /// Put on hold.
        Held = "candidacy.held" { held_on: NaiveDate, reason: String },
        /// Taken off hold.
        Resumed = "candidacy.resumed" { resumed_on: NaiveDate, deadline: NaiveDate },
        /// The deadline was extended.
        Extended = "candidacy.extended" { before: NaiveDate, after: NaiveDate, reason: String },
        /// The candidate withdrew.
        Withdrawn = "candidacy.withdrawn" { withdrawn_on: NaiveDate, reason: Option<String> },
        /// The requirement was met.
        Completed = "candidacy.completed" { completed_on: NaiveDate },
        /// The day on which it was met followed a correction.
        CompletionMoved = "candidacy.completion_corrected" { before: NaiveDate, after: NaiveDate },
        /// A recognised graduate was admitted short of the hours of work.
        AdmittedProvisionally = "candidacy.admitted_provisionally" { graduate: GraduateId },
        /// The hours of work were shown.
        HoursShown = "candidacy.hours_shown" { shown_on: NaiveDate, findings: Vec<Finding> },
    }
}
