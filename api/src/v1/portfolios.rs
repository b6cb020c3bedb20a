//! Portfolios: how a candidate shows what they can for a competency set (FAQ 10, 15).

mod acts;
mod attempts;
mod bodies;
mod views;

use actix_web::{get, patch, post};
use domain::{
    BadFact, PersonId, PortfolioId,
    access::{Action, Facts},
    candidacy::Candidacy,
    competency::SetCode,
    portfolio::{Attempt, Part, Portfolio, PortfolioContent},
};
use persistence::{PortfolioFilter, Tx};

pub use acts::*;
pub use attempts::*;
pub use bodies::*;
pub use views::*;

use super::candidacies;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{
        evaluation,
        portfolio::{self, Pinned},
        program,
    },
    problem::Problem,
    v1::events::EventView,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_portfolio)
        .service(list_portfolios)
        .service(get_portfolio)
        .service(update_portfolio)
        .service(request_pre_review)
        .service(comment_portfolio)
        .service(invoice_portfolio)
        .service(submit_portfolio)
        .service(withdraw_portfolio)
        .service(list_attempts)
        .service(get_attempt)
        .service(list_portfolio_events);
}

pub(crate) fn facts(portfolio: &Portfolio) -> Facts {
    Facts::of_person(portfolio.person)
}

/// Leaves out of attempts what they came to where the caller still judges the portfolio: nobody reads what
/// the others found before they are done.
pub(crate) fn shown_to(
    tx: &mut Tx<'_>,
    call: &Call,
    portfolio: &Portfolio,
    attempts: &mut [Attempt],
) -> Result<(), Problem> {
    if evaluation::part_of(tx, call.caller(), portfolio)? == Some(Part::Evaluator) {
        for attempt in attempts {
            attempt.outcomes.clear();
        }
    }
    Ok(())
}

/// The portfolio as the caller sees it.
fn view(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    portfolio: Portfolio,
) -> Result<PortfolioView, Problem> {
    let today = program::today(app, tx, &portfolio.program)?;
    let rules = portfolio::pinned(tx, &portfolio)?;
    let standing = portfolio::invoice_of(tx, &portfolio)?;
    let fee = portfolio::fee_finding(standing.as_ref());
    let achieved = portfolio::has_achieved(tx, portfolio.candidacy, &portfolio.set)?;
    let against = (&rules.candidacy, &rules.set);
    let (mut submission, rest) = portfolio.submission_findings(against, (&fee, achieved), today);
    submission.extend(rest);
    let mut attempts = tx.attempts().of(portfolio.id)?;
    shown_to(tx, call, &portfolio, &mut attempts)?;
    let latest = attempts.iter().rev().find_map(|one| Some((one, one.outcome()?)));
    let outcome = match latest {
        Some((attempt, kept)) => {
            let assignments = tx.assignments().of(portfolio.id)?;
            let said = rules.set.competencies.iter().map(|one| {
                (one.code.clone(), portfolio::comments_on(attempt, &assignments, &one.code))
            });
            Some((OutcomeView::of(attempt.number, kept, &rules.set), said.collect()))
        }
        None => None,
    };
    let shown = Shown {
        completeness: portfolio.content.completeness(&rules.set),
        fee,
        invoice: portfolio::invoice_findings(&portfolio, standing.as_ref(), achieved),
        submission,
        chance: portfolio.chance_finding(today),
        outcome,
        attempts: attempts.iter().map(AttemptSummary::from).collect(),
        competencies: rules.set.competencies,
    };
    Ok(PortfolioView::of(portfolio, shown, call.caller()))
}

fn answer(app: &App, tx: &mut Tx<'_>, call: &Call, portfolio: Portfolio) -> Result<Reply, Problem> {
    let version = portfolio.version;
    Ok(Reply::ok(&view(app, tx, call, portfolio)?).etag_of_all(version).private())
}

/// The rules for the set that a body names: 422 where the candidacy knows no such one.
fn asked_for(tx: &mut Tx<'_>, candidacy: Candidacy, set: &SetCode) -> Result<Pinned, Problem> {
    let unknown =
        || Problem::input("/set", "unknown", format!("There is no competency set {set}."));
    portfolio::rules_of(tx, candidacy, set)?.ok_or_else(unknown)
}

/// Everything that is wrong with what a body gives; `at` is where it is in the body.
fn faults(
    tx: &mut Tx<'_>,
    at: &str,
    given: &PortfolioContent,
    rules: &Pinned,
    person: PersonId,
) -> Result<Vec<BadFact>, Problem> {
    let mut bad = given.check(&rules.set);
    bad.extend(portfolio::file_faults(tx, "/responses", &given.responses, person)?);
    Ok(beneath(at, bad))
}

