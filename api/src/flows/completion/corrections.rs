//! Corrections and withdrawals of completions: the achievement and the award follow.

use chrono::NaiveDate;
use domain::{
    Finding,
    candidacy::Candidacy,
    completion::{Achievement, Completion, CompletionEvent, CompletionState, Follows, Proof},
    course::bundle::Bundle,
    event::Event,
};
use persistence::{CompletionFilter, Page, Tx};

use super::{Desk, Holder, event, handed_in_already};
use crate::{
    flows::{award, evaluation},
    ids::Chance,
    problem::Problem,
    v1::achievements,
};

/// Why and when something follows.
struct Cause<'a> {
    reason: &'a str,
    today: NaiveDate,
}

/// Corrects the day of a completion. The credit is judged again, and the achievement, the certification
/// that rests on it and its terms follow. What its provider signed is decided at once; what a candidate
/// handed in waits for staff, unless it was verified and still counts. 409 where it counts no more and a
/// certification rests on it.
pub fn correct(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    completion: Completion,
    (completed_on, reason): (NaiveDate, &str),
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let (desk, mut holder) = Desk::of_one(tx, candidacy, &[completion.course], today)?;
    let dated = Completion { completed_on, ..completion.clone() };
    let credit = desk.credit(&holder.candidacy, &dated)?;
    let (mut completion, follows, fact) =
        completion.correct(completed_on, credit, reason.to_owned(), today)?;
    tx.completions().save(&mut completion).map_err(handed_in_already)?;
    tx.record(event(&completion, fact))?;
    holder.put(&completion);
    let cause = Cause { reason, today };
    let bundle = desk.bundle(completion.course).filter(|_| follows != Follows::Nothing);
    if let Some(bundle) = bundle {
        settle(tx, &desk, &holder, (&completion, bundle), &cause)?;
    } else if let Some(held) = resting_on(&holder, &completion) {
        match follows {
            Follows::Nothing => {}
            Follows::Redated => redate(tx, &holder, held, completed_on, &cause)?,
            Follows::Voided => {
                void(tx, &holder, held.clone(), &cause)?;
                settle_set(tx, chance, &held, today)?;
            }
        }
    }
    let signed = completion.state == CompletionState::Recorded
        && completion.proof == Proof::Roster
        && desk.candidacy_finding(&holder.candidacy).satisfied;
    if signed {
        let judged = desk.sign(tx, &mut holder, completion)?;
        return judged.save(tx, chance, holder, today);
    }
    if follows == Follows::Voided {
        evaluation::step_in(tx, completion.candidacy, &completion.set)?;
    }
    if follows != Follows::Nothing {
        award::follow(tx, chance, holder.candidacy, reason, today)?;
    }
    Ok(completion)
}

/// Takes up a refused completion that its provider signs once more: what stood against it is gone, as by a
/// voided achievement, a renewed approval or an extended deadline. It waits for its judgement.
pub(in crate::flows) fn signed_again(
    completion: Completion,
    credit: Vec<Finding>,
    today: NaiveDate,
) -> Result<(Completion, Event<CompletionEvent>), Problem> {
    let (day, reason) = (completion.completed_on, "Its provider signed it again.".to_owned());
    let (completion, _, fact) = completion.correct(day, credit, reason, today)?;
    let corrected = event(&completion, fact);
    Ok((completion, corrected))
}

/// Withdraws a completion: the achievement that rests on it is voided. 409 where a certification rests on
/// that which the other achievements do not carry as it is.
pub fn withdraw(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    completion: Completion,
    reason: &str,
    today: NaiveDate,
) -> Result<Completion, Problem> {
    let candidacy = tx.candidacies().get(completion.candidacy)?;
    let (desk, mut holder) = Desk::of_one(tx, candidacy, &[completion.course], today)?;
    let (mut completion, follows, fact) = completion.withdraw(reason.to_owned(), today)?;
    tx.completions().save(&mut completion)?;
    tx.record(event(&completion, fact))?;
    holder.put(&completion);
    if follows == Follows::Nothing {
        return Ok(completion);
    }
    let cause = Cause { reason, today };
    let bundle = desk.bundle(completion.course).map(|bundle| bundle.id.to_string());
    let ground = standing(&holder, &bundle.unwrap_or_else(|| completion.id.to_string()));
    if let Some(bundle) = desk.bundle(completion.course) {
        settle(tx, &desk, &holder, (&completion, bundle), &cause)?;
    } else if let Some(held) = resting_on(&holder, &completion) {
        void(tx, &holder, held.clone(), &cause)?;
        settle_set(tx, chance, &held, today)?;
    }
    if let Some(ground) = ground {
        relay(tx, chance, holder.candidacy, &ground, &cause)?;
    }
    evaluation::step_in(tx, completion.candidacy, &completion.set)?;
    Ok(completion)
}

/// Where the certification rests on an achievement that is voided now, it rests on the others from now on.
fn relay(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    candidacy: Candidacy,
    ground: &Achievement,
    cause: &Cause<'_>,
) -> Result<(), Problem> {
    let voided = tx.achievements().get(ground.id)?.voided_on.is_some();
    if !voided || achievements::certificate(tx, ground, cause.today)?.is_none() {
        return Ok(());
    }
    award::follow(tx, chance, candidacy, cause.reason, cause.today)
}

