//! Reviews of a proposal: two reviewers, a rubric, and no conflict of interest (FAQ 13).

mod rubric;

pub use rubric::{Criterion, CriterionScore, HIGHEST_SCORE, LOWEST_SCORE, Recommendation, Rubric};

use chrono::NaiveDate;
use serde::Serialize;

use super::{Provider, proposal::CourseProposal};
use crate::{
    Finding, OrganisationId, PersonId, ProposalId, ReviewId,
    decision::{self, Refused},
    facts,
    portfolio::EvaluatorProfile,
    program::ProgramCode,
    text, words,
};

words! {
    /// Where a review stands.
    pub enum ReviewState {
        /// The reviewer works on it.
        Assigned = "assigned",
        /// It is handed in.
        Submitted = "submitted",
        /// The office released the reviewer.
        Released = "released",
        /// The reviewer declared a conflict of interest.
        Conflicted = "conflicted",
    }
}

/// One reviewer's review of one proposal. Resubmission may reopen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Identity.
    pub id: ReviewId,
    /// The program.
    pub program: ProgramCode,
    /// The proposal.
    pub proposal: ProposalId,
    /// Whose proposal it is.
    pub provider: OrganisationId,
    /// The reviewer.
    pub reviewer: PersonId,
    /// Where it stands.
    pub state: ReviewState,
    /// The day of assignment.
    pub assigned_on: NaiveDate,
    /// The day on which it was handed in.
    pub submitted_on: Option<NaiveDate>,
    /// What was handed in.
    pub rubric: Option<Rubric>,
    /// The conflict that the reviewer declared, or why the office released them.
    pub note: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What is known of somebody who might review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Who.
    pub person: PersonId,
    /// The organisations that they act for.
    pub acts_for: Vec<OrganisationId>,
    /// Where they work, by name, as they stated it.
    pub employers: Vec<String>,
    /// The organisations about which they declared a conflict of interest.
    pub declared: Vec<OrganisationId>,
    /// The names of organisations about which they did.
    pub declared_names: Vec<String>,
}

impl Reviewer {
    /// Takes note of what they state as an evaluator: where they work, and their conflicts of interest.
    #[must_use]
    pub fn with_profile(mut self, profile: EvaluatorProfile) -> Self {
        self.employers.extend(profile.employers);
        for conflict in profile.conflicts {
            self.declared.extend(conflict.organisation);
            self.declared_names.extend(conflict.name);
        }
        self
    }

    /// The findings on a conflict of interest with an organisation that is called `name`.
    #[must_use]
    pub fn conflict_findings(&self, organisation: OrganisationId, name: &str) -> Vec<Finding> {
        let folded = text::fold(name);
        let is_it = |one: &String| text::fold(one) == folded;
        let works_there = self.employers.iter().any(is_it);
        let declared =
            self.declared.contains(&organisation) || self.declared_names.iter().any(is_it);
        vec![
            conflict(
                "review.not_of_organisation",
                !self.acts_for.contains(&organisation),
                ("does not act for it", "acts for it"),
                format!("A reviewer does not act for {name}."),
            ),
            conflict(
                "review.other_employer",
                !works_there,
                ("does not work there", "works there"),
                format!("A reviewer does not work for {name}."),
            ),
            conflict(
                "review.no_declared_conflict",
                !declared,
                ("none declared", "declared"),
                format!("A reviewer has declared no conflict of interest with {name}."),
            ),
        ]
    }
}

fn conflict(
    rule: &'static str,
    free: bool,
    (wanted, otherwise): (&str, &str),
    message: String,
) -> Finding {
    Finding::new(rule, "FAQ 13", free, wanted, if free { wanted } else { otherwise }, message)
}

/// Every finding on assigning a reviewer to a proposal, among its other `reviews`.
#[must_use]
pub fn assignment_findings(
    reviewer: &Reviewer,
    proposal: &CourseProposal,
    provider: &Provider,
    reviews: &[Review],
) -> Vec<Finding> {
    let proposer = proposal.proposed_by == reviewer.person;
    let there = reviews.iter().any(|one| one.reviewer == reviewer.person);
    let mut findings = vec![
        conflict(
            "review.not_proposer",
            !proposer,
            ("somebody else proposed it", "proposed it"),
            "Nobody reviews what they proposed.".to_owned(),
        ),
        conflict(
            "review.once",
            !there,
            ("not assigned", "assigned already"),
            "A reviewer is assigned to a proposal once.".to_owned(),
        ),
    ];
    findings.extend(reviewer.conflict_findings(provider.id, &provider.name));
    findings
}

