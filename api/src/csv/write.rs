//! Lists as spreadsheets take them.

use std::fmt::Display;

use domain::{Word, words};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{answer::Reply, openapi::words::one_of};

words! {
    /// How a list is answered: the query's `format`. Declare it as `pub format: Option<Format>` and, in the
    /// responses, `content((Listing<ThingView> = "application/json"), (String = "text/csv"))`.
    #[derive(Default)]
    pub enum Format {
        /// JSON, in pages.
        #[default]
        Json = "json",
        /// CSV, for spreadsheets.
        Csv = "csv",
    }
}

impl PartialSchema for Format {
    fn schema() -> RefOr<Schema> {
        let mut schema = one_of::<Self>();
        schema.default = Some(Self::default().as_str().into());
        schema.into()
    }
}
impl ToSchema for Format {}

/// One cell of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text: one that a spreadsheet would take for a formula is written with an apostrophe before it.
    Text(String),
    /// A number, written as it is.
    Number(String),
}

impl Cell {
    /// What displays as a text: a date, an id, a word.
    #[must_use]
    pub fn text(value: impl Display) -> Self {
        Self::Text(value.to_string())
    }
    /// Cents as units without a sign of currency: `-12.50`, a number to spreadsheets.
    #[must_use]
    pub fn money(cents: i64) -> Self {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        Self::Number(format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }
    /// An empty cell.
    #[must_use]
    pub fn empty() -> Self {
        Self::Number(String::new())
    }
    pub(crate) fn written(self) -> String {
        match self {
            Self::Number(number) => number,
            Self::Text(text) if is_guarded(&text) => format!("'{text}"),
            Self::Text(text) => text,
        }
    }
}

/// With what a spreadsheet takes a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether an apostrophe is written before a text: it looks like a formula, or like one that was guarded, so that
/// each text is read back as it was.
fn is_guarded(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell as it was before an apostrophe was written before what looks like a formula.
pub(crate) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_guarded(rest)).unwrap_or(cell)
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
macro_rules! numbers {
    ($($number:ty)+) => {$(
        impl From<$number> for Cell {
            fn from(number: $number) -> Self {
                Self::Number(number.to_string())
            }
        }
    )+};
}
numbers!(i32 i64 u16 u32 u64 usize bool);

/// Nothing is an empty cell.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::empty, Into::into)
    }
}

impl Reply {
    /// 200 with a CSV file: `header`, then `rows` of as many cells. Private to the caller.
    #[must_use]
    pub fn csv(filename: &str, header: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        let mut written = writer.write_record(header);
        for row in rows {
            written =
                written.and_then(|()| writer.write_record(row.into_iter().map(Cell::written)));
        }
        let body = written
            .map_err(|error| error.to_string())
            .and_then(|()| writer.into_inner().map_err(|error| error.to_string()));
        match body {
            Ok(body) => Self::file("text/csv; charset=utf-8; header=present", filename, body),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as CSV");
                Self { status: 500, headers: Vec::new(), body: Vec::new() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn file(rows: Vec<Vec<Cell>>) -> String {
        String::from_utf8(Reply::csv("x.csv", &["who", "what"], rows).body).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows =
            vec![vec!["a, \"b\"".into(), "two\nlines".into()], vec![Cell::empty(), 7.into()]];
        assert_eq!(file(rows), "who,what\r\n\"a, \"\"b\"\"\",\"two\nlines\"\r\n,7\r\n");
    }

    #[test]
    fn no_text_is_a_formula_and_numbers_stay_numbers() {
        for begin in ["=", "+", "-", "@", "\t", "\r"] {
            let text = format!("{begin}1+1");
            let written = file(vec![vec![text.as_str().into(), Cell::money(-1_250)]]);
            let cell = written.lines().nth(1).unwrap().trim_start_matches('"');
            assert!(cell.starts_with('\''), "{written}");
            assert!(written.ends_with(",-12.50\r\n"), "{written}");
        }
        assert_eq!(file(vec![vec![(-3_i64).into(), Some("a=b").into()]]), "who,what\r\n-3,a=b\r\n");
        assert_eq!(Cell::money(i64::MIN), Cell::Number("-92233720368547758.08".to_owned()));
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        for text in
            ["=1", "'=1", "''=1", "'", "''", "'a", "a'=1", "+1", "'-1", "", "O'Neil", "=", "'\t"]
        {
            assert_eq!(unguarded(&Cell::text(text).written()), text);
        }
    }

    #[test]
    fn the_answer_is_a_download() {
        let reply = Reply::csv("Roster «x».csv", &["a"], []);
        assert_eq!(
            reply.header_value("content-type"),
            Some("text/csv; charset=utf-8; header=present")
        );
        assert_eq!(
            reply.header_value("content-disposition"),
            Some(
                "attachment; filename=\"Roster _x_.csv\"; filename*=UTF-8''Roster%20%C2%ABx%C2%BB.csv"
            )
        );
        assert_eq!(reply.body, b"a\r\n");
    }
}
