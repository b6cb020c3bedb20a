//! Approvals that end before their last day.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact, CourseId,
    access::Action,
    calendar,
    course::{Course, Ending, EndingKind},
};
use persistence::Tx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{CourseView, answer, event, facts};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::program,
    problem::Problem,
    v1::fields::Prose,
};

/// The end of an approval before its last day.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndApproval {
    /// The last day that counts, today or later; today when left out.
    #[serde(default)]
    pub on: Option<NaiveDate>,
    /// Why, for the people concerned and for the record.
    pub reason: Prose,
}

impl EndApproval {
    /// The ending that it says, or what is wrong with its day.
    pub(crate) fn ending(&self, kind: EndingKind, today: NaiveDate) -> Result<Ending, BadFact> {
        let on = self.on.unwrap_or(today);
        calendar::check_date("/on", on)?;
        Ok(Ending { on, kind, reason: self.reason.to_string() })
    }
}

fn end(
    tx: &mut Tx<'_>,
    course: Course,
    ending: Ending,
    today: NaiveDate,
) -> Result<Course, Problem> {
    let (mut course, fact) = course.end(ending, today)?;
    tx.courses().save(&mut course)?;
    tx.record(event(&course, fact))?;
    Ok(course)
}

/// End the approval of a course
///
/// The office ends it on a day, today or later. What is completed until then counts, and what counted
/// keeps counting. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = EndApproval,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseView)))]
#[post("/v1/courses/{course_id}/end")]
pub(crate) async fn end_course(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    body: Body<EndApproval>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let course = tx.courses().get(*id)?;
            call.allow(Action::EndCourse, &facts(&course))?;
            let today = program::today(&app, tx, &course.program)?;
            let ending = body.get()?.ending(EndingKind::Ended, today)?;
            Ok(answer(call, end(tx, course, ending, today)?, today))
        })
        .await
}

/// Withdraw a course from the catalog
///
/// Its provider teaches it no more. What is completed until the day counts, and what counted keeps
/// counting. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = EndApproval,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CourseView)))]
#[post("/v1/courses/{course_id}/withdraw")]
pub(crate) async fn withdraw_course(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    body: Body<EndApproval>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let course = tx.courses().get(*id)?;
            call.allow(Action::WithdrawCourse, &facts(&course))?;
            let today = program::today(&app, tx, &course.program)?;
            let ending = body.get()?.ending(EndingKind::Withdrawn, today)?;
            Ok(answer(call, end(tx, course, ending, today)?, today))
        })
        .await
}
