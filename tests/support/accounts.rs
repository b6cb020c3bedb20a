//! Sentences of partners: what a partner's machine asks of accounts.

use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    world::World,
};

/// What a partner's machine may be given.
pub(crate) const SCOPES: &[&str] = &["accounts:read", "accounts:write"];

impl World {
    /// A partner's machine that keeps accounts.
    pub(crate) async fn account_partner(&self, admin: &Actor) -> Actor {
        self.partner(admin, SCOPES).await
    }
}

/// A request for an account: name and address are those of somebody who registered in tests.
pub(crate) fn account(request: &str, external: &str, name: &str, emails: &[&str]) -> Value {
    json!({"request_id": request, "external_id": external, "given_name": name,
        "family_name": "Example", "emails": emails})
}

impl Actor {
    /// Asks for an account, without a key: the request's id is one.
    pub(crate) async fn asks_for_account(&self, body: Value) -> Answer {
        self.post_bare("/v1/account-requests", body).await
    }
    /// Asks for the account of somebody of whom nothing is known.
    pub(crate) async fn has_account_made(&self, external: &str, name: &str) -> Answer {
        let email = format!("{}@partner.example.org", name.to_lowercase().replace(' ', "."));
        let body = account(&format!("r-{external}"), external, name, &[&email]);
        self.asks_for_account(body).await.expect(201)
    }
}
