//! People and their e-mail addresses.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    EmailId, PersonId,
    life::Life,
    person::{Email, Person, fold_email},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, bulk, page},
    conn::{each_backend, get_row, get_rows},
    schema::{applications, emails, people},
    types::V,
};

/// The repository of people.
pub struct People<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// People.
    pub fn people(&mut self) -> People<'_, 'c> {
        People(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<PersonId>,
    given_name: String,
    family_name: String,
    created_at: V<DateTime<Utc>>,
    retired_on: Option<NaiveDate>,
    deceased_on: Option<NaiveDate>,
    erased_on: Option<NaiveDate>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = emails, treat_none_as_default_value = false, treat_none_as_null = true)]
struct EmailRow {
    id: V<EmailId>,
    person_id: V<PersonId>,
    address: String,
    address_folded: String,
    verified_at: Option<V<DateTime<Utc>>>,
    is_primary: bool,
}

impl TryFrom<&Person> for Row {
    type Error = Error;
    fn try_from(person: &Person) -> Result<Self, Error> {
        Ok(Self {
            id: V(person.id),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            created_at: V(person.created_at),
            retired_on: person.life.retired_on,
            deceased_on: person.life.deceased_on,
            erased_on: person.life.erased_on,
            version: person.version,
        })
    }
}

impl TryFrom<Row> for Person {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            given_name: row.given_name,
            family_name: row.family_name,
            created_at: row.created_at.0,
            life: Life {
                retired_on: row.retired_on,
                deceased_on: row.deceased_on,
                erased_on: row.erased_on,
            },
            version: row.version,
        })
    }
}

impl From<&Email> for EmailRow {
    fn from(email: &Email) -> Self {
        Self {
            id: V(email.id),
            person_id: V(email.person),
            address: email.address.clone(),
            address_folded: fold_email(&email.address),
            verified_at: email.verified_at.map(V),
            is_primary: email.is_primary,
        }
    }
}

impl From<EmailRow> for Email {
    fn from(row: EmailRow) -> Self {
        Self {
            id: row.id.0,
            person: row.person_id.0,
            address: row.address,
            is_primary: row.is_primary,
            verified_at: row.verified_at.map(|at| at.0),
        }
    }
}

aggregate!(People, people, Person, PersonId);
bulk!(People, people, Person, PersonId);

/// What a search of people is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct PersonFilter {
    /// Who has this e-mail address.
    pub email: Option<String>,
    /// Whose family name is this one.
    pub family_name: Option<String>,
    /// Who applied in one of these programs; none = everybody.
    pub programs: Option<Vec<ProgramCode>>,
}

impl People<'_, '_> {
    /// Holds several people until the end of a write, in the order of their ids: whoever takes several waits
    /// in that order. Ids that name none are left out.
    pub fn hold(&mut self, ids: &[PersonId]) -> Result<(), Error> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        for chunk in ids.chunks(CHUNK) {
            let _: Vec<Row> = get_rows!(
                self.0,
                people::table
                    .filter(people::id.eq_any(chunk.iter().map(|id| V(*id))))
                    .order(people::id.asc())
                    .select(Row::as_select())
            )?;
        }
        Ok(())
    }

    /// A page of people, oldest registration first.
    pub fn list(
        &mut self,
        filter: &PersonFilter,
        page: Page<PersonId>,
    ) -> Result<Vec<Person>, Error> {
        let holder = match &filter.email {
            Some(address) => match self.by_email(address)? {
                Some(person) => Some(person),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        page!(self.0, people, page, |query| {
            query = query.filter(people::erased_on.is_null());
            if let Some(person) = holder {
                query = query.filter(people::id.eq(V(person)));
            }
            if let Some(name) = &filter.family_name {
                query = query.filter(people::family_name.eq(name.clone()));
            }
            if let Some(programs) = &filter.programs {
                let codes: Vec<_> = programs.iter().map(ToString::to_string).collect();
                let applied = applications::table
                    .filter(applications::program.eq_any(codes))
                    .select(applications::person_id);
                query = query.filter(people::id.eq_any(applied));
            }
        })
    }

    /// Who of `people` applied in one of `programs`.
    pub fn applied_in(
        &mut self,
        people: &[PersonId],
        programs: &[ProgramCode],
    ) -> Result<HashSet<PersonId>, Error> {
        let codes: Vec<_> = programs.iter().map(ToString::to_string).collect();
        let mut applied = HashSet::new();
        for chunk in people.chunks(CHUNK) {
            let found: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| applications::table
                .filter(applications::person_id.eq_any(chunk.iter().map(|id| V(*id))))
                .filter(applications::program.eq_any(codes.clone()))
                .select(applications::person_id)
                .load(c))?;
            applied.extend(found.into_iter().map(|person| person.0));
        }
        Ok(applied)
    }

    /// Who has an e-mail address, however it is written.
    pub fn by_email(&mut self, address: &str) -> Result<Option<PersonId>, Error> {
        let found: Option<V<PersonId>> = each_backend!(self.0.conn, |c| emails::table
            .filter(emails::address_folded.eq(fold_email(address)))
            .select(emails::person_id)
            .first(c)
            .optional())?;
        Ok(found.map(|person| person.0))
    }

    /// A person's e-mail addresses, the primary one first.
    pub fn emails(&mut self, person: PersonId) -> Result<Vec<Email>, Error> {
        let rows: Vec<EmailRow> = each_backend!(self.0.conn, |c| emails::table
            .filter(emails::person_id.eq(V(person)))
            .order((emails::is_primary.desc(), emails::id.asc()))
            .select(EmailRow::as_select())
            .load(c))?;
        Ok(rows.into_iter().map(Email::from).collect())
    }

    /// The e-mail addresses of several people, of each the primary one first.
    pub fn emails_of(&mut self, people: &[PersonId]) -> Result<Vec<Email>, Error> {
        let mut found = Vec::new();
        for chunk in people.chunks(CHUNK) {
            let rows: Vec<EmailRow> = each_backend!(self.0.conn, |c| emails::table
                .filter(emails::person_id.eq_any(chunk.iter().map(|id| V(*id))))
                .order((emails::person_id.asc(), emails::is_primary.desc(), emails::id.asc()))
                .select(EmailRow::as_select())
                .load(c))?;
            found.extend(rows.into_iter().map(Email::from));
        }
        Ok(found)
    }

    /// An e-mail address.
    pub fn email(&mut self, email: EmailId) -> Result<Option<Email>, Error> {
        let row: Option<EmailRow> = each_backend!(self.0.conn, |c| emails::table
            .find(V(email))
            .select(EmailRow::as_select())
            .first(c)
            .optional())?;
        Ok(row.map(Email::from))
    }

    /// Stores an e-mail address. Conflicts where somebody has it.
    pub fn insert_email(&mut self, email: &Email) -> Result<(), Error> {
        let row = EmailRow::from(email);
        each_backend!(self.0.conn, |c| diesel::insert_into(emails::table).values(&row).execute(c))?;
        Ok(())
    }

    /// Stores whether an address is the primary one, and when it was verified.
    pub fn save_email(&mut self, email: &Email) -> Result<(), Error> {
        let row = EmailRow::from(email);
        each_backend!(self.0.conn, |c| diesel::update(emails::table.find(row.id))
            .set(&row)
            .execute(c))?;
        Ok(())
    }

    /// Removes an e-mail address; the event log keeps that it was there.
    pub fn remove_email(&mut self, email: EmailId) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::delete(emails::table.find(V(email))).execute(c))?;
        Ok(())
    }
}
