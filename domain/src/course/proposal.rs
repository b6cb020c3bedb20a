//! Course proposals: draft -> submitted -> in review <-> changes requested -> approved or declined;
//! withdrawn from any open state (FAQ 13).

mod acts;
mod decision;

pub use decision::Grounds;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    CourseDetails,
    map::{self, MapEntry},
};
use crate::{
    AppealId, AttachmentId, BadFact, BundleId, CourseId, Finding, InvoiceId, OrganisationId,
    PersonId, ProposalId,
    application::OfficeDecision,
    calendar::Faults,
    competency::{CompetencyCode, Framework, SetCode},
    decision::{self as decide, Refused},
    facts,
    policy::FeeCode,
    program::ProgramCode,
    words,
};

words! {
    /// Where a proposal stands.
    pub enum ProposalState {
        /// Being written by the provider.
        Draft = "draft",
        /// Submitted; waits in the office's queue.
        Submitted = "submitted",
        /// Reviewers look at it.
        InReview = "in_review",
        /// The office asked for changes.
        ChangesRequested = "changes_requested",
        /// Approved: the course is in the catalog.
        Approved = "approved",
        /// Declined, with reasons.
        Declined = "declined",
        /// Withdrawn by the provider.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done to a proposal.
    pub enum ProposalAct {
        /// Change it.
        Update = "update",
        /// Hand it in, or hand in what was asked for.
        Submit = "submit",
        /// Withdraw it.
        Withdraw = "withdraw",
        /// Take it into review.
        Review = "review",
        /// Assign a reviewer.
        Assign = "assign",
        /// Hand in a review of it.
        HandInReview = "hand_in_review",
        /// Ask for changes.
        RequestChanges = "request_changes",
        /// Approve it.
        Approve = "approve",
        /// Decline it.
        Decline = "decline",
        /// Set its decline aside, as an appeal asks for.
        Reopen = "reopen",
    }
}

words! {
    /// The parts of a proposal that can be asked to change.
    pub enum Part {
        /// What the map says of one competency.
        Competency = "competency",
        /// What the catalog would say.
        Details = "details",
        /// The syllabus.
        Syllabus = "syllabus",
        /// The instructor's resume.
        InstructorResume = "instructor_resume",
    }
}

/// One change that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The part.
    pub part: Part,
    /// Which competency, where the part is one.
    pub competency: Option<CompetencyCode>,
    /// What should change.
    pub text: String,
}

impl Part {
    /// Faults of a list of changes at `pointer`: a competency is named where, and only where, the part
    /// is one.
    pub(in crate::course) fn check(pointer: &str, changes: &[Change], faults: &mut Faults) {
        for (place, change) in changes.iter().enumerate() {
            let at = format!("{pointer}/{place}/competency");
            match (change.part == Self::Competency, change.competency.is_some()) {
                (true, false) => faults.add(at, "required", "Name the competency."),
                (false, true) => {
                    faults.add(at, "exclusive", "Only the part `competency` names one.");
                }
                (true, true) | (false, false) => {}
            }
        }
    }
}

/// What is wrong with changes that are asked for, at `/changes`: none, a competency that is not named
/// or that the set does not have.
#[must_use]
pub fn check_changes(changes: &[Change], set: &SetCode, framework: &Framework) -> Vec<BadFact> {
    let mut faults = Faults::default();
    if changes.is_empty() {
        faults.add("/changes", "required", "Name what should change.");
    }
    Part::check("/changes", changes, &mut faults);
    let known = |code: &CompetencyCode| {
        framework.set(set).is_some_and(|set| set.competencies.iter().any(|one| one.code == *code))
    };
    for (place, change) in changes.iter().enumerate() {
        if let Some(code) = change.competency.as_ref().filter(|code| !known(code)) {
            let detail = format!("{set} has no competency {code}.");
            faults.add(format!("/changes/{place}/competency"), "unknown", detail);
        }
    }
    faults.none().err().unwrap_or_default()
}

/// What a provider proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalContent {
    /// The competency set.
    pub set: SetCode,
    /// The bundle of which the course is a part.
    pub bundle: Option<BundleId>,
    /// What the catalog will say.
    pub details: CourseDetails,
    /// The syllabus.
    pub syllabus: Option<AttachmentId>,
    /// The instructor's resume.
    pub instructor_resume: Option<AttachmentId>,
    /// The map of the set's competencies.
    pub map: Vec<MapEntry>,
}

impl ProposalContent {
    /// What is wrong with it: a set or a competency that the framework does not have, a competency that
    /// is mapped twice.
    #[must_use]
    pub fn check(&self, framework: &Framework) -> Vec<BadFact> {
        let Some(set) = framework.set(&self.set) else {
            let detail = format!("{} has no competency set {}.", framework.title, self.set);
            return vec![BadFact::at("/set", "unknown", detail)];
        };
        map::check(&self.map, set)
    }
}

