//! What `lssc verify` asks about merges.

use super::{
    Merges,
    owned::{Column, HANGS, OWNED},
};
use crate::Error;

impl Merges<'_, '_> {
    /// Rows of people who were merged away.
    pub(crate) fn owning(&mut self) -> Result<Vec<String>, Error> {
        let mut found = self.lines(
            "SELECT 'people ' || CAST(p.id AS text) AS line FROM people p \
             JOIN merged_people m ON m.person_id = p.id ORDER BY 1 LIMIT 100",
        )?;
        for owned in OWNED.iter().filter(|owned| owned.holds != Column::Document) {
            let (table, column) = (owned.table, owned.column);
            found.extend(self.lines(&format!(
                "SELECT '{table} of ' || CAST(t.{column} AS text) AS line FROM {table} t \
                 JOIN merged_people m ON m.person_id = t.{column} ORDER BY 1 LIMIT 100"
            ))?);
        }
        Ok(found)
    }

    /// Old ids that lead to another old id: there is no chain, and so no circle.
    pub(crate) fn chained(&mut self) -> Result<Vec<String>, Error> {
        self.lines(
            "SELECT CAST(m.person_id AS text) AS line FROM merged_people m \
             JOIN merged_people n ON n.person_id = m.into_person_id ORDER BY 1 LIMIT 100",
        )
    }

    /// Old ids without a merge that stands, and such merges without their old id.
    pub(crate) fn unmerged(&mut self) -> Result<Vec<String>, Error> {
        self.lines(
            "SELECT 'nothing merged ' || CAST(m.person_id AS text) AS line FROM merged_people m \
             LEFT JOIN person_merges g ON g.id = m.merge_id AND g.from_person_id = m.person_id \
             AND g.reversed_at IS NULL WHERE g.id IS NULL \
             UNION SELECT CAST(g.id AS text) || ' merged nobody' FROM person_merges g \
             LEFT JOIN merged_people m ON m.merge_id = g.id \
             WHERE g.reversed_at IS NULL AND m.person_id IS NULL ORDER BY 1 LIMIT 100",
        )
    }

    /// Rows whose person is another than that of what they hang on.
    pub(crate) fn torn(&mut self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for (table, reference, parent) in HANGS {
            let column_of = |name: &str| {
                OWNED.iter().find(|owned| owned.table == name).map(|owned| owned.column)
            };
            let (Some(child), Some(owner)) = (column_of(table), column_of(parent)) else {
                continue;
            };
            found.extend(self.lines(&format!(
                "SELECT '{table} of ' || CAST(t.{child} AS text) || ' on {parent} of ' \
                 || CAST(p.{owner} AS text) AS line FROM {table} t \
                 JOIN {parent} p ON p.id = t.{reference} WHERE t.{child} <> p.{owner} \
                 ORDER BY 1 LIMIT 100"
            ))?);
        }
        Ok(found)
    }
}
