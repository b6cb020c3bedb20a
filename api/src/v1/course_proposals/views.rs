//! Course proposals as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AttachmentId, BundleId, CourseId, Finding, InvoiceId, OrganisationId, PersonId, ProposalId,
    access::{Action, Caller, Facts},
    competency::{CompetencyCode, SetCode},
    course::{
        Mode,
        map::MapEntry,
        proposal::{Change, CourseProposal, Part, ProposalAct, ProposalState},
    },
    id::{
        AttachmentKind, BundleKind, CourseKind, InvoiceKind, OrganisationKind, PersonKind,
        ProposalKind,
    },
    program::ProgramCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::deciding;
use crate::{
    answer::{ActionView, FindingView},
    openapi::words::{id_of, id_of_or_null, list_of, one_of},
    v1::{actions, applications::DecisionView},
};

/// Where a course teaches and tests one competency. Null is what is not said yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MapLineView {
    /// The competency.
    #[schema(value_type = String, example = "YTH-1")]
    pub competency: CompetencyCode,
    /// The content that teaches it.
    pub content: Option<String>,
    /// What is read for it.
    pub reading: Option<String>,
    /// What is done for it.
    pub assignment: Option<String>,
    /// How it is tested.
    pub assessment: Option<String>,
}

impl From<MapEntry> for MapLineView {
    fn from(entry: MapEntry) -> Self {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            competency: entry.competency,
            content: said(entry.content),
            reading: said(entry.reading),
            assignment: said(entry.assignment),
            assessment: said(entry.assessment),
        }
    }
}

/// One change that is asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AskedChangeView {
    /// The part.
    #[schema(schema_with = one_of::<Part>)]
    pub part: Part,
    /// Which competency, where the part is one.
    #[schema(value_type = Option<String>, example = "YTH-1")]
    pub competency: Option<CompetencyCode>,
    /// What should change.
    pub text: String,
}

impl From<Change> for AskedChangeView {
    fn from(change: Change) -> Self {
        Self { part: change.part, competency: change.competency, text: change.text }
    }
}

/// A proposal to approve a course for one competency set, or to renew an approval.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CourseProposalView {
    /// Its id.
    #[schema(schema_with = id_of::<ProposalKind>)]
    pub id: ProposalId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Whose proposal it is.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// Who began it.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub proposed_by: PersonId,
    /// The course whose approval it renews.
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub renews_course_id: Option<CourseId>,
    /// Where it stands.
    #[schema(schema_with = one_of::<ProposalState>)]
    pub state: ProposalState,
    /// The competency set.
    #[schema(value_type = String, example = "YTH")]
    pub set: SetCode,
    /// The bundle of which the course is a part.
    #[schema(schema_with = id_of_or_null::<BundleKind>)]
    pub bundle_id: Option<BundleId>,
    /// The title.
    pub title: String,
    /// How it is taught.
    #[schema(schema_with = list_of::<Mode>)]
    pub modes: Vec<Mode>,
    /// City and state, when it is taught in a room.
    pub place: Option<String>,
    /// The provider's own price, as the provider words it.
    pub price: Option<String>,
    /// The provider's page on it.
    pub website: Option<String>,
    /// The syllabus.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub syllabus_id: Option<AttachmentId>,
    /// The instructor's resume.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub instructor_resume_id: Option<AttachmentId>,
    /// The map of the set's competencies.
    pub map: Vec<MapLineView>,
    /// What the office asked to change: only those parts can be changed then.
    pub changes: Vec<AskedChangeView>,
    /// The invoice of the review fee, from the first submission on.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// The day of the first submission.
    pub submitted_on: Option<NaiveDate>,
    /// Approval or decline.
    pub decision: Option<DecisionView>,
    /// The course that was approved or renewed.
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub course_id: Option<CourseId>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// What acts on a proposal would be judged on, beyond its state.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// Submission.
    pub(super) submission: Vec<Finding>,
    /// Approval.
    pub(super) approval: Vec<Finding>,
    /// Decline.
    pub(super) decline: Vec<Finding>,
}

impl CourseProposalView {
    /// The proposal as `caller` sees it.
    pub(super) fn of(proposal: CourseProposal, judged: &Judged, caller: &Caller) -> Self {
        let actions = actions_of(&proposal, judged, caller);
        let content = proposal.content;
        Self {
            id: proposal.id,
            program: proposal.program,
            provider_id: proposal.provider,
            proposed_by: proposal.proposed_by,
            renews_course_id: proposal.renews,
            state: proposal.state,
            set: content.set,
            bundle_id: content.bundle,
            title: content.details.title,
            modes: content.details.modes,
            place: content.details.place,
            price: content.details.price,
            website: content.details.website,
            syllabus_id: content.syllabus,
            instructor_resume_id: content.instructor_resume,
            map: content.map.into_iter().map(MapLineView::from).collect(),
            changes: proposal.changes.into_iter().map(AskedChangeView::from).collect(),
            invoice_id: proposal.invoice,
            created_at: proposal.created_at,
            submitted_on: proposal.submitted_on,
            decision: proposal.decision.map(|decision| DecisionView {
                decided_on: decision.decided_on,
                reason: decision.reason,
                findings: decision.findings.into_iter().map(FindingView::from).collect(),
            }),
            course_id: proposal.course,
            version: proposal.version,
            actions,
        }
    }
}

/// The act behind each operation on a proposal, and the last part of its path.
const OFFERED: &[(Action, ProposalAct, &str)] = &[
    (Action::UpdateCourseProposal, ProposalAct::Update, ""),
    (Action::SubmitCourseProposal, ProposalAct::Submit, "/submit"),
    (Action::WithdrawCourseProposal, ProposalAct::Withdraw, "/withdraw"),
    (Action::AssignCourseReview, ProposalAct::Assign, "/reviews"),
    (Action::RequestProposalChanges, ProposalAct::RequestChanges, "/request-changes"),
    (Action::ApproveCourseProposal, ProposalAct::Approve, "/approve"),
    (Action::DeclineCourseProposal, ProposalAct::Decline, "/decline"),
];

/// A reason lets these go ahead, and is not there yet.
const ANSWERED_BY_REASON: &[&str] = &["proposal.recommended", "proposal.reason"];

fn actions_of(proposal: &CourseProposal, judged: &Judged, caller: &Caller) -> Vec<ActionView> {
    let facts: Facts = deciding(proposal);
    let offered = OFFERED.iter().filter(|(action, ..)| caller.may(*action, &facts).is_ok());
    let view = |(action, act, segment): &(Action, ProposalAct, &str)| {
        let more: &[Finding] = match act {
            ProposalAct::Submit => &judged.submission,
            ProposalAct::Approve => &judged.approval,
            ProposalAct::Decline => &judged.decline,
            _ => &[],
        };
        let findings: Vec<_> =
            std::iter::once(proposal.state_finding(*act)).chain(more.iter().cloned()).collect();
        let allowed = findings
            .iter()
            .all(|one| one.satisfied || ANSWERED_BY_REASON.contains(&one.rule.as_ref()));
        let method = if *act == ProposalAct::Update { "PATCH" } else { "POST" };
        let href = format!("/v1/course-proposals/{}{segment}", proposal.id);
        ActionView { allowed, ..actions::view(*action, method, href, findings) }
    };
    offered.map(view).collect()
}
