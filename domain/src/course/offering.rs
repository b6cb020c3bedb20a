//! Offerings of approved courses, and requests to have one near by.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Course, Mode};
use crate::{
    BadFact, CourseId, CourseRequestId, Finding, OfferingId, PersonId,
    calendar::Faults,
    competency::SetCode,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    text,
};

/// The most seats of one offering.
pub const MAX_SEATS: u32 = 100_000;

/// When and where a course is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferingDetails {
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// How it is taught.
    pub mode: Mode,
    /// City and state, where it is taught in a room.
    pub place: Option<String>,
    /// Where it is taught on line, an `https` address.
    pub link: Option<String>,
    /// How many can take part; as many as come, without.
    pub seats: Option<u32>,
    /// The provider's own price (FAQ 21).
    pub price: Option<String>,
    /// Where to ask.
    pub contact: Option<String>,
    /// Where to register, an `https` address.
    pub registration_url: Option<String>,
}

/// One offering of an approved course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offering {
    /// Identity.
    pub id: OfferingId,
    /// The program.
    pub program: ProgramCode,
    /// The course.
    pub course: CourseId,
    /// When and where.
    pub details: OfferingDetails,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl OfferingDetails {
    /// What is wrong with it: dates in the wrong order or out of range, no seats.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        faults.date("/starts_on", self.starts_on);
        faults.date("/ends_on", self.ends_on);
        faults.order("/ends_on", (self.starts_on, "The first day"), (self.ends_on, "the last"));
        if self.seats.is_some_and(|seats| !(1..=MAX_SEATS).contains(&seats)) {
            let detail = format!("Seats are from 1 to {MAX_SEATS}.");
            faults.add("/seats", "out_of_range", detail);
        }
        faults.none().err().unwrap_or_default()
    }

    /// The findings on offering `course` so: it starts and ends while the course is approved, in a mode of
    /// the course, and says where.
    #[must_use]
    pub fn findings(&self, course: &Course) -> Vec<Finding> {
        let (first, last) = (course.approved_on, course.last_day());
        let modes = text::list(&course.details.modes);
        let in_room = self.mode != Mode::Online;
        let placed = if in_room {
            self.place.is_some()
        } else {
            self.link.is_some() || self.registration_url.is_some()
        };
        let where_to = if in_room { "a place" } else { "a link" };
        vec![
            Finding::new(
                "offering.course_approved",
                "FAQ 13",
                course.is_approved_on(self.starts_on) && self.ends_on <= last,
                format!("from {first} to {last}"),
                format!("from {} to {}", self.starts_on, self.ends_on),
                "An offering starts and ends while its course is approved.",
            ),
            Finding::new(
                "offering.mode",
                "FAQ 13",
                course.details.modes.contains(&self.mode),
                modes,
                self.mode.to_string(),
                "An offering is taught in a mode for which its course was approved.",
            ),
            Finding::new(
                "offering.place",
                "FAQ 13",
                placed,
                where_to,
                if placed { "stated" } else { "missing" },
                format!("An offering that is {} states {where_to}.", self.mode),
            ),
        ]
    }
}

impl Offering {
    /// Announces an offering of `course`; `active` is the finding on its provider.
    pub fn announce(
        id: OfferingId,
        course: &Course,
        details: OfferingDetails,
        active: Finding,
    ) -> Result<(Self, OfferingEvent), Refused> {
        decision::by_state(vec![active])?;
        decision::by_rule(details.findings(course))?;
        let offering = Self {
            id,
            program: course.program.clone(),
            course: course.id,
            details,
            cancelled_on: None,
            cancel_reason: None,
            version: 1,
        };
        let event = OfferingEvent::Announced { after: offering.clone() };
        Ok((offering, event))
    }

    /// The finding on whether `act` is legal: not once it was cancelled.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        let open = self.cancelled_on.is_none();
        Finding::new(
            "offering.state",
            "life cycle",
            open,
            "not cancelled",
            if open { "not cancelled" } else { "cancelled" },
            format!("{act}: possible unless it was cancelled."),
        )
    }

    /// Changes when and where; `active` is the finding on its provider.
    pub fn update(
        mut self,
        course: &Course,
        after: OfferingDetails,
        active: Finding,
    ) -> Result<(Self, OfferingEvent), Refused> {
        decision::by_state(vec![self.state_finding("change the offering"), active])?;
        decision::by_rule(after.findings(course))?;
        let before = std::mem::replace(&mut self.details, after.clone());
        Ok((self, OfferingEvent::Updated { before, after }))
    }

    /// Cancels it.
    pub fn cancel(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, OfferingEvent), Refused> {
        decision::by_state(vec![self.state_finding("cancel the offering")])?;
        self.cancelled_on = Some(today);
        self.cancel_reason = Some(reason.clone());
        Ok((self, OfferingEvent::Cancelled { cancelled_on: today, reason }))
    }
}

/// What somebody would take near them: a course, or any course of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// This course.
    Course(CourseId),
    /// Any course of this set.
    Set(SetCode),
}

/// Somebody asks for an approved course to be offered near them. Anyone may (FAQ 14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseRequest {
    /// Identity.
    pub id: CourseRequestId,
    /// The program.
    pub program: ProgramCode,
    /// What is wanted.
    pub wanted: Wanted,
    /// The set: the course's own, where a course is wanted. What requests are counted by.
    pub set: SetCode,
    /// City and state.
    pub place: String,
    /// Where to write when it is offered.
    pub email: Option<String>,
    /// Anything more.
    pub note: Option<String>,
    /// Who asked, where they were signed in.
    pub person: Option<PersonId>,
    /// When.
    pub requested_at: DateTime<Utc>,
}

impl CourseRequest {
    /// What its event tells: nothing of who asked.
    #[must_use]
    pub fn made(&self) -> OfferingEvent {
        OfferingEvent::Requested {
            wanted: self.wanted.clone(),
            set: self.set.clone(),
            place: self.place.clone(),
        }
    }
}

facts! {
    /// What happens to offerings and requests for them.
    pub enum OfferingEvent {
        /// A course is offered.
        Announced = "offering.announced" { after: Offering },
        /// When or where changed.
        Updated = "offering.updated" { before: OfferingDetails, after: OfferingDetails },
        /// It was cancelled.
        Cancelled = "offering.cancelled" { cancelled_on: NaiveDate, reason: String },
        /// Somebody asked for a course near them.
        Requested = "course_request.made" { wanted: Wanted, set: SetCode, place: String },
    }
}
