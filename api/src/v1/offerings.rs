//! Offerings of approved courses: when and where one can be taken (FAQ 13, 14).

mod calendar;
mod views;

use std::collections::BTreeMap;

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use domain::{
    CourseId, OfferingId,
    access::{Action, Facts},
    course::{Course, offering::Offering},
    program::ProgramCode,
};
use persistence::Tx;

pub use calendar::*;
use views::COLUMNS;
pub use views::*;

use super::{courses, fields::Reason};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    csv::Format,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{offering, program},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_offerings)
        .service(get_offerings_calendar)
        .service(get_offering)
        .service(create_offering)
        .service(update_offering)
        .service(cancel_offering);
}

/// The most offerings of one file.
const MOST_IN_A_FILE: i64 = 10_000;

fn answer(call: &Call, offering: Offering, course: &Course) -> Reply {
    let version = offering.version;
    let view = OfferingView::of_caller(offering, course, call.caller());
    courses::kept(Reply::ok(&view), call, version)
}

/// The course of an offering, read and not held.
fn course_of(tx: &mut Tx<'_>, id: CourseId) -> Result<Course, Problem> {
    tx.courses().by_ids(&[id])?.pop().ok_or_else(Problem::not_found)
}

/// The courses of offerings.
fn courses_of(
    tx: &mut Tx<'_>,
    offerings: &[Offering],
) -> Result<BTreeMap<CourseId, Course>, Problem> {
    let ids: Vec<_> = offerings.iter().map(|offering| offering.course).collect();
    Ok(tx.courses().by_ids(&ids)?.into_iter().map(|course| (course.id, course)).collect())
}

/// List offerings of courses
///
/// Of every approved course whose provider acts, the first announced first, as JSON or as a file. Its entity tag
/// is made of its bytes: send it as `If-None-Match`, and what has not changed is 304.
#[utoipa::path(tag = "Public", params(ListOfferings),
    responses((status = 200, description = "The offerings.", headers(("ETag" = String)),
        content((Listing<OfferingView> = "application/json"), (String = "text/csv")))))]
#[get("/v1/offerings")]
pub(crate) async fn list_offerings(
    app: App,
    call: Call,
    query: Query<ListOfferings>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::ListOfferings, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let page = Page::<OfferingId>::of(query.limit, query.cursor.as_ref())?;
            let csv = query.format == Some(Format::Csv);
            let mut rows = page.rows();
            if csv && query.limit.is_none() {
                rows.limit = MOST_IN_A_FILE;
            }
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let offerings = match program::asked(tx, &code)? {
                Some(program) => {
                    let today = app.today(&program);
                    let mut filter = query.filter(code, today);
                    filter.in_catalog_on = Some(today);
                    tx.offerings().list(&filter, rows)?
                }
                None => Vec::new(),
            };
            let courses = courses_of(tx, &offerings)?;
            let view = |row: Offering| {
                let course = courses.get(&row.course)?;
                Some(OfferingView::of(row, course))
            };
            let reply = if csv {
                let most = query.limit.map_or(usize::MAX, |_| usize::from(page.limit));
                let lines = offerings.into_iter().take(most).filter_map(view);
                Reply::csv("offerings.csv", &COLUMNS, lines.map(OfferingView::cells))
            } else {
                let all = page.listing(offerings, |row| row.id, |row| row);
                let items = all.items.into_iter().filter_map(view).collect();
                Listing::<OfferingView> { items, next_cursor: all.next_cursor }.reply(call)
            };
            Ok(seen.answer(reply.public(60).etag_of_body()))
        })
        .await
}

/// Read an offering
#[utoipa::path(tag = "Public",
    responses((status = 200, body = OfferingView, headers(("ETag" = String)))))]
#[get("/v1/offerings/{offering_id}")]
pub(crate) async fn get_offering(
    app: App,
    call: Call,
    id: PathOf<OfferingId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetOffering, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let offering = tx.offerings().get(*id)?;
        let course = course_of(tx, offering.course)?;
        Ok(seen.answer(answer(call, offering, &course)))
    })
    .await
}

/// Announce an offering of a course
///
/// It starts and ends while the course is approved, in one of its modes, and says where: 422 with the findings
/// otherwise. 409 while the provider is deactivated.
#[utoipa::path(tag = "Courses", request_body = CreateOffering,
    responses((status = 201, body = OfferingView)))]
#[post("/v1/courses/{course_id}/offerings")]
pub(crate) async fn create_offering(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    body: Body<CreateOffering>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let course = tx.courses().get(*id)?;
            call.allow(Action::CreateOffering, &Facts::of_organisation(course.provider))?;
            let details = body.get()?.details();
            let faults = details.check();
            if !faults.is_empty() {
                return Err(faults.into());
            }
            let today: NaiveDate = program::today(&app, tx, &course.program)?;
            let offering = offering::announce(tx, &course, details, today)?;
            let location = format!("/v1/offerings/{}", offering.id);
            let view = OfferingView::of_caller(offering, &course, call.caller());
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}

/// Change an offering
///
/// When and where; what is left out stays. 409 while the provider is deactivated. Needs `If-Match`.
#[utoipa::path(tag = "Courses", request_body = UpdateOffering,
    responses((status = 200, body = OfferingView)))]
#[patch("/v1/offerings/{offering_id}")]
pub(crate) async fn update_offering(
    app: App,
    call: Call,
    id: PathOf<OfferingId>,
    body: Body<UpdateOffering>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let offering = tx.offerings().get(*id)?;
            let course = course_of(tx, offering.course)?;
            call.allow(Action::UpdateOffering, &Facts::of_organisation(course.provider))?;
            let after = body.get()?.details(&offering.details);
            let faults = after.check();
            if !faults.is_empty() {
                return Err(faults.into());
            }
            seen.check(offering.version)?;
            let today = program::today(&app, tx, &course.program)?;
            let offering = offering::update(tx, &course, offering, after, today)?;
            Ok(answer(call, offering, &course))
        })
        .await
}

/// Cancel an offering
///
/// With a reason; it stays in the calendar as cancelled. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = OfferingView)))]
#[post("/v1/offerings/{offering_id}/cancel")]
pub(crate) async fn cancel_offering(
    app: App,
    call: Call,
    id: PathOf<OfferingId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let offering = tx.offerings().get(*id)?;
            let course = course_of(tx, offering.course)?;
            call.allow(Action::CancelOffering, &Facts::of_organisation(course.provider))?;
            let reason = body.get()?.reason.to_string();
            let today = program::today(&app, tx, &offering.program)?;
            let offering = offering::save(tx, offering.cancel(reason, today)?)?;
            Ok(answer(call, offering, &course))
        })
        .await
}
