//! What the office and the reviewers do with a course proposal.

use domain::{
    BundleId, PersonId, ProposalId, ReviewId, Word,
    course::{
        proposal::{Change, Part},
        review::{Criterion, CriterionScore, Recommendation, Rubric},
    },
};

use super::acts::Desk;
use crate::{
    demo::orders::rules,
    flows::{bundle, proposal},
    problem::Problem,
};

fn rubric(recommendation: Recommendation) -> Rubric {
    let score = if recommendation == Recommendation::Approve { 4 } else { 2 };
    let scored =
        |criterion: &Criterion| CriterionScore { criterion: *criterion, score, comment: None };
    let asked = Change {
        part: Part::Syllabus,
        competency: None,
        text: "Say how many hours each week takes.".to_owned(),
    };
    let asks = recommendation == Recommendation::Changes;
    Rubric {
        scores: Criterion::ALL.iter().map(scored).collect(),
        recommendation,
        comment: Some("Read twice.".to_owned()),
        changes: Some(asked).filter(|_| asks).into_iter().collect(),
    }
}

impl Desk<'_> {
    /// The office assigns a reviewer.
    pub(super) async fn assigns(
        &self,
        days_ago: u64,
        id: ProposalId,
        reviewer: PersonId,
    ) -> Result<(ReviewId, PersonId), Problem> {
        let day = self.story.ago(days_ago);
        self.story
            .on(day, self.staff, move |tx| {
                let proposal = tx.proposals().get(id)?;
                Ok((proposal::assign(tx, proposal, reviewer, day)?.1.id, reviewer))
            })
            .await
    }

    /// The reviewer hands the review in.
    pub(super) async fn reviews(
        &self,
        days_ago: u64,
        (id, reviewer): (ReviewId, PersonId),
        advice: Recommendation,
    ) -> Result<(), Problem> {
        let day = self.story.ago(days_ago);
        self.story
            .on(day, Some(reviewer), move |tx| {
                let rules = rules(tx, day)?;
                let review = tx.reviews().get(id)?;
                proposal::hand_in(tx, &rules, review, rubric(advice)).map(drop)
            })
            .await
    }

    /// The office asks for a change of one competency.
    pub(super) async fn asks_for_changes(
        &self,
        days_ago: u64,
        id: ProposalId,
        competency: &str,
    ) -> Result<(), Problem> {
        let (day, competency) = (self.story.ago(days_ago), competency.to_owned());
        self.story
            .on(day, self.staff, move |tx| {
                let rules = rules(tx, day)?;
                let change = Change {
                    part: Part::Competency,
                    competency: competency.parse().ok(),
                    text: "Name an assignment that is done with others.".to_owned(),
                };
                let proposal = tx.proposals().get(id)?;
                proposal::request_changes(tx, &rules, proposal, vec![change]).map(drop)
            })
            .await
    }

    /// The office approves a proposal.
    pub(super) async fn approves(&self, days_ago: u64, id: ProposalId) -> Result<(), Problem> {
        let day = self.story.ago(days_ago);
        self.story
            .on(day, self.staff, move |tx| {
                let rules = rules(tx, day)?;
                let (proposal, by) = (tx.proposals().get(id)?, tx.actor().to_owned());
                let grounds = proposal::grounds(tx, &rules, &proposal, None, by)?;
                proposal::approve(tx, &rules, proposal, &grounds).map(drop)
            })
            .await
    }

    /// The office declines a proposal.
    pub(super) async fn declines(&self, days_ago: u64, id: ProposalId) -> Result<(), Problem> {
        let day = self.story.ago(days_ago);
        self.story
            .on(day, self.staff, move |tx| {
                let rules = rules(tx, day)?;
                let (proposal, by) = (tx.proposals().get(id)?, tx.actor().to_owned());
                let reason = Some("It teaches one product, not the competencies.".to_owned());
                let grounds = proposal::grounds(tx, &rules, &proposal, reason, by)?;
                proposal::decline(tx, &rules, proposal, &grounds).map(drop)
            })
            .await
    }

    /// The office approves a bundle.
    pub(super) async fn approves_bundle(&self, days_ago: u64, id: BundleId) -> Result<(), Problem> {
        let (day, chance) = (self.story.ago(days_ago), self.story.chance());
        self.story
            .on(day, self.staff, move |tx| {
                let rules = rules(tx, day)?;
                let bundle = tx.bundles().get(id)?;
                bundle::approve(tx, chance.as_ref(), &rules, bundle, None).map(drop)
            })
            .await
    }
}
