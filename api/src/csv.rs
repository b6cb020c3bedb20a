//! CSV (RFC 4180): files of rows as they come in, and lists as spreadsheets take them.
//!
//! A file is UTF-8, a byte order mark tolerated, commas between cells, its first row the header. Every column
//! is named by the row's type (derive `Deserialize`): `Option` columns may be left out or empty, the others may
//! not, whatever `#[serde(default)]` says; no aliases. A cell is taken as it stands; numbers are digits, `true`
//! and `false` are booleans, words and ids their own texts. Whatever is wrong with a file is 422:
//!
//! | pointer | codes | what |
//! |---|---|---|
//! | `#` | `required`, `format`, `length` | the file: empty, no UTF-8, an open quotation mark, too many rows |
//! | `#/COLUMN` | `unknown`, `required`, `duplicate` | a column that is not asked for, missing or repeated |
//! | `#/LINE` | `length`, others | a row with more or fewer cells than the header; a row that fits nothing |
//! | `#/LINE/COLUMN` | `required`, `type`, `format`, `out_of_range`, `unknown`, `length` | a cell |
//!
//! `LINE` is the line of the file on which the row begins; the header's is 1. All bad cells are told, up to
//! [`MOST_FAULTS`]. Handlers point at a cell of their own with [`Row::fault`].

mod cells;
mod write;

use domain::BadFact;
use serde::de::DeserializeOwned;

use crate::{
    extract::shape::{code, escaped, sentence},
    problem::Problem,
};
use cells::Fault;
pub use write::{Cell, Format};

/// The most rows of one file.
pub const MOST_ROWS: usize = 5_000;

/// The most faults of one file that are told.
pub const MOST_FAULTS: usize = 100;

/// One row of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<T> {
    /// The line of the file on which it begins; the header's is 1.
    pub line: u64,
    /// What it says.
    pub value: T,
}

impl<T> Row<T> {
    /// What is wrong with a cell, found after parsing: `row.fault("email", "unknown", "...")`.
    #[must_use]
    pub fn fault(&self, column: &str, code: &'static str, detail: impl Into<String>) -> BadFact {
        BadFact::at(format!("/{}/{}", self.line, escaped(column)), code, detail)
    }
}

/// A row that was read, or what is wrong with it.
pub type Judged<T> = Row<Result<T, Vec<BadFact>>>;

/// The rows of a file, one at least; 422 with every fault otherwise.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<Row<T>>, Problem> {
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    for row in judged::<T>(bytes)? {
        let Row { line, value } = row?;
        match value {
            Ok(value) => rows.push(Row { line, value }),
            Err(found) => faults.extend(found),
        }
        if faults.len() > MOST_FAULTS {
            faults.truncate(MOST_FAULTS);
            let detail = format!("There is more: these are the first {MOST_FAULTS} faults.");
            faults.push(BadFact::at("", "length", detail));
            break;
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    some(rows)
}

/// The rows of a file, one at least, each for itself: what is wrong with a row is told of that row, pointed at
/// within it (`/COLUMN`, or nothing for the row as a whole). What is wrong with the file or its columns is 422.
pub fn each<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<Judged<T>>, Problem> {
    let within = |row: Judged<T>| {
        let place = format!("/{}", row.line);
        let fault = |mut one: BadFact| {
            if let Some(rest) = one.pointer.strip_prefix(&place) {
                one.pointer = rest.to_owned();
            }
            one
        };
        let value = row.value.map_err(|found| found.into_iter().map(fault).collect());
        Row { line: row.line, value }
    };
    some(judged::<T>(bytes)?.map(|row| row.map(within)).collect::<Result<_, _>>()?)
}

fn some<T>(rows: Vec<Row<T>>) -> Result<Vec<Row<T>>, Problem> {
    if rows.is_empty() {
        return Err(Problem::input("", "required", "The file has no rows below its header."));
    }
    Ok(rows)
}

/// The rows of a file one after another, up to [`MOST_ROWS`]; the first fault of the file itself is the last.
fn judged<T: DeserializeOwned>(
    bytes: &[u8],
) -> Result<impl Iterator<Item = Result<Judged<T>, Problem>>, Problem> {
    rows_of(text(bytes)?, MOST_ROWS, Guard::Kept)
}

/// Whether the apostrophe that [`Cell`] writes before a formula is part of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It is: the file may come from anywhere.
    Kept,
    /// It is not: what was exported is read back as it was.
    Dropped,
}

/// The rows of a text one after another, `most` of them.
pub(crate) fn rows_of<T: DeserializeOwned>(
    text: &str,
    most: usize,
    guard: Guard,
) -> Result<impl Iterator<Item = Result<Judged<T>, Problem>>, Problem> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = ::csv::StringRecord::new();
    let unreadable = |error: ::csv::Error| {
        Problem::input("", "format", sentence(&format!("the file cannot be read: {error}")))
    };
    let columns = if reader.read_record(&mut record).map_err(unreadable)? {
        header::<T>(&record)?
    } else {
        Vec::new()
    };
    let mut lines = Lines { text, byte: 0, line: 1 };
    let mut count = 0;
    Ok(std::iter::from_fn(move || {
        let begins = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(unreadable(error))),
        }
        count += 1;
        if count > most {
            let detail = format!("A file holds at most {most} rows.");
            return Some(Err(Problem::input("", "length", detail)));
        }
        if guard == Guard::Dropped {
            record = record.iter().map(write::unguarded).collect();
        }
        let line = lines.of(begins);
        Some(Ok(Row { line, value: row(line, &columns, &record) }))
    }))
}

