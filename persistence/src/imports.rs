//! Imports and what became of their rows.

mod rows;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ImportId,
    import::{Import, RecordKind, RowForm, Tally, Undo},
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    schema::imports,
    types::V,
};

/// The repository of imports.
pub struct Imports<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Imports.
    pub fn imports(&mut self) -> Imports<'_, 'c> {
        Imports(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ImportId>,
    kind: V<RecordKind>,
    form: V<RowForm>,
    dry_run: bool,
    source: String,
    requested_by: String,
    requested_at: V<DateTime<Utc>>,
    rows_total: i64,
    accepted: i64,
    skipped: i64,
    refused: i64,
    started_at: Option<V<DateTime<Utc>>>,
    finished_at: Option<V<DateTime<Utc>>>,
    failed_at: Option<V<DateTime<Utc>>>,
    failure: Option<String>,
    undo_requested_at: Option<V<DateTime<Utc>>>,
    undo_requested_by: Option<String>,
    undone: i64,
    kept: i64,
    undo_finished_at: Option<V<DateTime<Utc>>>,
    version: i64,
}

impl TryFrom<&Import> for Row {
    type Error = Error;
    fn try_from(import: &Import) -> Result<Self, Error> {
        let undo = import.undo.as_ref();
        Ok(Self {
            id: V(import.id),
            kind: V(import.kind),
            form: V(import.form),
            dry_run: import.dry_run,
            source: import.source.clone(),
            requested_by: import.requested_by.clone(),
            requested_at: V(import.requested_at),
            rows_total: import.rows_total,
            accepted: import.tally.accepted,
            skipped: import.tally.skipped,
            refused: import.tally.refused,
            started_at: import.started_at.map(V),
            finished_at: import.finished_at.map(V),
            failed_at: import.failed.as_ref().map(|(at, _)| V(*at)),
            failure: import.failed.as_ref().map(|(_, reason)| reason.clone()),
            undo_requested_at: undo.map(|undo| V(undo.requested_at)),
            undo_requested_by: undo.map(|undo| undo.requested_by.clone()),
            undone: undo.map_or(0, |undo| undo.undone),
            kept: undo.map_or(0, |undo| undo.kept),
            undo_finished_at: undo.and_then(|undo| undo.finished_at).map(V),
            version: import.version,
        })
    }
}

impl TryFrom<Row> for Import {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let undo = row.undo_requested_at.zip(row.undo_requested_by);
        Ok(Self {
            id: row.id.0,
            kind: row.kind.0,
            form: row.form.0,
            dry_run: row.dry_run,
            source: row.source,
            requested_by: row.requested_by,
            requested_at: row.requested_at.0,
            rows_total: row.rows_total,
            tally: Tally { accepted: row.accepted, skipped: row.skipped, refused: row.refused },
            started_at: row.started_at.map(|at| at.0),
            finished_at: row.finished_at.map(|at| at.0),
            failed: row.failed_at.map(|at| at.0).zip(row.failure),
            undo: undo.map(|(at, by)| Undo {
                requested_at: at.0,
                requested_by: by,
                undone: row.undone,
                kept: row.kept,
                finished_at: row.undo_finished_at.map(|at| at.0),
            }),
            version: row.version,
        })
    }
}

aggregate!(Imports, imports, Import, ImportId);

/// What a list of imports is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ImportFilter {
    /// What their rows are.
    pub kind: Option<RecordKind>,
    /// Who asked for them, as the log names them.
    pub requested_by: Option<String>,
}

impl Imports<'_, '_> {
    /// A page of imports, the first one asked for first.
    pub fn list(
        &mut self,
        filter: &ImportFilter,
        page: Page<ImportId>,
    ) -> Result<Vec<Import>, Error> {
        page!(self.0, imports, page, |query| {
            if let Some(kind) = filter.kind {
                query = query.filter(imports::kind.eq(V(kind)));
            }
            if let Some(by) = &filter.requested_by {
                query = query.filter(imports::requested_by.eq(by.clone()));
            }
        })
    }

    /// How many imports of one sender have rows left to take.
    pub fn open_of(&mut self, requested_by: &str) -> Result<i64, Error> {
        Ok(each_backend!(self.0.conn, |c| imports::table
            .filter(imports::requested_by.eq(requested_by))
            .filter(imports::finished_at.is_null())
            .filter(imports::failed_at.is_null())
            .count()
            .get_result(c))?)
    }

    /// The first import that has something left to do: rows to take, or to take back.
    pub fn first_open(&mut self) -> Result<Option<Import>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| imports::table
            .filter(imports::finished_at.is_null().and(imports::failed_at.is_null()).or(
                imports::undo_requested_at.is_not_null().and(imports::undo_finished_at.is_null())
            ),)
            .order(imports::id.asc())
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }
}
