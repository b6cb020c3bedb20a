//! The rubric by which a reviewer judges a proposal, and what they recommend.

use serde::{Deserialize, Serialize};

use crate::{
    BadFact, Word,
    calendar::Faults,
    course::proposal::{Change, Part},
    text, words,
};

words! {
    /// What a proposal is judged by (set).
    pub enum Criterion {
        /// Every competency of the set is taught.
        Coverage = "coverage",
        /// Content and readings are sound and current.
        Content = "content",
        /// Assignments let learners practise.
        Assignments = "assignments",
        /// Assessment shows each competency.
        Assessment = "assessment",
        /// The instructor is qualified.
        Instructor = "instructor",
    }
}

words! {
    /// What a reviewer recommends.
    pub enum Recommendation {
        /// Approve the course.
        Approve = "approve",
        /// Ask for changes.
        Changes = "changes",
        /// Decline the course.
        Decline = "decline",
    }
}

/// The lowest score of a criterion.
pub const LOWEST_SCORE: u8 = 1;
/// The highest.
pub const HIGHEST_SCORE: u8 = 4;

/// How a proposal does by one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionScore {
    /// The criterion.
    pub criterion: Criterion,
    /// From [`LOWEST_SCORE`] (not met) to [`HIGHEST_SCORE`] (met fully).
    pub score: u8,
    /// Why.
    pub comment: Option<String>,
}

/// What a reviewer hands in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rubric {
    /// One score a criterion.
    pub scores: Vec<CriterionScore>,
    /// What the reviewer recommends.
    pub recommendation: Recommendation,
    /// The reviewer's words on the whole.
    pub comment: Option<String>,
    /// What should change, where changes are recommended.
    pub changes: Vec<Change>,
}

impl Rubric {
    /// What is wrong with it: a criterion missing, twice or out of range; changes recommended but none
    /// named; a course declined without a word; a change of a competency that is not named.
    #[must_use]
    pub fn check(&self) -> Vec<BadFact> {
        let mut faults = Faults::default();
        for (place, one) in self.scores.iter().enumerate() {
            if self.scores.iter().take(place).any(|other| other.criterion == one.criterion) {
                let detail = format!("{} is scored already.", one.criterion);
                faults.add(format!("/scores/{place}/criterion"), "duplicate", detail);
            }
            if !(LOWEST_SCORE..=HIGHEST_SCORE).contains(&one.score) {
                let detail = format!("A score is from {LOWEST_SCORE} to {HIGHEST_SCORE}.");
                faults.add(format!("/scores/{place}/score"), "out_of_range", detail);
            }
        }
        let scored = |one: &&Criterion| self.scores.iter().any(|score| score.criterion == **one);
        let missing: Vec<_> = Criterion::ALL.iter().filter(|one| !scored(one)).collect();
        if !missing.is_empty() {
            let detail = format!("Scores are missing: {}.", text::list(&missing));
            faults.add("/scores", "required", detail);
        }
        if self.recommendation == Recommendation::Changes && self.changes.is_empty() {
            faults.add("/changes", "required", "Name what should change.");
        }
        if self.recommendation == Recommendation::Decline && self.comment.is_none() {
            faults.add("/comment", "required", "Say why the course should be declined.");
        }
        Part::check("/changes", &self.changes, &mut faults);
        faults.none().err().unwrap_or_default()
    }
}