impl Review {
    /// Assigns a reviewer. 409 by the state of the proposal, 422 by a conflict of interest.
    pub fn assign(
        id: ReviewId,
        reviewer: &Reviewer,
        (proposal, provider): (&CourseProposal, &Provider),
        reviews: &[Review],
        today: NaiveDate,
    ) -> Result<(Self, ReviewEvent), Refused> {
        decision::by_state(vec![proposal.assignable()])?;
        decision::by_rule(assignment_findings(reviewer, proposal, provider, reviews))?;
        let review = Self {
            id,
            program: proposal.program.clone(),
            proposal: proposal.id,
            provider: provider.id,
            reviewer: reviewer.person,
            state: ReviewState::Assigned,
            assigned_on: today,
            submitted_on: None,
            rubric: None,
            note: None,
            version: 1,
        };
        let event = ReviewEvent::Assigned { proposal: proposal.id, reviewer: reviewer.person };
        Ok((review, event))
    }

    /// The finding on whether `act` is legal while the review is in one of `states`.
    #[must_use]
    pub fn state_finding(&self, act: &str, states: &[ReviewState]) -> Finding {
        decision::state_finding("review.state", act, self.state, states)
    }

    /// Hands the review in; `reviewable` is the finding on the proposal, which is in review.
    pub fn submit(
        mut self,
        rubric: Rubric,
        reviewable: Finding,
        today: NaiveDate,
    ) -> Result<(Self, ReviewEvent), Refused> {
        let own = self.state_finding("hand in the review", &[ReviewState::Assigned]);
        decision::by_state(vec![own, reviewable])?;
        self.state = ReviewState::Submitted;
        self.submitted_on = Some(today);
        self.rubric = Some(rubric.clone());
        let proposal = self.proposal;
        Ok((self, ReviewEvent::Submitted { proposal, rubric }))
    }

    /// The reviewer declares a conflict of interest with the provider, which ends the review.
    pub fn declare_conflict(mut self, conflict: String) -> Result<(Self, ReviewEvent), Refused> {
        let open = [ReviewState::Assigned];
        decision::by_state(vec![self.state_finding("declare a conflict", &open)])?;
        self.state = ReviewState::Conflicted;
        self.note = Some(conflict.clone());
        let event = ReviewEvent::ConflictDeclared { organisation: self.provider, conflict };
        Ok((self, event))
    }

    /// The office releases the reviewer.
    pub fn release(mut self, reason: String) -> Result<(Self, ReviewEvent), Refused> {
        let open = [ReviewState::Assigned];
        decision::by_state(vec![self.state_finding("release the reviewer", &open)])?;
        self.state = ReviewState::Released;
        self.note = Some(reason.clone());
        Ok((self, ReviewEvent::Released { reason }))
    }

    /// Opens it again after the changes that it recommended were handed in; none where it stands as it
    /// is. The event log keeps what was handed in before.
    #[must_use]
    pub fn reopen(mut self) -> Option<(Self, ReviewEvent)> {
        let asked = self.recommendation() == Some(Recommendation::Changes);
        if self.state != ReviewState::Submitted || !asked {
            return None;
        }
        self.state = ReviewState::Assigned;
        self.submitted_on = None;
        self.rubric = None;
        Some((self, ReviewEvent::Reopened {}))
    }

    /// What it recommends, once it is handed in.
    #[must_use]
    pub fn recommendation(&self) -> Option<Recommendation> {
        let rubric = self.rubric.as_ref().filter(|_| self.state == ReviewState::Submitted);
        rubric.map(|rubric| rubric.recommendation)
    }
}

facts! {
    /// What happens to reviews.
    pub enum ReviewEvent {
        /// A reviewer was assigned.
        Assigned = "review.assigned" { proposal: ProposalId, reviewer: PersonId },
        /// It was handed in.
        Submitted = "review.submitted" { proposal: ProposalId, rubric: Rubric },
        /// The reviewer declared a conflict of interest.
        ConflictDeclared = "review.conflict_declared" { organisation: OrganisationId, conflict: String },
        /// The office released the reviewer.
        Released = "review.released" { reason: String },
        /// It was opened again, after changes.
        Reopened = "review.reopened" {},
    }
}
