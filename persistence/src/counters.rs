//! Counters without gaps: numbers of invoices, applications, certificates.

use diesel::{prelude::*, upsert::excluded};
use domain::program::ProgramCode;

use crate::{Error, Tx, conn::each_backend, schema_house::counters, types::V};

/// Counters of programs.
pub struct Counters<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Counters of programs.
    pub fn counters(&mut self) -> Counters<'_, 'c> {
        Counters(self)
    }
}

impl Counters<'_, '_> {
    /// The next number of `name`, from 1. Whoever takes one holds the counter until the end of the
    /// transaction, so that numbers have no gaps: take it late in the job.
    pub fn next(&mut self, program: &ProgramCode, name: &str) -> Result<i64, Error> {
        let first = (
            counters::program.eq(V(program.clone())),
            counters::name.eq(name),
            counters::value.eq(1_i64),
        );
        let value = each_backend!(self.0.conn, |c| {
            diesel::insert_into(counters::table)
                .values(&first)
                .on_conflict((counters::program, counters::name))
                .do_update()
                .set(counters::value.eq(counters::value + excluded(counters::value)))
                .returning(counters::value)
                .get_result(c)
        })?;
        Ok(value)
    }
}
