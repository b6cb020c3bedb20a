//! A partner's account as a SCIM user.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{
    AccountId, ClientId, PersonId,
    account::{Account, ExternalId},
    scim::{ScimUser, Seen},
};
use persistence::{Optional, Tx};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BASE, USER, draft::Draft};
use crate::{app::App, flows::account::AccountRules, hex, problem::Problem};

/// An account with what its partner says of it, and what the program knows of its person.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// What the partner calls the person.
    pub(super) known: ExternalId,
    /// What it says by SCIM; none where it never did.
    pub(super) said: Option<ScimUser>,
    /// What the program knows.
    pub(super) account: Account,
    /// Whether the person retired or died by today.
    deactivated: bool,
}

impl User {
    /// The user of an id: 404 where the partner holds no such account. The client is held in a write.
    pub(super) fn get(
        app: &App,
        tx: &mut Tx<'_>,
        client: ClientId,
        id: AccountId,
    ) -> Result<Self, Problem> {
        let known = tx.external_ids().get(id).found()?.filter(|known| known.client == client);
        let known = known.ok_or_else(Problem::not_found)?;
        let said = tx.scim_users().of(id)?;
        let account = tx.accounts().get(known.person, Some(client))?;
        let today = AccountRules::of(app, tx)?.today;
        Ok(Self::of(today, known, said, account))
    }

    fn of(today: NaiveDate, known: ExternalId, said: Option<ScimUser>, account: Account) -> Self {
        let deactivated = account.person.life.deactivates(today);
        Self { known, said, account, deactivated }
    }

    /// The users of some of a partner's accounts, in their order. Few statements for up to 500.
    pub(super) fn all(
        app: &App,
        tx: &mut Tx<'_>,
        client: ClientId,
        known: &[ExternalId],
    ) -> Result<Vec<Self>, Problem> {
        let today = AccountRules::of(app, tx)?.today;
        let mut users = Vec::with_capacity(known.len());
        for chunk in known.chunks(500) {
            let ids: Vec<AccountId> = chunk.iter().map(|known| known.id).collect();
            let said = tx.scim_users().of_accounts(&ids)?;
            let mut said: HashMap<AccountId, ScimUser> =
                said.into_iter().map(|said| (said.account, said)).collect();
            let mut people: Vec<PersonId> = chunk.iter().map(|known| known.person).collect();
            people.sort_unstable();
            people.dedup();
            let accounts: HashMap<PersonId, Account> = tx
                .accounts()
                .of(&people, Some(client))?
                .into_iter()
                .map(|account| (account.person.id, account))
                .collect();
            for known in chunk {
                if let Some(account) = accounts.get(&known.person) {
                    let said = said.remove(&known.id);
                    users.push(Self::of(today, known.clone(), said, account.clone()));
                }
            }
        }
        Ok(users)
    }

    /// `userName`: what the partner calls the account, else what it calls the person.
    pub(super) fn user_name(&self) -> &str {
        self.said.as_ref().map_or(&self.known.external_id, |said| &said.user_name)
    }
    fn external_id(&self) -> Option<&str> {
        let none = self.said.as_ref().is_some_and(|said| said.names_itself);
        Some(self.known.external_id.as_str()).filter(|_| !none)
    }
    fn active(&self) -> Option<bool> {
        let said = self.said.as_ref().map_or(Some(true), |said| said.active);
        said.map(|active| active && !self.deactivated)
    }
    fn last_modified(&self) -> DateTime<Utc> {
        self.said.as_ref().map_or(self.known.linked_at, |said| said.changed_at)
    }
    fn emails(&self) -> Vec<&str> {
        self.account.emails.iter().map(|email| email.address.as_str()).collect()
    }

    /// Whether a filter takes it.
    pub(super) fn is_taken_by(&self, filter: &domain::scim::Filter) -> bool {
        let id = self.known.id.to_string();
        filter.takes(&Seen {
            id: &id,
            user_name: self.user_name(),
            external_id: self.external_id(),
            emails: &self.emails(),
            active: self.active(),
            last_modified: self.last_modified(),
        })
    }

    /// What of it can be changed.
    pub(super) fn draft(&self) -> Draft {
        Draft {
            user_name: self.user_name().to_owned(),
            external_id: self.external_id().map(str::to_owned),
            display_name: self.said.as_ref().and_then(|said| said.display_name.clone()),
            active: self.said.as_ref().map_or(Some(true), |said| said.active),
            given_name: self.account.person.given_name.clone(),
            family_name: self.account.person.family_name.clone(),
            emails: self.emails().into_iter().map(str::to_owned).collect(),
        }
    }

    /// The resource, and its entity tag.
    pub(super) fn resource(&self, app: &App) -> (Value, String) {
        let person = &self.account.person;
        let emails: Vec<Value> =
            self.emails().iter().map(|address| json!({"value": address})).collect();
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut resource = json!({
            "schemas": [USER],
            "id": self.known.id,
            "userName": self.user_name(),
            "name": {"givenName": person.given_name, "familyName": person.family_name,
                "formatted": person.full_name()},
            "emails": emails,
            "meta": {"resourceType": "User", "created": instant(self.known.linked_at),
                "lastModified": instant(self.last_modified()), "location": location(app, self.known.id)},
        });
        let optional = [
            ("externalId", self.external_id().map(Value::from)),
            ("active", self.active().map(Value::from)),
            (
                "displayName",
                self.said.as_ref().and_then(|said| said.display_name.clone()).map(Value::from),
            ),
        ];
        if let Some(fields) = resource.as_object_mut() {
            for (name, value) in optional {
                fields.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        let digest = Sha256::digest(resource.to_string().as_bytes());
        let tag = format!("W/\"{}\"", hex::of(digest.get(..12).unwrap_or_default()));
        if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
            meta.insert("version".to_owned(), tag.clone().into());
        }
        (resource, tag)
    }
}

/// The address of a user.
pub(super) fn location(app: &App, id: AccountId) -> String {
    format!("{}{BASE}/Users/{id}", app.public_url)
}
