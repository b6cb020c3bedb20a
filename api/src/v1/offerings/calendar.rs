//! Offerings as a calendar (RFC 5545) to which anybody subscribes.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    calendar,
    course::{Course, Provider, offering::Offering},
    program::ProgramCode,
};

use super::{ListOfferings, courses_of};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{IfNoneMatch, Query},
    flows::program,
    ics::{self, Entry, Span},
    problem::Problem,
};

/// The most events of one calendar.
const MOST_EVENTS: i64 = 5_000;

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

/// Whether it takes place no more: cancelled, or its course or its provider ended before it begins.
fn off(offering: &Offering, course: &Course, acting: Option<&Provider>) -> bool {
    let starts_on = offering.details.starts_on;
    let ended = course.last_day() < starts_on;
    offering.cancelled_on.is_some()
        || ended
        || acting.is_some_and(|provider| !provider.standing.is_active_on(starts_on))
}

fn entry<'a>(offering: &'a Offering, course: &'a Course, provider: Option<&Provider>) -> Entry<'a> {
    let details = &offering.details;
    Entry {
        uid: format!("{}@offerings.lssc", offering.id),
        recorded_at: ics::recorded(offering.id),
        changed_at: None,
        version: offering.version,
        summary: &course.details.title,
        description: description(offering, course),
        span: Span::Days(details.starts_on, details.ends_on),
        place: details.place.as_deref(),
        url: details.registration_url.as_deref().or(details.link.as_deref()),
        status: ics::status(off(offering, course, provider)),
    }
}

/// Read the calendar of offerings
///
/// The offerings as an iCalendar to subscribe to, with the filters of the list and without its pages: the
/// 5,000 that start last at most, those that were cancelled, or whose course or provider ended before, as cancelled events. An event keeps its UID when it changes.
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
            if query.format.is_some() {
                return Err(Problem::query("format", "exclusive", "the calendar has one format."));
            }
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let offerings = match program::asked(tx, &code)? {
                Some(program) => {
                    let from: NaiveDate = calendar::add_years(app.today(&program), -1);
                    let mut filter = query.filter(code, from);
                    filter.standing = false;
                    tx.offerings().latest(&filter, MOST_EVENTS)?
                }
                None => Vec::new(),
            };
            let courses = courses_of(tx, &offerings)?;
            let ids: Vec<_> = courses.values().map(|course| course.provider).collect();
            let providers = tx.providers().by_ids(&ids)?;
            let entries = offerings.iter().filter_map(|offering| {
                let course = courses.get(&offering.course)?;
                let provider = providers.iter().find(|one| one.id == course.provider);
                Some(entry(offering, course, provider))
            });
            let about = ("Offerings of approved courses", "Approved courses");
            let reply = ics::calendar(about, entries);
            Ok(seen.answer(reply))
        })
        .await
}
