//! Candidacies: their state, their progress and their deadline (FAQ 8, 9, 18).

mod office;
mod progress;
mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    CandidacyId, Finding, PersonId,
    access::{Action, Facts},
    candidacy::{Candidacy, CandidacyEvent},
    certificate::Certification,
    decision,
    event::Event,
    program::ProgramCode,
};
use persistence::{CandidacyFilter, CertificationFilter, Page as Rows, Tx};

pub use office::*;
pub use progress::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Body, IfNoneMatch, Page, PathOf, Query},
    flows::{portfolio, program},
    problem::Problem,
    v1::{events::EventView, fields::OptionalReason},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_candidacies)
        .service(get_candidacy)
        .service(withdraw_candidacy)
        .service(list_candidacy_events)
        .service(hold_candidacy)
        .service(resume_candidacy)
        .service(extend_candidacy)
        .service(show_hours)
        .service(get_progress)
        .service(request_award);
}

pub(crate) fn facts(candidacy: &Candidacy) -> Facts {
    Facts::of_person(candidacy.person)
}

/// An event of a candidacy.
pub(crate) fn event(candidacy: &Candidacy, fact: CandidacyEvent) -> Event<CandidacyEvent> {
    Event {
        program: Some(candidacy.program.clone()),
        subject: candidacy.id.to_string(),
        person: Some(candidacy.person),
        fact,
    }
}

/// Refuses (409) a new application where a candidacy of the person runs in the program, or a
/// certification stands that can still be renewed (FAQ 19: after the grace period, a new application).
pub(crate) fn none_running(
    tx: &mut Tx<'_>,
    code: &ProgramCode,
    person: PersonId,
    today: NaiveDate,
) -> Result<(), Problem> {
    let (program, person) = (Some(code.clone()), Some(person));
    let filter = CandidacyFilter { program: program.clone(), person, status: None };
    let candidacies = tx.candidacies().list(&filter, Rows { after: None, limit: 1_000 })?;
    let running = candidacies.iter().find(|candidacy| candidacy.runs(today));
    let filter = CertificationFilter { program, person };
    let certifications = tx.certifications().list(&filter, Rows { after: None, limit: 1_000 })?;
    let stands = |one: &&Certification| today <= one.stands_through() && !one.is_revoked(today);
    let standing = certifications.iter().find(stands);
    decision::by_state(vec![
        Finding::new(
            "application.no_running_candidacy",
            "life cycle",
            running.is_none(),
            "no candidacy that runs",
            running.map_or_else(|| "none".to_owned(), |candidacy| candidacy.id.to_string()),
            "Nobody applies for a program while a candidacy of theirs runs in it.",
        ),
        Finding::new(
            "application.no_standing_certification",
            "FAQ 19",
            standing.is_none(),
            "no certification that can still be renewed",
            standing.map_or_else(|| "none".to_owned(), |one| one.number.to_string()),
            "A certification is renewed until its grace period ends; then a new application follows.",
        ),
    ])?;
    Ok(())
}

/// The status moves with the day, so the entity tag tells version and day.
fn answer(call: &Call, candidacy: Candidacy, as_of: NaiveDate, today: NaiveDate) -> Reply {
    let tag = format!("\"v{}-{as_of}\"", candidacy.version);
    let view = CandidacyView::of(candidacy, as_of, today, call.caller());
    Reply::ok(&view).header("ETag", tag).private()
}

/// Saves a candidacy with what happened to it, and answers with it.
fn record(
    tx: &mut Tx<'_>,
    call: &Call,
    today: NaiveDate,
    (mut candidacy, fact): (Candidacy, CandidacyEvent),
) -> Result<Reply, Problem> {
    tx.candidacies().save(&mut candidacy)?;
    tx.record(event(&candidacy, fact))?;
    Ok(answer(call, candidacy, today, today))
}

