//! What time does to portfolios: a chance that was not used, an evaluator who is reminded, an assignment whose
//! time ran out.

use domain::{AssignmentId, PortfolioId, calendar};
use persistence::Tx;

use super::{assign_free, held, run_out, save};
use crate::{flows::program::InForce, ids::Chance, problem::Problem};

/// Something whose day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The one chance of a portfolio ended.
    Chance(PortfolioId),
    /// The time of an assignment ran out.
    Lapsed(AssignmentId),
    /// An evaluator is reminded.
    Reminder(AssignmentId),
}

/// What may be due today, at most `limit` of each kind. Other programs' may be among it.
pub fn due(tx: &mut Tx<'_>, rules: &InForce, limit: i64) -> Result<Vec<Due>, Problem> {
    let (policy, today) = (&rules.policy.portfolio, rules.today);
    let lapsed = calendar::add_days(today, -i64::from(policy.lease_grace_days));
    let soon = calendar::add_days(today, policy.reminder_days.into());
    let mut found: Vec<_> =
        tx.portfolios().chances_ended(today, limit)?.into_iter().map(Due::Chance).collect();
    found.extend(tx.assignments().lapsed(lapsed, limit)?.into_iter().map(Due::Lapsed));
    found.extend(tx.assignments().to_remind(soon, limit)?.into_iter().map(Due::Reminder));
    Ok(found)
}

/// Does what is due in the program of `rules`; whether there was anything to do. Whoever came first did it.
pub fn settle(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    due: Due,
) -> Result<bool, Problem> {
    match due {
        Due::Chance(id) => {
            let portfolio = tx.portfolios().get(id)?;
            if portfolio.program != rules.program.code {
                return Ok(false);
            }
            Ok(run_out(tx, chance, rules, portfolio)?.is_some())
        }
        Due::Lapsed(id) => lapse(tx, rules, id),
        Due::Reminder(id) => remind(tx, rules, id),
    }
}

/// Reminds an evaluator, once; nothing while the due day is not near.
fn remind(tx: &mut Tx<'_>, rules: &InForce, id: AssignmentId) -> Result<bool, Problem> {
    let (portfolio, assignment) = held(tx, id)?;
    if portfolio.program != rules.program.code {
        return Ok(false);
    }
    let Some(reminded) = assignment.remind(&rules.policy.portfolio, rules.today) else {
        return Ok(false);
    };
    save(tx, reminded)?;
    Ok(true)
}

/// Takes an assignment back whose time ran out, and assigns somebody else, if anybody may. Nothing while
/// it is in time.
fn lapse(tx: &mut Tx<'_>, rules: &InForce, id: AssignmentId) -> Result<bool, Problem> {
    let (portfolio, assignment) = held(tx, id)?;
    let lapsed = assignment.has_lapsed(&rules.policy.portfolio, rules.today);
    if portfolio.program != rules.program.code || !lapsed {
        return Ok(false);
    }
    save(tx, assignment.release("The time to rate it ran out.".to_owned())?)?;
    assign_free(tx, rules, &portfolio)?;
    Ok(true)
}
