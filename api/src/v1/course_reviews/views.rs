//! Reviews of course proposals as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    OrganisationId, PersonId, ProposalId, ReviewId,
    access::{Action, Caller},
    course::{
        proposal::{Change, CourseProposal, ProposalAct},
        review::{Criterion, CriterionScore, Recommendation, Review, ReviewState, Rubric},
    },
    id::{OrganisationKind, PersonKind, ProposalKind, ReviewKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::{
        actions,
        course_proposals::{AskedChange, AskedChangeView},
        fields::Prose,
    },
};

/// How a proposal does by one criterion.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreLine {
    /// The criterion.
    #[schema(schema_with = one_of::<Criterion>)]
    pub criterion: Criterion,
    /// From 1, not met, to 4, met fully.
    #[schema(minimum = 1, maximum = 4)]
    pub score: u8,
    /// Why.
    #[serde(default)]
    pub comment: Option<Prose>,
}

/// What a reviewer hands in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitCourseReview {
    /// One score a criterion.
    pub scores: Vec<ScoreLine>,
    /// What the reviewer recommends.
    #[schema(schema_with = one_of::<Recommendation>)]
    pub recommendation: Recommendation,
    /// The reviewer's words on the whole; needed to decline.
    #[serde(default)]
    pub comment: Option<Prose>,
    /// What should change; needed where changes are recommended.
    #[serde(default)]
    pub changes: Option<Vec<AskedChange>>,
}

impl From<&SubmitCourseReview> for Rubric {
    fn from(given: &SubmitCourseReview) -> Self {
        let text = |text: &Option<Prose>| text.clone().map(String::from);
        let score = |line: &ScoreLine| CriterionScore {
            criterion: line.criterion,
            score: line.score,
            comment: text(&line.comment),
        };
        Self {
            scores: given.scores.iter().map(score).collect(),
            recommendation: given.recommendation,
            comment: text(&given.comment),
            changes: given.changes.iter().flatten().map(Change::from).collect(),
        }
    }
}

/// How a proposal does by one criterion.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScoreView {
    /// The criterion.
    #[schema(schema_with = one_of::<Criterion>)]
    pub criterion: Criterion,
    /// From 1, not met, to 4, met fully.
    pub score: u8,
    /// Why.
    pub comment: Option<String>,
}

/// What a reviewer handed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RubricView {
    /// One score a criterion.
    pub scores: Vec<ScoreView>,
    /// What the reviewer recommends.
    #[schema(schema_with = one_of::<Recommendation>)]
    pub recommendation: Recommendation,
    /// The reviewer's words on the whole.
    pub comment: Option<String>,
    /// What should change.
    pub changes: Vec<AskedChangeView>,
}

impl From<Rubric> for RubricView {
    fn from(rubric: Rubric) -> Self {
        let score = |one: CriterionScore| ScoreView {
            criterion: one.criterion,
            score: one.score,
            comment: one.comment,
        };
        Self {
            scores: rubric.scores.into_iter().map(score).collect(),
            recommendation: rubric.recommendation,
            comment: rubric.comment,
            changes: rubric.changes.into_iter().map(AskedChangeView::from).collect(),
        }
    }
}

/// One reviewer's review of one proposal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CourseReviewView {
    /// Its id.
    #[schema(schema_with = id_of::<ReviewKind>)]
    pub id: ReviewId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The proposal.
    #[schema(schema_with = id_of::<ProposalKind>)]
    pub proposal_id: ProposalId,
    /// Whose proposal it is.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The reviewer.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub reviewer_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<ReviewState>)]
    pub state: ReviewState,
    /// The day of assignment.
    pub assigned_on: NaiveDate,
    /// The day on which it was handed in.
    pub submitted_on: Option<NaiveDate>,
    /// What was handed in.
    pub rubric: Option<RubricView>,
    /// The conflict that the reviewer declared, or why the office released them.
    pub note: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl CourseReviewView {
    /// The review of `proposal` as `caller` sees it.
    #[must_use]
    pub fn of(review: Review, proposal: &CourseProposal, caller: &Caller) -> Self {
        let open = [ReviewState::Assigned];
        let own = |act: &str| review.state_finding(act, &open);
        let reviewable = proposal.state_finding(ProposalAct::HandInReview);
        let offered = [
            (Action::SubmitCourseReview, "submit", vec![own("hand in the review"), reviewable]),
            (Action::DeclareReviewConflict, "conflict", vec![own("declare a conflict")]),
            (Action::ReleaseCourseReview, "release", vec![own("release the reviewer")]),
        ];
        let may = |action| caller.may(action, &facts(&review)).is_ok();
        let actions = offered.into_iter().filter(|(action, ..)| may(*action));
        let href = |segment| format!("/v1/course-reviews/{}/{segment}", review.id);
        Self {
            actions: actions
                .map(|(action, segment, findings)| {
                    actions::view(action, "POST", href(segment), findings)
                })
                .collect(),
            id: review.id,
            program: review.program,
            proposal_id: review.proposal,
            provider_id: review.provider,
            reviewer_id: review.reviewer,
            state: review.state,
            assigned_on: review.assigned_on,
            submitted_on: review.submitted_on,
            rubric: review.rubric.map(RubricView::from),
            note: review.note,
            version: review.version,
        }
    }
}

/// Which reviews are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCourseReviews {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a proposal.
    #[param(schema_with = id_of::<ProposalKind>, required = false)]
    pub proposal_id: Option<ProposalId>,
    /// Only those of a reviewer.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub reviewer_id: Option<PersonId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<ReviewState>, required = false)]
    pub state: Option<ReviewState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
