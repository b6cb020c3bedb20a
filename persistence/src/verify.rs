//! Invariants of the stored data, checked by `lssc verify`, after faults and by tests.
//!
//! A capability adds a [`Check`] to [`CHECKS`]: a number, a sentence that holds, and a function that
//! tells the rows for which it does not.

mod accounts;
mod appeals;
mod courses;
mod machines;
mod main_job;
mod merges;
mod money;
mod notices;
mod portfolios;
mod recognition;
mod renewals;
mod sandbox;
mod standing;
mod support;

use diesel::prelude::*;

use crate::{
    Error, EventFilter, Store, Tx,
    chain::{GENESIS, link},
    conn::each_backend,
    schema_house::idempotency_keys,
};

/// One invariant.
pub(crate) struct Check {
    /// Its number in the list of invariants.
    id: &'static str,
    /// What must hold.
    sentence: &'static str,
    /// The rows for which it does not.
    rows: fn(&mut Tx<'_>) -> Result<Vec<String>, Error>,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenInvariant {
    /// Its number.
    pub id: &'static str,
    /// What should hold.
    pub sentence: &'static str,
    /// What breaks it, at most [`MOST_ROWS`].
    pub rows: Vec<String>,
}

/// How many rows of a broken invariant are told.
pub const MOST_ROWS: usize = 100;

const PAGE: i64 = 1000;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        id: "I3",
        sentence: "every idempotency key has one recorded answer",
        rows: keys_without_answer,
    },
    Check { id: "I5", sentence: "the chain of events is intact and dense", rows: broken_links },
];

impl Store {
    /// Checks every invariant, each on a snapshot of its own; what is told is broken.
    pub async fn verify(&self) -> Result<Vec<BrokenInvariant>, Error> {
        let mut broken = Vec::new();
        for check in CHECKS
            .iter()
            .chain(machines::CHECKS)
            .chain(main_job::CHECKS)
            .chain(courses::CHECKS)
            .chain(accounts::CHECKS)
            .chain(appeals::CHECKS)
            .chain(merges::CHECKS)
            .chain(money::CHECKS)
            .chain(notices::CHECKS)
            .chain(portfolios::CHECKS)
            .chain(recognition::CHECKS)
            .chain(renewals::CHECKS)
            .chain(standing::CHECKS)
            .chain(sandbox::CHECKS)
            .chain(support::CHECKS)
        {
            let mut rows = self.read(check.rows).await?;
            rows.truncate(MOST_ROWS);
            if !rows.is_empty() {
                broken.push(BrokenInvariant { id: check.id, sentence: check.sentence, rows });
            }
        }
        Ok(broken)
    }
}

fn keys_without_answer(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    use idempotency_keys::dsl;
    let keys: Vec<(String, String)> = each_backend!(tx.conn, |c| {
        dsl::idempotency_keys
            .select((dsl::scope, dsl::key))
            .filter(dsl::status.is_null())
            .order((dsl::scope.asc(), dsl::key.asc()))
            .limit(PAGE)
            .load(c)
    })?;
    Ok(keys.into_iter().map(|(scope, key)| format!("{scope} {key}")).collect())
}

/// Recomputes the hash of every event, from the first.
fn broken_links(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let (mut last, mut hash) = (0_i64, GENESIS.to_vec());
    loop {
        let page = tx.events().page(last, &EventFilter::default(), PAGE)?;
        if page.is_empty() || rows.len() >= MOST_ROWS {
            return Ok(rows);
        }
        for event in page {
            let position = event.position.unwrap_or_default();
            if position != last + 1 {
                rows.push(format!("there is no event between {last} and {position}"));
            }
            let expected = link(&hash, position, &event);
            let stored = event.hash.unwrap_or_default();
            if stored != expected {
                rows.push(format!("{} at {position} does not fit its hash", event.id));
            }
            // Going on from what is stored tells each broken link once.
            (last, hash) = (position, stored);
        }
    }
}
