//! The award of a certification: automatic on the sixth set, or on request (FAQ 8, 19).

use chrono::{Datelike, NaiveDate};
use domain::{
    candidacy::{Candidacy, CandidacyEvent},
    certificate::{Award, CertificateNumber, Certification, CertificationEvent, Ground},
    certification::{self, AchievementFact, MAX_ADDED_DAYS, Progress, ProgressFacts},
    competency::{Framework, SetKind},
    completion::Achievement,
    decision,
    event::Event,
    policy::Policy,
};
use persistence::{Error, Tx};

use super::program;
use crate::{ids::Chance, problem::Problem};

/// Where a candidacy stands on `day`, by the achievements that stand on it and the rules that it pinned.
pub fn progress(
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    day: NaiveDate,
) -> Result<Progress, Problem> {
    let (policy, framework) = program::pinned(tx, candidacy)?;
    let achievements = tx.achievements().of(candidacy.id)?;
    reckon(candidacy, &achievements, &policy, &framework, day)
}

fn reckon(
    candidacy: &Candidacy,
    achievements: &[Achievement],
    policy: &Policy,
    framework: &Framework,
    day: NaiveDate,
) -> Result<Progress, Problem> {
    // A set that was voided and achieved again may stand twice on a day between: the later record counts.
    let standing: Vec<_> = achievements.iter().filter(|one| one.stands_on(day)).collect();
    let latest = |one: &&&Achievement| {
        !standing.iter().any(|other| other.set == one.set && other.id > one.id)
    };
    let facts = ProgressFacts {
        admitted_on: candidacy.admitted_on,
        hold_days: candidacy.hold_days(day).min(MAX_ADDED_DAYS),
        extension_days: candidacy.extension_days(day).min(MAX_ADDED_DAYS),
        as_of: day,
        achievements: standing
            .iter()
            .filter(latest)
            .map(|one| AchievementFact {
                set: one.set.clone(),
                achieved_on: one.achieved_on,
                method: Some(one.method),
            })
            .collect(),
    };
    // These are stored facts: one that the rules call bad is a fault of the store, not of the caller.
    certification::progress(&facts, framework, policy).map_err(|bad| {
        Problem::internal(format!("{}: stored facts are bad: {bad:?}", candidacy.id))
    })
}

/// What follows from a new achievement: the award, when it meets the requirement and the policy awards
/// by itself.
pub fn after_achievement(
    chance: &dyn Chance,
    tx: &mut Tx<'_>,
    candidacy: Candidacy,
    today: NaiveDate,
) -> Result<Option<Certification>, Problem> {
    let (policy, framework) = program::pinned(tx, &candidacy)?;
    if policy.certification.award != domain::policy::Award::Automatic {
        return Ok(None);
    }
    let achievements = tx.achievements().of(candidacy.id)?;
    let progress = reckon(&candidacy, &achievements, &policy, &framework, today)?;
    if !progress.satisfied || candidacy.completed_on.is_some() || candidacy.withdrawn_on.is_some() {
        return Ok(None);
    }
    award(chance, tx, candidacy, today).map(Some)
}

/// What follows from the correction of an achievement: the certification that rests on it moves with the
/// day on which the requirement was first met; where there is none, it may be met now.
pub fn follow(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    mut candidacy: Candidacy,
    reason: &str,
    today: NaiveDate,
) -> Result<(), Problem> {
    let Some(certification) = tx.certifications().of(candidacy.id)? else {
        return after_achievement(chance, tx, candidacy, today).map(drop);
    };
    let (policy, framework) = program::pinned(tx, &candidacy)?;
    let achievements = tx.achievements().of(candidacy.id)?;
    let progress = reckon(&candidacy, &achievements, &policy, &framework, today)?;
    let met = progress.completed_on;
    let in_time = met.is_some_and(|day| certification.met_finding(day).satisfied);
    if certification.is_revoked(today) && !in_time {
        // Nothing rests on it any more: it keeps the days that it had.
        return Ok(());
    }
    let Some(after) = met else {
        return Err(Problem::internal(format!("{}: a correction left no award", candidacy.id)));
    };
    decision::by_state(vec![certification.met_finding(after)])?;
    let grounds = grounds(&achievements, &policy, &framework, after);
    let followed = certification.follow(after, grounds, &policy, reason.to_owned());
    if let Some(followed) = followed {
        save(tx, followed)?;
    }
    if let Some(before) = candidacy.completed_on.replace(after).filter(|before| *before != after) {
        tx.candidacies().save(&mut candidacy)?;
        let moved = CandidacyEvent::CompletionMoved { before, after };
        tx.record(crate::v1::candidacies::event(&candidacy, moved))?;
    }
    Ok(())
}

