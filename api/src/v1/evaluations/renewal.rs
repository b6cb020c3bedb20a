//! `POST /v1/evaluations/renewal` (FAQ 19).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    renewal::{self, Activity, ActivityKind, Amount, NotCounted, RenewalFacts, RenewalResult},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, joined, set_code, split, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    openapi::words::{one_of, one_of_or_null},
    problem::Problem,
};

/// One learning activity.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalActivity {
    /// What it was; it says whether `minutes` or `quantity` tells how much.
    #[schema(schema_with = one_of::<ActivityKind>)]
    pub kind: ActivityKind,
    /// When.
    pub dated_on: NaiveDate,
    /// Minutes of a workshop or of self-directed learning.
    #[schema(minimum = 1, maximum = 60_000)]
    pub minutes: Option<i64>,
    /// Credits or conference days.
    #[schema(minimum = 1, maximum = 1_000)]
    pub quantity: Option<i64>,
    /// Whether it was in technology; not where it is left out.
    pub technology: Option<bool>,
    /// The competency sets that it relates to; none where it is left out.
    #[schema(max_items = 32, example = json!(["TEC"]))]
    pub sets: Option<Vec<String>>,
    /// Whether it is documented; not where it is left out.
    pub documented: Option<bool>,
}

/// What a renewal is decided on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The first day of the term.
    pub term_started_on: NaiveDate,
    /// The last day of the term.
    pub expires_on: NaiveDate,
    /// The day on which the renewal is submitted; today where it is left out.
    pub submitted_on: Option<NaiveDate>,
    /// The day on which the renewal before was submitted; left out in the first term.
    pub previous_submitted_on: Option<NaiveDate>,
    /// The activities.
    #[schema(max_items = 500)]
    pub activities: Vec<RenewalActivity>,
}

/// When a renewal may be submitted, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RenewalWindow {
    /// The first day.
    pub opens_on: NaiveDate,
    /// The last.
    pub closes_on: NaiveDate,
}

/// What one activity came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityVerdict {
    /// What its facts are worth.
    pub minutes: i64,
    /// What counts: all of it or nothing.
    pub counted_minutes: i64,
    /// Why nothing counts.
    #[schema(schema_with = one_of_or_null::<NotCounted>, required)]
    pub not_counted: Option<NotCounted>,
}

/// What a renewal comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RenewalAnswer {
    /// Whether it can be granted.
    pub satisfied: bool,
    /// What becomes of it.
    #[schema(schema_with = one_of::<RenewalResult>)]
    pub outcome: RenewalResult,
    /// Minutes that count.
    pub counted_minutes: i64,
    /// Minutes of them in technology.
    pub technology_minutes: i64,
    /// When it may be submitted.
    pub window: RenewalWindow,
    /// One for each activity, in order.
    pub activities: Vec<ActivityVerdict>,
    /// One for each rule.
    pub findings: Vec<FindingView>,
}

impl RenewalActivity {
    /// The activity at `place` of the list, or nothing where a fault went to `bad`.
    fn read(self, place: usize, bad: &mut Vec<BadFact>) -> Option<Activity> {
        let pointer = format!("/activities/{place}");
        let amount = Amount::from_forms(&pointer, self.kind, self.minutes, self.quantity);
        let codes = self.sets.unwrap_or_default();
        let codes = codes.iter().enumerate();
        let before = bad.len();
        let read = codes.map(|(index, code)| set_code(format!("{pointer}/sets/{index}"), code));
        let sets = split(read, bad);
        let sets = if bad.len() == before { sets } else { Vec::new() };
        let amount = amount.map_err(|fault| bad.push(fault)).ok()?;
        Some(Activity {
            kind: self.kind,
            dated_on: self.dated_on,
            amount,
            technology: self.technology.unwrap_or_default(),
            sets,
            documented: self.documented.unwrap_or_default(),
        })
    }
}

impl Evaluation for RenewalRequest {
    type Answer = RenewalAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        self.submitted_on
    }
    fn evaluate(
        self,
        program: &ProgramData,
        today: NaiveDate,
    ) -> Result<RenewalAnswer, Vec<BadFact>> {
        let mut bad = Vec::new();
        let count = self.activities.len();
        let activities = self.activities.into_iter().enumerate();
        let activities: Vec<Activity> =
            activities.filter_map(|(place, one)| one.read(place, &mut bad)).collect();
        if activities.len() < count {
            // The places of what is left would be wrong beside an activity that cannot be.
            return Err(bad);
        }
        let facts = RenewalFacts {
            term_started_on: self.term_started_on,
            expires_on: self.expires_on,
            submitted_on: self.submitted_on.unwrap_or(today),
            previous_submitted_on: self.previous_submitted_on,
            activities,
        };
        let outcome = renewal::evaluate(&facts, &program.framework, &program.policy);
        joined(outcome, bad).map(answer)
    }
}

fn answer(outcome: renewal::RenewalOutcome) -> RenewalAnswer {
    let verdict = |one: renewal::Verdict| ActivityVerdict {
        minutes: one.minutes,
        counted_minutes: one.counted_minutes,
        not_counted: one.not_counted,
    };
    let renewal::Window { opens_on, closes_on } = outcome.window;
    RenewalAnswer {
        satisfied: outcome.satisfied,
        outcome: outcome.outcome,
        counted_minutes: outcome.counted_minutes,
        technology_minutes: outcome.technology_minutes,
        window: RenewalWindow { opens_on, closes_on },
        activities: outcome.activities.into_iter().map(verdict).collect(),
        findings: views(outcome.findings),
    }
}

/// Evaluate a renewal
///
/// Whether a certification can be renewed on the day with these activities (FAQ 19).
#[utoipa::path(
    tag = "Evaluations",
    request_body = RenewalRequest,
    responses((status = 200, body = RenewalAnswer, description = "What the renewal comes to, and why."))
)]
#[post("/v1/evaluations/renewal")]
pub(crate) async fn evaluate_renewal(
    app: App,
    call: Call,
    body: Body<RenewalRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateRenewal, body).await
}
