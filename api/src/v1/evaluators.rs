//! Evaluators: who judges portfolios, for which sets, when and how much (FAQ 10).

mod views;

use actix_web::{get, patch, post};
use domain::{
    AttachmentId, BadFact, PersonId,
    access::{Action, Facts, Refusal, Role},
    attachment::{AttachmentOwner, AttachmentPurpose},
    event::Event,
    portfolio::{Evaluator, EvaluatorEvent, EvaluatorProfile},
    program::ProgramCode,
};
use persistence::{Constraint, Error, EvaluatorFilter, Optional, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use super::{grants, people};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::program::{self, InForce},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_evaluators)
        .service(create_evaluator)
        .service(get_evaluator)
        .service(update_evaluator)
        .service(deactivate_evaluator)
        .service(reactivate_evaluator);
}

fn facts(evaluator: &Evaluator) -> Facts {
    Facts::of_person(evaluator.person)
}

/// The code of the program that a query names.
fn program_of(query: &EvaluatorQuery) -> ProgramCode {
    query.program.clone().unwrap_or_else(ProgramCode::lssc)
}

fn event(evaluator: &Evaluator, fact: EvaluatorEvent) -> Event<EvaluatorEvent> {
    Event {
        program: Some(evaluator.program.clone()),
        subject: evaluator.person.to_string(),
        person: Some(evaluator.person),
        fact,
    }
}

fn save(
    tx: &mut Tx<'_>,
    (mut evaluator, fact): (Evaluator, EvaluatorEvent),
) -> Result<Evaluator, Problem> {
    tx.evaluators().save(&mut evaluator)?;
    tx.record(event(&evaluator, fact))?;
    Ok(evaluator)
}

/// Stores a new evaluator and grants the role: 409 where there is a profile already.
pub(crate) fn take_on(tx: &mut Tx<'_>, evaluator: &Evaluator) -> Result<(), Problem> {
    tx.evaluators().insert(evaluator).map_err(|error| match error {
        Error::Conflict(Constraint::EvaluatorsPk) => {
            Problem::conflict("They have a profile as an evaluator already.")
        }
        other => other.into(),
    })?;
    let after = Box::new(evaluator.profile.clone());
    tx.record(event(evaluator, EvaluatorEvent::Created { after }))?;
    grants::grant(tx, evaluator.person, Role::Evaluator, None)?;
    Ok(())
}

/// How much the evaluator took on in the calendar year of today.
fn load(tx: &mut Tx<'_>, rules: &InForce, person: PersonId) -> Result<u32, Problem> {
    let (first, last) = views::year_of(rules.today);
    let loads = tx.assignments().loads(&rules.program.code, first, last)?;
    Ok(loads.get(&person).copied().unwrap_or_default())
}

fn view(
    tx: &mut Tx<'_>,
    rules: &InForce,
    call: &Call,
    evaluator: Evaluator,
) -> Result<EvaluatorView, Problem> {
    let name = tx.people().get(evaluator.person)?.full_name();
    let load = load(tx, rules, evaluator.person)?;
    Ok(EvaluatorView::of(evaluator, name, load, call.caller()))
}

fn answer(
    tx: &mut Tx<'_>,
    rules: &InForce,
    call: &Call,
    evaluator: Evaluator,
) -> Result<Reply, Problem> {
    let version = evaluator.version;
    Ok(Reply::ok(&view(tx, rules, call, evaluator)?).etag(version).private())
}

/// Refuses (422) a profile that cannot be: by the competency sets in force, and a resume that is not the
/// evaluator's own file.
fn check(
    tx: &mut Tx<'_>,
    rules: &InForce,
    person: PersonId,
    profile: &EvaluatorProfile,
) -> Result<(), Problem> {
    let mut bad = profile.check(&rules.framework, rules.today);
    if let Some(resume) = profile.resume {
        bad.extend(resume_fault(tx, person, resume)?);
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.into()) }
}

fn resume_fault(
    tx: &mut Tx<'_>,
    person: PersonId,
    resume: AttachmentId,
) -> Result<Option<BadFact>, Problem> {
    let pointer = "/resume_id";
    Ok(match tx.attachments().get(resume).found()? {
        Some(file) => {
            let owner = AttachmentOwner::Person(person);
            file.check_use(pointer, owner, AttachmentPurpose::InstructorResume)
        }
        None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
    })
}

/// List evaluators
///
/// In the order in which they registered. The office sees all of them, an evaluator their own profile.
#[utoipa::path(tag = "Portfolios", params(ListEvaluators),
    responses((status = 200, body = Listing<EvaluatorView>)))]
#[get("/v1/evaluators")]
pub(crate) async fn list_evaluators(
    app: App,
    call: Call,
    query: Query<ListEvaluators>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListEvaluators)?;
            let program = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let page = Page::<PersonId>::of(query.limit, query.cursor.as_ref())?;
            let mut own = None;
            if !reach.narrow(&mut own) || program::asked(tx, &program)?.is_none() {
                return Ok(Listing::empty().reply(call));
            }
            let rules = program::in_force(&app, tx, &program)?;
            let filter = EvaluatorFilter {
                program: Some(program.clone()),
                set: query.set.clone(),
                active: query.active,
            };
            let found = match own {
                Some(person) => {
                    let one = tx.evaluators().get(&program, person).found()?;
                    let fits = |one: &Evaluator| {
                        query.set.as_ref().is_none_or(|set| one.profile.sets.contains(set))
                            && query.active.is_none_or(|active| active == one.ended_on.is_none())
                            && page.rows().after.is_none_or(|after| one.person > after)
                    };
                    one.filter(fits).into_iter().collect()
                }
                None => tx.evaluators().list(&filter, page.rows())?,
            };
            let mut views = Vec::new();
            for evaluator in found {
                views.push(view(tx, &rules, call, evaluator)?);
            }
            Ok(page.listing(views, |view| view.person_id, |view| view).reply(call))
        })
        .await
}

