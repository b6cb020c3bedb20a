//! Completions that waited for their person, who is admitted now.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    CandidacyId, CompletionId, CourseId, Finding, PersonId, WaitingId,
    candidacy::Candidacy,
    completion::{Completion, CompletionEvent},
    course::Course,
    course_credit::{self, CreditFacts},
    event::Event,
    program::ProgramCode,
    roster::{RosterEvent, WaitingCompletion, WaitingState},
};
use persistence::{CandidacyFilter, Page, Tx};

use super::{Desk, Holder, Judged, event};
use crate::{
    flows::{award, program::InForce},
    ids::Chance,
    problem::Problem,
};

/// An event of a waiting completion, and of the person whose it turned out to be.
pub(in crate::flows) fn waiting_event(
    waiting: &WaitingCompletion,
    fact: RosterEvent,
) -> Event<RosterEvent> {
    Event {
        program: Some(waiting.program.clone()),
        subject: waiting.id.to_string(),
        person: None,
        fact,
    }
}

/// Claims what waits for a new candidate under one of their verified addresses and their name: each becomes
/// a completion, is judged by its own course's window (FAQ 16: up to two years before the approval) and
/// achieves its set, and the sixth awards the certification.
pub fn claim_waiting(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    id: CandidacyId,
    today: NaiveDate,
) -> Result<(), Problem> {
    let candidacy = tx.candidacies().get(id)?;
    let waiting = waiting_for(tx, &candidacy, today)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let courses: BTreeSet<CourseId> = waiting.iter().map(|one| one.course).collect();
    let courses: Vec<_> = courses.into_iter().collect();
    let (desk, mut holder) = Desk::of_one(tx, candidacy, &courses, today)?;
    if !desk.candidacy_finding(&holder.candidacy).satisfied {
        // A recognised graduate may be certified at once: nothing is credited any more.
        return Ok(());
    }
    let mut achieved = false;
    for one in waiting {
        achieved |= claim(tx, &desk, &mut holder, one)?;
    }
    if achieved {
        award::after_achievement(chance, tx, holder.candidacy, today)?;
    }
    Ok(())
}

/// Claims what waits for somebody who has another verified address or name now, where a candidacy of theirs
/// runs in the program.
pub fn arrive(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    program: &ProgramCode,
    person: PersonId,
    today: NaiveDate,
) -> Result<(), Problem> {
    let (program, person) = (Some(program.clone()), Some(person));
    let filter = CandidacyFilter { program, person, status: None };
    let found = tx.candidacies().list(&filter, Page { after: None, limit: 1_000 })?;
    match found.into_iter().find(|one| one.runs(today)) {
        Some(running) => claim_waiting(tx, chance, running.id, today),
        None => Ok(()),
    }
}

/// What waited, and the completion that was signed instead with its day.
type Closed = (WaitingId, (CompletionId, NaiveDate));

/// Closes what waited for people whose course was signed to them meanwhile: it is that completion, unless the
/// days differ.
pub(in crate::flows) fn close(tx: &mut Tx<'_>, closed: Vec<Closed>) -> Result<(), Problem> {
    let mut events = Vec::with_capacity(closed.len());
    for (id, (completion, completed_on)) in closed {
        let waiting = tx.waiting_completions().get(id)?;
        if waiting.state != WaitingState::Waiting {
            continue;
        }
        let (mut waiting, fact) = if waiting.completed_on == completed_on {
            waiting.close(completion)?
        } else {
            waiting
                .withdraw(format!("It was signed as completed on {completed_on}: {completion}."))?
        };
        tx.waiting_completions().save(&mut waiting)?;
        events.push(waiting_event(&waiting, fact));
    }
    tx.record_all(events)?;
    Ok(())
}

fn waiting_for(
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    today: NaiveDate,
) -> Result<Vec<WaitingCompletion>, Problem> {
    let known = tx.known_person(&candidacy.program, candidacy.person, today)?;
    let mut held = Vec::new();
    for found in tx.waiting_completions().under(&candidacy.program, &known.keys())? {
        // Its provider may be correcting or withdrawing it at this moment.
        let waiting = tx.waiting_completions().get(found.id)?;
        if waiting.state == WaitingState::Waiting {
            held.push(waiting);
        }
    }
    Ok(held)
}

