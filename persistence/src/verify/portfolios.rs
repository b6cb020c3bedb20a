//! Invariants of portfolios.

use domain::{
    competency::CompetencyCode,
    portfolio::{Assignment, AssignmentState, Portfolio, PortfolioState},
};

use super::{Check, PAGE};
use crate::{AssignmentFilter, Error, Page, PortfolioFilter, Tx};

pub(super) const CHECKS: &[Check] = &[
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
