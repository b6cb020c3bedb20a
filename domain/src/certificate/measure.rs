//! What the office decides about a certification: suspension, reinstatement, revocation, and the reversal
//! of a decision that was wrong.

mod acts;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    BadFact, Finding,
    calendar::{self, Faults},
    words,
};

words! {
    /// What was decided.
    pub enum MeasureKind {
        /// Suspended: not certified for a time.
        Suspension = "suspension",
        /// Revoked: not certified any more.
        Revocation = "revocation",
    }
}

words! {
    /// Why, in a word that anyone may read.
    pub enum MeasureReason {
        /// What was stated for entry, a set or a renewal was not true.
        FalseStatement = "false_statement",
        /// What the certification rests on was withdrawn.
        EvidenceWithdrawn = "evidence_withdrawn",
        /// Conduct that the program does not stand for.
        Misconduct = "misconduct",
        /// A complaint is being looked into.
        UnderInvestigation = "under_investigation",
        /// An audit of a renewal was not answered, or did not bear it out.
        RenewalAudit = "renewal_audit",
        /// Fees are owed.
        UnpaidFees = "unpaid_fees",
        /// The holder asked for it.
        HolderRequest = "holder_request",
        /// The office made a mistake at the award.
        AdministrativeError = "administrative_error",
        /// Something else, which the text tells.
        Other = "other",
    }
}

words! {
    /// Where a measure stands on a day.
    pub enum MeasureState {
        /// It is decided and begins later.
        Upcoming = "upcoming",
        /// It counts.
        InForce = "in_force",
        /// The suspension is over.
        Ended = "ended",
        /// It was wrong and never counted.
        Reversed = "reversed",
    }
}

/// The end of a suspension by decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reinstatement {
    /// The first day on which the suspension does not hold any more.
    pub effective_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// Who decided.
    pub decided_by: String,
}

/// The reversal of a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// The day.
    pub reversed_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub reversed_by: String,
}

/// A suspension or a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its place in the certification's history, from 1.
    pub number: u32,
    /// What was decided.
    pub kind: MeasureKind,
    /// Why.
    pub reason_code: MeasureReason,
    /// What anyone may read.
    pub public_text: String,
    /// What the office alone reads.
    pub note: Option<String>,
    /// The first day on which it counts.
    pub effective_on: NaiveDate,
    /// The last day of a suspension, as decided; none while it is open.
    pub ends_on: Option<NaiveDate>,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// Who decided.
    pub decided_by: String,
    /// Its end before its time.
    pub reinstatement: Option<Reinstatement>,
    /// That it was wrong.
    pub reversal: Option<Reversal>,
}

/// What anyone may know of a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicMeasure {
    /// Its place in the certification's history.
    pub number: u32,
    /// What was decided.
    pub kind: MeasureKind,
    /// Why.
    pub reason_code: MeasureReason,
    /// What anyone may read.
    pub public_text: String,
    /// The first day on which it counts.
    pub effective_on: NaiveDate,
    /// The last day on which it counts, where one is known.
    pub ends_on: Option<NaiveDate>,
}

impl From<&Measure> for PublicMeasure {
    fn from(measure: &Measure) -> Self {
        Self {
            number: measure.number,
            kind: measure.kind,
            reason_code: measure.reason_code,
            public_text: measure.public_text.clone(),
            effective_on: measure.effective_on,
            ends_on: measure.last_day(),
        }
    }
}

impl Measure {
    /// The last day on which it counts, where one is known; before `effective_on` where it never does.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        let ended = self.reinstatement.as_ref().map(|one| calendar::add_days(one.effective_on, -1));
        [self.ends_on, ended].into_iter().flatten().min()
    }
    /// Where it stands on `as_of`.
    #[must_use]
    pub fn state(&self, as_of: NaiveDate) -> MeasureState {
        if self.reversal.is_some() {
            MeasureState::Reversed
        } else if self.last_day().is_some_and(|last| last < as_of || last < self.effective_on) {
            MeasureState::Ended
        } else if as_of < self.effective_on {
            MeasureState::Upcoming
        } else {
            MeasureState::InForce
        }
    }
    /// The finding on whether it can be reversed.
    #[must_use]
    pub fn stands_finding(&self) -> Finding {
        let stands = self.reversal.is_none();
        Finding::new(
            "certification.measure_stands",
            "life cycle",
            stands,
            "not reversed",
            if stands { "not reversed" } else { "reversed" },
            "A decision is reversed once.",
        )
    }
    /// Whether it counts on any day from `first` through `last`.
    fn overlaps(&self, first: NaiveDate, last: Option<NaiveDate>) -> bool {
        self.reversal.is_none()
            && last.is_none_or(|last| self.effective_on <= last)
            && self.last_day().is_none_or(|end| end >= first.max(self.effective_on))
    }
}

/// What the office orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureOrder {
    /// Why.
    pub reason_code: MeasureReason,
    /// What anyone may read.
    pub public_text: String,
    /// What the office alone reads.
    pub note: Option<String>,
    /// The first day on which it counts.
    pub effective_on: NaiveDate,
    /// The last day, of a suspension that has one.
    pub ends_on: Option<NaiveDate>,
    /// Who decides.
    pub decided_by: String,
}

/// Bad facts of the days for which a decision counts: `effective_on` before today, `ends_on` before it.
pub fn check_days(
    effective_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(), Vec<BadFact>> {
    let mut faults = Faults::default();
    faults.date("/effective_on", effective_on);
    if effective_on < today {
        let detail = format!("A decision counts from today, {today}, or a later day on.");
        faults.add("/effective_on", "out_of_range", detail);
    }
    if let Some(ends_on) = ends_on {
        faults.date("/ends_on", ends_on);
        let first = (effective_on, "The first day");
        faults.order("/ends_on", first, (ends_on, "the last"));
    }
    faults.none()
}

impl MeasureOrder {
    /// Its bad facts: `effective_on` before today, `ends_on` before `effective_on`.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<BadFact>> {
        check_days(self.effective_on, self.ends_on, today)
    }
}
