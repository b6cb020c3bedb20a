//! Rosters: the completions of hundreds of people that a provider signs at once (FAQ 10). Each row is judged
//! for itself; what is stored is stored in few statements, and two rosters of a course wait for each other.

mod sheet;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::{
    BadFact, CandidacyId, CompletionId, CourseId, Finding, PersonId, WaitingId,
    completion::CompletionState,
    course::{Course, Provider},
    decision,
    event::Event,
    identity::{Directory, Match, Named},
    program::ProgramCode,
    roster::{RosterEvent, RosterRow, RowOutcome, WaitingCompletion},
};
use persistence::Tx;

use super::{
    award,
    completion::{self, Desk, Holder, Judged},
    program::InForce,
};
use crate::{ids::Chance, problem::Problem};
use sheet::Sheet;

/// What became of a row.
#[derive(Debug, Clone)]
pub struct PostedRow {
    /// Its line.
    pub line: u32,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The candidacy in which it counts.
    pub candidacy: Option<CandidacyId>,
    /// The completion.
    pub completion: Option<CompletionId>,
    /// The completion that waits.
    pub waiting: Option<WaitingId>,
    /// Whether what it names was made by this roster.
    pub made: bool,
    /// Whether it achieved a set.
    pub achieved: bool,
    /// Whether the certification was awarded.
    pub certified: bool,
    /// Why.
    pub findings: Vec<Finding>,
    /// What is wrong with its cells.
    pub errors: Vec<BadFact>,
}

impl PostedRow {
    /// A row that cannot be read.
    #[must_use]
    pub fn unreadable(line: u32, findings: Vec<Finding>, errors: Vec<BadFact>) -> Self {
        Self { errors, ..Self::at(line, RowOutcome::Rejected, findings) }
    }

    fn new(row: &RosterRow, outcome: RowOutcome, findings: Vec<Finding>) -> Self {
        Self::at(row.line, outcome, findings)
    }

    fn at(line: u32, outcome: RowOutcome, findings: Vec<Finding>) -> Self {
        Self {
            line,
            outcome,
            candidacy: None,
            completion: None,
            waiting: None,
            made: false,
            achieved: false,
            certified: false,
            findings,
            errors: Vec::new(),
        }
    }
}

/// Posts a roster of a provider; what became of every row, in order: those that could not be read stay as
/// they are. Good rows are kept whatever becomes of the others. 409 while the provider is not active.
pub fn post(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    rules: &InForce,
    provider: &Provider,
    rows: &[Result<RosterRow, Box<PostedRow>>],
) -> Result<Vec<PostedRow>, Problem> {
    let active = provider.standing.active_finding(rules.today);
    decision::by_state(vec![active.clone()])?;
    let readable: Vec<_> = rows.iter().filter_map(|row| row.as_ref().ok()).collect();
    let mut sheet = Sheet::of(tx, rules, provider, &readable)?;
    let mut posted = Vec::with_capacity(rows.len());
    for row in rows {
        posted.push(match row {
            Ok(row) => sheet.judge(tx, row, &active)?,
            Err(unreadable) => PostedRow::clone(unreadable),
        });
    }
    let completions: BTreeSet<_> = sheet.fresh.iter().map(|one| one.completion.id).collect();
    let waiting: BTreeSet<_> = sheet.kept.iter().map(|(one, _)| one.id).collect();
    for row in &mut posted {
        row.made = row.completion.is_some_and(|id| completions.contains(&id))
            || row.waiting.is_some_and(|id| waiting.contains(&id));
    }
    let awarded = store(tx, chance, sheet, rules.today)?;
    for row in &mut posted {
        row.certified = row.achieved && row.candidacy.is_some_and(|one| awarded.contains(&one));
    }
    tx.record(Event {
        program: Some(provider.program.clone()),
        subject: provider.id.to_string(),
        person: None,
        fact: tally(&posted),
    })?;
    Ok(posted)
}

/// How many rows came to what.
fn tally(posted: &[PostedRow]) -> RosterEvent {
    let count = |outcome: RowOutcome| {
        let found = posted.iter().filter(|row| row.outcome == outcome).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    RosterEvent::Posted {
        rows: u32::try_from(posted.len()).unwrap_or(u32::MAX),
        verified: count(RowOutcome::Verified),
        refused: count(RowOutcome::Refused),
        waiting: count(RowOutcome::Waiting),
        known: count(RowOutcome::Known),
        rejected: count(RowOutcome::Rejected),
    }
}

/// Stores what was judged; the candidacies that were certified by it.
fn store(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    sheet: Sheet,
    today: NaiveDate,
) -> Result<BTreeSet<CandidacyId>, Problem> {
    let achieving: BTreeSet<_> = sheet
        .fresh
        .iter()
        .chain(&sheet.signed)
        .filter(|one| one.achievement.is_some())
        .map(|one| one.completion.candidacy)
        .collect();
    completion::insert(tx, &sheet.fresh)?;
    completion::store(tx, sheet.signed)?;
    let (waiting, kept): (Vec<_>, Vec<_>) = sheet.kept.into_iter().unzip();
    tx.waiting_completions().insert_all(&waiting)?;
    tx.record_all(kept)?;
    completion::close(tx, sheet.closed)?;
    let mut awarded = BTreeSet::new();
    for id in achieving {
        let Some(holder) = sheet.holders.get(&id) else { continue };
        let (policy, _) = sheet.desk.rules(&holder.candidacy)?;
        let needed = &policy.certification;
        let needed = needed.required_sets.saturating_add(needed.elective_sets);
        // Most rosters certify few: the others are spared the reads of an award.
        if holder.achieved() < usize::try_from(needed).unwrap_or(usize::MAX) {
            continue;
        }
        let candidacy = holder.candidacy.clone();
        if award::after_achievement(chance, tx, candidacy, today)?.is_some() {
            awarded.insert(id);
        }
    }
    Ok(awarded)
}
