//! Verification: what anyone may know of a certificate on a date, with a verdict per check.

use chrono::NaiveDate;
use serde::Serialize;

use super::Certification;
use crate::{
    certification::term::{CertificationStatus, Marks, Term, TermStatus},
    words,
};

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
        /// No suspension is in force.
        NotSuspended = "not_suspended",
        /// It was not revoked.
        NotRevoked = "not_revoked",
        /// The print that was asked about is the edition in force. Only where one was asked about.
        EditionCurrent = "edition_current",
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
    /// Where it stands on `as_of`, with its dates; none before its first term.
    #[must_use]
    pub fn standing(&self, as_of: NaiveDate) -> Option<TermStatus> {
        let dates = self.dates_on(as_of);
        let term = Term {
            expires_on: dates.expires_on,
            renewal_opens_on: dates.renewal_opens_on,
            grace_ends_on: dates.grace_ends_on,
            grace_is_certified: self.grace_is_certified,
        };
        let marks = Marks {
            revoked_on: self.revoked_on(),
            suspended_on: self.suspension(as_of).map(|one| one.effective_on),
            provisional_until: self.open_condition(as_of),
        };
        (self.completed_on <= as_of).then(|| term.standing(as_of, marks))
    }

    /// Its status on `as_of`; none before its first term.
    #[must_use]
    pub fn status(&self, as_of: NaiveDate) -> Option<CertificationStatus> {
        self.standing(as_of).map(|standing| standing.status)
    }

    /// Whether its holder is certified on `as_of`: in a term, and in the grace period only where the
    /// policy says so.
    #[must_use]
    pub fn is_certified(&self, as_of: NaiveDate) -> bool {
        self.standing(as_of).is_some_and(|standing| standing.certified)
    }

    /// The last day before it lapses: the end of grace, or of a condition that was never met.
    #[must_use]
    pub fn stands_through(&self) -> NaiveDate {
        let unmet = self.provisional_until.filter(|_| self.condition_met_on.is_none());
        unmet.map_or(self.grace_ends_on, |last| last.min(self.grace_ends_on))
    }

    /// The check of a print: its edition is the one in force. Which name an earlier one had is not told.
    fn edition_check(&self, asked: u32) -> Check {
        let (edition, known) =
            (self.edition(), self.editions.iter().any(|one| one.edition == asked));
        let detail = match (asked == edition, known) {
            (true, _) => format!("Edition {edition} is in force."),
            (false, true) => {
                format!("Edition {asked} is superseded: edition {edition} is in force.")
            }
            (false, false) => {
                format!("No edition {asked} was issued: edition {edition} is in force.")
            }
        };
        Check::new(CheckName::EditionCurrent, asked == edition, detail)
    }

    /// The verification of this certificate on `as_of`, and of the print of an edition.
    #[must_use]
    pub fn verify(&self, as_of: NaiveDate, edition: Option<u32>) -> Verification {
        let began = self.completed_on <= as_of;
        let term = self.dates_on(as_of);
        let current = as_of <= term.expires_on;
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
                format!("The present term ends on {}.", term.expires_on),
            ),
        ];
        checks.extend(self.measure_checks(as_of));
        checks.extend(edition.map(|asked| self.edition_check(asked)));
        if let Some(last) = self.provisional_until {
            let kept = self.open_condition(as_of).is_none() || as_of <= last;
            let detail = match self.condition_met_on.filter(|met| *met <= as_of) {
                Some(met) => format!("The hours of work were shown on {met}."),
                None => format!("Provisional: the hours of work are to be shown by {last}."),
            };
            checks.push(Check::new(CheckName::ConditionKept, kept, detail));
        }
        let standing = self.standing(as_of);
        Verification {
            status: standing.map(|one| one.status),
            certified: standing.is_some_and(|one| one.certified),
            checks,
        }
    }

    /// What was decided about it tells its public text, never the note.
    fn measure_checks(&self, as_of: NaiveDate) -> [Check; 2] {
        let suspension = self.suspension(as_of);
        let suspended = suspension.map(|one| {
            let through = one.last_day().map(|last| format!(" through {last}")).unwrap_or_default();
            format!("Suspended from {}{through}: {}", one.effective_on, one.public_text)
        });
        let revocation = self.revocation().filter(|one| one.effective_on <= as_of);
        let revoked =
            revocation.map(|one| format!("Revoked on {}: {}", one.effective_on, one.public_text));
        let check = |name, told: Option<String>, none: &str| {
            Check::new(name, told.is_none(), told.unwrap_or_else(|| none.to_owned()))
        };
        [
            check(CheckName::NotSuspended, suspended, "No suspension is in force."),
            check(CheckName::NotRevoked, revoked, "It was not revoked."),
        ]
    }
}
