//! What machines are told of people: the one hook of every operation that answers personal data, the quota of a
//! day, and the record of each answer.
//!
//! A handler says of whom its answer tells ([`Call::discloses`]); the rest happens where it leaves its
//! transaction, before the caller is answered. Of people who ask nothing is counted.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::{
    ClientId, PersonId,
    access::Who,
    client::{ClientRead, Spent, within_quota},
    credential::CredentialEvent,
};
use persistence::{Optional, Tx};

use crate::{
    app::App,
    call::Call,
    problem::{Kind, Problem},
    v1::clients,
};

/// Of whom the answer to a call tells.
#[derive(Debug, Default)]
pub struct Disclosed(Mutex<BTreeSet<PersonId>>);

impl Disclosed {
    /// Begins anew: the work is run again.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
    fn people(&self) -> BTreeSet<PersonId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Call {
    /// Says that the answer holds personal data of `people`. Where a machine asks, they are counted against its
    /// quota and the answer is recorded, or refused with 429; where a person asks, nothing happens.
    pub fn discloses(&self, people: impl IntoIterator<Item = PersonId>) {
        if self.caller().client().is_some() {
            self.disclosed.0.lock().unwrap_or_else(PoisonError::into_inner).extend(people);
        }
    }
}

/// What a machine is about to be told.
#[derive(Debug, Clone)]
struct Told {
    client: ClientId,
    operation: String,
    people: i64,
    first: PersonId,
    last: PersonId,
}

impl Told {
    fn of(call: &Call) -> Option<Self> {
        let Who::Client(client) = call.caller().who else { return None };
        let people = call.disclosed.people();
        let (first, last) = people.first().zip(people.last())?;
        let operation = call.operation.as_deref().map(|operation| operation.id.clone());
        Some(Self {
            client,
            // SCIM describes itself, and is no part of the document.
            operation: operation.unwrap_or_else(|| format!("scim {}", call.method)),
            people: i64::try_from(people.len()).unwrap_or(i64::MAX),
            first: *first,
            last: *last,
        })
    }
    fn record(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let read = ClientRead {
            id: tx.new_id(),
            client: self.client,
            at: tx.machine(),
            operation: self.operation.clone(),
            request_id: tx.request_id().to_owned(),
            people: self.people,
            first_person: self.first,
            last_person: self.last,
        };
        Ok(tx.client_reads().insert(&read)?)
    }
}

/// Records what a change tells a machine, in its own transaction. It is not refused: what was changed was, and a
/// payment is not turned away because its answer names somebody.
pub(crate) fn note(tx: &mut Tx<'_>, call: &Call) -> Result<(), Problem> {
    match Told::of(call) {
        Some(told) => told.record(tx),
        None => Ok(()),
    }
}

/// Records what a read is about to tell a machine, or refuses it: 429.
pub(crate) async fn settle(app: &App, call: &Call) -> Result<(), Problem> {
    match Told::of(call) {
        Some(told) => within(app, call, (told.client, told.people), Some(told)).await,
        None => Ok(()),
    }
}

/// Refuses, before its first byte, a stream that would tell a machine of more people than it may still read of: 429.
/// Nothing is counted by it: each chunk of the stream is, when it is read ([`App::read`]). Two streams at once may
/// both begin; the one that runs into the quota is cut off.
pub(crate) async fn has_room(app: &App, call: &Call, people: i64) -> Result<(), Problem> {
    match call.caller().client() {
        Some(client) => within(app, call, (client, people), None).await,
        None => Ok(()),
    }
}

/// Whether a machine may be told of so many people, which is recorded where something was told. The client's row is
/// held, so that two answers at once cannot both take what is left.
async fn within(
    app: &App,
    call: &Call,
    (client, people): (ClientId, i64),
    told: Option<Told>,
) -> Result<(), Problem> {
    let (house, credential) = (app.config.client_people_a_day, call.caller().credential);
    let settled = app.store.write(app.stamp(call), move |tx| {
        let (client, now) = (tx.clients().get(client)?, tx.machine());
        // A stream outlives the door through which it began.
        let credential = match credential {
            Some(credential) => tx.client_credentials().get(credential).found()?,
            None => None,
        };
        if client.disabled_at.is_some() || !credential.is_some_and(|one| one.stands(now)) {
            let detail = "its client was disabled, or its credential revoked, meanwhile";
            return Err(Problem::invalid_token(detail));
        }
        let quota = client.people_a_day.unwrap_or(house);
        let hours = tx.client_reads().hours(client.id, now)?;
        match (within_quota(quota, &hours, people, now), &told) {
            (Ok(()), Some(told)) => told.record(tx).map(Ok),
            (Ok(()), None) => Ok(Ok(())),
            (Err(Spent { until }), _) => {
                if client.trips(now) {
                    tx.clients().tripped(client.id, now)?;
                    let (client, people_a_day) = (client.id, quota);
                    let fact = CredentialEvent::ClientQuotaTripped { client, people_a_day, until };
                    tx.record(clients::event(client, fact))?;
                }
                Ok(Err((quota, (until - now).num_seconds().saturating_add(1))))
            }
        }
    });
    settled.await?.map_err(|(quota, wait_s)| {
        // An event may have been written, which only a refusal does.
        app.written.notify_one();
        let detail = format!(
            "This machine may read of {quota} people in a day, and the answer would tell of more."
        );
        Problem::new(Kind::QuotaExceeded, detail).with_header("Retry-After", wait_s.to_string())
    })
}
