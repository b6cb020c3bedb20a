//! Reconciliations and the differences that they found.

mod differences;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ReconciliationId,
    import::RowForm,
    reconciliation::{Found, Reconciliation},
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    schema::reconciliations,
    types::V,
};

pub use differences::DifferenceFilter;

/// The repository of reconciliations.
pub struct Reconciliations<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Reconciliations.
    pub fn reconciliations(&mut self) -> Reconciliations<'_, 'c> {
        Reconciliations(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reconciliations, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ReconciliationId>,
    form: V<RowForm>,
    source: String,
    requested_by: String,
    requested_at: V<DateTime<Utc>>,
    rows_total: i64,
    rows_done: i64,
    refused: i64,
    matched: i64,
    differing: i64,
    missing_here: i64,
    missing_there: i64,
    swept_to: Option<String>,
    started_at: Option<V<DateTime<Utc>>>,
    finished_at: Option<V<DateTime<Utc>>>,
    failed_at: Option<V<DateTime<Utc>>>,
    failure: Option<String>,
    version: i64,
}

impl TryFrom<&Reconciliation> for Row {
    type Error = Error;
    fn try_from(one: &Reconciliation) -> Result<Self, Error> {
        Ok(Self {
            id: V(one.id),
            form: V(one.form),
            source: one.source.clone(),
            requested_by: one.requested_by.clone(),
            requested_at: V(one.requested_at),
            rows_total: one.rows_total,
            rows_done: one.found.rows_done,
            refused: one.found.refused,
            matched: one.found.matched,
            differing: one.found.differing,
            missing_here: one.found.missing_here,
            missing_there: one.found.missing_there,
            swept_to: one.swept_to.clone(),
            started_at: one.started_at.map(V),
            finished_at: one.finished_at.map(V),
            failed_at: one.failed.as_ref().map(|(at, _)| V(*at)),
            failure: one.failed.as_ref().map(|(_, reason)| reason.clone()),
            version: one.version,
        })
    }
}

impl TryFrom<Row> for Reconciliation {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            form: row.form.0,
            source: row.source,
            requested_by: row.requested_by,
            requested_at: row.requested_at.0,
            rows_total: row.rows_total,
            found: Found {
                rows_done: row.rows_done,
                refused: row.refused,
                matched: row.matched,
                differing: row.differing,
                missing_here: row.missing_here,
                missing_there: row.missing_there,
            },
            swept_to: row.swept_to,
            started_at: row.started_at.map(|at| at.0),
            finished_at: row.finished_at.map(|at| at.0),
            failed: row.failed_at.map(|at| at.0).zip(row.failure),
            version: row.version,
        })
    }
}

aggregate!(Reconciliations, reconciliations, Reconciliation, ReconciliationId);

impl Reconciliations<'_, '_> {
    /// A page of reconciliations, the first one asked for first; of one who asked for them, where that is said.
    pub fn list(
        &mut self,
        requested_by: Option<&str>,
        page: Page<ReconciliationId>,
    ) -> Result<Vec<Reconciliation>, Error> {
        page!(self.0, reconciliations, page, |query| {
            if let Some(by) = requested_by {
                query = query.filter(reconciliations::requested_by.eq(by.to_owned()));
            }
        })
    }

    /// How many reconciliations of one sender are not over.
    pub fn open_of(&mut self, requested_by: &str) -> Result<i64, Error> {
        Ok(each_backend!(self.0.conn, |c| reconciliations::table
            .filter(reconciliations::requested_by.eq(requested_by))
            .filter(reconciliations::finished_at.is_null())
            .filter(reconciliations::failed_at.is_null())
            .count()
            .get_result(c))?)
    }

    /// The first reconciliation that is not over.
    pub fn first_open(&mut self) -> Result<Option<Reconciliation>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| reconciliations::table
            .filter(reconciliations::finished_at.is_null())
            .filter(reconciliations::failed_at.is_null())
            .order(reconciliations::id.asc())
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }
}
