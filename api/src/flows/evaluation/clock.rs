//! What time does to evaluators: a reminder, and the end of an assignment whose time ran out.

use domain::AssignmentId;
use persistence::Tx;

use super::{assign_free, held, save};
use crate::{flows::program::InForce, problem::Problem};

/// Reminds an evaluator, once; nothing while the due day is not near.
pub fn remind(tx: &mut Tx<'_>, rules: &InForce, id: AssignmentId) -> Result<bool, Problem> {
    let (_, assignment) = held(tx, id)?;
    let Some(reminded) = assignment.remind(&rules.policy.portfolio, rules.today) else {
        return Ok(false);
    };
    save(tx, reminded)?;
    Ok(true)
}

/// Takes an assignment back whose time ran out, and assigns somebody else, if anybody may. Nothing while
/// it is in time.
pub fn lapse(tx: &mut Tx<'_>, rules: &InForce, id: AssignmentId) -> Result<bool, Problem> {
    let (portfolio, assignment) = held(tx, id)?;
    if !assignment.has_lapsed(&rules.policy.portfolio, rules.today) {
        return Ok(false);
    }
    save(tx, assignment.release("The time to rate it ran out.".to_owned())?)?;
    assign_free(tx, rules, &portfolio)?;
    Ok(true)
}
