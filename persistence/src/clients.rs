//! Machine clients.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ClientId, client::Client};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema_access::{clients, used_assertions},
    types::V,
};

/// Machine clients.
pub struct Clients<'a, 'c>(&'a mut Tx<'c>);

/// Signed assertions of machines that were used.
pub struct UsedAssertions<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Machine clients.
    pub fn clients(&mut self) -> Clients<'_, 'c> {
        Clients(self)
    }
    /// Signed assertions of machines that were used.
    pub fn used_assertions(&mut self) -> UsedAssertions<'_, 'c> {
        UsedAssertions(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ClientId>,
    name: String,
    scopes: V<Value>,
    programs: V<Value>,
    people_a_day: Option<i64>,
    created_at: V<DateTime<Utc>>,
    disabled_at: Option<V<DateTime<Utc>>>,
    last_used_at: Option<V<DateTime<Utc>>>,
    quota_tripped_at: Option<V<DateTime<Utc>>>,
    version: i64,
}

impl TryFrom<&Client> for Row {
    type Error = Error;
    fn try_from(client: &Client) -> Result<Self, Error> {
        Ok(Self {
            id: V(client.id),
            name: client.name.clone(),
            scopes: json::of(&client.scopes)?,
            programs: json::of(&client.programs)?,
            people_a_day: client.people_a_day,
            created_at: V(client.created_at),
            disabled_at: client.disabled_at.map(V),
            last_used_at: client.last_used_at.map(V),
            quota_tripped_at: client.quota_tripped_at.map(V),
            version: client.version,
        })
    }
}

impl TryFrom<Row> for Client {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            name: row.name,
            scopes: json::read(row.scopes)?,
            programs: json::read(row.programs)?,
            people_a_day: row.people_a_day,
            created_at: row.created_at.0,
            disabled_at: row.disabled_at.map(|at| at.0),
            last_used_at: row.last_used_at.map(|at| at.0),
            quota_tripped_at: row.quota_tripped_at.map(|at| at.0),
            version: row.version,
        })
    }
}

aggregate!(Clients, clients, Client, ClientId);

impl Clients<'_, '_> {
    /// Notes that a client got a token. What admins say of it, and so its version, is as it was.
    pub fn used(&mut self, client: ClientId, at: DateTime<Utc>) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::update(clients::table.find(V(client)))
                .set(clients::last_used_at.eq(V(at)))
                .execute(c)
        })?;
        Ok(())
    }
    /// Notes that a client ran into its quota, as [`used`](Self::used) notes a use.
    pub fn tripped(&mut self, client: ClientId, at: DateTime<Utc>) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::update(clients::table.find(V(client)))
                .set(clients::quota_tripped_at.eq(V(at)))
                .execute(c)
        })?;
        Ok(())
    }
    /// The names of several clients; ids that name none are left out.
    pub fn names(&mut self, ids: &[ClientId]) -> Result<BTreeMap<ClientId, String>, Error> {
        let found: Vec<(V<ClientId>, String)> = each_backend!(self.0.conn, |c| clients::table
            .filter(clients::id.eq_any(ids.iter().map(|id| V(*id))))
            .select((clients::id, clients::name))
            .load(c))?;
        Ok(found.into_iter().map(|(id, name)| (id.0, name)).collect())
    }
    /// A client as it is, not held: those who work in its name for long keep nobody from it.
    pub fn seen(&mut self, id: ClientId) -> Result<Option<Client>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| clients::table
            .find(V(id))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }
    /// A page of clients, oldest first.
    pub fn list(&mut self, page: Page<ClientId>) -> Result<Vec<Client>, Error> {
        page!(self.0, clients, page, |query| {})
    }
}

impl UsedAssertions<'_, '_> {
    /// Uses an assertion that ends at `until`; false when it was used before.
    pub fn insert(
        &mut self,
        client: ClientId,
        token_id: &str,
        until: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let row = (
            used_assertions::client_id.eq(V(client)),
            used_assertions::token_id.eq(token_id),
            used_assertions::until.eq(V(until)),
        );
        let inserted = each_backend!(self.0.conn, |c| {
            diesel::insert_into(used_assertions::table)
                .values(&row)
                .on_conflict((used_assertions::client_id, used_assertions::token_id))
                .do_nothing()
                .execute(c)
        })?;
        Ok(inserted == 1)
    }
    /// Forgets assertions that ended before an instant; how many.
    pub fn purge(&mut self, before: DateTime<Utc>) -> Result<usize, Error> {
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(used_assertions::table.filter(used_assertions::until.lt(V(before))))
                .execute(c)
        })?;
        Ok(removed)
    }
}
