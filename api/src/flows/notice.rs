//! Notices: made once for each fact, by the event that tells of it or by the look through the dates that come
//! nearer; settled by the mail.

pub mod bounce;
pub mod dates;
pub mod telling;

use domain::{
    PersonId,
    event::{Event, Fact},
    notice::{
        Milestone, Notice, NoticeEvent, NoticeKind, NoticePreferences, PreferenceEvent, Reach,
        Window, fact_of, milestone,
    },
    program::Program,
};
use persistence::{Recorded, Spot, Tx};

use super::program::InForce;
use crate::{clock, problem::Problem};

/// The event of a notice.
pub fn event<F: Fact>(notice: &Notice, fact: F) -> Event<F> {
    Event {
        program: Some(notice.program.clone()),
        subject: notice.id.to_string(),
        person: Some(notice.person),
        fact,
    }
}

/// The event of what a person chose.
#[must_use]
pub fn preference_event(person: PersonId, fact: PreferenceEvent) -> Event<PreferenceEvent> {
    Event { program: None, subject: person.to_string(), person: Some(person), fact }
}

/// Stores a settled notice with its event.
pub fn save(tx: &mut Tx<'_>, settled: (Notice, NoticeEvent)) -> Result<Notice, Problem> {
    let (mut notice, fact) = settled;
    tx.notices().save(&mut notice)?;
    tx.record(event(&notice, fact))?;
    Ok(notice)
}

/// Stores what a person chose with its event; as it was where that is nothing new.
pub fn save_choice(
    tx: &mut Tx<'_>,
    before: NoticePreferences,
    chosen: Option<(NoticePreferences, PreferenceEvent)>,
) -> Result<NoticePreferences, Problem> {
    let Some((mut chosen, fact)) = chosen else { return Ok(before) };
    tx.notice_preferences().save(&mut chosen)?;
    tx.record(preference_event(chosen.person, fact))?;
    Ok(chosen)
}

/// Makes the notice of an event of `program`, once, where it is one that somebody is told of.
pub fn of_event(tx: &mut Tx<'_>, program: &Program, told: &Recorded) -> Result<(), Problem> {
    let (Some(kind), Some(person)) = (NoticeKind::of_event(&told.event_type), told.person) else {
        return Ok(());
    };
    // Who was merged away meanwhile is told as who they are now.
    let person = tx.merges().current(person)?;
    let fact = fact_of(told.id);
    if !tx.notices().told(kind, &[fact])?.is_empty() {
        return Ok(());
    }
    let day = clock::business_day(told.at, program);
    let whom = (program.code.clone(), person, told.subject.clone());
    let (id, milestone) = (tx.new_id(), Milestone::of_event(kind, day));
    let (notice, fact) = Notice::due(id, whom, fact, milestone, tx.now());
    tx.notices().insert(&notice)?;
    tx.record(event(&notice, fact))?;
    Ok(())
}

/// Where dates lie of which somebody of a program may have to be told today.
pub fn windows(tx: &mut Tx<'_>, rules: &InForce) -> Result<Vec<Window>, Problem> {
    let versions = tx.programs().policies(&rules.program.code)?;
    let opens = || versions.iter().map(|version| version.policy.renewal.opens_months);
    let grace = versions.iter().map(|version| version.policy.renewal.grace_months);
    let reach = Reach {
        opens_least: opens().min().unwrap_or_default(),
        opens_most: opens().max().unwrap_or_default(),
        grace_most: grace.max().unwrap_or_default(),
    };
    let policy = &rules.policy.notices;
    let mut windows = milestone::candidacy_windows(policy, rules.today);
    windows.extend(milestone::certification_windows(policy, &reach, rules.today));
    Ok(windows)
}

/// Makes the notices that are due of what was found in a window. How many.
pub fn make(
    tx: &mut Tx<'_>,
    rules: &InForce,
    window: &Window,
    found: &[Spot],
) -> Result<usize, Problem> {
    let facts: Vec<_> = found.iter().map(|(_, fact)| *fact).collect();
    let told = tx.notices().told(window.kind, &facts)?;
    let mut due = milestones(tx, rules, window, found)?;
    due.retain(|(_, subject, one)| {
        let here = (one.kind, one.months) == (window.kind, window.months);
        here && !told.contains(&(subject.1, one.fact_on, one.months))
    });
    let (mut notices, mut events) = (Vec::new(), Vec::new());
    for (person, (subject, fact), milestone) in due {
        let whom = (rules.program.code.clone(), person, subject);
        let (notice, fact) = Notice::due(tx.new_id(), whom, fact, milestone, tx.now());
        events.push(event(&notice, fact));
        notices.push(notice);
    }
    tx.notices().insert_all(&notices)?;
    tx.record_all(events)?;
    Ok(notices.len())
}

/// A notice that is due: to whom, about what, and which.
type Due = (PersonId, (String, domain::FactId), Milestone);

/// What is due today about each of the things that were found.
fn milestones(
    tx: &mut Tx<'_>,
    rules: &InForce,
    window: &Window,
    found: &[Spot],
) -> Result<Vec<Due>, Problem> {
    let (policy, today) = (&rules.policy.notices, rules.today);
    let bits = found.iter().map(|(_, fact)| fact.bits());
    let mut due = Vec::new();
    if window.kind == NoticeKind::CandidacyDeadline {
        let ids: Vec<_> = bits.map(domain::CandidacyId::from_bits).collect();
        for one in tx.candidacies().by_ids(&ids)? {
            let subject = (one.id.to_string(), fact_of(one.id));
            let milestone = milestone::of_candidacy(&one, policy, today);
            due.extend(milestone.map(|milestone| (one.person, subject, milestone)));
        }
    } else {
        let ids: Vec<_> = bits.map(domain::CertificationId::from_bits).collect();
        for one in tx.certifications().by_ids(&ids)? {
            let subject = (one.id.to_string(), fact_of(one.id));
            let milestone = milestone::of_certification(&one, policy, today);
            due.extend(milestone.map(|milestone| (one.person, subject, milestone)));
        }
    }
    Ok(due)
}
