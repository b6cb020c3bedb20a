//! What the office does with course proposals.

use actix_web::post;
use domain::{ProposalId, access::Action, course::proposal::Change};

use super::{AssignCourseReview, CourseProposalView, RequestProposalChanges, allow, answer};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{program, proposal},
    problem::Problem,
    v1::{
        course_reviews::CourseReviewView,
        fields::{OptionalReason, Reason},
        people,
    },
};

/// Assign a reviewer to a course proposal
///
/// An evaluator, or somebody of the office. Nobody reviews what they proposed, what comes from an
/// organisation for which they act, in which they stated to work, or about which they declared a conflict of
/// interest: 422 with the findings. The first one takes the proposal into review. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = AssignCourseReview,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = CourseReviewView)))]
#[post("/v1/course-proposals/{proposal_id}/reviews")]
pub(crate) async fn assign_course_review(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<AssignCourseReview>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::AssignCourseReview, &proposal)?;
            let reviewer = body.get()?.reviewer_id;
            people::named(tx, "/reviewer_id", reviewer)?;
            let today = program::today(&app, tx, &proposal.program)?;
            let (proposal, review) = proposal::assign(tx, proposal, reviewer, today)?;
            let location = format!("/v1/course-reviews/{}", review.id);
            let view = CourseReviewView::of(review, &proposal, call.caller());
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}

/// Ask the provider for changes
///
/// Part by part, competency by competency: only what is named can be changed. The reviews that recommended
/// changes are opened again once they are handed in.
#[utoipa::path(tag = "Office", request_body = RequestProposalChanges,
    responses((status = 200, body = CourseProposalView)))]
#[post("/v1/course-proposals/{proposal_id}/request-changes")]
pub(crate) async fn request_proposal_changes(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<RequestProposalChanges>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::RequestProposalChanges, &proposal)?;
            let changes: Vec<_> = body.get()?.changes.iter().map(Change::from).collect();
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let asked = proposal::request_changes(tx, &rules, proposal, changes)?;
            answer(&app, tx, call, asked)
        })
        .await
}

/// Approve a course proposal
///
/// Needs the review fee settled and two reviews; against a reviewer's recommendation a reason. The course is
/// in the catalog from today on, for four years; a renewal goes on from the old last day without a gap
/// (FAQ 13). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseProposalView)))]
#[post("/v1/course-proposals/{proposal_id}/approve")]
pub(crate) async fn approve_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::ApproveCourseProposal, &proposal)?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let grounds = proposal::grounds(tx, &rules, &proposal, reason, call.actor())?;
            let approved = proposal::approve(tx, &rules, proposal, &grounds)?;
            answer(&app, tx, call, approved)
        })
        .await
}

/// Decline a course proposal
///
/// With reasons, once two reviews are in. The review fee stays paid. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseProposalView)))]
#[post("/v1/course-proposals/{proposal_id}/decline")]
pub(crate) async fn decline_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::DeclineCourseProposal, &proposal)?;
            let reason = Some(body.get()?.reason.to_string());
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let grounds = proposal::grounds(tx, &rules, &proposal, reason, call.actor())?;
            let declined = proposal::decline(tx, &rules, proposal, &grounds)?;
            answer(&app, tx, call, declined)
        })
        .await
}
