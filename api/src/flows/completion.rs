//! Completions: the acts that reach beyond them, to achievements and the award.

use chrono::NaiveDate;
use domain::{
    CompletionId, Finding,
    candidacy::{Candidacy, CandidacyAct},
    completion::{Achievement, Completion, CompletionEvent},
    course_credit::{self, CreditFacts},
    decision,
    event::Event,
};
use persistence::{Constraint, Error, Tx};

use super::{award, program};
use crate::{ids::Chance, problem::Problem, v1::achievements};

fn event(completion: &Completion, fact: CompletionEvent) -> Event<CompletionEvent> {
    Event {
        program: Some(completion.program.clone()),
        subject: completion.id.to_string(),
        person: Some(completion.person),
        fact,
    }
}

/// The findings of the credit rules on a completion: what staff see before they decide, and what the
/// decision rests on. `proof` is what the decision itself attests.
fn credit(
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    completion: &Completion,
    today: NaiveDate,
) -> Result<Vec<Finding>, Problem> {
    let (policy, framework) = program::pinned(tx, candidacy)?;
    let course = tx.courses().get(completion.course)?;
    let facts = CreditFacts {
        approved_on: course.approved_on,
        ends_on: Some(course.last_day()),
        completed_on: completion.completed_on,
        deadline: candidacy.deadline(today),
        course_set: course.set,
        claimed_set: completion.set.clone(),
        proof: true,
    };
    course_credit::evaluate(&facts, &framework, &policy.courses)
        .map(|outcome| outcome.findings)
        .map_err(|bad| {
            Problem::internal(format!("{}: stored facts are bad: {bad:?}", completion.id))
        })
}

/// Stores a completion that was handed in: 409 where its course is there already.
pub fn record(tx: &mut Tx<'_>, completion: &Completion) -> Result<(), Problem> {
    tx.completions().insert(completion).map_err(|error| match error {
        Error::Conflict(Constraint::CompletionsOnce) => {
            Problem::conflict("This course was handed in for the candidacy already.")
        }
        other => other.into(),
    })?;
    let fact = CompletionEvent::Recorded { after: completion.into() };
    tx.record(event(completion, fact))?;
    Ok(())
}

/// Verifies a completion: the set is achieved and, on the sixth, the certification awarded. 409 where
/// the set is achieved already.
pub fn verify(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    completion: Completion,
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let act = CandidacyAct::VerifyCompletion;
    decision::by_state(vec![candidacy.state_finding(act, today)])?;
    let credit = credit(tx, &candidacy, &completion, today)?;
    let (mut completion, achievement, [verified, achieved]) =
        completion.verify(tx.new_id(), credit, candidacy.admitted_on, today)?;
    tx.completions().save(&mut completion)?;
    tx.achievements().insert(&achievement).map_err(|error| match error {
        Error::Conflict(Constraint::AchievementsOneStanding) => Problem::conflict(format!(
            "The competency set {} is achieved already.",
            achievement.set
        )),
        other => other.into(),
    })?;
    tx.record(event(&completion, verified))?;
    tx.record(achievements::event(&achievement, achieved))?;
    award::after_achievement(chance, tx, candidacy, today)?;
    Ok(completion)
}

/// Refuses a completion, with the findings of the credit rules.
pub fn refuse(
    tx: &mut Tx<'_>,
    completion: Completion,
    reason: String,
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let credit = credit(tx, &candidacy, &completion, today)?;
    let (mut completion, fact) = completion.refuse(credit, reason, today)?;
    tx.completions().save(&mut completion)?;
    tx.record(event(&completion, fact))?;
    Ok(completion)
}

/// Voids the completion that a voided achievement rested on: its course can be handed in again.
pub fn void(
    tx: &mut Tx<'_>,
    achievement: &Achievement,
    reason: String,
    today: NaiveDate,
) -> Result<(), Problem> {
    let Ok(completion) = achievement.evidence.parse::<CompletionId>() else { return Ok(()) };
    let (mut completion, fact) = tx.completions().get(completion)?.void(reason, today);
    tx.completions().save(&mut completion)?;
    tx.record(event(&completion, fact))?;
    Ok(())
}
