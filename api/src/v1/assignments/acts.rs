//! What evaluators and the office do with an assignment.

use actix_web::{post, put};
use domain::{
    AssignmentId,
    access::Action,
    portfolio::{Assignment, CompetencyRating, Portfolio},
};
use persistence::Tx;

use super::{AssignmentView, SaveRatings, allow, answer};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, IfMatch, PathOf},
    flows::{evaluation, program},
    problem::Problem,
    v1::fields::Reason,
};

/// An assignment with its portfolio, held in the order of every act; who may not do `action` is told here.
fn held(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    id: AssignmentId,
) -> Result<(Portfolio, Assignment), Problem> {
    call.signed()?;
    let (portfolio, assignment) = evaluation::held(tx, id)?;
    allow(tx, call, action, (&portfolio, &assignment))?;
    Ok((portfolio, assignment))
}

/// Save ratings
///
/// A draft, in place of the one before: competencies can be left for later. Needs `If-Match`.
#[utoipa::path(tag = "Portfolios", request_body = SaveRatings,
    responses((status = 200, body = AssignmentView)))]
#[put("/v1/assignments/{assignment_id}/ratings")]
pub(crate) async fn save_ratings(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
    body: Body<SaveRatings>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let (_, assignment) = held(tx, call, Action::SaveRatings, *id)?;
            let ratings: Vec<CompetencyRating> =
                body.get()?.ratings.iter().map(CompetencyRating::from).collect();
            let bad = assignment.check(&ratings);
            if !bad.is_empty() {
                return Err(bad.into());
            }
            seen.check(assignment.version)?;
            let rules = program::in_force(&app, tx, &assignment.program)?;
            let saved = evaluation::save(tx, assignment.save(ratings)?)?;
            answer(tx, &rules, call, &saved)
        })
        .await
}

/// Make ratings final
///
/// Every competency needs a rating, and a comment where it is not met in full: 422 with a finding for each.
/// Nothing of them changes afterwards. The last ones that a round needs decide on it at once: the set is
/// achieved, more information is asked for, a third evaluator is assigned, or the set is not achieved (FAQ
/// 10). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Portfolios", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{assignment_id}/finalise")]
pub(crate) async fn finalise_ratings(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let held = held(tx, call, Action::FinaliseRatings, *id)?;
            let rules = program::in_force(&app, tx, &held.1.program)?;
            let done = evaluation::finalise(tx, app.chance.as_ref(), &rules, held)?;
            answer(tx, &rules, call, &done)
        })
        .await
}

/// Hand an assignment back
///
/// With a reason, a conflict of interest for example. Another evaluator is assigned, if anybody may; whoever
/// handed it back never gets it again.
#[utoipa::path(tag = "Portfolios", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{assignment_id}/hand-back")]
pub(crate) async fn hand_back_assignment(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let held = held(tx, call, Action::HandBackAssignment, *id)?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &held.1.program)?;
            let done = evaluation::hand_back(tx, &rules, held, reason)?;
            answer(tx, &rules, call, &done)
        })
        .await
}

/// Release an evaluator
///
/// The office takes an open assignment back. Another evaluator is assigned, if anybody may; the one who is
/// released does not get it again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{assignment_id}/release")]
pub(crate) async fn release_assignment(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let held = held(tx, call, Action::ReleaseAssignment, *id)?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &held.1.program)?;
            let done = evaluation::release(tx, &rules, held, reason)?;
            answer(tx, &rules, call, &done)
        })
        .await
}

/// Void final ratings
///
/// They are kept and count for nothing. An outcome that rested on them is set aside with its achievement, and
/// another evaluator judges the portfolio as it was submitted. The reason is for the evaluator and the office;
/// the candidate is told that it is judged again. 409 while a certification rests on it, for ratings of an
/// attempt that was followed by another, and while another portfolio is open for the set. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssignmentView)))]
#[post("/v1/assignments/{assignment_id}/void")]
pub(crate) async fn void_ratings(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let held = held(tx, call, Action::VoidRatings, *id)?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &held.1.program)?;
            let done = evaluation::void(tx, app.chance.as_ref(), &rules, held, &reason)?;
            answer(tx, &rules, call, &done)
        })
        .await
}
