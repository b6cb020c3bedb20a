//! Invariants of machine clients.

use super::Check;
use crate::{Error, Tx};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "I30",
    sentence: "every hour of a machine counts the people of its answers",
    rows: miscounted_hours,
}];

fn miscounted_hours(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let hours = tx.client_reads().recounted()?;
    Ok(hours
        .into_iter()
        .filter(|(_, counted, people)| counted.people != *people)
        .map(|(client, counted, people)| {
            format!("{client} at {}: {}, not {people}", counted.hour, counted.people)
        })
        .collect())
}
