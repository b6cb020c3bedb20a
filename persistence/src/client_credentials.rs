//! Secrets and keys of machine clients.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ClientCredentialId, ClientId,
    client::{ClientCredential, CredentialKind, Jwk, Proof, PublicKey},
};
use serde_json::Value;

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    json,
    schema_access::client_credentials,
    types::V,
};

/// Secrets and keys of machine clients.
pub struct ClientCredentials<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Secrets and keys of machine clients.
    pub fn client_credentials(&mut self) -> ClientCredentials<'_, 'c> {
        ClientCredentials(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = client_credentials, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ClientCredentialId>,
    client_id: V<ClientId>,
    kind: V<CredentialKind>,
    label: String,
    secret_hash: Option<Vec<u8>>,
    kid: Option<String>,
    jwk: Option<V<Value>>,
    created_at: V<DateTime<Utc>>,
    expires_at: Option<V<DateTime<Utc>>>,
    revoked_at: Option<V<DateTime<Utc>>>,
    last_used_at: Option<V<DateTime<Utc>>>,
}

impl TryFrom<&ClientCredential> for Row {
    type Error = Error;
    fn try_from(credential: &ClientCredential) -> Result<Self, Error> {
        let (secret_hash, key) = match &credential.proof {
            Proof::Secret(hash) => (Some(hash.to_vec()), None),
            Proof::Key(key) => (None, Some(key)),
        };
        Ok(Self {
            id: V(credential.id),
            client_id: V(credential.client),
            kind: V(credential.kind()),
            label: credential.label.clone(),
            secret_hash,
            kid: key.map(|key| key.kid.clone()),
            jwk: key.map(|key| json::of(&key.jwk)).transpose()?,
            created_at: V(credential.created_at),
            expires_at: credential.expires_at.map(V),
            revoked_at: credential.revoked_at.map(V),
            last_used_at: credential.last_used_at.map(V),
        })
    }
}

impl TryFrom<Row> for ClientCredential {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what: &str| Error::Broken(format!("credential {}: {what}", row.id.0));
        let proof = match (row.secret_hash, row.kid, row.jwk) {
            (Some(hash), ..) => Proof::Secret(
                hash.try_into().map_err(|_wrong| broken("a hash of 32 bytes is expected"))?,
            ),
            (None, Some(kid), Some(jwk)) => {
                let jwk: Jwk = json::read(jwk)?;
                let algorithm = jwk.algorithm().map_err(|bad| broken(&bad.detail))?;
                Proof::Key(PublicKey { kid, algorithm, jwk })
            }
            _ => return Err(broken("neither secret nor key")),
        };
        Ok(Self {
            id: row.id.0,
            client: row.client_id.0,
            label: row.label,
            proof,
            created_at: row.created_at.0,
            expires_at: row.expires_at.map(|at| at.0),
            revoked_at: row.revoked_at.map(|at| at.0),
            last_used_at: row.last_used_at.map(|at| at.0),
        })
    }
}

impl ClientCredentials<'_, '_> {
    /// A credential. Hold its client first.
    pub fn get(&mut self, id: ClientCredentialId) -> Result<ClientCredential, Error> {
        let row: Row =
            get_row!(self.0, client_credentials::table.find(V(id)).select(Row::as_select()))?;
        row.try_into()
    }
    /// Every credential of a client, the first one first. Hold the client first.
    pub fn of(&mut self, client: ClientId) -> Result<Vec<ClientCredential>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            client_credentials::table
                .filter(client_credentials::client_id.eq(V(client)))
                .order(client_credentials::id.asc())
                .select(Row::as_select())
                .load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
    /// Stores a new credential.
    pub fn insert(&mut self, credential: &ClientCredential) -> Result<(), Error> {
        let row = Row::try_from(credential)?;
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(client_credentials::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Stores a changed credential of a client that is held.
    pub fn save(&mut self, credential: &ClientCredential) -> Result<(), Error> {
        let row = Row::try_from(credential)?;
        each_backend!(self.0.conn, |c| {
            diesel::update(client_credentials::table.find(row.id)).set(&row).execute(c)
        })?;
        Ok(())
    }
    /// Notes that a token was issued for a credential.
    pub fn used(&mut self, id: ClientCredentialId, at: DateTime<Utc>) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::update(client_credentials::table.find(V(id)))
                .set(client_credentials::last_used_at.eq(V(at)))
                .execute(c)
        })?;
        Ok(())
    }
}
