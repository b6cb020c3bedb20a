//! Merges of people who were two, and who an old id is now.

mod aliases;
mod between;
mod invariants;
mod moving;
mod owned;
mod returning;
mod sql;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    MergeId, PersonId,
    merge::{MergeReversal, MergeState, PersonMerge},
};
use serde_json::Value;

pub use aliases::Aliases;
pub use owned::{APART, Column, HANGS, OWNED, Owned, STAYS};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{Conn, each_backend, get_row},
    json,
    schema::{people, person_merges},
    types::V,
};

/// The repository of merges.
pub struct Merges<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Merges of people who were two.
    pub fn merges(&mut self) -> Merges<'_, 'c> {
        Merges(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = person_merges, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<MergeId>,
    from_person_id: V<PersonId>,
    into_person_id: V<PersonId>,
    reason: String,
    merged_at: V<DateTime<Utc>>,
    merged_by: String,
    moved: V<Value>,
    reversed_at: Option<V<DateTime<Utc>>>,
    reversed_by: Option<String>,
    reversal_reason: Option<String>,
    version: i64,
}

impl TryFrom<&PersonMerge> for Row {
    type Error = Error;
    fn try_from(merge: &PersonMerge) -> Result<Self, Error> {
        let reversal = merge.reversal.as_ref();
        Ok(Self {
            id: V(merge.id),
            from_person_id: V(merge.from),
            into_person_id: V(merge.into),
            reason: merge.reason.clone(),
            merged_at: V(merge.merged_at),
            merged_by: merge.merged_by.clone(),
            moved: json::of(&merge.moved)?,
            reversed_at: reversal.map(|one| V(one.at)),
            reversed_by: reversal.map(|one| one.by.clone()),
            reversal_reason: reversal.map(|one| one.reason.clone()),
            version: merge.version,
        })
    }
}

impl TryFrom<Row> for PersonMerge {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let reversal = match (row.reversed_at, row.reversed_by, row.reversal_reason) {
            (Some(at), Some(by), Some(reason)) => Some(MergeReversal { at: at.0, by, reason }),
            _ => None,
        };
        Ok(Self {
            id: row.id.0,
            from: row.from_person_id.0,
            into: row.into_person_id.0,
            reason: row.reason,
            merged_at: row.merged_at.0,
            merged_by: row.merged_by,
            moved: json::read(row.moved)?,
            reversal,
            version: row.version,
        })
    }
}

aggregate!(Merges, person_merges, PersonMerge, MergeId);

/// What a list of merges is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct MergeFilter {
    /// One of the two.
    pub person: Option<PersonId>,
    /// Where they stand.
    pub state: Option<MergeState>,
}

impl Merges<'_, '_> {
    /// A page of merges, oldest first.
    pub fn list(
        &mut self,
        filter: &MergeFilter,
        page: Page<MergeId>,
    ) -> Result<Vec<PersonMerge>, Error> {
        page!(self.0, person_merges, page, |query| {
            if let Some(person) = filter.person {
                let one = person_merges::from_person_id.eq(V(person));
                query = query.filter(one.or(person_merges::into_person_id.eq(V(person))));
            }
            query = match filter.state {
                Some(MergeState::Merged) => query.filter(person_merges::reversed_at.is_null()),
                Some(MergeState::Reversed) => {
                    query.filter(person_merges::reversed_at.is_not_null())
                }
                None => query,
            };
        })
    }

    /// Holds people against everything that could become theirs, in the order of their ids: who of them is
    /// there. On PostgreSQL the key itself is locked, so that a row that refers to it waits.
    pub fn hold(&mut self, both: [PersonId; 2]) -> Result<Vec<PersonId>, Error> {
        let ids = both.map(V);
        let found: Vec<V<PersonId>> = match &mut *self.0.conn {
            Conn::Postgres(c) => people::table
                .filter(people::id.eq_any(ids))
                .order(people::id.asc())
                .select(people::id)
                .for_update()
                .load(c),
            Conn::Sqlite(c) => people::table
                .filter(people::id.eq_any(ids))
                .order(people::id.asc())
                .select(people::id)
                .load(c),
        }?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }
}
