//! How providers hand course proposals in, and take them back.

use actix_web::post;
use domain::{ProposalId, access::Action};

use super::{CourseProposalView, allow, answer};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{program, proposal},
    problem::Problem,
    v1::fields::OptionalReason,
};

/// Submit a course proposal
///
/// It needs what the catalog will say, syllabus, instructor's resume and the whole map, every competency with
/// a finding of its own; the part of a bundle maps its own. The first submission issues the invoice of the
/// review fee to the provider (FAQ 21); handing in changes issues none. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseProposalView)))]
#[post("/v1/course-proposals/{proposal_id}/submit")]
pub(crate) async fn submit_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::SubmitCourseProposal, &proposal)?;
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let submitted = proposal::submit(tx, &rules, proposal)?;
            answer(&app, tx, call, submitted)
        })
        .await
}

/// Withdraw a course proposal
///
/// From any open state. What is owed of its fee is owed no more, and a part that was paid is returned. Needs
/// an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseProposalView)))]
#[post("/v1/course-proposals/{proposal_id}/withdraw")]
pub(crate) async fn withdraw_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::WithdrawCourseProposal, &proposal)?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let withdrawn = proposal::withdraw(tx, &rules, proposal, reason)?;
            answer(&app, tx, call, withdrawn)
        })
        .await
}
