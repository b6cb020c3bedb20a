//! What partner systems call people.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
    upsert::excluded,
};
use domain::{AccountId, ClientId, PersonId, account::ExternalId, scim::fold_user_name};

use crate::{
    Error, Optional, Page, Tx,
    aggregate::{CHUNK, aggregate, of_any, page},
    conn::{each_backend, get_row},
    schema::{external_ids, former_external_ids, subscriptions},
    types::V,
};

/// The repository of external ids.
pub struct ExternalIds<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What partner systems call people.
    pub fn external_ids(&mut self) -> ExternalIds<'_, 'c> {
        ExternalIds(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = external_ids, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AccountId>,
    client_id: V<ClientId>,
    external_id: String,
    external_id_folded: String,
    person_id: V<PersonId>,
    linked_at: V<DateTime<Utc>>,
    dormancy_told_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&ExternalId> for Row {
    type Error = Error;
    fn try_from(known: &ExternalId) -> Result<Self, Error> {
        Ok(Self {
            id: V(known.id),
            client_id: V(known.client),
            external_id: known.external_id.clone(),
            external_id_folded: fold_user_name(&known.external_id),
            person_id: V(known.person),
            linked_at: V(known.linked_at),
            dormancy_told_on: known.dormancy_told_on,
            version: known.version,
        })
    }
}

impl TryFrom<Row> for ExternalId {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            client: row.client_id.0,
            external_id: row.external_id,
            person: row.person_id.0,
            linked_at: row.linked_at.0,
            dormancy_told_on: row.dormancy_told_on,
            version: row.version,
        })
    }
}

aggregate!(ExternalIds, external_ids, ExternalId, AccountId);

impl ExternalIds<'_, '_> {
    /// Whom a system means by an id, held until the end of a write.
    pub fn find(
        &mut self,
        client: ClientId,
        external_id: &str,
    ) -> Result<Option<ExternalId>, Error> {
        let row: Result<Row, Error> = get_row!(
            self.0,
            external_ids::table
                .filter(external_ids::client_id.eq(V(client)))
                .filter(external_ids::external_id.eq(external_id))
                .select(Row::as_select())
        );
        row.found()?.map(TryInto::try_into).transpose()
    }

