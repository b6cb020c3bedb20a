//! Portfolios: what a candidate shows for a competency set, who judges it, and how two evaluators'
//! ratings become an outcome (FAQ 10, 15).

mod acts;
mod assignment;
mod attempt;
mod content;
mod evaluator;
mod life;
mod sight;
mod statistics;

pub use acts::{Earlier, Submission, one_open_finding};
pub use assignment::*;
pub use attempt::{Attempt, AttemptOutcome};
pub use content::*;
pub use evaluator::*;
pub use life::*;
pub use sight::Part;
pub use statistics::{AgreementFigures, agreement};

use serde::{Deserialize, Serialize};

use crate::{
    BadFact, Finding,
    calendar::Faults,
    competency::{CompetencyCode, CompetencySet, Framework, SetCode},
    policy::PortfolioPolicy,
    words,
};

words! {
    /// What one evaluator finds of one competency, in rising order.
    pub enum Rating {
        /// Not shown.
        NotMet = "not_met",
        /// Shown in part.
        PartiallyMet = "partially_met",
        /// Shown.
        Met = "met",
    }
}
words! {
    /// What the ratings of one competency come to.
    pub enum Merged {
        /// Shown.
        Met = "met",
        /// Shown in part.
        PartiallyMet = "partially_met",
        /// Not shown.
        NotMet = "not_met",
        /// The two evaluators disagree so far that a third is asked in round 2.
        Split = "split",
    }
}
words! {
    /// What becomes of a portfolio.
    pub enum PortfolioResult {
        /// The set is achieved.
        Achieved = "achieved",
        /// Round 1: the candidate completes what is named.
        MoreInformation = "more_information",
        /// Round 2: a third evaluator rates what is split.
        ThirdEvaluator = "third_evaluator",
        /// The set is not achieved by this portfolio; an approved course is advised.
        NotAchieved = "not_achieved",
    }
}

impl From<Rating> for Merged {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Met => Self::Met,
            Rating::PartiallyMet => Self::PartiallyMet,
            Rating::NotMet => Self::NotMet,
        }
    }
}

/// Merges two ratings: a met and at most a partial doubt is met, equal ratings stand, a not-met
/// against anything else is a split. Symmetric.
#[must_use]
pub fn merge(one: Rating, other: Rating) -> Merged {
    match (one.max(other), one.min(other)) {
        (Rating::Met, Rating::Met | Rating::PartiallyMet) => Merged::Met,
        (Rating::PartiallyMet, Rating::PartiallyMet) => Merged::PartiallyMet,
        (Rating::NotMet, Rating::NotMet) => Merged::NotMet,
        // The first of a pair is its larger one, so only not-met beneath something is left.
        (Rating::Met | Rating::PartiallyMet | Rating::NotMet, _) => Merged::Split,
    }
}

/// The middle one of three ratings: what a third evaluator's rating makes of a split.
#[must_use]
pub fn median(one: Rating, other: Rating, third: Rating) -> Rating {
    one.max(other).min(one.min(other).max(third))
}

/// How many competencies must be met: the share, rounded up (70 % of 8 is 6).
#[must_use]
pub fn met_needed(competencies: u32, policy: &PortfolioPolicy) -> u32 {
    let share = u64::from(competencies) * u64::from(policy.met_share_percent);
    u32::try_from(share.div_ceil(100)).unwrap_or(u32::MAX)
}

/// What a portfolio's outcome is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioFacts {
    /// The set.
    pub competency_set: SetCode,
    /// 1 or 2.
    pub round: i64,
    /// Each evaluator's ratings in the order of the set's competencies: two lists, and in round 2
    /// perhaps a third that rates the splits and nothing else.
    pub ratings: Vec<Vec<Option<Rating>>>,
}

/// What the ratings come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioOutcome {
    /// What becomes of the portfolio.
    pub outcome: PortfolioResult,
    /// One for each competency, in the set's order.
    pub merged: Vec<Merged>,
    /// Round 1: the competencies to complete.
    pub requested: Vec<CompetencyCode>,
    /// Round 2: the competencies that a third evaluator rates.
    pub disputed: Vec<CompetencyCode>,
    /// Why.
    pub findings: Vec<Finding>,
}

/// Decides a portfolio's outcome (FAQ 10, 15). Bad facts: an unknown set, a round other than 1 or 2,
/// a wrong number of lists, a list of the wrong length, a missing rating, a third rating without a split.
pub fn evaluate(
    facts: &PortfolioFacts,
    framework: &Framework,
    policy: &PortfolioPolicy,
) -> Result<PortfolioOutcome, Vec<BadFact>> {
    let mut faults = Faults::default();
    framework.read_set("/competency_set", &facts.competency_set, &mut faults);
    let set = framework.set(&facts.competency_set);
    if !(1..=2).contains(&facts.round) {
        faults.add("/round", "out_of_range", "A portfolio has round 1 and round 2.");
    }
    let third_allowed = facts.round == 2;
    let merged = match facts.ratings.as_slice() {
        [one, other] => set.map(|set| read_merged(set, one, other, None, &mut faults)),
        [one, other, third] if third_allowed => {
            set.map(|set| read_merged(set, one, other, Some(third), &mut faults))
        }
        _ => {
            let detail = "Two lists of ratings, and in round 2 perhaps a third.";
            faults.add("/ratings", "length", detail);
            None
        }
    };
    faults.none()?;
    // Without faults both are there.
    let Some((set, merged)) = set.zip(merged) else { return Err(Vec::new()) };
    Ok(decide(set, facts.round == 1, merged, policy))
}

