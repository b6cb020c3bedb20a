//! What the undo of a row looks at: whether what it made is there, as it was made, and nothing hangs on it.

use std::str::FromStr;

use domain::{PersonId, import::ImportRow};
use persistence::Tx;

use super::Desk;
use crate::problem::Problem;

/// Why something is withdrawn.
pub(super) const REASON: &str = "The import that brought it was undone.";

/// The id of what a row made.
pub(super) fn id<T: FromStr>(made: &str) -> Result<T, Problem> {
    made.parse().map_err(|_other| Problem::internal(format!("{made:?} was made by no such row")))
}

/// What is gone: removed, or merged into another.
pub(super) fn gone() -> Problem {
    Problem::state("It is not there any more.")
}

/// What a row made, if it is there.
pub(super) fn there<T>(found: Option<T>) -> Result<T, Problem> {
    found.ok_or_else(gone)
}

/// 409 where what a row made is at another version.
pub(super) fn unchanged(row: &ImportRow, version: i64) -> Result<(), Problem> {
    if row.made_version == Some(version) {
        Ok(())
    } else {
        Err(Problem::state("It was changed after the import."))
    }
}

/// 409 where something happened to any of `subjects`, or to a person, that the import did not do.
pub(super) fn alone(
    desk: &Desk<'_>,
    tx: &mut Tx<'_>,
    subjects: &[String],
    person: Option<PersonId>,
) -> Result<(), Problem> {
    let own = desk.import.id.to_string();
    match tx.events().foreign(subjects, person, (&own, desk.import.requested_at))? {
        None => Ok(()),
        Some(event) => {
            let detail = format!("{} came after it: {}.", event.event_type, event.id);
            Err(Problem::state(detail))
        }
    }
}

/// 409 where something of a person was invoiced since: its price may be the member's.
pub(super) fn no_invoice(
    desk: &Desk<'_>,
    tx: &mut Tx<'_>,
    person: PersonId,
) -> Result<(), Problem> {
    let since = desk.import.requested_at;
    match tx.events().first_of(person, "invoice.issued", since)? {
        None => Ok(()),
        Some(event) => {
            let detail =
                format!("An invoice was issued after it, {}: its price may rest on it.", event.id);
            Err(Problem::state(detail))
        }
    }
}
