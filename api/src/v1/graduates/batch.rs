//! Batches of graduates, as JSON or as files.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    AgreementId, BadFact, GraduateId,
    access::Action,
    agreement::graduate::{Graduation, MAX_GRADUATES},
    decision,
    id::GraduateKind,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    csv,
    extract::{Given, JsonOrEachRow, PathOf, Query},
    flows::{
        graduate::{self, PostOutcome, PostedRow, Posting},
        program,
        rehearsal::rehearse,
    },
    openapi::words::{id_of_or_null, one_of},
    problem::Problem,
    v1::{
        agreements,
        fields::{EmailAddress, Name},
    },
};

/// A graduate to post; a row of a file. What is missing or cannot be is told of the row alone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GraduateRow {
    /// Full name.
    #[serde(default)]
    #[schema(required, max_length = 200, example = "Ada Brook")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    #[schema(required, max_length = 254, example = "ada@example.org")]
    pub email: Option<String>,
    /// The day of graduation, not after today.
    #[serde(default)]
    #[schema(required, format = Date, example = "2026-01-15")]
    pub graduated_on: Option<String>,
}

/// Graduates to post.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostGraduates {
    /// The graduates.
    #[schema(min_items = 1, max_items = 1000)]
    pub rows: Vec<GraduateRow>,
}

/// How a batch is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PostGraduatesQuery {
    /// Answer what the batch would come to and store nothing.
    pub dry_run: Option<bool>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowErrorView {
    /// The column; empty where the row as a whole cannot be read.
    #[schema(example = "graduated_on")]
    pub column: String,
    /// A stable code.
    #[schema(example = "order")]
    pub code: &'static str,
    /// One sentence for people.
    pub detail: String,
}

/// What one row came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostedRowView {
    /// Its line of the file, whose header is line 1; of JSON its place in the list, from 1 on.
    pub line: u64,
    /// What became of it.
    #[schema(schema_with = one_of::<PostOutcome>)]
    pub outcome: PostOutcome,
    /// The graduate: posted now, or there already.
    #[schema(schema_with = id_of_or_null::<GraduateKind>)]
    pub graduate_id: Option<GraduateId>,
    /// Whether its person is known already.
    pub matched: bool,
    /// The findings of the rules.
    pub findings: Vec<FindingView>,
    /// What is wrong with the row.
    pub errors: Vec<RowErrorView>,
}

impl From<PostedRow> for PostedRowView {
    fn from(row: PostedRow) -> Self {
        let error = |one: BadFact| RowErrorView {
            column: one.pointer.trim_start_matches('/').to_owned(),
            code: one.code,
            detail: one.detail,
        };
        Self {
            line: row.line,
            outcome: row.outcome,
            graduate_id: row.graduate,
            matched: row.matched,
            findings: row.findings.into_iter().map(FindingView::from).collect(),
            errors: row.errors.into_iter().map(error).collect(),
        }
    }
}

/// What a batch came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostedGraduates {
    /// Whether nothing of it was stored.
    pub dry_run: bool,
    /// How many are posted now.
    pub posted: usize,
    /// How many were claimed before and are confirmed by this.
    pub confirmed: usize,
    /// How many were there already.
    pub already_posted: usize,
    /// How many the rules refuse.
    pub refused: usize,
    /// How many rows cannot be.
    pub bad: usize,
    /// Every row, in order.
    pub rows: Vec<PostedRowView>,
}

impl PostedGraduates {
    fn of(rows: Vec<PostedRow>, dry_run: bool) -> Self {
        let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            dry_run,
            posted: count(PostOutcome::Posted),
            confirmed: count(PostOutcome::Confirmed),
            already_posted: count(PostOutcome::AlreadyPosted),
            refused: count(PostOutcome::Refused),
            bad: count(PostOutcome::Bad),
            rows: rows.into_iter().map(PostedRowView::from).collect(),
        }
    }
}

