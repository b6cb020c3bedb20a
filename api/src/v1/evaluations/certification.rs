//! `POST /v1/evaluations/certification` (FAQ 8, 18).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    certification::{self, AchievementFact, Method, ProgressFacts},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, codes, set_code, split, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    openapi::words::one_of_or_null,
    problem::Problem,
};

/// One standing achievement.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificationAchievement {
    /// The competency set.
    #[schema(example = "FND")]
    pub set: String,
    /// The day on which it was achieved.
    pub achieved_on: NaiveDate,
    /// How; it changes nothing.
    #[schema(schema_with = one_of_or_null::<Method>, required = false)]
    pub method: Option<Method>,
}

/// What a certification is decided on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificationRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The day of admission.
    pub admitted_on: NaiveDate,
    /// Days on hold so far; 0 where it is left out.
    #[schema(minimum = 0, maximum = 3650)]
    pub hold_days: Option<i64>,
    /// The day of reckoning; today where it is left out.
    pub as_of: Option<NaiveDate>,
    /// The standing achievements, one a set.
    #[schema(max_items = 32)]
    pub achievements: Vec<CertificationAchievement>,
}

/// How far the candidate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CertificationAnswer {
    /// Whether the requirement is met.
    pub satisfied: bool,
    /// The first day on which it was.
    #[schema(required)]
    pub completed_on: Option<NaiveDate>,
    /// The last day on which an achievement counts.
    pub deadline: NaiveDate,
    /// Days from the day of reckoning to the deadline; negative after it.
    pub days_left: i64,
    /// Required sets that are missing, in the order of the program's sets.
    #[schema(example = json!([]))]
    pub missing_required: Vec<String>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// One for each rule.
    pub findings: Vec<FindingView>,
}

impl Evaluation for CertificationRequest {
    type Answer = CertificationAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        // A candidacy pins the policy of its admission.
        Some(self.admitted_on)
    }
    fn evaluate(
        self,
        program: &ProgramData,
        today: NaiveDate,
    ) -> Result<CertificationAnswer, Vec<BadFact>> {
        let mut bad = Vec::new();
        let achievements = self.achievements.into_iter().enumerate().map(|(place, one)| {
            let set = set_code(format!("/achievements/{place}/set"), &one.set)?;
            Ok(AchievementFact { set, achieved_on: one.achieved_on, method: one.method })
        });
        let achievements = split(achievements, &mut bad);
        // The places of what is left would be wrong beside a code that cannot exist.
        if !bad.is_empty() {
            return Err(bad);
        }
        let facts = ProgressFacts {
            admitted_on: self.admitted_on,
            hold_days: self.hold_days.unwrap_or_default(),
            extension_days: 0,
            as_of: self.as_of.unwrap_or(today),
            achievements,
        };
        let progress = certification::progress(&facts, &program.framework, &program.policy)?;
        Ok(CertificationAnswer {
            satisfied: progress.satisfied,
            completed_on: progress.completed_on,
            deadline: progress.deadline,
            days_left: progress.days_left,
            missing_required: codes(progress.missing_required),
            electives_missing: progress.electives_missing,
            findings: views(progress.findings),
        })
    }
}

/// Evaluate certification
///
/// Whether a candidate with these achievements has met the requirement, and since when (FAQ 8, 18).
#[utoipa::path(
    tag = "Evaluations",
    request_body = CertificationRequest,
    responses((status = 200, body = CertificationAnswer, description = "How far the candidate is, and why."))
)]
#[post("/v1/evaluations/certification")]
pub(crate) async fn evaluate_certification(
    app: App,
    call: Call,
    body: Body<CertificationRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateCertification, body).await
}
