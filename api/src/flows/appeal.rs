//! Appeals: what they are about, and what a remand reopens.

mod contested;
mod portfolio;

use domain::{
    AttachmentId, BadFact, Finding,
    appeal::{Appeal, AppealEvent, AppealOutcome, Notice, Subject},
    attachment::AttachmentPurpose,
    decision::{self, Refused},
    event::Event,
};
use persistence::{Constraint, Error, Optional, Tx};

pub use contested::{Contested, contested};

use super::{admission, agreement, completion, graduate, program::InForce, proposal, renewal};
use crate::problem::Problem;

/// An event of an appeal.
fn event(appeal: &Appeal, fact: AppealEvent) -> Event<AppealEvent> {
    Event {
        program: Some(appeal.program.clone()),
        subject: appeal.id.to_string(),
        person: appeal.appellant.person(),
        fact,
    }
}

/// Saves an appeal with what happened to it.
pub fn save(tx: &mut Tx<'_>, (mut appeal, fact): (Appeal, AppealEvent)) -> Result<Appeal, Problem> {
    tx.appeals().save(&mut appeal)?;
    tx.record(event(&appeal, fact))?;
    Ok(appeal)
}

/// Notice of intent to appeal what was decided: 409 where nothing stands that can be appealed, or it was
/// appealed already, 422 where it comes late.
pub fn notice(tx: &mut Tx<'_>, contested: &Contested, grounds: String) -> Result<Appeal, Problem> {
    let (appeal, fact) = Appeal::notice(
        tx.new_id(),
        contested.program.code.clone(),
        (&contested.notice, contested.appellant),
        grounds,
        &contested.policy,
        (contested.today, tx.now()),
    )?;
    tx.appeals().insert(&appeal).map_err(|error| match error {
        Error::Conflict(Constraint::AppealsOnce) => {
            let notice = Notice { appealed: true, ..contested.notice.clone() };
            Refused::State(notice.standing_findings()).into()
        }
        other => Problem::from(other),
    })?;
    tx.record(event(&appeal, fact))?;
    Ok(appeal)
}

/// Refuses (422) files that are not the appellant's own evidence, or named twice.
pub fn check_files(
    tx: &mut Tx<'_>,
    appeal: &Appeal,
    files: &[AttachmentId],
) -> Result<(), Problem> {
    let mut bad = Vec::new();
    for (place, id) in files.iter().enumerate() {
        let pointer = format!("/attachment_ids/{place}");
        if files.iter().take(place).any(|other| other == id) {
            bad.push(BadFact::at(pointer, "duplicate", "The file is named twice."));
            continue;
        }
        let purpose = AttachmentPurpose::Evidence;
        bad.extend(match tx.attachments().get(*id).found()? {
            Some(file) => file.check_use(&pointer, appeal.appellant.files(), purpose),
            None => Some(BadFact::at(pointer, "unknown", "There is no such attachment.")),
        });
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.into()) }
}

/// Decides an appeal. A remand reopens exactly the decision, in the same transaction: 409 where that no
/// longer stands.
pub fn decide(
    tx: &mut Tx<'_>,
    rules: &InForce,
    appeal: Appeal,
    (outcome, reason): (AppealOutcome, String),
    by: String,
) -> Result<Appeal, Problem> {
    let decided = save(tx, appeal.decide(outcome, reason, by, rules.today)?)?;
    if outcome == AppealOutcome::Remanded {
        let stands = stands(tx, rules, &decided)?;
        decision::by_state(vec![stands])?;
        reopen(tx, rules, &decided)?;
    }
    Ok(decided)
}

/// The finding on whether the decision still stands that an appeal is against: what was decided anew since,
/// or given up, is not reopened.
fn stands(tx: &mut Tx<'_>, rules: &InForce, appeal: &Appeal) -> Result<Finding, Problem> {
    let now = contested(tx, appeal.decision.subject, &|_| rules.today)?.notice;
    let stands = now.decision.is_some_and(|decision| decision.id == appeal.decision.id);
    Ok(Finding::new(
        "appeal.decision",
        "appeals policy",
        stands,
        "the decision that was appealed",
        if stands { "it stands" } else { now.state },
        "A remand reopens the decision that was appealed, as long as it stands.",
    ))
}

/// Sets the decision aside that an appeal is against: what it was about is decided anew.
fn reopen(tx: &mut Tx<'_>, rules: &InForce, appeal: &Appeal) -> Result<(), Problem> {
    match appeal.decision.subject {
        Subject::Application(id) => {
            let refused = tx.applications().get(id)?;
            admission::reopen(tx, rules, refused, appeal.id).map(drop)
        }
        Subject::Completion(id) => {
            let refused = tx.completions().get(id)?;
            completion::reopen(tx, refused, appeal.id).map(drop)
        }
        Subject::CourseProposal(id) => {
            let declined = tx.proposals().get(id)?;
            proposal::reopen_declined(tx, declined, appeal.id).map(drop)
        }
        Subject::Agreement(id) => {
            let reopened = tx.agreements().get(id)?.reopen(appeal.id)?;
            agreement::save(tx, reopened).map(drop)
        }
        Subject::Portfolio(id) => portfolio::reopen(tx, rules, id, appeal),
        Subject::Graduate(id) => graduate::reopen(tx, id, appeal.id).map(drop),
        Subject::Renewal(id) => {
            let held = renewal::held(tx, id)?;
            renewal::reopen(tx, rules, held, appeal.id).map(drop)
        }
    }
}
