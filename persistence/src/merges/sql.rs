//! The statements of merges in the dialects of both databases.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use domain::{
    MergeId, PersonId,
    id::{Id, Kind},
};
use uuid::Uuid;

use super::{
    Merges,
    owned::{Column, Owned},
};
use crate::{Backend, Error, conn::each_backend};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// The columns of a table, and how a row of it is one JSON document.
pub(super) struct Shape {
    pub(super) columns: Vec<String>,
    /// SQL over a row that is called `t`.
    pub(super) image: String,
}

impl Shape {
    /// What moves a version on, if there is one.
    pub(super) fn version(&self) -> &'static str {
        let has = self.columns.iter().any(|column| column == "version");
        if has { ", version = version + 1" } else { "" }
    }
}

impl Merges<'_, '_> {
    /// An id as the databases compare it.
    pub(super) fn uid<K: Kind>(&self, id: Id<K>) -> String {
        let text = Uuid::from_u128(id.bits());
        match self.0.backend() {
            Backend::Postgres => format!("CAST('{text}' AS uuid)"),
            Backend::Sqlite => format!("'{text}'"),
        }
    }

    pub(super) fn run(&mut self, sql: &str) -> Result<usize, Error> {
        Ok(each_backend!(self.0.conn, |c| sql_query(sql).execute(c))?)
    }

    pub(super) fn lines(&mut self, sql: &str) -> Result<Vec<String>, Error> {
        let rows: Vec<Line> = each_backend!(self.0.conn, |c| sql_query(sql).load(c))?;
        Ok(rows.into_iter().map(|row| row.line).collect())
    }

    pub(super) fn count(&mut self, sql: &str) -> Result<i64, Error> {
        let row: Count = each_backend!(self.0.conn, |c| sql_query(sql).get_result(c))?;
        Ok(row.count)
    }

    pub(super) fn shape(&mut self, table: &str) -> Result<Shape, Error> {
        let sql = match self.0.backend() {
            Backend::Postgres => format!(
                "SELECT CAST(column_name AS text) AS name, CAST(data_type AS text) AS kind \
                 FROM information_schema.columns WHERE table_schema = current_schema() \
                 AND table_name = '{table}' ORDER BY ordinal_position"
            ),
            Backend::Sqlite => {
                format!("SELECT name, type AS kind FROM pragma_table_info('{table}')")
            }
        };
        let columns: Vec<Name> = each_backend!(self.0.conn, |c| sql_query(&sql).load(c))?;
        let image = match self.0.backend() {
            Backend::Postgres => "to_jsonb(t)".to_owned(),
            Backend::Sqlite => {
                // JSON holds no bytes.
                let field = |Name { name, kind }: &Name| match kind.as_str() {
                    "BLOB" => format!("'{name}', hex(t.{name})"),
                    _ => format!("'{name}', t.{name}"),
                };
                format!("json_object({})", columns.iter().map(field).collect::<Vec<_>>().join(", "))
            }
        };
        Ok(Shape { columns: columns.into_iter().map(|column| column.name).collect(), image })
    }

    /// Which rows of a column are a person's, as a condition.
    pub(super) fn is_of(&self, owned: &Owned, person: PersonId) -> String {
        match owned.holds {
            Column::Id | Column::Key => format!("{} = {}", owned.column, self.uid(person)),
            Column::Document => format!("CAST({} AS text) LIKE '%{person}%'", owned.column),
        }
    }

    /// The keys of the rows that were noted, as a subquery.
    pub(super) fn noted(&self, merge: MergeId, table: &str, column: &str) -> String {
        let merge = self.uid(merge);
        format!(
            "SELECT m.row_key FROM person_merge_moves m WHERE m.merge_id = {merge} \
             AND m.table_name = '{table}' AND m.column_name = '{column}'"
        )
    }
}
