//! Webhooks: what happens is sent to the addresses of partners' machines.
//!
//! Deliveries are made of positioned events, in the transaction that moves the endpoint's place in the log; then they
//! are claimed, sent and settled, each in a transaction of its own. Whoever dies in between leaves a claim that ends: it
//! is sent again, never not at all, and nothing about the same person overtakes it.

mod message;
mod send;
pub mod sign;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    PersonId, WebhookEndpointId,
    event::Event,
    webhook::{
        Attempt, Cause, Delivery, Endpoint, EndpointState, PING, WebhookEvent, address::Ground,
    },
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use persistence::{Optional, Recorded, Tx};
use tokio::task::{AbortHandle, JoinSet};

use super::change::is_for;
use crate::{app::App, problem::Problem};

pub(crate) use message::cloud_type;
pub(crate) use send::{Address, resolved};

/// For how long deliveries and their attempts are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Events that become deliveries in one transaction.
const ROUND: i64 = 200;
/// Positions that it passes over at most.
const WINDOW: i64 = 5_000;
/// Deliveries of an endpoint under way at once.
const PARALLEL: usize = 8;
/// Endpoints that a server serves at once.
const ENDPOINTS: usize = 64;

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

/// The types that an endpoint is sent now.
pub(crate) fn sent(tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<Vec<&'static str>, Problem> {
    let client = tx.clients().get(endpoint.client)?;
    if client.disabled_at.is_some() {
        return Ok(Vec::new());
    }
    Ok(endpoint.sent(&client.scopes).iter().map(|one| one.event_type).collect())
}

/// Makes the deliveries of what happened since, a round of it. Whether there may be more.
fn materialise(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<bool, Problem> {
    let Some(mut endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(false) };
    let last = tx.events().last_position()?;
    if endpoint.state() != EndpointState::Active || endpoint.position >= last {
        return Ok(false);
    }
    let types = sent(tx, &endpoint)?;
    let until = endpoint.position.saturating_add(WINDOW).min(last);
    let mut events = tx.events().between((endpoint.position, until), &types, ROUND)?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count == ROUND);
    let reached = events.last().and_then(|event| event.position).filter(|_| full);
    endpoint.position = reached.unwrap_or(until);
    events.retain(|event| is_for(event, Some(endpoint.client)));
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
pub(crate) async fn deliver(app: &App, delivery: Delivery) -> Result<Option<Delivery>, Problem> {
    let (id, of) = (delivery.endpoint, delivery.event);
    let found = app
        .store
        .read(move |tx| {
            let Some(endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(None) };
            Ok::<_, Problem>(Some((endpoint, tx.events().get(of)?)))
        })
        .await?;
    let Some((endpoint, recorded)) = found else { return Ok(None) };
    let attempt = send::attempt(app, &endpoint, &delivery, &recorded).await?;
    let mut chance = [0; 2];
    app.chance.fill(&mut chance);
    let jitter = u16::from_be_bytes(chance) % 1001;
    let stamp = app.stamp_of("system", "webhooks");
    let settled = app.store.write(stamp, move |tx| settle(tx, &delivery, &attempt, jitter)).await?;
    app.written.notify_one();
    Ok(settled)
}

fn settle(
    tx: &mut Tx<'_>,
    sent: &Delivery,
    attempt: &Attempt,
    jitter: u16,
) -> Result<Option<Delivery>, Problem> {
    // The endpoint first, as who claims holds it.
    let Some(endpoint) = tx.webhook_endpoints().get(sent.endpoint).found()? else {
        return Ok(None);
    };
    let Some(delivery) = tx.webhook_deliveries().get(sent.id).found()? else { return Ok(None) };
    if delivery.claim != sent.claim {
        return Ok(None);
    }
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

/// Sends everything that is due to an endpoint.
async fn serve(app: &App, holder: &str, id: WebhookEndpointId) -> Result<(), Problem> {
    let mut under_way = FuturesUnordered::new();
    loop {
        let stamp = || app.stamp_of("system", "webhooks");
        let more = app.store.write(stamp(), move |tx| materialise(tx, id)).await?;
        let (name, lasts) = (holder.to_owned(), claim_lasts(app));
        let room = PARALLEL.saturating_sub(under_way.len());
        let claimed = app.store.write(stamp(), move |tx| claim(tx, id, &name, lasts, room)).await?;
        under_way.extend(claimed.into_iter().map(|delivery| deliver(app, delivery)));
        match under_way.next().await {
            Some(Ok(_)) => {}
            Some(Err(problem)) => return Err(problem),
            None if more => {}
            None => return Ok(()),
        }
    }
}

/// The worker: serves every endpoint that has work, each by itself, so that none waits for another.
pub(crate) async fn work(app: App, holder: String) {
    let mut crew = JoinSet::new();
    let mut served: HashMap<WebhookEndpointId, AbortHandle> = HashMap::new();
    loop {
        let news = app.news.notified();
        while crew.try_join_next().is_some() {}
        served.retain(|_, task| !task.is_finished());
        let now = app.machine();
        let found = app.store.read(move |tx| {
            let last = tx.events().last_position()?;
            tx.webhook_endpoints().with_work(last, now).map_err(Problem::from)
        });
        match found.await {
            Ok(found) => {
                for id in found {
                    if served.len() >= ENDPOINTS || served.contains_key(&id) {
                        continue;
                    }
                    let (app, holder) = (app.clone(), holder.clone());
                    let task = async move {
                        if let Err(problem) = serve(&app, &holder, id).await {
                            tracing::warn!(cause = problem.cause(), %id, "webhooks wait");
                        }
                    };
                    served.insert(id, crew.spawn(task));
                }
            }
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "the endpoints of webhooks cannot be read");
            }
        }
        let _timeout = tokio::time::timeout(Duration::from_secs(1), news).await;
    }
}
