//! What the ratings of a portfolio come to, what follows from it, and how it is set aside.

use chrono::NaiveDate;
use domain::{
    AchievementId, AttemptId, CandidacyId, Finding, PortfolioId,
    candidacy::Candidacy,
    certification::Method,
    competency::SetCode,
    completion::{Achievement, CompletionEvent},
    decision,
    portfolio::{
        Assignment, AssignmentState, Attempt, Portfolio, PortfolioAct, PortfolioOutcome,
        PortfolioResult, PortfolioState, THIRD_SEAT,
    },
    program::Program,
};
use persistence::Tx;

use super::{assign_free, end, present, save};
use crate::{
    clock::business_day,
    flows::{
        award, portfolio,
        program::{self, InForce},
    },
    ids::Chance,
    problem::Problem,
    v1::achievements,
};

/// What the final ratings of a portfolio come to, as soon as all are there that its round needs: the
/// outcome is kept on the attempt; a set that is achieved is recorded, and the certification awarded when
/// it is due; what is split goes to a third evaluator. Nothing changes while somebody still rates.
pub fn concluded(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    judged: Portfolio,
) -> Result<Portfolio, Problem> {
    if !PortfolioAct::Rate.from().contains(&judged.state) {
        return Ok(judged);
    }
    let candidacy = tx.candidacies().get(judged.candidacy)?;
    let (policy, framework) = program::pinned(tx, &candidacy)?;
    let assignments = tx.assignments().of(judged.id)?;
    let outcome = judged.judge(&assignments, &framework, &policy.portfolio).map_err(|bad| {
        Problem::internal(format!("{}: its ratings cannot be judged: {bad:?}", judged.id))
    })?;
    let Some(outcome) = outcome else { return Ok(judged) };
    let result = outcome.outcome;
    let settled = third(tx, &judged, &assignments, &outcome)?;
    let mut attempt = present(tx, &judged)?.decided(judged.round, outcome.clone(), rules.today);
    tx.attempts().save(&mut attempt)?;
    let decided = portfolio::save(tx, judged.conclude(outcome, &policy.portfolio, rules.today)?)?;
    match result {
        PortfolioResult::Achieved => achieve(tx, chance, rules, candidacy, &attempt)?,
        // Whoever settled the same split before need not do it again.
        PortfolioResult::ThirdEvaluator if settled => {
            return concluded(tx, chance, rules, decided);
        }
        PortfolioResult::ThirdEvaluator => drop(assign_free(tx, rules, &decided)?),
        PortfolioResult::MoreInformation | PortfolioResult::NotAchieved => {}
    }
    Ok(decided)
}

/// Brings the third seat in line with a new outcome where somebody holds it from before ratings were voided:
/// they go on with what is split now, and ratings of another split are void. Whether what is split is settled.
fn third(
    tx: &mut Tx<'_>,
    judged: &Portfolio,
    assignments: &[Assignment],
    outcome: &PortfolioOutcome,
) -> Result<bool, Problem> {
    let live = |one: &&Assignment| {
        one.seat == THIRD_SEAT
            && Some(one.attempt) == judged.attempt
            && matches!(one.state, AssignmentState::Open | AssignmentState::Final)
    };
    // Where it was asked for by this outcome's own split, there is nothing to bring in line.
    let Some(held) = assignments.iter().find(live).filter(|_| judged.disputed.is_empty()) else {
        return Ok(false);
    };
    match held.state {
        _ if outcome.outcome != PortfolioResult::ThirdEvaluator => {
            end(tx, judged, held.clone(), NOT_SPLIT)?;
        }
        AssignmentState::Final if held.to_rate == outcome.disputed => return Ok(true),
        AssignmentState::Final => end(tx, judged, held.clone(), NOT_SPLIT)?,
        _ => {
            if let Some(changed) = held.clone().scope_to(&outcome.disputed) {
                save(tx, changed)?;
            }
        }
    }
    Ok(false)
}

