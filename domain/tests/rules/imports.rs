//! Imports and reconciliations: their states follow from what is stored.

use chrono::{DateTime, Utc};
use domain::{
    ImportId,
    import::{Import, ImportEvent, ImportState, RecordKind, RowForm, RowState, Tally},
};

fn now() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn import(rows_total: i64) -> Import {
    Import {
        id: ImportId::from_bits(1),
        kind: RecordKind::People,
        form: RowForm::Csv,
        dry_run: false,
        source: "office".to_owned(),
        requested_by: "system".to_owned(),
        requested_at: now(),
        rows_total,
        tally: Tally::default(),
        started_at: None,
        finished_at: None,
        failed: None,
        undo: None,
        version: 1,
    }
}

fn tally(states: &[RowState]) -> Tally {
    let mut tally = Tally::default();
    for state in states {
        tally.add(*state);
    }
    tally
}

#[test]
fn the_last_rows_finish_an_import() {
    let queued = import(3);
    assert_eq!(queued.state(), ImportState::Queued);
    let (running, told) = queued.take(tally(&[RowState::Accepted, RowState::Refused]), now());
    assert_eq!((running.state(), told), (ImportState::Running, None));
    let (done, told) = running.take(tally(&[RowState::Skipped]), now());
    assert_eq!(done.state(), ImportState::Done);
    assert_eq!(told, Some(ImportEvent::Finished { accepted: 1, skipped: 1, refused: 1 }));
}

#[test]
fn an_undo_ends_with_the_last_accepted_row() {
    let (done, _) =
        import(3).take(tally(&[RowState::Accepted, RowState::Accepted, RowState::Skipped]), now());
    let (undoing, _) = done.request_undo("system".to_owned(), now()).unwrap();
    assert_eq!(undoing.state(), ImportState::Undoing);
    let (undoing, told) = undoing.undone((1, 0), now());
    assert_eq!((undoing.state(), told), (ImportState::Undoing, None));
    let (undone, told) = undoing.undone((0, 1), now());
    assert_eq!(undone.state(), ImportState::Undone);
    assert_eq!(told, Some(ImportEvent::Undone { undone: 1, kept: 1 }));
    assert!(undone.request_undo("system".to_owned(), now()).is_err());
}

#[test]
fn what_runs_is_not_undone_nor_what_only_told() {
    assert!(import(1).request_undo("system".to_owned(), now()).is_err());
    let (told, _) = Import { dry_run: true, ..import(1) }.take(tally(&[RowState::Accepted]), now());
    let refused = told.request_undo("system".to_owned(), now()).unwrap_err();
    let unmet: Vec<_> =
        refused.findings().iter().filter(|one| !one.satisfied).map(|one| &*one.rule).collect();
    assert_eq!(unmet, ["import.stored"]);
    // What failed may have made something.
    let (failed, _) = import(2).fail("It broke.".to_owned(), now());
    assert_eq!(failed.state(), ImportState::Failed);
    assert!(failed.request_undo("system".to_owned(), now()).is_ok());
}
