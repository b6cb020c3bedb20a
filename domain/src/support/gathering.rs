//! Webinars, preconferences and presentations on preparing a portfolio, and who comes (FAQ 15).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::SupportFact;
use crate::{
    BadFact, Finding, PersonId, SupportEventId, SupportRegistrationId,
    calendar::Faults,
    competency::{Framework, SetCode},
    decision::{self, Refused},
    program::ProgramCode,
    words,
};

/// The most seats of one event.
pub const MAX_SEATS: u32 = 100_000;

words! {
    /// The kinds of support event (FAQ 15).
    pub enum Occasion {
        /// On line.
        Webinar = "webinar",
        /// A workshop before a conference.
        Preconference = "preconference",
        /// A presentation at a conference.
        Presentation = "presentation",
    }
}

/// When and where an event is held, and what about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportEventDetails {
    /// Its kind.
    pub kind: Occasion,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// The competency sets that it is about; all of them where there are none.
    pub sets: Vec<SetCode>,
    /// Its beginning.
    pub starts_at: DateTime<Utc>,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Where it is held, in a room.
    pub place: Option<String>,
    /// Where it is held on line, or read about: an `https` address.
    pub link: Option<String>,
    /// How many can take part; as many as come, without.
    pub seats: Option<u32>,
}

/// A support event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportEvent {
    /// Identity.
    pub id: SupportEventId,
    /// The program.
    pub program: ProgramCode,
    /// When, where, what about.
    pub details: SupportEventDetails,
    /// How many are registered.
    pub registered: u32,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// Somebody comes to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportRegistration {
    /// Identity.
    pub id: SupportRegistrationId,
    /// The program.
    pub program: ProgramCode,
    /// The event.
    pub event: SupportEventId,
    /// Who.
    pub person: PersonId,
    /// When they registered.
    pub registered_at: DateTime<Utc>,
    /// When they said that they do not come.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl SupportEventDetails {
    /// What is wrong with it: instants in the wrong order or out of range, no seats, unknown sets, a webinar
    /// without a link, another kind without a place.
    #[must_use]
    pub fn check(&self, framework: &Framework) -> Vec<BadFact> {
        let mut faults = Faults::default();
        framework.read_sets("/sets", &self.sets, &mut faults);
        faults.date("/starts_at", self.starts_at.date_naive());
        faults.date("/ends_at", self.ends_at.date_naive());
        if self.ends_at <= self.starts_at {
            faults.add("/ends_at", "order", "It ends after it begins.");
        }
        if self.seats.is_some_and(|seats| !(1..=MAX_SEATS).contains(&seats)) {
            let detail = format!("Seats are from 1 to {MAX_SEATS}.");
            faults.add("/seats", "out_of_range", detail);
        }
        if self.kind == Occasion::Webinar && self.link.is_none() {
            faults.add("/link", "required", "A webinar has a link.");
        }
        if self.kind != Occasion::Webinar && self.place.is_none() {
            faults.add("/place", "required", format!("A {} has a place.", self.kind));
        }
        faults.none().err().unwrap_or_default()
    }
}

impl SupportEvent {
    /// Announces an event.
    #[must_use]
    pub fn announce(
        id: SupportEventId,
        program: ProgramCode,
        details: SupportEventDetails,
    ) -> (Self, SupportFact) {
        let fact = SupportFact::Announced { after: Box::new(details.clone()) };
        let (registered, cancelled_on, cancel_reason) = (0, None, None);
        (Self { id, program, details, registered, cancelled_on, cancel_reason, version: 1 }, fact)
    }

    /// How many seats are free; none where as many come as like.
    #[must_use]
    pub fn seats_left(&self) -> Option<u32> {
        self.details.seats.map(|seats| seats.saturating_sub(self.registered))
    }

