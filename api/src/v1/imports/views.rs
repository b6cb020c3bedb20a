//! Imports as they come in and go out.

use chrono::{DateTime, Utc};
use domain::{
    ImportId, Word,
    access::{Action, Caller, Facts},
    id::ImportKind,
    import::{Import, ImportRow, ImportState, RecordKind, RowForm, RowState, UndoState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of, one_of_or_null},
};

/// How a file is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateImportQuery {
    /// What its rows are.
    #[param(schema_with = one_of::<RecordKind>)]
    pub kind: RecordKind,
    /// Tell what the file would come to and store nothing.
    pub dry_run: Option<bool>,
}

/// Which imports are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListImports {
    /// Only those of a kind.
    #[param(schema_with = one_of::<RecordKind>, required = false)]
    pub kind: Option<RecordKind>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Which rows are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListImportRows {
    /// Only those that came to this.
    #[param(schema_with = one_of::<RowState>, required = false)]
    pub state: Option<RowState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// How far an undo is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportUndoView {
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// By whom, as the log names them.
    pub requested_by: String,
    /// Rows whose making was taken back so far.
    pub undone: i64,
    /// Rows whose making stays.
    pub kept: i64,
    /// When every row was seen to.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An import.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportView {
    /// Its id; every event of its rows has it as the request.
    #[schema(schema_with = id_of::<ImportKind>)]
    pub id: ImportId,
    /// What its rows are.
    #[schema(schema_with = one_of::<RecordKind>)]
    pub kind: RecordKind,
    /// How they are written.
    #[schema(schema_with = one_of::<RowForm>)]
    pub form: RowForm,
    /// Whether it only tells what the rows would come to.
    pub dry_run: bool,
    /// Where it stands.
    #[schema(schema_with = one_of::<ImportState>)]
    pub state: ImportState,
    /// Where its `source_id`s come from: the machine, or `office`.
    pub source: String,
    /// Who asked for it, as the log names them.
    pub requested_by: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// When its first rows were taken.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last rows were taken.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it ended before its last row.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why.
    pub failure: Option<String>,
    /// How many rows the file has.
    pub rows_total: i64,
    /// How many of them were seen to.
    pub rows_done: i64,
    /// How many were taken.
    pub accepted: i64,
    /// How many had nothing to be done.
    pub skipped: i64,
    /// How many were not taken.
    pub refused: i64,
    /// How far its undo is, once asked for.
    pub undo: Option<ImportUndoView>,
    /// Its version.
    pub version: i64,
    /// What this caller may do next.
    pub actions: Vec<ActionView>,
}

impl ImportView {
    /// An import as this caller sees it.
    #[must_use]
    pub fn of(import: &Import, caller: &Caller) -> Self {
        let findings = import.undo_findings();
        let may = caller.may(Action::UndoImport, &Facts::default()).is_ok();
        let undo = ActionView {
            name: Action::UndoImport.as_str().to_owned(),
            method: "POST",
            href: format!("/v1/imports/{}/undo", import.id),
            allowed: domain::all_satisfied(&findings),
            findings: findings.into_iter().map(FindingView::from).collect(),
        };
        Self {
            id: import.id,
            kind: import.kind,
            form: import.form,
            dry_run: import.dry_run,
            state: import.state(),
            source: import.source.clone(),
            requested_by: import.requested_by.clone(),
            requested_at: import.requested_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
            failed_at: import.failed.as_ref().map(|(at, _)| *at),
            failure: import.failed.as_ref().map(|(_, reason)| reason.clone()),
            rows_total: import.rows_total,
            rows_done: import.tally.rows(),
            accepted: import.tally.accepted,
            skipped: import.tally.skipped,
            refused: import.tally.refused,
            undo: import.undo.as_ref().map(|undo| ImportUndoView {
                requested_at: undo.requested_at,
                requested_by: undo.requested_by.clone(),
                undone: undo.undone,
                kept: undo.kept,
                finished_at: undo.finished_at,
            }),
            version: import.version,
            actions: Some(undo).filter(|_| may).into_iter().collect(),
        }
    }
}

/// What became of a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportRowView {
    /// Its line of the file; a CSV file's header is 1.
    pub line: i64,
    /// What became of it.
    #[schema(schema_with = one_of::<RowState>)]
    pub state: RowState,
    /// The same as a stable code.
    #[schema(example = "already_there")]
    pub code: String,
    /// Which column, as a JSON Pointer into the row.
    #[schema(example = "/email")]
    pub pointer: Option<String>,
    /// The same in one sentence.
    pub message: String,
    /// The id of what it made, or of what is there already.
    pub made: Option<String>,
    /// What an undo made of it.
    #[schema(schema_with = one_of_or_null::<UndoState>)]
    pub undo_state: Option<UndoState>,
    /// Why what it made stays.
    pub undo_reason: Option<String>,
}

impl From<ImportRow> for ImportRowView {
    fn from(row: ImportRow) -> Self {
        let (undo_state, undo_reason) = match row.undo {
            Some((state, reason)) => (Some(state), reason),
            None => (None, None),
        };
        Self {
            line: row.line,
            state: row.state,
            code: row.code,
            pointer: row.pointer,
            message: row.message,
            made: row.made,
            undo_state,
            undo_reason,
        }
    }
}
