//! Invariants of portfolios.

use diesel::{dsl::count_star, prelude::*};
use domain::{
    AchievementId, AttemptId, CandidacyId, PersonId,
    certification::Method,
    competency::{CompetencyCode, SetCode},
    portfolio::{
        Assignment, AssignmentState, AttemptOutcome, Portfolio, PortfolioResult, PortfolioState,
    },
};

use super::{Check, PAGE};
use crate::{
    AssignmentFilter, Error, Optional, Page, PortfolioFilter, Tx,
    conn::each_backend,
    digest,
    schema::{achievements, portfolio_assignments},
    sealed,
    types::V,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I7",
        sentence: "every standing achievement by portfolio rests on an attempt that achieved its set",
        rows: baseless_achievements,
    },
    Check {
        id: "I8",
        sentence: "a seat of an attempt has at most one evaluator whose work goes on or counts",
        rows: crowded_seats,
    },
    Check {
        id: "I8",
        sentence: "an evaluator has an attempt at most once",
        rows: repeated_evaluators,
    },
    Check {
        id: "I8",
        sentence: "final ratings are one rating for each competency that was to be rated",
        rows: uneven_ratings,
    },
    Check {
        id: "I8",
        sentence: "the attempts of every portfolio are numbered from 1 on, and the last one is judged",
        rows: uncounted_attempts,
    },
    Check {
        id: "I8",
        sentence: "the seal of every attempt is the one of what is stored",
        rows: broken_seals,
    },
    Check {
        id: "I9",
        sentence: "every portfolio's state was reached by legal edges",
        rows: illegal_portfolios,
    },
    Check {
        id: "I9",
        sentence: "every assignment's state was reached by legal edges",
        rows: illegal_assignments,
    },
];

fn every_portfolio(
    tx: &mut Tx<'_>,
    wrong: fn(&mut Tx<'_>, &Portfolio) -> Result<bool, Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page =
            tx.portfolios().list(&PortfolioFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for portfolio in page {
            if wrong(tx, &portfolio)? {
                rows.push(format!("{} is {}", portfolio.id, portfolio.state));
            }
        }
    }
}

fn every_assignment(
    tx: &mut Tx<'_>,
    wrong: fn(&mut Tx<'_>, &Assignment) -> Result<bool, Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page =
            tx.assignments().list(&AssignmentFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for assignment in page {
            if wrong(tx, &assignment)? {
                rows.push(format!("{} is {}", assignment.id, assignment.state));
            }
        }
    }
}

/// A page at a time by id: evidence is text, which the databases join in different ways.
fn baseless_achievements(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = AchievementId::from_bits(0);
    loop {
        let page: Vec<(V<AchievementId>, V<CandidacyId>, String, String)> =
            each_backend!(tx.conn, |c| achievements::table
                .filter(achievements::method.eq(V(Method::Portfolio)))
                .filter(achievements::voided_on.is_null())
                .filter(achievements::id.gt(V(after)))
                .order(achievements::id.asc())
                .limit(PAGE)
                .select((
                    achievements::id,
                    achievements::candidacy_id,
                    achievements::set_code,
                    achievements::evidence
                ))
                .load(c))?;
        let Some((last, ..)) = page.last() else { return Ok(rows) };
        after = last.0;
        for (id, candidacy, set, evidence) in page {
            if !shown(tx, candidacy.0, &crate::json::parsed(&set)?, &evidence)? {
                rows.push(format!("{} rests on {evidence}", id.0));
            }
        }
    }
}

/// Whether `evidence` is an attempt of the candidacy for the set, and its portfolio is achieved by it.
fn shown(
    tx: &mut Tx<'_>,
    candidacy: CandidacyId,
    set: &SetCode,
    evidence: &str,
) -> Result<bool, Error> {
    let Ok(id) = evidence.parse::<AttemptId>() else { return Ok(false) };
    let Some(attempt) = tx.attempts().get(id).found()? else { return Ok(false) };
    let portfolio = tx.portfolios().get(attempt.portfolio)?;
    let achieved = |one: &AttemptOutcome| one.outcome.outcome == PortfolioResult::Achieved;
    Ok(portfolio.candidacy == candidacy
        && portfolio.set == *set
        && portfolio.state == PortfolioState::Achieved
        && portfolio.attempt == Some(id)
        && attempt.outcome().is_some_and(achieved))
}

fn crowded_seats(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let live = [V(AssignmentState::Open), V(AssignmentState::Final)];
    let found: Vec<(V<AttemptId>, i64)> = each_backend!(tx.conn, |c| portfolio_assignments::table
        .filter(portfolio_assignments::state.eq_any(live))
        .group_by((portfolio_assignments::attempt_id, portfolio_assignments::seat))
        .having(count_star().gt(1))
        .select((portfolio_assignments::attempt_id, portfolio_assignments::seat))
        .limit(PAGE)
        .load(c))?;
    Ok(found.into_iter().map(|(attempt, seat)| format!("{} seat {seat}", attempt.0)).collect())
}

fn repeated_evaluators(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let found: Vec<(V<AttemptId>, V<PersonId>)> =
        each_backend!(tx.conn, |c| portfolio_assignments::table
            .group_by((portfolio_assignments::attempt_id, portfolio_assignments::evaluator_id))
            .having(count_star().gt(1))
            .select((portfolio_assignments::attempt_id, portfolio_assignments::evaluator_id))
            .limit(PAGE)
            .load(c))?;
    Ok(found.into_iter().map(|(attempt, person)| format!("{} {}", attempt.0, person.0)).collect())
}

fn uneven_ratings(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every_assignment(tx, |_, assignment| {
        let done = matches!(assignment.state, AssignmentState::Final | AssignmentState::Voided);
        let once = |code: &CompetencyCode| {
            let given = assignment.ratings.iter().filter(|one| one.competency == *code);
            given.filter(|one| one.rating.is_some()).count() == 1
        };
        let even = assignment.ratings.len() == assignment.to_rate.len()
            && assignment.to_rate.iter().all(once);
        Ok(done && !even)
    })
}

fn uncounted_attempts(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every_portfolio(tx, |tx, portfolio| {
        let attempts = tx.attempts().of(portfolio.id)?;
        let numbered = attempts.iter().map(|one| one.number).eq(1..=portfolio.attempts);
        Ok(!numbered || attempts.last().map(|one| one.id) != portfolio.attempt)
    })
}

/// Hashes every attempt anew, its files as they are recorded now.
fn broken_seals(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every_portfolio(tx, |tx, portfolio| {
        for attempt in tx.attempts().of(portfolio.id)? {
            let Some(files) = tx.files_of(&attempt).found()? else { return Ok(true) };
            if digest(&sealed(&attempt, &files)?) != attempt.content_hash {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Replays the events of every portfolio along the legal edges.
fn illegal_portfolios(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every_portfolio(tx, |tx, portfolio| {
        let events = tx.events().history(&portfolio.id.to_string())?;
        let types = events.iter().map(|event| event.event_type.as_str());
        Ok(PortfolioState::replay(types) != Some(portfolio.state))
    })
}

/// Replays the events of every assignment along the legal edges.
fn illegal_assignments(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every_assignment(tx, |tx, assignment| {
        let events = tx.events().history(&assignment.id.to_string())?;
        let types = events.iter().map(|event| event.event_type.as_str());
        Ok(AssignmentState::replay(types) != Some(assignment.state))
    })
}
