//! Lists by status (FAQ 19): what a certification's stored dates must be for it to have a status on a day.
//! The store compares dates and computes none.

use chrono::NaiveDate;

use super::Certification;
use crate::{
    calendar,
    certification::term::CertificationStatus,
    policy::{Policy, RenewalPolicy},
};

/// A closed period with open ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// Its first day.
    pub from: Option<NaiveDate>,
    /// Its last.
    pub through: Option<NaiveDate>,
}

impl Days {
    fn from(day: NaiveDate) -> Self {
        Self { from: Some(day), through: None }
    }
    fn through(day: NaiveDate) -> Self {
        Self { from: None, through: Some(day) }
    }
    fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            through: [self.through, other.through].into_iter().flatten().min(),
        }
    }
}

/// The order of a list: the date whose range holds nearly nothing but what is listed, then the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The order of awards.
    #[default]
    Id,
    /// What expires first.
    Expiry,
    /// What lapsed first.
    End,
    /// What has to show its hours first.
    Condition,
    /// What was revoked first.
    Revocation,
}

/// The widest renewal window of a program: the dates of a certification follow the policy of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    opens_months: i32,
    grace_months: i32,
}

impl Window {
    /// The widest window of several policies.
    #[must_use]
    pub fn widest<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Self {
        policies.into_iter().map(|policy| &policy.renewal).fold(Self::default(), Self::or)
    }
    fn or(self, renewal: &RenewalPolicy) -> Self {
        Self {
            opens_months: self.opens_months.max(renewal.opens_months),
            grace_months: self.grace_months.max(renewal.grace_months),
        }
    }
    /// The expiries whose window may hold `day`. A clamped month gives a window three more days at most.
    fn expiries(self, day: NaiveDate) -> Days {
        let last = calendar::add_months(day, self.opens_months);
        Days { through: Some(calendar::add_days(last, 3)), ..self.expired(day) }
    }
    /// The expiries whose grace period may hold `day`, and later ones.
    fn expired(self, day: NaiveDate) -> Days {
        Days::from(calendar::add_months(day, self.grace_months.saturating_neg()))
    }
}

/// What the dates of a certification must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// The day as of which it is asked.
    pub day: NaiveDate,
    /// The order of the list.
    pub order: Order,
    /// First days of the first term.
    pub completed: Days,
    /// Last days of the present term.
    pub expires: Days,
    /// First days of the renewal window.
    pub opens: Days,
    /// Last days before it lapses.
    pub stands_through: Days,
    /// Last days of a condition.
    pub condition_ends: Days,
    /// First days of a revocation.
    pub revoked: Days,
    /// Asks for those that are not revoked on the day.
    pub unrevoked: bool,
    /// Whether a condition that was not met yet is there on the day.
    pub condition_open: Option<bool>,
    /// Whether a suspension is in force on the day.
    pub suspended: Option<bool>,
    /// Asks for those that cannot be renewed on the day.
    pub renewal_closed: bool,
}

impl Selection {
    /// Every certification.
    #[must_use]
    pub fn all(day: NaiveDate) -> Self {
        Self {
            day,
            order: Order::default(),
            completed: Days::default(),
            expires: Days::default(),
            opens: Days::default(),
            stands_through: Days::default(),
            condition_ends: Days::default(),
            revoked: Days::default(),
            unrevoked: false,
            condition_open: None,
            suspended: None,
            renewal_closed: false,
        }
    }

    /// The date by which a certification lies in the order of the list; none in the order of awards.
    #[must_use]
    pub fn key(&self, certification: &Certification) -> Option<NaiveDate> {
        match self.order {
            Order::Id => None,
            Order::Expiry => Some(certification.expires_on),
            Order::End => Some(certification.stands_through()),
            Order::Condition => certification.provisional_until,
            Order::Revocation => certification.revoked_on(),
        }
    }

    /// What comes after a date in the order of the list, and on it: one range of one index.
    #[must_use]
    pub fn after(mut self, day: NaiveDate) -> Self {
        let rest = Days::from(day);
        match self.order {
            Order::Id => {}
            Order::Expiry => self.expires = self.expires.and(rest),
            Order::End => self.stands_through = self.stands_through.and(rest),
            Order::Condition => self.condition_ends = self.condition_ends.and(rest),
            Order::Revocation => self.revoked = self.revoked.and(rest),
        }
        self
    }

    /// Those that have `status` on `day`, and that can or cannot be renewed on it.
    #[must_use]
    pub fn on(
        day: NaiveDate,
        status: Option<CertificationStatus>,
        renewal_open: Option<bool>,
        window: Window,
    ) -> Self {
        let mut selection = Self::all(day);
        if let Some(status) = status {
            selection.narrow(status, window);
        }
        match renewal_open {
            Some(true) => {
                selection.begun();
                // Nothing that is revoked can be renewed.
                selection.unrevoked = true;
                selection.opens = selection.opens.and(Days::through(day));
                selection.expires = selection.expires.and(window.expiries(day));
                selection.stands_through = selection.stands_through.and(Days::from(day));
                if selection.order == Order::Id && selection.suspended.is_none() {
                    selection.order = Order::Expiry;
                }
            }
            Some(false) => selection.renewal_closed = true,
            None => {}
        }
        selection
    }

    fn begun(&mut self) {
        self.completed = Days::through(self.day);
    }

    /// The same order of precedence as [`Term::standing`](crate::certification::term::Term::standing).
    fn narrow(&mut self, status: CertificationStatus, window: Window) {
        let (day, before) = (self.day, calendar::add_days(self.day, -1));
        self.begun();
        self.unrevoked = status != CertificationStatus::Revoked;
        match status {
            CertificationStatus::Revoked => {
                self.order = Order::Revocation;
                self.revoked = Days::through(day);
            }
            CertificationStatus::Lapsed => {
                self.order = Order::End;
                self.stands_through = Days::through(before);
            }
            CertificationStatus::Suspended => {
                self.suspended = Some(true);
                self.stands_through = Days::from(day);
            }
            CertificationStatus::Grace => {
                self.order = Order::Expiry;
                self.suspended = Some(false);
                self.expires = window.expired(day).and(Days::through(before));
                self.stands_through = Days::from(day);
            }
            CertificationStatus::Provisional => {
                self.order = Order::Condition;
                self.suspended = Some(false);
                self.expires = Days::from(day);
                self.condition_ends = Days::from(day);
                self.condition_open = Some(true);
            }
            CertificationStatus::Active => {
                self.order = Order::Expiry;
                self.suspended = Some(false);
                self.expires = Days::from(day);
                self.condition_open = Some(false);
            }
        }
    }
}
