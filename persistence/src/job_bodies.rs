//! The files of jobs, in parts, from the transaction that makes the job until it is over.

use diesel::prelude::*;
use domain::id::{Id, Kind};

use crate::{Error, Tx, conn::each_backend, schema::job_bodies, types::V};

/// Bytes of a part.
const PART: usize = 1024 * 1024;

/// The files of jobs.
pub struct JobBodies<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The files of jobs.
    pub fn job_bodies(&mut self) -> JobBodies<'_, 'c> {
        JobBodies(self)
    }
}

impl JobBodies<'_, '_> {
    /// Stores the file of a job.
    pub fn insert<K: Kind>(&mut self, job: Id<K>, bytes: &[u8]) -> Result<(), Error> {
        for (part, bytes) in (0_i64..).zip(bytes.chunks(PART)) {
            let row = (
                job_bodies::job_id.eq(V(job)),
                job_bodies::part.eq(part),
                job_bodies::bytes.eq(bytes),
            );
            each_backend!(self.0.conn, |c| {
                diesel::insert_into(job_bodies::table).values(&row).execute(c)
            })?;
        }
        Ok(())
    }
    /// The file of a job; empty once it was removed.
    pub fn get<K: Kind>(&mut self, job: Id<K>) -> Result<Vec<u8>, Error> {
        let parts: Vec<Vec<u8>> = each_backend!(self.0.conn, |c| job_bodies::table
            .filter(job_bodies::job_id.eq(V(job)))
            .order(job_bodies::part.asc())
            .select(job_bodies::bytes)
            .load(c))?;
        Ok(parts.concat())
    }
    /// Whether the file of a job is there.
    pub(crate) fn is_there<K: Kind>(&mut self, job: Id<K>) -> Result<bool, Error> {
        let first: Option<i64> = each_backend!(self.0.conn, |c| job_bodies::table
            .filter(job_bodies::job_id.eq(V(job)))
            .select(job_bodies::part)
            .first(c)
            .optional())?;
        Ok(first.is_some())
    }
    /// Removes the file of a job: it holds names and addresses.
    pub fn remove<K: Kind>(&mut self, job: Id<K>) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::delete(job_bodies::table.filter(job_bodies::job_id.eq(V(job)))).execute(c)
        })?;
        Ok(())
    }
}