/// The day as of which a candidacy is read: 400 before its admission.
fn day(asked: Option<AsOf>, candidacy: &Candidacy, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let day = AsOf::or(asked, today);
    if day < candidacy.admitted_on {
        let detail = format!("the admission was on {}.", candidacy.admitted_on);
        return Err(Problem::query("as_of", "out_of_range", detail));
    }
    Ok(day)
}

/// List candidacies
///
/// Staff see everybody's, oldest first; candidates their own. `status` is the status of today.
#[utoipa::path(tag = "Candidates", params(ListCandidacies),
    responses((status = 200, body = Listing<CandidacyView>)))]
#[get("/v1/candidacies")]
pub(crate) async fn list_candidacies(
    app: App,
    call: Call,
    query: Query<ListCandidacies>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListCandidacies)?;
            let page = Page::<CandidacyId>::of(query.limit, query.cursor.as_ref())?;
            let code = call.caller().program_of(query.program.as_ref());
            let Some(code) = code else { return Ok(Listing::empty().reply(call)) };
            let Some(program) = program::asked(tx, &code)? else {
                return Ok(Listing::empty().reply(call));
            };
            let today = app.today(&program);
            let mut filter = CandidacyFilter {
                program: Some(code),
                person: query.person_id,
                status: query.status.map(|status| (status, today)),
            };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.candidacies().list(&filter, page.rows())?;
            let view = |row: Candidacy| {
                call.discloses([row.person]);
                CandidacyView::of(row, today, today, call.caller())
            };
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read a candidacy
///
/// Its status and deadline are those of `as_of`, today when left out.
#[utoipa::path(tag = "Candidates", params(AsOfQuery),
    responses((status = 200, body = CandidacyView)))]
#[get("/v1/candidacies/{candidacy_id}")]
pub(crate) async fn get_candidacy(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    query: Query<AsOfQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow_in(Action::GetCandidacy, &facts(&candidacy), &candidacy.program)?;
            call.discloses([candidacy.person]);
            let today = program::today(&app, tx, &candidacy.program)?;
            let day = day(query.as_of, &candidacy, today)?;
            Ok(seen.answer(answer(call, candidacy, day, today)))
        })
        .await
}

/// Withdraw from a candidacy
///
/// Its open portfolios are withdrawn with it.
#[utoipa::path(tag = "Candidates", request_body = OptionalReason,
    responses((status = 200, body = CandidacyView)))]
#[post("/v1/candidacies/{candidacy_id}/withdraw")]
pub(crate) async fn withdraw_candidacy(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let seen = tx.candidacies().by_ids(&[*id])?.pop().ok_or_else(Problem::not_found)?;
            call.allow(Action::WithdrawCandidacy, &facts(&seen))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &seen.program)?;
            portfolio::hold_open(tx, *id)?;
            let candidacy = tx.candidacies().get(*id)?;
            let reply = record(tx, call, rules.today, candidacy.withdraw(reason, rules.today)?)?;
            portfolio::withdraw_open(tx, &rules, *id)?;
            Ok(reply)
        })
        .await
}

/// Read a candidacy's history
///
/// Everything that happened to it, in order, from the event log. Candidates are not told who in the program
/// did it: it may be an evaluator of their portfolio.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/candidacies/{candidacy_id}/events")]
pub(crate) async fn list_candidacy_events(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let candidacy = tx.candidacies().get(*id)?;
        call.allow(Action::ListCandidacyEvents, &facts(&candidacy))?;
        let mut events = tx.events().history(&id.to_string())?;
        let own = call.actor();
        let theirs = call.caller().person() == Some(candidacy.person);
        if theirs || call.allow(Action::ListEvents, &Facts::default()).is_err() {
            // The last rating of a portfolio may complete it: nobody learns who judged them.
            for event in events.iter_mut().filter(|event| event.actor != own) {
                "the program".clone_into(&mut event.actor);
            }
        }
        Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
    })
    .await
}
