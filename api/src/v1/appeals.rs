//! Appeals against decisions: notice of intent, documents, response, meeting, outcome.

mod bodies;
mod office;
mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    AppealId,
    access::{Action, Facts, Reach},
    appeal::{Appeal, AppealEvent},
    program::ProgramCode,
};
use persistence::{AppealFilter, Tx};

pub use bodies::*;
pub use office::*;
pub use views::*;

use super::{events::EventView, fields::OptionalReason};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{appeal, program},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(get_appeal_terms)
        .service(create_appeal)
        .service(list_appeals)
        .service(get_appeal)
        .service(submit_appeal_documents)
        .service(withdraw_appeal)
        .service(respond_to_appeal)
        .service(set_appeal_meeting)
        .service(decide_appeal)
        .service(list_appeal_events);
}

fn facts(appeal: &Appeal) -> Facts {
    appeal.appellant.facts()
}

/// `Ok` for callers who appeal something at all; what of it is theirs is asked once it is known.
fn appeals_something(call: &Call, action: Action) -> Result<(), Problem> {
    let owner = call.signed()?.person();
    call.allow(action, &Facts { owner, organisation: None })
}

fn answer(call: &Call, appeal: Appeal, today: NaiveDate) -> Reply {
    let version = appeal.version;
    Reply::ok(&AppealView::of(appeal, call, today)).etag(version).private()
}

/// Saves an appeal with what happened to it, and answers with it.
fn record(
    tx: &mut Tx<'_>,
    call: &Call,
    changed: (Appeal, AppealEvent),
    today: NaiveDate,
) -> Result<Reply, Problem> {
    Ok(answer(call, appeal::save(tx, changed)?, today))
}

/// Read until when a decision can be appealed
///
/// For whom it concerns, from the day of the decision on: of a refused application, completion or renewal, of a
/// portfolio that was not achieved, of a declined course, of an agreement that was sent back or ended by the
/// office. It tells every last day, whether notice of intent could be given today and if not, why. What was
/// not decided has null for its days.
#[utoipa::path(tag = "Appeals", params(AppealTerms),
    responses((status = 200, body = AppealTermsView)))]
#[get("/v1/appeals/terms")]
pub(crate) async fn get_appeal_terms(
    app: App,
    call: Call,
    query: Query<AppealTerms>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            appeals_something(call, Action::GetAppealTerms)?;
            let missing = || Problem::query("decision", "required", "say what was decided on.");
            let subject = query.decision.ok_or_else(missing)?;
            let contested = appeal::contested(tx, subject, &|program| app.today(program))?;
            call.allow(Action::GetAppealTerms, &contested.appellant.facts())?;
            let known = match &contested.notice.decision {
                Some(decision) => tx.appeals().of_decision(decision.id)?,
                None => None,
            };
            Ok(Reply::ok(&AppealTermsView::of(subject, &contested, known, call)).private())
        })
        .await
}

/// Give notice of intent to appeal
///
/// By the person or organisation whom the decision concerns, within the policy's days of its receipt: 422
/// with the finding `appeal.notice` after that. A decision can be read as soon as it is made, so that is the
/// day of its receipt. A decision has one appeal. The documents follow. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = CreateAppeal,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = AppealView)))]
#[post("/v1/appeals")]
pub(crate) async fn create_appeal(
    app: App,
    call: Call,
    body: Body<CreateAppeal>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            appeals_something(call, Action::CreateAppeal)?;
            let body = body.get()?;
            let contested = appeal::contested(tx, body.decision, &|program| app.today(program))?;
            call.allow(Action::CreateAppeal, &contested.appellant.facts())?;
            let appeal = appeal::notice(tx, &contested, body.grounds.to_string())?;
            let location = format!("/v1/appeals/{}", appeal.id);
            let view = AppealView::of(appeal, call, contested.today);
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// List appeals
///
/// Oldest first. The office sees all of them: with `status=documented` those that wait for its response.
/// Others see their own and those of the organisations that they act for.
#[utoipa::path(tag = "Appeals", params(ListAppeals),
    responses((status = 200, body = Listing<AppealView>)))]
#[get("/v1/appeals")]
pub(crate) async fn list_appeals(
    app: App,
    call: Call,
    query: Query<ListAppeals>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListAppeals)?;
            let page = Page::<AppealId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            if program::asked(tx, &code)?.is_none() {
                return Ok(Listing::empty().reply(call));
            }
            let today = program::today(&app, tx, &code)?;
            let filter = AppealFilter {
                program: Some(code),
                subject: query.decision,
                kind: query.kind,
                person: query.person_id,
                organisation: query.organisation_id,
                status: query.status.map(|status| (status, today)),
                own: match reach {
                    Reach::Everything => None,
                    Reach::Own(own) => Some(own),
                },
            };
            let rows = tx.appeals().list(&filter, page.rows())?;
            let view = |row: Appeal| AppealView::of(row, call, today);
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read an appeal
///
/// With its deadlines, each counted from what happened or, before that, from the last day on which it can.
/// Without documents by their last day it is forfeited, and the finding `appeal.documents` says so.
#[utoipa::path(tag = "Appeals",
    responses((status = 200, body = AppealView, headers(("ETag" = String)))))]
#[get("/v1/appeals/{appeal_id}")]
pub(crate) async fn get_appeal(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let appeal = tx.appeals().get(*id)?;
            call.allow(Action::GetAppeal, &facts(&appeal))?;
            let today = program::today(&app, tx, &appeal.program)?;
            Ok(seen.answer(answer(call, appeal, today)))
        })
        .await
}

/// Hand in what an appeal rests on
///
/// A text and the appellant's own files (purpose `evidence`), until the last day for documents: 422 with the
/// finding `appeal.documents` after that, and without any the appeal is forfeited. More can follow until the
/// committee answered. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = SubmitAppealDocuments,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AppealView)))]
#[post("/v1/appeals/{appeal_id}/documents")]
pub(crate) async fn submit_appeal_documents(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    body: Body<SubmitAppealDocuments>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.appeals().get(*id)?;
            call.allow(Action::SubmitAppealDocuments, &facts(&before))?;
            let body = body.get()?;
            let files = body.attachment_ids.clone();
            appeal::check_files(tx, &before, &files)?;
            let today = program::today(&app, tx, &before.program)?;
            record(tx, call, before.hand_in(body.text.to_string(), files, today)?, today)
        })
        .await
}

/// Withdraw an appeal
///
/// Before it is decided: the decision stands, and cannot be appealed again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AppealView)))]
#[post("/v1/appeals/{appeal_id}/withdraw")]
pub(crate) async fn withdraw_appeal(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.appeals().get(*id)?;
            call.allow(Action::WithdrawAppeal, &facts(&before))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let today = program::today(&app, tx, &before.program)?;
            record(tx, call, before.withdraw(reason, today)?, today)
        })
        .await
}

/// Read an appeal's history
///
/// Everything that happened to it, in order, from the event log.
#[utoipa::path(tag = "Appeals", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/appeals/{appeal_id}/events")]
pub(crate) async fn list_appeal_events(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let appeal = tx.appeals().get(*id)?;
        call.allow(Action::ListAppealEvents, &facts(&appeal))?;
        let events = tx.events().history(&id.to_string())?;
        Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
    })
    .await
}
