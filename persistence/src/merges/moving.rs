//! Moving everything from one person to another, whole columns at a time: the statements are made of the
//! list [`OWNED`], so that no table is forgotten here that is known there.

use domain::{
    MergeId, PersonId,
    merge::{MovedKind, PersonMerge},
};

use super::{
    Merges,
    owned::{Column, ONCE, OWNED, Owned},
};
use crate::{Backend, Error};

/// The column under which a row is noted that is set aside as a whole.
pub(super) const ASIDE: &str = "*";

impl Merges<'_, '_> {
    /// How many rows of each kind are a person's; kinds without any are left out.
    pub fn belongings(&mut self, person: PersonId) -> Result<Vec<MovedKind>, Error> {
        let mut found = Vec::new();
        for owned in OWNED {
            let of = self.is_of(owned, person);
            let sql = format!("SELECT count(*) AS count FROM {} WHERE {of}", owned.table);
            let count = self.count(&sql)?;
            if count > 0 {
                found.push(MovedKind { kind: owned.kind.to_owned(), count });
            }
        }
        Ok(found)
    }

    /// Gives everything of `merge.from` to `merge.into` and takes `merge.from` out of the table of people.
    /// Hold both first, and store the merge.
    pub fn carry_over(&mut self, merge: &PersonMerge) -> Result<(), Error> {
        let (from, into) = (merge.from, merge.into);
        for owned in OWNED {
            let of = self.is_of(owned, from);
            self.note_rows(merge.id, owned.table, owned.column, owned.key, &of)?;
        }
        for owned in OWNED.iter().filter(|owned| owned.holds == Column::Key) {
            let of = self.is_of(owned, from);
            self.copy(owned, into, &of)?;
        }
        for owned in OWNED {
            let of = self.is_of(owned, from);
            self.give(owned, (from, into), &of)?;
        }
        for table in ONCE {
            self.give_once(merge, table)?;
        }
        for owned in OWNED.iter().filter(|owned| owned.holds == Column::Key) {
            let of = self.is_of(owned, from);
            self.run(&format!("DELETE FROM {} WHERE {of}", owned.table))?;
        }
        self.note(merge.id, from, into)?;
        self.set_aside(merge.id, "people", "id", from)
    }

    /// Notes the rows that a condition finds as they are.
    fn note_rows(
        &mut self,
        merge: MergeId,
        table: &str,
        column: &str,
        key: &str,
        of: &str,
    ) -> Result<(), Error> {
        let (merge, image) = (self.uid(merge), self.shape(table)?.image);
        self.run(&format!(
            "INSERT INTO person_merge_moves (merge_id, table_name, column_name, row_key, image) \
             SELECT {merge}, '{table}', '{column}', {key}, {image} FROM {table} t WHERE {of}"
        ))?;
        Ok(())
    }

    fn give(
        &mut self,
        owned: &Owned,
        (from, into): (PersonId, PersonId),
        of: &str,
    ) -> Result<(), Error> {
        let (table, column) = (owned.table, owned.column);
        let version = self.shape(table)?.version();
        let now = self.uid(into);
        let sql = match owned.holds {
            // The survivor keeps the primary address, where there is one.
            Column::Id if table == "emails" => format!(
                "UPDATE emails SET person_id = {now}, is_primary = is_primary AND NOT EXISTS \
                 (SELECT 1 FROM emails o WHERE o.person_id = {now} AND o.is_primary) WHERE {of}"
            ),
            Column::Id => format!("UPDATE {table} SET {column} = {now}{version} WHERE {of}"),
            Column::Key => return Ok(()),
            Column::Document => {
                let replaced = format!("replace(CAST({column} AS text), '{from}', '{into}')");
                let replaced = match self.0.backend() {
                    Backend::Postgres => format!("CAST({replaced} AS jsonb)"),
                    Backend::Sqlite => replaced,
                };
                format!("UPDATE {table} SET {column} = {replaced}{version} WHERE {of}")
            }
        };
        self.run(&sql)?;
        Ok(())
    }

    /// Copies rows whose key holds the person.
    pub(super) fn copy(&mut self, owned: &Owned, person: PersonId, of: &str) -> Result<(), Error> {
        let columns = self.shape(owned.table)?.columns;
        let person = self.uid(person);
        let values = columns.iter().map(|column| match column.as_str() {
            "version" => "version + 1".to_owned(),
            name if name == owned.column => person.clone(),
            name => name.to_owned(),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        self.run(&format!(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {of}",
            table = owned.table,
            columns = columns.join(", ")
        ))?;
        Ok(())
    }

    /// Notes the one row of a person as a whole and takes it out of its table.
    fn set_aside(
        &mut self,
        merge: MergeId,
        table: &str,
        column: &str,
        person: PersonId,
    ) -> Result<(), Error> {
        let of = format!("{column} = {}", self.uid(person));
        self.note_rows(merge, table, ASIDE, &format!("CAST({column} AS text)"), &of)?;
        self.run(&format!("DELETE FROM {table} WHERE {of}"))?;
        Ok(())
    }

    /// What a person has once is the survivor's, where there is one.
    fn give_once(&mut self, merge: &PersonMerge, table: &str) -> Result<(), Error> {
        let (from, into) = (self.uid(merge.from), self.uid(merge.into));
        let theirs = format!("SELECT 'one' AS line FROM {table} WHERE person_id = {into}");
        if !self.lines(&theirs)?.is_empty() {
            return self.set_aside(merge.id, table, "person_id", merge.from);
        }
        let of = format!("person_id = {from}");
        self.note_rows(merge.id, table, "person_id", "CAST(person_id AS text)", &of)?;
        self.run(&format!("UPDATE {table} SET person_id = {into} WHERE {of}"))?;
        Ok(())
    }
}
