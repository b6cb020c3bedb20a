//! What reconciliations found, and which accounts their rows named.

use diesel::prelude::*;
use domain::{
    EventId, PersonId, ReconciliationId,
    reconciliation::{Difference, DifferenceKind},
};

use super::Reconciliations;
use crate::{
    Error, Page,
    aggregate::CHUNK,
    conn::each_backend,
    schema::{reconciliation_differences as differences, reconciliation_links as links},
    types::V,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = differences, treat_none_as_default_value = false)]
struct Row {
    reconciliation_id: V<ReconciliationId>,
    place: i64,
    kind: V<DifferenceKind>,
    line: Option<i64>,
    external_id: Option<String>,
    found_person_id: Option<V<PersonId>>,
    field: Option<String>,
    here: Option<String>,
    there: Option<String>,
    code: String,
    event_id: Option<V<EventId>>,
}

impl Row {
    fn of(reconciliation: ReconciliationId, one: &Difference) -> Self {
        Self {
            reconciliation_id: V(reconciliation),
            place: one.place,
            kind: V(one.kind),
            line: one.line,
            external_id: one.external_id.clone(),
            found_person_id: one.person.map(V),
            field: one.field.clone(),
            here: one.here.clone(),
            there: one.there.clone(),
            code: one.code.clone(),
            event_id: one.event.map(V),
        }
    }
}

impl From<Row> for Difference {
    fn from(row: Row) -> Self {
        Self {
            place: row.place,
            kind: row.kind.0,
            line: row.line,
            external_id: row.external_id,
            person: row.found_person_id.map(|id| id.0),
            field: row.field,
            here: row.here,
            there: row.there,
            code: row.code,
            event: row.event_id.map(|id| id.0),
        }
    }
}

/// What a list of differences is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct DifferenceFilter {
    /// A kind.
    pub kind: Option<DifferenceKind>,
}

impl Reconciliations<'_, '_> {
    /// Stores differences.
    pub fn insert_differences(
        &mut self,
        id: ReconciliationId,
        found: &[Difference],
    ) -> Result<(), Error> {
        for chunk in found.chunks(CHUNK) {
            let rows: Vec<Row> = chunk.iter().map(|one| Row::of(id, one)).collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(differences::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// The place of the last difference; 0 where there is none.
    pub fn last_place(&mut self, id: ReconciliationId) -> Result<i64, Error> {
        let last: Option<i64> = each_backend!(self.0.conn, |c| differences::table
            .filter(differences::reconciliation_id.eq(V(id)))
            .order(differences::place.desc())
            .select(differences::place)
            .first(c)
            .optional())?;
        Ok(last.unwrap_or(0))
    }

    /// A page of differences in the order in which they were found.
    pub fn differences(
        &mut self,
        id: ReconciliationId,
        filter: DifferenceFilter,
        page: Page<i64>,
    ) -> Result<Vec<Difference>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = differences::table
                .select(Row::as_select())
                .filter(differences::reconciliation_id.eq(V(id)))
                .into_boxed();
            if let Some(kind) = filter.kind {
                query = query.filter(differences::kind.eq(V(kind)));
            }
            if let Some(after) = page.after {
                query = query.filter(differences::place.gt(after));
            }
            query.order(differences::place.asc()).limit(page.limit).load(c)
        })?;
        Ok(rows.into_iter().map(Difference::from).collect())
    }

    /// How many differences of each kind are told, counted.
    pub(crate) fn counted(
        &mut self,
        id: ReconciliationId,
    ) -> Result<Vec<(DifferenceKind, i64)>, Error> {
        let counts: Vec<(V<DifferenceKind>, i64)> =
            each_backend!(self.0.conn, |c| differences::table
                .filter(differences::reconciliation_id.eq(V(id)))
                .group_by(differences::kind)
                .select((differences::kind, diesel::dsl::count_star()))
                .load(c))?;
        Ok(counts.into_iter().map(|(kind, count)| (kind.0, count)).collect())
    }

    /// Notes which accounts rows named, with their lines.
    pub fn insert_links(
        &mut self,
        id: ReconciliationId,
        named: &[(String, i64)],
    ) -> Result<(), Error> {
        for chunk in named.chunks(CHUNK) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|(external_id, line)| {
                    (
                        links::reconciliation_id.eq(V(id)),
                        links::external_id.eq(external_id),
                        links::line.eq(line),
                    )
                })
                .collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(links::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// Those of some external ids that rows named.
    pub fn named(
        &mut self,
        id: ReconciliationId,
        external_ids: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut named = Vec::new();
        for chunk in external_ids.chunks(CHUNK) {
            let found: Vec<String> = each_backend!(self.0.conn, |c| links::table
                .filter(links::reconciliation_id.eq(V(id)))
                .filter(links::external_id.eq_any(chunk))
                .select(links::external_id)
                .load(c))?;
            named.extend(found);
        }
        Ok(named)
    }

    /// Forgets which accounts rows named: only the comparison asks.
    pub fn forget_links(&mut self, id: ReconciliationId) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::delete(
            links::table.filter(links::reconciliation_id.eq(V(id)))
        )
        .execute(c))?;
        Ok(())
    }

    /// Forgets what lists said of somebody who is erased, and what was here.
    pub(crate) fn forget(&mut self, person: PersonId) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::update(
            differences::table.filter(differences::found_person_id.eq(V(person)))
        )
        .set((
            differences::external_id.eq(None::<String>),
            differences::here.eq(None::<String>),
            differences::there.eq(None::<String>),
        ))
        .execute(c))?;
        Ok(())
    }
}
