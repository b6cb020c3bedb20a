//! What time does to portfolios: a chance that was not used, an evaluator who is reminded, an assignment whose
//! time ran out, a seat for which there may be somebody now.

use domain::{
    AssignmentId, PortfolioId, calendar,
    portfolio::{PortfolioAct, free_seats},
    program::ProgramCode,
};
use persistence::{Page, PortfolioFilter, Tx};

use super::{assign_free, held, run_out, save};
use crate::{flows::program::InForce, ids::Chance, problem::Problem};

/// Portfolios of one read.
const STEP: i64 = 200;

/// Something whose day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Due {
    /// The one chance of a portfolio ended.
    Chance(PortfolioId),
    /// The time of an assignment ran out.
    Lapsed(AssignmentId),
    /// An evaluator is reminded.
    Reminder(AssignmentId),
    /// A seat of a portfolio waits for somebody.
    Vacant(PortfolioId),
}

/// What may be due today in the program of `rules`, at most `limit` of each kind.
pub fn due(tx: &mut Tx<'_>, rules: &InForce, limit: i64) -> Result<Vec<Due>, Problem> {
    let (policy, today) = (&rules.policy.portfolio, rules.today);
    let program = &rules.program.code;
    let before = calendar::add_days(today, -i64::from(policy.lease_grace_days));
    let soon = calendar::add_days(today, policy.reminder_days.into());
    let ended = tx.portfolios().chances_ended(program, today, limit)?;
    let mut found: Vec<_> = ended.into_iter().map(Due::Chance).collect();
    let lapsed = tx.assignments().lapsed(program, before, limit)?;
    found.extend(lapsed.into_iter().map(Due::Lapsed));
    let reminders = tx.assignments().to_remind(program, soon, limit)?;
    found.extend(reminders.into_iter().map(Due::Reminder));
    found.extend(vacant(tx, program, limit)?.into_iter().map(Due::Vacant));
    Ok(found)
}

/// The portfolios of a program of which a seat is free, oldest first.
fn vacant(tx: &mut Tx<'_>, program: &ProgramCode, limit: i64) -> Result<Vec<PortfolioId>, Problem> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for state in PortfolioAct::Assign.from() {
        let (program, state) = (Some(program.clone()), Some(*state));
        let filter = PortfolioFilter { program, state, ..PortfolioFilter::default() };
        let mut after = None;
        while found.len() < limit {
            let page = tx.portfolios().list(&filter, Page { after, limit: STEP })?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for judged in page {
                if !free_seats(&judged, &tx.assignments().of(judged.id)?).is_empty() {
                    found.push(judged.id);
                }
            }
        }
    }
    found.truncate(limit);
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
        Due::Vacant(id) => {
            let portfolio = tx.portfolios().get(id)?;
            let ours = portfolio.program == rules.program.code;
            Ok(ours && !assign_free(tx, rules, &portfolio)?.is_empty())
        }
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
