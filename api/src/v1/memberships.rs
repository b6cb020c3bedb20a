//! ALA memberships: claimed by the person, verified by staff (FAQ 21, 23).

mod import;
mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    BadFact, MembershipId, PersonId,
    access::{Action, Facts},
    person::Membership,
};
use persistence::MembershipFilter;
use utoipa_actix_web::service_config::ServiceConfig;

pub use import::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{membership, program},
    problem::Problem,
    v1::fields::{no_card_numbers, no_cards},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(claim_membership)
        .service(import_memberships)
        .service(list_memberships)
        .service(get_membership)
        .service(verify_membership);
}

fn facts(membership: &Membership) -> Facts {
    Facts::of_person(membership.person)
}

/// Claim an ALA membership
///
/// The member price holds once staff verified it (FAQ 21). No membership is needed to take part (FAQ 23).
#[utoipa::path(tag = "Candidates", request_body = ClaimMembership,
    responses((status = 201, body = MembershipView)))]
#[post("/v1/people/{person_id}/memberships")]
pub(crate) async fn claim_membership(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<ClaimMembership>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::ClaimMembership, &Facts::of_person(*id))?;
        tx.people().get(*id)?;
        let body = body.get()?;
        no_card_numbers([("/number", &*body.number)])?;
        let program = program::named(tx, &body.program)?;
        let membership = membership::claim(tx, *id, program.code, body.number.to_string())?;
        let location = format!("/v1/memberships/{}", membership.id);
        Ok(Reply::created(location, &MembershipView::of(membership, call.caller())).etag(1))
    })
    .await
}

/// List ALA memberships
///
/// Staff see everybody's, the oldest claim first: with `state=claimed` it is the office's queue. Others
/// see their own.
#[utoipa::path(tag = "Candidates", params(ListMemberships),
    responses((status = 200, body = Listing<MembershipView>)))]
#[get("/v1/memberships")]
pub(crate) async fn list_memberships(
    app: App,
    call: Call,
    query: Query<ListMemberships>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListMemberships)?;
        let mut filter =
            MembershipFilter { program: None, person: query.person_id, state: query.state };
        let page = Page::<MembershipId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.memberships().list(&filter, page.rows())?;
        let view = |row| MembershipView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an ALA membership
#[utoipa::path(tag = "Candidates", responses((status = 200, body = MembershipView)))]
#[get("/v1/memberships/{membership_id}")]
pub(crate) async fn get_membership(
    app: App,
    call: Call,
    id: PathOf<MembershipId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let membership = tx.memberships().get(*id)?;
        call.allow(Action::GetMembership, &facts(&membership))?;
        let version = membership.version;
        let view = MembershipView::of(membership, call.caller());
        Ok(seen.answer(Reply::ok(&view).etag(version).private()))
    })
    .await
}

/// Verify an ALA membership
///
/// Staff say from when until when it is valid, or why it is not. Decided once. Verified within the days of
/// the policy, the difference to the member price is credited for invoices that were issued before, once
/// each (FAQ 21); it pays what is owed of them first.
#[utoipa::path(tag = "Office", request_body = VerifyMembership,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = DecidedMembershipView)))]
#[post("/v1/memberships/{membership_id}/verification")]
pub(crate) async fn verify_membership(
    app: App,
    call: Call,
    id: PathOf<MembershipId>,
    body: Body<VerifyMembership>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let claim = tx.memberships().get(*id)?;
            call.allow(Action::VerifyMembership, &facts(&claim))?;
            let (decided, credited_cents) = match found(body.get()?)? {
                Found::Valid(from, until) => {
                    let rules = program::in_force(&app, tx, &claim.program)?;
                    membership::verify(tx, &rules, claim, (from, until))?
                }
                Found::Invalid(reason) => {
                    no_cards([("/reason", reason.as_str())])?;
                    (membership::save(tx, claim.reject(reason, tx.now())?)?, 0)
                }
            };
            let version = decided.version;
            let membership = MembershipView::of(decided, call.caller());
            let view = DecidedMembershipView { membership, credited_cents };
            Ok(Reply::ok(&view).etag(version).private())
        })
        .await
}

enum Found {
    Valid(NaiveDate, NaiveDate),
    Invalid(String),
}

fn found(body: &VerifyMembership) -> Result<Found, Vec<BadFact>> {
    let missing = |pointer: &str, is: bool| {
        is.then(|| BadFact::at(pointer, "required", "This is needed here."))
    };
    let superfluous = |pointer: &str, is: bool| {
        is.then(|| BadFact::at(pointer, "exclusive", "This has no place here."))
    };
    let mut bad = Vec::new();
    let found = if body.valid {
        bad.extend(missing("/valid_from", body.valid_from.is_none()));
        bad.extend(missing("/valid_until", body.valid_until.is_none()));
        bad.extend(superfluous("/reason", body.reason.is_some()));
        if body.valid_from.zip(body.valid_until).is_some_and(|(from, until)| from > until) {
            bad.push(BadFact::at("/valid_until", "order", "The last day lies before the first."));
        }
        body.valid_from.zip(body.valid_until).map(|(from, until)| Found::Valid(from, until))
    } else {
        bad.extend(missing("/reason", body.reason.is_none()));
        bad.extend(superfluous("/valid_from", body.valid_from.is_some()));
        bad.extend(superfluous("/valid_until", body.valid_until.is_some()));
        body.reason.clone().map(|reason| Found::Invalid(reason.into()))
    };
    for (pointer, date) in [("/valid_from", body.valid_from), ("/valid_until", body.valid_until)] {
        bad.extend(date.and_then(|date| domain::calendar::check_date(pointer, date).err()));
    }
    found.filter(|_| bad.is_empty()).ok_or(bad)
}