/// A cell as a type of the house, or what is wrong with it.
fn cell<T: DeserializeOwned>(
    column: &str,
    given: Option<&String>,
    bad: &mut Vec<BadFact>,
) -> Option<T> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        bad.push(BadFact::at(format!("/{column}"), "required", "The row does not say it."));
        return None;
    };
    match serde_json::from_value(text.as_str().into()) {
        Ok(value) => Some(value),
        Err(error) => {
            bad.push(BadFact::at(format!("/{column}"), "format", error.to_string()));
            None
        }
    }
}

fn graduation(row: &GraduateRow, today: NaiveDate) -> Result<Graduation, Vec<BadFact>> {
    let mut bad = Vec::new();
    let name = cell::<Name>("name", row.name.as_ref(), &mut bad);
    let email = cell::<EmailAddress>("email", row.email.as_ref(), &mut bad);
    let day = cell::<NaiveDate>("graduated_on", row.graduated_on.as_ref(), &mut bad);
    if let Some(day) = day {
        bad.extend(super::check_day("/graduated_on", day, today));
    }
    match (name, email, day) {
        (Some(name), Some(email), Some(graduated_on)) if bad.is_empty() => {
            Ok(Graduation { name: name.into_inner(), email: email.into_inner(), graduated_on })
        }
        _ => Err(bad),
    }
}

fn postings(
    given: &Given<'_, PostGraduates, Result<GraduateRow, Vec<BadFact>>>,
    today: NaiveDate,
) -> Result<Vec<Posting>, Problem> {
    let posting =
        |line: u64, row: &GraduateRow| Posting { line, graduation: graduation(row, today) };
    let read = |row: &csv::Judged<GraduateRow>| match &row.value {
        Ok(value) => posting(row.line, value),
        Err(bad) => Posting { line: row.line, graduation: Err(bad.clone()) },
    };
    let postings: Vec<Posting> = match given {
        Given::Json(body) => (1..).zip(&body.rows).map(|(line, row)| posting(line, row)).collect(),
        Given::Csv(rows) => rows.iter().map(read).collect(),
    };
    if (1..=MAX_GRADUATES).contains(&postings.len()) {
        return Ok(postings);
    }
    let detail = format!("A batch has 1 to {MAX_GRADUATES} rows.");
    let pointer = if matches!(given, Given::Json(_)) { "/rows" } else { "" };
    Err(BadFact::at(pointer, "length", detail).into())
}

/// Post graduates of an agreement
///
/// The college's word is the proof. Each row is judged for itself and answered with its line: `posted`,
/// `confirmed` where the graduate had claimed it (the college's word and day then count), `already_posted`,
/// `refused` with its findings, or `bad` with its errors. A graduation counts from two years before the
/// signing on (FAQ 16). Who registered under the address,
/// confirmed it and has the name is matched at once; an address under another name is refused. Others are
/// matched when they confirm their address or apply. A graduate whose candidacy runs achieves the covered
/// sets in the same transaction.
///
/// Send JSON, or a file of `text/csv` with the columns `name`, `email`, `graduated_on`. `dry_run=true`
/// answers the same and stores nothing. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Colleges", params(PostGraduatesQuery),
    request_body(content((PostGraduates = "application/json"), (String = "text/csv")),
        description = "The graduates, or rows of a file with the columns name, email, graduated_on."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PostedGraduates)))]
#[post("/v1/recognition-agreements/{agreement_id}/graduates")]
pub(crate) async fn post_graduates(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    query: Query<PostGraduatesQuery>,
    body: JsonOrEachRow<PostGraduates, GraduateRow>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let agreement = tx.agreements().get(*id)?;
            call.allow(Action::PostGraduates, &agreements::facts(&agreement))?;
            let rules = program::in_force(&app, tx, &agreement.program)?;
            let rows = postings(&body.get()?, rules.today)?;
            let college = tx.colleges().get(agreement.college)?;
            decision::by_state(vec![college.standing.active_finding(rules.today)])?;
            let dry_run = query.dry_run == Some(true);
            let chance = app.chance.as_ref();
            let posted = if dry_run {
                rehearse(tx, |tx| graduate::post(tx, chance, &rules, &agreement, rows))?
            } else {
                graduate::post(tx, chance, &rules, &agreement, rows)?
            };
            Ok(Reply::ok(&PostedGraduates::of(posted, dry_run)).private())
        })
        .await
}