/// Records the achievement of an attempt's set, from the day on which the attempt was submitted: the time
/// that evaluators take is not the candidate's. A set that was achieved otherwise meanwhile stays as it is,
/// and who withdrew from the candidacy achieves nothing in it.
fn achieve(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    candidacy: Candidacy,
    attempt: &Attempt,
) -> Result<(), Problem> {
    let known = tx.achievements().of(candidacy.id)?;
    let stands = known.iter().any(|one| one.set == attempt.set && one.voided_on.is_none());
    if stands || candidacy.withdrawn_on.is_some() {
        return Ok(());
    }
    record(tx, &rules.program, &candidacy, attempt)?;
    award::after_achievement(chance, tx, candidacy, rules.today)?;
    Ok(())
}

fn record(
    tx: &mut Tx<'_>,
    program: &Program,
    candidacy: &Candidacy,
    attempt: &Attempt,
) -> Result<(), Problem> {
    let submitted_on = business_day(attempt.submitted_at, program);
    let id: AchievementId = tx.new_id();
    let achieved = Achievement {
        id,
        program: attempt.program.clone(),
        person: attempt.person,
        candidacy: candidacy.id,
        set: attempt.set.clone(),
        method: Method::Portfolio,
        achieved_on: submitted_on.max(candidacy.admitted_on),
        evidence: attempt.id.to_string(),
        voided_on: None,
        void_reason: None,
        version: 1,
    };
    tx.achievements().insert_all(std::slice::from_ref(&achieved))?;
    let fact = CompletionEvent::Achieved { after: achieved.clone() };
    tx.record(achievements::event(&achieved, fact))?;
    Ok(())
}

/// Records the achievement of a set whose achievement was voided by a portfolio that achieved it meanwhile
/// and did not count, for the set stood already. What was voided itself does not come back.
pub fn step_in(tx: &mut Tx<'_>, candidacy: CandidacyId, set: &SetCode) -> Result<(), Problem> {
    let known = tx.achievements().of(candidacy)?;
    let stands = known.iter().any(|one| one.set == *set && one.voided_on.is_none());
    let candidacy = tx.candidacies().get(candidacy)?;
    if stands || candidacy.withdrawn_on.is_some() {
        return Ok(());
    }
    let counted = |id: &AttemptId| known.iter().any(|one| one.evidence == id.to_string());
    let portfolios = tx.portfolios().of_set(candidacy.id, set)?.into_iter();
    let achieved = portfolios.filter(|one| one.state == PortfolioState::Achieved);
    let Some(attempt) = achieved.filter_map(|one| one.attempt).find(|id| !counted(id)) else {
        return Ok(());
    };
    let attempt = tx.attempts().get(attempt)?;
    let program = tx.programs().get(&candidacy.program)?;
    record(tx, &program, &candidacy, &attempt)
}

/// Runs the second round of a portfolio whose one chance was not used in time, on the ratings of the first.
/// Nothing changes while the chance runs.
pub fn run_out(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    waiting: Portfolio,
) -> Result<Option<Portfolio>, Problem> {
    let submitted = present(tx, &waiting)?;
    let Some(ran_out) = waiting.run_out(&submitted, rules.today) else { return Ok(None) };
    let judged = portfolio::save(tx, ran_out)?;
    // Where a rating was voided meanwhile, its seat is free.
    assign_free(tx, rules, &judged)?;
    concluded(tx, chance, rules, judged).map(Some)
}

/// Every finding on voiding final ratings: they are of the last attempt, its outcome can be set aside, no
/// certification rests on it, and where the portfolio is open again by that, no other one is.
pub fn void_findings(
    tx: &mut Tx<'_>,
    portfolio: &Portfolio,
    assignment: &Assignment,
    today: NaiveDate,
) -> Result<Vec<Finding>, Problem> {
    let mut findings = assignment.void_findings(portfolio);
    let decided = match portfolio.attempt {
        Some(attempt) => tx.attempts().get(attempt)?.outcome().is_some(),
        None => false,
    };
    let act = if decided { PortfolioAct::SetAside } else { PortfolioAct::Rate };
    findings.push(portfolio.state_finding(act));
    if !PortfolioState::OPEN.contains(&portfolio.state) {
        findings.push(portfolio::reopened_finding(tx, portfolio)?);
    }
    if portfolio.state == PortfolioState::Achieved
        && let Some(achieved) = achievement(tx, portfolio)?
    {
        let certificate = achievements::certificate(tx, &achieved, today)?;
        findings.extend(achieved.void_findings(certificate.as_deref()));
    }
    Ok(findings)
}

