//! Hours of learning by kind.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    Word,
    access::{Action, Facts},
    policy::RenewalPolicy,
    program::ProgramCode,
    renewal::ActivityKind,
};
use persistence::Logged;
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

/// Activities of one kind.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ContactHoursOf {
    /// What they were.
    #[schema(schema_with = one_of::<ActivityKind>)]
    pub kind: ActivityKind,
    /// How many.
    #[schema(minimum = 0)]
    pub activities: i64,
    /// What they are worth. Minutes.
    #[schema(minimum = 0)]
    pub minutes: i64,
    /// What those in technology are worth. Minutes.
    #[schema(minimum = 0)]
    pub technology_minutes: i64,
}

/// The activities of a period by kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ContactHoursReport)]
pub struct ContactHoursReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// The day until which they were logged.
    pub as_of: NaiveDate,
    /// Every kind.
    pub kinds: Vec<ContactHoursOf>,
}

/// Which period is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetContactHoursReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day; the first of `until`'s year when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// The day until which they were logged, and had not been removed. Today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report hours by kind
///
/// The activities that are dated in the period, by kind, with what their facts are worth by the policy in force
/// (FAQ 19): a semester credit 15 hours, a quarter credit 10, a conference day 6, the rest minute by minute;
/// what is shorter than an activity that counts is worth nothing. Whether a renewal used them does not matter.
#[utoipa::path(tag = "Office", params(GetContactHoursReport),
    responses((status = 200, description = "The report.",
        content((ContactHoursReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/reports/contact-hours")]
pub(crate) async fn get_contact_hours_report(
    app: App,
    call: Call,
    query: Query<GetContactHoursReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetContactHoursReport, &Facts::default())?;
            let asked = asked(&app, tx, query.program.as_ref(), (query.from, query.until))?;
            let today = app.today(&asked.program);
            let as_of = AsOf::or(query.as_of, today);
            let (code, days) = (asked.program.code, (asked.from, asked.until));
            let policy = tx.programs().policy_on(&code, today)?.policy.renewal;
            let logged = tx.reports().logged(&code, days, as_of)?;
            let report = ContactHoursReportView {
                program: code,
                from: asked.from,
                until: asked.until,
                as_of,
                kinds: ActivityKind::ALL
                    .iter()
                    .map(|kind| of_kind(*kind, &logged, &policy))
                    .collect(),
            };
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn of_kind(kind: ActivityKind, logged: &[Logged], policy: &RenewalPolicy) -> ContactHoursOf {
    let minutes = |one: &Logged| {
        let each = one.kind.worth(one.amount, policy);
        if each < policy.minimum_activity_minutes.into() {
            0
        } else {
            each.saturating_mul(one.count)
        }
    };
    let of_kind = || logged.iter().filter(|one| one.kind == kind);
    ContactHoursOf {
        kind,
        activities: of_kind().map(|one| one.count).sum(),
        minutes: of_kind().map(minutes).sum(),
        technology_minutes: of_kind().filter(|one| one.technology).map(minutes).sum(),
    }
}

fn csv(report: &ContactHoursReportView) -> Reply {
    let rows = report.kinds.iter().map(|one| {
        let figures = [one.activities, one.minutes, one.technology_minutes].map(Cell::from);
        [Cell::text(one.kind)].into_iter().chain(figures).collect()
    });
    let name = format!("contact-hours-{}-{}.csv", report.from, report.until);
    Reply::csv(&name, &["kind", "activities", "minutes", "technology_minutes"], rows)
}
