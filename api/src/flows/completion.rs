//! Completions: the acts that reach beyond them, to achievements and the award.

mod claim;
mod corrections;
mod desk;

pub(super) use claim::{against_waiting, close, insert, recorded, store, waiting_event};
pub use claim::{arrive, claim_waiting, save_waiting, waiting_findings};
pub(super) use corrections::signed_again;
pub use corrections::{correct, settle_bundle, withdraw};
pub(super) use desk::{Desk, Holder, Judged};

use chrono::NaiveDate;
use domain::{
    AppealId, CompletionId, GraduateId,
    completion::{Achievement, Completion, CompletionEvent, CompletionState},
    event::Event,
};
use persistence::{Constraint, Error, Optional, Tx};

use super::{award, graduate};
use crate::{ids::Chance, problem::Problem};

/// An event of a completion.
pub(super) fn event(completion: &Completion, fact: CompletionEvent) -> Event<CompletionEvent> {
    Event {
        program: Some(completion.program.clone()),
        subject: completion.id.to_string(),
        person: Some(completion.person),
        fact,
    }
}

/// 409 where the course of a completion is there already.
fn handed_in_already(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::CompletionsOnce) => {
            Problem::conflict("This course was handed in for the candidacy already.")
        }
        other => other.into(),
    }
}

/// Stores a completion that was handed in: 409 where its course is there already.
pub fn record(tx: &mut Tx<'_>, completion: &Completion) -> Result<(), Problem> {
    tx.completions().insert(completion).map_err(handed_in_already)?;
    let fact = CompletionEvent::Recorded { after: completion.into() };
    tx.record(event(completion, fact))?;
    Ok(())
}

/// Verifies a completion: the set is achieved, unless its course is one of several in a bundle, and on the
/// sixth the certification awarded. 409 where the set is achieved already.
pub fn verify(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    completion: Completion,
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let (desk, mut holder) = Desk::of_one(tx, candidacy, &[completion.course], today)?;
    let judged = desk.verify(tx, &mut holder, completion)?;
    judged.save(tx, chance, holder, today)
}

/// Refuses a completion, with the findings of the credit rules.
pub fn refuse(
    tx: &mut Tx<'_>,
    completion: Completion,
    reason: String,
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let (desk, holder) = Desk::of_one(tx, candidacy, &[completion.course], today)?;
    let credit = desk.credit(&holder.candidacy, &completion)?;
    let (mut completion, fact) = completion.refuse(credit, reason, today)?;
    tx.completions().save(&mut completion)?;
    tx.record(event(&completion, fact))?;
    Ok(completion)
}

/// Reopens a completion whose refusal an appeal set aside: it waits for a decision again. 409 where its
/// course was handed in again meanwhile.
pub fn reopen(
    tx: &mut Tx<'_>,
    completion: Completion,
    appeal: AppealId,
) -> Result<Completion, Problem> {
    let (mut completion, fact) = completion.reopen(appeal)?;
    tx.completions().save(&mut completion).map_err(handed_in_already)?;
    tx.record(event(&completion, fact))?;
    Ok(completion)
}

/// Voids the completions that a voided achievement rested on, of a bundle all of its parts: their courses
/// can be handed in again. A graduate waits for a decision again. Where another bundle for the set was
/// completed meanwhile, it achieves the set now.
pub fn void(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    achievement: &Achievement,
    reason: &str,
    today: NaiveDate,
) -> Result<(), Problem> {
    let mut rested: Vec<CompletionId> = Vec::new();
    if let Ok(completion) = achievement.evidence.parse::<CompletionId>() {
        rested.push(completion);
    } else if let Ok(graduate) = achievement.evidence.parse::<GraduateId>() {
        graduate::void_credit(tx, graduate, achievement, reason)?;
    } else if let Ok(bundle) = achievement.evidence.parse()
        && let Some(bundle) = tx.bundles().get(bundle).found()?
    {
        let done = tx.completions().of_candidacies(&[achievement.candidacy])?;
        let part = |one: &&Completion| {
            one.state == CompletionState::Verified && bundle.courses.contains(&one.course)
        };
        rested.extend(done.iter().filter(part).map(|one| one.id));
    }
    for completion in rested {
        let (mut completion, fact) =
            tx.completions().get(completion)?.void(reason.to_owned(), today);
        tx.completions().save(&mut completion)?;
        tx.record(event(&completion, fact))?;
    }
    corrections::settle_set(tx, chance, achievement, today)
}

impl Judged {
    /// Saves what was judged of a completion that is stored already, and awards what follows from it.
    fn save(
        self,
        tx: &mut Tx<'_>,
        chance: &dyn Chance,
        holder: Holder,
        today: NaiveDate,
    ) -> Result<Completion, Problem> {
        let mut completion = self.completion;
        tx.completions().save(&mut completion)?;
        let achieved = self.achievement.is_some();
        tx.achievements().insert_all(self.achievement.as_slice())?;
        tx.record_all(self.events)?;
        if achieved {
            award::after_achievement(chance, tx, holder.candidacy, today)?;
        }
        Ok(completion)
    }
}
