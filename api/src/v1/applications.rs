//! Applications for entry to a program (FAQ 6, 7).

mod bodies;
mod office;
mod views;

use actix_web::{get, patch, post};
use domain::{
    ApplicationId,
    access::{Action, Facts},
    application::{Application, ApplicationEvent, ApplicationState},
};
use persistence::{ApplicationFilter, Tx};

pub use bodies::*;
pub use office::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{admission, graduate, program},
    problem::Problem,
    v1::{events::EventView, fields::OptionalReason},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_application)
        .service(list_applications)
        .service(get_application)
        .service(update_application)
        .service(submit_application)
        .service(withdraw_application)
        .service(list_application_events)
        .service(review_application)
        .service(request_information)
        .service(accept_application)
        .service(refuse_application);
}

fn facts(application: &Application) -> Facts {
    Facts::of_person(application.person)
}

/// The application as the caller sees it, with what an acceptance would be judged on where they may accept.
fn view(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    application: Application,
) -> Result<ApplicationView, Problem> {
    let mut judged = Judged::default();
    if ApplicationState::OPEN.contains(&application.state) {
        let (program, person) = (&application.program, application.person);
        let today = program::today(app, tx, program)?;
        judged.recognised = graduate::creditable(tx, program, person, today)?;
    }
    let decides = application.state == ApplicationState::InReview
        && call.allow(Action::AcceptApplication, &facts(&application)).is_ok();
    if decides || !judged.recognised.is_empty() {
        let rules = program::in_force(app, tx, &application.program)?;
        judged.counts = graduate::is_recognised(&judged.recognised, &rules);
        if decides {
            judged.acceptance = Some(admission::acceptance(tx, &rules, &application, None)?);
        }
    }
    Ok(ApplicationView::of(application, &judged, call.caller()))
}

fn answer(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    application: Application,
) -> Result<Reply, Problem> {
    let version = application.version;
    Ok(Reply::ok(&view(app, tx, call, application)?).etag(version).private())
}

/// Saves an application with what happened to it, and answers with it.
fn record(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    changed: (Application, ApplicationEvent),
) -> Result<Reply, Problem> {
    let application = admission::save(tx, changed)?;
    answer(app, tx, call, application)
}

/// Start an application
///
/// Begins a draft. There are no deadlines for applying (FAQ 7) and no ALA membership is needed
/// (FAQ 23). One application per person and program is open at a time, and none while a candidacy runs.
#[utoipa::path(tag = "Candidates", request_body = CreateApplication,
    responses((status = 201, body = ApplicationView)))]
#[post("/v1/applications")]
pub(crate) async fn create_application(
    app: App,
    call: Call,
    body: Body<CreateApplication>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            // A body that cannot be read names nobody: it is judged as one's own.
            let given = body.get();
            let own = call.signed()?.person();
            let owner = given.as_ref().ok().and_then(|body| body.person_id).or(own);
            call.allow(Action::CreateApplication, &Facts { owner, organisation: None })?;
            let body = given?;
            let Some(person) = owner else {
                return Err(Problem::input("/person_id", "required", "Say who applies."));
            };
            let program = program::named(tx, &body.program)?;
            let today = app.today(&program);
            let statements = body.statements(today)?;
            super::people::named(tx, "/person_id", person)?;
            super::candidacies::none_running(tx, &program.code, person, today)?;
            let id = tx.new_id();
            let draft = Application::draft(id, program.code, person, statements, tx.now());
            let draft = admission::begin(tx, draft)?;
            let view = view(&app, tx, call, draft)?;
            Ok(Reply::created(format!("/v1/applications/{id}"), &view).etag(1))
        })
        .await
}

/// List applications
///
/// Staff see everybody's, oldest first: with `state=submitted` it is the office's queue. Applicants see
/// their own.
#[utoipa::path(tag = "Candidates", params(ListApplications),
    responses((status = 200, body = Listing<ApplicationView>)))]
#[get("/v1/applications")]
pub(crate) async fn list_applications(
    app: App,
    call: Call,
    query: Query<ListApplications>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListApplications)?;
            let mut filter = ApplicationFilter {
                program: query.program.clone(),
                programs: call.caller().programs_of(query.program.as_ref()),
                state: query.state,
                person: query.person_id,
            };
            let page = Page::<ApplicationId>::of(query.limit, query.cursor.as_ref())?;
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.applications().list(&filter, page.rows())?;
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                call.discloses(page.holds(views.len()).then_some(row.person));
                views.push((row.id, view(&app, tx, call, row)?));
            }
            Ok(page.listing(views, |(id, _)| *id, |(_, view)| view).reply(call))
        })
        .await
}

/// Read an application
#[utoipa::path(tag = "Candidates", responses((status = 200, body = ApplicationView)))]
#[get("/v1/applications/{application_id}")]
pub(crate) async fn get_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            let facts = facts(&application);
            call.allow_in(Action::GetApplication, &facts, &application.program)?;
            call.discloses([application.person]);
            Ok(seen.answer(answer(&app, tx, call, application)?))
        })
        .await
}

/// Change an application
///
/// While it is a draft or needs information. What is left out stays; `jobs` and `attachments` replace
/// the lists as a whole. Needs `If-Match`.
#[utoipa::path(tag = "Candidates", request_body = UpdateApplication,
    responses((status = 200, body = ApplicationView)))]
#[patch("/v1/applications/{application_id}")]
pub(crate) async fn update_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    body: Body<UpdateApplication>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::UpdateApplication, &facts(&application))?;
            let today = program::today(&app, tx, &application.program)?;
            // Once submitted, eligibility is judged as of that day, and so is what is stated later.
            let day = application.submitted_on.unwrap_or(today);
            let statements = body.get()?.statements(&application.statements, day)?;
            seen.check(application.version)?;
            record(&app, tx, call, application.update(statements)?)
        })
        .await
}

/// Submit an application
///
/// Hands a draft in: it must state the education, a job and how the fee will be paid; the graduate of a
/// recognised program may show jobs later (FAQ 12). An invoice of the
/// application fee is issued at the price in force today; the member price (FAQ 21) needs a membership
/// that is verified for today. After a request for information it hands in the answer. Needs
/// an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/submit")]
pub(crate) async fn submit_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::SubmitApplication, &facts(&application))?;
            let rules = program::in_force(&app, tx, &application.program)?;
            let submitted = admission::submit(tx, &rules, application)?;
            answer(&app, tx, call, submitted)
        })
        .await
}

/// Withdraw an application
///
/// From any open state. What is owed of its fee is owed no more, and a part that was paid is returned.
#[utoipa::path(tag = "Candidates", request_body = OptionalReason,
    responses((status = 200, body = ApplicationView)))]
#[post("/v1/applications/{application_id}/withdraw")]
pub(crate) async fn withdraw_application(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::WithdrawApplication, &facts(&application))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &application.program)?;
            let withdrawn = admission::withdraw(tx, &rules, application, reason)?;
            answer(&app, tx, call, withdrawn)
        })
        .await
}

/// Read an application's history
///
/// Everything that happened to it, in order, from the event log.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/applications/{application_id}/events")]
pub(crate) async fn list_application_events(
    app: App,
    call: Call,
    id: PathOf<ApplicationId>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let application = tx.applications().get(*id)?;
            call.allow(Action::ListApplicationEvents, &facts(&application))?;
            let events = tx.events().history(&id.to_string())?;
            Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
        })
        .await
}
