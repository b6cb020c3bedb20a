//! Rosters as JSON and as files, in and out.

use domain::{
    BadFact, CandidacyId, CompletionId, CourseId, Finding, WaitingId,
    id::{CandidacyKind, CompletionKind, CourseKind, WaitingKind},
    identity::Named,
    roster::{MAX_ROWS, RosterRow, RowOutcome},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::FindingView,
    csv,
    extract::{
        Given,
        shape::{code, sentence},
    },
    flows::roster::PostedRow,
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::{
        fields::{EmailAddress, Name},
        graduates::RowErrorView,
    },
};

/// Who completed the course; a row of a file. What is missing or cannot be is told of the row alone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterLine {
    /// The candidate number: the id of the candidacy.
    #[serde(default)]
    #[schema(example = "cand_019b76dad3007ba59b16e7f7b1cf51ad")]
    pub candidate_number: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    #[schema(max_length = 254, example = "ada@example.org")]
    pub email: Option<String>,
    /// The full name.
    #[serde(default)]
    #[schema(max_length = 200, example = "Ada Brook")]
    pub name: Option<String>,
    /// The day of completion, `YYYY-MM-DD`, not after today.
    #[serde(default)]
    #[schema(required, format = Date, example = "2026-02-20")]
    pub completed_on: Option<String>,
    /// Another course of the same provider, where the row is not of the one in the path.
    #[serde(default)]
    #[schema(example = "course_019b76daabfa715487c36fad002f2cc9")]
    pub course_id: Option<String>,
}

/// A roster.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostRoster {
    /// The rows.
    #[schema(min_items = 1, max_items = 5000)]
    pub rows: Vec<RosterLine>,
}

/// How a roster is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RosterQuery {
    /// Answer what the roster would come to and store nothing.
    pub dry_run: Option<bool>,
}

/// What became of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterRowView {
    /// Its line in the file, or its place in the list, from 1 on.
    pub line: u32,
    /// Where the row is: a JSON Pointer as a URI fragment; of a file `#/` and the line of the file.
    #[schema(example = "#/rows/0")]
    pub pointer: String,
    /// What became of it.
    #[schema(schema_with = one_of::<RowOutcome>)]
    pub outcome: RowOutcome,
    /// The same in one sentence.
    pub message: &'static str,
    /// The candidacy in which it counts.
    #[schema(schema_with = id_of_or_null::<CandidacyKind>)]
    pub candidacy_id: Option<CandidacyId>,
    /// The completion that it is.
    #[schema(schema_with = id_of_or_null::<CompletionKind>)]
    pub completion_id: Option<CompletionId>,
    /// The completion that waits.
    #[schema(schema_with = id_of_or_null::<WaitingKind>)]
    pub waiting_completion_id: Option<WaitingId>,
    /// Whether it achieved a competency set.
    pub achieved: bool,
    /// Whether the certification was awarded.
    pub certified: bool,
    /// Why.
    pub findings: Vec<FindingView>,
    /// What is wrong with its cells.
    pub errors: Vec<RowErrorView>,
}

/// What a roster came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterView {
    /// The course.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub course_id: CourseId,
    /// Whether nothing of it was stored.
    pub dry_run: bool,
    /// How many rows count.
    pub verified: usize,
    /// How many were recorded and do not count.
    pub refused: usize,
    /// How many wait for somebody who enrolls.
    pub waiting: usize,
    /// How many were there already.
    pub known: usize,
    /// How many were not taken.
    pub rejected: usize,
    /// Every row, in order.
    pub rows: Vec<RosterRowView>,
}

/// A roster as it was asked for: its rows, and where each of them is.
pub(super) struct Asked {
    pub(super) rows: Vec<Result<RosterRow, Box<PostedRow>>>,
    pointers: Vec<String>,
}

/// How much of a cell that cannot be read is told.
const TOLD: usize = 100;

/// What cannot be read of a row, cell by cell.
#[derive(Default)]
struct Unreadable {
    findings: Vec<Finding>,
    errors: Vec<BadFact>,
}

impl Unreadable {
    /// A row of a file that is no row: it has too many or too few cells, or what no cell can hold.
    fn row(errors: &[BadFact]) -> Self {
        let details = errors.iter().map(|one| one.detail.as_str());
        let told = details.collect::<Vec<_>>().join(" ");
        let told = told.chars().take(TOLD).collect::<String>();
        let message = "The row cannot be read.";
        let finding = Finding::new(
            "roster.readable",
            "house rule",
            false,
            "a row as the header has it",
            told,
            message,
        );
        Self { findings: vec![finding], errors: errors.to_vec() }
    }

    fn tell(&mut self, (column, rule, required): Cell, given: &str, error: &str) {
        let code = if given.is_empty() { "required" } else { code(error) };
        self.errors.push(BadFact::at(format!("/{column}"), code, sentence(error)));
        let given = given.chars().take(TOLD).collect::<String>();
        let message = format!("This is not {required}: {given}.");
        self.findings.push(Finding::new(rule, "house rule", false, required, given, message));
    }

    /// A cell as a type of the house, if the row has it and it can be one.
    fn cell<T: DeserializeOwned>(&mut self, cell: Cell, given: Option<&String>) -> Option<T> {
        let text = given?.trim();
        if text.is_empty() {
            self.tell(cell, text, "the row does not say it");
            return None;
        }
        match serde_json::from_value(text.into()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.tell(cell, text, &error.to_string());
                None
            }
        }
    }
}

