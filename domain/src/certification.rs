//! Certification: what it takes, how far a candidate is, and (in [`term`]) how long it lasts
//! (FAQ 8, 9, 18, 19).

mod findings;
pub mod term;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, all_satisfied, calendar,
    calendar::Faults,
    competency::{Framework, SetCode, SetKind, SetMask},
    policy::{CandidacyPolicy, CertificationPolicy, Policy},
    words,
};

words! {
    /// How a set was achieved (FAQ 10, 12).
    pub enum Method {
        /// By an approved course.
        Course = "course",
        /// By a portfolio.
        Portfolio = "portfolio",
        /// By a recognition agreement.
        Recognition = "recognition",
    }
}
words! {
    /// Where a candidate stands with one set.
    pub enum SetState {
        /// Achieved in time.
        Achieved = "achieved",
        /// Achieved after the deadline: it does not count.
        Late = "late",
        /// Not achieved.
        Open = "open",
    }
}

/// The most days that a hold or an extension adds: ten years.
pub const MAX_ADDED_DAYS: i64 = 3_650;

/// What it takes, as bits: made once for a framework and a policy, then free to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// The required sets.
    pub required: SetMask,
    /// The electives.
    pub electives: SetMask,
    /// How many required sets are needed.
    pub required_needed: u32,
    /// How many electives are needed.
    pub electives_needed: u32,
}

/// One achieved set, by its place in the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Achieved {
    /// The set's place in the framework.
    pub index: u32,
    /// The day.
    pub on: NaiveDate,
}

/// Where a candidate stands, without a word of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoning {
    /// The sets that count.
    pub counted: SetMask,
    /// The sets that came after the deadline.
    pub late: SetMask,
    /// The first day on which the requirement was met.
    pub completed_on: Option<NaiveDate>,
}

impl Requirement {
    /// The requirement of a framework under a policy (FAQ 8).
    #[must_use]
    pub fn of(framework: &Framework, policy: &CertificationPolicy) -> Self {
        Self {
            required: framework.mask(SetKind::Required),
            electives: framework.mask(SetKind::Elective),
            required_needed: policy.required_sets,
            electives_needed: policy.elective_sets,
        }
    }
    /// The required sets that are missing, none once enough of them are there.
    #[must_use]
    pub fn missing_required(self, sets: SetMask) -> SetMask {
        let enough = self.required.and(sets).count() >= self.required_needed;
        if enough { SetMask::default() } else { self.required.without(sets) }
    }
    /// How many electives are missing.
    #[must_use]
    pub fn electives_missing(self, sets: SetMask) -> u32 {
        self.electives_needed.saturating_sub(self.electives.and(sets).count())
    }
    /// Whether the sets meet the requirement.
    #[must_use]
    pub fn is_met(self, sets: SetMask) -> bool {
        self.missing_required(sets).count() == 0 && self.electives_missing(sets) == 0
    }
    /// Reckons a candidate: only what was achieved on or before both the deadline and `as_of`
    /// counts. Allocates nothing; a candidate has at most as many achievements as there are sets.
    #[must_use]
    pub fn reckon(self, held: &[Achieved], deadline: NaiveDate, as_of: NaiveDate) -> Reckoning {
        let through = |last: NaiveDate| {
            let in_time = held.iter().filter(|one| one.on <= last);
            in_time.fold(SetMask::default(), |mask, one| mask.with(one.index))
        };
        let last = deadline.min(as_of);
        let counted = through(last);
        let late = through(as_of).without(counted);
        let met = |day: &NaiveDate| *day <= last && self.is_met(through(*day));
        // The day on which the requirement is first met is the day of an achievement.
        let completed_on = if self.is_met(counted) {
            held.iter().map(|one| one.on).filter(met).min()
        } else {
            None
        };
        Reckoning { counted, late, completed_on }
    }
}

/// The candidate's last day (FAQ 18): years from admission, clamped, plus the days on hold and the
/// days that staff granted.
#[must_use]
pub fn deadline(
    admitted_on: NaiveDate,
    hold_days: i64,
    extension_days: i64,
    policy: &CandidacyPolicy,
) -> NaiveDate {
    let due = calendar::add_years(admitted_on, policy.years);
    calendar::add_days(due, hold_days.saturating_add(extension_days))
}

/// One standing achievement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AchievementFact {
    /// The set.
    pub set: SetCode,
    /// The day on which it was achieved.
    pub achieved_on: NaiveDate,
    /// How, where it is known.
    pub method: Option<Method>,
}

