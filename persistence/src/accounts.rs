//! Accounts as partners hold them: whose they are, and everything of them in a constant number of statements,
//! however many people are asked for.

use chrono::NaiveDate;
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use domain::{
    ClientId, PersonId,
    account::{Account, AccountState},
    calendar::add_days,
};

use crate::{
    Error, Page, Tx,
    conn::each_backend,
    schema::{external_ids, people, subscriptions},
    types::V,
};

/// What reads accounts.
pub struct Accounts<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Accounts.
    pub fn accounts(&mut self) -> Accounts<'_, 'c> {
        Accounts(self)
    }
}

/// What a list of accounts is narrowed to.
#[derive(Debug, Clone)]
pub struct AccountFilter {
    /// The system whose external ids count; every one without.
    pub client: Option<ClientId>,
    /// Whose.
    pub person: Option<PersonId>,
    /// Whom a system calls this.
    pub external_id: Option<String>,
    /// Where they stand on the day.
    pub state: Option<AccountState>,
    /// The day.
    pub day: NaiveDate,
    /// How many days before its last one a subscription is ending.
    pub reminder_days: u32,
}

/// The subscriptions of the person of a row: looked up person by person, in the order of the page.
macro_rules! subscribed {
    () => {
        subscriptions::table.filter(subscriptions::person_id.eq(people::id))
    };
}

/// Those of them that have begun by a day.
macro_rules! begun {
    ($day:expr) => {
        subscribed!().filter(subscriptions::activated_on.le($day))
    };
}

/// Those of them that run on a day.
macro_rules! running {
    ($day:expr) => {
        begun!($day)
            .filter(subscriptions::ends_on.ge($day))
            .filter(subscriptions::ended_on.is_null().or(subscriptions::ended_on.gt($day)))
    };
}

/// What the person of a row is called.
macro_rules! called {
    () => {
        external_ids::table.filter(external_ids::person_id.eq(people::id))
    };
}

/// A state on a day as [`Account::state`] has it; a subscription whose last day is `near` or before is ending.
macro_rules! in_state {
    ($query:expr, $state:expr, $day:expr, $near:expr) => {{
        let gone = people::erased_on
            .is_not_null()
            .or(people::deceased_on.is_not_null().and(people::deceased_on.le($day)))
            .or(people::retired_on.is_not_null().and(people::retired_on.le($day)));
        let there = people::erased_on
            .is_null()
            .and(people::deceased_on.is_null().or(people::deceased_on.gt($day)))
            .and(people::retired_on.is_null().or(people::retired_on.gt($day)));
        match $state {
            None => $query,
            Some(AccountState::Deactivated) => $query.filter(gone),
            Some(AccountState::None) => $query.filter(there).filter(not(exists(begun!($day)))),
            Some(AccountState::Dormant) => $query
                .filter(there)
                .filter(exists(begun!($day)))
                .filter(not(exists(running!($day)))),
            Some(AccountState::Active) => $query
                .filter(there)
                .filter(exists(running!($day).filter(subscriptions::ends_on.gt($near)))),
            Some(AccountState::Ending) => $query
                .filter(there)
                .filter(exists(running!($day)))
                .filter(not(exists(running!($day).filter(subscriptions::ends_on.gt($near))))),
        }
    }};
}

impl Accounts<'_, '_> {
    /// The accounts of several people, in the order of their ids; ids that name nobody are left out. Six
    /// statements for up to 500 people. External ids are those of `client`, of every system without one.
    pub fn of(
        &mut self,
        people: &[PersonId],
        client: Option<ClientId>,
    ) -> Result<Vec<Account>, Error> {
        let mut accounts = Account::of_people(self.0.people().by_ids(people)?);
        for known in self.0.external_ids().of_people(people)? {
            if let Some(account) = accounts.get_mut(&known.person)
                && client.is_none_or(|client| known.client == client)
            {
                account.external_ids.push(known);
            }
        }
        for email in self.0.people().emails_of(people)? {
            if let Some(account) = accounts.get_mut(&email.person) {
                account.emails.push(email);
            }
        }
        for subscription in self.0.subscriptions().of_people(people)? {
            if let Some(account) = accounts.get_mut(&subscription.person) {
                account.subscriptions.push(subscription);
            }
        }
        for candidacy in self.0.candidacies().of_people_anywhere(people)? {
            if let Some(account) = accounts.get_mut(&candidacy.person) {
                account.candidacies.push(candidacy);
            }
        }
        for certification in self.0.certifications().of_people(people)? {
            if let Some(account) = accounts.get_mut(&certification.person) {
                account.certifications.push(certification);
            }
        }
        Ok(accounts.into_values().collect())
    }

    /// The account of one person, whoever they are.
    pub fn get(&mut self, person: PersonId, client: Option<ClientId>) -> Result<Account, Error> {
        self.of(&[person], client)?.pop().ok_or(Error::NotFound)
    }

    /// A page of the accounts that there are: of people who ever had a subscription, or whom a system calls
    /// something.
    pub fn list(
        &mut self,
        filter: &AccountFilter,
        page: Page<PersonId>,
    ) -> Result<Vec<Account>, Error> {
        let people = self.people(filter, page)?;
        self.of(&people, filter.client)
    }

    /// How many there are for a system.
    pub fn count(&mut self, client: ClientId) -> Result<i64, Error> {
        Ok(each_backend!(self.0.conn, |c| {
            let theirs = called!().filter(external_ids::client_id.eq(V(client)));
            let query = people::table.select(count_star()).into_boxed();
            query.filter(exists(subscribed!()).or(exists(theirs))).get_result(c)
        })?)
    }

    /// Who they are: the ids alone.
    pub fn people(
        &mut self,
        filter: &AccountFilter,
        page: Page<PersonId>,
    ) -> Result<Vec<PersonId>, Error> {
        let day = filter.day;
        let near = add_days(day, filter.reminder_days.into());
        let found: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| {
            let mut query = people::table.select(people::id).into_boxed();
            query = match filter.client {
                Some(client) => {
                    let theirs = called!().filter(external_ids::client_id.eq(V(client)));
                    query.filter(exists(subscribed!()).or(exists(theirs)))
                }
                None => query.filter(exists(subscribed!()).or(exists(called!()))),
            };
            if let Some(person) = filter.person {
                query = query.filter(people::id.eq(V(person)));
            }
            if let Some(external_id) = &filter.external_id {
                // The other way round: few are called so.
                let so = external_ids::table
                    .filter(external_ids::external_id.eq(external_id))
                    .select(external_ids::person_id);
                query = match filter.client {
                    Some(client) => query.filter(
                        people::id.eq_any(so.filter(external_ids::client_id.eq(V(client)))),
                    ),
                    None => query.filter(people::id.eq_any(so)),
                };
            }
            query = in_state!(query, filter.state, day, near);
            if let Some(after) = page.after {
                query = query.filter(people::id.gt(V(after)));
            }
            query.order(people::id.asc()).limit(page.limit).load(c)
        })?;
        Ok(found.into_iter().map(|person| person.0).collect())
    }
}
