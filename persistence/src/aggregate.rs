//! What every aggregate's repository does the same way: get (which holds the row in a write), insert,
//! save with its version check. A macro, because diesel's statements are types.

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

pub(crate) use {aggregate, page};

/// Where a list goes on: ids are `UUIDv7`, so their order is the order of creation.
#[derive(Debug, Clone, Copy)]
pub struct Page<I> {
    /// The last id of the page before.
    pub after: Option<I>,
    /// How many records at most.
    pub limit: i64,
}
