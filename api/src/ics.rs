//! Calendars (RFC 5545): offerings of courses, support events.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    calendar,
    id::{Id, Kind},
};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use crate::answer::Reply;

/// When an entry is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Span {
    /// Whole days, the last one included.
    Days(NaiveDate, NaiveDate),
    /// From an instant to another one.
    Instants(DateTime<Utc>, DateTime<Utc>),
}

/// One entry of a calendar.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// What tells it from every other one, and stays when it changes.
    pub(crate) uid: String,
    /// When it was recorded.
    pub(crate) recorded_at: DateTime<Utc>,
    /// Its version, from 1 on.
    pub(crate) version: i64,
    /// Its title.
    pub(crate) summary: &'a str,
    /// Anything more.
    pub(crate) description: String,
    /// When.
    pub(crate) span: Span,
    /// Where.
    pub(crate) place: Option<&'a str>,
    /// Where more is said.
    pub(crate) url: Option<&'a str>,
    /// Whether it was cancelled.
    pub(crate) cancelled: bool,
}

/// The instant of an id: what was recorded then. It stays the same, and with it the calendar's bytes.
pub(crate) fn recorded<K: Kind>(id: Id<K>) -> DateTime<Utc> {
    let millis = i64::try_from(id.bits() >> 80).unwrap_or_default();
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

impl Entry<'_> {
    fn event(&self) -> Event {
        let mut event = Event::new();
        event
            .uid(&self.uid)
            .timestamp(self.recorded_at)
            .sequence(u32::try_from(self.version.saturating_sub(1)).unwrap_or(u32::MAX))
            .summary(self.summary)
            .description(&self.description)
            .status(if self.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
        match self.span {
            // DTEND is the day after the last, which RFC 5545 wants to be later than DTSTART. Whole days keep
            // nobody from meeting others.
            Span::Days(first, last) => {
                event.starts(first).ends(calendar::add_days(last, 1));
                event.add_property("TRANSP", "TRANSPARENT");
            }
            Span::Instants(from, until) => {
                event.starts(from).ends(until);
            }
        }
        if let Some(place) = self.place {
            event.location(place);
        }
        if let Some(url) = self.url {
            event.url(url);
        }
        event.done()
    }
}

/// The calendar of these entries, which `about` names in words.
pub(crate) fn calendar<'a>(
    (about, name): (&str, &str),
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> Reply {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", format!("-//LSSC//{about}//EN")))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", "PUBLISH"))
        .append_property(Property::new("NAME", name))
        .append_property(Property::new("X-WR-CALNAME", name))
        .append_property(
            Property::new("REFRESH-INTERVAL", "P1D").add_parameter("VALUE", "DURATION").done(),
        );
    for entry in entries {
        calendar.push(entry.event());
    }
    let body = calendar.to_string().into_bytes();
    Reply { status: 200, headers: Vec::new(), body }
        .header("Content-Type", "text/calendar; charset=utf-8")
        .public(300)
        .etag_of_body()
}
