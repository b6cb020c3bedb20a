//! Files of activities: every row judged for itself, with its line.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    ActivityId, BadFact, CertificationId,
    access::{Action, Facts},
    competency::SetCode,
    id::LoggedActivityKind,
    renewal::{ActivityFacts, ActivityKind, Amount},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::views::hours;
use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    csv::Row,
    extract::{
        PathOf, Query, Rows,
        shape::{code, sentence},
    },
    flows::{
        activity::{self, ActivityRow, ActivityRowOutcome, ImportedActivity},
        program,
        rehearsal::rehearse,
    },
    openapi::words::{id_of_or_null, one_of},
    problem::Problem,
    v1::{
        fields::{Line, WebAddress},
        graduates::RowErrorView,
    },
};

/// A row of a file of activities. What is missing or cannot be is told of the row alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityLine {
    pub(crate) title: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) started_on: Option<String>,
    pub(crate) dated_on: Option<String>,
    pub(crate) minutes: Option<String>,
    pub(crate) quantity: Option<String>,
    pub(crate) technology: Option<String>,
    pub(crate) sets: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) documentation_url: Option<String>,
}

/// What cannot be read of a row.
#[derive(Default)]
struct Unreadable(Vec<BadFact>);

impl Unreadable {
    fn tell(&mut self, column: &str, code: &'static str, detail: impl Into<String>) {
        self.0.push(BadFact::at(format!("/{column}"), code, detail));
    }

    /// A cell as a type of the house; none where the row does not say it.
    fn cell<T: DeserializeOwned>(&mut self, column: &str, given: Option<&String>) -> Option<T> {
        let text = given.map(|text| text.trim()).filter(|text| !text.is_empty())?;
        match serde_json::from_value(text.into()) {
            Ok(value) => Some(value),
            Err(error) => {
                let error = error.to_string();
                self.tell(column, code(&error), sentence(&error));
                None
            }
        }
    }

    /// A cell that the row must say.
    fn needed<T: DeserializeOwned>(&mut self, column: &str, given: Option<&String>) -> Option<T> {
        if given.is_none_or(|text| text.trim().is_empty()) {
            self.tell(column, "required", "The row does not say it.");
        }
        self.cell(column, given)
    }

    fn number(&mut self, column: &str, given: Option<&String>) -> Option<i64> {
        let text = given.map(|text| text.trim()).filter(|text| !text.is_empty())?;
        let number = text.parse().ok();
        if number.is_none() {
            self.tell(column, "type", "It is not a whole number.");
        }
        number
    }

    fn truth(&mut self, column: &str, given: Option<&String>) -> bool {
        let text = given.map(|text| text.trim().to_lowercase()).unwrap_or_default();
        match text.as_str() {
            "true" | "yes" => true,
            "false" | "no" | "" => false,
            _ => {
                self.tell(column, "type", "It is true or false.");
                false
            }
        }
    }

    fn sets(&mut self, column: &str, given: Option<&String>) -> Vec<SetCode> {
        let text = given.map(String::as_str).unwrap_or_default();
        let codes = text.split([' ', ',', ';']).filter(|code| !code.is_empty());
        let read: Result<Vec<SetCode>, _> = codes.map(str::parse).collect();
        match read {
            Ok(sets) => sets,
            Err(error) => {
                self.tell(column, "format", format!("It holds what is {error}."));
                Vec::new()
            }
        }
    }
}

impl ActivityLine {
    /// The facts of the row, or every cell that is wrong with it.
    pub(crate) fn read(&self) -> Result<ActivityFacts, Vec<BadFact>> {
        let mut bad = Unreadable::default();
        let title = bad.needed::<Line>("title", self.title.as_ref());
        let kind = bad.needed::<ActivityKind>("kind", self.kind.as_ref());
        let dated_on = bad.needed::<NaiveDate>("dated_on", self.dated_on.as_ref());
        let started_on = bad.cell("started_on", self.started_on.as_ref());
        let minutes = bad.number("minutes", self.minutes.as_ref());
        let quantity = bad.number("quantity", self.quantity.as_ref());
        let technology = bad.truth("technology", self.technology.as_ref());
        let sets = bad.sets("sets", self.sets.as_ref());
        let provider = bad.cell::<Line>("provider", self.provider.as_ref());
        let url = bad.cell::<WebAddress>("documentation_url", self.documentation_url.as_ref());
        let amount = match kind {
            Some(kind) if bad.0.is_empty() => {
                Amount::from_forms("", kind, minutes, quantity).map_err(|fault| bad.0.push(fault))
            }
            Some(_) | None => Err(()),
        };
        match (title, kind, dated_on, amount) {
            (Some(title), Some(kind), Some(dated_on), Ok(amount)) => Ok(ActivityFacts {
                title: title.into(),
                kind,
                started_on,
                dated_on,
                amount,
                technology,
                sets,
                provider: provider.map(String::from),
                document: None,
                document_url: url.map(String::from),
            }),
            _ => Err(bad.0),
        }
    }
}

