//! How far a sandbox's clock is ahead.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::sandbox::SandboxClock;

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    schema_house::sandbox_clock,
    types::V,
};

/// The one row's name.
const NAME: &str = "sandbox";

/// The clock of a sandbox.
pub struct SandboxClocks<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The clock of a sandbox.
    pub fn sandbox_clock(&mut self) -> SandboxClocks<'_, 'c> {
        SandboxClocks(self)
    }
}

impl SandboxClocks<'_, '_> {
    /// How far it is ahead, held in a write.
    pub fn get(&mut self) -> Result<SandboxClock, Error> {
        let columns = (sandbox_clock::ahead_us, sandbox_clock::moved_at, sandbox_clock::version);
        let (ahead_us, moved_at, version): (i64, Option<V<DateTime<Utc>>>, i64) =
            get_row!(self.0, sandbox_clock::table.find(NAME).select(columns))?;
        let ahead = TimeDelta::microseconds(ahead_us);
        Ok(SandboxClock { ahead, moved_at: moved_at.map(|at| at.0), version })
    }
    /// Stores how far it was moved; [`Error::Stale`] when another version is stored.
    pub fn save(&mut self, clock: &mut SandboxClock) -> Result<(), Error> {
        let ahead_us = clock.ahead.num_microseconds();
        let ahead_us = ahead_us.ok_or_else(|| Error::Broken("too far ahead".to_owned()))?;
        let row = (
            sandbox_clock::ahead_us.eq(ahead_us),
            sandbox_clock::moved_at.eq(clock.moved_at.map(V)),
            sandbox_clock::version.eq(clock.version + 1),
        );
        let changed = each_backend!(self.0.conn, |c| {
            let held = sandbox_clock::version.eq(clock.version);
            diesel::update(sandbox_clock::table.find(NAME).filter(held)).set(row).execute(c)
        })?;
        if changed == 0 {
            return Err(Error::Stale);
        }
        clock.version += 1;
        Ok(())
    }
}