/// A bundle was approved: who had completed all of its parts before achieves its set.
pub fn settle_bundle(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    bundle: &Bundle,
    today: NaiveDate,
) -> Result<(), Problem> {
    let Some(first) = bundle.courses.first() else { return Ok(()) };
    let (course, state) = (Some(*first), Some(CompletionState::Verified));
    let filter = CompletionFilter { course, state, ..CompletionFilter::default() };
    let mut after = None;
    loop {
        let page = tx.completions().list(&filter, Page { after, limit: 500 })?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for part in page {
            let candidacy = tx.candidacies().get(part.candidacy)?;
            let (desk, holder) = Desk::of_one(tx, candidacy, &bundle.courses, today)?;
            let open = desk.candidacy_finding(&holder.candidacy).satisfied;
            // An approval takes no reason: nothing is voided or dated anew by it.
            if open && standing(&holder, &bundle.id.to_string()).is_none() {
                let cause = Cause { reason: "", today };
                settle(tx, &desk, &holder, (&part, bundle), &cause)?;
                award::after_achievement(chance, tx, holder.candidacy, today)?;
            }
        }
    }
}

/// The achievement of a set was voided: a bundle for it whose parts are all verified achieves it instead.
pub(super) fn settle_set(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    voided: &Achievement,
    today: NaiveDate,
) -> Result<(), Problem> {
    let done = tx.completions().of_candidacies(&[voided.candidacy])?;
    let verified = done.iter().filter(|one| one.state == CompletionState::Verified);
    let courses: Vec<_> = verified.map(|one| one.course).collect();
    if courses.is_empty() {
        return Ok(());
    }
    let candidacy = tx.candidacies().get(voided.candidacy)?;
    let (desk, holder) = Desk::of_one(tx, candidacy, &courses, today)?;
    if !desk.candidacy_finding(&holder.candidacy).satisfied {
        return Ok(());
    }
    let policy = &desk.rules(&holder.candidacy)?.0.courses;
    let done = holder.verified();
    let complete =
        |one: &Bundle| one.set == voided.set && one.credit(&done, policy).completed_on.is_some();
    let whole = holder.completions.iter().find_map(|part| {
        let bundle = desk.bundle(part.course).filter(|one| complete(one))?;
        Some((part, bundle))
    });
    let Some((part, bundle)) = whole else { return Ok(()) };
    // A void takes no reason further: nothing else is voided or dated anew by it.
    settle(tx, &desk, &holder, (part, bundle), &Cause { reason: "", today })?;
    award::after_achievement(chance, tx, holder.candidacy, today).map(drop)
}

/// The standing achievement that a completion made.
fn resting_on(holder: &Holder, completion: &Completion) -> Option<Achievement> {
    standing(holder, &completion.id.to_string())
}

fn standing(holder: &Holder, evidence: &str) -> Option<Achievement> {
    let rests = |one: &&Achievement| one.evidence == evidence && one.voided_on.is_none();
    holder.achievements.iter().find(rests).cloned()
}

/// Brings the achievement by a bundle in line with its parts, one of which changed.
fn settle(
    tx: &mut Tx<'_>,
    desk: &Desk,
    holder: &Holder,
    (part, bundle): (&Completion, &Bundle),
    cause: &Cause<'_>,
) -> Result<(), Problem> {
    let (policy, _) = desk.rules(&holder.candidacy)?;
    let credit = bundle.credit(&holder.verified(), &policy.courses);
    match (credit.completed_on, standing(holder, &bundle.id.to_string())) {
        (Some(on), Some(held)) => redate(tx, holder, held, on, cause),
        (None, Some(held)) => void(tx, holder, held, cause),
        (Some(on), None) if holder.open_set(&bundle.set).satisfied => {
            let (id, admitted_on) = (tx.new_id(), holder.candidacy.admitted_on);
            let (achievement, fact) = part.achieve_bundle(id, bundle.id, on, admitted_on);
            tx.achievements().insert(&achievement)?;
            tx.record(achievements::event(&achievement, fact))?;
            Ok(())
        }
        (_, None) => Ok(()),
    }
}

fn redate(
    tx: &mut Tx<'_>,
    holder: &Holder,
    held: Achievement,
    completed_on: NaiveDate,
    cause: &Cause<'_>,
) -> Result<(), Problem> {
    let admitted_on = holder.candidacy.admitted_on;
    let redated = held.redate(completed_on, admitted_on, cause.reason.to_owned());
    if let Some((mut achievement, fact)) = redated {
        tx.achievements().save(&mut achievement)?;
        tx.record(achievements::event(&achievement, fact))?;
    }
    Ok(())
}

/// Voids an achievement: 409 while a certification rests on it that would not stand as it is by the others. What
/// follows for the certification is the caller's to do.
fn void(
    tx: &mut Tx<'_>,
    holder: &Holder,
    held: Achievement,
    cause: &Cause<'_>,
) -> Result<(), Problem> {
    let spare = award::stands_without(tx, &holder.candidacy, &held, cause.today)?;
    let certificate = if spare { None } else { achievements::certificate(tx, &held, cause.today)? };
    let (mut achievement, fact) =
        held.void(cause.reason.to_owned(), certificate.as_deref(), cause.today)?;
    tx.achievements().save(&mut achievement)?;
    tx.record(achievements::event(&achievement, fact))?;
    Ok(())
}
