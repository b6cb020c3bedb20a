//! Invariants of accounts at partners.

use diesel::{dsl::count_star, prelude::*};
use domain::{ClientId, PersonId};

use super::Check;
use crate::{Error, Tx, conn::each_backend, schema::external_ids, types::V};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "I13",
    sentence: "nobody has two external ids in one system, unless they were two people",
    rows: called_twice,
}];

fn called_twice(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let twice: Vec<(V<ClientId>, V<PersonId>)> = each_backend!(tx.conn, |c| external_ids::table
        .group_by((external_ids::client_id, external_ids::person_id))
        .having(count_star().gt(1))
        .order((external_ids::client_id.asc(), external_ids::person_id.asc()))
        .select((external_ids::client_id, external_ids::person_id))
        .load(c))?;
    let mut rows = Vec::new();
    for (client, person) in twice {
        if tx.merges().parts_of(person.0)?.is_empty() {
            rows.push(format!("{} in {}", person.0, client.0));
        }
    }
    Ok(rows)
}
