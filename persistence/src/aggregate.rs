//! What every aggregate's repository does the same way: get (which holds the row in a write), insert,
//! save with its version check. A macro, because diesel's statements are types.

use chrono::NaiveDate;

/// Writes `get`, `insert` and `save` of a repository whose private `Row` converts from and to the
/// domain value: `Row: TryFrom<&Domain>` and `Domain: TryFrom<Row>`, both with [`Error`](crate::Error).
macro_rules! aggregate {
    ($repository:ident, $table:ident, $domain:ty, $id:ty) => {
        impl $repository<'_, '_> {
            /// The record, held until the end of a write. [`Error::NotFound`] when there is none.
            pub fn get(&mut self, id: $id) -> Result<$domain, Error> {
                let row: Row = get_row!(
                    self.0,
                    $table::table.find($crate::types::V(id)).select(Row::as_select())
                )?;
                row.try_into()
            }

            /// Stores a new record.
            pub fn insert(&mut self, record: &$domain) -> Result<(), Error> {
                let row = Row::try_from(record)?;
                each_backend!(self.0.conn, |c| diesel::insert_into($table::table)
                    .values(&row)
                    .execute(c))?;
                Ok(())
            }

            /// Stores a changed record and moves its version on. [`Error::Stale`] when somebody else
            /// changed it since it was read.
            pub fn save(&mut self, record: &mut $domain) -> Result<(), Error> {
                let before = record.version;
                record.version = before.saturating_add(1);
                let row = Row::try_from(&*record)?;
                let changed = each_backend!(self.0.conn, |c| diesel::update(
                    $table::table.find(row.id).filter($table::version.eq(before))
                )
                .set(&row)
                .execute(c))?;
                if changed == 1 { Ok(()) } else { Err(Error::Stale) }
            }
        }
    };
}

/// Writes `insert_all` and `by_ids` of such a repository, for batches of hundreds of rows: few statements.
macro_rules! bulk {
    ($repository:ident, $table:ident, $domain:ty, $id:ty) => {
        impl $repository<'_, '_> {
            /// Stores new records, all or none.
            pub fn insert_all(&mut self, records: &[$domain]) -> Result<(), Error> {
                for chunk in records.chunks($crate::aggregate::CHUNK) {
                    let rows: Vec<Row> =
                        chunk.iter().map(Row::try_from).collect::<Result<_, _>>()?;
                    each_backend!(self.0.conn, |c| diesel::insert_into($table::table)
                        .values(&rows)
                        .execute(c))?;
                }
                Ok(())
            }

            /// The records of several ids, in the order of ids; ids that name none are left out.
            pub fn by_ids(&mut self, ids: &[$id]) -> Result<Vec<$domain>, Error> {
                let mut records: Vec<$domain> = Vec::with_capacity(ids.len());
                for chunk in ids.chunks($crate::aggregate::CHUNK) {
                    let rows: Vec<Row> = each_backend!(self.0.conn, |c| $table::table
                        .filter($table::id.eq_any(chunk.iter().map(|id| $crate::types::V(*id))))
                        .select(Row::as_select())
                        .load(c))?;
                    for row in rows {
                        records.push(row.try_into()?);
                    }
                }
                records.sort_by_key(|record| record.id);
                records.dedup_by_key(|record| record.id);
                Ok(records)
            }
        }
    };
}

/// The records that `column` of `table` holds for any of `keys`, in chunks: few statements.
macro_rules! of_any {
    ($tx:expr, $table:ident, $keys:expr, |$query:ident, $chunk:ident| $filters:expr) => {{
        let mut rows: Vec<Row> = Vec::new();
        for $chunk in $keys.chunks($crate::aggregate::CHUNK) {
            let found: Vec<Row> = each_backend!($tx.conn, |c| {
                let $query = $table::table.select(Row::as_select());
                $filters.order($table::id.asc()).load(c)
            })?;
            rows.extend(found);
        }
        rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, Error>>()
    }};
}

/// How many rows or keys one statement of a batch takes.
pub(crate) const CHUNK: usize = 500;

/// A page of rows by id: filters, then the rows after `after`, `limit` of them.
macro_rules! page {
    ($tx:expr, $table:ident, $page:expr, |$query:ident| $filters:block) => {{
        let page = $page;
        let rows: Vec<Row> = each_backend!($tx.conn, |c| {
            let mut $query = $table::table.select(Row::as_select()).into_boxed();
            $filters
            if let Some(after) = page.after {
                $query = $query.filter($table::id.gt($crate::types::V(after)));
            }
            $query.order($table::id.asc()).limit(page.limit).load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, Error>>()
    }};
}

pub(crate) use {aggregate, bulk, of_any, page};

/// A place in a list in the order of a date: the date, then the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<I> {
    /// The date; none in a list in the order of ids.
    pub day: Option<NaiveDate>,
    /// The id.
    pub id: I,
}

/// Where a list goes on: ids are `UUIDv7`, so their order is the order of creation.
#[derive(Debug, Clone, Copy)]
pub struct Page<I> {
    /// The last id of the page before.
    pub after: Option<I>,
    /// How many records at most.
    pub limit: i64,
}
