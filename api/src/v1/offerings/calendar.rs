//! Offerings as a calendar (RFC 5545) to which anybody subscribes.

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    OfferingId,
    access::{Action, Facts},
    calendar,
    course::{Course, offering::Offering},
    program::ProgramCode,
};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use persistence::Page;

use super::{ListOfferings, courses_of};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{IfNoneMatch, Query},
    flows::program,
    problem::Problem,
};

/// The most events of one calendar.
const MOST_EVENTS: i64 = 5_000;

/// The instant of an id: what was recorded then. It stays the same, and with it the calendar's bytes.
fn instant(id: OfferingId) -> DateTime<Utc> {
    let millis = i64::try_from(id.bits() >> 80).unwrap_or_default();
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

fn description(offering: &Offering, course: &Course) -> String {
    let details = &offering.details;
    let lines = [
        Some(format!("Approved course for {}.", course.set)),
        details.price.as_ref().map(|price| format!("Price: {price}")),
        details.seats.map(|seats| format!("Seats: {seats}")),
        details.contact.as_ref().map(|contact| format!("Contact: {contact}")),
        details.link.as_ref().map(|link| format!("On line: {link}")),
        offering.cancel_reason.as_ref().map(|reason| format!("Cancelled: {reason}")),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The days of an offering are whole ones: DTEND is the day after the last, which RFC 5545 wants to be later
/// than DTSTART.
fn event(offering: &Offering, course: &Course) -> Event {
    let details = &offering.details;
    let mut event = Event::new();
    event
        .uid(&format!("{}@offerings.lssc", offering.id))
        .timestamp(instant(offering.id))
        .sequence(u32::try_from(offering.version.saturating_sub(1)).unwrap_or(u32::MAX))
        .summary(&course.details.title)
        .description(&description(offering, course))
        .starts(details.starts_on)
        .ends(calendar::add_days(details.ends_on, 1))
        .status(if offering.cancelled_on.is_some() {
            EventStatus::Cancelled
        } else {
            EventStatus::Confirmed
        });
    if let Some(place) = &details.place {
        event.location(place);
    }
    if let Some(url) = details.registration_url.as_ref().or(details.link.as_ref()) {
        event.url(url);
    }
    event.add_property("TRANSP", "TRANSPARENT");
    event.done()
}

/// The calendar of offerings, each with its course.
fn calendar_of<'a>(offered: impl Iterator<Item = (&'a Offering, &'a Course)>) -> String {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//LSSC//Offerings of approved courses//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", "PUBLISH"))
        .append_property(Property::new("NAME", "Approved courses"))
        .append_property(Property::new("X-WR-CALNAME", "Approved courses"))
        .append_property(
            Property::new("REFRESH-INTERVAL", "P1D").add_parameter("VALUE", "DURATION").done(),
        );
    for (offering, course) in offered {
        calendar.push(event(offering, course));
    }
    calendar.to_string()
}

/// Read the calendar of offerings
///
/// The offerings as an iCalendar to subscribe to, with the filters of the list and without its pages: 5,000
/// at most, those that were cancelled as cancelled events. An event keeps its UID when it changes.
#[utoipa::path(tag = "Public", params(ListOfferings),
    responses((status = 200, description = "The calendar.", headers(("ETag" = String)),
        body = String, content_type = "text/calendar")))]
#[get("/v1/offerings.ics")]
pub(crate) async fn get_offerings_calendar(
    app: App,
    call: Call,
    query: Query<ListOfferings>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetOfferingsCalendar, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            if query.limit.is_some() || query.cursor.is_some() {
                return Err(Problem::query("limit", "exclusive", "the calendar has no pages."));
            }
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let offerings = match program::asked(tx, &code)? {
                Some(program) => {
                    let from: NaiveDate = calendar::add_years(app.today(&program), -1);
                    let mut filter = query.filter(code, from);
                    filter.standing = false;
                    tx.offerings().list(&filter, Page { after: None, limit: MOST_EVENTS })?
                }
                None => Vec::new(),
            };
            let courses = courses_of(tx, &offerings)?;
            let offered = offerings
                .iter()
                .filter_map(|offering| Some((offering, courses.get(&offering.course)?)));
            let body = calendar_of(offered).into_bytes();
            let reply = Reply { status: 200, headers: Vec::new(), body }
                .header("Content-Type", "text/calendar; charset=utf-8")
                .public(300)
                .etag_of_body();
            Ok(seen.answer(reply))
        })
        .await
}
