//! Agreements as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AgreementId, CourseId, OrganisationId, PersonId,
    agreement::{
        Agreement, AgreementAdvice, AgreementReview, AgreementState, AgreementStatus,
        AgreementTerms, Condition, GraduationCourse, Pending, ProgramKind, YearlyOutcome,
        YearlyReview,
    },
    competency::SetCode,
    id::{AgreementKind, CourseKind, OrganisationKind, PersonKind},
    program::ProgramCode,
    recognition::{Coverage, CoverageOutcome},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::{ActionView, FindingView},
    openapi::words::{id_of, id_of_or_null, one_of},
};

/// A course that graduation requires.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequirementView {
    /// Its code at the college.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The competency sets that it covers.
    #[schema(value_type = Vec<String>)]
    pub sets: Vec<SetCode>,
}

impl From<GraduationCourse> for RequirementView {
    fn from(course: GraduationCourse) -> Self {
        Self { code: course.code, title: course.title, sets: course.sets }
    }
}

/// What graduates must add.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConditionView {
    /// The competency set.
    #[schema(value_type = String, example = "COM")]
    pub set: SetCode,
    /// The condition, for people.
    pub text: String,
    /// The approved course that meets it, where one is named.
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub course_id: Option<CourseId>,
    /// Graduates of this day and later must; null where everybody must.
    pub graduated_from: Option<NaiveDate>,
}

impl From<Condition> for ConditionView {
    fn from(condition: Condition) -> Self {
        Self {
            set: condition.set,
            text: condition.text,
            course_id: condition.course,
            graduated_from: condition.graduated_from,
        }
    }
}

/// What a text covers of those who graduate on a day, by the policy and the competency sets in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CoverageView {
    /// The kind of agreement.
    #[schema(schema_with = one_of::<Coverage>)]
    pub outcome: Coverage,
    /// The sets that graduates of the day achieve at once.
    #[schema(value_type = Vec<String>)]
    pub covered_sets: Vec<SetCode>,
    /// Required sets that are not covered.
    #[schema(value_type = Vec<String>)]
    pub missing_required: Vec<SetCode>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// Why.
    pub findings: Vec<FindingView>,
}

/// What an agreement says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermsView {
    /// What the college's program ends with.
    #[schema(schema_with = one_of::<ProgramKind>)]
    pub program_kind: ProgramKind,
    /// Its title.
    pub program_title: String,
    /// The courses that graduation requires.
    pub requirements: Vec<RequirementView>,
    /// What graduates must add.
    pub conditions: Vec<ConditionView>,
    /// What that covers.
    pub coverage: CoverageView,
}

impl TermsView {
    /// The text with its coverage on `day`.
    #[must_use]
    pub fn of(terms: &AgreementTerms, outcome: CoverageOutcome, day: NaiveDate) -> Self {
        let AgreementTerms { program_kind, program_title, requirements, conditions } =
            terms.clone();
        Self {
            program_kind,
            program_title,
            requirements: requirements.into_iter().map(RequirementView::from).collect(),
            conditions: conditions.into_iter().map(ConditionView::from).collect(),
            coverage: CoverageView {
                outcome: outcome.outcome,
                covered_sets: terms.covered_on(day),
                missing_required: outcome.missing_required,
                electives_missing: outcome.electives_missing,
                findings: outcome.findings.into_iter().map(FindingView::from).collect(),
            },
        }
    }
}

/// A version of a signed agreement, as it was adopted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionView {
    /// From 1 on.
    pub number: u32,
    /// The first day on which it is in force; the first one also covers graduations before it.
    pub in_force_from: NaiveDate,
    /// Full or partial, as it was judged then.
    #[schema(schema_with = one_of::<Coverage>)]
    pub coverage: Coverage,
    /// The version of the competency sets to which it was mapped.
    pub framework_version: i64,
    /// Why it was signed or adopted.
    pub findings: Vec<FindingView>,
    /// Why it was changed to this.
    pub reason: Option<String>,
}

/// One person's review.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementReviewView {
    /// Who.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub reviewer_id: PersonId,
    /// The day.
    pub reviewed_on: NaiveDate,
    /// What they say.
    #[schema(schema_with = one_of::<AgreementAdvice>)]
    pub advice: AgreementAdvice,
    /// Why.
    pub comment: Option<String>,
}

