//! Activities: the learning that a renewal counts, and what each is worth (FAQ 19).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{BadFact, competency::SetCode, policy::RenewalPolicy, text, words};

words! {
    /// What kind of activity somebody did; it says how its hours are reckoned.
    pub enum ActivityKind {
        /// A credit of a semester system.
        SemesterCredit = "semester_credit",
        /// A credit of a quarter system.
        QuarterCredit = "quarter_credit",
        /// A day at a conference.
        ConferenceDay = "conference_day",
        /// A workshop, minute by minute.
        Workshop = "workshop",
        /// Documented learning of one's own, minute by minute.
        SelfDirected = "self_directed",
    }
}
words! {
    /// Why an activity does not count.
    pub enum NotCounted {
        /// Dated before the activities of this renewal.
        TooEarly = "too_early",
        /// Dated after the submission or after the grace period.
        TooLate = "too_late",
        /// Shorter than an activity that counts.
        TooShort = "too_short",
        /// Related to no competency set.
        Unrelated = "unrelated",
        /// Without documentation.
        Undocumented = "undocumented",
    }
}

/// The most minutes of one activity: 1,000 hours.
pub const MAX_MINUTES: i64 = 60_000;
/// The most credits or days of one activity.
pub const MAX_QUANTITY: i64 = 1_000;

/// How much an activity was, as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Amount {
    /// Minutes: workshops and self-directed learning.
    #[serde(rename = "minutes")]
    Minutes(i64),
    /// Credits or days.
    #[serde(rename = "quantity")]
    Quantity(i64),
}

impl Amount {
    /// Reads the two optional forms of an activity at `pointer` (`/activities/0`): the one that its
    /// kind asks for, and not the other.
    pub fn from_forms(
        pointer: &str,
        kind: ActivityKind,
        minutes: Option<i64>,
        quantity: Option<i64>,
    ) -> Result<Self, BadFact> {
        let by_minutes = matches!(kind, ActivityKind::Workshop | ActivityKind::SelfDirected);
        let (name, given, other_name, other, most) = if by_minutes {
            ("minutes", minutes, "quantity", quantity, MAX_MINUTES)
        } else {
            ("quantity", quantity, "minutes", minutes, MAX_QUANTITY)
        };
        if other.is_some() {
            let detail = format!("A {kind} is told in {name} alone.");
            return Err(BadFact::at(format!("{pointer}/{other_name}"), "exclusive", detail));
        }
        let at = format!("{pointer}/{name}");
        match given {
            None => Err(BadFact::at(at, "required", format!("A {kind} is told in {name}."))),
            Some(amount) if !(1..=most).contains(&amount) => {
                Err(BadFact::at(at, "out_of_range", format!("It is from 1 to {most}.")))
            }
            Some(amount) if by_minutes => Ok(Self::Minutes(amount)),
            Some(amount) => Ok(Self::Quantity(amount)),
        }
    }
}

/// One activity, with its raw facts; its hours follow from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// What it was.
    pub kind: ActivityKind,
    /// When.
    pub dated_on: NaiveDate,
    /// How much.
    pub amount: Amount,
    /// Whether it was in technology.
    pub technology: bool,
    /// The competency sets that it relates to.
    pub sets: Vec<SetCode>,
    /// Whether it is documented.
    pub documented: bool,
}

impl ActivityKind {
    /// The minutes that so much of it is worth.
    #[must_use]
    pub fn worth(self, amount: Amount, policy: &RenewalPolicy) -> i64 {
        let each = match self {
            Self::SemesterCredit => policy.semester_credit_minutes,
            Self::QuarterCredit => policy.quarter_credit_minutes,
            Self::ConferenceDay => policy.conference_day_minutes,
            Self::Workshop | Self::SelfDirected => 1,
        };
        let (Amount::Minutes(amount) | Amount::Quantity(amount)) = amount;
        amount.saturating_mul(each.into())
    }
}

impl Activity {
    /// The minutes that its facts are worth, whether or not it counts.
    #[must_use]
    pub fn minutes(&self, policy: &RenewalPolicy) -> i64 {
        self.kind.worth(self.amount, policy)
    }
    /// How its minutes follow from its facts, in one sentence.
    #[must_use]
    pub fn explanation(&self, policy: &RenewalPolicy) -> String {
        let worth = text::hours(self.minutes(policy).unsigned_abs());
        let (noun, each) = match self.kind {
            ActivityKind::SemesterCredit => ("semester credit", policy.semester_credit_minutes),
            ActivityKind::QuarterCredit => ("quarter credit", policy.quarter_credit_minutes),
            ActivityKind::ConferenceDay => ("conference day", policy.conference_day_minutes),
            ActivityKind::Workshop | ActivityKind::SelfDirected => ("minute", 1),
        };
        let (Amount::Minutes(amount) | Amount::Quantity(amount)) = self.amount;
        let told = text::counted(amount.unsigned_abs(), noun);
        match self.amount {
            Amount::Minutes(_) => format!("{told}: {worth}."),
            Amount::Quantity(_) => format!("{told} of {} each: {worth}.", text::hours(each.into())),
        }
    }
    /// What it comes to among activities of a closed period.
    #[must_use]
    pub fn verdict(&self, from: NaiveDate, through: NaiveDate, policy: &RenewalPolicy) -> Verdict {
        let minutes = self.minutes(policy);
        let not_counted = if self.dated_on < from {
            Some(NotCounted::TooEarly)
        } else if self.dated_on > through {
            Some(NotCounted::TooLate)
        } else if minutes < policy.minimum_activity_minutes.into() {
            Some(NotCounted::TooShort)
        } else if self.sets.is_empty() {
            Some(NotCounted::Unrelated)
        } else if !self.documented {
            Some(NotCounted::Undocumented)
        } else {
            None
        };
        let counted_minutes = if not_counted.is_none() { minutes } else { 0 };
        Verdict { minutes, counted_minutes, not_counted }
    }
}

/// What one activity came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What its facts are worth.
    pub minutes: i64,
    /// What counts: all of it or nothing.
    pub counted_minutes: i64,
    /// Why nothing counts.
    pub not_counted: Option<NotCounted>,
}
