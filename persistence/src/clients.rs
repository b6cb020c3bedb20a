//! Machine clients.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ClientId, credential::Client};
use serde_json::Value;

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    schema_access::clients,
    types::V,
};

/// Machine clients.
pub struct Clients<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Machine clients.
    pub fn clients(&mut self) -> Clients<'_, 'c> {
        Clients(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ClientId>,
    name: String,
    secret_hash: Vec<u8>,
    scopes: V<Value>,
    created_at: V<DateTime<Utc>>,
    disabled_at: Option<V<DateTime<Utc>>>,
    generation: i64,
    version: i64,
}

impl From<&Client> for Row {
    fn from(client: &Client) -> Self {
        Self {
            id: V(client.id),
            name: client.name.clone(),
            secret_hash: client.secret_hash.to_vec(),
            scopes: V(client.scopes.iter().map(String::as_str).collect()),
            created_at: V(client.created_at),
            disabled_at: client.disabled_at.map(V),
            generation: client.generation,
            version: client.version,
        }
    }
}

impl TryFrom<Row> for Client {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |what: &str| Error::Broken(format!("client {}: {what}", row.id.0));
        Ok(Self {
            id: row.id.0,
            name: row.name,
            secret_hash: row
                .secret_hash
                .try_into()
                .map_err(|_wrong| broken("a hash of 32 bytes is expected"))?,
            scopes: serde_json::from_value(row.scopes.0)
                .map_err(|error| broken(&error.to_string()))?,
            created_at: row.created_at.0,
            disabled_at: row.disabled_at.map(|at| at.0),
            generation: row.generation,
            version: row.version,
        })
    }
}

impl Clients<'_, '_> {
    /// A client, held in a write.
    pub fn get(&mut self, id: ClientId) -> Result<Client, Error> {
        get_row!(self.0, clients::table.find(V(id)).select(Row::as_select()))
            .and_then(|row: Row| row.try_into())
    }
    /// Stores a new client.
    pub fn insert(&mut self, client: &Client) -> Result<(), Error> {
        let row = Row::from(client);
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(clients::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Stores a changed client and moves its version on; [`Error::Stale`] when it was changed since.
    pub fn save(&mut self, client: &mut Client) -> Result<(), Error> {
        let before = client.version;
        client.version = before.saturating_add(1);
        let row = Row::from(&*client);
        let changed = each_backend!(self.0.conn, |c| {
            diesel::update(clients::table.find(row.id).filter(clients::version.eq(before)))
                .set(&row)
                .execute(c)
        })?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
    /// The names of several clients; ids that name none are left out.
    pub fn names(&mut self, ids: &[ClientId]) -> Result<BTreeMap<ClientId, String>, Error> {
        let found: Vec<(V<ClientId>, String)> = each_backend!(self.0.conn, |c| clients::table
            .filter(clients::id.eq_any(ids.iter().map(|id| V(*id))))
            .select((clients::id, clients::name))
            .load(c))?;
        Ok(found.into_iter().map(|(id, name)| (id.0, name)).collect())
    }
    /// A page of clients, oldest first.
    pub fn list(&mut self, after: Option<ClientId>, limit: i64) -> Result<Vec<Client>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = clients::table.select(Row::as_select()).into_boxed();
            if let Some(after) = after {
                query = query.filter(clients::id.gt(V(after)));
            }
            query.order(clients::id.asc()).limit(limit).load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