/// What progress is reckoned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressFacts {
    /// The day of admission.
    pub admitted_on: NaiveDate,
    /// Days on hold so far, 0 to 3,650.
    pub hold_days: i64,
    /// Days by which staff extended the deadline, 0 to 3,650.
    pub extension_days: i64,
    /// The day of reckoning.
    pub as_of: NaiveDate,
    /// The standing achievements, one a set.
    pub achievements: Vec<AchievementFact>,
}

/// Where a candidate stands with one set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetProgress {
    /// The set.
    pub code: SetCode,
    /// Its title.
    pub title: String,
    /// Required or elective.
    pub kind: SetKind,
    /// Where the candidate stands.
    pub state: SetState,
    /// How it was achieved.
    pub method: Option<Method>,
    /// When it was achieved.
    pub achieved_on: Option<NaiveDate>,
}

/// How far a candidate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Whether the requirement is met.
    pub satisfied: bool,
    /// The first day on which it was.
    pub completed_on: Option<NaiveDate>,
    /// The last day on which an achievement counts.
    pub deadline: NaiveDate,
    /// Days from the day of reckoning to the deadline; 0 on the last day, negative after it.
    pub days_left: i64,
    /// Required sets that are missing, in the framework's order.
    pub missing_required: Vec<SetCode>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// Every set, in the framework's order.
    pub sets: Vec<SetProgress>,
    /// Why.
    pub findings: Vec<Finding>,
}

/// Reckons a candidate's progress (FAQ 8, 18). Bad facts: unknown or repeated sets, days out of
/// range, dates out of range.
pub fn progress(
    facts: &ProgressFacts,
    framework: &Framework,
    policy: &Policy,
) -> Result<Progress, Vec<BadFact>> {
    let held = read(facts, framework)?;
    let deadline =
        deadline(facts.admitted_on, facts.hold_days, facts.extension_days, &policy.candidacy);
    let requirement = Requirement::of(framework, &policy.certification);
    let reckoning = requirement.reckon(&held, deadline, facts.as_of);
    let missing = framework.codes(requirement.missing_required(reckoning.counted));
    let findings = vec![
        findings::required(requirement, reckoning.counted, &missing),
        findings::electives(requirement, reckoning.counted),
        findings::deadline(reckoning, deadline, facts.as_of),
    ];
    Ok(Progress {
        satisfied: all_satisfied(&findings),
        completed_on: reckoning.completed_on,
        deadline,
        days_left: deadline.signed_duration_since(facts.as_of).num_days(),
        missing_required: missing,
        electives_missing: requirement.electives_missing(reckoning.counted),
        sets: sets(facts, framework, reckoning),
        findings,
    })
}

fn read(facts: &ProgressFacts, framework: &Framework) -> Result<Vec<Achieved>, Vec<BadFact>> {
    let mut faults = Faults::default();
    faults.date("/admitted_on", facts.admitted_on);
    faults.date("/as_of", facts.as_of);
    for (pointer, days) in
        [("/hold_days", facts.hold_days), ("/extension_days", facts.extension_days)]
    {
        if !(0..=MAX_ADDED_DAYS).contains(&days) {
            let detail = format!("Days are from 0 to {MAX_ADDED_DAYS}.");
            faults.add(pointer, "out_of_range", detail);
        }
    }
    let mut seen = SetMask::default();
    let mut held = Vec::with_capacity(facts.achievements.len());
    for (place, achievement) in facts.achievements.iter().enumerate() {
        faults.date(&format!("/achievements/{place}/achieved_on"), achievement.achieved_on);
        let pointer = format!("/achievements/{place}/set");
        if let Some(index) = framework.read_set(&pointer, &achievement.set, &mut faults) {
            if seen.has(index) {
                let detail =
                    format!("A set is achieved once; {} is there already.", achievement.set);
                faults.add(pointer, "duplicate", detail);
            }
            seen = seen.with(index);
            held.push(Achieved { index, on: achievement.achieved_on });
        }
    }
    faults.none().map(|()| held)
}

fn sets(facts: &ProgressFacts, framework: &Framework, reckoning: Reckoning) -> Vec<SetProgress> {
    let row = |(set, index): (&crate::competency::CompetencySet, u32)| {
        let state = match (reckoning.counted.has(index), reckoning.late.has(index)) {
            (true, _) => SetState::Achieved,
            (false, true) => SetState::Late,
            (false, false) => SetState::Open,
        };
        let known = facts.achievements.iter().find(|one| one.set == set.code);
        let known = known.filter(|_| state != SetState::Open);
        SetProgress {
            code: set.code.clone(),
            title: set.title.clone(),
            kind: set.kind,
            state,
            method: known.and_then(|one| one.method),
            achieved_on: known.map(|one| one.achieved_on),
        }
    };
    framework.sets.iter().zip(0..).map(row).collect()
}
