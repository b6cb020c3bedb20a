//! Leases: who alone does a piece of background work; and cursors: how far it has come in the log.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, query_dsl::methods::FilterDsl, upsert::excluded};

use crate::{
    Error, Optional, Tx,
    conn::{each_backend, get_row},
    schema_house::{cursors, leases},
    types::V,
};

/// Leases of background work.
pub struct Leases<'a, 'c>(&'a mut Tx<'c>);

/// Where the consumers of the event log are.
pub struct Cursors<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Leases of background work.
    pub fn leases(&mut self) -> Leases<'_, 'c> {
        Leases(self)
    }
    /// Where the consumers of the event log are.
    pub fn cursors(&mut self) -> Cursors<'_, 'c> {
        Cursors(self)
    }
}

impl Leases<'_, '_> {
    /// Takes or renews the lease `name` for `holder` for so long; false when another holds
    /// it. The lease's row is held until the end of the transaction either way.
    pub fn acquire(&mut self, name: &str, holder: &str, lasts: TimeDelta) -> Result<bool, Error> {
        let now = self.0.machine();
        let until = now.checked_add_signed(lasts).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let mine = (leases::name.eq(name), leases::holder.eq(holder), leases::until.eq(V(until)));
        let taken = each_backend!(self.0.conn, |c| {
            let taking = diesel::insert_into(leases::table)
                .values(&mine)
                .on_conflict(leases::name)
                .do_update()
                .set((
                    leases::holder.eq(excluded(leases::holder)),
                    leases::until.eq(excluded(leases::until)),
                ));
            // Written out: an upsert is filtered by a trait whose method has the name of another.
            FilterDsl::filter(taking, leases::holder.eq(holder).or(leases::until.le(V(now))))
                .execute(c)
        })?;
        Ok(taken == 1)
    }
    /// Gives the lease up, so that another need not wait for its end.
    pub fn release(&mut self, name: &str, holder: &str) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::delete(QueryDsl::filter(leases::table.find(name), leases::holder.eq(holder)))
                .execute(c)
        })?;
        Ok(())
    }
}

impl Cursors<'_, '_> {
    /// The last position that `name` has dealt with; 0 when it has not begun.
    pub fn get(&mut self, name: &str) -> Result<i64, Error> {
        let found =
            get_row!(self.0, cursors::table.find(name).select(cursors::position)).found()?;
        Ok(found.unwrap_or(0))
    }
    /// Moves the cursor: everything up to `position` has been dealt with.
    pub fn set(&mut self, name: &str, position: i64) -> Result<(), Error> {
        let row = (cursors::name.eq(name), cursors::position.eq(position));
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(cursors::table)
                .values(&row)
                .on_conflict(cursors::name)
                .do_update()
                .set(cursors::position.eq(excluded(cursors::position)))
                .execute(c)
        })?;
        Ok(())
    }
}
