//! `POST /v1/evaluations/recognition-coverage` (FAQ 12).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    recognition::{self, Coverage},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, codes, joined, set_code, split, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    openapi::words::one_of,
    problem::Problem,
};

/// What a college's graduation requirements cover.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecognitionCoverageRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The competency sets that the required courses cover, each once.
    #[schema(max_items = 32)]
    pub covered_sets: Vec<String>,
}

/// The kind of agreement that the requirements allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecognitionCoverageAnswer {
    /// The kind of agreement.
    #[schema(schema_with = one_of::<Coverage>)]
    pub outcome: Coverage,
    /// Required sets that are not covered, in the order of the program's sets.
    #[schema(example = json!([]))]
    pub missing_required: Vec<String>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// One for each rule.
    pub findings: Vec<FindingView>,
}

impl Evaluation for RecognitionCoverageRequest {
    type Answer = RecognitionCoverageAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        None
    }
    fn evaluate(
        self,
        program: &ProgramData,
        _today: NaiveDate,
    ) -> Result<RecognitionCoverageAnswer, Vec<BadFact>> {
        let mut bad = Vec::new();
        let sets = self.covered_sets.iter().enumerate();
        let sets = split(
            sets.map(|(place, code)| set_code(format!("/covered_sets/{place}"), code)),
            &mut bad,
        );
        // The places of what is left would be wrong beside a code that cannot exist.
        if !bad.is_empty() {
            return Err(bad);
        }
        let outcome =
            recognition::coverage(&sets, &program.framework, &program.policy.certification);
        joined(outcome, bad).map(|outcome| RecognitionCoverageAnswer {
            outcome: outcome.outcome,
            missing_required: codes(outcome.missing_required),
            electives_missing: outcome.electives_missing,
            findings: views(outcome.findings),
        })
    }
}

/// Evaluate the coverage of a recognition agreement
///
/// Whether a college's graduation requirements cover what certification asks for (FAQ 12).
#[utoipa::path(
    tag = "Evaluations",
    request_body = RecognitionCoverageRequest,
    responses((status = 200, body = RecognitionCoverageAnswer, description = "The kind of agreement that may be signed, and why."))
)]
#[post("/v1/evaluations/recognition-coverage")]
pub(crate) async fn evaluate_recognition_coverage(
    app: App,
    call: Call,
    body: Body<RecognitionCoverageRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateRecognitionCoverage, body).await
}
