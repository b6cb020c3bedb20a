//! The evaluation of portfolios: who judges them, what their ratings come to, and what follows from that.
//! Every act takes the portfolio's record first: two of them wait for each other.

mod clock;
mod jury;
mod outcome;
mod sight;

use domain::{
    AssignmentId, PersonId,
    access::{Action, Caller, Facts},
    attachment::{Attachment, AttachmentOwner},
    competency::CompetencySet,
    decision,
    event::Event,
    portfolio::{
        Assignment, AssignmentEvent, AssignmentState, Attempt, CompetencyRating, Eligibility,
        Portfolio, PortfolioAct, THIRD_SEAT, free_finding, free_seats,
    },
};
use persistence::{AssignmentFilter, Constraint, Error, Optional, Page, Tx};

pub use clock::{Due, due, settle};
pub use jury::Jury;
pub use outcome::{concluded, remand, run_out, step_in, void, void_findings};
pub use sight::{Parts, is_kept, part_of, tells_ratings};

use super::{portfolio, program::InForce};
use crate::{ids::Chance, problem::Problem};

/// An event of an assignment: it concerns the evaluator.
fn event(assignment: &Assignment, fact: AssignmentEvent) -> Event<AssignmentEvent> {
    Event {
        program: Some(assignment.program.clone()),
        subject: assignment.id.to_string(),
        person: Some(assignment.evaluator),
        fact,
    }
}

/// Saves an assignment with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut assignment, fact): (Assignment, AssignmentEvent),
) -> Result<Assignment, Problem> {
    tx.assignments().save(&mut assignment)?;
    tx.record(event(&assignment, fact))?;
    Ok(assignment)
}

/// Ends an assignment whose work counts for nothing any more: final ratings are voided, open ones released.
fn end(
    tx: &mut Tx<'_>,
    portfolio: &Portfolio,
    one: Assignment,
    reason: &str,
) -> Result<(), Problem> {
    match one.state {
        AssignmentState::Final => drop(save(tx, one.void(portfolio, reason.to_owned())?)?),
        AssignmentState::Open => drop(save(tx, one.release(reason.to_owned())?)?),
        AssignmentState::HandedBack | AssignmentState::Released | AssignmentState::Voided => {}
    }
    Ok(())
}

/// An assignment with its portfolio, the portfolio held first.
pub fn held(tx: &mut Tx<'_>, id: AssignmentId) -> Result<(Portfolio, Assignment), Problem> {
    let portfolio = tx.assignments().portfolio_of(id)?;
    let portfolio = tx.portfolios().get(portfolio)?;
    Ok((portfolio, tx.assignments().get(id)?))
}

/// The attempt that is judged or was judged last.
pub fn present(tx: &mut Tx<'_>, portfolio: &Portfolio) -> Result<Attempt, Problem> {
    match portfolio.attempt {
        Some(attempt) => Ok(tx.attempts().get(attempt)?),
        None => Err(Problem::internal(format!("{}: nothing was submitted", portfolio.id))),
    }
}

/// Assigns an evaluator to every free seat of a portfolio: who rated the seat before, or the least loaded of
/// those who may. A seat for which nobody may stays free.
pub fn assign_free(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: &Portfolio,
) -> Result<Vec<Assignment>, Problem> {
    let known = tx.assignments().of(portfolio.id)?;
    if free_seats(portfolio, &known).is_empty() {
        return Ok(Vec::new());
    }
    // The candidacy comes before the evaluators in every act.
    let set = portfolio::pinned(tx, portfolio)?.set;
    let attempt = present(tx, portfolio)?;
    let mut jury = Jury::of(tx, rules, (portfolio, &attempt), None)?;
    let mut made = Vec::new();
    for seat in free_seats(portfolio, &jury.assignments) {
        let Some((person, judged)) = jury.choose(tx, seat)? else { continue };
        let chosen = (seat, person, judged);
        let assignment =
            insert(tx, (rules, &set), (portfolio, &attempt), &jury.assignments, chosen)?;
        jury.assignments.push(assignment.clone());
        made.push(assignment);
    }
    Ok(made)
}

/// 409 where no seat of a portfolio waits for an evaluator.
pub fn must_have_a_free_seat(tx: &mut Tx<'_>, portfolio: &Portfolio) -> Result<(), Problem> {
    let free = free_seats(portfolio, &tx.assignments().of(portfolio.id)?);
    let seat = free.first().copied().unwrap_or(THIRD_SEAT);
    decision::by_state(vec![
        portfolio.state_finding(PortfolioAct::Assign),
        free_finding(portfolio, &free, seat),
    ])?;
    Ok(())
}

