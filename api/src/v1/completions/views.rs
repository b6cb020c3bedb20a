//! Completions as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    CandidacyId, CompletionId, CourseId, PersonId, Word,
    access::{Action, Caller},
    competency::SetCode,
    completion::{Completion, CompletionState, Proof},
    id::{CandidacyKind, CompletionKind, CourseKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
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
    /// The completion as `caller` sees it.
    #[must_use]
    pub fn of(completion: Completion, caller: &Caller) -> Self {
        let actions = [(Action::VerifyCompletion, "verify"), (Action::RefuseCompletion, "refuse")]
            .into_iter()
            .filter(|(action, _)| caller.may(*action, &facts(&completion)).is_ok())
            .map(|(action, segment)| {
                let href = format!("/v1/completions/{}/{segment}", completion.id);
                let act = action.as_str().replace('_', " the ");
                actions::view(action, "POST", href, vec![completion.state_finding(&act)])
            })
            .collect();
        Self {
            id: completion.id,
            program: completion.program,
            person_id: completion.person,
            candidacy_id: completion.candidacy,
            course_id: completion.course,
            set: completion.set,
            completed_on: completion.completed_on,
            proof: completion.proof,
            proof_url: completion.proof_url,
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
    /// Only those of a candidacy.
    #[param(schema_with = id_of::<CandidacyKind>, required = false)]
    pub candidacy_id: Option<CandidacyId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
