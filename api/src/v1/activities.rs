//! Activities toward renewals: logged any time, corrected until a renewal uses them (FAQ 19).

mod bodies;
mod import;
mod views;

use std::collections::BTreeMap;

use actix_web::{delete, get, patch, post};
use domain::{
    ActivityId, BadFact, CertificationId,
    access::{Action, Facts},
    certificate::Certification,
    program::ProgramCode,
    renewal::LoggedActivity,
};
use persistence::{ActivityFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use bodies::*;
pub use import::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{
        activity,
        program::{self, InForce},
    },
    problem::Problem,
    v1::fields::no_cards,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certification_activities)
        .service(log_activity)
        .service(import_activities)
        .service(list_activities)
        .service(get_activity)
        .service(update_activity)
        .service(remove_activity);
}

fn facts(activity: &LoggedActivity) -> Facts {
    Facts::of_person(activity.person)
}

/// No entity tag to compare reads by: what an activity comes to changes with the day. Its version is that of
/// its facts.
fn answer(
    call: &Call,
    rules: &InForce,
    certification: &Certification,
    activity: LoggedActivity,
) -> Reply {
    let version = activity.version;
    let view = ActivityView::of(activity, certification, rules, call.caller());
    Reply::ok(&view).etag(version).private()
}

/// An activity in the log with its certification.
fn found(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    id: ActivityId,
) -> Result<(LoggedActivity, Certification), Problem> {
    call.signed()?;
    let activity = activity::logged(tx, id)?;
    call.allow(action, &facts(&activity))?;
    let certification = tx.certifications().get(activity.certification)?;
    Ok((activity, certification))
}

fn none(bad: Vec<BadFact>) -> Result<(), Problem> {
    if bad.is_empty() { Ok(()) } else { Err(bad.into()) }
}

fn listed(
    tx: &mut Tx<'_>,
    call: &Call,
    rules: &InForce,
    (filter, page): (&ActivityFilter, &Page<ActivityId>),
) -> Result<Reply, Problem> {
    let rows = tx.activities().list(filter, page.rows())?;
    let ids: Vec<_> = rows.iter().map(|row| row.certification).collect();
    let certifications: BTreeMap<CertificationId, Certification> =
        tx.certifications().by_ids(&ids)?.into_iter().map(|one| (one.id, one)).collect();
    let view = |row: LoggedActivity| {
        let certification = certifications.get(&row.certification)?;
        Some(ActivityView::of(row, certification, rules, call.caller()))
    };
    let Listing { items, next_cursor } = page.listing(rows, |row| row.id, view);
    let items: Vec<_> = items.into_iter().flatten().collect();
    Ok(Listing { items, next_cursor }.reply(call))
}

/// List the activities of a certification
///
/// The first one logged first, each with what it comes to in the present term as of today. With `state=free`
/// those that a renewal can still choose.
#[utoipa::path(tag = "Renewals", params(ListCertificationActivities),
    responses((status = 200, body = Listing<ActivityView>)))]
#[get("/v1/certifications/{certification_id}/activities")]
pub(crate) async fn list_certification_activities(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    query: Query<ListCertificationActivities>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            let owned = Facts::of_person(certification.person);
            call.allow(Action::ListCertificationActivities, &owned)?;
            let page = Page::<ActivityId>::of(query.limit, query.cursor.as_ref())?;
            let rules = program::in_force(&app, tx, &certification.program)?;
            let filter = ActivityFilter {
                certification: Some(certification.id),
                state: query.state,
                ..ActivityFilter::default()
            };
            listed(tx, call, &rules, (&filter, &page))
        })
        .await
}

/// Log an activity
///
/// Any time, as raw facts; its hours follow and are explained in `hours`: a semester credit is 15 hours, a
/// quarter credit 10, a day at a conference 6, workshops and documented learning of one's own count by the
/// minute (FAQ 19). Whether it counts is told, and never stands in the way: it can be corrected until a renewal
/// uses it. Documentation is one's own file (purpose `activity`) or an address. 409 where 500 activities wait
/// to be used.
#[utoipa::path(tag = "Renewals", request_body = LogActivity,
    responses((status = 201, body = ActivityView)))]
