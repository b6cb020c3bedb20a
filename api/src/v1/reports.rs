//! Reports for the office: as of any day, as JSON and CSV.

mod completions;
mod contact_hours;
mod pipeline;
mod renewals_due;
mod turnaround;

use actix_web::get;
use chrono::{Datelike, NaiveDate};
use domain::{
    access::{Action, Facts},
    program::{Program, ProgramCode},
};
use persistence::Tx;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub use completions::*;
pub use contact_hours::*;
pub use pipeline::*;
pub use renewals_due::*;
pub use turnaround::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::AsOf,
    problem::Problem,
    v1::ledger::period,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reports)
        .service(get_pipeline_report)
        .service(get_completions_report)
        .service(get_renewals_due_report)
        .service(get_contact_hours_report)
        .service(get_turnaround_report);
}

/// A report.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Report)]
pub struct ReportView {
    /// Its name.
    #[schema(example = "pipeline")]
    pub name: &'static str,
    /// What it tells.
    pub tells: &'static str,
    /// Where it is; `format=csv` makes a file of it.
    pub href: &'static str,
}

const REPORTS: &[ReportView] = &[
    ReportView {
        name: "pipeline",
        tells: "Applications, candidacies and certifications by where they stood on a day.",
        href: "/v1/reports/pipeline",
    },
    ReportView {
        name: "completions",
        tells: "Achievements of a period by method and set.",
        href: "/v1/reports/completions",
    },
    ReportView {
        name: "renewals-due",
        tells: "Terms that end in a period, by month, and how many were renewed.",
        href: "/v1/reports/renewals-due",
    },
    ReportView {
        name: "contact-hours",
        tells: "Activities of a period by kind, and what they are worth.",
        href: "/v1/reports/contact-hours",
    },
    ReportView {
        name: "turnaround",
        tells: "How long decisions of a period took, in working days.",
        href: "/v1/reports/turnaround",
    },
    ReportView {
        name: "money",
        tells: "The ledger of a period, held against invoices, payments and payouts.",
        href: "/v1/ledger/report",
    },
];

/// List the reports
#[utoipa::path(tag = "Office", responses((status = 200, body = Listing<ReportView>)))]
#[get("/v1/reports")]
pub(crate) async fn list_reports(call: Call) -> Result<Reply, Problem> {
    call.allow(Action::ListReports, &Facts::default())?;
    Ok(Listing::whole(REPORTS.to_vec()).reply(&call))
}

/// What a report is about: the program and the days, those that were left out filled in.
struct Asked {
    program: Program,
    from: NaiveDate,
    until: NaiveDate,
}

/// The program and the period of a query: the year of its last day, which is today where it is left out.
fn asked(
    app: &App,
    tx: &mut Tx<'_>,
    code: Option<&ProgramCode>,
    (from, until): (Option<AsOf>, Option<AsOf>),
) -> Result<Asked, Problem> {
    let program = crate::v1::ledger::asked(tx, code)?;
    let until = AsOf::or(until, app.today(&program));
    let first = NaiveDate::from_ymd_opt(until.year(), 1, 1).unwrap_or(until);
    let from = AsOf::or(from, first);
    period(Some(AsOf(from)), Some(AsOf(until)))?;
    Ok(Asked { program, from, until })
}