/// A proposal to approve a course for one competency set, or to renew an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseProposal {
    /// Identity.
    pub id: ProposalId,
    /// The program.
    pub program: ProgramCode,
    /// Whose proposal it is.
    pub provider: OrganisationId,
    /// Who wrote it.
    pub proposed_by: PersonId,
    /// The course whose approval it renews.
    pub renews: Option<CourseId>,
    /// Where it stands.
    pub state: ProposalState,
    /// What is proposed.
    pub content: ProposalContent,
    /// What the office asked to change last: those parts can be changed.
    pub changes: Vec<Change>,
    /// The invoice of the review fee, from submission on.
    pub invoice: Option<InvoiceId>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// The day of the first submission.
    pub submitted_on: Option<NaiveDate>,
    /// Approval or decline.
    pub decision: Option<OfficeDecision>,
    /// The course that was approved or renewed.
    pub course: Option<CourseId>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl ProposalState {
    /// The states in which a proposal is open.
    pub const OPEN: &'static [Self] =
        &[Self::Draft, Self::Submitted, Self::InReview, Self::ChangesRequested];

    /// The state to which the events of a proposal lead, by their types in order; none when one of
    /// them was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| Self::after(state, event).map(Some))?
    }

    fn after(state: Option<Self>, event: &str) -> Option<Self> {
        let Some(before) = state else {
            return (event == "proposal.drafted").then_some(Self::Draft);
        };
        let (act, after) = match event {
            "proposal.updated" => (ProposalAct::Update, before),
            "proposal.submitted" => (ProposalAct::Submit, Self::Submitted),
            "proposal.resubmitted" => (ProposalAct::Submit, Self::InReview),
            "proposal.withdrawn" => (ProposalAct::Withdraw, Self::Withdrawn),
            "proposal.review_started" => (ProposalAct::Review, Self::InReview),
            "proposal.changes_requested" => (ProposalAct::RequestChanges, Self::ChangesRequested),
            "proposal.approved" => (ProposalAct::Approve, Self::Approved),
            "proposal.declined" => (ProposalAct::Decline, Self::Declined),
            "proposal.reopened" => (ProposalAct::Reopen, Self::InReview),
            _ => return None,
        };
        act.from().contains(&before).then_some(after)
    }
}

impl ProposalAct {
    /// The states from which the act is legal.
    #[must_use]
    pub fn from(self) -> &'static [ProposalState] {
        use ProposalState::{ChangesRequested, Declined, Draft, InReview, Submitted};
        match self {
            Self::Update | Self::Submit => &[Draft, ChangesRequested],
            Self::Withdraw => ProposalState::OPEN,
            Self::Review => &[Submitted],
            Self::Assign => &[Submitted, InReview],
            Self::HandInReview | Self::RequestChanges | Self::Approve | Self::Decline => {
                &[InReview]
            }
            Self::Reopen => &[Declined],
        }
    }

    fn into_words(self) -> &'static str {
        match self {
            Self::Update => "change the proposal",
            Self::Submit => "submit the proposal",
            Self::Withdraw => "withdraw the proposal",
            Self::Review => "take the proposal into review",
            Self::Assign => "assign a reviewer",
            Self::HandInReview => "hand in a review",
            Self::RequestChanges => "request changes",
            Self::Approve => "approve the proposal",
            Self::Decline => "decline the proposal",
            Self::Reopen => "reopen the proposal",
        }
    }
}

impl CourseProposal {
    /// The fee of its review.
    #[must_use]
    pub fn fee_code(&self) -> FeeCode {
        match self.renews {
            Some(_) => FeeCode::CourseApprovalRenewal,
            None => FeeCode::CourseApproval,
        }
    }

    /// The finding on whether `act` is legal in the present state.
    #[must_use]
    pub fn state_finding(&self, act: ProposalAct) -> Finding {
        decide::state_finding("proposal.state", act.into_words(), self.state, act.from())
    }

    /// The finding on whether a reviewer may be assigned.
    #[must_use]
    pub fn assignable(&self) -> Finding {
        self.state_finding(ProposalAct::Assign)
    }

    fn legal(&self, act: ProposalAct) -> Result<(), Refused> {
        decide::by_state(vec![self.state_finding(act)]).map(drop)
    }
}

facts! {
    /// What happens to proposals.
    pub enum ProposalEvent {
        /// A draft was begun.
        Drafted = "proposal.drafted" { provider: OrganisationId, renews: Option<CourseId>, after: Box<ProposalContent> },
        /// It changed.
        Updated = "proposal.updated" { before: Box<ProposalContent>, after: Box<ProposalContent> },
        /// It was submitted.
        Submitted = "proposal.submitted" { submitted_on: NaiveDate, invoice: InvoiceId },
        /// The changes that were asked for were handed in.
        Resubmitted = "proposal.resubmitted" { on: NaiveDate },
        /// It was withdrawn.
        Withdrawn = "proposal.withdrawn" { before: ProposalState, reason: Option<String> },
        /// Staff took it into review.
        ReviewStarted = "proposal.review_started" {},
        /// The office asked for changes.
        ChangesRequested = "proposal.changes_requested" { changes: Vec<Change> },
        /// It was approved.
        Approved = "proposal.approved" { course: CourseId, decision: OfficeDecision },
        /// It was declined.
        Declined = "proposal.declined" { decision: OfficeDecision },
        /// Its decline was set aside by an appeal.
        Reopened = "proposal.reopened" { appeal: AppealId },
    }
}
