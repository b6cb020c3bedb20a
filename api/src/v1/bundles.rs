//! Bundles: courses that cover one competency set together, in any order (FAQ 10).

mod views;

use actix_web::{get, post};
use domain::{
    BundleId, OrganisationId,
    access::{Action, Facts, Reach, Role},
    course::{Ending, EndingKind, bundle::Bundle},
    decision,
};
use persistence::{BundleFilter, Tx};

pub use views::*;

use super::{
    colleges::kept,
    course_proposals::{provider_facts, provider_named},
};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{bundle, program},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_bundles)
        .service(get_bundle)
        .service(create_bundle)
        .service(approve_bundle)
        .service(renew_bundle)
        .service(end_bundle);
}

fn facts(bundle: &Bundle) -> Facts {
    Facts::of_organisation(bundle.provider)
}

/// Of which providers the caller sees what was never approved; none where of all.
fn drafts_of(call: &Call) -> Option<Vec<OrganisationId>> {
    match call.reach(Action::ListCourseProposals) {
        Ok(Reach::Everything) => None,
        Ok(Reach::Own(own)) => Some(own.organisations),
        Err(_) => Some(Vec::new()),
    }
}

/// Whether the caller may know of it: of drafts, and what became of them, their provider and the office.
fn shown(call: &Call, bundle: &Bundle) -> bool {
    let own = || drafts_of(call).is_none_or(|own| own.contains(&bundle.provider));
    bundle.approved_on.is_some() || own()
}

fn answer(call: &Call, bundle: Bundle) -> Reply {
    let version = bundle.version;
    Reply::ok(&BundleView::of(bundle, call.caller())).etag(version)
}

/// List bundles
///
/// Oldest first, ended ones too: with `approved_on` those whose approval is in force that day. Drafts are
/// shown to their provider and the office.
#[utoipa::path(tag = "Public", params(ListBundles),
    responses((status = 200, body = Listing<BundleView>)))]
#[get("/v1/bundles")]
pub(crate) async fn list_bundles(
    app: App,
    call: Call,
    query: Query<ListBundles>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListBundles, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let filter = BundleFilter {
            program: query.program.clone(),
            set: query.set.clone(),
            providers: query.provider_id.map(|one| vec![one]),
            state: query.state,
            approved_on: query.approved_on.map(|day| day.0),
            drafts_of: drafts_of(call),
        };
        let page = Page::<BundleId>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.bundles().list(&filter, page.rows())?;
        let view = |row| BundleView::of(row, call.caller());
        Ok(kept(page.listing(rows, |row| row.id, view).reply(call), call))
    })
    .await
}

/// Read a bundle
#[utoipa::path(tag = "Public",
    responses((status = 200, body = BundleView, headers(("ETag" = String)))))]
#[get("/v1/bundles/{bundle_id}")]
pub(crate) async fn get_bundle(
    app: App,
    call: Call,
    id: PathOf<BundleId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetBundle, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let bundle = tx.bundles().get(*id)?;
        if !shown(call, &bundle) {
            return Err(Problem::not_found());
        }
        Ok(seen.answer(kept(answer(call, bundle), call)))
    })
    .await
}

/// Draft a bundle
///
/// For a competency set that one course alone does not cover. Its courses are proposed one by one, each as a
/// part of it, and then it is approved.
#[utoipa::path(tag = "Courses", request_body = CreateBundle,
    responses((status = 201, body = BundleView)))]
#[post("/v1/bundles")]
pub(crate) async fn create_bundle(
    app: App,
    call: Call,
    body: Body<CreateBundle>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let given = body.get();
            let facts = provider_facts(call, given.as_ref().ok().map(|body| body.provider_id));
            call.allow(Action::CreateBundle, &facts)?;
            let body = given?;
            let provider = provider_named(tx, body.provider_id)?;
            let rules = program::in_force(&app, tx, &provider.program)?;
            if rules.framework.set(&body.set).is_none() {
                let detail = format!("There is no competency set {}.", body.set);
                return Err(Problem::input("/set", "unknown", detail));
            }
            decision::by_state(vec![provider.standing.active_finding(rules.today)])?;
            let (id, title) = (tx.new_id(), body.title.to_string());
            let draft = Bundle::draft(id, provider.program, provider.id, body.set.clone(), title);
            let draft = bundle::begin(tx, draft)?;
            let view = BundleView::of(draft, call.caller());
            Ok(Reply::created(format!("/v1/bundles/{id}"), &view).etag(1))
        })
        .await
}

/// Loads a bundle for an act of the office or the provider.
fn held(tx: &mut Tx<'_>, call: &Call, action: Action, id: BundleId) -> Result<Bundle, Problem> {
    call.signed()?;
    let bundle = tx.bundles().get(id)?;
    call.allow(action, &facts(&bundle))?;
    Ok(bundle)
}

/// Approve a bundle
///
/// Of the courses that are approved as its parts today: at least two, which together map every competency of
/// the set, one finding each. Staff may attest the cover with a reason instead. It is approved for four years,
/// and who completed all of its courses before achieves the set. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = ApproveBundle,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = BundleView)))]
#[post("/v1/bundles/{bundle_id}/approve")]
pub(crate) async fn approve_bundle(
    app: App,
    call: Call,
    id: PathOf<BundleId>,
    body: Body<ApproveBundle>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let bundle = held(tx, call, Action::ApproveBundle, *id)?;
            let override_reason = body.get()?.override_reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &bundle.program)?;
            let approved =
                bundle::approve(tx, app.chance.as_ref(), &rules, bundle, override_reason)?;
            Ok(answer(call, approved).private())
        })
        .await
}

/// Renew a bundle
///
/// For four years more from the old last day, in the twelve months before it, while the approval holds and
/// after all of its courses were renewed. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = BundleView)))]
#[post("/v1/bundles/{bundle_id}/renew")]
pub(crate) async fn renew_bundle(
    app: App,
    call: Call,
    id: PathOf<BundleId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let bundle = held(tx, call, Action::RenewBundle, *id)?;
            let rules = program::in_force(&app, tx, &bundle.program)?;
            let renewed = bundle::renew(tx, app.chance.as_ref(), &rules, bundle)?;
            Ok(answer(call, renewed).private())
        })
        .await
}

/// End a bundle
///
/// Its last day is today or later; what counted until then keeps counting. A draft is given up: 409 while
/// courses are approved as its parts. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = EndBundle,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = BundleView)))]
#[post("/v1/bundles/{bundle_id}/end")]
pub(crate) async fn end_bundle(
    app: App,
    call: Call,
    id: PathOf<BundleId>,
    body: Body<EndBundle>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let bundle = held(tx, call, Action::EndBundle, *id)?;
            let body = body.get()?;
            let today = program::today(&app, tx, &bundle.program)?;
            let own = call.caller().organisations(&[Role::Provider]).contains(&bundle.provider);
            let kind = if own { EndingKind::Withdrawn } else { EndingKind::Ended };
            let on = body.on.unwrap_or(today);
            let ending = Ending { on, kind, reason: body.reason.to_string() };
            Ok(answer(call, bundle::end(tx, bundle, ending, today)?).private())
        })
        .await
}
