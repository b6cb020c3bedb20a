//! How long decisions take.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    Word,
    access::{Action, Facts},
    calendar,
    program::ProgramCode,
    report::{Spread, Turnaround},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked;
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    clock::{business_day, day_begins},
    csv::{Cell, Format},
    extract::{AsOf, Query},
    openapi::words::one_of,
    problem::Problem,
};

/// How long decisions of one kind took. Working days, Monday to Friday: 0 where it was decided on the same day.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TurnaroundOf {
    /// What was decided on.
    #[schema(schema_with = one_of::<Turnaround>)]
    pub of: Turnaround,
    /// How many.
    #[schema(minimum = 0)]
    pub count: usize,
    /// Half of them took so many working days at most; null where there were none.
    pub median_days: Option<u32>,
    /// Nine in ten took so many working days at most.
    pub ninetieth_days: Option<u32>,
    /// The longest took so many working days.
    pub longest_days: Option<u32>,
}

/// How long the decisions of a period took.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TurnaroundReport)]
pub struct TurnaroundReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// By what was decided on.
    pub turnaround: Vec<TurnaroundOf>,
}

/// Which period is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetTurnaroundReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day; the first of `until`'s year when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report how long decisions take
///
/// What was decided in the period, by the event log, from its submission on: applications, each round of a
/// portfolio, course proposals. In working days, Monday to Friday; percentiles are by nearest rank. What was
/// decided anew counts each time, from when it was reopened.
#[utoipa::path(tag = "Office", params(GetTurnaroundReport),
    responses((status = 200, description = "The report.",
        content((TurnaroundReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/reports/turnaround")]
pub(crate) async fn get_turnaround_report(
    app: App,
    call: Call,
    query: Query<GetTurnaroundReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetTurnaroundReport, &Facts::default())?;
            let asked = asked(&app, tx, query.program.as_ref(), (query.from, query.until))?;
            let program = &asked.program;
            let after = calendar::add_days(asked.until, 1);
            let within = (day_begins(asked.from, program), day_begins(after, program));
            let mut turnaround = Vec::with_capacity(Turnaround::ALL.len());
            for of in Turnaround::ALL {
                let kinds = (of.starts(), of.ends());
                let days = tx.reports().spans(&program.code, kinds, within)?.into_iter();
                let days = days.map(|(start, end)| {
                    let (start, end) = (business_day(start, program), business_day(end, program));
                    calendar::working_days(start, end)
                });
                let spread = Spread::of(days.collect());
                turnaround.push(TurnaroundOf {
                    of: *of,
                    count: spread.count,
                    median_days: spread.median,
                    ninetieth_days: spread.ninetieth,
                    longest_days: spread.longest,
                });
            }
            let (from, until) = (asked.from, asked.until);
            let report =
                TurnaroundReportView { program: asked.program.code, from, until, turnaround };
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn csv(report: &TurnaroundReportView) -> Reply {
    let rows = report.turnaround.iter().map(|one| {
        vec![
            Cell::text(one.of),
            Cell::from(one.count),
            Cell::from(one.median_days),
            Cell::from(one.ninetieth_days),
            Cell::from(one.longest_days),
        ]
    });
    let header = &["of", "count", "median_days", "ninetieth_days", "longest_days"];
    Reply::csv(&format!("turnaround-{}-{}.csv", report.from, report.until), header, rows)
}
