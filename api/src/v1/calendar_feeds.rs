//! Calendars of deadlines (RFC 5545): a feed of a person's own, by an address that nobody guesses, and the
//! one of a candidacy.

use actix_web::{delete, get, post};
use chrono::{DateTime, Utc};
use domain::{
    CandidacyId, PersonId,
    access::{Action, Facts},
    credential::{CalendarFeed, CredentialEvent},
    event::Event,
    id::PersonKind,
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    auth::secrets,
    call::Call,
    extract::{IfMatch, IfNoneMatch, PathOf, Query},
    flows::deadline,
    openapi::words::id_of,
    problem::Problem,
    v1::fields::Term,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(make_calendar_feed)
        .service(get_calendar_feed)
        .service(end_calendar_feed)
        .service(get_deadlines_calendar)
        .service(get_candidacy_deadlines);
}

/// That a person has a calendar feed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CalendarFeed)]
pub struct CalendarFeedView {
    /// Whose.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// When its address was made.
    pub made_at: DateTime<Utc>,
}

/// A calendar feed with its address.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CalendarFeedWithAddress)]
pub struct CalendarFeedWithAddressView {
    /// The feed.
    #[serde(flatten)]
    pub feed: CalendarFeedView,
    /// The address to subscribe to. Shown once: whoever has it reads the calendar.
    #[schema(format = "uri")]
    pub url: String,
}

/// Which feed is read.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadCalendarFeed {
    /// The token of the address.
    pub token: Term,
}

pub(crate) fn event(feed: &CalendarFeed, fact: CredentialEvent) -> Event<CredentialEvent> {
    let person = feed.person;
    Event { program: None, subject: person.to_string(), person: Some(person), fact }
}

fn view(feed: &CalendarFeed) -> CalendarFeedView {
    CalendarFeedView { person_id: feed.person, made_at: feed.made_at }
}

/// The feed of a person; 404 where they have none, or ended it.
fn standing(tx: &mut Tx<'_>, person: PersonId) -> Result<(CalendarFeed, [u8; 32]), Problem> {
    let feed = tx.calendar_feeds().of(person)?;
    let held = feed.and_then(|feed| feed.token_hash.map(|hash| (feed, hash)));
    held.ok_or_else(Problem::not_found)
}

/// Get a calendar feed
///
/// An address for the person's own calendar program, with every day that they should not miss: the candidacy's
/// deadline (FAQ 18), renewal, expiry and grace (FAQ 19), a condition (FAQ 12), a portfolio's one chance (FAQ
/// 10), appeals, the account (FAQ 21). The answer holds the address, which is not stored and not shown again: no
/// Idempotency-Key is taken. The address that they had before is void at once.
#[utoipa::path(tag = "Candidates", extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 201, body = CalendarFeedWithAddressView)))]
#[post("/v1/people/{person_id}/calendar-feed")]
pub(crate) async fn make_calendar_feed(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
) -> Result<Reply, Problem> {
    let token = secrets::make(secrets::CALENDAR_PREFIX, &*app.chance);
    app.clone()
        .write(&call, move |tx, call| {
            call.allow(Action::MakeCalendarFeed, &Facts::of_person(*id))?;
            // The person is the root: of two that are made at once, one is void.
            tx.people().get(*id)?;
            let before = tx.calendar_feeds().of(*id)?;
            let hash = secrets::hash(&token);
            let (feed, fact) = CalendarFeed::make(before.as_ref(), *id, hash, tx.now());
            tx.calendar_feeds().put(&feed)?;
            tx.record(event(&feed, fact))?;
            let url = format!("{}/v1/people/{}/deadlines.ics?token={token}", app.public_url, *id);
            let location = format!("/v1/people/{}/calendar-feed", *id);
            let view = CalendarFeedWithAddressView { feed: view(&feed), url };
            Ok(Reply::created(location, &view).etag(feed.version).no_store())
        })
        .await
}

/// Read whether there is a calendar feed
///
/// Its address is not shown: get a new one if it was lost.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = CalendarFeedView)))]
#[get("/v1/people/{person_id}/calendar-feed")]
pub(crate) async fn get_calendar_feed(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetCalendarFeed, &Facts::of_person(*id))?;
        let (feed, _) = standing(tx, *id)?;
        Ok(seen.answer(Reply::ok(&view(&feed)).etag(feed.version).private()))
    })
    .await
}

/// End a calendar feed
///
/// Its address is void at once. Needs `If-Match`.
#[utoipa::path(tag = "Candidates", responses((status = 204, description = "It is ended.")))]
#[delete("/v1/people/{person_id}/calendar-feed")]
pub(crate) async fn end_calendar_feed(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::EndCalendarFeed, &Facts::of_person(*id))?;
        tx.people().get(*id)?;
        let (feed, _) = standing(tx, *id)?;
        seen.check(feed.version)?;
        let (feed, fact) = feed.end();
        tx.calendar_feeds().put(&feed)?;
        tx.record(event(&feed, fact))?;
        Ok(Reply::no_content())
    })
    .await
}

/// Read a person's calendar of deadlines
///
/// For calendar programs, by the address that `POST /v1/people/{person_id}/calendar-feed` gave: its token opens
/// this and nothing else. Whole days in the program's zone. An event keeps its UID when its day moves, and is
/// cancelled when it counts no more: the candidacy is completed or withdrawn, the chance used, the certification
/// revoked. 404 with a token that was replaced or ended.
#[utoipa::path(tag = "Candidates", params(ReadCalendarFeed),
    responses((status = 200, description = "The calendar.", headers(("ETag" = String)),
        body = String, content_type = "text/calendar")))]
#[get("/v1/people/{person_id}/deadlines.ics")]
pub(crate) async fn get_deadlines_calendar(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<ReadCalendarFeed>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetDeadlinesCalendar, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let (_, hash) = standing(tx, *id)?;
            if !secrets::matches(&query.token, &hash) {
                return Err(Problem::not_found());
            }
            Ok(seen.answer(deadline::of_person(&app, tx, *id)?))
        })
        .await
}

/// Read a candidacy's calendar of deadlines
///
/// To be put into one's calendar: the days of the candidacy, of its portfolios, and of the certification to which
/// it led. The same events as in the person's feed.
#[utoipa::path(tag = "Candidates",
    responses((status = 200, description = "The calendar.", headers(("ETag" = String)),
        body = String, content_type = "text/calendar")))]
#[get("/v1/candidacies/{candidacy_id}/deadlines.ics")]
pub(crate) async fn get_candidacy_deadlines(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            let facts = Facts::of_person(candidacy.person);
            call.allow_in(Action::GetCandidacyDeadlines, &facts, &candidacy.program)?;
            call.discloses([candidacy.person]);
            let file = format!("attachment; filename=\"{}.ics\"", candidacy.id);
            let calendar = deadline::of_candidacy(&app, tx, &candidacy)?;
            Ok(seen.answer(calendar.header("Content-Disposition", file)))
        })
        .await
}
