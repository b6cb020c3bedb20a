//! Name changes: asked for with proof, decided by the office.

mod views;

use actix_web::{get, post};
use domain::{
    NameChangeId, PersonId,
    access::{Action, Facts},
    attachment::{AttachmentOwner, AttachmentPurpose},
    name_change::NameChange,
    person::Names,
    program::{Program, ProgramCode},
};
use persistence::{Constraint, Error, NameChangeFilter, Optional, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{naming, program},
    problem::Problem,
    v1::{fields::Reason, people},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(request_name_change)
        .service(list_name_changes)
        .service(get_name_change)
        .service(approve_name_change)
        .service(decline_name_change);
}

fn answer(call: &Call, change: NameChange) -> Reply {
    let version = change.version;
    Reply::ok(&NameChangeView::of(change, call.caller())).etag(version).private()
}

/// Ask for a name change
///
/// With a file that proves it (`POST /v1/attachments?purpose=name_proof`), the person's own. The office decides;
/// then the person has the names, and every certificate of theirs that still stands is reissued under its
/// number as the next edition. One request at a time; 422 where the names are those of now.
#[utoipa::path(tag = "Candidates", request_body = RequestNameChange,
    extensions(("x-idempotency-key" = json!("optional"))),
    responses((status = 201, body = NameChangeView)))]
#[post("/v1/people/{person_id}/name-changes")]
pub(crate) async fn request_name_change(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<RequestNameChange>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RequestNameChange, &Facts::of_person(*id))?;
            let body = body.get()?;
            let person = people::present(tx, *id)?;
            proof(tx, body, *id)?;
            let names = Names {
                given_name: body.given_name.to_string(),
                family_name: body.family_name.to_string(),
            };
            let today = program::today(&app, tx, &ProgramCode::lssc())?;
            let new = tx.new_id();
            let (change, fact) = NameChange::request(new, &person, names, body.proof_id, today)?;
            tx.name_changes().insert(&change).map_err(|error| match error {
                Error::Conflict(Constraint::NameChangesOneOpen) => {
                    Problem::conflict("A name change of this person waits for a decision already.")
                }
                other => other.into(),
            })?;
            tx.record(people::event(person.id, fact))?;
            let location = format!("/v1/name-changes/{}", change.id);
            let view = NameChangeView::of(change, call.caller());
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// 422 unless the proof is the person's own, and one.
fn proof(tx: &mut Tx<'_>, body: &RequestNameChange, person: PersonId) -> Result<(), Problem> {
    let unknown = || Problem::input("/proof_id", "unknown", "There is no such attachment.");
    let file = tx.attachments().get(body.proof_id).found()?.ok_or_else(unknown)?;
    let owner = AttachmentOwner::Person(person);
    match file.check_use("/proof_id", owner, AttachmentPurpose::NameProof) {
        Some(bad) => Err(bad.into()),
        None => Ok(()),
    }
}

/// List name changes
///
/// Staff see everybody's, oldest first: with `state=requested` it is the office's queue. Others see their own.
#[utoipa::path(tag = "Candidates", params(ListNameChanges),
    responses((status = 200, body = Listing<NameChangeView>)))]
#[get("/v1/name-changes")]
pub(crate) async fn list_name_changes(
    app: App,
    call: Call,
    query: Query<ListNameChanges>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListNameChanges)?;
        let mut filter = NameChangeFilter { person: query.person_id, state: query.state };
        let page = Page::<NameChangeId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.name_changes().list(&filter, page.rows())?;
        let view = |row| NameChangeView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a name change
#[utoipa::path(tag = "Candidates", responses((status = 200, body = NameChangeView)))]
#[get("/v1/name-changes/{name_change_id}")]
pub(crate) async fn get_name_change(
    app: App,
    call: Call,
    id: PathOf<NameChangeId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let change = tx.name_changes().get(*id)?;
        call.allow(Action::GetNameChange, &Facts::of_person(change.person))?;
        Ok(seen.answer(answer(call, change)))
    })
    .await
}

/// Approve a name change
///
/// The person has the names from now on. Every certificate of theirs that has neither lapsed nor been revoked
/// is reissued under its number as the next edition; an earlier print verifies as superseded. 409 where it was
/// decided. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office",
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = NameChangeView)))]
#[post("/v1/name-changes/{name_change_id}/approve")]
pub(crate) async fn approve_name_change(
    app: App,
    call: Call,
    id: PathOf<NameChangeId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let change = tx.name_changes().get(*id)?;
            call.allow(Action::ApproveNameChange, &Facts::of_person(change.person))?;
            let decided_on = program::today(&app, tx, &ProgramCode::lssc())?;
            let today = |program: &Program| app.today(program);
            let change = naming::approve(tx, app.chance.as_ref(), today, change, decided_on)?;
            Ok(answer(call, change))
        })
        .await
}

/// Decline a name change
///
/// With a reason for the person, who keeps the names and may ask again. 409 where it was decided. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = NameChangeView)))]
#[post("/v1/name-changes/{name_change_id}/decline")]
pub(crate) async fn decline_name_change(
    app: App,
    call: Call,
    id: PathOf<NameChangeId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let change = tx.name_changes().get(*id)?;
            call.allow(Action::DeclineNameChange, &Facts::of_person(change.person))?;
            let reason = body.get()?.reason.to_string();
            let today = program::today(&app, tx, &ProgramCode::lssc())?;
            let (mut change, fact) = change.decline(reason, today)?;
            tx.name_changes().save(&mut change)?;
            tx.record(people::event(change.person, fact))?;
            Ok(answer(call, change))
        })
        .await
}
