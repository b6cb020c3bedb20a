//! Keys that sign access tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{Error, Tx, conn::each_backend, schema_access::signing_keys, types::V};

/// A key that signs access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The private key, PKCS #8 in DER.
    pub private_key: Vec<u8>,
    /// The public point, uncompressed: 65 bytes.
    pub public_key: Vec<u8>,
    /// When it was made, and published.
    pub created_at: DateTime<Utc>,
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
}

/// Keys that sign access tokens.
pub struct SigningKeys<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Keys that sign access tokens.
    pub fn signing_keys(&mut self) -> SigningKeys<'_, 'c> {
        SigningKeys(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct Row {
    kid: String,
    private_key: Vec<u8>,
    public_key: Vec<u8>,
    created_at: V<DateTime<Utc>>,
    signs_from: V<DateTime<Utc>>,
}

impl From<Row> for SigningKey {
    fn from(row: Row) -> Self {
        Self {
            kid: row.kid,
            private_key: row.private_key,
            public_key: row.public_key,
            created_at: row.created_at.0,
            signs_from: row.signs_from.0,
        }
    }
}

impl SigningKeys<'_, '_> {
    /// Every key, by the instant from which it signs.
    pub fn all(&mut self) -> Result<Vec<SigningKey>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            signing_keys::table
                .select(Row::as_select())
                .order((signing_keys::signs_from.asc(), signing_keys::kid.asc()))
                .load(c)
        })?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
    /// Stores a new key.
    pub fn insert(&mut self, key: &SigningKey) -> Result<(), Error> {
        let row = Row {
            kid: key.kid.clone(),
            private_key: key.private_key.clone(),
            public_key: key.public_key.clone(),
            created_at: V(key.created_at),
            signs_from: V(key.signs_from),
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(signing_keys::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Removes a key whose last token has ended.
    pub fn remove(&mut self, kid: &str) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::delete(signing_keys::table.find(kid)).execute(c))?;
        Ok(())
    }
}
