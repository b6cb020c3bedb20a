//! SCIM 2.0 (RFC 7643, 7644): what a partner says of its accounts, and the filters by which it looks for them.

mod filter;

use chrono::{DateTime, Utc};

use crate::{AccountId, ClientId};

pub use filter::{Attribute, Filter, Key, NotAFilter, Seen};

/// What a partner says of an account of its own, beside what the program knows of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimUser {
    /// The account.
    pub account: AccountId,
    /// The partner's machine.
    pub client: ClientId,
    /// Its name there, unique there however it is written.
    pub user_name: String,
    /// Whether the partner gave no `externalId`, so that the name is what it calls the person.
    pub names_itself: bool,
    /// What its people see.
    pub display_name: Option<String>,
    /// Whether the partner lets the account be used; none where it does not say.
    pub active: Option<bool>,
    /// When the partner last changed it.
    pub changed_at: DateTime<Utc>,
}

/// A name as it is compared.
#[must_use]
pub fn fold_user_name(name: &str) -> String {
    name.to_lowercase()
}