impl From<AgreementReview> for AgreementReviewView {
    fn from(review: AgreementReview) -> Self {
        Self {
            reviewer_id: review.reviewer,
            reviewed_on: review.reviewed_on,
            advice: review.advice,
            comment: review.comment,
        }
    }
}

/// A text that is not in force yet: a draft, or a change that is asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PendingView {
    /// The text.
    pub terms: TermsView,
    /// Why the change is asked for.
    pub reason: Option<String>,
    /// Who wrote it.
    pub requested_by: String,
    /// The day.
    pub requested_on: NaiveDate,
    /// Its reviews.
    pub reviews: Vec<AgreementReviewView>,
}

impl PendingView {
    fn of(pending: Pending, outcome: CoverageOutcome, day: NaiveDate) -> Self {
        Self {
            terms: TermsView::of(&pending.terms, outcome, day),
            reason: pending.reason,
            requested_by: pending.requested_by,
            requested_on: pending.requested_on,
            reviews: pending.reviews.into_iter().map(AgreementReviewView::from).collect(),
        }
    }
}

/// A yearly review that was held.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearlyReviewView {
    /// The anniversary for which it was held.
    pub due_on: NaiveDate,
    /// The day on which it was held.
    pub reviewed_on: NaiveDate,
    /// What it found.
    #[schema(schema_with = one_of::<YearlyOutcome>)]
    pub outcome: YearlyOutcome,
    /// In words.
    pub notes: Option<String>,
}

impl From<YearlyReview> for YearlyReviewView {
    fn from(review: YearlyReview) -> Self {
        Self {
            due_on: review.due_on,
            reviewed_on: review.reviewed_on,
            outcome: review.outcome,
            notes: review.notes,
        }
    }
}

/// What only the office, auditors and the college's people see of an agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementWorkings {
    /// The draft, or the change that is asked for.
    pub pending: Option<PendingView>,
    /// The yearly reviews that were held, oldest first.
    pub yearly_reviews: Vec<YearlyReviewView>,
    /// The anniversary whose review is the next.
    pub next_review_on: Option<NaiveDate>,
    /// Whether that review is overdue.
    pub review_overdue: bool,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
}

impl AgreementWorkings {
    /// The workings, with what the pending text covers on `day`.
    #[must_use]
    pub fn of(agreement: &Agreement, pending: Option<CoverageOutcome>, day: NaiveDate) -> Self {
        let open = agreement.pending.clone().zip(pending);
        let held = agreement.yearly_reviews.iter().cloned();
        Self {
            pending: open.map(|(pending, outcome)| PendingView::of(pending, outcome, day)),
            yearly_reviews: held.map(YearlyReviewView::from).collect(),
            next_review_on: agreement.next_review_on(),
            review_overdue: agreement.review_overdue(day),
            created_at: agreement.created_at,
        }
    }
}

/// A recognition agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementView {
    /// Its id.
    #[schema(schema_with = id_of::<AgreementKind>)]
    pub id: AgreementId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The college.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub college_id: OrganisationId,
    /// The college's name.
    pub college_name: String,
    /// How far it got.
    #[schema(schema_with = one_of::<AgreementState>)]
    pub state: AgreementState,
    /// The day as of which status, text and coverage are told.
    pub as_of: NaiveDate,
    /// Where it stands on that day; computed, never stored.
    #[schema(schema_with = one_of::<AgreementStatus>)]
    pub status: AgreementStatus,
    /// What it says on that day; of a draft the text that is proposed.
    pub terms: TermsView,
    /// The number of the version that is shown; null of a draft.
    pub terms_version: Option<u32>,
    /// The versions so far, oldest first.
    pub versions: Vec<VersionView>,
    /// The day of signing.
    pub signed_on: Option<NaiveDate>,
    /// Its last day, unless it ended before.
    pub ends_on: Option<NaiveDate>,
    /// The last day that counts, where it ended before.
    pub ended_on: Option<NaiveDate>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// What only the office, auditors and the college's people see; null for others.
    pub workings: Option<AgreementWorkings>,
    /// The version of the record.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}
