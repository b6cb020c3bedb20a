//! Assignments as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AssignmentId, PersonId, PortfolioId,
    competency::{CompetencyCode, CompetencySet, SetCode},
    id::{AssignmentKind, PersonKind, PortfolioKind},
    portfolio::{Assignment, AssignmentState, CompetencyRating, Eligibility, Rating},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::{fields::Prose, portfolios::AttemptView},
};

/// What one evaluator has to judge, and how far they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignmentSummary {
    /// Its id.
    #[schema(schema_with = id_of::<AssignmentKind>)]
    pub id: AssignmentId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The portfolio.
    #[schema(schema_with = id_of::<PortfolioKind>)]
    pub portfolio_id: PortfolioId,
    /// The number of the attempt that is judged.
    pub attempt_number: i64,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The seat: 1 and 2 judge everything that is asked, 3 what they are split on.
    #[schema(minimum = 1, maximum = 3)]
    pub seat: i64,
    /// The evaluator.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub evaluator_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<AssignmentState>)]
    pub state: AssignmentState,
    /// The day of assignment.
    pub assigned_on: NaiveDate,
    /// The day by which the ratings are due.
    pub due_on: NaiveDate,
    /// Whether they are late.
    pub overdue: bool,
    /// The day on which the evaluator was reminded.
    pub reminded_on: Option<NaiveDate>,
    /// When the ratings became final.
    pub finalised_at: Option<DateTime<Utc>>,
    /// Why it was handed back, released or voided.
    pub reason: Option<String>,
    /// The version: `"v"` and this number is what `If-Match` asks for; the entity tag tells it first.
    pub version: i64,
}

impl AssignmentSummary {
    /// The assignment as it stands on `today`.
    #[must_use]
    pub fn of(assignment: &Assignment, today: NaiveDate) -> Self {
        Self {
            id: assignment.id,
            program: assignment.program.clone(),
            portfolio_id: assignment.portfolio,
            attempt_number: assignment.number,
            set: assignment.set.clone(),
            seat: assignment.seat,
            evaluator_id: assignment.evaluator,
            state: assignment.state,
            assigned_on: assignment.assigned_on,
            due_on: assignment.due_on,
            overdue: assignment.state == AssignmentState::Open && today > assignment.due_on,
            reminded_on: assignment.reminded_on,
            finalised_at: assignment.finalised_at,
            reason: assignment.reason.clone(),
            version: assignment.version,
        }
    }
}

/// A competency that is to be rated, and what was found of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatingView {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// What the set asks for.
    pub text: String,
    /// What was found; null before it was rated.
    #[schema(schema_with = one_of_or_null::<Rating>)]
    pub rating: Option<Rating>,
    /// Why, for the candidate.
    pub comment: Option<String>,
}

impl RatingView {
    /// One line for each competency that an assignment is about, in the set's order.
    #[must_use]
    pub fn of(assignment: &Assignment, set: &CompetencySet) -> Vec<Self> {
        let asked = set.competencies.iter().filter(|one| assignment.to_rate.contains(&one.code));
        let line = |one: &domain::competency::Competency| {
            let found = assignment.rating(&one.code);
            Self {
                competency: one.code.clone(),
                text: one.text.clone(),
                rating: found.and_then(|found| found.rating),
                comment: found.and_then(|found| found.comment.clone()),
            }
        };
        asked.map(line).collect()
    }
}

/// What another evaluator found, without who it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherRatingsView {
    /// The attempt's number.
    pub attempt_number: i64,
    /// The seat.
    #[schema(minimum = 1, maximum = 3)]
    pub seat: i64,
    /// What was found.
    pub ratings: Vec<RatingView>,
}

impl OtherRatingsView {
    /// What the other seats of the attempt found, final ones only.
    #[must_use]
    pub fn of(assignment: &Assignment, all: &[Assignment], set: &CompetencySet) -> Vec<Self> {
        let other = |one: &&Assignment| {
            one.attempt == assignment.attempt
                && one.id != assignment.id
                && one.state == AssignmentState::Final
        };
        let mut found: Vec<_> = all.iter().filter(other).collect();
        found.sort_by_key(|one| one.seat);
        let view = |one: &Assignment| Self {
            attempt_number: one.number,
            seat: one.seat,
            ratings: RatingView::of(one, set),
        };
        found.into_iter().map(view).collect()
    }
}

/// An assignment, with what is to be judged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignmentView {
    #[serde(flatten)]
    #[schema(inline)]
    pub(super) summary: AssignmentSummary,
    /// The candidate's full name: a conflict of interest can be told by it.
    pub candidate_name: String,
    /// What is to be rated, and what was found so far.
    pub ratings: Vec<RatingView>,
    /// What final ratings ask for.
    pub findings: Vec<FindingView>,
    /// What was submitted. Null for an evaluator who is assigned no more.
    pub attempt: Option<AttemptView>,
    /// What the other evaluators found: nothing before both are final.
    pub others: Vec<OtherRatingsView>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// An evaluator, and whether they may judge a portfolio.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EligibilityView {
    /// The evaluator.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub evaluator_id: PersonId,
    /// Whether they may.
    pub eligible: bool,
    /// The portfolios that they took on in this calendar year.
    pub load: u32,
    /// Why, or why not.
    pub findings: Vec<FindingView>,
}

/// A seat that waits for an evaluator.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FreeSeatView {
    /// The seat.
    #[schema(minimum = 1, maximum = 3)]
    pub seat: i64,
    /// The active evaluators of the set, and whether they may judge it.
    pub evaluators: Vec<EligibilityView>,
}

impl FreeSeatView {
    /// The seat with what is known of the evaluators of the set.
    #[must_use]
    pub fn of(seat: i64, known: Vec<(PersonId, Eligibility)>) -> Self {
        let view = |(evaluator_id, judged): (PersonId, Eligibility)| EligibilityView {
            evaluator_id,
            eligible: judged.is_eligible(),
            load: judged.load,
            findings: judged.findings.into_iter().map(Into::into).collect(),
        };
        Self { seat, evaluators: known.into_iter().map(view).collect() }
    }
}

/// Who was assigned, and what still waits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignedView {
    /// The new assignments.
    pub assigned: Vec<AssignmentSummary>,
    /// The seats that are still free, and why.
    pub waiting: Vec<FreeSeatView>,
}

/// Whom to assign.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignEvaluator {
    /// To the next free seat; every free seat is given to the least loaded of those who may when left out.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub evaluator_id: Option<PersonId>,
}

/// What is found of one competency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingLine {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// What is found; left for later when it is null or not there.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Rating>)]
    pub rating: Option<Rating>,
    /// Why, for the candidate: needed where it is not met in full.
    #[serde(default)]
    pub comment: Option<Prose>,
}

impl From<&RatingLine> for CompetencyRating {
    fn from(given: &RatingLine) -> Self {
        Self {
            competency: given.competency.clone(),
            rating: given.rating,
            comment: given.comment.clone().map(String::from),
        }
    }
}

/// A draft of ratings, in place of the one before.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRatings {
    /// At most one a competency that is to be rated.
    pub ratings: Vec<RatingLine>,
}

/// Which assignments are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAssignments {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a portfolio.
    #[param(schema_with = id_of::<PortfolioKind>, required = false)]
    pub portfolio_id: Option<PortfolioId>,
    /// Only those of an evaluator.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub evaluator_id: Option<PersonId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<AssignmentState>, required = false)]
    pub state: Option<AssignmentState>,
    /// Only those of a competency set.
    #[param(value_type = Option<String>, example = "FND")]
    pub set: Option<SetCode>,
    /// Only those that are late.
    pub overdue: Option<bool>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
