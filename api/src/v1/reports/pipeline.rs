//! Who stands where on a day.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    application::ApplicationState,
    calendar,
    candidacy::CandidacyStatus,
    certificate::selection::Window,
    certification::term::CertificationStatus,
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    clock::day_begins,
    csv::{Cell, Format},
    extract::{AsOf, Query},
    openapi::words::one_of,
    problem::Problem,
    v1::ledger::asked,
};

/// Applications in a state.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ApplicationsIn {
    /// The state.
    #[schema(schema_with = one_of::<ApplicationState>)]
    pub state: ApplicationState,
    /// How many.
    #[schema(minimum = 0)]
    pub count: i64,
}

/// Candidacies of a status.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CandidaciesIn {
    /// The status.
    #[schema(schema_with = one_of::<CandidacyStatus>)]
    pub status: CandidacyStatus,
    /// How many.
    #[schema(minimum = 0)]
    pub count: i64,
}

/// Certifications of a status.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct CertificationsIn {
    /// The status.
    #[schema(schema_with = one_of::<CertificationStatus>)]
    pub status: CertificationStatus,
    /// How many.
    #[schema(minimum = 0)]
    pub count: i64,
}

/// Who stood where at the end of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PipelineReport)]
pub struct PipelineReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The day.
    pub as_of: NaiveDate,
    /// Every state of an application.
    pub applications: Vec<ApplicationsIn>,
    /// Every status of a candidacy.
    pub candidacies: Vec<CandidaciesIn>,
    /// Every status of a certification.
    pub certifications: Vec<CertificationsIn>,
}

/// Which day is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetPipelineReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report who stands where
///
/// Applications by state, candidacies and certifications by status, at the end of `as_of`. A past day is told as
/// it was: applications by the event log, candidacies (FAQ 18) and certifications (FAQ 19) by their dates, as
/// their own reads tell it for that `as_of`. Of a day to come applications are told as they are.
#[utoipa::path(tag = "Office", params(GetPipelineReport),
    responses((status = 200, description = "The report.",
        content((PipelineReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/reports/pipeline")]
pub(crate) async fn get_pipeline_report(
    app: App,
    call: Call,
    query: Query<GetPipelineReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetPipelineReport, &Facts::default())?;
            let program = asked(tx, query.program.as_ref())?;
            let as_of = AsOf::or(query.as_of, app.today(&program));
            let ends = day_begins(calendar::add_days(as_of, 1), &program);
            let policies = tx.programs().policies(&program.code)?;
            let window = Window::widest(policies.iter().map(|version| &version.policy));
            let mut reports = tx.reports();
            let applications = reports.applications(&program.code, ends)?.into_iter();
            let candidacies = reports.candidacies(&program.code, as_of)?.into_iter();
            let certifications = reports.certifications(&program.code, as_of, window)?.into_iter();
            let report = PipelineReportView {
                applications: applications
                    .map(|(state, count)| ApplicationsIn { state, count })
                    .collect(),
                candidacies: candidacies
                    .map(|(status, count)| CandidaciesIn { status, count })
                    .collect(),
                certifications: certifications
                    .map(|(status, count)| CertificationsIn { status, count })
                    .collect(),
                program: program.code,
                as_of,
            };
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn csv(report: &PipelineReportView) -> Reply {
    let row = |part: &str, word: String, count: i64| {
        vec![Cell::text(part), Cell::text(word), Cell::from(count), Cell::text(report.as_of)]
    };
    let applications = report.applications.iter();
    let applications =
        applications.map(|one| row("applications", one.state.to_string(), one.count));
    let candidacies = report.candidacies.iter();
    let candidacies = candidacies.map(|one| row("candidacies", one.status.to_string(), one.count));
    let certified = report.certifications.iter();
    let certified = certified.map(|one| row("certifications", one.status.to_string(), one.count));
    let rows = applications.chain(candidacies).chain(certified);
    let header = &["part", "status", "count", "as_of"];
    Reply::csv(&format!("pipeline-{}.csv", report.as_of), header, rows)
}
