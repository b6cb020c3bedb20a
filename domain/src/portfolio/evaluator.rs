//! Evaluators: what they may judge, when, how much, and whom not (FAQ 10).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, BadFact, Finding, OrganisationId, PersonId,
    calendar::{self, Faults},
    competency::{Framework, SetCode},
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    text,
};

/// Days on which an evaluator is away, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
}

/// A conflict of interest that an evaluator declared: with a person, an organisation, or whoever has a
/// name or works there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredConflict {
    /// The person.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The organisation.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// The name of a person or of a library.
    #[serde(default)]
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

/// What an evaluator's profile says and the evaluator or the office can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluatorProfile {
    /// The sets that may be judged.
    pub sets: Vec<SetCode>,
    /// Where the evaluator works, by name.
    pub employers: Vec<String>,
    /// The resume.
    pub resume: Option<AttachmentId>,
    /// The day on which the training was done; none before.
    pub trained_on: Option<NaiveDate>,
    /// The most portfolios in a calendar year.
    pub capacity: u32,
    /// Days away.
    pub away: Vec<Away>,
    /// Conflicts of interest that were declared.
    pub conflicts: Vec<DeclaredConflict>,
}

/// The most portfolios a year that a profile can name.
pub const MAX_CAPACITY: u32 = 1_000;
/// The most entries of a list of a profile.
pub const MAX_ENTRIES: usize = 100;

impl EvaluatorProfile {
    /// What is wrong with it: sets that the framework does not have, names without letters, a training
    /// after today, days away that end before they begin, conflicts with nobody or with several.
    #[must_use]
    pub fn check(&self, framework: &Framework, today: NaiveDate) -> Vec<BadFact> {
        let mut faults = Faults::default();
        for (place, set) in self.sets.iter().enumerate() {
            let pointer = format!("/sets/{place}");
            framework.read_set(&pointer, set, &mut faults);
            if self.sets.iter().take(place).any(|other| other == set) {
                faults.add(pointer, "duplicate", format!("{set} comes twice."));
            }
        }
        for (place, name) in self.employers.iter().enumerate() {
            check_name(&format!("/employers/{place}"), name, &mut faults);
        }
        if self.trained_on.is_some_and(|day| day > today) {
            faults.add("/trained_on", "order", format!("is after today, {today}"));
        }
        if self.capacity > MAX_CAPACITY {
            let detail = format!("At most {MAX_CAPACITY} portfolios a year.");
            faults.add("/capacity", "out_of_range", detail);
        }
        for (place, away) in self.away.iter().enumerate() {
            let at = format!("/away/{place}");
            for (name, day) in [("from", away.from), ("until", away.until)] {
                if let Err(bad) = calendar::check_date(&format!("{at}/{name}"), day) {
                    faults.add(bad.pointer, bad.code, bad.detail);
                }
            }
            if away.until < away.from {
                faults.add(format!("{at}/until"), "order", format!("is before {}", away.from));
            }
        }
        for (place, conflict) in self.conflicts.iter().enumerate() {
            let at = format!("/conflicts/{place}");
            let named = [
                conflict.person.is_some(),
                conflict.organisation.is_some(),
                conflict.name.is_some(),
            ];
            if named.into_iter().filter(|one| *one).count() != 1 {
                let detail = "A conflict is with a person, an organisation or a name: one of them.";
                faults.add(at.clone(), "exclusive", detail);
            }
            if let Some(name) = &conflict.name {
                check_name(&format!("{at}/name"), name, &mut faults);
            }
            check_name(&format!("{at}/reason"), &conflict.reason, &mut faults);
        }
        for (name, count) in [
            ("employers", self.employers.len()),
            ("away", self.away.len()),
            ("conflicts", self.conflicts.len()),
        ] {
            if count > MAX_ENTRIES {
                faults.add(format!("/{name}"), "length", format!("At most {MAX_ENTRIES} of them."));
            }
        }
        faults.none().err().unwrap_or_default()
    }
}

fn check_name(pointer: &str, name: &str, faults: &mut Faults) {
    if name.trim().is_empty() || name.chars().count() > 300 {
        faults.add(pointer, "length", "1 to 300 characters.");
    }
}

