//! The approval of a course: how long it holds, how it is renewed without a gap, and how it ends.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Course, CourseDetails, CourseEvent};
use crate::{
    Finding, ProposalId, calendar,
    decision::{self, Refused},
    policy::CoursePolicy,
    words,
};

/// Months before its last day from which an approval can be renewed (set).
pub const RENEWAL_OPENS_MONTHS: i32 = 12;

words! {
    /// How an approval ended before its last day.
    pub enum EndingKind {
        /// The office ended it.
        Ended = "ended",
        /// The provider withdrew the course.
        Withdrawn = "withdrawn",
    }
}

/// The end of an approval before its last day. What counted until then keeps counting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The last day that counts.
    pub on: NaiveDate,
    /// How.
    pub kind: EndingKind,
    /// Why.
    pub reason: String,
}

/// The last day of an approval after one more renewal: terms are added to the first anchor, so that no
/// clamped day is lost; an approval that ended on another day is moved from that one.
pub(super) fn renewed_ends_on(
    approved_on: NaiveDate,
    ends_on: NaiveDate,
    renewals: u32,
    policy: &CoursePolicy,
) -> NaiveDate {
    let term = |n: u32| calendar::nth_term(approved_on, policy.approval_years, n);
    let terms = renewals.saturating_add(1);
    if term(terms) == ends_on {
        term(terms.saturating_add(1))
    } else {
        calendar::add_years(ends_on, policy.approval_years)
    }
}

/// The finding on whether an approval that was not ended may be renewed on `today`.
pub(super) fn renewable_finding(
    approved_on: NaiveDate,
    last_day: NaiveDate,
    ended: bool,
    today: NaiveDate,
) -> Finding {
    let open = !ended && (approved_on..=last_day).contains(&today);
    Finding::new(
        "course.renewable",
        "FAQ 13",
        open,
        format!("asked for from {approved_on} to {last_day}"),
        format!("{today}, {}", if ended { "ended" } else { "not ended" }),
        "An approval is renewed without a gap when that is asked for before it ends.",
    )
}

/// The finding on whether an approval that ends on `last_day` may be renewed already on `today`.
pub(super) fn renewal_window_finding(last_day: NaiveDate, today: NaiveDate) -> Finding {
    let opens = calendar::add_months(last_day, -RENEWAL_OPENS_MONTHS);
    Finding::new(
        "course.renewal_window",
        "house rule",
        opens <= today,
        format!("from {opens} on"),
        format!("on {today}"),
        "An approval is renewed in the twelve months before its last day.",
    )
}

/// The finding on whether an approval that is in force from `approved_on` to `last_day` may end on `on`.
pub(super) fn end_finding(
    approved_on: NaiveDate,
    last_day: NaiveDate,
    ended: bool,
    on: NaiveDate,
    today: NaiveDate,
) -> Finding {
    let first = approved_on.max(today);
    let open = !ended && (first..=last_day).contains(&on);
    Finding::new(
        "course.in_force",
        "life cycle",
        open,
        format!("ended on a day from {first} to {last_day}"),
        format!("on {on}, {}", if ended { "ended already" } else { "not ended" }),
        "An approval ends once, today or later: what counted before keeps counting.",
    )
}

