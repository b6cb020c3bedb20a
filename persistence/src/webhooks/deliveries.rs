//! What is sent to endpoints.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{
    EventId, PersonId, WebhookDeliveryId, WebhookEndpointId,
    webhook::{Cause, Delivery, DeliveryState},
};

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, page},
    conn::{each_backend, get_row},
    schema::{webhook_attempts, webhook_deliveries, webhook_sequences},
    types::{UtcTs, V},
};

/// Deliveries of webhooks.
pub struct WebhookDeliveries<'a, 'c>(pub(super) &'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Deliveries of webhooks.
    pub fn webhook_deliveries(&mut self) -> WebhookDeliveries<'_, 'c> {
        WebhookDeliveries(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<WebhookDeliveryId>,
    endpoint_id: V<WebhookEndpointId>,
    turn: i64,
    event_id: V<EventId>,
    event_type: String,
    position: Option<i64>,
    person_id: Option<V<PersonId>>,
    sequence: Option<i64>,
    cause: V<Cause>,
    made_at: V<DateTime<Utc>>,
    attempts: i64,
    next_at: Option<V<DateTime<Utc>>>,
    delivered_at: Option<V<DateTime<Utc>>>,
    given_up_at: Option<V<DateTime<Utc>>>,
    claimed_by: Option<String>,
    claimed_until: Option<V<DateTime<Utc>>>,
}

impl From<&Delivery> for Row {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: V(delivery.id),
            endpoint_id: V(delivery.endpoint),
            turn: delivery.turn,
            event_id: V(delivery.event),
            event_type: delivery.event_type.clone(),
            position: delivery.position,
            person_id: delivery.person.map(V),
            sequence: delivery.sequence,
            cause: V(delivery.cause),
            made_at: V(delivery.made_at),
            attempts: delivery.attempts,
            next_at: delivery.next_at.map(V),
            delivered_at: delivery.delivered_at.map(V),
            given_up_at: delivery.given_up_at.map(V),
            claimed_by: delivery.claim.as_ref().map(|(by, _)| by.clone()),
            claimed_until: delivery.claim.as_ref().map(|(_, until)| V(*until)),
        }
    }
}

impl TryFrom<Row> for Delivery {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            endpoint: row.endpoint_id.0,
            turn: row.turn,
            event: row.event_id.0,
            event_type: row.event_type,
            position: row.position,
            person: row.person_id.map(|person| person.0),
            sequence: row.sequence,
            cause: row.cause.0,
            made_at: row.made_at.0,
            attempts: row.attempts,
            next_at: row.next_at.map(|at| at.0),
            delivered_at: row.delivered_at.map(|at| at.0),
            given_up_at: row.given_up_at.map(|at| at.0),
            claim: row.claimed_by.zip(row.claimed_until.map(|until| until.0)),
        })
    }
}

/// What a list of deliveries is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Where they stand.
    pub state: Option<DeliveryState>,
    /// Of an event.
    pub event: Option<EventId>,
}

impl WebhookDeliveries<'_, '_> {
    /// A delivery, held until the end of a write.
    pub fn get(&mut self, id: WebhookDeliveryId) -> Result<Delivery, Error> {
        let row: Row =
            get_row!(self.0, webhook_deliveries::table.find(V(id)).select(Row::as_select()))?;
        row.try_into()
    }