/// Begin a portfolio
///
/// A draft for one competency set of a candidacy that runs; it may hold something already. One for a set is
/// open at a time. After one that was not achieved another may follow, with a new fee (FAQ 10).
#[utoipa::path(tag = "Portfolios", request_body = CreatePortfolio,
    extensions(("x-problems" = json!([404]))),
    responses((status = 201, body = PortfolioView)))]
#[post("/v1/portfolios")]
pub(crate) async fn create_portfolio(
    app: App,
    call: Call,
    body: Body<CreatePortfolio>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let own = call.signed()?.person();
            let given = body.get();
            // A body that cannot be read names nobody's candidacy: it is judged as one's own.
            let candidacy = match &given {
                Ok(body) => Some(tx.candidacies().get(body.candidacy_id)?),
                Err(_) => None,
            };
            let owned = Facts { owner: own, organisation: None };
            let facts = candidacy.as_ref().map_or(owned, candidacies::facts);
            call.allow(Action::CreatePortfolio, &facts)?;
            let body = given?;
            let Some(candidacy) = candidacy else { return Err(Problem::not_found()) };
            let person = candidacy.person;
            let today = program::today(&app, tx, &candidacy.program)?;
            let rules = asked_for(tx, candidacy, &body.set)?;
            let content = body.content.clone().unwrap_or_default();
            let bad = faults(tx, "/content", &content.given(), &rules, person)?;
            if !bad.is_empty() {
                return Err(bad.into());
            }
            let content = content.after(PortfolioContent::default());
            let draft = portfolio::begin(tx, &rules, content, today)?;
            let location = format!("/v1/portfolios/{}", draft.id);
            let version = draft.version;
            let view = view(&app, tx, call, draft)?;
            Ok(Reply::created(location, &view).etag_of_all(version).private())
        })
        .await
}

/// List portfolios
///
/// Oldest first. Staff see everybody's, candidates their own; with `pre_review_waits=true` it is the office's
/// queue of reviews before submission. Evaluators find theirs among their assignments.
#[utoipa::path(tag = "Portfolios", params(ListPortfolios),
    responses((status = 200, body = Listing<PortfolioSummary>)))]
#[get("/v1/portfolios")]
pub(crate) async fn list_portfolios(
    app: App,
    call: Call,
    query: Query<ListPortfolios>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListPortfolios)?;
        let mut filter = PortfolioFilter {
            program: query.program.clone(),
            person: query.person_id,
            candidacy: query.candidacy_id,
            set: query.set.clone(),
            state: query.state,
            pre_review_waits: query.pre_review_waits,
        };
        let page = Page::<PortfolioId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.portfolios().list(&filter, page.rows())?;
        let view = |row: Portfolio| PortfolioSummary::from(&row);
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a portfolio
///
/// With what is there and what is missing, competency by competency, what the office said before submission,
/// whether the fee is settled, the attempts, and what the ratings came to, with the evaluators' comments and
/// without their names.
#[utoipa::path(tag = "Portfolios", responses((status = 200, body = PortfolioView)))]
#[get("/v1/portfolios/{portfolio_id}")]
pub(crate) async fn get_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::GetPortfolio, &facts(&portfolio))?;
            Ok(seen.answer(answer(&app, tx, call, portfolio)?))
        })
        .await
}

/// Change a portfolio
///
/// While it is a draft; while more information is asked for only the competencies that are named, by the last
/// day of the chance, and every part that is locked has its finding. What is left out stays; `responses`
/// replaces those of the competencies that it names. Needs `If-Match`.
#[utoipa::path(tag = "Portfolios", request_body = UpdatePortfolio,
    responses((status = 200, body = PortfolioView)))]
#[patch("/v1/portfolios/{portfolio_id}")]
pub(crate) async fn update_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
    body: Body<UpdatePortfolio>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::UpdatePortfolio, &facts(&portfolio))?;
            let change = body.get()?;
            let rules = portfolio::pinned(tx, &portfolio)?;
            let bad = faults(tx, "", &change.given(), &rules, portfolio.person)?;
            if !bad.is_empty() {
                return Err(bad.into());
            }
            seen.check(portfolio.version)?;
            let today = program::today(&app, tx, &portfolio.program)?;
            let after = change.after(portfolio.content.clone());
            let updated = portfolio::save(tx, portfolio.update(after, today)?)?;
            answer(&app, tx, call, updated)
        })
        .await
}

/// Read a portfolio's history
///
/// Everything that happened to it, in order, from the event log. Who judges it besides being of the office does
/// not read here what the others found.
#[utoipa::path(tag = "Portfolios", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/portfolios/{portfolio_id}/events")]
pub(crate) async fn list_portfolio_events(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let portfolio = tx.portfolios().get(*id)?;
        call.allow(Action::ListPortfolioEvents, &facts(&portfolio))?;
        let mut events = tx.events().history(&id.to_string())?;
        if evaluation::part_of(tx, call.caller(), &portfolio)? == Some(Part::Evaluator) {
            events.retain(|event| !evaluation::tells_ratings(event));
        }
        Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
    })
    .await
}
