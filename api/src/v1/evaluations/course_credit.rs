//! `POST /v1/evaluations/course-credit` (FAQ 10, 16).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    course_credit::{self, CreditFacts},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, set_code, split, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    problem::Problem,
};

/// What course credit is decided on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CourseCreditRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The day on which the course was approved.
    pub approved_on: NaiveDate,
    /// The last day of the approval; the program's years after `approved_on` where it is left out.
    pub ends_on: Option<NaiveDate>,
    /// The day on which the course was completed.
    pub completed_on: NaiveDate,
    /// The candidate's deadline.
    pub deadline: NaiveDate,
    /// The competency set that the course was approved for.
    #[schema(example = "ACC")]
    pub course_set: String,
    /// The competency set that is claimed.
    #[schema(example = "ACC")]
    pub claimed_set: String,
    /// Whether the provider signed the completion or staff verified its form; not where it is left out.
    pub proof: Option<bool>,
}

/// Whether the course counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CourseCreditAnswer {
    /// Whether it achieves the set.
    pub satisfied: bool,
    /// The first day on which the course could have been completed.
    pub window_opens_on: NaiveDate,
    /// The last.
    pub window_closes_on: NaiveDate,
    /// One for each rule.
    pub findings: Vec<FindingView>,
}

impl Evaluation for CourseCreditRequest {
    type Answer = CourseCreditAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        Some(self.approved_on)
    }
    fn evaluate(
        self,
        program: &ProgramData,
        _today: NaiveDate,
    ) -> Result<CourseCreditAnswer, Vec<BadFact>> {
        let mut bad = Vec::new();
        let sets = [
            set_code("/course_set", &self.course_set),
            set_code("/claimed_set", &self.claimed_set),
        ];
        let sets = split(sets.into_iter(), &mut bad);
        let [course_set, claimed_set] = sets.as_slice() else { return Err(bad) };
        let facts = CreditFacts {
            approved_on: self.approved_on,
            ends_on: self.ends_on,
            completed_on: self.completed_on,
            deadline: self.deadline,
            course_set: course_set.clone(),
            claimed_set: claimed_set.clone(),
            proof: self.proof.unwrap_or_default(),
        };
        let outcome = course_credit::evaluate(&facts, &program.framework, &program.policy.courses)?;
        Ok(CourseCreditAnswer {
            satisfied: outcome.satisfied,
            window_opens_on: outcome.window_opens_on,
            window_closes_on: outcome.window_closes_on,
            findings: views(outcome.findings),
        })
    }
}

/// Evaluate course credit
///
/// Whether a completed course achieves a competency set (FAQ 10, 16).
#[utoipa::path(
    tag = "Evaluations",
    request_body = CourseCreditRequest,
    responses((status = 200, body = CourseCreditAnswer, description = "Whether the course counts, and why."))
)]
#[post("/v1/evaluations/course-credit")]
pub(crate) async fn evaluate_course_credit(
    app: App,
    call: Call,
    body: Body<CourseCreditRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateCourseCredit, body).await
}