    /// Stores new deliveries.
    pub fn insert_all(&mut self, deliveries: &[Delivery]) -> Result<(), Error> {
        for chunk in deliveries.chunks(CHUNK) {
            let rows: Vec<Row> = chunk.iter().map(Row::from).collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(webhook_deliveries::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// Stores a changed delivery. Its row is held, or its endpoint's.
    pub fn save(&mut self, delivery: &Delivery) -> Result<(), Error> {
        let row = Row::from(delivery);
        let changed =
            each_backend!(self.0.conn, |c| diesel::update(webhook_deliveries::table.find(row.id))
                .set(&row)
                .execute(c))?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// A page of what was sent to an endpoint.
    pub fn list(
        &mut self,
        endpoint: WebhookEndpointId,
        filter: &DeliveryFilter,
        page: Page<WebhookDeliveryId>,
    ) -> Result<Vec<Delivery>, Error> {
        page!(self.0, webhook_deliveries, page, |query| {
            query = query.filter(webhook_deliveries::endpoint_id.eq(V(endpoint)));
            if let Some(event) = filter.event {
                query = query.filter(webhook_deliveries::event_id.eq(V(event)));
            }
            query = match filter.state {
                None => query,
                Some(DeliveryState::Waiting) => {
                    query.filter(webhook_deliveries::next_at.is_not_null())
                }
                Some(DeliveryState::Delivered) => {
                    query.filter(webhook_deliveries::delivered_at.is_not_null())
                }
                Some(DeliveryState::GivenUp) => {
                    query.filter(webhook_deliveries::given_up_at.is_not_null())
                }
            };
        })
    }

    /// Claims deliveries of an endpoint that are due at `now`, for `holder` and so long: of each person the first
    /// that is not settled only. Hold the endpoint's row.
    pub fn claim(
        &mut self,
        endpoint: WebhookEndpointId,
        holder: &str,
        (now, lasts): (DateTime<Utc>, TimeDelta),
        limit: i64,
    ) -> Result<Vec<Delivery>, Error> {
        let earlier = diesel::alias!(webhook_deliveries as earlier);
        let before = earlier
            .filter(earlier.field(webhook_deliveries::endpoint_id).eq(V(endpoint)))
            .filter(earlier.field(webhook_deliveries::next_at).is_not_null())
            .filter(earlier.field(webhook_deliveries::turn).lt(webhook_deliveries::turn))
            .filter(earlier.field(webhook_deliveries::person_id).eq(webhook_deliveries::person_id));
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| webhook_deliveries::table
            .filter(webhook_deliveries::endpoint_id.eq(V(endpoint)))
            .filter(webhook_deliveries::next_at.le(V(now)))
            .filter(
                webhook_deliveries::claimed_until
                    .is_null()
                    .or(webhook_deliveries::claimed_until.le(V(now)))
            )
            .filter(diesel::dsl::not(diesel::dsl::exists(before)))
            // By the index of what is due: of a million that wait for their time none is looked at.
            .order((webhook_deliveries::next_at.asc(), webhook_deliveries::turn.asc()))
            .limit(limit)
            .select(Row::as_select())
            .load(c))?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let mut delivery = Delivery::try_from(row)?;
            let until = now.checked_add_signed(lasts).unwrap_or(DateTime::<Utc>::MAX_UTC);
            delivery.claim = Some((holder.to_owned(), until));
            self.save(&delivery)?;
            claimed.push(delivery);
        }
        Ok(claimed)
    }

    /// When the last of what waits about each of these people is due; those about whom nothing waits are left out.
    /// Hold the endpoint's row.
    pub fn waits(
        &mut self,
        endpoint: WebhookEndpointId,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, DateTime<Utc>>, Error> {
        type Due = (Option<V<PersonId>>, V<DateTime<Utc>>);
        let rows: Vec<Due> = each_backend!(self.0.conn, |c| webhook_deliveries::table
            .filter(webhook_deliveries::endpoint_id.eq(V(endpoint)))
            .filter(webhook_deliveries::person_id.eq_any(people.iter().map(|one| V(*one))))
            .filter(webhook_deliveries::next_at.is_not_null())
            .group_by(webhook_deliveries::person_id)
            .select((webhook_deliveries::person_id, diesel::dsl::sql::<UtcTs>("MAX(next_at)"),))
            .load(c))?;
        let known = |(person, at): Due| Some((person?.0, at.0));
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// What comes after a delivery about the same person is due no sooner than it: it would only wait for it. Hold
    /// the endpoint's row.
    pub fn hold_back(&mut self, before: &Delivery) -> Result<(), Error> {
        let (Some(person), Some(next_at)) = (before.person, before.next_at) else {
            return Ok(());
        };
        each_backend!(self.0.conn, |c| diesel::update(
            webhook_deliveries::table
                .filter(webhook_deliveries::endpoint_id.eq(V(before.endpoint)))
                .filter(webhook_deliveries::person_id.eq(V(person)))
                .filter(webhook_deliveries::turn.gt(before.turn))
                .filter(webhook_deliveries::next_at.lt(V(next_at)))
        )
        .set(webhook_deliveries::next_at.eq(Some(V(next_at))))
        .execute(c))?;
        Ok(())
    }

    /// The numbers that an endpoint was told last about these people; those of whom it was told nothing are left
    /// out. Hold the endpoint's row.
    pub fn sequences(
        &mut self,
        endpoint: WebhookEndpointId,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, i64>, Error> {
        let rows: Vec<(V<PersonId>, i64)> =
            each_backend!(self.0.conn, |c| webhook_sequences::table
                .filter(webhook_sequences::endpoint_id.eq(V(endpoint)))
                .filter(webhook_sequences::person_id.eq_any(people.iter().map(|one| V(*one))))
                .select((webhook_sequences::person_id, webhook_sequences::last))
                .load(c))?;
        Ok(rows.into_iter().map(|(person, last)| (person.0, last)).collect())
    }

    /// Stores such a number.
    pub fn set_sequence(
        &mut self,
        endpoint: WebhookEndpointId,
        person: PersonId,
        last: i64,
    ) -> Result<(), Error> {
        let row = (
            webhook_sequences::endpoint_id.eq(V(endpoint)),
            webhook_sequences::person_id.eq(V(person)),
            webhook_sequences::last.eq(last),
        );
        each_backend!(self.0.conn, |c| diesel::insert_into(webhook_sequences::table)
            .values(&row)
            .on_conflict((webhook_sequences::endpoint_id, webhook_sequences::person_id))
            .do_update()
            .set(webhook_sequences::last.eq(last))
            .execute(c))?;
        Ok(())
    }

    /// The numbers under which an endpoint was told events about people first; events that it was not told, or whose
    /// deliveries were removed since, are left out.
    pub fn sequences_of(
        &mut self,
        endpoint: WebhookEndpointId,
        events: &[EventId],
    ) -> Result<HashMap<EventId, i64>, Error> {
        let mut found = HashMap::with_capacity(events.len());
        for chunk in events.chunks(CHUNK) {
            let rows: Vec<(V<EventId>, Option<i64>)> =
                each_backend!(self.0.conn, |c| webhook_deliveries::table
                    .filter(webhook_deliveries::endpoint_id.eq(V(endpoint)))
                    .filter(webhook_deliveries::event_id.eq_any(chunk.iter().map(|id| V(*id))))
                    .filter(webhook_deliveries::sequence.is_not_null())
                    .select((webhook_deliveries::event_id, webhook_deliveries::sequence))
                    .load(c))?;
            let known = |(event, number): (V<EventId>, Option<i64>)| Some((event.0, number?));
            found.extend(rows.into_iter().filter_map(known));
        }
        Ok(found)
    }

    /// Removes what was settled before `before`, with its attempts, of either kind so much of it at once; how many
    /// deliveries.
    pub fn purge(&mut self, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
        // Each by an index of its own: a look that finds nothing reads nothing.
        let mut old: Vec<V<WebhookDeliveryId>> =
            each_backend!(self.0.conn, |c| webhook_deliveries::table
                .filter(webhook_deliveries::delivered_at.lt(V(before)))
                .order(webhook_deliveries::delivered_at.asc())
                .limit(limit)
                .select(webhook_deliveries::id)
                .load(c))?;
        let given_up: Vec<V<WebhookDeliveryId>> =
            each_backend!(self.0.conn, |c| webhook_deliveries::table
                .filter(webhook_deliveries::given_up_at.lt(V(before)))
                .order(webhook_deliveries::given_up_at.asc())
                .limit(limit)
                .select(webhook_deliveries::id)
                .load(c))?;
        old.extend(given_up);
        self.remove_all(&old)?;
        Ok(old.len())
    }

    /// Removes what was settled of an endpoint, with its attempts, so much of it at once; how many deliveries.
    pub fn clear(&mut self, endpoint: WebhookEndpointId, limit: i64) -> Result<usize, Error> {
        let settled: Vec<V<WebhookDeliveryId>> =
            each_backend!(self.0.conn, |c| webhook_deliveries::table
                .filter(webhook_deliveries::endpoint_id.eq(V(endpoint)))
                .filter(webhook_deliveries::next_at.is_null())
                .order(webhook_deliveries::id.asc())
                .limit(limit)
                .select(webhook_deliveries::id)
                .load(c))?;
        self.remove_all(&settled)?;
        Ok(settled.len())
    }

    fn remove_all(&mut self, deliveries: &[V<WebhookDeliveryId>]) -> Result<(), Error> {
        for chunk in deliveries.chunks(CHUNK) {
            each_backend!(self.0.conn, |c| {
                diesel::delete(
                    webhook_attempts::table
                        .filter(webhook_attempts::delivery_id.eq_any(chunk.iter().copied())),
                )
                .execute(c)?;
                diesel::delete(
                    webhook_deliveries::table
                        .filter(webhook_deliveries::id.eq_any(chunk.iter().copied())),
                )
                .execute(c)
            })?;
        }
        Ok(())
    }
}
