//! The account subscription (FAQ 21): part of the application fee, activated by its settlement, for the
//! years of the policy. Partner systems provision accounts by it.

use chrono::NaiveDate;

use crate::{
    InvoiceId, PersonId, SubscriptionId,
    calendar::{add_days, add_years},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a subscription stands on a day, computed.
    pub enum SubscriptionState {
        /// It runs.
        Active = "active",
        /// It runs, and its last day is near.
        Ending = "ending",
        /// Its years are over, or it ended with the fee that was returned.
        Ended = "ended",
    }
}

/// The account subscription of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identity.
    pub id: SubscriptionId,
    /// The program.
    pub program: ProgramCode,
    /// Whose.
    pub person: PersonId,
    /// The invoice whose settlement activated it.
    pub invoice: InvoiceId,
    /// First day.
    pub activated_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The day on which it ended before its time.
    pub ended_on: Option<NaiveDate>,
    /// The day on which its end was announced.
    pub reminded_on: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Subscription {
    /// Activates one on the day of settlement, for `years`.
    #[must_use]
    pub fn activate(
        id: SubscriptionId,
        program: ProgramCode,
        person: PersonId,
        invoice: InvoiceId,
        (today, years): (NaiveDate, i32),
    ) -> (Self, SubscriptionEvent) {
        let ends_on = add_years(today, years);
        let active = Self {
            id,
            program,
            person,
            invoice,
            activated_on: today,
            ends_on,
            ended_on: None,
            reminded_on: None,
            version: 1,
        };
        (active, SubscriptionEvent::Activated { invoice, activated_on: today, ends_on })
    }

    /// Where it stands on a day; none before its first.
    #[must_use]
    pub fn state(&self, day: NaiveDate, reminder_days: u32) -> Option<SubscriptionState> {
        if day < self.activated_on {
            None
        } else if day > self.ends_on || self.ended_on.is_some_and(|end| end <= day) {
            Some(SubscriptionState::Ended)
        } else if day >= self.reminder_on(reminder_days) {
            Some(SubscriptionState::Ending)
        } else {
            Some(SubscriptionState::Active)
        }
    }

    /// The day from which its end is announced.
    #[must_use]
    pub fn reminder_on(&self, reminder_days: u32) -> NaiveDate {
        add_days(self.ends_on, -i64::from(reminder_days))
    }

    /// Announces its end, once; none while it is not near, over, or announced already.
    #[must_use]
    pub fn remind(
        mut self,
        today: NaiveDate,
        reminder_days: u32,
    ) -> Option<(Self, SubscriptionEvent)> {
        let near = self.state(today, reminder_days) == Some(SubscriptionState::Ending);
        if !near || self.reminded_on.is_some() {
            return None;
        }
        self.reminded_on = Some(today);
        let ends_on = self.ends_on;
        Some((self, SubscriptionEvent::EndsSoon { ends_on }))
    }

    /// Ends it before its time, with the fee that was returned; none where it has ended.
    #[must_use]
    pub fn end(mut self, reason: &str, today: NaiveDate) -> Option<(Self, SubscriptionEvent)> {
        if self.ended_on.is_some() || today > self.ends_on {
            return None;
        }
        self.ended_on = Some(today);
        Some((self, SubscriptionEvent::Ended { on: today, reason: reason.to_owned() }))
    }

    /// Goes on with one that ended before its time, because its fee is settled again: the years are those
    /// of the first settlement. None where it has not ended so, or its years are over.
    #[must_use]
    pub fn resume(mut self, today: NaiveDate) -> Option<(Self, SubscriptionEvent)> {
        if self.ended_on.is_none() || today > self.ends_on {
            return None;
        }
        self.ended_on = None;
        Some((self, SubscriptionEvent::Resumed { on: today }))
    }
}

facts! {
    /// What happens to account subscriptions.
    pub enum SubscriptionEvent {
        /// The fee was settled: the account is active.
        Activated = "subscription.activated" { invoice: InvoiceId, activated_on: NaiveDate, ends_on: NaiveDate },
        /// Its last day is near.
        EndsSoon = "subscription.ends_soon" { ends_on: NaiveDate },
        /// It ended before its time.
        Ended = "subscription.ended" { on: NaiveDate, reason: String },
        /// Its fee is settled again.
        Resumed = "subscription.resumed" { on: NaiveDate },
    }
}