/// The achievement that rests on the last attempt of a portfolio, while it stands.
fn achievement(tx: &mut Tx<'_>, portfolio: &Portfolio) -> Result<Option<Achievement>, Problem> {
    let Some(attempt) = portfolio.attempt.map(|id| id.to_string()) else { return Ok(None) };
    let known = tx.achievements().of(portfolio.candidacy)?;
    Ok(known.into_iter().find(|one| one.evidence == attempt && one.voided_on.is_none()))
}

/// Voids final ratings: they are kept and count for nothing. An outcome that rested on them is set aside,
/// with the achievement that it made; somebody else is assigned; and what is left is judged again. Who was to
/// settle a split waits for what is split then. 409 while a certification rests on it. Why, the office and the
/// evaluator read; the candidate is told that it was.
pub fn void(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    (portfolio, assignment): (Portfolio, Assignment),
    reason: &str,
) -> Result<Assignment, Problem> {
    // The candidacy is held: an award and a voiding wait for each other.
    tx.candidacies().get(portfolio.candidacy)?;
    decision::by_state(void_findings(tx, &portfolio, &assignment, rules.today)?)?;
    if portfolio.state == PortfolioState::Achieved
        && let Some(achieved) = achievement(tx, &portfolio)?
    {
        void_achievement(tx, achieved, rules.today)?;
    }
    let voided = save(tx, assignment.void(&portfolio, reason.to_owned())?)?;
    let open = if present(tx, &portfolio)?.outcome().is_some() {
        set_aside(tx, rules, portfolio, reason)?
    } else {
        portfolio
    };
    let judged = concluded(tx, chance, rules, open)?;
    assign_free(tx, rules, &judged)?;
    Ok(voided)
}

/// What candidates read of an achievement whose ratings are void.
const SET_ASIDE: &str = "Ratings of the portfolio were set aside; it is judged again.";
/// What a third evaluator reads whose ratings are needed no more.
const NOT_SPLIT: &str = "What the evaluators are split on changed.";

fn void_achievement(
    tx: &mut Tx<'_>,
    achieved: Achievement,
    today: NaiveDate,
) -> Result<(), Problem> {
    let certificate = achievements::certificate(tx, &achieved, today)?;
    let (mut voided, fact) = achieved.void(SET_ASIDE.to_owned(), certificate.as_deref(), today)?;
    tx.achievements().save(&mut voided)?;
    tx.record(achievements::event(&voided, fact))?;
    Ok(())
}

/// Sets the outcome of a portfolio's last attempt aside.
fn set_aside(
    tx: &mut Tx<'_>,
    rules: &InForce,
    decided: Portfolio,
    reason: &str,
) -> Result<Portfolio, Problem> {
    let mut attempt = present(tx, &decided)?.set_aside(rules.today);
    tx.attempts().save(&mut attempt)?;
    portfolio::save(tx, decided.set_aside(&attempt, reason.to_owned())?)
}

/// Sets aside what was decided on a portfolio, with every rating of its last attempt, which are kept: other
/// evaluators judge it. 409 where nothing stands that can be set aside, and while another portfolio is open for
/// the set.
pub fn remand(
    tx: &mut Tx<'_>,
    rules: &InForce,
    id: PortfolioId,
    reason: &str,
) -> Result<Portfolio, Problem> {
    let decided = tx.portfolios().get(id)?;
    decision::by_state(vec![
        decided.state_finding(PortfolioAct::SetAside),
        portfolio::reopened_finding(tx, &decided)?,
    ])?;
    for one in tx.assignments().of(decided.id)? {
        if Some(one.attempt) == decided.attempt {
            end(tx, &decided, one, reason)?;
        }
    }
    let open = set_aside(tx, rules, decided, reason)?;
    assign_free(tx, rules, &open)?;
    Ok(open)
}