impl Course {
    /// The last day of the approval, an early end included.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.ended.as_ref().map_or(self.ends_on, |ending| ending.on.min(self.ends_on))
    }

    /// Whether the approval is in force on `day`.
    #[must_use]
    pub fn is_approved_on(&self, day: NaiveDate) -> bool {
        (self.approved_on..=self.last_day()).contains(&day)
    }

    /// The finding on whether a renewal may be asked for on `today`.
    #[must_use]
    pub fn renewable_finding(&self, today: NaiveDate) -> Finding {
        renewable_finding(self.approved_on, self.last_day(), self.ended.is_some(), today)
    }

    /// The finding on whether the time to renew it has begun.
    #[must_use]
    pub fn renewal_window_finding(&self, today: NaiveDate) -> Finding {
        renewal_window_finding(self.last_day(), today)
    }

    /// Renews the approval: its last day moves on from the old one, however early or late the office
    /// decides. `proposal` was submitted in time; an ended course stays ended.
    pub fn renew(
        mut self,
        proposal: Option<ProposalId>,
        policy: &CoursePolicy,
    ) -> Result<(Self, CourseEvent), Refused> {
        let stands = self.ended.is_none();
        decision::by_state(vec![Finding::new(
            "course.not_ended",
            "life cycle",
            stands,
            "not ended",
            if stands { "not ended" } else { "ended" },
            "A course that was ended or withdrawn is proposed anew.",
        )])?;
        let before = self.ends_on;
        self.ends_on = renewed_ends_on(self.approved_on, before, self.renewals, policy);
        self.renewals = self.renewals.saturating_add(1);
        self.proposal = proposal.or(self.proposal);
        let after = self.ends_on;
        Ok((self, CourseEvent::Renewed { before, after, proposal }))
    }

    /// The finding on whether the approval may end on `on`.
    #[must_use]
    pub fn end_finding(&self, on: NaiveDate, today: NaiveDate) -> Finding {
        end_finding(self.approved_on, self.last_day(), self.ended.is_some(), on, today)
    }

    /// Ends the approval, or withdraws the course: `ending.on` is the last day that counts.
    pub fn end(mut self, ending: Ending, today: NaiveDate) -> Result<(Self, CourseEvent), Refused> {
        decision::by_state(vec![self.end_finding(ending.on, today)])?;
        self.ended = Some(ending.clone());
        Ok((self, CourseEvent::Ended { ending }))
    }

    /// The finding on whether what the catalog says of it can still be changed: while it is approved.
    #[must_use]
    pub fn in_force_finding(&self, today: NaiveDate) -> Finding {
        let last = self.last_day();
        let stands = today <= last;
        Finding::new(
            "course.in_force_today",
            "life cycle",
            stands,
            format!("by {last}"),
            format!("on {today}"),
            "What the catalog says of a course is changed while its approval holds.",
        )
    }

    /// The finding on whether `after` leaves what was reviewed as it was approved: title and modes.
    #[must_use]
    pub fn as_approved_finding(&self, after: &CourseDetails) -> Finding {
        let before = &self.details;
        let same = before.title == after.title && before.modes == after.modes;
        Finding::new(
            "course.as_approved",
            "house rule",
            same,
            "title and modes as approved",
            if same { "as approved" } else { "changed" },
            "The office changes the title and the modes of an approved course; its provider the rest.",
        )
    }

    /// Changes what the catalog says of it.
    #[must_use]
    pub fn describe(mut self, after: CourseDetails) -> (Self, CourseEvent) {
        let before = std::mem::replace(&mut self.details, after.clone());
        (self, CourseEvent::Updated { before, after })
    }
}

/// The amount of a price as its provider words it, in cents, for searching: the first one after a currency
/// sign, `$1,250 a person` is 125000; `Free for members` is 0. Without a sign only a number that stands
/// alone, or with `USD` or `dollars`, is an amount: `4 weeks` names none.
#[must_use]
pub fn price_cents(price: &str) -> Option<i64> {
    if let Some((_, rest)) = price.split_once('$') {
        return amount(rest.trim_start());
    }
    let Some(start) = price.find(|c: char| c.is_ascii_digit()) else {
        return has_word(price, &["free"]).then_some(0);
    };
    let alone = !price.contains(char::is_alphabetic) || has_word(price, &["usd", "dollars"]);
    let numbers = price.split(|c: char| !c.is_ascii_digit() && !",.".contains(c));
    let one = numbers.filter(|part| part.contains(|c: char| c.is_ascii_digit())).count() == 1;
    if alone && one { amount(price.get(start..)?) } else { None }
}

fn has_word(text: &str, words: &[&str]) -> bool {
    let mut parts = text.split(|c: char| !c.is_alphabetic());
    parts.any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// The amount with which a text begins, in cents.
fn amount(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    let whole: i64 = text.get(..end)?.replace(',', "").parse().ok()?;
    let cents = text.get(end..)?.strip_prefix('.').and_then(|rest| rest.get(..2));
    let cents = cents.and_then(|two| two.parse::<u8>().ok()).unwrap_or_default();
    whole.checked_mul(100)?.checked_add(cents.into())
}
