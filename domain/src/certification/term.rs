//! A certification's terms, and its status on any day (FAQ 19). Computed, never stored.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{BadFact, calendar, calendar::Faults, policy::Policy, words};

words! {
    /// A certification's status on a day.
    pub enum CertificationStatus {
        /// Awarded under a public condition that is still open.
        Provisional = "provisional",
        /// In its term.
        Active = "active",
        /// After the term, while it can still be renewed.
        Grace = "grace",
        /// Over: a new application starts again.
        Lapsed = "lapsed",
        /// Suspended by decision.
        Suspended = "suspended",
        /// Revoked by decision.
        Revoked = "revoked",
    }
}

/// The most renewals that are reckoned with.
pub const MAX_RENEWALS: i64 = 40;

/// A certification on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TermStatus {
    /// Its status.
    pub status: CertificationStatus,
    /// The last day of its term.
    pub expires_on: NaiveDate,
    /// The first day on which a renewal may be submitted.
    pub renewal_opens_on: NaiveDate,
    /// The last.
    pub grace_ends_on: NaiveDate,
    /// Whether a renewal may be submitted on the day.
    pub renewal_open: bool,
    /// Whether the public may rely on it.
    pub certified: bool,
}

/// What stands beside the dates of a certification, on the day asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The day of its revocation.
    pub revoked_on: Option<NaiveDate>,
    /// The first day of a suspension that has not ended.
    pub suspended_on: Option<NaiveDate>,
    /// The last day of a provisional award whose condition is open.
    pub provisional_until: Option<NaiveDate>,
}

/// The renewal window around an expiry: its first and its last day, both included (FAQ 19).
#[must_use]
pub fn renewal_window(expires_on: NaiveDate, policy: &Policy) -> (NaiveDate, NaiveDate) {
    let renewal = &policy.renewal;
    let opens = calendar::add_months(expires_on, renewal.opens_months.saturating_neg());
    (opens, calendar::add_months(expires_on, renewal.grace_months))
}

/// The last day of the term after `renewals` renewals: each adds a term to the first anchor, so a
/// renewal moves the old expiry, however early or late it came.
#[must_use]
pub fn expires_on(completed_on: NaiveDate, renewals: u32, policy: &Policy) -> NaiveDate {
    let terms = renewals.saturating_add(1);
    calendar::nth_term(completed_on, policy.certification.term_years, terms)
}

/// The status on `as_of` by the dates alone (FAQ 19). Bad facts: renewals outside 0 to 40, dates out
/// of range, a day before the certification.
pub fn status_on(
    completed_on: NaiveDate,
    renewals: i64,
    as_of: NaiveDate,
    policy: &Policy,
) -> Result<TermStatus, Vec<BadFact>> {
    standing_on(completed_on, renewals, as_of, Marks::default(), policy)
}

/// The status on `as_of` with what was decided about the certification beside its dates.
pub fn standing_on(
    completed_on: NaiveDate,
    renewals: i64,
    as_of: NaiveDate,
    marks: Marks,
    policy: &Policy,
) -> Result<TermStatus, Vec<BadFact>> {
    let mut faults = Faults::default();
    faults.date("/completed_on", completed_on);
    faults.date("/as_of", as_of);
    let day = (as_of, "the day asked for");
    faults.order("/as_of", (completed_on, "The completion"), day);
    let counted = u32::try_from(renewals).ok().filter(|_| renewals <= MAX_RENEWALS);
    if counted.is_none() {
        let detail = format!("Renewals are from 0 to {MAX_RENEWALS}.");
        faults.add("/renewals", "out_of_range", detail);
    }
    faults.none()?;
    let expires_on = expires_on(completed_on, counted.unwrap_or_default(), policy);
    let (renewal_opens_on, grace_ends_on) = renewal_window(expires_on, policy);
    let grace_is_certified = policy.renewal.grace_is_certified;
    let term = Term { expires_on, renewal_opens_on, grace_ends_on, grace_is_certified };
    Ok(term.standing(as_of, marks))
}

/// The dates of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Its last day.
    pub expires_on: NaiveDate,
    /// The first day on which a renewal may be submitted.
    pub renewal_opens_on: NaiveDate,
    /// The last.
    pub grace_ends_on: NaiveDate,
    /// Whether the public may rely on it in the grace period.
    pub grace_is_certified: bool,
}

impl Term {
    /// Where a certification stands on `as_of`, a day on or after its completion: the one implementation of
    /// the status. Revoked stands above lapsed, lapsed above suspended, suspended above what the dates say.
    #[must_use]
    pub fn standing(self, as_of: NaiveDate, marks: Marks) -> TermStatus {
        let status = self.status(as_of, marks);
        let dead = matches!(status, CertificationStatus::Revoked | CertificationStatus::Lapsed);
        let certified = match status {
            CertificationStatus::Active | CertificationStatus::Provisional => true,
            CertificationStatus::Grace => self.grace_is_certified,
            CertificationStatus::Lapsed
            | CertificationStatus::Suspended
            | CertificationStatus::Revoked => false,
        };
        TermStatus {
            status,
            expires_on: self.expires_on,
            renewal_opens_on: self.renewal_opens_on,
            grace_ends_on: self.grace_ends_on,
            renewal_open: !dead && (self.renewal_opens_on..=self.grace_ends_on).contains(&as_of),
            certified,
        }
    }

    fn status(self, as_of: NaiveDate, marks: Marks) -> CertificationStatus {
        let since = |day: Option<NaiveDate>| day.is_some_and(|day| day <= as_of);
        if since(marks.revoked_on) {
            return CertificationStatus::Revoked;
        }
        let condition_failed = marks.provisional_until.is_some_and(|last| as_of > last);
        if as_of > self.grace_ends_on || condition_failed {
            return CertificationStatus::Lapsed;
        }
        if since(marks.suspended_on) {
            return CertificationStatus::Suspended;
        }
        if as_of > self.expires_on {
            return CertificationStatus::Grace;
        }
        match marks.provisional_until {
            Some(_) => CertificationStatus::Provisional,
            None => CertificationStatus::Active,
        }
    }
}