fn row(row: &Row<ActivityLine>) -> ActivityRow {
    (row.line, row.value.read())
}

/// How a file is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportActivitiesQuery {
    /// Answer what the file would come to and store nothing.
    pub dry_run: Option<bool>,
}

/// What one row came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedActivityView {
    /// Its line of the file, whose header is line 1.
    pub line: u64,
    /// What became of it.
    #[schema(schema_with = one_of::<ActivityRowOutcome>)]
    pub outcome: ActivityRowOutcome,
    /// The activity: logged now, or there already. Of a dry run only what was there before.
    #[schema(schema_with = id_of_or_null::<LoggedActivityKind>)]
    pub activity_id: Option<ActivityId>,
    /// What its facts are worth, in minutes.
    pub minutes: Option<i64>,
    /// What of that counts in the present term as of today, in minutes.
    pub counted_minutes: Option<i64>,
    /// Why it was rejected, where its cells are right.
    pub findings: Vec<FindingView>,
    /// What is wrong with its cells.
    pub errors: Vec<RowErrorView>,
}

/// What a file came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedActivities {
    /// Whether nothing of it was stored.
    pub dry_run: bool,
    /// How many are in the log now.
    pub logged: usize,
    /// How many were there already.
    pub known: usize,
    /// How many were not taken.
    pub rejected: usize,
    /// Every row, in order.
    pub rows: Vec<ImportedActivityView>,
}

fn error(bad: BadFact) -> RowErrorView {
    RowErrorView {
        column: bad.pointer.split('/').nth(1).unwrap_or_default().to_owned(),
        code: bad.code,
        detail: bad.detail,
    }
}

/// Import a file of activities
///
/// `text/csv` with the columns `title`, `kind`, `dated_on` and any of `started_on`, `minutes`, `quantity`,
/// `technology` (true or false), `sets` (codes with blanks between), `provider`, `documentation_url`. Every row
/// is judged for itself and answered with its line: `logged`, `known` (one of the same title, kind, day and
/// amount is there, so that a file can be sent again) or `rejected`, with the column and code in `errors`. Good
/// rows are kept whatever becomes of the others. `dry_run=true` answers the same and stores nothing.
#[utoipa::path(tag = "Renewals", params(ImportActivitiesQuery),
    request_body(content = String, content_type = "text/csv",
        description = "Columns: title, kind, dated_on, started_on, minutes, quantity, technology, sets, \
            provider, documentation_url."),
    responses((status = 200, body = ImportedActivities)))]
#[post("/v1/certifications/{certification_id}/activities/import")]
pub(crate) async fn import_activities(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    query: Query<ImportActivitiesQuery>,
    body: Rows<ActivityLine>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            call.allow(Action::ImportActivities, &Facts::of_person(certification.person))?;
            let rows: Vec<ActivityRow> = body.get()?.iter().map(row).collect();
            let rules = program::in_force(&app, tx, &certification.program)?;
            let dry_run = query.dry_run == Some(true);
            let imported = if dry_run {
                rehearse(tx, |tx| activity::import(tx, &rules, &certification, rows))?
            } else {
                activity::import(tx, &rules, &certification, rows)?
            };
            let count = |outcome: ActivityRowOutcome| {
                imported.iter().filter(|row| row.outcome == outcome).count()
            };
            let view = ImportedActivities {
                dry_run,
                logged: count(ActivityRowOutcome::Logged),
                known: count(ActivityRowOutcome::Known),
                rejected: count(ActivityRowOutcome::Rejected),
                rows: imported
                    .iter()
                    .map(|row| {
                        let stored = !dry_run || row.outcome == ActivityRowOutcome::Known;
                        let hours =
                            row.activity.as_ref().map(|one| hours(one, &certification, &rules));
                        let activity = row.activity.as_ref().filter(|_| stored);
                        imported_row(row, activity.map(|one| one.id), hours)
                    })
                    .collect(),
            };
            Ok(Reply::ok(&view).private())
        })
        .await
}

fn imported_row(
    row: &ImportedActivity,
    activity_id: Option<ActivityId>,
    hours: Option<super::ActivityHours>,
) -> ImportedActivityView {
    ImportedActivityView {
        line: row.line,
        outcome: row.outcome,
        activity_id,
        minutes: hours.as_ref().map(|hours| hours.minutes),
        counted_minutes: hours.map(|hours| hours.counted_minutes),
        findings: row.findings.iter().cloned().map(FindingView::from).collect(),
        errors: row.errors.iter().cloned().map(error).collect(),
    }
}
