//! Rosters as JSON and as files, in and out.

use chrono::NaiveDate;
use domain::{
    BadFact, CandidacyId, CompletionId, CourseId, Finding, WaitingId,
    id::{CandidacyKind, CompletionKind, CourseKind, WaitingKind},
    identity::Named,
    roster::{MAX_ROWS, RosterRow, RowOutcome},
};
use serde::{Deserialize, Serialize, de::value::StrDeserializer};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::FindingView,
    extract::Given,
    flows::roster::PostedRow,
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name},
};

/// Who completed the course; a row of a file. What cannot be read of it is told of the row alone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterLine {
    /// The candidate number: the id of the candidacy.
    #[schema(value_type = Option<String>, example = "cand_019b76dad3007ba59b16e7f7b1cf51ad")]
    pub candidate_number: Option<Line>,
    /// The e-mail address.
    #[schema(value_type = Option<String>, example = "ada@example.org")]
    pub email: Option<Line>,
    /// The full name.
    pub name: Option<Name>,
    /// The day of completion, `YYYY-MM-DD`, not after today.
    #[schema(value_type = String, example = "2026-02-20")]
    pub completed_on: Line,
    /// Another course of the same provider, where the row is not of the one in the path.
    #[schema(value_type = Option<String>, example = "course_019b76daabfa715487c36fad002f2cc9")]
    pub course_id: Option<Line>,
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

/// What cannot be read of a row.
fn unreadable(rule: &'static str, required: &str, given: &str) -> Finding {
    let message = format!("This is not {required}: {given}.");
    Finding::new(rule, "house rule", false, required, given, message)
}

/// The row of a line, or what cannot be read of it.
fn row(line: u32, given: &RosterLine, course: CourseId) -> Result<RosterRow, Box<Finding>> {
    let bad = |rule, required: &str, text: &str| Box::new(unreadable(rule, required, text));
    let number = |text: &Line| {
        let number = text.parse::<CandidacyId>().ok();
        number.ok_or_else(|| bad("roster.candidate_known", "a candidate number", text))
    };
    let other = |text: &Line| {
        let other = text.parse::<CourseId>().ok();
        other.ok_or_else(|| bad("credit.course_approved", "an id of a course", text))
    };
    let address = |text: &Line| {
        let plain: StrDeserializer<'_, serde::de::value::Error> = StrDeserializer::new(text);
        let address = EmailAddress::deserialize(plain).ok().map(String::from);
        address.ok_or_else(|| bad("roster.identified", "an e-mail address", text))
    };
    let completed_on = Some(&*given.completed_on).filter(|text| text.len() == 10);
    let completed_on = completed_on.and_then(|text| text.parse::<NaiveDate>().ok());
    Ok(RosterRow {
        line,
        course: given.course_id.as_ref().map(other).transpose()?.unwrap_or(course),
        named: Named {
            candidacy: given.candidate_number.as_ref().map(number).transpose()?,
            email: given.email.as_ref().map(address).transpose()?,
            name: given.name.clone().map(String::from),
        },
        completed_on: completed_on.ok_or_else(|| {
            bad("roster.completed_on", "a day like 2026-03-01", &given.completed_on)
        })?,
    })
}

impl Asked {
    /// The rows of a body; 422 where there are none or too many.
    pub(super) fn of(
        given: &Given<'_, PostRoster, RosterLine>,
        course: CourseId,
    ) -> Result<Self, Problem> {
        let read = |line: u32, given: &RosterLine| {
            row(line, given, course).map_err(|why| Box::new(PostedRow::unreadable(line, *why)))
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
                rows: rows
                    .iter()
                    .map(|row| read(u32::try_from(row.line).unwrap_or(u32::MAX), &row.value))
                    .collect(),
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
                    let there = matches!(row.outcome, RowOutcome::Known | RowOutcome::Rejected);
                    let stored = !dry_run || there;
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
                    }
                })
                .collect(),
        }
    }
}

fn message(row: &PostedRow) -> &'static str {
    match row.outcome {
        RowOutcome::Verified if row.achieved => "It counts: the competency set is achieved.",
        RowOutcome::Verified => "It counts as a part: the others of its bundle are still missing.",
        RowOutcome::Refused => {
            "It is recorded and does not count; what was learned there may be used in a portfolio."
        }
        RowOutcome::Waiting => "It is kept for whoever enrolls with this address and name.",
        RowOutcome::Known => "It was there already.",
        RowOutcome::Rejected => "It was not taken.",
    }
}
