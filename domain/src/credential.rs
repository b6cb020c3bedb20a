//! What proves who somebody is, and what they may do: passwords, resets, machines, granted roles.

use chrono::{DateTime, Utc};

use crate::{
    BadFact, ClientCredentialId, ClientId, GrantId, OrganisationId, PersonId, ResetId,
    access::{Grant, Role, Standing},
    client::CredentialKind,
    facts,
    program::ProgramCode,
};

/// Shortest password, in characters (NIST SP 800-63B-4 asks 15 of a password that stands alone).
pub const SHORTEST_PASSWORD: usize = 15;
/// Longest password, in characters: long enough for any passphrase, short enough to hash.
pub const LONGEST_PASSWORD: usize = 200;

/// The faults of a new password of somebody whose addresses are `addresses`. Length counts, classes of
/// characters do not; neither an own address nor one repeated piece will do.
#[must_use]
pub fn password_faults(pointer: &str, password: &str, addresses: &[String]) -> Vec<BadFact> {
    let length = password.chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        let detail =
            format!("A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.");
        return vec![BadFact::at(pointer, "length", detail)];
    }
    let folded = password.to_lowercase();
    let guessable = addresses.iter().any(|address| folded == address.to_lowercase())
        || (1..=4).any(|piece| repeats(&folded, piece))
        || COMMON.iter().any(|common| folded.contains(common) && folded.len() < common.len() + 6);
    if guessable {
        return vec![BadFact::at(
            pointer,
            "guessable",
            "This password is easy to guess; take another.",
        )];
    }
    Vec::new()
}

/// Long passwords that lists of leaked ones begin with.
const COMMON: &[&str] = &[
    "passwordpassword",
    "123456789012345",
    "qwertyuiopasdfgh",
    "correcthorsebatterystaple",
    "iloveyouiloveyou",
];

fn repeats(text: &str, piece: usize) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.iter().zip(characters.iter().skip(piece)).all(|(one, next)| one == next)
}

/// A request to reset a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// Identity.
    pub id: ResetId,
    /// Whose password.
    pub person: PersonId,
    /// Where the mail goes.
    pub address: String,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it was used: it works once.
    pub used_at: Option<DateTime<Utc>>,
}

impl Reset {
    /// Whether it can be used at `now`.
    #[must_use]
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// The calendar feed of a person: an address with a token that nobody guesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    /// Whose.
    pub person: PersonId,
    /// SHA-256 of the token, which has 256 bits of chance; none once it was ended.
    pub token_hash: Option<[u8; 32]>,
    /// When the token was made.
    pub made_at: DateTime<Utc>,
    /// Counts the tokens and ends of it, 1 at first.
    pub version: i64,
}

impl CalendarFeed {
    /// A feed with a new token: the one before is void.
    #[must_use]
    pub fn make(
        before: Option<&Self>,
        person: PersonId,
        token_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> (Self, CredentialEvent) {
        let version = before.map_or(1, |feed| feed.version.saturating_add(1));
        let feed = Self { person, token_hash: Some(token_hash), made_at: now, version };
        (feed, CredentialEvent::CalendarFeedMade {})
    }
    /// Ends it: its address is void.
    #[must_use]
    pub fn end(self) -> (Self, CredentialEvent) {
        let version = self.version.saturating_add(1);
        (Self { token_hash: None, version, ..self }, CredentialEvent::CalendarFeedEnded {})
    }
}

/// A role granted to a person, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// Identity.
    pub id: GrantId,
    /// To whom.
    pub person: PersonId,
    /// The role.
    pub role: Role,
    /// For provider, college and institution: whose.
    pub organisation: Option<OrganisationId>,
    /// The program in which it holds; every one without.
    pub program: Option<ProgramCode>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// By whom.
    pub granted_by: String,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl GrantRecord {
    /// The grant as access knows it.
    #[must_use]
    pub fn grant(&self) -> Grant {
        let standing = if self.ended_at.is_none() { Standing::Active } else { Standing::Ended };
        Grant { role: self.role, organisation: self.organisation, standing }
    }
}

/// Whether a role is held for an organisation, and may be granted only so.
#[must_use]
pub fn needs_organisation(role: Role) -> bool {
    matches!(role, Role::Provider | Role::College | Role::Institution)
}

/// Whether a role is granted at all: everybody who registered is a candidate, machines are partners.
#[must_use]
pub fn is_granted(role: Role) -> bool {
    !matches!(role, Role::Candidate | Role::Partner)
}

facts! {
    /// What happens to passwords, machines and roles. No secret ever stands in an event.
    pub enum CredentialEvent {
        /// A password was changed by its holder.
        PasswordChanged = "password.changed" {},
        /// Somebody asked to reset a password.
        ResetRequested = "password_reset.requested" { reset: ResetId },
        /// A password was set by a reset.
        PasswordReset = "password_reset.used" { reset: ResetId },
        /// A machine was made.
        ClientCreated = "client.created" {
            client: ClientId, name: String, scopes: Vec<String>, programs: Vec<ProgramCode>, people_a_day: Option<i64>
        },
        /// What a machine may was changed.
        ClientChanged = "client.changed" {
            client: ClientId, name: String, scopes: Vec<String>, programs: Vec<ProgramCode>, people_a_day: Option<i64>
        },
        /// A machine was disabled.
        ClientDisabled = "client.disabled" { client: ClientId },
        /// A machine got a new secret in the place of those before, which end at this instant.
        ClientSecretRotated = "client.secret_rotated" {
            client: ClientId, credential: ClientCredentialId, old_end_at: DateTime<Utc>
        },
        /// A machine got another secret or key.
        ClientCredentialAdded = "client.credential_added" {
            client: ClientId, credential: ClientCredentialId, kind: CredentialKind, expires_at: Option<DateTime<Utc>>
        },
        /// A secret or key of a machine was revoked, and every token that was issued for it.
        ClientCredentialRevoked = "client.credential_revoked" { client: ClientId, credential: ClientCredentialId },
        /// A machine read of as many people as it may in a day; told once a day.
        ClientQuotaTripped = "client.quota_tripped" { client: ClientId, people_a_day: i64, until: DateTime<Utc> },
        /// An access token of a machine was revoked; nothing of the token stands here.
        ClientTokenRevoked = "client.token_revoked" { client: ClientId },
        /// A person got an address for their calendar.
        CalendarFeedMade = "calendar_feed.made" {},
        /// The address for their calendar was ended.
        CalendarFeedEnded = "calendar_feed.ended" {},
        /// A role was granted.
        RoleGranted = "role.granted" { grant: GrantId, role: Role, organisation: Option<OrganisationId> },
        /// A role ended.
        RoleEnded = "role.ended" { grant: GrantId, role: Role },
        /// A signing key was made.
        KeyMade = "signing_key.made" { kid: String, signs_from: DateTime<Utc> },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_guessable_passwords_do_not_pass() {
        let code = |password: &str| {
            password_faults("/password", password, &["ada.lovelace@example.org".to_owned()])
                .first()
                .map(|fault| fault.code)
        };
        assert_eq!(code("fourteen chars"), Some("length"));
        assert_eq!(code("fifteen chars!!"), None);
        assert_eq!(code(&"x".repeat(201)), Some("length"));
        assert_eq!(code("aaaaaaaaaaaaaaaaaaaa"), Some("guessable"));
        assert_eq!(code("abcdabcdabcdabcd"), Some("guessable"));
        assert_eq!(code("Ada.Lovelace@example.org"), Some("guessable"));
        assert_eq!(code("PasswordPassword1"), Some("guessable"));
        assert_eq!(code("пароль из многих слов"), None);
    }
}
