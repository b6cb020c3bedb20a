//! What the office decides about a certification: suspension, reinstatement, revocation, and the reversal
//! of a decision that was wrong.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Certification, CertificationEvent};
use crate::{
    BadFact, Finding,
    calendar::{self, Faults},
    decision::{self, Refused},
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

impl Certification {
    /// The revocation that stands, whenever it counts from.
    #[must_use]
    pub fn revocation(&self) -> Option<&Measure> {
        let stands = |one: &&Measure| one.kind == MeasureKind::Revocation && one.reversal.is_none();
        self.measures.iter().find(stands)
    }
    /// The first day on which it is revoked.
    #[must_use]
    pub fn revoked_on(&self) -> Option<NaiveDate> {
        self.revocation().map(|one| one.effective_on)
    }
    /// Whether it is revoked on `as_of`.
    #[must_use]
    pub fn is_revoked(&self, as_of: NaiveDate) -> bool {
        self.revoked_on().is_some_and(|day| day <= as_of)
    }
    /// The suspension in force on `as_of`, whatever else stands above it.
    #[must_use]
    pub fn suspension(&self, as_of: NaiveDate) -> Option<&Measure> {
        self.suspension_in(as_of, Some(as_of))
    }
    /// Every suspension that counts on some day.
    pub fn suspensions(&self) -> impl Iterator<Item = &Measure> {
        let counts = |one: &&Measure| {
            one.kind == MeasureKind::Suspension && one.overlaps(one.effective_on, None)
        };
        self.measures.iter().filter(counts)
    }

    fn suspension_in(&self, first: NaiveDate, last: Option<NaiveDate>) -> Option<&Measure> {
        self.suspensions().find(|one| one.overlaps(first, last))
    }

    fn not_revoked_finding(&self) -> Finding {
        let revoked = self.revoked_on();
        Finding::new(
            "certification.not_revoked",
            "life cycle",
            revoked.is_none(),
            "not revoked",
            revoked
                .map_or_else(|| "not revoked".to_owned(), |day| format!("revoked from {day} on")),
            "What is revoked stays so until the revocation is reversed.",
        )
    }

    /// The findings on a suspension from `first` through `last`.
    #[must_use]
    pub fn suspension_findings(&self, first: NaiveDate, last: Option<NaiveDate>) -> Vec<Finding> {
        let end = self.stands_through();
        let lapsed = Finding::new(
            "certification.not_lapsed",
            "FAQ 19",
            first <= end,
            format!("from a day through {end} on"),
            first.to_string(),
            "What has lapsed by then is not suspended any more.",
        );
        let other = self.suspension_in(first, last);
        let days = |one: &Measure| {
            let through = one.last_day().map(|last| format!(" through {last}"));
            format!("suspended from {}{}", one.effective_on, through.unwrap_or_default())
        };
        let free = Finding::new(
            "certification.not_suspended",
            "life cycle",
            other.is_none(),
            "no other suspension in these days",
            other.map_or_else(|| "none".to_owned(), days),
            "A day has one suspension: end or reverse the other first.",
        );
        vec![self.not_revoked_finding(), lapsed, free]
    }

    /// The findings on a revocation.
    #[must_use]
    pub fn revocation_findings(&self) -> Vec<Finding> {
        vec![self.not_revoked_finding()]
    }

    /// The findings on a reinstatement from `day` on.
    #[must_use]
    pub fn reinstatement_findings(&self, day: NaiveDate) -> Vec<Finding> {
        let suspended = self.suspension(day).is_some();
        let suspension = Finding::new(
            "certification.suspended",
            "life cycle",
            suspended,
            format!("suspended on {day}"),
            if suspended { "suspended" } else { "not suspended" },
            "Only a suspension that holds on the day ends on it.",
        );
        vec![self.not_revoked_finding(), suspension]
    }

    fn measure(
        &mut self,
        kind: MeasureKind,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> PublicMeasure {
        let number = u32::try_from(self.measures.len()).unwrap_or(u32::MAX).saturating_add(1);
        let measure = Measure {
            number,
            kind,
            reason_code: order.reason_code,
            public_text: order.public_text,
            note: order.note,
            effective_on: order.effective_on,
            ends_on: order.ends_on,
            decided_on: today,
            decided_by: order.decided_by,
            reinstatement: None,
            reversal: None,
        };
        let told = PublicMeasure::from(&measure);
        self.measures.push(measure);
        told
    }

    /// Suspends it for the days of the order.
    pub fn suspend(
        mut self,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> Result<(Self, CertificationEvent), Refused> {
        decision::by_state(self.suspension_findings(order.effective_on, order.ends_on))?;
        let measure = self.measure(MeasureKind::Suspension, order, today);
        Ok((self, CertificationEvent::Suspended { measure }))
    }

    /// Revokes it from a day on, whatever its dates say.
    pub fn revoke(
        mut self,
        order: MeasureOrder,
        today: NaiveDate,
    ) -> Result<(Self, CertificationEvent), Refused> {
        decision::by_state(self.revocation_findings())?;
        let order = MeasureOrder { ends_on: None, ..order };
        let measure = self.measure(MeasureKind::Revocation, order, today);
        Ok((self, CertificationEvent::Revoked { measure }))
    }

    /// Ends the suspension that holds on the reinstatement's day.
    pub fn reinstate(
        mut self,
        reinstatement: Reinstatement,
    ) -> Result<(Self, CertificationEvent), Refused> {
        let day = reinstatement.effective_on;
        decision::by_state(self.reinstatement_findings(day))?;
        let number = self.suspension(day).map_or(0, |one| one.number);
        let reason = reinstatement.reason.clone();
        if let Some(one) = self.measures.iter_mut().find(|one| one.number == number) {
            one.reinstatement = Some(reinstatement);
        }
        let event = CertificationEvent::Reinstated { measure: number, effective_on: day, reason };
        Ok((self, event))
    }

    /// The findings on the reversal of a measure; `grounds` tells whether every achievement on which the
    /// certification rests still stands. None where there is no such measure.
    #[must_use]
    pub fn reversal_findings(&self, number: u32, grounds: bool) -> Option<Vec<Finding>> {
        let measure = self.measures.iter().find(|one| one.number == number)?;
        let mut findings = vec![measure.stands_finding()];
        if measure.kind == MeasureKind::Revocation {
            findings.push(Finding::new(
                "certification.grounds_stand",
                "FAQ 8",
                grounds,
                "every achievement on which it rests stands",
                if grounds { "all stand" } else { "one was voided" },
                "A revocation is not reversed once what the certification rests on was voided.",
            ));
        }
        Some(findings)
    }

    /// Reverses a measure: it never counted, and the history keeps it. None where there is no such measure.
    pub fn reverse(
        mut self,
        number: u32,
        reversal: Reversal,
        grounds: bool,
    ) -> Result<Option<(Self, CertificationEvent)>, Refused> {
        let Some(findings) = self.reversal_findings(number, grounds) else { return Ok(None) };
        decision::by_state(findings)?;
        let found = self.measures.iter_mut().find(|one| one.number == number);
        let reason = reversal.reason.clone();
        let kind = found.map(|one| {
            one.reversal = Some(reversal);
            one.kind
        });
        let event = |kind| CertificationEvent::MeasureReversed { measure: number, kind, reason };
        Ok(kind.map(event).map(|event| (self, event)))
    }
}
