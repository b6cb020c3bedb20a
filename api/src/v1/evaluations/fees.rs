//! `POST /v1/evaluations/fees` (FAQ 21).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    calendar,
    fees::{self, Item},
    policy::FeeCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, joined};
use crate::{
    answer::Reply, app::App, call::Call, extract::Body, openapi::words::one_of, problem::Problem,
};

/// Something to be paid for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeItem {
    /// What.
    #[schema(schema_with = one_of::<FeeCode>)]
    pub code: FeeCode,
    /// How many; 1 where it is left out.
    #[schema(minimum = 1, maximum = 10_000, example = 6)]
    pub quantity: Option<i64>,
}

/// What a quote is made for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeesRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The day whose schedule holds; today where it is left out.
    pub on: Option<NaiveDate>,
    /// Whether the person has a verified ALA membership on that day; not where it is left out.
    pub ala_member: Option<bool>,
    /// What to pay for.
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<FeeItem>,
}

/// One line of a quote. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeeLine {
    /// What.
    #[schema(schema_with = one_of::<FeeCode>)]
    pub code: FeeCode,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    #[schema(example = 5000)]
    pub unit_cents: i64,
    /// The price of all of them.
    #[schema(example = 30000)]
    pub amount_cents: i64,
}

/// What the items cost together. Cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeesAnswer {
    /// ISO 4217 code.
    #[schema(example = "USD")]
    pub currency: String,
    /// One line for each item, in the order of the items.
    pub lines: Vec<FeeLine>,
    /// The sum of the lines.
    #[schema(example = 62500)]
    pub total_cents: i64,
}

impl Evaluation for FeesRequest {
    type Answer = FeesAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        self.on
    }
    fn evaluate(self, program: &ProgramData, today: NaiveDate) -> Result<FeesAnswer, Vec<BadFact>> {
        let bad: Vec<BadFact> =
            calendar::check_date("/on", self.on.unwrap_or(today)).err().into_iter().collect();
        let item = |item: &FeeItem| Item { code: item.code, quantity: item.quantity.unwrap_or(1) };
        let items: Vec<Item> = self.items.iter().map(item).collect();
        let member = self.ala_member.unwrap_or_default();
        let line = |line: fees::QuoteLine| FeeLine {
            code: line.code,
            quantity: line.quantity,
            unit_cents: line.unit_cents,
            amount_cents: line.amount_cents,
        };
        joined(fees::quote(member, &items, &program.policy.fees), bad).map(|quote| FeesAnswer {
            currency: quote.currency,
            lines: quote.lines.into_iter().map(line).collect(),
            total_cents: quote.total_cents,
        })
    }
}

/// Quote fees
///
/// What the items cost by the schedule in force on the day (FAQ 21). Amounts are cents.
#[utoipa::path(
    tag = "Evaluations",
    request_body = FeesRequest,
    responses((status = 200, body = FeesAnswer, description = "The quote."))
)]
#[post("/v1/evaluations/fees")]
pub(crate) async fn evaluate_fees(
    app: App,
    call: Call,
    body: Body<FeesRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateFees, body).await
}
