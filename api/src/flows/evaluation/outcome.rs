//! What the ratings of a portfolio come to, what follows from it, and how it is set aside.

use chrono::NaiveDate;
use domain::{
    AchievementId, Finding, PortfolioId,
    candidacy::Candidacy,
    certification::Method,
    completion::{Achievement, CompletionEvent},
    decision,
    portfolio::{
        Assignment, AssignmentState, Attempt, Portfolio, PortfolioAct, PortfolioResult,
        PortfolioState, THIRD_SEAT,
    },
};
use persistence::Tx;

use super::{assign_free, present, save};
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
    let mut attempt = present(tx, &judged)?.decided(judged.round, outcome.clone(), rules.today);
    tx.attempts().save(&mut attempt)?;
    let decided = portfolio::save(tx, judged.conclude(outcome, &policy.portfolio, rules.today)?)?;
    match result {
        PortfolioResult::Achieved => achieve(tx, chance, rules, candidacy, &attempt)?,
        PortfolioResult::ThirdEvaluator => drop(assign_free(tx, rules, &decided)?),
        PortfolioResult::MoreInformation | PortfolioResult::NotAchieved => {}
    }
    Ok(decided)
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
    let submitted_on = business_day(attempt.submitted_at, &rules.program);
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
    award::after_achievement(chance, tx, candidacy, rules.today)?;
    Ok(())
}

/// Runs the second round of a portfolio whose one chance was not used in time, on the ratings of the first.
/// Nothing changes while the chance runs.
pub fn run_out(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    waiting: Portfolio,
) -> Result<Option<Portfolio>, Problem> {
    let Some(ran_out) = waiting.run_out(rules.today) else { return Ok(None) };
    let judged = portfolio::save(tx, ran_out)?;
    // Where a rating was voided meanwhile, its seat is free.
    assign_free(tx, rules, &judged)?;
    concluded(tx, chance, rules, judged).map(Some)
}

/// Every finding on voiding final ratings: they are of the last attempt, its outcome can be set aside, and
/// no certification rests on it.
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
/// with the achievement that it made; who was to settle a split is released; somebody else is assigned; and
/// what is left is judged again. 409 while a certification rests on it.
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
        void_achievement(tx, achieved, reason, rules.today)?;
    }
    let voided = save(tx, assignment.void(&portfolio, reason.to_owned())?)?;
    let settles = voided.seat != THIRD_SEAT;
    let open = if present(tx, &portfolio)?.outcome().is_some() {
        set_aside(tx, rules, portfolio, reason, |one| settles && one.seat == THIRD_SEAT)?
    } else {
        portfolio
    };
    let judged = concluded(tx, chance, rules, open)?;
    assign_free(tx, rules, &judged)?;
    Ok(voided)
}

fn void_achievement(
    tx: &mut Tx<'_>,
    achieved: Achievement,
    reason: &str,
    today: NaiveDate,
) -> Result<(), Problem> {
    let certificate = achievements::certificate(tx, &achieved, today)?;
    let (mut voided, fact) = achieved.void(reason.to_owned(), certificate.as_deref(), today)?;
    tx.achievements().save(&mut voided)?;
    tx.record(achievements::event(&voided, fact))?;
    Ok(())
}

/// Sets the outcome of a portfolio's last attempt aside, with those of its assignments that `ends` names:
/// final ones are voided, open ones released.
fn set_aside(
    tx: &mut Tx<'_>,
    rules: &InForce,
    decided: Portfolio,
    reason: &str,
    ends: impl Fn(&Assignment) -> bool,
) -> Result<Portfolio, Problem> {
    for one in tx.assignments().of(decided.id)? {
        if Some(one.attempt) != decided.attempt || !ends(&one) {
            continue;
        }
        match one.state {
            AssignmentState::Final => drop(save(tx, one.void(&decided, reason.to_owned())?)?),
            AssignmentState::Open => drop(save(tx, one.release(reason.to_owned())?)?),
            _ => {}
        }
    }
    let mut attempt = present(tx, &decided)?.set_aside(rules.today);
    tx.attempts().save(&mut attempt)?;
    portfolio::save(tx, decided.set_aside(reason.to_owned())?)
}

/// Sets aside what was decided on a portfolio, with every rating of its last attempt, which are kept: other
/// evaluators judge it. 409 where nothing stands that can be set aside.
pub fn remand(
    tx: &mut Tx<'_>,
    rules: &InForce,
    id: PortfolioId,
    reason: &str,
) -> Result<Portfolio, Problem> {
    let decided = tx.portfolios().get(id)?;
    decision::by_state(vec![decided.state_finding(PortfolioAct::SetAside)])?;
    let open = set_aside(tx, rules, decided, reason, |_| true)?;
    assign_free(tx, rules, &open)?;
    Ok(open)
}