/// A column, the rule that its cells are told by, and what they are.
type Cell = (&'static str, &'static str, &'static str);

const NUMBER: Cell = ("candidate_number", "roster.candidate_known", "a candidate number");
const EMAIL: Cell = ("email", "roster.identified", "an e-mail address");
const NAME: Cell = ("name", "roster.identified", "a name");
const DAY: Cell = ("completed_on", "roster.completed_on", "a day like 2026-03-01");
const COURSE: Cell = ("course_id", "credit.course_approved", "an id of a course");

/// The row of a line, or what cannot be read of it.
fn row(line: u32, given: &RosterLine, course: CourseId) -> Result<RosterRow, Unreadable> {
    let mut bad = Unreadable::default();
    let candidacy = bad.cell(NUMBER, given.candidate_number.as_ref());
    let email = bad.cell::<EmailAddress>(EMAIL, given.email.as_ref()).map(String::from);
    let name = bad.cell::<Name>(NAME, given.name.as_ref()).map(String::from);
    let day = given.completed_on.as_deref().unwrap_or_default().trim();
    // Ten characters, since a day is also read without its zeros.
    let completed_on = Some(day).filter(|day| day.len() == 10).and_then(|day| day.parse().ok());
    if completed_on.is_none() {
        let error = if day.is_empty() { "the row does not say it" } else { "it is not YYYY-MM-DD" };
        bad.tell(DAY, day, error);
    }
    let other = bad.cell(COURSE, given.course_id.as_ref());
    match completed_on.filter(|_| bad.errors.is_empty()) {
        Some(completed_on) => Ok(RosterRow {
            line,
            course: other.unwrap_or(course),
            named: Named { candidacy, email, name },
            completed_on,
        }),
        None => Err(bad),
    }
}

impl Asked {
    /// The rows of a body; 422 where there are none or too many.
    pub(super) fn of(
        given: &Given<'_, PostRoster, Result<RosterLine, Vec<BadFact>>>,
        course: CourseId,
    ) -> Result<Self, Problem> {
        let unreadable = |line: u32, bad: Unreadable| {
            Box::new(PostedRow::unreadable(line, bad.findings, bad.errors))
        };
        let read = |line: u32, given: &RosterLine| {
            row(line, given, course).map_err(|bad| unreadable(line, bad))
        };
        let line_of = |given: &csv::Judged<RosterLine>| {
            let line = u32::try_from(given.line).unwrap_or(u32::MAX);
            match &given.value {
                Ok(value) => read(line, value),
                Err(errors) => Err(unreadable(line, Unreadable::row(errors))),
            }
        };
        match given {
            Given::Json(body) if !(1..=MAX_ROWS).contains(&body.rows.len()) => {
                let detail = format!("A roster has 1 to {MAX_ROWS} rows.");
                Err(BadFact::at("/rows", "length", detail).into())
            }
            Given::Json(body) => Ok(Self {
                rows: (1..).zip(&body.rows).map(|(line, row)| read(line, row)).collect(),
                pointers: (0..body.rows.len()).map(|place| format!("#/rows/{place}")).collect(),
            }),
            Given::Csv(rows) => Ok(Self {
                rows: rows.iter().map(line_of).collect(),
                pointers: rows.iter().map(|row| format!("#/{}", row.line)).collect(),
            }),
        }
    }

    /// What it came to. Of a dry run only what was there before has an id.
    pub(super) fn view(
        &self,
        course_id: CourseId,
        posted: Vec<PostedRow>,
        dry_run: bool,
    ) -> RosterView {
        let count =
            |outcome: RowOutcome| posted.iter().filter(|row| row.outcome == outcome).count();
        RosterView {
            course_id,
            dry_run,
            verified: count(RowOutcome::Verified),
            refused: count(RowOutcome::Refused),
            waiting: count(RowOutcome::Waiting),
            known: count(RowOutcome::Known),
            rejected: count(RowOutcome::Rejected),
            rows: posted
                .into_iter()
                .zip(&self.pointers)
                .map(|(row, pointer)| {
                    let stored = !dry_run || !row.made;
                    RosterRowView {
                        line: row.line,
                        pointer: pointer.clone(),
                        outcome: row.outcome,
                        message: message(&row),
                        candidacy_id: row.candidacy,
                        completion_id: row.completion.filter(|_| stored),
                        waiting_completion_id: row.waiting.filter(|_| stored),
                        achieved: row.achieved,
                        certified: row.certified,
                        findings: row.findings.into_iter().map(FindingView::from).collect(),
                        errors: row.errors.into_iter().map(error).collect(),
                    }
                })
                .collect(),
        }
    }
}

fn error(bad: BadFact) -> RowErrorView {
    RowErrorView {
        column: bad.pointer.trim_start_matches('/').to_owned(),
        code: bad.code,
        detail: bad.detail,
    }
}

/// The finding that every part of a bundle is there.
fn is_whole(finding: &Finding) -> bool {
    finding.rule == "credit.bundle_complete" && finding.satisfied
}

fn message(row: &PostedRow) -> &'static str {
    match row.outcome {
        RowOutcome::Verified if row.achieved => "It counts: the competency set is achieved.",
        RowOutcome::Verified if row.findings.iter().any(is_whole) => {
            "It counts, and completes its bundle: the competency set was achieved before."
        }
        RowOutcome::Verified => "It counts as a part: the others of its bundle are still missing.",
        RowOutcome::Refused => {
            "It is recorded and does not count; what was learned there may be used in a portfolio."
        }
        RowOutcome::Waiting => "It is kept for whoever enrolls with this address and name.",
        RowOutcome::Known => "It was there already.",
        RowOutcome::Rejected => "It was not taken.",
    }
}
