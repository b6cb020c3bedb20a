//! Assignments of portfolios to evaluators, and what they find (FAQ 10). Nobody sees what another evaluator
//! found before both are done, and the candidate never learns who judged.

mod acts;
mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    AssignmentId, Finding, PortfolioId,
    access::{Action, Caller, Facts, Refusal},
    portfolio::{Assignment, AssignmentState, Part, Portfolio, PortfolioAct, free_seats},
};
use persistence::{AssignmentFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use acts::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        evaluation::{self, Jury, Parts},
        portfolio,
        program::{self, InForce},
    },
    problem::Problem,
    v1::{actions, portfolios},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(assign_evaluator)
        .service(list_assignments)
        .service(get_assignment)
        .service(save_ratings)
        .service(finalise_ratings)
        .service(hand_back_assignment)
        .service(release_assignment)
        .service(void_ratings);
}

/// It is the evaluator's own.
fn facts(assignment: &Assignment) -> Facts {
    Facts::of_person(assignment.evaluator)
}

/// Whether the caller reads an assignment for the office. Its evaluator does not, whatever else they are.
fn is_office(caller: &Caller, assignment: &Assignment) -> bool {
    let own = caller.person() == Some(assignment.evaluator);
    !own && caller.may(Action::GetAssignment, &Facts::default()).is_ok()
}

/// Refuses who may not do `action` to an assignment: 404 for who is part of the portfolio, and is not its
/// evaluator.
fn allow(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    pair: (&Portfolio, &Assignment),
) -> Result<(), Problem> {
    call.allow(action, &facts(pair.1))?;
    if evaluation::is_kept(tx, call.caller(), pair)? {
        return Err(Problem::not_found());
    }
    Ok(())
}

/// What the caller may do to an assignment next.
fn offered(
    tx: &mut Tx<'_>,
    caller: &Caller,
    portfolio: &Portfolio,
    assignment: &Assignment,
    today: NaiveDate,
) -> Result<Vec<crate::answer::ActionView>, Problem> {
    let rateable = portfolio.state_finding(PortfolioAct::Rate);
    let open = |act: &str| assignment.open_finding(act);
    let mut finalise = vec![open("make the ratings final"), rateable];
    finalise.extend(assignment.completeness());
    let void: Vec<Finding> = if caller.may(Action::VoidRatings, &facts(assignment)).is_ok() {
        evaluation::void_findings(tx, portfolio, assignment, today)?
    } else {
        Vec::new()
    };
    let offered = [
        (Action::SaveRatings, "PUT", "ratings", vec![open("save ratings")]),
        (Action::FinaliseRatings, "POST", "finalise", finalise),
        (Action::HandBackAssignment, "POST", "hand-back", vec![open("hand the assignment back")]),
        (Action::ReleaseAssignment, "POST", "release", vec![open("release the evaluator")]),
        (Action::VoidRatings, "POST", "void", void),
    ];
    let may = |action| caller.may(action, &facts(assignment)).is_ok();
    let href = |segment| format!("/v1/assignments/{}/{segment}", assignment.id);
    Ok(offered
        .into_iter()
        .filter(|(action, ..)| may(*action))
        .map(|(action, method, segment, findings)| {
            actions::view(action, method, href(segment), findings)
        })
        .collect())
}

/// An assignment with what is to be judged, as the caller sees it.
fn answer(
    tx: &mut Tx<'_>,
    rules: &InForce,
    call: &Call,
    assignment: &Assignment,
) -> Result<Reply, Problem> {
    let caller = call.caller();
    let portfolio = tx.portfolios().get(assignment.portfolio)?;
    let pinned = portfolio::pinned(tx, &portfolio)?;
    let all = tx.assignments().of(portfolio.id)?;
    let office = is_office(caller, assignment);
    let open = office || assignment.sees_others(&all);
    // Who is assigned no more reads nothing of the candidate's any more.
    let live = matches!(assignment.state, AssignmentState::Open | AssignmentState::Final);
    let attempt = if live || office {
        let attempt = tx.attempts().get(assignment.attempt)?;
        let mut attempt = portfolios::attempt_view(tx, attempt, &pinned)?;
        if !open {
            attempt.outcomes.clear();
        }
        Some(attempt)
    } else {
        None
    };
    let view = AssignmentView {
        candidate_name: tx.people().get(portfolio.person)?.full_name(),
        ratings: RatingView::of(assignment, &pinned.set),
        findings: assignment.completeness().into_iter().map(Into::into).collect(),
        attempt,
        others: if open { OtherRatingsView::of(assignment, &all, &pinned.set) } else { Vec::new() },
        actions: offered(tx, caller, &portfolio, assignment, rules.today)?,
        summary: AssignmentSummary::of(assignment, rules.today),
    };
    Ok(Reply::ok(&view).etag_of_all(assignment.version).private())
}

