//! Passwords, failed sign-ins, and what the server itself keeps secret.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, upsert::excluded};
use domain::PersonId;

use crate::{
    Error, Optional, Tx,
    conn::{each_backend, get_row},
    schema::people,
    schema_access::{credentials, emails, secrets, sign_in_failures},
    types::V,
};

/// Passwords of people.
pub struct Credentials<'a, 'c>(&'a mut Tx<'c>);

/// Failed sign-ins by address.
pub struct SignInFailures<'a, 'c>(&'a mut Tx<'c>);

/// What the server keeps secret.
pub struct Secrets<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Passwords of people.
    pub fn credentials(&mut self) -> Credentials<'_, 'c> {
        Credentials(self)
    }
    /// Failed sign-ins by address.
    pub fn sign_in_failures(&mut self) -> SignInFailures<'_, 'c> {
        SignInFailures(self)
    }
    /// What the server keeps secret.
    pub fn secrets(&mut self) -> Secrets<'_, 'c> {
        Secrets(self)
    }
}

/// Who signs in with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub person: PersonId,
    /// The address as the person writes it.
    pub address: String,
    /// Whether it is the person's primary one.
    pub is_primary: bool,
    /// Whether control of it was shown.
    pub is_verified: bool,
    /// The PHC string of their password; none when they have no password yet.
    pub phc: Option<String>,
}

impl Account {
    /// Whether a mail that opens the account may go to the address: it is the one that the person signs up
    /// with, or control of it was shown.
    #[must_use]
    pub fn takes_resets(&self) -> bool {
        self.is_primary || self.is_verified
    }
}

impl Credentials<'_, '_> {
    /// The PHC string of a person's password; none when they have no password yet.
    pub fn of(&mut self, person: PersonId) -> Result<Option<String>, Error> {
        get_row!(self.0, credentials::table.find(V(person)).select(credentials::password_hash))
            .found()
    }
    /// Whose address this is (folded), as it was written, and the PHC string of their password. Nobody's where
    /// the person died.
    pub fn by_address(&mut self, folded: &str) -> Result<Option<Account>, Error> {
        let found: Option<(V<PersonId>, String, bool, bool)> = each_backend!(self.0.conn, |c| {
            emails::table
                .filter(emails::address_folded.eq(folded))
                .select((
                    emails::person_id,
                    emails::address,
                    emails::is_primary,
                    emails::verified_at.is_not_null(),
                ))
                .first(c)
                .optional()
        })?;
        let Some((person, address, is_primary, is_verified)) = found else { return Ok(None) };
        let deceased: Option<Option<NaiveDate>> = each_backend!(self.0.conn, |c| people::table
            .find(person)
            .select(people::deceased_on)
            .first(c)
            .optional())?;
        if deceased.flatten().is_some() {
            return Ok(None);
        }
        let phc = self.of(person.0)?;
        Ok(Some(Account { person: person.0, address, is_primary, is_verified, phc }))
    }
    /// The addresses of a person, the primary one first.
    pub fn addresses_of(&mut self, person: PersonId) -> Result<Vec<String>, Error> {
        let addresses = each_backend!(self.0.conn, |c| {
            emails::table
                .filter(emails::person_id.eq(V(person)))
                .order((emails::is_primary.desc(), emails::id.asc()))
                .select(emails::address)
                .load(c)
        })?;
        Ok(addresses)
    }
    /// Sets a person's password by its PHC string.
    pub fn set(&mut self, person: PersonId, phc: &str) -> Result<(), Error> {
        let row = (
            credentials::person_id.eq(V(person)),
            credentials::password_hash.eq(phc),
            credentials::changed_at.eq(V(self.0.now())),
        );
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(credentials::table)
                .values(&row)
                .on_conflict(credentials::person_id)
                .do_update()
                .set((
                    credentials::password_hash.eq(excluded(credentials::password_hash)),
                    credentials::changed_at.eq(excluded(credentials::changed_at)),
                ))
                .execute(c)
        })?;
        Ok(())
    }
}

/// The failed sign-ins of one address in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// Until when no further attempt is judged.
    pub locked_until: Option<DateTime<Utc>>,
}

impl SignInFailures<'_, '_> {
    /// The failures of an address, held in a write.
    pub fn of(&mut self, address_key: &str) -> Result<Option<Failures>, Error> {
        let row: Option<(i64, Option<V<DateTime<Utc>>>)> = get_row!(
            self.0,
            sign_in_failures::table
                .find(address_key)
                .select((sign_in_failures::failures, sign_in_failures::locked_until))
        )
        .found()?;
        Ok(row.map(|(count, until)| Failures {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            locked_until: until.map(|until| until.0),
        }))
    }
    /// Counts an attempt before it is judged, so that attempts at the same time count too. How many
    /// there are now.
    pub fn count(&mut self, address_key: &str) -> Result<u32, Error> {
        let row = (
            sign_in_failures::address_key.eq(address_key),
            sign_in_failures::failures.eq(1_i64),
            sign_in_failures::last_at.eq(V(self.0.machine())),
        );
        let count: i64 = each_backend!(self.0.conn, |c| {
            diesel::insert_into(sign_in_failures::table)
                .values(&row)
                .on_conflict(sign_in_failures::address_key)
                .do_update()
                .set((
                    sign_in_failures::failures.eq(sign_in_failures::failures + 1_i64),
                    sign_in_failures::last_at.eq(excluded(sign_in_failures::last_at)),
                ))
                .returning(sign_in_failures::failures)
                .get_result(c)
        })?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
    /// Locks an address until an instant.
    pub fn lock(&mut self, address_key: &str, until: DateTime<Utc>) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::update(sign_in_failures::table.find(address_key))
                .set(sign_in_failures::locked_until.eq(Some(V(until))))
                .execute(c)
        })?;
        Ok(())
    }
    /// Forgets the failures of an address: somebody signed in.
    pub fn forget(&mut self, address_key: &str) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| {
            diesel::delete(sign_in_failures::table.find(address_key)).execute(c)
        })?;
        Ok(())
    }
    /// Removes failures that ended before an instant; how many.
    pub fn purge(&mut self, before: DateTime<Utc>) -> Result<usize, Error> {
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(sign_in_failures::table.filter(sign_in_failures::last_at.lt(V(before))))
                .execute(c)
        })?;
        Ok(removed)
    }
}

impl Secrets<'_, '_> {
    /// The secret of a name, made of `fresh` when there is none yet.
    pub fn get_or_insert(&mut self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let row = (
            secrets::name.eq(name),
            secrets::value.eq(fresh),
            secrets::created_at.eq(V(self.0.now())),
        );
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(secrets::table)
                .values(&row)
                .on_conflict(secrets::name)
                .do_nothing()
                .execute(c)
        })?;
        let value: Vec<u8> = get_row!(self.0, secrets::table.find(name).select(secrets::value))?;
        Ok(value)
    }
}
