//! Calendars (RFC 5545): offerings of courses, support events, the deadlines of people.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    calendar,
    id::{Id, Kind},
};
pub(crate) use icalendar::EventStatus;
use icalendar::{Calendar, Component, Event, EventLike, Property};

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
    /// When it was changed last, where that is known.
    pub(crate) changed_at: Option<DateTime<Utc>>,
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
    /// Whether it takes place.
    pub(crate) status: EventStatus,
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
            .created(self.recorded_at)
            // Without a METHOD it is the instant of the last revision.
            .timestamp(self.changed_at.unwrap_or(self.recorded_at))
            .sequence(u32::try_from(self.version.saturating_sub(1)).unwrap_or(u32::MAX))
            .summary(self.summary)
            .description(&self.description)
            .status(self.status);
        if let Some(changed_at) = self.changed_at {
            event.last_modified(changed_at);
        }
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

/// The status of what takes place, or was cancelled.
pub(crate) fn status(cancelled: bool) -> EventStatus {
    if cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed }
}

/// The calendar of these entries, which `about` names in words. It has no METHOD: it is read, not sent.
pub(crate) fn calendar<'a>(
    (about, name): (&str, &str),
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> Reply {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", format!("-//LSSC//{about}//EN")))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("NAME", name))
        .append_property(Property::new("X-WR-CALNAME", name))
        .append_property(
            Property::new("REFRESH-INTERVAL", "P1D").add_parameter("VALUE", "DURATION").done(),
        );
    for entry in entries {
        calendar.push(entry.event());
    }
    let body = folded(&calendar.to_string()).into_bytes();
    Reply { status: 200, headers: Vec::new(), body }
        .header("Content-Type", "text/calendar; charset=utf-8")
        .public(300)
        .etag_of_body()
}

/// The most octets of a line, its end not counted (RFC 5545 section 3.1).
const LINE: usize = 75;

/// The same lines, none of them longer than it may be. The library counts the blank of a continued line to
/// nothing, and leaves lines of 76 octets.
fn folded(text: &str) -> String {
    let whole = text.replace("\r\n ", "");
    let mut folded = String::with_capacity(whole.len().saturating_add(whole.len() / 16));
    for line in whole.split_terminator("\r\n") {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > LINE {
                folded.push_str("\r\n ");
                octets = 1;
            }
            folded.push(character);
            octets += character.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_75_octets_and_none_is_lost() {
        for length in 60..320 {
            for character in ["a", " ", "\u{e9}", "\u{20ac}", "\u{1d11e}"] {
                let line = format!("SUMMARY:x{}", character.repeat(length));
                let text = folded(&format!("BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n"));
                assert!(text.split("\r\n").all(|line| line.len() <= LINE), "{text}");
                let unfolded = text.replace("\r\n ", "");
                assert_eq!(unfolded, format!("BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n"));
            }
        }
    }
}
