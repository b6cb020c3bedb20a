//! `POST /v1/evaluations/eligibility` (FAQ 3, 6).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact,
    access::Action,
    eligibility::{self, Education, EligibilityFacts, Hours, Job, JobKind, LibraryType},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evaluation, ProgramData, joined, views};
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    openapi::words::one_of,
    problem::Problem,
};

/// One job in a library.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibilityJob {
    /// The library's name.
    #[schema(example = "Town Library", max_length = 200)]
    pub library: String,
    /// Its type; every type counts.
    #[schema(schema_with = one_of::<LibraryType>)]
    pub library_type: LibraryType,
    /// Paid or volunteer; both count.
    #[schema(schema_with = one_of::<JobKind>)]
    pub kind: JobKind,
    /// The first day.
    #[schema(example = "2021-03-01")]
    pub started_on: NaiveDate,
    /// The last day; left out while the job lasts.
    #[schema(example = "2023-02-28")]
    pub ended_on: Option<NaiveDate>,
    /// Whether the position requires a Master of Library and Information Science.
    pub requires_mlis: bool,
    /// Hours in each week, in quarters of an hour. Either this or `total_hours`.
    #[schema(exclusive_minimum = 0, maximum = 168, multiple_of = 0.25, example = 20)]
    pub hours_per_week: Option<f64>,
    /// Hours over the whole job, in quarters of an hour. Either this or `hours_per_week`.
    #[schema(exclusive_minimum = 0, maximum = 100_000, multiple_of = 0.25)]
    pub total_hours: Option<f64>,
}

/// What eligibility is decided on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibilityRequest {
    /// The program's code; `lssc` where it is left out.
    pub program: Option<String>,
    /// The day of reckoning; today where it is left out.
    pub as_of: Option<NaiveDate>,
    /// The highest education.
    #[schema(schema_with = one_of::<Education>)]
    pub education: Education,
    /// Every job in a library.
    #[schema(max_items = 100)]
    pub jobs: Vec<EligibilityJob>,
}

/// Whether somebody may enter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EligibilityAnswer {
    /// Whether nothing stands in the way.
    pub satisfied: bool,
    /// Minutes of work inside the window.
    pub counted_minutes: u64,
    /// The first day of the window.
    pub window_opens_on: NaiveDate,
    /// The last day of the window: the day of reckoning.
    pub window_closes_on: NaiveDate,
    /// One for each rule.
    pub findings: Vec<FindingView>,
}

/// Longest name of a library, characters.
const NAME_LENGTH: usize = 200;

impl EligibilityJob {
    /// The job at `place` of the list; its own faults go to `bad`.
    fn read(self, place: usize, bad: &mut Vec<BadFact>) -> Job {
        let pointer = format!("/jobs/{place}");
        if self.library.trim().is_empty() || self.library.chars().count() > NAME_LENGTH {
            let detail = format!("A name has 1 to {NAME_LENGTH} characters.");
            bad.push(BadFact::at(format!("{pointer}/library"), "length", detail));
        }
        let hours = Hours::from_forms(&pointer, self.hours_per_week, self.total_hours);
        let hours = hours.unwrap_or_else(|fault| {
            bad.push(fault);
            // Never reckoned with: a fault refuses the whole request.
            Hours::Total(0)
        });
        Job {
            library: self.library,
            library_type: self.library_type,
            kind: self.kind,
            started_on: self.started_on,
            ended_on: self.ended_on,
            requires_mlis: self.requires_mlis,
            hours,
        }
    }
}

impl Evaluation for EligibilityRequest {
    type Answer = EligibilityAnswer;
    fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }
    fn policy_day(&self) -> Option<NaiveDate> {
        self.as_of
    }
    fn evaluate(
        self,
        program: &ProgramData,
        today: NaiveDate,
    ) -> Result<EligibilityAnswer, Vec<BadFact>> {
        let as_of = self.as_of.unwrap_or(today);
        let mut bad = Vec::new();
        let jobs = self.jobs.into_iter().enumerate();
        let jobs = jobs.map(|(place, job)| job.read(place, &mut bad)).collect();
        let facts = EligibilityFacts { as_of, education: self.education, jobs };
        let outcome = eligibility::evaluate(&facts, &program.policy.eligibility);
        joined(outcome, bad).map(|outcome| EligibilityAnswer {
            satisfied: outcome.satisfied,
            counted_minutes: outcome.counted_minutes,
            window_opens_on: outcome.window_opens_on,
            window_closes_on: as_of,
            findings: views(outcome.findings),
        })
    }
}

/// Evaluate eligibility
///
/// Whether somebody with this education and these jobs in libraries may enter the program (FAQ 3, 6).
/// Each job counts for its days inside the window, rounded down to the minute.
#[utoipa::path(
    tag = "Evaluations",
    request_body = EligibilityRequest,
    responses((status = 200, body = EligibilityAnswer, description = "Whether the facts allow entry, and why."))
)]
#[post("/v1/evaluations/eligibility")]
pub(crate) async fn evaluate_eligibility(
    app: App,
    call: Call,
    body: Body<EligibilityRequest>,
) -> Result<Reply, Problem> {
    super::answer(&app, &call, Action::EvaluateEligibility, body).await
}