/// Whether the certification of a candidacy stands as it is without an achievement: another one, as an elective
/// more than is needed, meets the requirement on the same day.
pub fn stands_without(
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    achievement: &Achievement,
    today: NaiveDate,
) -> Result<bool, Problem> {
    let Some(certification) = tx.certifications().of(candidacy.id)? else { return Ok(true) };
    let (policy, framework) = program::pinned(tx, candidacy)?;
    let mut others = tx.achievements().of(candidacy.id)?;
    others.retain(|one| one.id != achievement.id);
    let progress = reckon(candidacy, &others, &policy, &framework, today)?;
    Ok(progress.completed_on == Some(certification.completed_on))
}

/// Awards the certification of a candidacy that meets the requirement today.
pub fn award(
    chance: &dyn Chance,
    tx: &mut Tx<'_>,
    candidacy: Candidacy,
    today: NaiveDate,
) -> Result<Certification, Problem> {
    let (policy, framework) = program::pinned(tx, &candidacy)?;
    let achievements = tx.achievements().of(candidacy.id)?;
    let progress = reckon(&candidacy, &achievements, &policy, &framework, today)?;
    let Some(completed_on) = progress.completed_on else {
        return Err(Problem::internal(format!("{}: nothing to award", candidacy.id)));
    };
    let holder = tx.people().get(candidacy.person)?;
    let award = Award {
        id: tx.new_id(),
        number: fresh_number(chance, tx, &candidacy, today)?,
        holder_name: holder.full_name(),
        completed_on,
        achievements: grounds(&achievements, &policy, &framework, completed_on),
    };
    let (mut candidacy, certification, fact) =
        Certification::award(candidacy, award, &policy, today);
    tx.candidacies().save(&mut candidacy)?;
    tx.certifications().insert(&certification)?;
    let completed = CandidacyEvent::Completed { completed_on };
    tx.record(crate::v1::candidacies::event(&candidacy, completed))?;
    tx.record(event(&certification, fact))?;
    Ok(certification)
}

fn event(certification: &Certification, fact: CertificationEvent) -> Event<CertificationEvent> {
    Event {
        program: Some(certification.program.clone()),
        subject: certification.id.to_string(),
        person: Some(certification.person),
        fact,
    }
}

/// Saves a certification with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut certification, fact): (Certification, CertificationEvent),
) -> Result<Certification, Problem> {
    tx.certifications().save(&mut certification)?;
    tx.record(event(&certification, fact))?;
    Ok(certification)
}

/// The achievements on which the certification rests: those that first met the requirement, in the
/// framework's order; of more electives than are needed the earliest.
fn grounds(
    achievements: &[Achievement],
    policy: &Policy,
    framework: &Framework,
    completed_on: NaiveDate,
) -> Vec<Ground> {
    let take = |kind: SetKind, needed: u32| {
        let mut of_kind: Vec<_> = achievements
            .iter()
            .filter(|one| one.voided_on.is_none() && one.achieved_on <= completed_on)
            .filter_map(|one| Some((framework.set(&one.set)?, one)))
            .filter(|(set, _)| set.kind == kind)
            .map(|(_, one)| one)
            .collect();
        of_kind.sort_by_key(|one| (one.achieved_on, framework.index_of(&one.set)));
        of_kind.truncate(usize::try_from(needed).unwrap_or(usize::MAX));
        of_kind
    };
    let mut taken = take(SetKind::Required, policy.certification.required_sets);
    taken.extend(take(SetKind::Elective, policy.certification.elective_sets));
    taken.sort_by_key(|one| framework.index_of(&one.set));
    let ground = |one: &Achievement| Ground {
        achievement: one.id,
        set: one.set.clone(),
        achieved_on: one.achieved_on,
    };
    taken.into_iter().map(ground).collect()
}

/// A certificate number that nobody has. Of 2^30 a year, a taken one is drawn again.
fn fresh_number(
    chance: &dyn Chance,
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    today: NaiveDate,
) -> Result<CertificateNumber, Problem> {
    for _ in 0..16 {
        let mut bits = [0; 4];
        chance.fill(&mut bits);
        let bits = u32::from_be_bytes(bits);
        let number = CertificateNumber::from_random(&candidacy.program, today.year(), bits);
        match tx.certifications().by_number(&number) {
            Err(Error::NotFound) => return Ok(number),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::internal("sixteen certificate numbers in a row were taken"))
}
