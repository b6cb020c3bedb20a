//! What became of rows, as it is told.

use domain::{
    BadFact,
    import::{ImportRow, RowState},
};

use crate::problem::Problem;

/// A row that was seen to.
pub(super) fn row(
    line: i64,
    (state, code): (RowState, &str),
    message: impl Into<String>,
    made: Option<String>,
) -> ImportRow {
    ImportRow {
        line,
        state,
        code: code.to_owned(),
        pointer: None,
        message: message.into(),
        made,
        made_version: None,
        source_key: None,
        undo: None,
    }
}

/// A row that was taken, and what it made, at its version.
pub(super) fn accepted(
    line: i64,
    code: &str,
    message: &str,
    (made, version): (String, Option<i64>),
) -> ImportRow {
    ImportRow {
        made_version: version,
        ..row(line, (RowState::Accepted, code), message, Some(made))
    }
}

/// A row whose thing is there already.
pub(super) fn already(line: i64, made: String) -> ImportRow {
    row(line, (RowState::Skipped, "already_there"), "It is there already.", Some(made))
}

/// A row that was not taken.
pub(super) fn refused(line: i64, problem: &Problem) -> ImportRow {
    let (code, pointer, message) = problem.brief();
    ImportRow { pointer, ..row(line, (RowState::Refused, &code), message, None) }
}

/// Rows that were not taken for the program of what they name in a column; what passes is tried again.
pub(super) fn refused_in(
    lines: impl Iterator<Item = i64>,
    column: &str,
    problem: Problem,
) -> Result<Vec<ImportRow>, Problem> {
    if passes(&problem) {
        return Err(problem);
    }
    let pointer = Some(format!("/{column}"));
    Ok(lines
        .map(|line| ImportRow { pointer: pointer.clone(), ..refused(line, &problem) })
        .collect())
}

/// A row that cannot be read.
pub(super) fn unreadable(line: i64, fault: BadFact) -> ImportRow {
    ImportRow {
        pointer: Some(fault.pointer),
        ..row(line, (RowState::Refused, fault.code), fault.detail, None)
    }
}

/// Whether a row failed for what passes, as a database that is away: then it is tried again. What will not pass,
/// a refusal or a fault of the server, is the row's result, and the others go on.
pub(super) fn passes(problem: &Problem) -> bool {
    let status = problem.kind().status();
    if status == 500 {
        tracing::error!(cause = problem.cause(), "the server could not do what a row asks for");
    }
    status > 500
}
