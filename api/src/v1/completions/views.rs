//! Completions as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    AttachmentId, CandidacyId, CompletionId, CourseId, OrganisationId, PersonId,
    access::{Action, Caller},
    competency::SetCode,
    completion::{Completion, CompletionState, Proof},
    id::{AttachmentKind, CandidacyKind, CompletionKind, CourseKind, OrganisationKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, fields::WebAddress},
};

/// What shows that a course was completed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordCompletion {
    /// The course, one of the approved course catalog.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub course_id: CourseId,
    /// The competency set for which credit is claimed; the course's own when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "FND", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// The day on which the course was completed, not later than today.
    pub completed_on: NaiveDate,
    /// What shows it.
    #[schema(schema_with = one_of::<Proof>)]
    pub proof: Proof,
    /// Where the proof is.
    #[serde(default)]
    pub proof_url: Option<WebAddress>,
    /// The completion form, as a file that the candidate handed in.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub form_id: Option<AttachmentId>,
}

/// A completion of a course.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompletionView {
    /// Its id.
    #[schema(schema_with = id_of::<CompletionKind>)]
    pub id: CompletionId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The candidate.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The candidacy in which it counts.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// The course.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub course_id: CourseId,
    /// The provider of the course.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The competency set for which credit is claimed.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The day on which the course was completed.
    pub completed_on: NaiveDate,
    /// What shows it.
    #[schema(schema_with = one_of::<Proof>)]
    pub proof: Proof,
    /// Where the proof is.
    pub proof_url: Option<String>,
    /// The completion form, as a file.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub form_id: Option<AttachmentId>,
    /// Where it stands.
    #[schema(schema_with = one_of::<CompletionState>)]
    pub state: CompletionState,
    /// The day on which staff decided.
    pub decided_on: Option<NaiveDate>,
    /// Why staff refused it.
    pub reason: Option<String>,
    /// The findings of the decision.
    pub findings: Vec<FindingView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl CompletionView {
    /// The completion of a provider's course as `caller` sees it.
    #[must_use]
    pub fn of(completion: Completion, provider: OrganisationId, caller: &Caller) -> Self {
        let decide = |act: &str| vec![completion.state_finding(act)];
        let by_office = caller.may(Action::VerifyCompletion, &facts(&completion, provider)).is_ok();
        let correct =
            vec![completion.correction_finding(), completion.corrector_finding(by_office)];
        let offered = [
            (Action::VerifyCompletion, "verify", decide("verify the completion")),
            (Action::RefuseCompletion, "refuse", decide("refuse the completion")),
            (Action::CorrectCompletion, "correct", correct),
            (Action::WithdrawCompletion, "withdraw", vec![completion.withdrawal_finding()]),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| caller.may(*action, &facts(&completion, provider)).is_ok())
            .map(|(action, segment, findings)| {
                let href = format!("/v1/completions/{}/{segment}", completion.id);
                actions::view(action, "POST", href, findings)
            })
            .collect();
        Self {
            id: completion.id,
            program: completion.program,
            person_id: completion.person,
            candidacy_id: completion.candidacy,
            course_id: completion.course,
            provider_id: provider,
            set: completion.set,
            completed_on: completion.completed_on,
            proof: completion.proof,
            proof_url: completion.proof_url,
            form_id: completion.form,
            state: completion.state,
            decided_on: completion.decided_on,
            reason: completion.reason,
            findings: completion.findings.into_iter().map(FindingView::from).collect(),
            version: completion.version,
            actions,
        }
    }
}

/// Which completions are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCompletions {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<CompletionState>, required = false)]
    pub state: Option<CompletionState>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a course.
    #[param(schema_with = id_of::<CourseKind>, required = false)]
    pub course_id: Option<CourseId>,
    /// Only those of a provider's courses.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those of a candidacy.
    #[param(schema_with = id_of::<CandidacyKind>, required = false)]
    pub candidacy_id: Option<CandidacyId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