/// Somebody who judges portfolios of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluator {
    /// Who.
    pub person: PersonId,
    /// The program.
    pub program: ProgramCode,
    /// What the profile says.
    pub profile: EvaluatorProfile,
    /// The day on which the office ended the work; none while it goes on.
    pub ended_on: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Evaluator {
    /// The finding on whether the evaluator is active, for `act`.
    #[must_use]
    pub fn active_finding(&self, active: bool) -> Finding {
        let is = self.ended_on.is_none();
        let word = |active: bool| if active { "active" } else { "deactivated" };
        let message = "An evaluator judges portfolios until the office ends it.";
        Finding::new("evaluator.active", "FAQ 10", is == active, word(active), word(is), message)
    }

    /// Changes the profile.
    #[must_use]
    pub fn update(mut self, after: EvaluatorProfile) -> (Self, EvaluatorEvent) {
        let before = Box::new(std::mem::replace(&mut self.profile, after.clone()));
        (self, EvaluatorEvent::Updated { before, after: Box::new(after) })
    }

    /// The office ends it.
    pub fn deactivate(mut self, today: NaiveDate) -> Result<(Self, EvaluatorEvent), Refused> {
        decision::by_state(vec![self.active_finding(true)])?;
        self.ended_on = Some(today);
        Ok((self, EvaluatorEvent::Deactivated { on: today }))
    }

    /// The office lets it go on.
    pub fn reactivate(mut self, today: NaiveDate) -> Result<(Self, EvaluatorEvent), Refused> {
        decision::by_state(vec![self.active_finding(false)])?;
        self.ended_on = None;
        Ok((self, EvaluatorEvent::Reactivated { on: today }))
    }
}

/// What is known of an evaluator besides the profile, for one portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EvaluatorFacts {
    /// Where the evaluator worked or works by their own applications, and the organisations for which
    /// they act, by name.
    pub employers: Vec<String>,
    /// The organisations for which the evaluator acts.
    pub acts_for: Vec<OrganisationId>,
    /// Portfolios of this calendar year: open or rated.
    pub load: u32,
    /// Whether the evaluator had the present attempt before.
    pub had_it: bool,
}

/// What is known of whoever made a portfolio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub person: PersonId,
    /// The full name.
    pub name: String,
    /// Where they worked or work, by name.
    pub employers: Vec<String>,
    /// The organisations that paid for them, taught them, or for which they act.
    pub organisations: Vec<OrganisationId>,
}

/// Whether an evaluator may judge a portfolio, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    /// One finding a condition.
    pub findings: Vec<Finding>,
    /// Portfolios of this calendar year.
    pub load: u32,
}

impl Eligibility {
    /// Whether every finding is satisfied.
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        crate::all_satisfied(&self.findings)
    }
}

/// The finding on whether an evaluator is there: not away on the first day, and on at most half of the days
/// from it to `until`.
fn present_finding(away: &[Away], today: NaiveDate, until: NaiveDate) -> Finding {
    let is_away = |day: &NaiveDate| away.iter().any(|one| (one.from..=one.until).contains(day));
    let days = || today.iter_days().take_while(|day| *day <= until);
    let count = |days: usize| u64::try_from(days).unwrap_or(u64::MAX);
    let (gone, all) = (count(days().filter(is_away).count()), count(days().count()));
    let actual = match (is_away(&today), gone) {
        (true, _) => "away".to_owned(),
        (false, 0) => "there".to_owned(),
        (false, _) => format!("away on {gone} of {}", text::counted(all, "day")),
    };
    Finding::new(
        "evaluator.present",
        "FAQ 10",
        !is_away(&today) && gone.saturating_mul(2) <= all,
        if until > today {
            format!("not away on {today}, and on half of the days to {until} at most")
        } else {
            format!("not away on {today}")
        },
        actual,
        "An evaluator who is away is not assigned.",
    )
}

