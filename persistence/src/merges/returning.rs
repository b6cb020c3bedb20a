//! The way back: every row that a merge noted is whose it was.

use domain::{MergeId, PersonId, merge::PersonMerge};

use super::{
    Merges,
    moving::ASIDE,
    owned::{Column, ONCE, OWNED, Owned},
};
use crate::{Backend, Error};

impl Merges<'_, '_> {
    /// Takes back what [`Merges::carry_over`] did, row by row as it was noted. Ask first whether nothing
    /// later depends on it.
    pub fn put_back(&mut self, merge: &PersonMerge) -> Result<(), Error> {
        let (from, into) = (merge.from, merge.into);
        self.restore(merge.id, "people")?;
        let of = |this: &Self, owned: &Owned| {
            let noted = this.noted(merge.id, owned.table, owned.column);
            match owned.holds {
                Column::Id | Column::Key => {
                    format!("{} AND {} IN ({noted})", this.is_of(owned, into), owned.key)
                }
                Column::Document => format!("{} IN ({noted})", owned.key),
            }
        };
        for owned in OWNED.iter().filter(|owned| owned.holds == Column::Key) {
            let of = of(self, owned);
            self.copy(owned, from, &of)?;
        }
        // Documents first: their rows are found by a key of which the person is a part.
        let (documents, others): (Vec<&Owned>, Vec<&Owned>) =
            OWNED.iter().partition(|owned| owned.holds == Column::Document);
        for owned in documents {
            self.restore_document(merge.id, owned)?;
        }
        for owned in others {
            let of = of(self, owned);
            self.give_back(merge, owned, &of)?;
        }
        for owned in OWNED.iter().filter(|owned| owned.holds == Column::Key) {
            let of = of(self, owned);
            self.run(&format!("DELETE FROM {} WHERE {of}", owned.table))?;
        }
        for table in ONCE {
            self.return_once(merge, table)?;
        }
        self.forget(from)
    }

    fn give_back(&mut self, merge: &PersonMerge, owned: &Owned, of: &str) -> Result<(), Error> {
        let (table, column) = (owned.table, owned.column);
        let version = self.shape(table)?.version();
        let then = self.uid(merge.from);
        if owned.holds == Column::Key {
            return Ok(());
        }
        self.run(&format!("UPDATE {table} SET {column} = {then}{version} WHERE {of}"))?;
        if table == "emails" {
            let noted = self.noted(merge.id, table, column);
            let was_primary = match self.0.backend() {
                Backend::Postgres => "CAST(m.image ->> 'is_primary' AS boolean)",
                Backend::Sqlite => "json_extract(m.image, '$.is_primary') = 1",
            };
            self.run(&format!(
                "UPDATE emails SET is_primary = (1 = 1) WHERE person_id = {then} \
                 AND {} IN ({noted} AND {was_primary})",
                owned.key
            ))?;
        }
        Ok(())
    }

    fn restore_document(&mut self, merge: MergeId, owned: &Owned) -> Result<(), Error> {
        let (table, column, key) = (owned.table, owned.column, owned.key);
        let version = self.shape(table)?.version();
        let noted = self.noted(merge, table, column);
        let was = match self.0.backend() {
            Backend::Postgres => format!("m.image -> '{column}'"),
            Backend::Sqlite => format!("json_extract(m.image, '$.{column}')"),
        };
        let one = noted.replace("SELECT m.row_key", &format!("SELECT {was}"));
        self.run(&format!(
            "UPDATE {table} SET {column} = ({one} AND m.row_key = {key}){version} \
             WHERE {key} IN ({noted})"
        ))?;
        Ok(())
    }

    /// Puts rows that were set aside back as they were.
    fn restore(&mut self, merge: MergeId, table: &str) -> Result<usize, Error> {
        let columns = self.shape(table)?.columns;
        let of = self.noted(merge, table, ASIDE);
        let values = match self.0.backend() {
            Backend::Postgres => {
                format!("(jsonb_populate_record(CAST(NULL AS {table}), m.image)).*")
            }
            Backend::Sqlite => {
                let value = |column: &String| format!("json_extract(m.image, '$.{column}')");
                columns.iter().map(value).collect::<Vec<_>>().join(", ")
            }
        };
        let rows = of.replace("SELECT m.row_key", &format!("SELECT {values}"));
        self.run(&format!("INSERT INTO {table} ({}) {rows}", columns.join(", ")))
    }

    /// Forgets the rows of every merge in which somebody was; none of these can be taken back any more.
    pub(crate) fn forget_rows(&mut self, person: PersonId) -> Result<(), Error> {
        let person = self.uid(person);
        self.run(&format!(
            "DELETE FROM person_merge_moves WHERE merge_id IN (SELECT id FROM person_merges \
             WHERE from_person_id = {person} OR into_person_id = {person} \
             UNION SELECT merge_id FROM merged_people WHERE into_person_id = {person})"
        ))?;
        Ok(())
    }

    fn return_once(&mut self, merge: &PersonMerge, table: &str) -> Result<(), Error> {
        if self.restore(merge.id, table)? > 0 {
            return Ok(());
        }
        let noted = self.noted(merge.id, table, "person_id");
        let (from, into) = (self.uid(merge.from), self.uid(merge.into));
        self.run(&format!(
            "UPDATE {table} SET person_id = {from} WHERE person_id = {into} AND EXISTS ({noted})"
        ))?;
        Ok(())
    }
}
