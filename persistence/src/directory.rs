//! The people whom the rows of a roster or of a college's batch may name, read in a few statements.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    CandidacyId, OrganisationId, PersonId,
    identity::{Directory, Known, Named},
    person::{Person, fold_email},
    program::ProgramCode,
};

use crate::{
    Error, Tx,
    aggregate::CHUNK,
    conn::each_backend,
    schema::{colleges, emails, institutions, providers},
    types::V,
};

impl Tx<'_> {
    /// The people whom any of `named` may name: by candidate number in the program, or by an address of
    /// which they showed control. Whether a candidacy runs is told as of `today`.
    pub fn directory(
        &mut self,
        program: &ProgramCode,
        named: &[Named],
        today: NaiveDate,
    ) -> Result<Directory, Error> {
        let numbers: Vec<CandidacyId> = named.iter().filter_map(|one| one.candidacy).collect();
        let mut addresses: Vec<String> =
            named.iter().filter_map(|one| one.email.as_deref()).map(fold_email).collect();
        addresses.sort();
        addresses.dedup();
        let mut people = self.holders(&addresses)?;
        let numbered = self.candidacies().by_ids(&numbers)?;
        let ours = numbered.iter().filter(|one| one.program == *program);
        people.extend(ours.map(|one| one.person));
        people.sort();
        people.dedup();
        self.known_people(program, &people, today).map(Directory::of)
    }

    /// What identifies one person: how they are found among waiting completions and graduates.
    pub fn known_person(
        &mut self,
        program: &ProgramCode,
        person: PersonId,
        today: NaiveDate,
    ) -> Result<Known, Error> {
        self.known_people(program, &[person], today)?.pop().ok_or(Error::NotFound)
    }

    /// The names of organisations of whatever kind, without holding them; ids that name none are left out.
    pub fn organisation_names(
        &mut self,
        ids: &[OrganisationId],
    ) -> Result<BTreeMap<OrganisationId, String>, Error> {
        let mut names = BTreeMap::new();
        for chunk in ids.chunks(CHUNK) {
            let any = || chunk.iter().map(|id| V(*id));
            let found: [Vec<(V<OrganisationId>, String)>; 3] =
                each_backend!(self.conn, |c| Ok::<_, diesel::result::Error>([
                    providers::table
                        .filter(providers::id.eq_any(any()))
                        .select((providers::id, providers::name))
                        .load(c)?,
                    colleges::table
                        .filter(colleges::id.eq_any(any()))
                        .select((colleges::id, colleges::name))
                        .load(c)?,
                    institutions::table
                        .filter(institutions::id.eq_any(any()))
                        .select((institutions::id, institutions::name))
                        .load(c)?,
                ]))?;
            names.extend(found.into_iter().flatten().map(|(id, name)| (id.0, name)));
        }
        Ok(names)
    }

    /// What identifies several people, in the order of their ids; ids that name nobody are left out.
    pub fn known_people(
        &mut self,
        program: &ProgramCode,
        people: &[PersonId],
        today: NaiveDate,
    ) -> Result<Vec<Known>, Error> {
        let mut known: BTreeMap<PersonId, Known> = BTreeMap::new();
        for person in self.people().by_ids(people)? {
            known.insert(person.id, entry(&person));
        }
        for chunk in people.chunks(CHUNK) {
            let rows: Vec<(V<PersonId>, String)> = each_backend!(self.conn, |c| emails::table
                .filter(emails::person_id.eq_any(chunk.iter().map(|id| V(*id))))
                .filter(emails::verified_at.is_not_null())
                .order(emails::id.asc())
                .select((emails::person_id, emails::address_folded))
                .load(c))?;
            for (person, address) in rows {
                if let Some(one) = known.get_mut(&person.0) {
                    one.emails.push(address);
                }
            }
        }
        for candidacy in self.candidacies().of_people(program, people)? {
            if let Some(one) = known.get_mut(&candidacy.person) {
                one.candidacies.push((candidacy.id, candidacy.runs(today)));
            }
        }
        Ok(known.into_values().collect())
    }

    fn holders(&mut self, addresses: &[String]) -> Result<Vec<PersonId>, Error> {
        let mut holders = Vec::new();
        for chunk in addresses.chunks(CHUNK) {
            let found: Vec<V<PersonId>> = each_backend!(self.conn, |c| emails::table
                .filter(emails::address_folded.eq_any(chunk))
                .filter(emails::verified_at.is_not_null())
                .select(emails::person_id)
                .load(c))?;
            holders.extend(found.into_iter().map(|person| person.0));
        }
        Ok(holders)
    }
}

fn entry(person: &Person) -> Known {
    let (emails, candidacies) = (Vec::new(), Vec::new());
    Known { person: person.id, name: person.full_name(), emails, candidacies }
}