    /// What systems call several people, the first one first.
    pub fn of_people(&mut self, people: &[PersonId]) -> Result<Vec<ExternalId>, Error> {
        of_any!(self.0, external_ids, people, |query, chunk| query
            .filter(external_ids::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// Whom a system means by several ids; those that name nobody are left out. Nothing is held.
    pub fn called(
        &mut self,
        client: ClientId,
        external_ids: &[String],
    ) -> Result<Vec<ExternalId>, Error> {
        let mut found = Vec::with_capacity(external_ids.len());
        for chunk in external_ids.chunks(CHUNK) {
            // In no order: for one by id SQLite would walk everybody whom the system calls something.
            let rows: Vec<Row> = each_backend!(self.0.conn, |c| external_ids::table
                .filter(external_ids::client_id.eq(V(client)))
                .filter(external_ids::external_id.eq_any(chunk))
                .select(Row::as_select())
                .load(c))?;
            for row in rows {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    /// The ids of a system after one of them, in their order.
    pub fn page(
        &mut self,
        client: ClientId,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ExternalId>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = external_ids::table
                .filter(external_ids::client_id.eq(V(client)))
                .select(Row::as_select())
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(external_ids::external_id.gt(after));
            }
            query.order(external_ids::external_id.asc()).limit(limit).load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many people one system calls something.
    pub fn count(&mut self, client: ClientId) -> Result<i64, Error> {
        let found: i64 = each_backend!(self.0.conn, |c| external_ids::table
            .filter(external_ids::client_id.eq(V(client)))
            .count()
            .get_result(c))?;
        Ok(found)
    }

    /// What one system calls people, the first one first: `limit` of them after an account, `skipped` of those left
    /// out.
    pub fn some(
        &mut self,
        client: ClientId,
        after: Option<AccountId>,
        skipped: i64,
        limit: i64,
    ) -> Result<Vec<ExternalId>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = external_ids::table
                .filter(external_ids::client_id.eq(V(client)))
                .select(Row::as_select())
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(external_ids::id.gt(V(after)));
            }
            query.order(external_ids::id.asc()).limit(limit).offset(skipped).load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of external ids, the first one linked first; of one system, where that is said.
    pub fn list(
        &mut self,
        client: Option<ClientId>,
        page: Page<AccountId>,
    ) -> Result<Vec<ExternalId>, Error> {
        page!(self.0, external_ids, page, |query| {
            if let Some(client) = client {
                query = query.filter(external_ids::client_id.eq(V(client)));
            }
        })
    }

    /// Whom one system calls this, however it is written.
    pub fn alike(&mut self, client: ClientId, name: &str) -> Result<Vec<ExternalId>, Error> {
        let folded = fold_user_name(name);
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| external_ids::table
            .filter(external_ids::client_id.eq(V(client)))
            .filter(external_ids::external_id_folded.eq(&folded))
            .order(external_ids::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Removes an external id; the event log keeps that it was there, and it is noted whose it was.
    pub fn remove(&mut self, id: AccountId) -> Result<(), Error> {
        if let Some(known) = self.get(id).found()? {
            self.note_former(&known)?;
        }
        each_backend!(self.0.conn, |c| diesel::delete(external_ids::table.find(V(id))).execute(c))?;
        Ok(())
    }

    /// Notes whom a system called so who will not be called so any more: the log is not searched by external ids.
    pub fn note_former(&mut self, known: &ExternalId) -> Result<(), Error> {
        let row = (
            former_external_ids::client_id.eq(V(known.client)),
            former_external_ids::external_id.eq(&known.external_id),
            former_external_ids::person_id.eq(V(known.person)),
        );
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(former_external_ids::table)
                .values(&row)
                .on_conflict((former_external_ids::client_id, former_external_ids::external_id))
                .do_update()
                .set(former_external_ids::person_id.eq(excluded(former_external_ids::person_id)))
                .execute(c)
        })?;
        Ok(())
    }

    /// Whom a system called by several ids who are not called so any more.
    pub fn former(
        &mut self,
        client: ClientId,
        called: &[String],
    ) -> Result<BTreeMap<String, PersonId>, Error> {
        let mut found = BTreeMap::new();
        for chunk in called.chunks(CHUNK) {
            let rows: Vec<(String, V<PersonId>)> =
                each_backend!(self.0.conn, |c| former_external_ids::table
                    .filter(former_external_ids::client_id.eq(V(client)))
                    .filter(former_external_ids::external_id.eq_any(chunk))
                    .select((former_external_ids::external_id, former_external_ids::person_id))
                    .load(c))?;
            found.extend(rows.into_iter().map(|(id, person)| (id, person.0)));
        }
        Ok(found)
    }

    /// External ids of which something is to be told on a day: their person's subscriptions are over and it was
    /// not told, or one runs again. `limit` of them after an account.
    pub fn untold(
        &mut self,
        day: NaiveDate,
        after: Option<AccountId>,
        limit: i64,
    ) -> Result<Vec<ExternalId>, Error> {
        /// The person's subscriptions that have begun by the day.
        macro_rules! begun {
            () => {
                subscriptions::table
                    .filter(subscriptions::person_id.eq(external_ids::person_id))
                    .filter(subscriptions::activated_on.le(day))
            };
        }
        /// Those of them that run on it.
        macro_rules! running {
            () => {
                begun!()
                    .filter(subscriptions::ends_on.ge(day))
                    .filter(subscriptions::ended_on.is_null().or(subscriptions::ended_on.gt(day)))
            };
        }
        let told = external_ids::dormancy_told_on;
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = external_ids::table
                .filter(
                    told.is_null()
                        .and(exists(begun!()))
                        .and(not(exists(running!())))
                        .or(told.is_not_null().and(exists(running!()))),
                )
                .select(Row::as_select())
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(external_ids::id.gt(V(after)));
            }
            query.order(external_ids::id.asc()).limit(limit).load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
