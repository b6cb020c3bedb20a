//! Reviews of course proposals: what reviewers do (FAQ 13).

mod views;

use std::collections::BTreeMap;

use actix_web::{get, post};
use domain::{
    ReviewId,
    access::{Action, Facts},
    course::review::{Review, Rubric},
};
use persistence::{ReviewFilter, Tx};

pub use views::*;

use super::fields::Reason;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{program, proposal},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_course_reviews)
        .service(get_course_review)
        .service(submit_course_review)
        .service(declare_review_conflict)
        .service(release_course_review);
}

/// It is the reviewer's own, and about the provider's proposal: who acts for the provider decides nothing.
fn facts(review: &Review) -> Facts {
    Facts { owner: Some(review.reviewer), organisation: Some(review.provider) }
}

fn answer(tx: &mut Tx<'_>, call: &Call, review: Review) -> Result<Reply, Problem> {
    let version = review.version;
    let proposal = tx.proposals().get(review.proposal)?;
    let view = CourseReviewView::of(review, &proposal, call.caller());
    Ok(Reply::ok(&view).etag(version).private())
}

/// List reviews of course proposals
///
/// Oldest first. The office sees all of them, reviewers their own: nobody sees the other reviewer's.
#[utoipa::path(tag = "Courses", params(ListCourseReviews),
    responses((status = 200, body = Listing<CourseReviewView>)))]
#[get("/v1/course-reviews")]
pub(crate) async fn list_course_reviews(
    app: App,
    call: Call,
    query: Query<ListCourseReviews>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListCourseReviews)?;
        let mut filter = ReviewFilter {
            program: query.program.clone(),
            reviewer: query.reviewer_id,
            proposal: query.proposal_id,
            state: query.state,
            ..ReviewFilter::default()
        };
        let page = Page::<ReviewId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.reviewer) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.reviews().list(&filter, page.rows())?;
        let ids: Vec<_> = rows.iter().map(|row| row.proposal).collect();
        let proposals = tx.proposals().by_ids(&ids)?.into_iter();
        let proposals: BTreeMap<_, _> = proposals.map(|one| (one.id, one)).collect();
        let view = |row: Review| {
            let proposal = proposals.get(&row.proposal)?;
            Some(CourseReviewView::of(row, proposal, call.caller()))
        };
        let Listing { items, next_cursor } = page.listing(rows, |row| row.id, view);
        let items: Vec<_> = items.into_iter().flatten().collect();
        Ok(Listing { items, next_cursor }.reply(call))
    })
    .await
}

/// Read a review of a course proposal
#[utoipa::path(tag = "Courses",
    responses((status = 200, body = CourseReviewView, headers(("ETag" = String)))))]
#[get("/v1/course-reviews/{review_id}")]
pub(crate) async fn get_course_review(
    app: App,
    call: Call,
    id: PathOf<ReviewId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let review = tx.reviews().get(*id)?;
        call.allow(Action::GetCourseReview, &facts(&review))?;
        Ok(seen.answer(answer(tx, call, review)?))
    })
    .await
}

/// Hand in one's review
///
/// A score for every criterion of the rubric and a recommendation; with the changes that should be made, or
/// why the course should be declined. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = SubmitCourseReview,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseReviewView)))]
#[post("/v1/course-reviews/{review_id}/submit")]
pub(crate) async fn submit_course_review(
    app: App,
    call: Call,
    id: PathOf<ReviewId>,
    body: Body<SubmitCourseReview>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let review = tx.reviews().get(*id)?;
            call.allow(Action::SubmitCourseReview, &facts(&review))?;
            let rubric = Rubric::from(body.get()?);
            let rules = program::in_force(&app, tx, &review.program)?;
            let review = proposal::hand_in(tx, &rules, review, rubric)?;
            answer(tx, call, review)
        })
        .await
}

/// Declare a conflict of interest
///
/// The reviewer gives the review back, and is assigned to no proposal of the provider any more.
#[utoipa::path(tag = "Courses", request_body = Reason,
    responses((status = 200, body = CourseReviewView)))]
#[post("/v1/course-reviews/{review_id}/conflict")]
pub(crate) async fn declare_review_conflict(
    app: App,
    call: Call,
    id: PathOf<ReviewId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let review = tx.reviews().get(*id)?;
        call.allow(Action::DeclareReviewConflict, &facts(&review))?;
        let conflict = body.get()?.reason.to_string();
        let review = proposal::save_review(tx, review.declare_conflict(conflict)?)?;
        answer(tx, call, review)
    })
    .await
}

/// Release a reviewer
///
/// The office takes the review back before it is handed in; another reviewer can be assigned. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseReviewView)))]
#[post("/v1/course-reviews/{review_id}/release")]
pub(crate) async fn release_course_review(
    app: App,
    call: Call,
    id: PathOf<ReviewId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let review = tx.reviews().get(*id)?;
        call.allow(Action::ReleaseCourseReview, &facts(&review))?;
        let reason = body.get()?.reason.to_string();
        let review = proposal::save_review(tx, review.release(reason)?)?;
        answer(tx, call, review)
    })
    .await
}
