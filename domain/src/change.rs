//! What of the event log leaves the house: the contract with machines that follow it.
//!
//! Events are thin: they say what happened to which thing and person, and a machine reads the rest where its
//! scopes let it. What the office keeps to itself (reasons, notes, ratings, who judges) is in no event that
//! leaves, and neither are names and addresses: an erasure has nothing to call back.

mod internal;
mod table;

pub use internal::INTERNAL;
pub use table::PUBLIC;

use crate::id::{
    AchievementKind, CandidacyKind, CourseKind, EmailKind, InvoiceKind, Kind, OrganisationKind,
    PaymentKind, PersonKind, PurchaseOrderKind, RenewalKind,
};

/// The scope of the feed, and of the types about what everybody may read. Webhooks have one of their own.
pub const FOLLOW: &str = "changes:read";

/// What a field of an event's data holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A short text.
    Text,
    /// A day.
    Day,
    /// A day, or null.
    DayOrNone,
    /// A whole number; money in cents.
    Number,
    /// An id with this prefix.
    Id(&'static str),
    /// An id with this prefix, or null.
    IdOrNone(&'static str),
}

/// A field of an event's data, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in what is told.
    pub name: &'static str,
    /// Where it stands in what was recorded: a JSON Pointer.
    pub at: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it is.
    pub says: &'static str,
}

/// A type of events that leaves the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Public {
    /// The dotted type.
    pub event_type: &'static str,
    /// The scope that a machine needs to see events of it: in the feed beside [`FOLLOW`].
    pub scope: &'static str,
    /// What happened, in one line.
    pub says: &'static str,
    /// What of its data is told.
    pub fields: &'static [Field],
    /// Whether a machine is told only of its own: of those whose data name it as `client`.
    pub own: bool,
}

/// The public type of this name.
#[must_use]
pub fn public(event_type: &str) -> Option<&'static Public> {
    PUBLIC.iter().find(|one| one.event_type == event_type)
}

/// The public types that a machine with these scopes sees; everybody else, who has none, sees them all.
#[must_use]
pub fn visible(scopes: Option<&[String]>) -> Vec<&'static Public> {
    let held = |scope: &str| scopes.is_none_or(|held| held.iter().any(|one| one == scope));
    PUBLIC.iter().filter(|one| held(one.scope)).collect()
}

const fn day(name: &'static str, at: &'static str, says: &'static str) -> Field {
    Field { name, at, shape: Shape::Day, says }
}
const fn text(name: &'static str, at: &'static str, says: &'static str) -> Field {
    Field { name, at, shape: Shape::Text, says }
}
const fn number(name: &'static str, at: &'static str, says: &'static str) -> Field {
    Field { name, at, shape: Shape::Number, says }
}
const fn id<K: Kind>(name: &'static str, at: &'static str, says: &'static str) -> Field {
    Field { name, at, shape: Shape::Id(K::PREFIX), says }
}
const fn id_or_none<K: Kind>(name: &'static str, at: &'static str, says: &'static str) -> Field {
    Field { name, at, shape: Shape::IdOrNone(K::PREFIX), says }
}
