//! Where portfolios join appeals: what was decided on one, who judged it, and what a remand does to it.

use domain::{
    PortfolioId, Word,
    appeal::{Appeal, Appellant, DecisionKind},
    portfolio::{AssignmentState, PortfolioState},
};
use persistence::{Recorded, Tx};

use super::contested::Thing;
use crate::{
    flows::{evaluation, program::InForce},
    problem::Problem,
};

/// The portfolio as an appeal sees it: who rated it took part in the decision.
pub(super) fn thing(tx: &mut Tx<'_>, id: PortfolioId) -> Result<Thing, Problem> {
    let portfolio = tx.portfolios().get(id)?;
    let decided = portfolio.state == PortfolioState::NotAchieved;
    let assignments = if decided { tx.assignments().of(id)? } else { Vec::new() };
    let rated = assignments.iter().filter(|one| one.state == AssignmentState::Final);
    Ok(Thing {
        program: portfolio.program,
        appellant: Appellant::Person(portfolio.person),
        state: portfolio.state.as_str(),
        decided: if decided { &[DecisionKind::PortfolioNotAchieved] } else { &[] },
        judges: rated.map(|one| one.evaluator.to_string()).collect(),
    })
}

/// Whether an event tells that a portfolio does not achieve its set.
pub(super) fn tells(event: &Recorded) -> bool {
    event.event_type == "portfolio.not_achieved"
}

/// Sets the ratings of the last attempt aside, which are kept: other evaluators judge it.
pub(super) fn reopen(
    tx: &mut Tx<'_>,
    rules: &InForce,
    id: PortfolioId,
    appeal: &Appeal,
) -> Result<(), Problem> {
    evaluation::remand(tx, rules, id, &appeal.remand_reason()).map(drop)
}
