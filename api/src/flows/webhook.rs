//! Webhooks: what happens is sent to the addresses of partners' machines.
//!
//! Deliveries are made of positioned events, in the transaction that moves the endpoint's place in the log; then they
//! are claimed, sent and settled, each in a transaction of its own. Whoever dies in between leaves a claim that ends: it
//! is sent again, never not at all, and nothing about the same person overtakes it.

mod message;
mod send;
pub mod sign;
mod work;

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use domain::{
    PersonId, WebhookEndpointId,
    event::Event,
    webhook::{
        Attempt, Cause, Delivery, Endpoint, EndpointState, PING, WebhookEvent, address::Ground,
    },
};
use persistence::{Optional, Recorded, Tx};

use super::change::Listener;
use crate::{app::App, problem::Problem};

pub(crate) use message::cloud_type;
pub(crate) use send::{Address, resolved};
pub(crate) use work::work;

/// For how long deliveries and their attempts are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Events that become deliveries in one transaction.
const ROUND: i64 = 200;
/// Positions that it passes over at most.
const WINDOW: i64 = 5_000;

/// Whether the machine itself counts as outside.
pub(crate) fn ground(app: &App) -> Ground {
    if app.clock.ahead().is_some() { Ground::Sandbox } else { Ground::Real }
}

/// For how long a server alone sends what it claimed: longer than an attempt takes.
pub(crate) fn claim_lasts(app: &App) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(app.config.webhook_timeout_ms).unwrap_or(60_000))
        + TimeDelta::seconds(15)
}

/// An event of an endpoint.
pub(crate) fn event(endpoint: WebhookEndpointId, fact: WebhookEvent) -> Event<WebhookEvent> {
    Event { program: None, subject: endpoint.to_string(), person: None, fact }
}

/// Makes deliveries of events, in their order, and keeps the endpoint, whose row is held.
pub(crate) fn enqueue(
    tx: &mut Tx<'_>,
    endpoint: &mut Endpoint,
    events: &[Recorded],
    cause: Cause,
) -> Result<Vec<Delivery>, Problem> {
    let people: HashSet<PersonId> = events.iter().filter_map(|event| event.person).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let mut last = tx.webhook_deliveries().sequences(endpoint.id, &people)?;
    let waits = tx.webhook_deliveries().waits(endpoint.id, &people)?;
    let told = match cause {
        Cause::Replay => {
            let ids: Vec<_> = events.iter().map(|event| event.id).collect();
            tx.webhook_deliveries().sequences_of(endpoint.id, &ids)?
        }
        Cause::Event | Cause::Ping => HashMap::new(),
    };
    let mut counted: HashMap<PersonId, i64> = HashMap::new();
    let (mut deliveries, now) = (Vec::with_capacity(events.len()), tx.machine());
    for event in events {
        endpoint.turns = endpoint.turns.saturating_add(1);
        let sequence = match (cause, event.person) {
            (Cause::Event, Some(person)) => {
                let next = last.entry(person).or_insert(0);
                *next = next.saturating_add(1);
                counted.insert(person, *next);
                Some(*next)
            }
            (Cause::Replay, Some(_)) => told.get(&event.id).copied(),
            (Cause::Ping, _) | (_, None) => None,
        };
        let is_ping = cause == Cause::Ping;
        deliveries.push(Delivery {
            id: tx.new_id(),
            endpoint: endpoint.id,
            turn: endpoint.turns,
            event: event.id,
            event_type: if is_ping { PING.to_owned() } else { event.event_type.clone() },
            position: event.position.filter(|_| !is_ping),
            person: event.person,
            sequence,
            cause,
            made_at: now,
            attempts: 0,
            // Not before what it waits for.
            next_at: event.person.and_then(|person| waits.get(&person).copied()).max(Some(now)),
            delivered_at: None,
            given_up_at: None,
            claim: None,
        });
    }
    tx.webhook_deliveries().insert_all(&deliveries)?;
    for (person, number) in counted {
        tx.webhook_deliveries().set_sequence(endpoint.id, person, number)?;
    }
    tx.webhook_endpoints().keep(endpoint)?;
    Ok(deliveries)
}

/// What an endpoint is sent now: which types, and of those what its machine may hear.
pub(crate) struct Sent {
    pub(crate) types: Vec<&'static str>,
    listener: Listener,
}

