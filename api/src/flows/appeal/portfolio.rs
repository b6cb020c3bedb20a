//! Where portfolios join appeals: what was decided on one, who judged it, and what a remand does to it.

use domain::{PortfolioId, appeal::Appeal};
use persistence::{Recorded, Tx};

use super::contested::Thing;
use crate::{flows::program::InForce, problem::Problem};

/// The portfolio as an appeal sees it.
pub(super) fn thing(_tx: &mut Tx<'_>, _id: PortfolioId) -> Result<Thing, Problem> {
    Err(Problem::not_found())
}

/// Whether an event tells that a portfolio does not achieve its set.
pub(super) fn tells(event: &Recorded) -> bool {
    event.event_type == "portfolio.not_achieved"
}

/// Sets the ratings of the last attempt aside: new evaluators judge it.
pub(super) fn reopen(
    _tx: &mut Tx<'_>,
    _rules: &InForce,
    _id: PortfolioId,
    _appeal: &Appeal,
) -> Result<(), Problem> {
    Err(Problem::not_found())
}