/// Take an evaluator on
///
/// With the sets that they may judge, how many portfolios they take on in a calendar year, where they work,
/// and the day of their training: nobody is assigned before that. The role `evaluator` is granted with it.
/// 409 where there is a profile already.
#[utoipa::path(tag = "Portfolios", request_body = CreateEvaluator,
    responses((status = 201, body = EvaluatorView)))]
#[post("/v1/evaluators")]
pub(crate) async fn create_evaluator(
    app: App,
    call: Call,
    body: Body<CreateEvaluator>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            call.allow(Action::CreateEvaluator, &Facts::default())?;
            let body = body.get()?;
            let code = program::named(tx, &body.program)?.code;
            let rules = program::in_force(&app, tx, &code)?;
            let person = people::named(tx, "/person_id", body.person_id)?.id;
            let profile = EvaluatorProfile::from(body);
            check(tx, &rules, person, &profile)?;
            let evaluator =
                Evaluator { person, program: code, profile, ended_on: None, version: 1 };
            take_on(tx, &evaluator)?;
            let location = format!("/v1/evaluators/{person}");
            let view = view(tx, &rules, call, evaluator)?;
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// Read an evaluator
///
/// With how much they took on in this calendar year.
#[utoipa::path(tag = "Portfolios", params(EvaluatorQuery),
    responses((status = 200, body = EvaluatorView, headers(("ETag" = String)))))]
#[get("/v1/evaluators/{person_id}")]
pub(crate) async fn get_evaluator(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<EvaluatorQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let evaluator = tx.evaluators().get(&program_of(&query), *id)?;
            call.allow(Action::GetEvaluator, &facts(&evaluator))?;
            let rules = program::in_force(&app, tx, &evaluator.program)?;
            Ok(seen.answer(answer(tx, &rules, call, evaluator)?))
        })
        .await
}

/// Change an evaluator's profile
///
/// What is left out stays; a list that is given replaces the one before. Evaluators change their days away,
/// their conflicts of interest, their capacity, their employers and their resume themselves; the sets and the
/// day of the training are the office's to record (403). Needs `If-Match`.
#[utoipa::path(tag = "Portfolios", params(EvaluatorQuery), request_body = UpdateEvaluator,
    responses((status = 200, body = EvaluatorView)))]
#[patch("/v1/evaluators/{person_id}")]
pub(crate) async fn update_evaluator(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<EvaluatorQuery>,
    body: Body<UpdateEvaluator>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let evaluator = tx.evaluators().get(&program_of(&query), *id)?;
            call.allow(Action::UpdateEvaluator, &facts(&evaluator))?;
            let body = body.get()?;
            if body.is_of_the_office() {
                // What an evaluator may not record of themselves is judged as nobody's own.
                let nobodys = call.caller().may(Action::UpdateEvaluator, &Facts::default());
                nobodys.or(Err(Refusal::Forbidden))?;
            }
            let rules = program::in_force(&app, tx, &evaluator.program)?;
            let after = body.profile(&evaluator.profile);
            check(tx, &rules, evaluator.person, &after)?;
            seen.check(evaluator.version)?;
            let evaluator = save(tx, evaluator.update(after))?;
            answer(tx, &rules, call, evaluator)
        })
        .await
}

/// Deactivate an evaluator
///
/// They are assigned to nothing new; what they have is theirs until they finish, hand it back or are
/// released.
#[utoipa::path(tag = "Portfolios", params(EvaluatorQuery),
    responses((status = 200, body = EvaluatorView)))]
#[post("/v1/evaluators/{person_id}/deactivate")]
pub(crate) async fn deactivate_evaluator(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<EvaluatorQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let evaluator = tx.evaluators().get(&program_of(&query), *id)?;
            call.allow(Action::DeactivateEvaluator, &facts(&evaluator))?;
            let rules = program::in_force(&app, tx, &evaluator.program)?;
            let evaluator = save(tx, evaluator.deactivate(rules.today)?)?;
            answer(tx, &rules, call, evaluator)
        })
        .await
}

/// Reactivate an evaluator
#[utoipa::path(tag = "Portfolios", params(EvaluatorQuery),
    responses((status = 200, body = EvaluatorView)))]
#[post("/v1/evaluators/{person_id}/reactivate")]
pub(crate) async fn reactivate_evaluator(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<EvaluatorQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let evaluator = tx.evaluators().get(&program_of(&query), *id)?;
            call.allow(Action::ReactivateEvaluator, &facts(&evaluator))?;
            let rules = program::in_force(&app, tx, &evaluator.program)?;
            let evaluator = save(tx, evaluator.reactivate(rules.today)?)?;
            answer(tx, &rules, call, evaluator)
        })
        .await
}