impl Sent {
    /// Of an endpoint, by what its machine may see today.
    pub(crate) fn of(tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<Self, Problem> {
        let client = tx.clients().get(endpoint.client)?;
        let types = match client.disabled_at {
            Some(_) => Vec::new(),
            None => endpoint.sent(&client.scopes).iter().map(|one| one.event_type).collect(),
        };
        Ok(Self { types, listener: Listener::sent(&client) })
    }
    /// Those of `events` that it is sent.
    pub(crate) fn of_these(
        &self,
        tx: &mut Tx<'_>,
        mut events: Vec<Recorded>,
    ) -> Result<Vec<Recorded>, Problem> {
        events.retain(|event| self.types.contains(&event.event_type.as_str()));
        self.listener.heard(tx, events)
    }
    /// Whether it is sent an event.
    fn has(&self, tx: &mut Tx<'_>, event: &Recorded) -> Result<bool, Problem> {
        Ok(!self.of_these(tx, vec![event.clone()])?.is_empty())
    }
}

/// Makes the deliveries of what happened since, a round of it. Whether there may be more.
fn materialise(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<bool, Problem> {
    let Some(mut endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(false) };
    let last = tx.events().last_position()?;
    if endpoint.state() != EndpointState::Active || endpoint.position >= last {
        return Ok(false);
    }
    let sent = Sent::of(tx, &endpoint)?;
    let until = endpoint.position.saturating_add(WINDOW).min(last);
    let events = tx.events().between((endpoint.position, until), &sent.types, ROUND)?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count == ROUND);
    let reached = events.last().and_then(|event| event.position).filter(|_| full);
    endpoint.position = reached.unwrap_or(until);
    let events = sent.of_these(tx, events)?;
    enqueue(tx, &mut endpoint, &events, Cause::Event)?;
    Ok(endpoint.position < last)
}

/// What is due and nobody sends.
fn claim(
    tx: &mut Tx<'_>,
    id: WebhookEndpointId,
    holder: &str,
    lasts: TimeDelta,
    room: usize,
) -> Result<Vec<Delivery>, Problem> {
    let Some(endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(Vec::new()) };
    if endpoint.state() != EndpointState::Active {
        return Ok(Vec::new());
    }
    let (now, room) = (tx.machine(), i64::try_from(room).unwrap_or(1));
    Ok(tx.webhook_deliveries().claim(id, holder, (now, lasts), room)?)
}

/// Sends a claimed delivery once, and settles it. None when its endpoint is gone, or somebody else sends it by now.
/// What its machine may not see any more is given up unsent: it may have waited for days.
pub(crate) async fn deliver(app: &App, delivery: Delivery) -> Result<Option<Delivery>, Problem> {
    let (id, of, is_ping) = (delivery.endpoint, delivery.event, delivery.cause == Cause::Ping);
    let found = app
        .store
        .read(move |tx| {
            let Some(endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(None) };
            let recorded = tx.events().get(of)?;
            let seen = is_ping || Sent::of(tx, &endpoint)?.has(tx, &recorded)?;
            Ok::<_, Problem>(Some((endpoint, recorded, seen)))
        })
        .await?;
    let Some((endpoint, recorded, seen)) = found else { return Ok(None) };
    let stamp = || app.stamp_of("system", "webhooks");
    if !seen {
        return app.store.write(stamp(), move |tx| withhold(tx, &delivery)).await;
    }
    let attempt = send::attempt(app, &endpoint, &delivery, &recorded).await?;
    let mut chance = [0; 2];
    app.chance.fill(&mut chance);
    let jitter = u16::from_be_bytes(chance) % 1001;
    let settled =
        app.store.write(stamp(), move |tx| settle(tx, &delivery, &attempt, jitter)).await?;
    app.written.notify_one();
    Ok(settled)
}

/// A delivery and its endpoint, held; none when either is gone, or somebody else sends it by now.
fn held(tx: &mut Tx<'_>, claimed: &Delivery) -> Result<Option<(Endpoint, Delivery)>, Problem> {
    // The endpoint first, as who claims holds it.
    let Some(endpoint) = tx.webhook_endpoints().get(claimed.endpoint).found()? else {
        return Ok(None);
    };
    let found = tx.webhook_deliveries().get(claimed.id).found()?;
    Ok(found.filter(|found| found.claim == claimed.claim).map(|found| (endpoint, found)))
}

fn withhold(tx: &mut Tx<'_>, claimed: &Delivery) -> Result<Option<Delivery>, Problem> {
    let Some((_, delivery)) = held(tx, claimed)? else { return Ok(None) };
    let delivery = delivery.withheld(tx.machine());
    tx.webhook_deliveries().save(&delivery)?;
    Ok(Some(delivery))
}

fn settle(
    tx: &mut Tx<'_>,
    sent: &Delivery,
    attempt: &Attempt,
    jitter: u16,
) -> Result<Option<Delivery>, Problem> {
    let Some((endpoint, delivery)) = held(tx, sent)? else { return Ok(None) };
    let (now, outcome) = (tx.machine(), &attempt.outcome);
    tx.webhook_deliveries().log(attempt)?;
    let delivery = delivery.attempted(outcome, jitter, now);
    tx.webhook_deliveries().save(&delivery)?;
    tx.webhook_deliveries().hold_back(&delivery)?;
    // A ping tries an address: that it fails says nothing of what is sent there.
    if delivery.cause != Cause::Ping || outcome.is_delivered() {
        let (endpoint, fact) = endpoint.attempted(outcome.is_delivered(), outcome.is_gone(), now);
        tx.webhook_endpoints().keep(&endpoint)?;
        if let Some(fact) = fact {
            tx.record(event(endpoint.id, fact))?;
        }
    }
    Ok(Some(delivery))
}
