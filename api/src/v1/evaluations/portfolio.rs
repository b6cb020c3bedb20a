//! `POST /v1/evaluations/portfolio-outcome` (FAQ 10, 15).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    portfolio::{self, Merged, PortfolioFacts, PortfolioResult, Rating},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder},
};

use super::{Evaluation, ProgramData, set_code, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    openapi::words::{list_of, one_of, one_of_or_null},
    problem::Problem,
};

/// What a portfolio's outcome is decided on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortfolioOutcomeRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The competency set.
    #[schema(example = "CAT")]
    pub competency_set: String,
    /// The round, 1 or 2.
    #[schema(minimum = 1, maximum = 2)]
    pub round: i64,
    /// Each evaluator's ratings in the order of the set's competencies: two lists, in round 2 perhaps a
    /// third that rates what the two are split on, and is null elsewhere.
    #[schema(schema_with = ratings)]
    pub ratings: Vec<Vec<Option<Rating>>>,
}

fn ratings() -> Array {
    let list = ArrayBuilder::new().items(one_of_or_null::<Rating>()).max_items(Some(64));
    ArrayBuilder::new().items(list).min_items(Some(2)).max_items(Some(3)).build()
}

/// What the ratings come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PortfolioOutcomeAnswer {
    /// What becomes of the portfolio.
    #[schema(schema_with = one_of::<PortfolioResult>)]
    pub outcome: PortfolioResult,
    /// One for each competency, in the set's order.
    #[schema(schema_with = list_of::<Merged>)]
    pub merged: Vec<Merged>,
    /// Round 1: the competencies to complete.
    #[schema(example = json!(["CAT-05", "CAT-08"]))]
    pub requested: Vec<String>,
    /// Round 2: the competencies that a third evaluator rates.
    #[schema(example = json!([]))]
    pub disputed: Vec<String>,
    /// One for each rule of the round.
    pub findings: Vec<FindingView>,
}

impl Evaluation for PortfolioOutcomeRequest {
    type Answer = PortfolioOutcomeAnswer;
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
    ) -> Result<PortfolioOutcomeAnswer, Vec<BadFact>> {
        let set = set_code("/competency_set", &self.competency_set).map_err(|bad| vec![bad])?;
        let facts =
            PortfolioFacts { competency_set: set, round: self.round, ratings: self.ratings };
        let outcome = portfolio::evaluate(&facts, &program.framework, &program.policy.portfolio)?;
        Ok(PortfolioOutcomeAnswer {
            outcome: outcome.outcome,
            merged: outcome.merged,
            requested: outcome.requested.into_iter().map(Into::into).collect(),
            disputed: outcome.disputed.into_iter().map(Into::into).collect(),
            findings: views(outcome.findings),
        })
    }
}

/// Evaluate a portfolio's outcome
///
/// What the evaluators' ratings of a portfolio come to (FAQ 10, 15).
#[utoipa::path(
    tag = "Evaluations",
    request_body = PortfolioOutcomeRequest,
    responses((status = 200, body = PortfolioOutcomeAnswer, description = "The outcome, and why."))
)]
#[post("/v1/evaluations/portfolio-outcome")]
pub(crate) async fn evaluate_portfolio_outcome(
    app: App,
    call: Call,
    body: Body<PortfolioOutcomeRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluatePortfolioOutcome, body).await
}
