//! Files as people make them, and what is said against them.
#![expect(clippy::unwrap_used, reason = "tests")]

use domain::{PersonId, words};
use serde_json::Value;

use super::*;
use crate::v1::fields::Name;

words! {
    /// A word of a column.
    enum Grade {
        /// It was.
        Passed = "passed",
        /// It was not.
        Failed = "failed",
    }
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: Name,
    hours: u8,
    grade: Option<Grade>,
    on: Option<chrono::NaiveDate>,
    person: Option<PersonId>,
    paid: Option<bool>,
}

fn read(text: &str) -> Vec<Row<Line>> {
    parse(text.as_bytes()).unwrap()
}

/// Pointers and codes of the faults of a file.
fn faults(bytes: &[u8]) -> Vec<(String, String)> {
    let problem = parse::<Line>(bytes).unwrap_err();
    assert_eq!(problem.kind().status(), 422);
    let document = serde_json::to_value(problem.document("r")).unwrap();
    let text = |error: &Value, name: &str| error.get(name).unwrap().as_str().unwrap().to_owned();
    let errors = document.get("errors").unwrap().as_array().unwrap();
    errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
}

fn refused(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
    assert_eq!(faults(text.as_bytes()), expected, "{text}");
}

#[test]
fn a_file_is_read_however_it_was_saved() {
    for text in [
        "\u{feff} hours ,\"name\"\r\n7,\"Ames, \"\"Ada\"\"\"\r\n8,\"Zoë\"\r\n",
        "hours,name\n7,\"Ames, \"\"Ada\"\"\"\n\n8, Zoë ",
    ] {
        let rows = read(text);
        let said: Vec<_> = rows.iter().map(|row| (row.value.hours, &*row.value.name)).collect();
        assert_eq!(said, [(7, "Ames, \"Ada\""), (8, "Zoë")]);
    }
}

#[test]
fn rows_know_their_lines() {
    for end in ["\n", "\r\n"] {
        let text = [
            "hours,name,on",
            "",
            "1,Ada,",
            "\"2\",\"Ben\",2026-02-28",
            "",
            "",
            "3,\"Cy\",",
            "4,Di,",
        ];
        let rows = read(&text.join(end));
        let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 4, 7, 8], "{end:?}");
        assert_eq!(rows.get(1).unwrap().value.on.unwrap().to_string(), "2026-02-28");
    }
}

#[test]
fn optional_columns_may_be_left_out_or_empty() {
    let rows = read("name,hours,grade,paid\nAda,1,,\nBen,2,passed,TRUE\n");
    let [ada, ben] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((ada.value.grade, ada.value.paid), (None, None));
    assert_eq!((ben.value.grade, ben.value.paid), (Some(Grade::Passed), Some(true)));
}

#[test]
fn a_file_without_rows_is_refused() {
    for text in ["", "\u{feff}", "\n\n", "name,hours\n", "name,hours"] {
        refused(text, &[("#", "required")]);
    }
}

#[test]
fn columns_are_checked_all_at_once() {
    refused(
        "name,colour,name\nAda,red,x\n",
        &[("#/colour", "unknown"), ("#/name", "duplicate"), ("#/hours", "required")],
    );
    refused(
        "name;hours\nAda;1\n",
        &[("#/name;hours", "unknown"), ("#/name", "required"), ("#/hours", "required")],
    );
    refused("name,hours,\nAda,1,\n", &[("#/", "unknown")]);
}

#[test]
fn every_bad_cell_is_told() {
    refused(
        "name,hours,grade,on,person,paid\nAda,1,,,,\n,x,merit,2026-02-30,app_1,maybe\nBen,256,,,,\nCy,-1,,,,\nDi,+1,,,,\n",
        &[
            ("#/3/name", "required"),
            ("#/3/hours", "type"),
            ("#/3/grade", "unknown"),
            ("#/3/on", "format"),
            ("#/3/person", "format"),
            ("#/3/paid", "type"),
            ("#/4/hours", "out_of_range"),
            ("#/5/hours", "out_of_range"),
            ("#/6/hours", "type"),
        ],
    );
}

#[test]
fn ragged_rows_are_told_with_their_line() {
    refused("name,hours\nAda,1\nBen\nCy,3,x\n", &[("#/3", "length"), ("#/4", "length")]);
}

#[test]
fn what_is_no_text_is_refused() {
    refused(
        "name,hours\nA\u{0}da,1\nBe\u{7}n,2\n",
        &[("#/2/name", "format"), ("#/3/name", "format")],
    );
    refused("name,hours\n\"Ada,1\nBen,2\n", &[("#", "format")]);
    let latin = b"name,hours\nB\xf6rje,1\n";
    assert_eq!(faults(latin), [("#".to_owned(), "format".to_owned())]);
}

#[test]
fn faults_and_rows_have_a_limit() {
    let many = format!("name,hours\n{}", "Ada,x\n".repeat(200));
    let told = faults(many.as_bytes());
    assert_eq!(told.len(), MOST_FAULTS + 1);
    assert_eq!(told.last().unwrap().0, "#");
    let most = format!("name,hours\n{}", "Ada,1\n".repeat(MOST_ROWS));
    assert_eq!(read(&most).len(), MOST_ROWS);
    refused(&(most + "Ben,1\n"), &[("#", "length")]);
}

#[test]
fn a_roster_of_two_thousand_fits_the_limit_of_a_body() {
    let line = "Wilhelmina Featherstonehaugh,40,passed,2026-02-28,person_0192f3c46e8a7b31a5d4c3b2a1908070,true\n";
    let roster = format!("name,hours,grade,on,person,paid\n{}", line.repeat(2_000));
    assert!(roster.len() < 2 * crate::config::Config::default().body_limit_bytes);
    assert_eq!(read(&roster).len(), 2_000);
}

#[test]
fn a_handler_points_at_a_cell() {
    let rows = read("name,hours\nAda,1\n");
    let fault = rows.first().unwrap().fault("name", "unknown", "Nobody has this name.");
    assert_eq!(fault.pointer, "/2/name");
}

#[test]
fn each_row_stands_for_itself() {
    let text = "name,hours\nAda,1\nBen\nC\u{7}y,2\n,x\nDi,3,4\nEve,5\n";
    let rows = each::<Line>(text.as_bytes()).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let bad = row.value.as_ref().err().into_iter().flatten();
            (row.line, bad.map(|one| (one.pointer.as_str(), one.code)).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, vec![]),
            (3, vec![("", "length")]),
            (4, vec![("/name", "format")]),
            (5, vec![("/name", "required"), ("/hours", "type")]),
            (6, vec![("", "length")]),
            (7, vec![]),
        ]
    );
    assert_eq!(each::<Line>(b"name,colour\nAda,red\n").unwrap_err().kind().status(), 422);
    let most = format!("name,hours\n{}", "Ada,1\n".repeat(MOST_ROWS + 1));
    assert_eq!(each::<Line>(most.as_bytes()).unwrap_err().kind().status(), 422);
}