/// How many rows a text has below a header that fits, counted without reading their cells: 422 where the header
/// does not fit, and where there are none or too many.
pub(crate) fn count<T: DeserializeOwned>(text: &str, most: usize) -> Result<usize, Problem> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = ::csv::StringRecord::new();
    let unreadable = |error: ::csv::Error| {
        Problem::input("", "format", sentence(&format!("the file cannot be read: {error}")))
    };
    if reader.read_record(&mut record).map_err(unreadable)? {
        header::<T>(&record)?;
    }
    let mut count: usize = 0;
    while reader.read_record(&mut record).map_err(unreadable)? {
        count = count.saturating_add(1);
    }
    match count {
        0 => Err(Problem::input("", "required", "The file has no rows below its header.")),
        more if more > most => {
            Err(Problem::input("", "length", format!("A file holds at most {most} rows.")))
        }
        count => Ok(count),
    }
}

/// The text of a file, if it can be one.
fn text(bytes: &[u8]) -> Result<&str, Problem> {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bare).map_err(|error| {
        let before = bare.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + String::from_utf8_lossy(before).matches('\n').count();
        Problem::input("", "format", format!("The file is not UTF-8: see line {line}."))
    })?;
    sound(text)?;
    Ok(text)
}

/// 422 where a text cannot be a file of rows at all.
pub(crate) fn sound(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::input("", "required", "The file is empty: send a header and rows."));
    }
    // Quotation marks come in pairs: around a cell, and doubled within it.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(Problem::input("", "format", "A quotation mark is not closed."));
    }
    Ok(())
}

/// Lines of rows. The reader's own count does not know blank lines and the second half of CR LF.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that begins at or, behind line ends, after `byte`; rows are asked for in order.
    fn of(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let behind = self.text.bytes().enumerate().skip(self.byte);
        for (at, character) in behind {
            if at >= byte && !matches!(character, b'\r' | b'\n') {
                self.byte = at;
                break;
            }
            self.line += u64::from(character == b'\n');
        }
        self.line
    }
}

/// The columns of a header, if they are those that `T` has.
fn header<T: DeserializeOwned>(record: &::csv::StringRecord) -> Result<Vec<String>, Problem> {
    let columns: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    let mut faults = Vec::new();
    let mut fault = |column: &str, code: &'static str, detail: String| {
        if faults.len() < MOST_FAULTS {
            let shown: String = column.chars().filter(|c| !c.is_control()).take(64).collect();
            faults.push(BadFact::at(format!("/{}", escaped(&shown)), code, detail));
        }
    };
    let known = cells::columns_of::<T>();
    for (place, column) in columns.iter().enumerate() {
        if columns.iter().take(place).any(|other| other == column) {
            fault(column, "duplicate", "The column is there twice.".to_owned());
        } else if known.is_some_and(|known| !known.contains(&column.as_str())) {
            let known = domain::text::list(known.unwrap_or_default());
            fault(column, "unknown", format!("There is no such column; there are {known}."));
        }
    }
    for name in known.unwrap_or_default() {
        if !columns.iter().any(|column| column == name) && !cells::is_optional::<T>(name) {
            fault(name, "required", "The column is missing.".to_owned());
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults.into()) }
}

/// The value of one row, or every cell that is wrong with it.
fn row<T: DeserializeOwned>(
    line: u64,
    columns: &[String],
    record: &::csv::StringRecord,
) -> Result<T, Vec<BadFact>> {
    if record.len() != columns.len() {
        let (found, wanted) = (record.len(), columns.len());
        let detail = format!("The row has {found} cells, the header {wanted}.");
        return Err(vec![BadFact::at(format!("/{line}"), "length", detail)]);
    }
    let pointer = |place: usize| {
        let column = columns.get(place).map_or("", String::as_str);
        format!("/{line}/{}", escaped(column))
    };
    let unprintable =
        |text: &str| text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
    let fault = |cell: &str| match cell {
        // What stands for bytes that are no UTF-8.
        cell if cell.contains(char::REPLACEMENT_CHARACTER) => Some("The cell is not UTF-8."),
        cell if unprintable(cell) => Some("A cell cannot hold control characters."),
        _ => None,
    };
    let mut faults: Vec<BadFact> = record
        .iter()
        .enumerate()
        .filter_map(|(place, cell)| Some(BadFact::at(pointer(place), "format", fault(cell)?)))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    // serde stops at the first bad cell: known bad ones are read last, until they are all that is left.
    let mut order: Vec<usize> = (0..columns.len()).collect();
    let mut sound = columns.len();
    loop {
        let fault = match cells::read(columns, record, &order) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => return Err(faults),
            Err(fault) => fault,
        };
        let place = match &fault {
            Fault { column: Some(place), .. } => *place,
            // Of the row as a whole one can judge only when its cells hold.
            Fault { column: None, message, .. } => {
                if faults.is_empty() {
                    faults.push(BadFact::at(format!("/{line}"), code(message), sentence(message)));
                }
                return Err(faults);
            }
        };
        if order.iter().skip(sound).any(|known| *known == place) || sound == 0 {
            return Err(faults);
        }
        faults.push(fault.at(pointer(place)));
        order.retain(|other| *other != place);
        order.push(place);
        sound -= 1;
    }
}

#[cfg(test)]
mod tests;
