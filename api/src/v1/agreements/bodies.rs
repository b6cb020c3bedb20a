//! What is said of agreements: the bodies and queries that come in.

use chrono::NaiveDate;
use domain::{
    CourseId, OrganisationId,
    agreement::{
        AgreementAdvice, AgreementState, AgreementStatus, AgreementTerms, Condition,
        GraduationCourse, ProgramKind, YearlyOutcome,
    },
    competency::SetCode,
    id::{CourseKind, OrganisationKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::fields::{Line, Name, Prose, Term},
};

/// A course that graduation requires.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its code at the college.
    #[schema(example = "LTA 101")]
    pub code: Line,
    /// Its title.
    pub title: Name,
    /// The competency sets that it covers; none where it covers nothing of the program's.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 32)]
    pub sets: Vec<SetCode>,
}

/// What graduates must add.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementCondition {
    /// The competency set.
    #[schema(value_type = String, example = "COM", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: SetCode,
    /// The condition, for people.
    pub text: Prose,
    /// The approved course that meets it, where one is named.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub course_id: Option<CourseId>,
    /// Who must: graduates of this day and later. Everybody, without.
    #[serde(default)]
    pub graduated_from: Option<NaiveDate>,
}

fn requirements(given: &[Requirement]) -> Vec<GraduationCourse> {
    let course = |one: &Requirement| GraduationCourse {
        code: one.code.to_string(),
        title: one.title.to_string(),
        sets: one.sets.clone(),
    };
    given.iter().map(course).collect()
}

fn conditions(given: &[AgreementCondition]) -> Vec<Condition> {
    let condition = |one: &AgreementCondition| Condition {
        set: one.set.clone(),
        text: one.text.to_string(),
        course: one.course_id,
        graduated_from: one.graduated_from,
    };
    given.iter().map(condition).collect()
}

/// A draft of an agreement.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAgreement {
    /// The college.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub college_id: OrganisationId,
    /// What the college's program ends with.
    #[schema(schema_with = one_of::<ProgramKind>)]
    pub program_kind: ProgramKind,
    /// Its title.
    pub program_title: Name,
    /// The courses that graduation requires, each mapped to the sets that it covers.
    #[schema(min_items = 1, max_items = 100)]
    pub requirements: Vec<Requirement>,
    /// What graduates must add. Without any, the program covers everything or the agreement cannot be signed.
    #[serde(default)]
    #[schema(max_items = 32)]
    pub conditions: Vec<AgreementCondition>,
}

impl CreateAgreement {
    pub(super) fn terms(&self) -> AgreementTerms {
        AgreementTerms {
            program_kind: self.program_kind,
            program_title: self.program_title.to_string(),
            requirements: requirements(&self.requirements),
            conditions: conditions(&self.conditions),
        }
    }
}

/// What changes of a draft; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAgreement {
    /// What the college's program ends with.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<ProgramKind>)]
    pub program_kind: Option<ProgramKind>,
    /// Its title.
    #[serde(default)]
    pub program_title: Option<Name>,
    /// All required courses, in place of the ones before.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 100)]
    pub requirements: Option<Vec<Requirement>>,
    /// All conditions, in place of the ones before.
    #[serde(default)]
    #[schema(max_items = 32)]
    pub conditions: Option<Vec<AgreementCondition>>,
}

/// A change of a signed agreement; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestAgreementChange {
    /// Why.
    pub reason: Prose,
    /// What the college's program ends with.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<ProgramKind>)]
    pub program_kind: Option<ProgramKind>,
    /// Its title.
    #[serde(default)]
    pub program_title: Option<Name>,
    /// All required courses, in place of the ones before.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 100)]
    pub requirements: Option<Vec<Requirement>>,
    /// All conditions, in place of the ones before.
    #[serde(default)]
    #[schema(max_items = 32)]
    pub conditions: Option<Vec<AgreementCondition>>,
}

impl UpdateAgreement {
    pub(super) fn terms(&self, before: &AgreementTerms) -> AgreementTerms {
        let title = self.program_title.as_deref().map(str::to_owned);
        AgreementTerms {
            program_kind: self.program_kind.unwrap_or(before.program_kind),
            program_title: title.unwrap_or_else(|| before.program_title.clone()),
            requirements: self
                .requirements
                .as_deref()
                .map_or_else(|| before.requirements.clone(), requirements),
            conditions: self
                .conditions
                .as_deref()
                .map_or_else(|| before.conditions.clone(), conditions),
        }
    }
}

impl RequestAgreementChange {
    pub(super) fn terms(&self, before: &AgreementTerms) -> AgreementTerms {
        let change = UpdateAgreement {
            program_kind: self.program_kind,
            program_title: self.program_title.clone(),
            requirements: self.requirements.clone(),
            conditions: self.conditions.clone(),
        };
        change.terms(before)
    }
}

/// A review of an agreement's text.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewAgreement {
    /// What the reviewer says.
    #[schema(schema_with = one_of::<AgreementAdvice>)]
    pub advice: AgreementAdvice,
    /// Why; needed where changes are asked for.
    #[serde(default)]
    pub comment: Option<Prose>,
}

/// A signature.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignAgreement {
    /// The day of signing, not after today; today when left out.
    #[serde(default)]
    pub signed_on: Option<NaiveDate>,
}

/// A yearly review.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewAgreementYearly {
    /// What it found.
    #[schema(schema_with = one_of::<YearlyOutcome>)]
    pub outcome: YearlyOutcome,
    /// In words.
    #[serde(default)]
    pub notes: Option<Prose>,
}

/// The end of an agreement.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndAgreement {
    /// The last day that counts: today when left out, or later.
    #[serde(default)]
    pub ended_on: Option<NaiveDate>,
    /// Why.
    pub reason: Prose,
}

/// Which agreements are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAgreements {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a college. Its own people see its drafts by it.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub college_id: Option<OrganisationId>,
    /// Only those whose college's program ends with this.
    #[param(schema_with = one_of::<ProgramKind>, required = false)]
    pub program_kind: Option<ProgramKind>,
    /// Only those that got as far as this.
    #[param(schema_with = one_of::<AgreementState>, required = false)]
    pub state: Option<AgreementState>,
    /// Only those that stand so on `as_of`.
    #[param(schema_with = one_of::<AgreementStatus>, required = false)]
    pub status: Option<AgreementStatus>,
    /// The day of the status and of the text that is shown; today when left out.
    pub as_of: Option<AsOf>,
    /// Only those whose college's name or program's title has all of these words, or parts of words.
    pub q: Option<Term>,
    /// Only signed ones whose next yearly review is to be held by this day. It is told to the office, auditors
    /// and, with `college_id`, the college's own people: 401 or 403 for others.
    #[param(value_type = Option<String>, format = Date)]
    pub review_due_by: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
