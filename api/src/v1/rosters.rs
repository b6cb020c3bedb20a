//! Rosters: a provider signs that people completed a course, one of them or thousands (FAQ 10).

mod views;

use actix_web::post;
use domain::{
    CourseId,
    access::{Action, Facts},
};

pub use views::*;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{JsonOrEachRow, PathOf, Query},
    flows::{program, rehearsal::rehearse, roster},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(post_roster);
}

/// Post the roster of a course
///
/// Its provider signs who completed it. Every row is judged for itself, and the answer tells what became of
/// each, with its line: `verified` (a set is achieved at once, or a part of a bundle counts, and on the sixth
/// set the certification is awarded), `refused` (recorded with the findings of the credit rules: it does not
/// count, though what was learned may feed a portfolio), `waiting` (nobody of this address and name is a
/// candidate: kept for whoever enrolls), `known` (it was there already) and `rejected` (not taken). Good rows
/// are kept whatever becomes of the others, so that a roster can be posted again.
///
/// Somebody is named by the candidate number (the candidacy's id), or by an e-mail address and a name that
/// agree; identifiers that disagree are never resolved silently. A cell that is missing or cannot be, and a row
/// with more or fewer cells than the header, rejects its row alone, with its column and code in `errors`; only
/// columns that are not asked for refuse a file. Send JSON, or a file of `text/csv` with the columns
/// `completed_on` and any of `candidate_number`, `email`, `name` and `course_id`: up to 5,000 rows.
/// `dry_run=true` answers the same and stores nothing. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", params(RosterQuery),
    request_body(content((PostRoster = "application/json"), (String = "text/csv")),
        description = "The rows, or a file of them with the columns completed_on, candidate_number, email, \
            name, course_id."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = RosterView)))]
#[post("/v1/courses/{course_id}/roster")]
pub(crate) async fn post_roster(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    query: Query<RosterQuery>,
    body: JsonOrEachRow<PostRoster, RosterLine>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let course = tx.courses().get(*id)?;
            call.allow(Action::PostRoster, &Facts::of_organisation(course.provider))?;
            let asked = Asked::of(&body.get()?, course.id)?;
            let provider = tx.providers().get(course.provider)?;
            let rules = program::in_force(&app, tx, &course.program)?;
            let chance = app.chance.as_ref();
            let dry_run = query.dry_run == Some(true);
            let posted = if dry_run {
                rehearse(tx, |tx| roster::post(tx, chance, &rules, &provider, &asked.rows))?
            } else {
                roster::post(tx, chance, &rules, &provider, &asked.rows)?
            };
            Ok(Reply::ok(&asked.view(course.id, posted, dry_run)).private())
        })
        .await
}
