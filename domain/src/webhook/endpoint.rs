//! Endpoints: made, changed, paused and disabled.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    BadFact, ClientId, WebhookEndpointId,
    change::{self, Public},
    facts, words,
};

words! {
    /// Where an endpoint stands.
    pub enum EndpointState {
        /// It is sent what happens.
        Active = "active",
        /// Its owner stopped it for a while; nothing is lost.
        Paused = "paused",
        /// The server stopped it; its owner lets it go on. Nothing is lost.
        Disabled = "disabled",
    }
}

words! {
    /// How a body is written.
    pub enum Format {
        /// As Standard Webhooks has it.
        Standard = "standard",
        /// An event of `CloudEvents` in structured JSON.
        Cloudevents = "cloudevents",
    }
}

words! {
    /// Why the server stopped an endpoint.
    pub enum Disabling {
        /// It answered 410.
        Gone = "gone",
        /// Every attempt failed for days.
        Failing = "failing",
    }
}

/// For how long every attempt may fail before the endpoint is stopped.
const FAILING: TimeDelta = TimeDelta::days(5);
/// For how long a secret signs after another took its place, unless configured.
pub const OVERLAP_S: i64 = 24 * 3600;
/// Types that are named at most.
const MOST_TYPES: usize = 100;
/// Secrets that sign at once at most.
pub const LIVE_SECRETS: usize = 5;

/// A secret that signs: which of the endpoint's, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSecret {
    /// Its number, from 1.
    pub generation: i64,
    /// When it ends; none for the current one.
    pub ends_at: Option<DateTime<Utc>>,
}

/// An address to which events are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Identity.
    pub id: WebhookEndpointId,
    /// Whose.
    pub client: ClientId,
    /// Where to.
    pub url: String,
    /// The types that are sent; empty for all that its scopes show.
    pub types: Vec<String>,
    /// The scopes of the token that chose the types: no more is sent, whatever the machine may see besides.
    pub scopes: Vec<String>,
    /// How bodies are written.
    pub format: Format,
    /// What it is for.
    pub description: Option<String>,
    /// The secrets that sign, the current one last.
    pub secrets: Vec<LiveSecret>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its owner stopped it.
    pub paused_at: Option<DateTime<Utc>>,
    /// When the server stopped it.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why the server stopped it.
    pub disabling: Option<Disabling>,
    /// Since when every attempt failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Up to which position of the log its deliveries are made.
    pub position: i64,
    /// How many deliveries were made.
    pub turns: i64,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What a new endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Whose.
    pub client: ClientId,
    /// The scopes of the token that makes it.
    pub scopes: Vec<String>,
    /// Where to; checked by [`super::address::fault`].
    pub url: String,
    /// Which types.
    pub types: Vec<String>,
    /// How bodies are written.
    pub format: Format,
    /// What it is for.
    pub description: Option<String>,
}

/// What of an endpoint changes; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointChange {
    /// Where to.
    pub url: Option<String>,
    /// Which types, and the scopes of the token that chose them.
    pub types: Option<(Vec<String>, Vec<String>)>,
    /// How bodies are written.
    pub format: Option<Format>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Whether it is stopped.
    pub paused: Option<bool>,
}

/// The faults of a list of types for a machine with these scopes.
#[must_use]
fn types_faults(types: &[String], scopes: &[String]) -> Vec<BadFact> {
    if types.len() > MOST_TYPES {
        let detail = format!("At most {MOST_TYPES} types are named; none stands for all.");
        return vec![BadFact::at("/types", "length", detail)];
    }
    let mut faults = Vec::new();
    for (index, named) in types.iter().enumerate() {
        let at = format!("/types/{index}");
        match change::public(named) {
            None => {
                faults.push(BadFact::at(
                    at,
                    "unknown",
                    "There is no such type among those that are sent.",
                ));
            }
            Some(public) if !scopes.iter().any(|scope| scope == public.scope) => {
                let detail = format!("The token lacks the scope {}.", public.scope);
                faults.push(BadFact::at(at, "scope", detail));
            }
            Some(_) if types.iter().take(index).any(|earlier| earlier == named) => {
                faults.push(BadFact::at(at, "duplicate", "The type stands here twice."));
            }
            Some(_) => {}
        }
    }
    faults
}

fn or_faults(faults: Vec<BadFact>) -> Result<(), Vec<BadFact>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

impl Endpoint {
    /// Makes an endpoint that is sent what happens after `position`.
    pub fn make(
        id: WebhookEndpointId,
        new: NewEndpoint,
        position: i64,
        now: DateTime<Utc>,
    ) -> Result<(Self, WebhookEvent), Vec<BadFact>> {
        or_faults(types_faults(&new.types, &new.scopes))?;
        let endpoint = Self {
            id,
            client: new.client,
            url: new.url,
            types: new.types,
            scopes: new.scopes,
            format: new.format,
            description: new.description,
            secrets: vec![LiveSecret { generation: 1, ends_at: None }],
            created_at: now,
            paused_at: None,
            disabled_at: None,
            disabling: None,
            failing_since: None,
            position,
            turns: 0,
            version: 1,
        };
        let fact = WebhookEvent::Created {
            client: endpoint.client,
            url: endpoint.url.clone(),
            types: endpoint.types.clone(),
            format: endpoint.format,
        };
        Ok((endpoint, fact))
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> EndpointState {
        match (self.disabled_at, self.paused_at) {
            (Some(_), _) => EndpointState::Disabled,
            (None, Some(_)) => EndpointState::Paused,
            (None, None) => EndpointState::Active,
        }
    }

    /// The types that it is sent, while its machine has `scopes`.
    #[must_use]
    pub fn sent(&self, scopes: &[String]) -> Vec<&'static Public> {
        let mut seen = change::visible(Some(&self.scopes));
        seen.retain(|one| scopes.iter().any(|scope| scope == one.scope));
        seen.retain(|one| {
            self.types.is_empty() || self.types.iter().any(|named| named == one.event_type)
        });
        seen
    }

