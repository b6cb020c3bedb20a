//! Who an old id is now. Where a row of the log or the ledger names somebody who was merged away, it is
//! never rewritten: it is read as the person of whom they became part.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::{MergeId, PersonId, ledger::Payer};

use super::Merges;
use crate::{Error, conn::each_backend, payer, schema::merged_people, types::V};

/// Payers who were merged away, and who they are now.
#[derive(Debug, Clone, Default)]
pub struct Aliases(HashMap<Payer, Payer>);

impl Aliases {
    /// Who a payer is now.
    #[must_use]
    pub fn of(&self, payer: Payer) -> Payer {
        self.0.get(&payer).copied().unwrap_or(payer)
    }
}

impl Merges<'_, '_> {
    /// Whose part somebody became; none while they have a record of their own.
    pub fn into_of(&mut self, person: PersonId) -> Result<Option<PersonId>, Error> {
        let found: Option<V<PersonId>> = each_backend!(self.0.conn, |c| merged_people::table
            .find(V(person))
            .select(merged_people::into_person_id)
            .first(c)
            .optional())?;
        Ok(found.map(|into| into.0))
    }

    /// Who somebody is now: themselves, or whose part they became.
    pub fn current(&mut self, person: PersonId) -> Result<PersonId, Error> {
        Ok(self.into_of(person)?.unwrap_or(person))
    }

    /// Everybody who became part of somebody, oldest id first.
    pub fn parts_of(&mut self, person: PersonId) -> Result<Vec<PersonId>, Error> {
        let found: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| merged_people::table
            .filter(merged_people::into_person_id.eq(V(person)))
            .order(merged_people::person_id.asc())
            .select(merged_people::person_id)
            .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// A payer under every id that the ledger may have for them.
    pub(crate) fn payer_names(&mut self, of: Payer) -> Result<Vec<String>, Error> {
        let mut names = vec![payer::text(of)];
        if let Payer::Person(person) = of {
            let parts = self.parts_of(person)?;
            names.extend(parts.into_iter().map(|part| payer::text(Payer::Person(part))));
        }
        Ok(names)
    }

    /// Everybody who was merged away: few.
    pub fn aliases(&mut self) -> Result<Aliases, Error> {
        let rows: Vec<(V<PersonId>, V<PersonId>)> =
            each_backend!(self.0.conn, |c| merged_people::table
                .select((merged_people::person_id, merged_people::into_person_id))
                .load(c))?;
        let pairs = rows.into_iter().map(|(old, now)| (Payer::Person(old.0), Payer::Person(now.0)));
        Ok(Aliases(pairs.collect()))
    }

    /// Notes whose part somebody becomes.
    pub(super) fn note(
        &mut self,
        merge: MergeId,
        from: PersonId,
        into: PersonId,
    ) -> Result<(), Error> {
        let row = (
            merged_people::person_id.eq(V(from)),
            merged_people::into_person_id.eq(V(into)),
            merged_people::merge_id.eq(V(merge)),
            merged_people::payer.eq(payer::text(Payer::Person(from))),
        );
        each_backend!(self.0.conn, |c| diesel::insert_into(merged_people::table)
            .values(row)
            .execute(c))?;
        Ok(())
    }

    /// Somebody has a record of their own again.
    pub(super) fn forget(&mut self, from: PersonId) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::delete(merged_people::table.find(V(from)))
            .execute(c))?;
        Ok(())
    }
}
