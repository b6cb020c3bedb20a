//! The acts of the office on a proposal.

use chrono::NaiveDate;

use super::{Change, CourseProposal, ProposalAct, ProposalEvent, ProposalState};
use crate::{
    AppealId, CourseId, Finding,
    application::OfficeDecision,
    course::{
        Course, CourseDetails, CourseEvent,
        review::{Recommendation, Review, ReviewState},
    },
    course_credit,
    decision::{self as decide, Refused},
    policy::CoursePolicy,
    text,
};

/// What the office decides on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// Every review of the proposal.
    pub reviews: Vec<Review>,
    /// Whether the review fee is settled.
    pub fee: Finding,
    /// Whether its provider acts.
    pub active: Finding,
    /// The office's reason: always of a decline, of an approval where a reviewer recommends otherwise.
    pub reason: Option<String>,
    /// Who decides.
    pub by: String,
    /// The day.
    pub today: NaiveDate,
}

impl Grounds {
    fn decision(&self, findings: Vec<Finding>) -> OfficeDecision {
        OfficeDecision {
            decided_on: self.today,
            decided_by: self.by.clone(),
            reason: self.reason.clone(),
            findings,
        }
    }

    /// The finding on whether enough reviews are in (`policy.reviewers`).
    #[must_use]
    pub fn reviews_finding(&self, policy: &CoursePolicy) -> Finding {
        let done = self.reviews.iter().filter(|one| one.state == ReviewState::Submitted).count();
        let done = u64::try_from(done).unwrap_or(u64::MAX);
        let needed = u64::from(policy.reviewers);
        Finding::new(
            "proposal.reviews",
            "FAQ 13",
            done >= needed,
            text::counted(needed, "review"),
            text::counted(done, "review"),
            format!("{} handed in, {needed} needed.", text::counted(done, "review")),
        )
    }

    fn recommended_finding(&self) -> Finding {
        let otherwise = |one: &&Review| {
            one.recommendation().is_some_and(|advice| advice != Recommendation::Approve)
        };
        let against = self.reviews.iter().filter(otherwise).count();
        let against = u64::try_from(against).unwrap_or(u64::MAX);
        Finding::new(
            "proposal.recommended",
            "FAQ 13",
            against == 0 || self.reason.is_some(),
            "recommended by every reviewer, or a reason",
            format!("{} otherwise", text::counted(against, "reviewer")),
            "Against a reviewer's recommendation the office gives its reason.",
        )
    }
}

/// What is proposed, but for the place, price and website that were changed after `before`. Title and modes
/// are what the review was about.
fn newest(now: &CourseDetails, before: &CourseDetails, proposed: &CourseDetails) -> CourseDetails {
    type Field = fn(&CourseDetails) -> &Option<String>;
    let newer = |field: Field| {
        let from = if field(now) == field(before) { proposed } else { now };
        field(from).clone()
    };
    CourseDetails {
        title: proposed.title.clone(),
        modes: proposed.modes.clone(),
        place: newer(|one| &one.place),
        price: newer(|one| &one.price),
        website: newer(|one| &one.website),
    }
}

impl CourseProposal {
    /// Takes the proposal into review.
    pub fn start_review(mut self) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Review)?;
        self.state = ProposalState::InReview;
        Ok((self, ProposalEvent::ReviewStarted {}))
    }

    /// Asks the provider for changes, which unlocks the parts that are named and no others.
    pub fn request_changes(
        mut self,
        changes: Vec<Change>,
    ) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::RequestChanges)?;
        self.state = ProposalState::ChangesRequested;
        self.changes.clone_from(&changes);
        Ok((self, ProposalEvent::ChangesRequested { changes }))
    }

    /// The findings on an approval: the fee, the reviews, their recommendation, and that the provider acts.
    #[must_use]
    pub fn approval_findings(&self, grounds: &Grounds, policy: &CoursePolicy) -> Vec<Finding> {
        vec![
            grounds.fee.clone(),
            grounds.reviews_finding(policy),
            grounds.recommended_finding(),
            grounds.active.clone(),
        ]
    }

    /// Approves a new course, in the catalog from today on for the policy's years.
    pub fn approve(
        self,
        course: CourseId,
        grounds: &Grounds,
        policy: &CoursePolicy,
    ) -> Result<(Self, Course, ProposalEvent, CourseEvent), Refused> {
        let (proposal, event) = self.approved(course, grounds, policy)?;
        let approved = Course {
            id: course,
            program: proposal.program.clone(),
            provider: proposal.provider,
            set: proposal.content.set.clone(),
            details: proposal.content.details.clone(),
            approved_on: grounds.today,
            ends_on: course_credit::approval_ends_on(grounds.today, policy),
            renewals: 0,
            ended: None,
            bundle: proposal.content.bundle,
            proposal: Some(proposal.id),
            version: 1,
        };
        let made = CourseEvent::Approved { after: approved.clone() };
        Ok((proposal, approved, event, made))
    }

    /// Approves the renewal of `course`: its approval goes on from the old last day, without a gap. The
    /// catalog tells what was proposed, but what its provider changed there since the catalog told
    /// `submitted_with` stays: it is newer than the proposal.
    pub fn approve_renewal(
        self,
        course: Course,
        submitted_with: &CourseDetails,
        grounds: &Grounds,
        policy: &CoursePolicy,
    ) -> Result<(Self, Course, ProposalEvent, CourseEvent), Refused> {
        let (proposal, event) = self.approved(course.id, grounds, policy)?;
        let (mut course, renewed) = course.renew(Some(proposal.id), policy)?;
        course.details = newest(&course.details, submitted_with, &proposal.content.details);
        Ok((proposal, course, event, renewed))
    }

    fn approved(
        mut self,
        course: CourseId,
        grounds: &Grounds,
        policy: &CoursePolicy,
    ) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Approve)?;
        decide::by_state(vec![grounds.active.clone()])?;
        let findings = decide::by_rule(self.approval_findings(grounds, policy))?;
        let decision = grounds.decision(findings);
        self.state = ProposalState::Approved;
        self.decision = Some(decision.clone());
        self.course = Some(course);
        Ok((self, ProposalEvent::Approved { course, decision }))
    }

    /// Declines it with `grounds.reason`, once enough reviews are in.
    pub fn decline(
        mut self,
        grounds: &Grounds,
        policy: &CoursePolicy,
    ) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Decline)?;
        let given = grounds.reason.is_some();
        let reason = Finding::new(
            "proposal.reason",
            "FAQ 13",
            given,
            "a reason",
            if given { "given" } else { "missing" },
            "A course is declined with reasons.",
        );
        let findings = decide::by_rule(vec![grounds.reviews_finding(policy), reason])?;
        let decision = grounds.decision(findings);
        self.state = ProposalState::Declined;
        self.decision = Some(decision.clone());
        Ok((self, ProposalEvent::Declined { decision }))
    }
    /// An appeal set the decline aside: it is in review again, its reviews stand, and it is decided anew.
    pub fn reopen(mut self, appeal: AppealId) -> Result<(Self, ProposalEvent), Refused> {
        self.legal(ProposalAct::Reopen)?;
        self.state = ProposalState::InReview;
        self.decision = None;
        Ok((self, ProposalEvent::Reopened { appeal }))
    }
}
