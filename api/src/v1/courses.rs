//! The approved course catalog (FAQ 10, 13, 14).

mod catalog;
mod endings;
mod views;

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use domain::{
    BadFact, CourseId,
    access::{Action, Facts, Role},
    course::{Course, CourseDetails, CourseEvent},
    course_credit, decision,
    event::Event,
};
use persistence::{Error, Tx};

pub use catalog::*;
pub use endings::*;
pub use views::*;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, PathOf},
    flows::{
        organisation,
        program::{self, InForce},
    },
    problem::{Kind, Problem},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_courses)
        .service(get_course)
        .service(create_course)
        .service(update_course)
        .service(end_course)
        .service(withdraw_course);
}

fn facts(course: &Course) -> Facts {
    Facts::of_organisation(course.provider)
}

/// What everybody sees alike may be kept, under a tag made of its bytes; what somebody signed in sees shows
/// what they may do, under the tag of the version, which `If-Match` takes.
pub(super) fn kept(reply: Reply, call: &Call, version: i64) -> Reply {
    let reply = reply.header("Vary", "Authorization");
    if call.signed().is_ok() {
        reply.etag(version).private()
    } else {
        reply.public(60).etag_of_body()
    }
}

/// The answer of a course: everybody may keep it, but what a caller may do next is their own.
fn answer(call: &Call, course: Course, today: NaiveDate) -> Reply {
    let version = course.version;
    kept(Reply::ok(&CourseView::of(course, call.caller(), today)), call, version)
}

fn event(course: &Course, fact: CourseEvent) -> Event<CourseEvent> {
    Event {
        program: Some(course.program.clone()),
        subject: course.id.to_string(),
        person: None,
        fact,
    }
}

/// Read an approved course
///
/// Its approval may have ended: what was completed while it held keeps counting.
#[utoipa::path(tag = "Public",
    responses((status = 200, body = CourseView, headers(("ETag" = String)))))]
#[get("/v1/courses/{course_id}")]
pub(crate) async fn get_course(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetCourse, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let course = tx.courses().get(*id)?;
            let today = program::today(&app, tx, &course.program)?;
            Ok(seen.answer(answer(call, course, today)))
        })
        .await
}

/// Record an approved course
///
/// Approved for one competency set from `approved_on` on, for the years that the policy gives unless
/// `ends_on` says otherwise.
#[utoipa::path(tag = "Courses", request_body = CreateCourse,
    responses((status = 201, body = CourseView)))]
#[post("/v1/courses")]
pub(crate) async fn create_course(
    app: App,
    call: Call,
    body: Body<CreateCourse>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateCourse, &Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let course = approved(tx, &rules, body)?;
            tx.courses().insert(&course)?;
            tx.record(event(&course, CourseEvent::Approved { after: course.clone() }))?;
            let location = format!("/v1/courses/{}", course.id);
            let view = CourseView::of(course, call.caller(), rules.today);
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}

/// The course that a body describes, or every bad fact in it.
fn approved(tx: &mut Tx<'_>, rules: &InForce, body: &CreateCourse) -> Result<Course, Problem> {
    let mut bad = Vec::new();
    match tx.providers().get(body.provider_id) {
        Ok(provider) if provider.program == rules.program.code => {}
        Ok(_) | Err(Error::NotFound) => {
            bad.push(BadFact::at("/provider_id", "unknown", "There is no such provider."));
        }
        Err(error) => return Err(error.into()),
    }
    if rules.framework.set(&body.set).is_none() {
        let detail = format!("There is no competency set {}.", body.set);
        bad.push(BadFact::at("/set", "unknown", detail));
    }
    let approved_on = body.approved_on.unwrap_or(rules.today);
    let given_end = || course_credit::approval_ends_on(approved_on, &rules.policy.courses);
    let ends_on: NaiveDate = body.ends_on.unwrap_or_else(&given_end);
    for (pointer, date) in [("/approved_on", approved_on), ("/ends_on", ends_on)] {
        bad.extend(domain::calendar::check_date(pointer, date).err());
    }
    if approved_on > rules.today {
        let detail = format!("A course is recorded once it is approved; today is {}.", rules.today);
        bad.push(BadFact::at("/approved_on", "order", detail));
    }
    if ends_on > given_end() {
        let detail = format!("The policy lets an approval run until {}.", given_end());
        bad.push(BadFact::at("/ends_on", "out_of_range", detail));
    }
    if ends_on < approved_on {
        bad.push(BadFact::at("/ends_on", "order", "The approval ends before it begins."));
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    Ok(Course {
        id: tx.new_id(),
        program: rules.program.code.clone(),
        provider: body.provider_id,
        set: body.set.clone(),
        details: CourseDetails {
            title: body.title.to_string(),
            modes: modes(&body.modes)?,
            place: body.place.clone().map(String::from),
            price: body.price.clone().map(String::from),
            website: body.website.clone().map(String::from),
        },
        approved_on,
        ends_on,
        renewals: 0,
        ended: None,
        bundle: None,
        proposal: None,
        version: 1,
    })
}

/// Change an approved course
///
/// What the catalog says of it; what is left out stays. Its provider changes place, price and website, the
/// office title and modes too: 403 with the finding otherwise. 409 once the approval has ended, and for a provider that is deactivated. Needs
/// `If-Match`.
#[utoipa::path(tag = "Courses", request_body = UpdateCourse,
    responses((status = 200, body = CourseView)))]
#[patch("/v1/courses/{course_id}")]
pub(crate) async fn update_course(
    app: App,
    call: Call,
    id: PathOf<CourseId>,
    body: Body<UpdateCourse>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let course = tx.courses().get(*id)?;
            call.allow(Action::UpdateCourse, &facts(&course))?;
            let after = body.get()?.details(&course.details)?;
            let today = program::today(&app, tx, &course.program)?;
            let reviewed = course.as_approved_finding(&after);
            let own = call.caller().organisations(&[Role::Provider]).contains(&course.provider);
            if own && !reviewed.satisfied {
                let detail = reviewed.message.clone();
                return Err(Problem::new(Kind::Forbidden, detail).with_findings(vec![reviewed]));
            }
            seen.check(course.version)?;
            decision::by_state(vec![course.in_force_finding(today)])?;
            organisation::acts(tx, call.caller(), course.provider, today)?;
            if after == course.details {
                return Ok(answer(call, course, today));
            }
            let (mut course, fact) = course.describe(after);
            tx.courses().save(&mut course)?;
            tx.record(event(&course, fact))?;
            Ok(answer(call, course, today))
        })
        .await
}