/// The seats of a portfolio that nobody could be assigned to, each with every evaluator of the set and what
/// stands in their way.
pub(crate) fn waiting(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: &Portfolio,
) -> Result<Vec<FreeSeatView>, Problem> {
    let known = tx.assignments().of(portfolio.id)?;
    let free = free_seats(portfolio, &known);
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let attempt = evaluation::present(tx, portfolio)?;
    let jury = Jury::of(tx, rules, (portfolio, &attempt), None)?;
    Ok(free.into_iter().map(|seat| FreeSeatView::of(seat, jury.judged(seat))).collect())
}

/// Assign evaluators to a portfolio
///
/// With `evaluator_id` to the next free seat: 422 with the findings where they may not judge it. Without, to
/// every free seat the least loaded of those who may, as on submission; `waiting` tells of the seats for which
/// nobody may, and why. Without a name nobody is assigned who is away today or for more than half of the days
/// until the ratings are due; by name, nobody who is away today. 409 where no seat is free. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Portfolios", request_body = AssignEvaluator,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssignedView)))]
#[post("/v1/portfolios/{portfolio_id}/assignments")]
pub(crate) async fn assign_evaluator(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
    body: Body<AssignEvaluator>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::AssignEvaluator, &Facts::of_person(portfolio.person))?;
            if evaluation::part_of(tx, call.caller(), &portfolio)? == Some(Part::Evaluator) {
                return Err(Refusal::Forbidden.into());
            }
            let asked = body.get()?.evaluator_id;
            let rules = program::in_force(&app, tx, &portfolio.program)?;
            let made = if let Some(person) = asked {
                vec![evaluation::assign(tx, &rules, &portfolio, person)?]
            } else {
                evaluation::must_have_a_free_seat(tx, &portfolio)?;
                evaluation::assign_free(tx, &rules, &portfolio)?
            };
            let of = |one: &Assignment| AssignmentSummary::of(one, rules.today);
            let view = AssignedView {
                assigned: made.iter().map(of).collect(),
                waiting: waiting(tx, &rules, &portfolio)?,
            };
            Ok(Reply::ok(&view).private())
        })
        .await
}

/// List assignments
///
/// Oldest first. The office sees all of them, evaluators their own. Who of the office is the candidate of a
/// portfolio, or judges it, does not see those of others of it.
#[utoipa::path(tag = "Portfolios", params(ListAssignments),
    responses((status = 200, body = Listing<AssignmentSummary>)))]
#[get("/v1/assignments")]
pub(crate) async fn list_assignments(
    app: App,
    call: Call,
    query: Query<ListAssignments>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListAssignments)?;
            let program = query.program.clone().unwrap_or_else(domain::program::ProgramCode::lssc);
            let page = Page::<AssignmentId>::of(query.limit, query.cursor.as_ref())?;
            let mut evaluator = query.evaluator_id;
            if !reach.narrow(&mut evaluator) || program::asked(tx, &program)?.is_none() {
                return Ok(Listing::empty().reply(call));
            }
            let today = program::today(&app, tx, &program)?;
            let filter = AssignmentFilter {
                program: Some(program),
                evaluator,
                portfolio: query.portfolio_id,
                state: query.state,
                set: query.set.clone(),
                overdue_before: query.overdue.filter(|overdue| *overdue).map(|_| today),
                kept: Parts::of(tx, call.caller())?.map(|parts| parts.kept()),
            };
            let rows = tx.assignments().list(&filter, page.rows())?;
            let view = |one: Assignment| AssignmentSummary::of(&one, today);
            Ok(page.listing(rows, |one| one.id, view).reply(call))
        })
        .await
}

/// Read an assignment
///
/// For its evaluator: what was submitted, what is to be rated and what was rated so far. `others` holds what
/// the other evaluators found once both are final, and who they are is not told. The office reads all of them;
/// who of the office is the candidate, or judges the portfolio, is told 404 of the others'. Who handed it back, was
/// released, or whose ratings are void reads nothing of what was submitted any more.
#[utoipa::path(tag = "Portfolios",
    responses((status = 200, body = AssignmentView)))]
#[get("/v1/assignments/{assignment_id}")]
pub(crate) async fn get_assignment(
    app: App,
    call: Call,
    id: PathOf<AssignmentId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let (portfolio, assignment) = evaluation::held(tx, *id)?;
            allow(tx, call, Action::GetAssignment, (&portfolio, &assignment))?;
            let rules = program::in_force(&app, tx, &assignment.program)?;
            Ok(seen.answer(answer(tx, &rules, call, &assignment)?))
        })
        .await
}
