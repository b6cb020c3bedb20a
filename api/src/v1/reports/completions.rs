//! What was achieved in a period.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    certification::Method,
    competency::SetCode,
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked;
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    csv::{Cell, Format},
    extract::{AsOf, Query},
    openapi::words::one_of,
    problem::Problem,
};

/// Achievements of one set by one method.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompletionsOf {
    /// The method.
    #[schema(schema_with = one_of::<Method>)]
    pub method: Method,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// How many.
    #[schema(minimum = 1)]
    pub count: i64,
}

/// The achievements of a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CompletionsReport)]
pub struct CompletionsReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The day on which they stand.
    pub as_of: NaiveDate,
    /// By method and set; what has none is left out.
    pub completions: Vec<CompletionsOf>,
    /// All together.
    #[schema(minimum = 0)]
    pub total: i64,
}

/// Which period is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetCompletionsReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day; the first of `until`'s year when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// The day on which they stand: what was voided until then is left out. Today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report what was achieved
///
/// The achievements that are dated in the period and stand on `as_of`, by method (course, portfolio, recognition;
/// FAQ 10, 12) and competency set.
#[utoipa::path(tag = "Office", params(GetCompletionsReport),
    responses((status = 200, description = "The report.",
        content((CompletionsReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/reports/completions")]
pub(crate) async fn get_completions_report(
    app: App,
    call: Call,
    query: Query<GetCompletionsReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetCompletionsReport, &Facts::default())?;
            let asked = asked(&app, tx, query.program.as_ref(), (query.from, query.until))?;
            let (code, days) = (asked.program.code.clone(), (asked.from, asked.until));
            let as_of = AsOf::or(query.as_of, app.today(&asked.program));
            let counted = tx.reports().achievements(&code, days, as_of)?;
            let report = CompletionsReportView {
                program: code,
                from: asked.from,
                until: asked.until,
                as_of,
                total: counted.iter().map(|(_, count)| count).sum(),
                completions: counted
                    .into_iter()
                    .map(|((method, set), count)| CompletionsOf { method, set, count })
                    .collect(),
            };
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn csv(report: &CompletionsReportView) -> Reply {
    let rows = report
        .completions
        .iter()
        .map(|one| vec![Cell::text(one.method), Cell::text(&one.set), Cell::from(one.count)]);
    let name = format!("completions-{}-{}.csv", report.from, report.until);
    Reply::csv(&name, &["method", "set", "count"], rows)
}
