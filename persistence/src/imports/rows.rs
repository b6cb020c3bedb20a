//! Rows of imports.

use diesel::prelude::*;
use domain::{
    ImportId, PersonId,
    import::{ImportRow, RowState, Tally, UndoState},
};

use super::Imports;
use crate::{
    Error, Page,
    aggregate::CHUNK,
    conn::each_backend,
    schema::{import_rows, imports},
    types::V,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
struct Row {
    import_id: V<ImportId>,
    line: i64,
    state: V<RowState>,
    code: String,
    pointer: Option<String>,
    message: String,
    made: Option<String>,
    made_version: Option<i64>,
    source_key: Option<String>,
    undo_state: Option<V<UndoState>>,
    undo_reason: Option<String>,
}

impl Row {
    fn of(import: ImportId, row: &ImportRow) -> Self {
        let undo = row.undo.clone();
        Self {
            import_id: V(import),
            line: row.line,
            state: V(row.state),
            code: row.code.clone(),
            pointer: row.pointer.clone(),
            message: row.message.clone(),
            made: row.made.clone(),
            made_version: row.made_version,
            source_key: row.source_key.clone(),
            undo_state: undo.as_ref().map(|(state, _)| V(*state)),
            undo_reason: undo.and_then(|(_, reason)| reason),
        }
    }
}

impl From<Row> for ImportRow {
    fn from(row: Row) -> Self {
        Self {
            line: row.line,
            state: row.state.0,
            code: row.code,
            pointer: row.pointer,
            message: row.message,
            made: row.made,
            made_version: row.made_version,
            source_key: row.source_key,
            undo: row.undo_state.map(|state| (state.0, row.undo_reason)),
        }
    }
}

impl Imports<'_, '_> {
    /// Stores what became of rows. A row is stored once.
    pub fn insert_rows(&mut self, import: ImportId, rows: &[ImportRow]) -> Result<(), Error> {
        for chunk in rows.chunks(CHUNK) {
            let rows: Vec<Row> = chunk.iter().map(|row| Row::of(import, row)).collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(import_rows::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// The lines that were seen to.
    pub fn lines(&mut self, import: ImportId) -> Result<Vec<i64>, Error> {
        Ok(each_backend!(self.0.conn, |c| import_rows::table
            .filter(import_rows::import_id.eq(V(import)))
            .select(import_rows::line)
            .load(c))?)
    }

    /// A page of rows in the order of their lines.
    pub fn rows(
        &mut self,
        import: ImportId,
        state: Option<RowState>,
        page: Page<i64>,
    ) -> Result<Vec<ImportRow>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = import_rows::table
                .select(Row::as_select())
                .filter(import_rows::import_id.eq(V(import)))
                .into_boxed();
            if let Some(state) = state {
                query = query.filter(import_rows::state.eq(V(state)));
            }
            if let Some(after) = page.after {
                query = query.filter(import_rows::line.gt(after));
            }
            query.order(import_rows::line.asc()).limit(page.limit).load(c)
        })?;
        Ok(rows.into_iter().map(ImportRow::from).collect())
    }

    /// Accepted rows that an undo has not seen to, the last lines first: what hangs on an earlier row goes
    /// before it.
    pub fn to_undo(&mut self, import: ImportId, limit: i64) -> Result<Vec<ImportRow>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| import_rows::table
            .filter(import_rows::import_id.eq(V(import)))
            .filter(import_rows::state.eq(V(RowState::Accepted)))
            .filter(import_rows::undo_state.is_null())
            .order(import_rows::line.desc())
            .limit(limit)
            .select(Row::as_select())
            .load(c))?;
        Ok(rows.into_iter().map(ImportRow::from).collect())
    }

    /// Stores what an undo made of a row.
    pub fn save_undo(
        &mut self,
        import: ImportId,
        line: i64,
        (state, reason): (UndoState, Option<&str>),
    ) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::update(import_rows::table.find((V(import), line)))
            .set((import_rows::undo_state.eq(Some(V(state))), import_rows::undo_reason.eq(reason)))
            .execute(c))?;
        Ok(())
    }

    /// What the latest row of a `source_id` made or found, with the source before it; none where that was
    /// undone, and none of a dry run.
    pub fn of_source(&mut self, key: &str) -> Result<Option<String>, Error> {
        let undone = import_rows::undo_state.eq(Some(V(UndoState::Undone)));
        let made: Option<Option<String>> = each_backend!(self.0.conn, |c| import_rows::table
            .inner_join(imports::table.on(imports::id.eq(import_rows::import_id)))
            .filter(import_rows::source_key.eq(key))
            .filter(import_rows::made.is_not_null())
            .filter(imports::dry_run.eq(false))
            .filter(import_rows::undo_state.is_null().or(diesel::dsl::not(undone)))
            .order((import_rows::import_id.desc(), import_rows::line.desc()))
            .select(import_rows::made)
            .first(c)
            .optional())?;
        Ok(made.flatten())
    }

    /// Forgets by which `source_id` somebody who is erased was known.
    pub(crate) fn forget(&mut self, person: PersonId) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::update(
            import_rows::table.filter(import_rows::made.eq(person.to_string()))
        )
        .set(import_rows::source_key.eq(None::<String>))
        .execute(c))?;
        Ok(())
    }

    /// How many rows of an import came to what, counted; and how many an undo saw to.
    pub(crate) fn counted(&mut self, import: ImportId) -> Result<(Tally, i64, i64), Error> {
        let groups: Vec<(V<RowState>, Option<V<UndoState>>, i64)> =
            each_backend!(self.0.conn, |c| import_rows::table
                .filter(import_rows::import_id.eq(V(import)))
                .group_by((import_rows::state, import_rows::undo_state))
                .select((import_rows::state, import_rows::undo_state, diesel::dsl::count_star()))
                .load(c))?;
        let (mut tally, mut undone, mut kept) = (Tally::default(), 0, 0);
        for (state, undo, rows) in groups {
            match state.0 {
                RowState::Accepted => tally.accepted += rows,
                RowState::Skipped => tally.skipped += rows,
                RowState::Refused => tally.refused += rows,
            }
            match undo.map(|undo| undo.0) {
                Some(UndoState::Undone) => undone += rows,
                Some(UndoState::Kept) => kept += rows,
                None => {}
            }
        }
        Ok((tally, undone, kept))
    }
}
