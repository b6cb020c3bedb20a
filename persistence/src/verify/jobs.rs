//! Invariants of imports and reconciliations.

use super::{Check, PAGE};
use domain::reconciliation::{DifferenceKind, Reconciliation};

use crate::{Error, ImportFilter, Page, Tx};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I27",
        sentence: "every import counts what became of its rows",
        rows: miscounted_imports,
    },
    Check {
        id: "I28",
        sentence: "an import keeps its file exactly while rows are left to take",
        rows: misplaced_bodies,
    },
    Check {
        id: "I29",
        sentence: "every reconciliation counts the differences that it tells",
        rows: miscounted_differences,
    },
    Check {
        id: "I31",
        sentence: "a reconciliation keeps its list exactly while rows are left to compare",
        rows: misplaced_lists,
    },
];

fn miscounted_imports(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_import(tx, |tx, import| {
        let counted = tx.imports().counted(import.id)?;
        let undo = import.undo.as_ref();
        let told =
            (import.tally, undo.map_or(0, |undo| undo.undone), undo.map_or(0, |undo| undo.kept));
        Ok((counted != told).then(|| format!("{} counts {told:?}, not {counted:?}", import.id)))
    })
}

fn misplaced_bodies(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_import(tx, |tx, import| {
        let there = tx.job_bodies().is_there(import.id)?;
        let wrong = there != import.is_open();
        Ok(wrong.then(|| format!("{} is {} with its file {there}", import.id, import.state())))
    })
}

fn each_import(
    tx: &mut Tx<'_>,
    check: impl Fn(&mut Tx<'_>, &domain::import::Import) -> Result<Option<String>, Error>,
) -> Result<Vec<String>, Error> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = tx.imports().list(&ImportFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for import in &page {
            rows.extend(check(tx, import)?);
        }
    }
}

fn misplaced_lists(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_reconciliation(tx, |tx, one| {
        let there = tx.job_bodies().is_there(one.id)?;
        let wrong = there != one.is_open();
        Ok(wrong.then(|| format!("{} is {} with its list {there}", one.id, one.state())))
    })
}

fn each_reconciliation(
    tx: &mut Tx<'_>,
    check: impl Fn(&mut Tx<'_>, &Reconciliation) -> Result<Option<String>, Error>,
) -> Result<Vec<String>, Error> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = tx.reconciliations().list(None, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for one in &page {
            rows.extend(check(tx, one)?);
        }
    }
}

fn miscounted_differences(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_reconciliation(tx, |tx, one| {
        let counts = tx.reconciliations().counted(one.id)?;
        let of = |kind: DifferenceKind| {
            counts.iter().find(|(known, _)| *known == kind).map_or(0, |(_, rows)| *rows)
        };
        let found = &one.found;
        let sound = of(DifferenceKind::MissingHere) == found.missing_here
            && of(DifferenceKind::MissingThere) == found.missing_there
            && of(DifferenceKind::Unreadable) == found.refused
            // A row may differ in several fields.
            && of(DifferenceKind::Differs) >= found.differing
            && found.refused + found.matched + found.differing + found.missing_here
                == found.rows_done;
        Ok((!sound).then(|| format!("{} counts {found:?}, and tells {counts:?}", one.id)))
    })
}
