//! Files of rows as they are read: counted at the door, read by the worker.

use std::borrow::Cow;

use domain::{
    BadFact,
    import::{MOST_ROWS, RecordKind, RowForm},
};
use serde::de::DeserializeOwned;

use super::{Subject, each_kind};
use crate::{
    csv::{self, Guard},
    extract::parse_body,
    problem::Problem,
};

/// A line and its row, or the first thing that is wrong with it.
pub(crate) type Read<T> = (i64, Result<T, BadFact>);

/// The text of a file. Bytes that are no UTF-8 are marked: they are told of their row.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// How many rows a file has: 422 where it has none, too many, or not the columns of its kind.
pub(crate) fn count(kind: RecordKind, form: RowForm, text: &str) -> Result<i64, Problem> {
    each_kind!(kind, |S| count_rows::<<S as Subject>::Row>(form, text))
}

/// How many rows of a type a file has: 422 where it has none, too many, or not the columns of the type.
pub(crate) fn count_rows<T: DeserializeOwned>(form: RowForm, text: &str) -> Result<i64, Problem> {
    let count = match form {
        RowForm::Csv => {
            csv::sound(text)?;
            csv::count::<T>(text, MOST_ROWS)?
        }
        RowForm::Ndjson => lines(text).count(),
    };
    match count {
        0 => Err(Problem::input("", "required", "The file has no rows.")),
        more if more > MOST_ROWS => {
            let detail = format!("A file holds at most {MOST_ROWS} rows.");
            Err(Problem::input("", "length", detail))
        }
        count => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
    }
}

fn lines(text: &str) -> impl Iterator<Item = (i64, &str)> {
    (1_i64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

/// The rows of a file.
pub(crate) fn read<T: DeserializeOwned>(
    form: RowForm,
    text: &str,
) -> Result<Vec<Read<T>>, Problem> {
    match form {
        RowForm::Ndjson => Ok(lines(text).map(|(line, text)| (line, object(text))).collect()),
        RowForm::Csv => csv::rows_of::<T>(text, MOST_ROWS, Guard::Dropped)?
            .map(|row| {
                let row = row?;
                let line = i64::try_from(row.line).unwrap_or(i64::MAX);
                Ok((line, row.value.map_err(|faults| of_row(line, faults))))
            })
            .collect(),
    }
}

/// The row of a line of JSON.
fn object<T: DeserializeOwned>(text: &str) -> Result<T, BadFact> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(BadFact::at("", "format", "The line is not UTF-8."));
    }
    parse_body(text.as_bytes()).map_err(|problem| match problem.brief() {
        (code, Some(pointer), detail) => BadFact::at(pointer, known(&code), detail),
        (_, None, detail) => BadFact::at("", "format", detail),
    })
}

/// The same code as one that lives as long as the program.
fn known(code: &str) -> &'static str {
    const CODES: [&str; 6] = ["required", "type", "length", "out_of_range", "unknown", "duplicate"];
    CODES.into_iter().find(|one| *one == code).unwrap_or("format")
}

/// The first fault of a row, pointed at within the row.
fn of_row(line: i64, faults: Vec<BadFact>) -> BadFact {
    let before = format!("/{line}");
    let fault = faults.into_iter().next();
    let mut fault = fault.unwrap_or_else(|| BadFact::at("", "format", "It cannot be read."));
    if let Some(within) = fault.pointer.strip_prefix(&before) {
        fault.pointer = within.to_owned();
    }
    fault
}

/// Rows in the order in which they are taken, and where each belongs: rows that touch the same are together, in
/// the order of their lines, and otherwise the order is the file's.
pub(super) fn order<S: Subject>(rows: &[Read<S::Row>]) -> Vec<(usize, usize)> {
    let mut roots: Vec<usize> = (0..rows.len()).collect();
    let mut firsts = std::collections::HashMap::new();
    for (place, (_, row)) in rows.iter().enumerate() {
        let Ok(row) = row else { continue };
        for key in S::keys(row) {
            let first = *firsts.entry(key).or_insert(place);
            join(&mut roots, first, place);
        }
    }
    let mut order: Vec<_> = (0..rows.len()).map(|place| (root(&mut roots, place), place)).collect();
    order.sort_unstable();
    order
}

/// The first of those with which a row is together.
fn root(roots: &mut [usize], place: usize) -> usize {
    let mut at = place;
    while let Some(next) = roots.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    // What was passed leads there at once the next time.
    if let Some(slot) = roots.get_mut(place) {
        *slot = at;
    }
    at
}

fn join(roots: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(roots, one), root(roots, other));
    if let Some(slot) = roots.get_mut(one.max(other)) {
        *slot = one.min(other);
    }
}
