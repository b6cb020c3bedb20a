//! Verification: what anyone may know of a certificate on a date, with a verdict per check.

use chrono::NaiveDate;
use serde::Serialize;

use super::Certification;
use crate::{certification::term::CertificationStatus, words};

words! {
    /// The checks of a verification, in their order.
    pub enum CheckName {
        /// The number has the right form and check character.
        NumberWellFormed = "number_well_formed",
        /// A certificate of this number was awarded.
        Awarded = "awarded",
        /// The date lies on or after the day of completion.
        InForce = "in_force",
        /// The date lies on or before the expiry.
        NotExpired = "not_expired",
        /// Its condition is met, or there is still time to meet it. Only where there is one.
        ConditionKept = "condition_kept",
    }
}

words! {
    /// The verdict of a check.
    pub enum Verdict {
        /// It holds.
        Pass = "pass",
        /// It does not hold.
        Fail = "fail",
    }
}

/// One check of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which.
    pub check: CheckName,
    /// Its verdict.
    pub verdict: Verdict,
    /// One sentence for people.
    pub detail: String,
}

impl Check {
    fn new(check: CheckName, holds: bool, detail: String) -> Self {
        Self { check, verdict: if holds { Verdict::Pass } else { Verdict::Fail }, detail }
    }
}

/// What anyone may know of a certificate on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Where it stands; none before its first term.
    pub status: Option<CertificationStatus>,
    /// Whether its holder is certified on the date.
    pub certified: bool,
    /// The checks.
    pub checks: Vec<Check>,
}

impl Certification {
    /// Where it stands on `as_of`; none before its first term.
    #[must_use]
    pub fn status(&self, as_of: NaiveDate) -> Option<CertificationStatus> {
        let open = self.open_condition(as_of);
        if as_of < self.completed_on {
            None
        } else if as_of > self.grace_ends_on || open.is_some_and(|last| as_of > last) {
            Some(CertificationStatus::Lapsed)
        } else if as_of > self.expires_on {
            Some(CertificationStatus::Grace)
        } else if open.is_some() {
            Some(CertificationStatus::Provisional)
        } else {
            Some(CertificationStatus::Active)
        }
    }

    /// Whether its holder is certified on `as_of`: in a term, and in the grace period only where the
    /// policy says so.
    #[must_use]
    pub fn is_certified(&self, as_of: NaiveDate) -> bool {
        match self.status(as_of) {
            Some(CertificationStatus::Active | CertificationStatus::Provisional) => true,
            Some(CertificationStatus::Grace) => self.grace_is_certified,
            Some(
                CertificationStatus::Lapsed
                | CertificationStatus::Suspended
                | CertificationStatus::Revoked,
            )
            | None => false,
        }
    }

    /// The verification of this certificate on `as_of`.
    #[must_use]
    pub fn verify(&self, as_of: NaiveDate) -> Verification {
        let began = self.completed_on <= as_of;
        let current = as_of <= self.expires_on;
        let mut checks = vec![
            Check::new(CheckName::NumberWellFormed, true, "The check character fits.".to_owned()),
            Check::new(
                CheckName::Awarded,
                true,
                "The program awarded this certificate.".to_owned(),
            ),
            Check::new(
                CheckName::InForce,
                began,
                format!("In force from {} on.", self.completed_on),
            ),
            Check::new(
                CheckName::NotExpired,
                current,
                format!("The present term ends on {}.", self.expires_on),
            ),
        ];
        if let Some(last) = self.provisional_until {
            let kept = self.open_condition(as_of).is_none() || as_of <= last;
            let detail = match self.condition_met_on.filter(|met| *met <= as_of) {
                Some(met) => format!("The hours of work were shown on {met}."),
                None => format!("Provisional: the hours of work are to be shown by {last}."),
            };
            checks.push(Check::new(CheckName::ConditionKept, kept, detail));
        }
        Verification { status: self.status(as_of), certified: self.is_certified(as_of), checks }
    }
}
