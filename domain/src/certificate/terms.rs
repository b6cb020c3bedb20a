//! The terms of a certification: what a renewal adds, and which term holds on a day (FAQ 19).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Certification, CertificationEvent};
use crate::{
    Finding, RenewalId, calendar,
    certification::term::{self, CertificationStatus},
    policy::Policy,
    renewal::{self, Window},
};

/// The dates of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermDates {
    /// Its last day.
    pub expires_on: NaiveDate,
    /// First day on which a renewal of it can be submitted.
    pub renewal_opens_on: NaiveDate,
    /// Last day on which one can.
    pub grace_ends_on: NaiveDate,
}

/// A renewal that was granted, and the term that it followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// The renewal.
    pub renewal: RenewalId,
    /// The day of its submission.
    pub submitted_on: NaiveDate,
    /// The day on which it was granted.
    pub granted_on: NaiveDate,
    /// The dates of the term before.
    pub before: TermDates,
}

/// One term, as the history tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// 1, 2, 3.
    pub number: u32,
    /// Its first day: the one after the last day of the term before.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// The renewal that brought it; none of the first, which the award brought.
    pub renewal: Option<RenewalId>,
    /// The day on which that renewal was submitted.
    pub submitted_on: Option<NaiveDate>,
    /// The day of the award, or on which the renewal was granted.
    pub granted_on: NaiveDate,
}

impl Certification {
    /// The dates of the present term.
    #[must_use]
    pub fn dates(&self) -> TermDates {
        TermDates {
            expires_on: self.expires_on,
            renewal_opens_on: self.renewal_opens_on,
            grace_ends_on: self.grace_ends_on,
        }
    }

    /// The dates of the term that holds on `as_of`. A renewal moves them from the day on which it is
    /// granted, and always for the days after the term that it followed: no gap is left, however late in
    /// the grace period it came.
    #[must_use]
    pub fn dates_on(&self, as_of: NaiveDate) -> TermDates {
        let later = |one: &&Renewed| one.granted_on > as_of && as_of <= one.before.expires_on;
        self.renewed.iter().find(later).map_or_else(|| self.dates(), |one| one.before)
    }

    /// How many renewals stand on `as_of`, by the same reading as [`Certification::dates_on`].
    #[must_use]
    pub fn renewals_on(&self, as_of: NaiveDate) -> u32 {
        let stands = |one: &&Renewed| one.granted_on <= as_of || as_of > one.before.expires_on;
        u32::try_from(self.renewed.iter().filter(stands).count()).unwrap_or(u32::MAX)
    }

    /// Every term, the first one first, without a gap between them.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let ends = self.renewed.iter().map(|one| one.before.expires_on).chain([self.expires_on]);
        let came = std::iter::once(None).chain(self.renewed.iter().map(Some));
        let mut from = self.completed_on;
        let mut terms = Vec::with_capacity(self.renewed.len().saturating_add(1));
        for ((number, to), came) in (1..).zip(ends).zip(came) {
            terms.push(Term {
                number,
                from,
                to,
                renewal: came.map(|one| one.renewal),
                submitted_on: came.map(|one| one.submitted_on),
                granted_on: came.map_or(self.awarded_on, |one| one.granted_on),
            });
            from = calendar::add_days(to, 1);
        }
        terms
    }

    /// The first day of the present term.
    #[must_use]
    pub fn term_started_on(&self) -> NaiveDate {
        self.renewed
            .last()
            .map_or(self.completed_on, |one| calendar::add_days(one.before.expires_on, 1))
    }

    /// The number of the present term, 1 at first.
    #[must_use]
    pub fn term_number(&self) -> u32 {
        self.renewals.saturating_add(1)
    }

    /// Whether it is one that can be renewed at all, whatever the day in its term: neither suspended nor
    /// revoked, nor lapsed with the condition of a provisional one.
    #[must_use]
    pub fn renewable_finding(&self, today: NaiveDate) -> Finding {
        let status = self.status(today);
        let unmet = self.open_condition(today).is_some_and(|last| today > last);
        let barred = matches!(
            status,
            None | Some(CertificationStatus::Suspended | CertificationStatus::Revoked)
        );
        let actual = match status {
            _ if unmet => "its condition was not met".to_owned(),
            Some(status) => status.to_string(),
            None => "not begun".to_owned(),
        };
        Finding::new(
            "renewal.certification",
            "FAQ 19",
            !barred && !unmet,
            "neither suspended nor revoked",
            actual,
            "A certification that is suspended, revoked or lapsed with its condition is not renewed.",
        )
    }

    /// The days on which a renewal of the present term can be submitted.
    #[must_use]
    pub fn window(&self) -> Window {
        Window { opens_on: self.renewal_opens_on, closes_on: self.grace_ends_on }
    }

    /// The findings on submitting a renewal on a day, before activities are looked at.
    #[must_use]
    pub fn renewal_findings(&self, today: NaiveDate) -> Vec<Finding> {
        vec![self.renewable_finding(today), renewal::window_finding(today, self.window())]
    }

    /// The first and the last day of activities that count for a renewal submitted on a day.
    #[must_use]
    pub fn activity_period(&self, submitted_on: NaiveDate) -> (NaiveDate, NaiveDate) {
        let after = |one: &Renewed| calendar::add_days(one.submitted_on, 1);
        let from = self.renewed.last().map_or(self.completed_on, after);
        (from, submitted_on.min(self.grace_ends_on))
    }

    /// Adds a term to the old expiry, however early or late within its window the renewal came. Terms are
    /// counted from the first anchor, so that a month's last day does not wear off.
    #[must_use]
    pub fn renew(
        mut self,
        renewal: RenewalId,
        submitted_on: NaiveDate,
        policy: &Policy,
        today: NaiveDate,
    ) -> (Self, CertificationEvent) {
        let before = self.dates();
        let years = self.years().saturating_add(policy.certification.term_years);
        self.renewed.push(Renewed { renewal, submitted_on, granted_on: today, before });
        self.renewals = self.renewals.saturating_add(1);
        self.expires_on = calendar::add_years(self.completed_on, years);
        (self.renewal_opens_on, self.grace_ends_on) = term::renewal_window(self.expires_on, policy);
        let after = self.expires_on;
        (self, CertificationEvent::Renewed { renewal, before: before.expires_on, after })
    }

    /// The years from the first day to the last: clamping moves a day, never a year.
    fn years(&self) -> i32 {
        self.expires_on.year().saturating_sub(self.completed_on.year())
    }

    /// The terms begin on another day: each ends as many years after it as before.
    pub(super) fn begin_on(&mut self, completed_on: NaiveDate, policy: &Policy) {
        let before = std::mem::replace(&mut self.completed_on, completed_on);
        if before == completed_on {
            return;
        }
        let moved = |expires_on: NaiveDate| {
            let years = expires_on.year().saturating_sub(before.year());
            let expires_on = calendar::add_years(completed_on, years);
            let (renewal_opens_on, grace_ends_on) = term::renewal_window(expires_on, policy);
            TermDates { expires_on, renewal_opens_on, grace_ends_on }
        };
        for one in &mut self.renewed {
            one.before = moved(one.before.expires_on);
        }
        let now = moved(self.expires_on);
        self.expires_on = now.expires_on;
        self.renewal_opens_on = now.renewal_opens_on;
        self.grace_ends_on = now.grace_ends_on;
    }
}
