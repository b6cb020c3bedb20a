//! Idempotency keys: one effect and one recorded answer per key, whatever the network loses.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Bool},
};
use sha2::{Digest, Sha256};

use crate::{
    Error, Optional, Tx,
    conn::{Conn, each_backend, get_row},
    schema_house::idempotency_keys as keys,
    types::V,
};

/// An answer as it was first given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that belong to the answer, in order.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

/// What is known of a key when a request with it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: go on, and `finish` in the same transaction.
    Fresh,
    /// The same request was answered: give this answer again.
    Replay(StoredAnswer),
    /// The key was used for another request.
    OtherBody,
    /// A request with this key is under way. Only on PostgreSQL: SQLite writes one after another.
    Running,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = keys)]
struct KeyRow {
    fingerprint: Vec<u8>,
    operation: String,
    status: Option<i64>,
    headers: Option<V<serde_json::Value>>,
    body: Option<Vec<u8>>,
    expires_at: V<DateTime<Utc>>,
}

impl KeyRow {
    fn answer(self) -> Result<StoredAnswer, Error> {
        let (Some(status), Some(headers), Some(body)) = (self.status, self.headers, self.body)
        else {
            return Err(Error::Broken("an idempotency key has no answer".to_owned()));
        };
        let broken = |error: &dyn std::error::Error| {
            Error::Broken(format!("an idempotency key has a wrong answer: {error}"))
        };
        Ok(StoredAnswer {
            status: u16::try_from(status).map_err(|error| broken(&error))?,
            headers: serde_json::from_value(headers.0).map_err(|error| broken(&error))?,
            body,
        })
    }
}

/// Idempotency keys.
pub struct Idempotency<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Idempotency keys.
    pub fn idempotency(&mut self) -> Idempotency<'_, 'c> {
        Idempotency(self)
    }
}

impl Idempotency<'_, '_> {
    /// Begins a request of `scope` (whoever sends it) with `key`. `fingerprint` is a hash of what was
    /// sent; an expired key counts as fresh. A fresh key must be finished in this transaction.
    pub fn begin(
        &mut self,
        scope: &str,
        key: &str,
        fingerprint: &[u8],
        operation: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<Begun, Error> {
        if !self.hold(scope, key)? {
            return Ok(Begun::Running);
        }
        let row: Option<KeyRow> =
            get_row!(self.0, keys::table.find((scope, key)).select(KeyRow::as_select())).found()?;
        let now = self.0.machine();
        match row {
            Some(row) if row.expires_at.0 > now => {
                return if row.fingerprint == fingerprint && row.operation == operation {
                    row.answer().map(Begun::Replay)
                } else {
                    Ok(Begun::OtherBody)
                };
            }
            Some(_expired) => {
                each_backend!(self.0.conn, |c| {
                    diesel::delete(keys::table.find((scope, key))).execute(c)
                })?;
            }
            None => {}
        }
        let fresh = (
            keys::scope.eq(scope),
            keys::key.eq(key),
            keys::fingerprint.eq(fingerprint),
            keys::operation.eq(operation),
            keys::created_at.eq(V(now)),
            keys::expires_at.eq(V(expires_at)),
        );
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(keys::table).values(&fresh).execute(c)
        })?;
        Ok(Begun::Fresh)
    }
    /// Records the answer, success or refusal, of a key that began fresh in this transaction.
    pub fn finish(&mut self, scope: &str, key: &str, answer: &StoredAnswer) -> Result<(), Error> {
        let headers = serde_json::to_value(&answer.headers)
            .map_err(|error| Error::Broken(error.to_string()))?;
        let answered = (
            keys::status.eq(i64::from(answer.status)),
            keys::headers.eq(V(headers)),
            keys::body.eq(&answer.body),
        );
        let changed = each_backend!(self.0.conn, |c| {
            diesel::update(keys::table.find((scope, key)).filter(keys::status.is_null()))
                .set(answered)
                .execute(c)
        })?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }
    /// Removes expired keys; how many.
    pub fn purge(&mut self) -> Result<usize, Error> {
        let now = V(self.0.machine());
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(keys::table.filter(keys::expires_at.le(now))).execute(c)
        })?;
        Ok(removed)
    }
    /// Holds the key until the end of the transaction, or says that another does. A row that is not
    /// committed cannot be seen, and inserting it would wait: PostgreSQL's advisory lock does neither.
    fn hold(&mut self, scope: &str, key: &str) -> Result<bool, Error> {
        let Conn::Postgres(c) = &mut *self.0.conn else {
            return Ok(true);
        };
        let hash = Sha256::digest(format!("{}:{scope}{key}", scope.len()));
        let lock = hash.iter().take(8).fold(0_i64, |bits, byte| (bits << 8) | i64::from(*byte));
        let query =
            sql::<Bool>("SELECT pg_try_advisory_xact_lock(").bind::<BigInt, _>(lock).sql(")");
        Ok(query.get_result(c)?)
    }
}