    /// The finding on whether `act` is legal: not once it was cancelled.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        let stands = self.cancelled_on.is_none();
        Finding::new(
            "support_event.state",
            "life cycle",
            stands,
            "not cancelled",
            if stands { "not cancelled" } else { "cancelled" },
            format!("{act}: possible unless it was cancelled."),
        )
    }

    /// The finding on whether it has not begun.
    #[must_use]
    pub fn upcoming_finding(&self, now: DateTime<Utc>) -> Finding {
        let upcoming = now < self.details.starts_at;
        Finding::new(
            "support_event.upcoming",
            "life cycle",
            upcoming,
            format!("before {}", self.details.starts_at.format("%Y-%m-%d %H:%M UTC")),
            if upcoming { "before it begins" } else { "it has begun" },
            "One registers, and withdraws, before it begins.",
        )
    }

    /// The finding on whether a seat is free.
    #[must_use]
    pub fn seat_finding(&self) -> Finding {
        let left = self.seats_left();
        let actual = left.map_or_else(|| "no limit".to_owned(), |left| format!("{left} left"));
        Finding::new(
            "support_event.seat_free",
            "FAQ 15",
            left != Some(0),
            "a free seat",
            actual,
            "An event takes as many as it has seats.",
        )
    }

    /// The findings on registering now.
    #[must_use]
    pub fn registration_findings(&self, now: DateTime<Utc>) -> Vec<Finding> {
        vec![self.state_finding("register"), self.upcoming_finding(now), self.seat_finding()]
    }

    /// Changes it. Who is registered keeps their seat.
    pub fn update(mut self, after: SupportEventDetails) -> Result<(Self, SupportFact), Refused> {
        decision::by_state(vec![self.state_finding("change the event")])?;
        let enough = after.seats.is_none_or(|seats| self.registered <= seats);
        decision::by_rule(vec![Finding::new(
            "support_event.seats_taken",
            "house rule",
            enough,
            format!("at least {} seats", self.registered),
            after.seats.map_or_else(|| "no limit".to_owned(), |seats| format!("{seats} seats")),
            "There are at least as many seats as people who are registered.",
        )])?;
        let before = std::mem::replace(&mut self.details, after.clone());
        Ok((self, SupportFact::Updated { before: Box::new(before), after: Box::new(after) }))
    }

    /// Cancels it.
    pub fn cancel(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, SupportFact), Refused> {
        decision::by_state(vec![self.state_finding("cancel the event")])?;
        self.cancelled_on = Some(today);
        self.cancel_reason = Some(reason.clone());
        Ok((self, SupportFact::Cancelled { cancelled_on: today, reason }))
    }

    /// Registers somebody: refused by its state when it was cancelled, has begun, or is full.
    pub fn register(
        mut self,
        id: SupportRegistrationId,
        person: PersonId,
        now: DateTime<Utc>,
    ) -> Result<(Self, SupportRegistration, SupportFact), Refused> {
        decision::by_state(self.registration_findings(now))?;
        self.registered = self.registered.saturating_add(1);
        let registration = SupportRegistration {
            id,
            program: self.program.clone(),
            event: self.id,
            person,
            registered_at: now,
            withdrawn_at: None,
            version: 1,
        };
        let fact = SupportFact::Registered { event: self.id };
        Ok((self, registration, fact))
    }

    /// The findings on withdrawing a registration for it now.
    #[must_use]
    pub fn withdrawal_findings(
        &self,
        registration: &SupportRegistration,
        now: DateTime<Utc>,
    ) -> Vec<Finding> {
        let stands = registration.withdrawn_at.is_none();
        let state = Finding::new(
            "support_registration.state",
            "life cycle",
            stands,
            "registered",
            if stands { "registered" } else { "withdrawn" },
            "A registration is withdrawn once.",
        );
        vec![state, self.upcoming_finding(now)]
    }

    /// Somebody does not come: their seat is free again.
    pub fn withdraw(
        mut self,
        mut registration: SupportRegistration,
        now: DateTime<Utc>,
    ) -> Result<(Self, SupportRegistration, SupportFact), Refused> {
        decision::by_state(self.withdrawal_findings(&registration, now))?;
        self.registered = self.registered.saturating_sub(1);
        registration.withdrawn_at = Some(now);
        let fact = SupportFact::Withdrawn { event: self.id };
        Ok((self, registration, fact))
    }
}
