//! Which terms end, and which of them were renewed.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
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
    problem::Problem,
};

/// The terms that end in one month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalsDueIn {
    /// The month.
    #[schema(example = "2029-05", pattern = r"^\d{4}-\d{2}$")]
    pub month: String,
    /// How many terms end in it.
    #[schema(minimum = 0)]
    pub terms: i64,
    /// How many of them were renewed.
    #[schema(minimum = 0)]
    pub renewed: i64,
    /// How many were not.
    #[schema(minimum = 0)]
    pub not_renewed: i64,
}

/// The terms that end in a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RenewalsDueReport)]
pub struct RenewalsDueReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The day as of which it is told.
    pub as_of: NaiveDate,
    /// By month; those in which no term ends are left out.
    pub months: Vec<RenewalsDueIn>,
}

/// Which period is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetRenewalsDueReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day; the first of `until`'s year when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// The day as of which it is told: what was awarded or renewed later is not known. Today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report renewals due
///
/// The terms of certifications that end in the period (FAQ 19), by month, and how many of them were renewed by
/// `as_of`. The renewal of a term is submitted from a year before its last day to two months after it.
#[utoipa::path(tag = "Office", params(GetRenewalsDueReport),
    responses((status = 200, description = "The report.",
        content((RenewalsDueReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/reports/renewals-due")]
pub(crate) async fn get_renewals_due_report(
    app: App,
    call: Call,
    query: Query<GetRenewalsDueReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetRenewalsDueReport, &Facts::default())?;
            let asked = asked(&app, tx, query.program.as_ref(), (query.from, query.until))?;
            let as_of = AsOf::or(query.as_of, app.today(&asked.program));
            let (code, days) = (asked.program.code, (asked.from, asked.until));
            let mut months: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            for (day, ending) in tx.reports().terms_ending(&code, days, as_of)? {
                let (terms, renewed) = months.entry(day.format("%Y-%m").to_string()).or_default();
                *terms += ending.terms;
                *renewed += ending.renewed;
            }
            let months = months.into_iter().map(|(month, (terms, renewed))| RenewalsDueIn {
                month,
                terms,
                renewed,
                not_renewed: terms - renewed,
            });
            let report = RenewalsDueReportView {
                program: code,
                from: asked.from,
                until: asked.until,
                as_of,
                months: months.collect(),
            };
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn csv(report: &RenewalsDueReportView) -> Reply {
    let rows = report.months.iter().map(|one| {
        let figures = [one.terms, one.renewed, one.not_renewed].map(Cell::from);
        [Cell::text(&one.month)].into_iter().chain(figures).collect()
    });
    let name = format!("renewals-due-{}-{}.csv", report.from, report.until);
    Reply::csv(&name, &["month", "terms", "renewed", "not_renewed"], rows)
}