    /// Changes it. Who says that it is not stopped lets one go on that the server stopped as well; what happened
    /// meanwhile is sent then.
    pub fn change(
        mut self,
        change: EndpointChange,
        now: DateTime<Utc>,
    ) -> Result<(Self, WebhookEvent), Vec<BadFact>> {
        if let Some((types, scopes)) = change.types {
            or_faults(types_faults(&types, &scopes))?;
            (self.types, self.scopes) = (types, scopes);
        }
        if let Some(url) = change.url {
            self.url = url;
        }
        if let Some(format) = change.format {
            self.format = format;
        }
        if let Some(description) = change.description {
            self.description = description;
        }
        match change.paused {
            Some(true) => self.paused_at = self.paused_at.or(Some(now)),
            Some(false) => {
                (self.paused_at, self.disabled_at, self.disabling) = (None, None, None);
                self.failing_since = None;
            }
            None => {}
        }
        let fact = WebhookEvent::Updated {
            url: self.url.clone(),
            types: self.types.clone(),
            format: self.format,
            state: self.state(),
        };
        Ok((self, fact))
    }

    /// The numbers of the secrets that sign at `now`, the current one last.
    #[must_use]
    pub fn signing(&self, now: DateTime<Utc>) -> Vec<i64> {
        let lives = |secret: &&LiveSecret| secret.ends_at.is_none_or(|end| now < end);
        self.secrets.iter().filter(lives).map(|secret| secret.generation).collect()
    }

    /// The current secret's number.
    #[must_use]
    pub fn current(&self) -> i64 {
        self.secrets.last().map_or(0, |secret| secret.generation)
    }

    /// Gives it another secret; those that sign go on signing for `overlap`. None when so many sign already that
    /// the header would grow without end.
    #[must_use]
    pub fn rotate(
        mut self,
        overlap: TimeDelta,
        now: DateTime<Utc>,
    ) -> Option<(Self, WebhookEvent)> {
        self.secrets.retain(|secret| secret.ends_at.is_none_or(|end| now < end));
        if self.secrets.len() >= LIVE_SECRETS {
            return None;
        }
        let ends_at = now.checked_add_signed(overlap);
        let generation = self.current().saturating_add(1);
        for secret in &mut self.secrets {
            secret.ends_at = secret.ends_at.or(ends_at);
        }
        self.secrets.push(LiveSecret { generation, ends_at: None });
        Some((self, WebhookEvent::SecretRotated { generation }))
    }

    /// What an attempt means for it: one that succeeds ends a time of failures; 410, or [`FAILING`] without a
    /// success, stops it.
    #[must_use]
    pub fn attempted(
        mut self,
        delivered: bool,
        gone: bool,
        now: DateTime<Utc>,
    ) -> (Self, Option<WebhookEvent>) {
        if delivered {
            self.failing_since = None;
            return (self, None);
        }
        let since = *self.failing_since.get_or_insert(now);
        let disabling = if gone {
            Disabling::Gone
        } else if now.signed_duration_since(since) >= FAILING {
            Disabling::Failing
        } else {
            return (self, None);
        };
        if self.disabled_at.is_some() {
            return (self, None);
        }
        (self.disabled_at, self.disabling) = (Some(now), Some(disabling));
        let fact = WebhookEvent::Disabled { reason: disabling, failing_since: since };
        (self, Some(fact))
    }
}

facts! {
    /// What happens to endpoints. What is sent to them is not told here: the deliveries tell it.
    pub enum WebhookEvent {
        /// A machine made one.
        Created = "webhook_endpoint.created" { client: ClientId, url: String, types: Vec<String>, format: Format },
        /// Its machine changed it.
        Updated = "webhook_endpoint.updated" { url: String, types: Vec<String>, format: Format, state: EndpointState },
        /// Its machine removed it.
        Deleted = "webhook_endpoint.deleted" { client: ClientId },
        /// It has another secret; nothing of the secret stands here.
        SecretRotated = "webhook_endpoint.secret_rotated" { generation: i64 },
        /// The server stopped it.
        Disabled = "webhook_endpoint.disabled" { reason: Disabling, failing_since: DateTime<Utc> },
        /// Its machine had a ping sent.
        Pinged = "webhook_endpoint.pinged" {},
        /// Its machine had events sent again.
        Replayed = "webhook_endpoint.replayed" { deliveries: i64 },
    }
}
