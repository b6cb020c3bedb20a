//! Who comes to a support event.

use actix_web::{get, post};
use domain::{
    SupportEventId, SupportRegistrationId,
    access::{Action, Facts},
    support::SupportRegistration,
};
use persistence::SupportRegistrationFilter;

use super::{ListSupportRegistrations, SupportRegistrationView};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{IfNoneMatch, Page, PathOf, Query},
    flows::support,
    problem::Problem,
};

fn answer(registration: SupportRegistration) -> Reply {
    let version = registration.version;
    Reply::ok(&SupportRegistrationView::from(registration)).etag(version).private()
}

/// Register for a support event
///
/// Oneself, before it begins, while a seat is free; there is no waiting list. 409 with the findings
/// otherwise, and for who is registered already.
#[utoipa::path(tag = "Support", responses((status = 201, body = SupportRegistrationView)))]
#[post("/v1/support-events/{support_event_id}/registrations")]
pub(crate) async fn register_for_support_event(
    app: App,
    call: Call,
    id: PathOf<SupportEventId>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        let owner = call.signed()?.person();
        call.allow(Action::RegisterForSupportEvent, &Facts { owner, organisation: None })?;
        let person = owner.ok_or_else(Problem::not_found)?;
        let registration = support::register(tx, *id, person)?;
        let location = format!("/v1/support-registrations/{}", registration.id);
        let view = SupportRegistrationView::from(registration);
        Ok(Reply::created(location, &view).etag(1).private())
    })
    .await
}

/// List registrations for support events
///
/// Oldest first. The office sees everybody's, with `support_event_id` who comes to one; others see their own.
#[utoipa::path(tag = "Support", params(ListSupportRegistrations),
    responses((status = 200, body = Listing<SupportRegistrationView>)))]
#[get("/v1/support-registrations")]
pub(crate) async fn list_support_registrations(
    app: App,
    call: Call,
    query: Query<ListSupportRegistrations>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListSupportRegistrations)?;
        let mut filter = SupportRegistrationFilter {
            program: query.program.clone(),
            event: query.support_event_id,
            person: query.person_id,
            standing: query.withdrawn != Some(true),
        };
        let page = Page::<SupportRegistrationId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.support_registrations().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, SupportRegistrationView::from).reply(call))
    })
    .await
}

/// Read a registration for a support event
#[utoipa::path(tag = "Support", responses((status = 200, body = SupportRegistrationView)))]
#[get("/v1/support-registrations/{support_registration_id}")]
pub(crate) async fn get_support_registration(
    app: App,
    call: Call,
    id: PathOf<SupportRegistrationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let registration = tx.support_registrations().get(*id)?;
        call.allow(Action::GetSupportRegistration, &Facts::of_person(registration.person))?;
        Ok(seen.answer(answer(registration)))
    })
    .await
}

/// Withdraw a registration for a support event
///
/// Before it begins, by the person or the office: the seat is free again.
#[utoipa::path(tag = "Support", responses((status = 200, body = SupportRegistrationView)))]
#[post("/v1/support-registrations/{support_registration_id}/withdraw")]
pub(crate) async fn withdraw_support_registration(
    app: App,
    call: Call,
    id: PathOf<SupportRegistrationId>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let (event, registration) = support::held(tx, *id)?;
        let of_person = Facts::of_person(registration.person);
        call.allow(Action::WithdrawSupportRegistration, &of_person)?;
        let (_, registration) = support::withdraw(tx, (event, registration))?;
        Ok(answer(registration))
    })
    .await
}
