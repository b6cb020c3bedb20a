//! Accounts: what a partner system holds of a person (FAQ 21, 22). A partner is a machine client; what it calls
//! somebody is an external id, unique in its system. An e-mail address is never the identity.

pub mod matching;
pub mod request;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    AccountId, ClientId, PersonId,
    calendar::add_days,
    candidacy::Candidacy,
    certificate::Certification,
    facts,
    life::{Life, PersonState},
    person::{Email, Person},
    subscription::{Subscription, SubscriptionState},
    words,
};

words! {
    /// Where an account stands on a day, computed.
    pub enum AccountState {
        /// No subscription was ever active.
        None = "none",
        /// A subscription runs.
        Active = "active",
        /// A subscription runs, and its last day is near.
        Ending = "ending",
        /// Every subscription is over; a new one makes it active again.
        Dormant = "dormant",
        /// The person retired or died, or their personal data was erased.
        Deactivated = "deactivated",
    }
}

/// What a partner system calls a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    /// Identity.
    pub id: AccountId,
    /// The system.
    pub client: ClientId,
    /// The id there, unique in the system, letter for letter.
    pub external_id: String,
    /// Whose account it is.
    pub person: PersonId,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
    /// The day on which it was told that the account is dormant; none while it is not.
    pub dormancy_told_on: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl ExternalId {
    /// A partner's account becomes that of a person.
    #[must_use]
    pub fn link(
        id: AccountId,
        (client, external_id): (ClientId, String),
        person: PersonId,
        now: DateTime<Utc>,
    ) -> (Self, AccountEvent) {
        let fact = AccountEvent::Linked { client, external_id: external_id.clone() };
        let linked_at = now;
        let dormancy_told_on = None;
        (Self { id, client, external_id, person, linked_at, dormancy_told_on, version: 1 }, fact)
    }

    /// The partner holds no account of the person any more.
    #[must_use]
    pub fn unlink(self) -> AccountEvent {
        AccountEvent::Unlinked { client: self.client, external_id: self.external_id }
    }

    /// Tells, once each, that the account became dormant, or active again. None where nothing is to be told.
    #[must_use]
    pub fn tell(
        mut self,
        account: &[Subscription],
        today: NaiveDate,
    ) -> Option<(Self, AccountEvent)> {
        let over = over_since(account, today);
        let (client, external_id) = (self.client, self.external_id.clone());
        let fact = match (over, self.dormancy_told_on) {
            (Some(since), None) => AccountEvent::Dormant { client, external_id, since },
            (None, Some(_)) => AccountEvent::Reactivated { client, external_id, on: today },
            (Some(_), Some(_)) | (None, None) => return None,
        };
        self.dormancy_told_on = over.map(|_| today);
        Some((self, fact))
    }
}

/// The first day on which none of somebody's subscriptions ran any more; none where one runs on the day, or
/// none ever did.
#[must_use]
pub fn over_since(subscriptions: &[Subscription], day: NaiveDate) -> Option<NaiveDate> {
    let begun = || subscriptions.iter().filter(|one| one.activated_on <= day);
    if begun().any(|one| one.state(day, 0) != Some(SubscriptionState::Ended)) {
        return None;
    }
    let after = |one: &Subscription| {
        let last = add_days(one.ends_on, 1);
        one.ended_on.map_or(last, |ended| ended.min(last))
    };
    begun().map(after).max()
}

impl Life {
    /// Whether what became of somebody by a day deactivates their accounts. What was erased is gone for every
    /// day.
    #[must_use]
    pub fn deactivates(self, day: NaiveDate) -> bool {
        let by = |on: Option<NaiveDate>| on.is_some_and(|on| on <= day);
        self.erased_on.is_some() || by(self.deceased_on) || by(self.retired_on)
    }
}

/// Everything that a partner may hold of a person, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub person: Person,
    /// What partners call them, the first one first.
    pub external_ids: Vec<ExternalId>,
    /// Addresses, the primary one first.
    pub emails: Vec<Email>,
    /// Subscriptions, the first one first.
    pub subscriptions: Vec<Subscription>,
    /// Candidacies, the first one first.
    pub candidacies: Vec<Candidacy>,
    /// Certifications, the first one first.
    pub certifications: Vec<Certification>,
}

impl Account {
    /// The accounts of people, in their order, of what is theirs.
    #[must_use]
    pub fn of_people(people: Vec<Person>) -> BTreeMap<PersonId, Self> {
        let account = |person: Person| Self {
            person,
            external_ids: Vec::new(),
            emails: Vec::new(),
            subscriptions: Vec::new(),
            candidacies: Vec::new(),
            certifications: Vec::new(),
        };
        people.into_iter().map(|person| (person.id, account(person))).collect()
    }

    /// Where it stands on a day. A subscription is ending from `reminder_days` before its last day.
    #[must_use]
    pub fn state(&self, day: NaiveDate, reminder_days: u32) -> AccountState {
        if self.person.life.deactivates(day) {
            return AccountState::Deactivated;
        }
        match self.subscription(day).and_then(|one| one.state(day, reminder_days)) {
            None => AccountState::None,
            Some(SubscriptionState::Active) => AccountState::Active,
            Some(SubscriptionState::Ending) => AccountState::Ending,
            Some(SubscriptionState::Ended) => AccountState::Dormant,
        }
    }

    /// The subscription that tells the state on a day: of those that run the last to end, else the last that
    /// ended.
    #[must_use]
    pub fn subscription(&self, day: NaiveDate) -> Option<&Subscription> {
        let begun = self.subscriptions.iter().filter(|one| one.activated_on <= day);
        begun.max_by_key(|one| {
            let runs = one.state(day, 0) != Some(SubscriptionState::Ended);
            (runs, one.ends_on, one.id)
        })
    }

    /// The external ids of one system.
    pub fn held_by(&self, client: ClientId) -> impl Iterator<Item = &ExternalId> {
        self.external_ids.iter().filter(move |one| one.client == client)
    }

    /// Whether its personal data was removed: then a partner holds nothing of it.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.person.life.state() == PersonState::Erased
    }
}

facts! {
    /// What happens to accounts at partners.
    pub enum AccountEvent {
        /// A partner's account became that of a person.
        Linked = "account.linked" { client: ClientId, external_id: String },
        /// The partner holds no account of the person any more.
        Unlinked = "account.unlinked" { client: ClientId, external_id: String },
        /// Every subscription is over.
        Dormant = "account.dormant" { client: ClientId, external_id: String, since: NaiveDate },
        /// A subscription runs again.
        Reactivated = "account.reactivated" { client: ClientId, external_id: String, on: NaiveDate },
    }
}
