//! Machines of partners: what they prove themselves by, what they may, and of how many people they may read.

mod key;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::{
    ClientCredentialId, ClientId, ClientReadId, Finding, PersonId,
    decision::{Refused, by_state},
    program::ProgramCode,
    words,
};

pub use key::{Jwk, KeyAlgorithm, PublicKey};

/// How many secrets of a client live at a time: the one in use and the one that replaces it.
pub const MOST_SECRETS: usize = 2;
/// How many keys of a client live at a time.
pub const MOST_KEYS: usize = 5;
/// Longest life of a signed assertion (RFC 7523), seconds.
pub const LONGEST_ASSERTION_S: i64 = 300;
/// How much of a day passes before a use is recorded again: not every token is a write.
pub const USE_IS_TOLD_AFTER: TimeDelta = TimeDelta::minutes(5);
/// For how long it is known what a machine was told.
pub const READS_ARE_KEPT: TimeDelta = TimeDelta::days(730);

/// A machine that signs in by OAuth client credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Identity; its OAuth `client_id`.
    pub id: ClientId,
    /// Whose machine it is, for people.
    pub name: String,
    /// What its tokens may be given.
    pub scopes: Vec<String>,
    /// The programs that it is confined to; none = every one.
    pub programs: Vec<ProgramCode>,
    /// Of how many people it may read in a day; none = what the house allows.
    pub people_a_day: Option<i64>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it last got a token, to some minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it last asked for more people than it may read of.
    pub quota_tripped_at: Option<DateTime<Utc>>,
    /// Version of what admins say of it, 1 at first.
    pub version: i64,
}

impl Client {
    /// Whether running into the quota at `now` is told: once a day.
    #[must_use]
    pub fn trips(&self, now: DateTime<Utc>) -> bool {
        self.quota_tripped_at.is_none_or(|at| now - at >= TimeDelta::days(1))
    }
}

/// The programs that a token is in force for, which was issued for some and whose client is confined to some by
/// now: none listed = every one. `None` when there is none left.
#[must_use]
pub fn confined(token: &[ProgramCode], client: &[ProgramCode]) -> Option<Vec<ProgramCode>> {
    if token.is_empty() || client.is_empty() {
        return Some([token, client].concat());
    }
    let both: Vec<_> = token.iter().filter(|code| client.contains(code)).cloned().collect();
    Some(both).filter(|both| !both.is_empty())
}

words! {
    /// What a client proves itself by.
    pub enum CredentialKind {
        /// A secret that it sends.
        Secret = "secret",
        /// A key that it signs with; its public half is known here.
        Key = "key",
    }
}

/// What is known of a secret or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// SHA-256 of a secret, which has 256 bits of chance.
    Secret([u8; 32]),
    /// A public key.
    Key(PublicKey),
}

/// A secret or a key of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredential {
    /// Identity; tokens carry that of the one for which they were issued.
    pub id: ClientCredentialId,
    /// Whose.
    pub client: ClientId,
    /// What tells it from the others, for people.
    pub label: String,
    /// How it is recognised.
    pub proof: Proof,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When a token was last issued for it, to some minutes.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ClientCredential {
    /// A new one.
    #[must_use]
    pub fn new(
        id: ClientCredentialId,
        client: ClientId,
        label: &str,
        proof: Proof,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            client,
            label: label.to_owned(),
            proof,
            created_at: now,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        }
    }
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        match self.proof {
            Proof::Secret(_) => CredentialKind::Secret,
            Proof::Key(_) => CredentialKind::Key,
        }
    }
    /// Whether it, and a token that was issued for it, is in force.
    #[must_use]
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
    /// Whether a use at `now` is worth a record.
    #[must_use]
    pub fn is_use_told(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| now - last >= USE_IS_TOLD_AFTER)
    }
}

/// Whether a client with these credentials may get another one of `kind`.
pub fn has_room(
    credentials: &[ClientCredential],
    kind: CredentialKind,
    now: DateTime<Utc>,
) -> Result<(), Refused> {
    let live = credentials.iter().filter(|one| one.kind() == kind && one.stands(now)).count();
    let (rule, most, noun) = match kind {
        CredentialKind::Secret => ("client.two_secrets", MOST_SECRETS, "secrets"),
        CredentialKind::Key => ("client.five_keys", MOST_KEYS, "keys"),
    };
    let satisfied = live < most;
    let message = if satisfied {
        format!("{live} of {most} {noun} live.")
    } else {
        format!("A client has at most {most} live {noun}: revoke one first.")
    };
    let required = format!("fewer than {most} live {noun}");
    by_state(vec![Finding::new(rule, "house rule", satisfied, required, live.to_string(), message)])
        .map(drop)
}

/// Ends the secrets that a new one replaces: at once, or after a time in which both are taken. The instant by
/// which all of them have ended, and those that changed.
pub fn replace(
    mut credentials: Vec<ClientCredential>,
    grace: Option<TimeDelta>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, Vec<ClientCredential>), Refused> {
    let is_live = |one: &ClientCredential| one.kind() == CredentialKind::Secret && one.stands(now);
    let Some(grace) = grace else {
        credentials.retain(is_live);
        for old in &mut credentials {
            old.revoked_at = Some(now);
        }
        return Ok((now, credentials));
    };
    has_room(&credentials, CredentialKind::Secret, now)?;
    credentials.retain(is_live);
    let end = now + grace;
    for old in &mut credentials {
        old.expires_at = Some(old.expires_at.map_or(end, |already| already.min(end)));
    }
    let last = credentials.iter().filter_map(|old| old.expires_at).max().unwrap_or(now);
    Ok((last, credentials))
}

/// Of how many people a machine was told in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadHour {
    /// The hour's first instant.
    pub hour: DateTime<Utc>,
    /// The people.
    pub people: i64,
}

/// The hour of an instant, which is what reads are counted by.
#[must_use]
pub fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}

/// The first hour that still counts at `now`: the present one and the 23 before it are a day.
#[must_use]
pub fn first_counted(now: DateTime<Utc>) -> DateTime<Utc> {
    hour_of(now) - TimeDelta::hours(23)
}

/// Until when a machine has to wait that was told of as many people as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The first instant at which the answer would be within the quota.
    pub until: DateTime<Utc>,
}

/// Whether an answer of `people` is within the quota of a day, after those of `hours`.
pub fn within_quota(
    quota: i64,
    hours: &[ReadHour],
    people: i64,
    now: DateTime<Utc>,
) -> Result<(), Spent> {
    let mut counted: Vec<_> =
        hours.iter().filter(|one| one.hour >= first_counted(now)).copied().collect();
    let sum = counted.iter().fold(people, |sum, one| sum.saturating_add(one.people));
    if sum <= quota {
        return Ok(());
    }
    counted.sort_by_key(|one| one.hour);
    let mut left = sum;
    for one in &counted {
        left = left.saturating_sub(one.people);
        if left <= quota {
            return Err(Spent { until: one.hour + TimeDelta::days(1) });
        }
    }
    // More than the quota at once: no waiting helps, and a day is as good an answer as any.
    Err(Spent { until: now + TimeDelta::days(1) })
}

/// An answer to a machine with personal data in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRead {
    /// Identity.
    pub id: ClientReadId,
    /// Which machine.
    pub client: ClientId,
    /// When.
    pub at: DateTime<Utc>,
    /// By which operation.
    pub operation: String,
    /// The request's id.
    pub request_id: String,
    /// Of how many people.
    pub people: i64,
    /// The first of them by their ids.
    pub first_person: PersonId,
    /// The last of them by their ids.
    pub last_person: PersonId,
}
