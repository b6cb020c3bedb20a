//! What the committee does with appeals. Whoever took part in the decision does nothing of it.

use actix_web::post;
use domain::{AppealId, access::Action, calendar};

use super::{AppealView, DecideAppeal, RespondToAppeal, SetAppealMeeting, answer, facts, record};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{appeal, program},
    problem::Problem,
};

/// Answer an appeal
///
/// For the committee, within the policy's days of the documents; a late answer counts and is told as late. By
/// somebody who took no part in the decision: 422 with the finding `appeal.independent` otherwise. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = RespondToAppeal,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AppealView)))]
#[post("/v1/appeals/{appeal_id}/response")]
pub(crate) async fn respond_to_appeal(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    body: Body<RespondToAppeal>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.appeals().get(*id)?;
            call.allow(Action::RespondToAppeal, &facts(&before))?;
            let text = body.get()?.text.to_string();
            let today = program::today(&app, tx, &before.program)?;
            record(tx, call, before.respond(text, call.actor(), today)?, today)
        })
        .await
}

/// Set the meeting of an appeal
///
/// Today or later, within the policy's days of the response; anew as often as needed before the outcome.
/// Where the last day has passed without a meeting, it is still held, and told as late. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = SetAppealMeeting,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AppealView)))]
#[post("/v1/appeals/{appeal_id}/meeting")]
pub(crate) async fn set_appeal_meeting(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    body: Body<SetAppealMeeting>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.appeals().get(*id)?;
            call.allow(Action::SetAppealMeeting, &facts(&before))?;
            let body = body.get()?;
            let meets_on = calendar::check_date("/meets_on", body.meets_on)?;
            let place = body.place.clone().map(String::from);
            let today = program::today(&app, tx, &before.program)?;
            record(tx, call, before.set_meeting((meets_on, place), &call.actor(), today)?, today)
        })
        .await
}

/// Decide an appeal
///
/// On the day of the meeting or later, with a reason. `upheld`: the decision stands. `remanded`: it is set
/// aside in the same transaction, and what it was about is decided anew. A refused application is in review
/// again, and its fee, which the refusal returned, owed anew; a refused completion waits for its verification;
/// a declined course is in review; a draft that was sent back is in review, an agreement that was ended is
/// signed; the ratings of a portfolio's last attempt are set aside for other evaluators. 409 where the
/// decision no longer stands. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Appeals", request_body = DecideAppeal,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AppealView)))]
#[post("/v1/appeals/{appeal_id}/outcome")]
pub(crate) async fn decide_appeal(
    app: App,
    call: Call,
    id: PathOf<AppealId>,
    body: Body<DecideAppeal>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.appeals().get(*id)?;
            call.allow(Action::DecideAppeal, &facts(&before))?;
            let body = body.get()?;
            let verdict = (body.outcome, body.reason.to_string());
            let rules = program::in_force(&app, tx, &before.program)?;
            let decided = appeal::decide(tx, &rules, before, verdict, call.actor())?;
            Ok(answer(call, decided, rules.today))
        })
        .await
}
