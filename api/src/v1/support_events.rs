//! Webinars, preconferences and presentations on preparing a portfolio (FAQ 15).

mod registrations;
mod views;

use actix_web::{get, patch, post};
use domain::{
    SupportEventId,
    access::{Action, Facts},
    support::SupportEvent,
};
use utoipa_actix_web::service_config::ServiceConfig;

pub use registrations::*;
pub use views::*;

use super::fields::Reason;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{program, support},
    ics::{self, Entry, Span},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_support_events)
        .service(get_support_event)
        .service(get_support_event_calendar)
        .service(create_support_event)
        .service(update_support_event)
        .service(cancel_support_event)
        .service(register_for_support_event)
        .service(list_support_registrations)
        .service(get_support_registration)
        .service(withdraw_support_registration);
}

fn answer(app: &App, call: &Call, event: SupportEvent) -> Reply {
    let version = event.version;
    let view = SupportEventView::of_caller(event, call.caller(), app.now());
    let reply = Reply::ok(&view).etag(version);
    if call.signed().is_ok() { reply.private() } else { reply.public(60) }
}

/// List support events
///
/// The first announced first. Its entity tag is made of its bytes: send it as `If-None-Match`, and what has
/// not changed is 304.
#[utoipa::path(tag = "Support", params(ListSupportEvents),
    responses((status = 200, body = Listing<SupportEventView>, headers(("ETag" = String)))))]
#[get("/v1/support-events")]
pub(crate) async fn list_support_events(
    app: App,
    call: Call,
    query: Query<ListSupportEvents>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::ListSupportEvents, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let page = Page::<SupportEventId>::of(query.limit, query.cursor.as_ref())?;
            let rows = tx.support_events().list(&query.filter(app.now()), page.rows())?;
            let reply = page.listing(rows, |row| row.id, SupportEventView::from).reply(call);
            Ok(seen.answer(reply.public(60).etag_of_body()))
        })
        .await
}

/// Read a support event
#[utoipa::path(tag = "Support",
    responses((status = 200, body = SupportEventView, headers(("ETag" = String)))))]
#[get("/v1/support-events/{support_event_id}")]
pub(crate) async fn get_support_event(
    app: App,
    call: Call,
    id: PathOf<SupportEventId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetSupportEvent, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let event = tx.support_events().get(*id)?;
            Ok(seen.answer(answer(&app, call, event)))
        })
        .await
}

/// Read the calendar file of a support event
///
/// To be put into one's calendar (RFC 5545). Its UID stays when it changes; one that was cancelled says so.
#[utoipa::path(tag = "Support",
    responses((status = 200, description = "The calendar.", headers(("ETag" = String)),
        body = String, content_type = "text/calendar")))]
#[get("/v1/support-events/{support_event_id}/calendar")]
pub(crate) async fn get_support_event_calendar(
    app: App,
    call: Call,
    id: PathOf<SupportEventId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetSupportEventCalendar, &Facts::default())?;
    app.read(&call, move |tx, _call| {
        let event = tx.support_events().get(*id)?;
        let calendar = ics::calendar(("Support events", "LSSC support events"), [entry(&event)]);
        let file = format!("attachment; filename=\"{}.ics\"", event.id);
        Ok(seen.answer(calendar.header("Content-Disposition", file)))
    })
    .await
}

fn entry(event: &SupportEvent) -> Entry<'_> {
    let details = &event.details;
    let lines = [
        details.description.clone(),
        details.link.as_ref().map(|link| format!("On line: {link}")),
        event.cancel_reason.as_ref().map(|reason| format!("Cancelled: {reason}")),
    ];
    Entry {
        uid: format!("{}@support.lssc", event.id),
        recorded_at: ics::recorded(event.id),
        changed_at: None,
        version: event.version,
        summary: &details.title,
        description: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        span: Span::Instants(details.starts_at, details.ends_at),
        place: details.place.as_deref(),
        url: details.link.as_deref(),
        status: ics::status(event.cancelled_on.is_some()),
    }
}

/// Announce a support event
///
/// A webinar has a link, a preconference or presentation a place.
#[utoipa::path(tag = "Support", request_body = CreateSupportEvent,
    responses((status = 201, body = SupportEventView)))]
#[post("/v1/support-events")]
pub(crate) async fn create_support_event(
    app: App,
    call: Call,
    body: Body<CreateSupportEvent>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateSupportEvent, &Facts::default())?;
            let body = body.get()?;
            program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &body.program)?;
            let event = support::announce(tx, &rules, body.details())?;
            let location = format!("/v1/support-events/{}", event.id);
            let view = SupportEventView::of_caller(event, call.caller(), app.now());
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// Change a support event
///
/// What is left out stays, and who is registered keeps their seat: 422 for fewer seats than that. Needs
/// `If-Match`.
#[utoipa::path(tag = "Support", request_body = UpdateSupportEvent,
    responses((status = 200, body = SupportEventView)))]
#[patch("/v1/support-events/{support_event_id}")]
pub(crate) async fn update_support_event(
    app: App,
    call: Call,
    id: PathOf<SupportEventId>,
    body: Body<UpdateSupportEvent>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.support_events().get(*id)?;
            call.allow(Action::UpdateSupportEvent, &Facts::default())?;
            let rules = program::in_force(&app, tx, &found.program)?;
            let after = body.get()?.details(&found.details);
            support::checked(&rules, &after)?;
            seen.check(found.version)?;
            let event = support::update(tx, &rules, found, after)?;
            Ok(answer(&app, call, event))
        })
        .await
}

/// Cancel a support event
///
/// With a reason, which goes by mail to everybody who is registered. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Support", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = SupportEventView)))]
#[post("/v1/support-events/{support_event_id}/cancel")]
pub(crate) async fn cancel_support_event(
    app: App,
    call: Call,
    id: PathOf<SupportEventId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.support_events().get(*id)?;
            call.allow(Action::CancelSupportEvent, &Facts::default())?;
            let body = body.get()?;
            let today = program::today(&app, tx, &found.program)?;
            let event = support::cancel(tx, found, &body.reason, today)?;
            Ok(answer(&app, call, event))
        })
        .await
}
