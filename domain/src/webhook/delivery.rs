//! Deliveries: attempts on a schedule, until one succeeds or the last one failed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{EventId, PersonId, WebhookDeliveryId, WebhookEndpointId, words};

words! {
    /// Why something is sent.
    pub enum Cause {
        /// It happened.
        Event = "event",
        /// It is sent again because its machine asked for it.
        Replay = "replay",
        /// The machine asked for a ping.
        Ping = "ping",
    }
}

words! {
    /// Where a delivery stands.
    pub enum DeliveryState {
        /// It is to be sent, perhaps again.
        Waiting = "waiting",
        /// It was taken.
        Delivered = "delivered",
        /// It was not taken, and is not sent again by itself.
        GivenUp = "given_up",
    }
}

/// How long each retry waits after the attempt before, in seconds; after the last one the delivery is given up.
pub const RETRIES_S: [i64; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];
/// The least wait after an answer that asks to slow down.
const SLOWER: TimeDelta = TimeDelta::minutes(1);
/// The longest wait, whatever `Retry-After` says.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Something that is sent to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Identity.
    pub id: WebhookDeliveryId,
    /// To which endpoint.
    pub endpoint: WebhookEndpointId,
    /// Its place among all of the endpoint, from 1: those about one person go out in this order.
    pub turn: i64,
    /// The event: the `webhook-id`.
    pub event: EventId,
    /// The event's type; `webhook.ping` for a ping.
    pub event_type: String,
    /// The event's position in the log; none for a ping.
    pub position: Option<i64>,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// Its number among what the endpoint is told about the person; none for what was never sent first.
    pub sequence: Option<i64>,
    /// Why it is sent.
    pub cause: Cause,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How many attempts there were.
    pub attempts: i64,
    /// When the next attempt is due; none once it was delivered or given up.
    pub next_at: Option<DateTime<Utc>>,
    /// When it was taken.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Which server sends it, and until when nobody else does.
    pub claim: Option<(String, DateTime<Utc>)>,
}

/// What an endpoint answered to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `name: value` of the headers.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub body: String,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered(Answer),
    /// There was no answer, or none that is HTTP: why, in a few words.
    Failed(String),
}

/// One attempt, as it is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: WebhookDeliveryId,
    /// Its number, from 1.
    pub number: i64,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// Where to.
    pub url: String,
    /// The headers that were sent.
    pub headers: Vec<(String, String)>,
    /// The body that was sent.
    pub body: String,
    /// What it came to.
    pub outcome: Outcome,
}

impl Outcome {
    /// Whether it was taken: 2xx and nothing else.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }
    /// Whether the endpoint says that it is gone for good.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status() == Some(410)
    }
    /// The status that was answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(answer) => Some(answer.status),
            Self::Failed(_) => None,
        }
    }
    fn header(&self, name: &str) -> Option<&str> {
        let Self::Answered(answer) = self else { return None };
        let found = answer.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
    /// For how long the answer asks to wait.
    fn asks(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let slower = matches!(self.status(), Some(429 | 502 | 503 | 504)).then_some(SLOWER);
        let asked = self.header("retry-after").and_then(|value| retry_after(value.trim(), now));
        slower.max(asked).map(|wait| wait.clamp(TimeDelta::zero(), LONGEST))
    }
}

/// `Retry-After` (RFC 9110): seconds, or a date.
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse::<u32>().map_or(LONGEST, |wait| TimeDelta::seconds(wait.into())));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    Some(until.to_utc().signed_duration_since(now))
}

impl Delivery {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> DeliveryState {
        match (self.delivered_at, self.given_up_at) {
            (Some(_), _) => DeliveryState::Delivered,
            (None, Some(_)) => DeliveryState::GivenUp,
            (None, None) => DeliveryState::Waiting,
        }
    }

    /// It is not sent any more, and was not: its machine may not see it by now.
    #[must_use]
    pub fn withheld(mut self, now: DateTime<Utc>) -> Self {
        self.claim = None;
        (self.given_up_at, self.next_at) = (Some(now), None);
        self
    }

    /// What an attempt that ended at `now` means for it. `jitter`, of a thousand, lengthens the wait by a tenth at
    /// most, so that what failed together is not sent again together.
    #[must_use]
    pub fn attempted(mut self, outcome: &Outcome, jitter: u16, now: DateTime<Utc>) -> Self {
        let before = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        self.attempts = self.attempts.saturating_add(1);
        self.claim = None;
        if outcome.is_delivered() {
            (self.delivered_at, self.next_at) = (Some(now), None);
            return self;
        }
        let retry =
            RETRIES_S.get(before).filter(|_| self.cause != Cause::Ping && !outcome.is_gone());
        let Some(seconds) = retry else {
            (self.given_up_at, self.next_at) = (Some(now), None);
            return self;
        };
        let wait = TimeDelta::seconds(*seconds);
        let more = TimeDelta::milliseconds(seconds.saturating_mul(jitter.min(1000).into()) / 10);
        let wait = outcome.asks(now).map_or(wait, |asked| asked.max(wait));
        self.next_at = now.checked_add_signed(wait).and_then(|at| at.checked_add_signed(more));
        self
    }
}
