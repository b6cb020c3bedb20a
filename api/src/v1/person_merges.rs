//! Merges: one person who has two records keeps one of them, and everything follows.

mod views;

use actix_web::{get, post};
use domain::{
    MergeId,
    access::{Action, Facts},
    merge::PersonMerge,
};
use persistence::{MergeFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::merge,
    problem::Problem,
    v1::fields::Reason,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(merge_people)
        .service(list_person_merges)
        .service(get_person_merge)
        .service(reverse_person_merge);
}

fn view(tx: &mut Tx<'_>, call: &Call, merge: PersonMerge) -> Result<PersonMergeView, Problem> {
    let later = tx.merges().later(&merge)?;
    Ok(PersonMergeView::of(merge, &later, call.caller()))
}

fn answer(tx: &mut Tx<'_>, call: &Call, merge: PersonMerge) -> Result<Reply, Problem> {
    let version = merge.version;
    Ok(Reply::ok(&view(tx, call, merge)?).etag(version).private())
}

/// Merge two people who are one
///
/// Everything of `from_person_id` becomes `into_person_id`'s, in one transaction: addresses, roles,
/// applications and progress, certifications, invoices with what was paid of them and credit, portfolios,
/// files, appeals, requests. The old record is gone: its sessions end, its password with them, and every
/// operation that names it in its path answers 308 with the same address for the survivor. Its addresses
/// sign in to the survivor, with the survivor's password. The log and the ledger are not rewritten: they
/// are read as the survivor's.
///
/// 409 with findings where something stands in the way (both have an open application, a running candidacy
/// or a certification that is not over in one program; verified membership numbers that disagree; one of
/// them judges or acted on what is the other's; a role of the office): settle that first. With
/// `dry_run=true` the answer is 200: what would be moved and every finding, and nothing is stored. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", params(MergeQuery), request_body = MergePeople,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = PersonMergeView),
        (status = 200, body = MergePreviewView,
            description = "With `dry_run=true`: what it would come to. Nothing is stored.")))]
#[post("/v1/person-merges")]
pub(crate) async fn merge_people(
    app: App,
    call: Call,
    query: Query<MergeQuery>,
    body: Body<MergePeople>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::MergePeople, &Facts::default())?;
            let body = body.get()?;
            let (from, into) = (body.from_person_id, body.into_person_id);
            // Nobody decides on what is their own.
            for person in [from, into] {
                call.allow(Action::MergePeople, &Facts::of_person(person))?;
            }
            if query.dry_run == Some(true) {
                let preview = merge::preview(&app, tx, from, into)?;
                return Ok(Reply::ok(&MergePreviewView::from(preview)).private());
            }
            let merged = merge::merge(&app, tx, (from, into), body.reason.to_string())?;
            let location = format!("/v1/person-merges/{}", merged.id);
            let version = merged.version;
            Ok(Reply::created(location, &view(tx, call, merged)?).etag(version).private())
        })
        .await
}

/// List the merges
///
/// Oldest first, those that were taken back too. `person_id` finds them by either of the two.
#[utoipa::path(tag = "Office", params(ListPersonMerges),
    responses((status = 200, body = Listing<PersonMergeView>)))]
#[get("/v1/person-merges")]
pub(crate) async fn list_person_merges(
    app: App,
    call: Call,
    query: Query<ListPersonMerges>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListPersonMerges, &Facts::default())?;
        let filter = MergeFilter { person: query.person_id, state: query.state };
        let page = Page::<MergeId>::of(query.limit, query.cursor.as_ref())?;
        let mut views = Vec::new();
        for merge in tx.merges().list(&filter, page.rows())? {
            views.push(view(tx, call, merge)?);
        }
        Ok(page.listing(views, |one| one.id, |one| one).reply(call))
    })
    .await
}

/// Read a merge
///
/// Its action `reverse_person_merge` tells what later depends on it.
#[utoipa::path(tag = "Office", responses((status = 200, body = PersonMergeView)))]
#[get("/v1/person-merges/{merge_id}")]
pub(crate) async fn get_person_merge(
    app: App,
    call: Call,
    id: PathOf<MergeId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetPersonMerge, &Facts::default())?;
        let merge = tx.merges().get(*id)?;
        Ok(seen.answer(answer(tx, call, merge)?))
    })
    .await
}

/// Take a merge back
///
/// As long as nothing later depends on it: every row that was moved is again whose it was, and the old id
/// is a person again, with the password of before and without sessions. 409 with findings that name what
/// came later: changes of moved records, acts on them, newer records that hang on them, money that was
/// paid with what came along, another merge of the survivor. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PersonMergeView)))]
#[post("/v1/person-merges/{merge_id}/reverse")]
pub(crate) async fn reverse_person_merge(
    app: App,
    call: Call,
    id: PathOf<MergeId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::ReversePersonMerge, &Facts::default())?;
        let found = tx.merges().get(*id)?;
        call.allow(Action::ReversePersonMerge, &Facts::of_person(found.into))?;
        let reason = body.get()?.reason.to_string();
        let merge = merge::reverse(tx, found, reason)?;
        answer(tx, call, merge)
    })
    .await
}