/// Whether `evaluator` may judge a portfolio of `author` for `set` from today on, being there for the most
/// part until a day. Today is that day where the office knows whom it asks.
#[must_use]
pub fn eligibility(
    evaluator: &Evaluator,
    facts: &EvaluatorFacts,
    author: &Author,
    set: &SetCode,
    (today, until): (NaiveDate, NaiveDate),
) -> Eligibility {
    let profile = &evaluator.profile;
    let qualified = profile.sets.contains(set);
    let trained = profile.trained_on.filter(|day| *day <= today);
    let mut findings = vec![
        evaluator.active_finding(true),
        Finding::new(
            "evaluator.qualified",
            "FAQ 10",
            qualified,
            set.to_string(),
            text::list(&profile.sets),
            format!("An evaluator of {set} is qualified for it."),
        ),
        Finding::new(
            "evaluator.trained",
            "FAQ 10",
            trained.is_some(),
            "trained",
            trained.map_or("not trained".to_owned(), |day| format!("trained on {day}")),
            "An evaluator has done the training.",
        ),
        Finding::new(
            "evaluator.capacity",
            "FAQ 10",
            facts.load < profile.capacity,
            format!("fewer than {} in {}", profile.capacity, today.year()),
            text::counted(facts.load.into(), "portfolio"),
            "An evaluator judges no more portfolios in a calendar year than they said.",
        ),
        present_finding(&profile.away, today, until),
        clear(
            "evaluator.once",
            !facts.had_it,
            "had the attempt before",
            "Nobody judges an attempt twice.",
        ),
    ];
    findings.extend(conflicts(profile, evaluator.person, facts, author));
    Eligibility { findings, load: facts.load }
}

fn conflicts(
    profile: &EvaluatorProfile,
    person: PersonId,
    facts: &EvaluatorFacts,
    author: &Author,
) -> Vec<Finding> {
    let folded: Vec<_> = author.employers.iter().map(|name| text::fold(name)).collect();
    let shares = |name: &String| folded.contains(&text::fold(name));
    let own = person == author.person;
    // Nobody is their own colleague: one reason is enough.
    let colleague = !own && profile.employers.iter().chain(&facts.employers).any(shares);
    let together = facts.acts_for.iter().any(|one| author.organisations.contains(one));
    let author_name = text::fold(&author.name);
    let declared = profile.conflicts.iter().any(|one| {
        one.person == Some(author.person)
            || one.organisation.is_some_and(|id| author.organisations.contains(&id))
            || one.name.as_ref().is_some_and(|name| text::fold(name) == author_name || shares(name))
    });
    vec![
        clear("evaluator.other_person", !own, "their own", "Nobody judges their own portfolio."),
        clear(
            "evaluator.other_employer",
            !colleague,
            "the same employer",
            "An evaluator has another employer than the candidate.",
        ),
        clear(
            "evaluator.other_institution",
            !together,
            "the same institution",
            "An evaluator acts for no institution of the candidate's.",
        ),
        clear(
            "evaluator.no_declared_conflict",
            !declared,
            "declared",
            "An evaluator has declared no conflict of interest.",
        ),
    ]
}

fn clear(rule: &'static str, free: bool, otherwise: &str, message: &str) -> Finding {
    Finding::new(rule, "FAQ 10", free, "none", if free { "none" } else { otherwise }, message)
}

/// Who of `known` is assigned first: of the eligible the least loaded, and of those the one whose record
/// is oldest. The same evaluators give the same choice whatever their order.
#[must_use]
pub fn choose(known: &[(PersonId, Eligibility)]) -> Option<PersonId> {
    let eligible = known.iter().filter(|(_, one)| one.is_eligible());
    eligible.min_by_key(|(person, one)| (one.load, *person)).map(|(person, _)| *person)
}

facts! {
    /// What happens to evaluators.
    pub enum EvaluatorEvent {
        /// The office took somebody on.
        Created = "evaluator.created" { after: Box<EvaluatorProfile> },
        /// The profile changed.
        Updated = "evaluator.updated" { before: Box<EvaluatorProfile>, after: Box<EvaluatorProfile> },
        /// The office ended it.
        Deactivated = "evaluator.deactivated" { on: NaiveDate },
        /// The office let it go on.
        Reactivated = "evaluator.reactivated" { on: NaiveDate },
    }
}