/// What the rules say against a completion of nobody yet, by the window of its course and its bundle: what
/// cannot count for anybody does not wait.
pub(in crate::flows) fn against_waiting(
    desk: &Desk,
    rules: &InForce,
    course: &Course,
    completed_on: NaiveDate,
) -> Result<Vec<Finding>, Problem> {
    let facts = CreditFacts {
        approved_on: course.approved_on,
        ends_on: Some(course.last_day()),
        completed_on,
        deadline: completed_on,
        course_set: course.set.clone(),
        claimed_set: course.set.clone(),
        proof: true,
    };
    let outcome = course_credit::evaluate(&facts, &rules.framework, &rules.policy.courses)
        .map_err(|bad| Problem::internal(format!("{}: {bad:?}", course.id)))?;
    let mut findings = outcome.findings;
    findings.extend(desk.part_finding(course.id, completed_on));
    Ok(findings.into_iter().filter(|one| !one.satisfied).collect())
}

/// What the rules say against another day of a completion that waits.
pub fn waiting_findings(
    tx: &mut Tx<'_>,
    rules: &InForce,
    course: CourseId,
    completed_on: NaiveDate,
) -> Result<Vec<Finding>, Problem> {
    let desk = Desk::of(tx, &[], &[course], rules.today)?;
    let course = desk.course(course).ok_or_else(Problem::not_found)?;
    against_waiting(&desk, rules, course, completed_on)
}

/// Whether a set was achieved.
fn claim(
    tx: &mut Tx<'_>,
    desk: &Desk,
    holder: &mut Holder,
    waiting: WaitingCompletion,
) -> Result<bool, Problem> {
    let Some(course) = desk.course(waiting.course) else { return Ok(false) };
    if let Some(there) = holder.open_completion(waiting.course) {
        // The same was signed for two addresses of one person.
        let reason = format!("It is there already: {}.", there.id);
        save_waiting(tx, waiting.withdraw(reason)?)?;
        return Ok(false);
    }
    let candidate = (holder.candidacy.person, holder.candidacy.id);
    let (waiting, completion, fact) = waiting.claim(tx.new_id(), course, candidate)?;
    let recorded = recorded(&completion);
    let mut judged = desk.sign(tx, holder, completion)?;
    judged.events.insert(0, recorded);
    insert(tx, std::slice::from_ref(&judged))?;
    save_waiting(tx, (waiting, fact))?;
    Ok(judged.achievement.is_some())
}

/// Saves a waiting completion with what happened to it.
pub fn save_waiting(
    tx: &mut Tx<'_>,
    (mut waiting, fact): (WaitingCompletion, RosterEvent),
) -> Result<WaitingCompletion, Problem> {
    tx.waiting_completions().save(&mut waiting)?;
    tx.record(waiting_event(&waiting, fact))?;
    Ok(waiting)
}

/// The event of a completion that is about to be judged.
pub(in crate::flows) fn recorded(completion: &Completion) -> Event<CompletionEvent> {
    event(completion, CompletionEvent::Recorded { after: completion.into() })
}

/// Stores what was judged of completions that are stored already: a statement each, and few for the rest.
pub(in crate::flows) fn store(tx: &mut Tx<'_>, judged: Vec<Judged>) -> Result<(), Problem> {
    let (mut achievements, mut events) = (Vec::new(), Vec::new());
    for one in judged {
        let mut completion = one.completion;
        tx.completions().save(&mut completion)?;
        achievements.extend(one.achievement);
        events.extend(one.events);
    }
    tx.achievements().insert_all(&achievements)?;
    tx.record_all(events)?;
    Ok(())
}

/// Stores new completions with what they achieved, in few statements.
pub(in crate::flows) fn insert(tx: &mut Tx<'_>, judged: &[Judged]) -> Result<(), Problem> {
    let completions: Vec<_> = judged.iter().map(|one| one.completion.clone()).collect();
    tx.completions().insert_all(&completions)?;
    let achievements: Vec<_> = judged.iter().filter_map(|one| one.achievement.clone()).collect();
    tx.achievements().insert_all(&achievements)?;
    tx.record_all(judged.iter().flat_map(|one| one.events.clone()).collect())?;
    Ok(())
}
