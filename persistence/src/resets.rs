//! Requests to reset a password.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{PersonId, ResetId, credential::Reset};

use crate::{
    Error, Optional, Tx,
    conn::{each_backend, get_row},
    schema_access::password_resets,
    types::V,
};

/// Requests to reset a password.
pub struct Resets<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Requests to reset a password.
    pub fn resets(&mut self) -> Resets<'_, 'c> {
        Resets(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = password_resets, treat_none_as_default_value = false)]
struct Row {
    id: V<ResetId>,
    person_id: V<PersonId>,
    address: String,
    requested_at: V<DateTime<Utc>>,
    expires_at: V<DateTime<Utc>>,
    used_at: Option<V<DateTime<Utc>>>,
}

impl From<Row> for Reset {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            person: row.person_id.0,
            address: row.address,
            requested_at: row.requested_at.0,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(|at| at.0),
        }
    }
}

impl Resets<'_, '_> {
    /// A reset, held in a write; none when there is no such.
    pub fn find(&mut self, id: ResetId) -> Result<Option<Reset>, Error> {
        let row: Option<Row> =
            get_row!(self.0, password_resets::table.find(V(id)).select(Row::as_select()))
                .found()?;
        Ok(row.map(Into::into))
    }
    /// Stores a new reset.
    pub fn insert(&mut self, reset: &Reset) -> Result<(), Error> {
        let row = Row {
            id: V(reset.id),
            person_id: V(reset.person),
            address: reset.address.clone(),
            requested_at: V(reset.requested_at),
            expires_at: V(reset.expires_at),
            used_at: reset.used_at.map(V),
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(password_resets::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Notes that every open reset of a person is used: one was, and the others end with it.
    pub fn use_all_of(&mut self, person: PersonId) -> Result<(), Error> {
        let now = V(self.0.machine());
        each_backend!(self.0.conn, |c| {
            diesel::update(
                password_resets::table
                    .filter(password_resets::person_id.eq(V(person)))
                    .filter(password_resets::used_at.is_null()),
            )
            .set(password_resets::used_at.eq(Some(now)))
            .execute(c)
        })?;
        Ok(())
    }
    /// How many resets a person asked for since an instant.
    pub fn count_since(&mut self, person: PersonId, since: DateTime<Utc>) -> Result<i64, Error> {
        let count = each_backend!(self.0.conn, |c| {
            password_resets::table
                .filter(password_resets::person_id.eq(V(person)))
                .filter(password_resets::requested_at.gt(V(since)))
                .count()
                .get_result(c)
        })?;
        Ok(count)
    }
    /// Removes resets that ended before an instant; how many.
    pub fn purge(&mut self, before: DateTime<Utc>) -> Result<usize, Error> {
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(V(before))))
                .execute(c)
        })?;
        Ok(removed)
    }
}