#[post("/v1/certifications/{certification_id}/activities")]
pub(crate) async fn log_activity(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<LogActivity>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            call.allow(Action::LogActivity, &Facts::of_person(certification.person))?;
            let told = body.get()?.facts()?;
            let rules = program::in_force(&app, tx, &certification.program)?;
            let framework = activity::framework_of(tx, &certification)?;
            let on = (&framework, rules.today);
            let mut bad = activity::faults(tx, &told, certification.person, on)?;
            bad.extend(no_cards([("/title", &*told.title)]).err().unwrap_or_default());
            none(bad)?;
            let logged = activity::log(tx, &rules, &certification, told)?;
            let location = format!("/v1/activities/{}", logged.id);
            let view = ActivityView::of(logged, &certification, &rules, call.caller());
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// List activities
///
/// Staff see everybody's, the first one logged first; holders their own. Those that were removed are not
/// there.
#[utoipa::path(tag = "Renewals", params(ListActivities),
    responses((status = 200, body = Listing<ActivityView>)))]
#[get("/v1/activities")]
pub(crate) async fn list_activities(
    app: App,
    call: Call,
    query: Query<ListActivities>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListActivities)?;
            let page = Page::<ActivityId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let mut filter = ActivityFilter {
                person: query.person_id,
                certification: query.certification_id,
                renewal: query.renewal_id,
                state: query.state,
                program: Some(code.clone()),
            };
            let there = program::asked(tx, &code)?.is_some();
            if !there || !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rules = program::in_force(&app, tx, &code)?;
            listed(tx, call, &rules, (&filter, &page))
        })
        .await
}

/// Read an activity
///
/// With its hours: what its facts are worth, and what of that counts in the present term as of today, or
/// counted in the renewal that used it.
#[utoipa::path(tag = "Renewals",
    responses((status = 200, body = ActivityView, headers(("ETag" = String)))))]
#[get("/v1/activities/{activity_id}")]
pub(crate) async fn get_activity(
    app: App,
    call: Call,
    id: PathOf<ActivityId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let (activity, certification) = found(tx, call, Action::GetActivity, *id)?;
            let rules = program::in_force(&app, tx, &activity.program)?;
            Ok(seen.answer(answer(call, &rules, &certification, activity)))
        })
        .await
}

/// Correct an activity
///
/// What is left out stays. 409 with the finding `activity.free` once a renewal uses it. Needs `If-Match`.
#[utoipa::path(tag = "Renewals", request_body = UpdateActivity,
    responses((status = 200, body = ActivityView)))]
#[patch("/v1/activities/{activity_id}")]
pub(crate) async fn update_activity(
    app: App,
    call: Call,
    id: PathOf<ActivityId>,
    body: Body<UpdateActivity>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let (before, certification) = found(tx, call, Action::UpdateActivity, *id)?;
            let after = body.get()?.facts(&before.facts)?;
            let rules = program::in_force(&app, tx, &before.program)?;
            let framework = activity::framework_of(tx, &certification)?;
            let on = (&framework, rules.today);
            let mut bad = activity::faults(tx, &after, certification.person, on)?;
            bad.extend(no_cards([("/title", &*after.title)]).err().unwrap_or_default());
            none(bad)?;
            let version = before.version;
            let changed = before.change(after)?;
            seen.check(version)?;
            let activity = activity::save(tx, changed)?;
            Ok(answer(call, &rules, &certification, activity))
        })
        .await
}

/// Remove an activity
///
/// Out of the log; its history stays. 409 with the finding `activity.free` once a renewal uses it. Needs
/// `If-Match`.
#[utoipa::path(tag = "Renewals",
    responses((status = 204, description = "It is out of the log.")))]
#[delete("/v1/activities/{activity_id}")]
pub(crate) async fn remove_activity(
    app: App,
    call: Call,
    id: PathOf<ActivityId>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let (before, _) = found(tx, call, Action::RemoveActivity, *id)?;
            let today = program::today(&app, tx, &before.program)?;
            let version = before.version;
            let removed = before.remove(today)?;
            seen.check(version)?;
            activity::save(tx, removed)?;
            Ok(Reply::no_content())
        })
        .await
}
