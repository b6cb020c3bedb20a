//! Invariants of webhooks.

use diesel::{prelude::*, sql_types::Text};

use super::{Check, MOST_ROWS};
use crate::{Error, Tx, conn::each_backend};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "W1",
        sentence: "what an endpoint is told about a person is numbered without a number twice, up to the last one kept",
        rows: numbers,
    },
    Check {
        id: "W2",
        sentence: "a delivery has as many attempts in the log as it counts, and was taken by the last one or not at all",
        rows: attempts,
    },
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(tx: &mut Tx<'_>, sql: &str) -> Result<Vec<String>, Error> {
    let sql = format!("{sql} LIMIT {MOST_ROWS}");
    let rows: Vec<Line> = each_backend!(tx.conn, |c| diesel::sql_query(&sql).load(c))?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

fn numbers(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    lines(
        tx,
        "SELECT CAST(d.endpoint_id AS text) || ' ' || CAST(d.person_id AS text) AS line \
         FROM webhook_deliveries d LEFT JOIN webhook_sequences s \
         ON s.endpoint_id = d.endpoint_id AND s.person_id = d.person_id \
         WHERE d.cause = 'event' AND d.person_id IS NOT NULL \
         GROUP BY d.endpoint_id, d.person_id \
         HAVING COUNT(DISTINCT d.sequence) <> COUNT(*) OR MAX(d.sequence) <> MAX(COALESCE(s.last, 0)) \
         ORDER BY 1",
    )
}

fn attempts(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    lines(
        tx,
        "SELECT CAST(d.id AS text) AS line FROM webhook_deliveries d LEFT JOIN webhook_attempts a \
         ON a.delivery_id = d.id GROUP BY d.id, d.attempts, d.delivered_at \
         HAVING COUNT(a.number) <> d.attempts OR COALESCE(MAX(a.number), 0) <> d.attempts \
         OR (d.delivered_at IS NOT NULL) <> (COALESCE(MAX(CASE WHEN a.number = d.attempts \
         AND a.status BETWEEN 200 AND 299 THEN 1 ELSE 0 END), 0) = 1) ORDER BY 1",
    )
}