/// Assigns an evaluator whom the office names to the next free seat: 409 where none is free, 422 with the
/// findings on the evaluator.
pub fn assign(
    tx: &mut Tx<'_>,
    rules: &InForce,
    portfolio: &Portfolio,
    person: PersonId,
) -> Result<Assignment, Problem> {
    decision::by_state(vec![portfolio.state_finding(PortfolioAct::Assign)])?;
    let unknown =
        || Problem::input("/evaluator_id", "unknown", "There is no evaluator of this id.");
    let pinned = portfolio::pinned(tx, portfolio)?;
    let found = tx.evaluators().get(&portfolio.program, person).found()?.ok_or_else(unknown)?;
    let attempt = present(tx, portfolio)?;
    let jury = Jury::of(tx, rules, (portfolio, &attempt), Some(found))?;
    let free = free_seats(portfolio, &jury.assignments);
    let seat = free.first().copied().unwrap_or(THIRD_SEAT);
    let judged = jury.of_one(person, seat).ok_or_else(unknown)?;
    let chosen = (seat, person, judged);
    insert(tx, (rules, &pinned.set), (portfolio, &attempt), &jury.assignments, chosen)
}

fn insert(
    tx: &mut Tx<'_>,
    (rules, set): (&InForce, &CompetencySet),
    pair: (&Portfolio, &Attempt),
    assignments: &[Assignment],
    chosen: (i64, PersonId, Eligibility),
) -> Result<Assignment, Problem> {
    let terms = (set, &rules.policy.portfolio, rules.today);
    let (assignment, fact) = Assignment::assign(tx.new_id(), pair, assignments, chosen, terms)?;
    tx.assignments().insert(&assignment).map_err(|error| match error {
        Error::Conflict(Constraint::AssignmentsOnce | Constraint::AssignmentsSeat) => {
            Problem::conflict("The seat is taken, or the evaluator had the attempt before.")
        }
        other => other.into(),
    })?;
    tx.record(event(&assignment, fact))?;
    Ok(assignment)
}

/// Keeps ratings as a draft: 422 where they cannot be.
pub fn rate(
    tx: &mut Tx<'_>,
    assignment: Assignment,
    ratings: Vec<CompetencyRating>,
) -> Result<Assignment, Problem> {
    let bad = assignment.check(&ratings);
    if !bad.is_empty() {
        return Err(bad.into());
    }
    save(tx, assignment.save(ratings)?)
}

/// Makes ratings final. Those that complete what a round needs decide on it: the outcome, the achievement
/// and the award come in the same transaction.
pub fn finalise(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    (portfolio, assignment): (Portfolio, Assignment),
) -> Result<Assignment, Problem> {
    let rateable = portfolio.state_finding(PortfolioAct::Rate);
    let assignment = save(tx, assignment.finalise(rateable, tx.now())?)?;
    concluded(tx, chance, rules, portfolio)?;
    Ok(assignment)
}

/// The evaluator gives an assignment back: somebody else is assigned, if anybody may.
pub fn hand_back(
    tx: &mut Tx<'_>,
    rules: &InForce,
    (portfolio, assignment): (Portfolio, Assignment),
    reason: String,
) -> Result<Assignment, Problem> {
    let assignment = save(tx, assignment.hand_back(reason)?)?;
    assign_free(tx, rules, &portfolio)?;
    Ok(assignment)
}

/// The office takes an assignment back: somebody else is assigned, if anybody may.
pub fn release(
    tx: &mut Tx<'_>,
    rules: &InForce,
    (portfolio, assignment): (Portfolio, Assignment),
    reason: String,
) -> Result<Assignment, Problem> {
    let assignment = save(tx, assignment.release(reason)?)?;
    assign_free(tx, rules, &portfolio)?;
    Ok(assignment)
}

/// Whether an attempt that `caller` judges or judged shows a file.
pub fn shows(tx: &mut Tx<'_>, caller: &Caller, file: &Attachment) -> Result<bool, Problem> {
    let (Some(person), AttachmentOwner::Person(owner)) = (caller.person(), file.owner) else {
        return Ok(false);
    };
    let filter = AssignmentFilter { evaluator: Some(person), ..AssignmentFilter::default() };
    let mut after = None;
    loop {
        let page = tx.assignments().list(&filter, Page { after, limit: 200 })?;
        let Some(last) = page.last() else { return Ok(false) };
        after = Some(last.id);
        for one in page {
            let reads = caller.may(Action::GetAssignment, &Facts::of_person(one.evaluator)).is_ok();
            let live = matches!(one.state, AssignmentState::Open | AssignmentState::Final);
            if !reads || !live {
                continue;
            }
            let attempt = tx.attempts().get(one.attempt)?;
            if attempt.person == owner && attempt.content.attachments().contains(&file.id) {
                return Ok(true);
            }
        }
    }
}