fn read_merged(
    set: &CompetencySet,
    one: &[Option<Rating>],
    other: &[Option<Rating>],
    third: Option<&Vec<Option<Rating>>>,
    faults: &mut Faults,
) -> Vec<Merged> {
    let needed = set.competencies.len();
    for (index, list) in [one, other].into_iter().chain(third.map(Vec::as_slice)).enumerate() {
        if list.len() != needed {
            let detail =
                format!("{} has {needed} competencies, this list {}.", set.code, list.len());
            faults.add(format!("/ratings/{index}"), "length", detail);
        }
    }
    let pairs = one.iter().zip(other).take(needed).enumerate();
    let read = pairs.map(|(place, (one, other))| {
        for (index, rating) in [one, other].into_iter().enumerate() {
            if rating.is_none() {
                let pointer = format!("/ratings/{index}/{place}");
                faults.add(pointer, "required", "Both evaluators rate every competency.");
            }
        }
        let (Some(one), Some(other)) = (*one, *other) else { return Merged::Split };
        let third = third.and_then(|list| list.get(place));
        settle(place, (one, other), third, faults)
    });
    read.collect()
}

/// One competency: the merged rating, or the median where a third evaluator rated a split.
/// `third` is what a third list says of the competency, where there is one.
fn settle(
    place: usize,
    (one, other): (Rating, Rating),
    third: Option<&Option<Rating>>,
    faults: &mut Faults,
) -> Merged {
    let pointer = || format!("/ratings/2/{place}");
    match (merge(one, other), third) {
        (Merged::Split, Some(Some(third))) => median(one, other, *third).into(),
        (Merged::Split, Some(None)) => {
            faults.add(pointer(), "required", "The third evaluator rates every split.");
            Merged::Split
        }
        (merged, Some(Some(_))) => {
            faults.add(pointer(), "exclusive", "The third evaluator rates nothing but splits.");
            merged
        }
        (merged, None | Some(None)) => merged,
    }
}

fn decide(
    set: &CompetencySet,
    first_round: bool,
    merged: Vec<Merged>,
    policy: &PortfolioPolicy,
) -> PortfolioOutcome {
    let count = |wanted: Merged| {
        u32::try_from(merged.iter().filter(|one| **one == wanted).count()).unwrap_or(u32::MAX)
    };
    let all = u32::try_from(merged.len()).unwrap_or(u32::MAX);
    let (met, not_met, split) = (count(Merged::Met), count(Merged::NotMet), count(Merged::Split));
    let codes = |wanted: &dyn Fn(Merged) -> bool| -> Vec<CompetencyCode> {
        let pairs = set.competencies.iter().zip(&merged);
        pairs.filter(|(_, one)| wanted(**one)).map(|(held, _)| held.code.clone()).collect()
    };
    let findings = if first_round {
        vec![share_finding("portfolio.all_met", met, all, all)]
    } else {
        vec![
            share_finding("portfolio.met_share", met, met_needed(all, policy), all),
            none_not_met_finding(not_met),
        ]
    };
    let satisfied = crate::all_satisfied(&findings);
    let (outcome, requested, disputed) = match (first_round, satisfied, split > 0) {
        (true, false, _) => {
            (PortfolioResult::MoreInformation, codes(&|one| one != Merged::Met), Vec::new())
        }
        (false, _, true) => {
            (PortfolioResult::ThirdEvaluator, Vec::new(), codes(&|one| one == Merged::Split))
        }
        (_, true, _) => (PortfolioResult::Achieved, Vec::new(), Vec::new()),
        (false, false, false) => (PortfolioResult::NotAchieved, Vec::new(), Vec::new()),
    };
    PortfolioOutcome { outcome, merged, requested, disputed, findings }
}

fn share_finding(rule: &'static str, met: u32, needed: u32, all: u32) -> Finding {
    let satisfied = met >= needed;
    let advice = if satisfied || rule == "portfolio.all_met" {
        ""
    } else {
        " An approved course in this set is the other way to achieve it."
    };
    Finding {
        rule: rule.into(),
        satisfied,
        message: format!("{met} of {all} competencies are met, {needed} are needed.{advice}"),
        required: format!("{needed} of {all} competencies met"),
        actual: format!("{met} met"),
        source: "FAQ 10".into(),
    }
}

fn none_not_met_finding(not_met: u32) -> Finding {
    Finding {
        rule: "portfolio.none_not_met".into(),
        satisfied: not_met == 0,
        required: "none not met".to_owned(),
        actual: format!("{not_met} not met"),
        message: format!("No competency may be not met; {not_met} are."),
        source: "FAQ 10".into(),
    }
}
