//! Endpoints of webhooks; [`deliveries`] holds what is sent to them.

mod attempts;
mod deliveries;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ClientId, WebhookEndpointId,
    webhook::{Disabling, Endpoint, Format},
};
use serde_json::Value;

pub use deliveries::{DeliveryFilter, WebhookDeliveries};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_sequences},
    schema_access::clients,
    types::V,
};

/// Endpoints of webhooks.
pub struct WebhookEndpoints<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Endpoints of webhooks.
    pub fn webhook_endpoints(&mut self) -> WebhookEndpoints<'_, 'c> {
        WebhookEndpoints(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_endpoints, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<WebhookEndpointId>,
    client_id: V<ClientId>,
    url: String,
    types: V<Value>,
    scopes: V<Value>,
    format: V<Format>,
    description: Option<String>,
    secrets: V<Value>,
    created_at: V<DateTime<Utc>>,
    paused_at: Option<V<DateTime<Utc>>>,
    disabled_at: Option<V<DateTime<Utc>>>,
    disabling: Option<V<Disabling>>,
    failing_since: Option<V<DateTime<Utc>>>,
    position: i64,
    turns: i64,
    version: i64,
}

impl TryFrom<&Endpoint> for Row {
    type Error = Error;
    fn try_from(endpoint: &Endpoint) -> Result<Self, Error> {
        Ok(Self {
            id: V(endpoint.id),
            client_id: V(endpoint.client),
            url: endpoint.url.clone(),
            types: json::of(&endpoint.types)?,
            scopes: json::of(&endpoint.scopes)?,
            format: V(endpoint.format),
            description: endpoint.description.clone(),
            secrets: json::of(&endpoint.secrets)?,
            created_at: V(endpoint.created_at),
            paused_at: endpoint.paused_at.map(V),
            disabled_at: endpoint.disabled_at.map(V),
            disabling: endpoint.disabling.map(V),
            failing_since: endpoint.failing_since.map(V),
            position: endpoint.position,
            turns: endpoint.turns,
            version: endpoint.version,
        })
    }
}

impl TryFrom<Row> for Endpoint {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            client: row.client_id.0,
            url: row.url,
            types: json::read(row.types)?,
            scopes: json::read(row.scopes)?,
            format: row.format.0,
            description: row.description,
            secrets: json::read(row.secrets)?,
            created_at: row.created_at.0,
            paused_at: row.paused_at.map(|at| at.0),
            disabled_at: row.disabled_at.map(|at| at.0),
            disabling: row.disabling.map(|why| why.0),
            failing_since: row.failing_since.map(|at| at.0),
            position: row.position,
            turns: row.turns,
            version: row.version,
        })
    }
}

aggregate!(WebhookEndpoints, webhook_endpoints, Endpoint, WebhookEndpointId);

impl WebhookEndpoints<'_, '_> {
    /// A page of endpoints, of one machine or of all.
    pub fn list(
        &mut self,
        client: Option<ClientId>,
        page: Page<WebhookEndpointId>,
    ) -> Result<Vec<Endpoint>, Error> {
        page!(self.0, webhook_endpoints, page, |query| {
            if let Some(client) = client {
                query = query.filter(webhook_endpoints::client_id.eq(V(client)));
            }
        })
    }

    /// How many a machine has.
    pub fn count_of(&mut self, client: ClientId) -> Result<i64, Error> {
        Ok(each_backend!(self.0.conn, |c| webhook_endpoints::table
            .filter(webhook_endpoints::client_id.eq(V(client)))
            .count()
            .get_result(c))?)
    }

    /// The endpoints to which something is to be sent at `now`: that have not come to the end of the log, which is
    /// at `last`, or have a delivery that is due and that nobody sends. Neither paused nor disabled ones.
    pub fn with_work(
        &mut self,
        last: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<WebhookEndpointId>, Error> {
        let due = webhook_deliveries::table
            .filter(webhook_deliveries::endpoint_id.eq(webhook_endpoints::id))
            .filter(webhook_deliveries::next_at.le(V(now)))
            .filter(
                webhook_deliveries::claimed_until
                    .is_null()
                    .or(webhook_deliveries::claimed_until.le(V(now))),
            );
        let ids: Vec<V<WebhookEndpointId>> =
            each_backend!(self.0.conn, |c| webhook_endpoints::table
                .filter(webhook_endpoints::paused_at.is_null())
                .filter(webhook_endpoints::disabled_at.is_null())
                // A machine that was disabled is sent nothing.
                .filter(webhook_endpoints::client_id.eq_any(
                    clients::table.filter(clients::disabled_at.is_null()).select(clients::id)
                ))
                .filter(webhook_endpoints::position.lt(last).or(diesel::dsl::exists(due)))
                .order(webhook_endpoints::id.asc())
                .select(webhook_endpoints::id)
                .load(c))?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }

    /// Stores how far an endpoint has come and how often it failed: what is no change of its owner's, so that the
    /// version stays.
    pub fn keep(&mut self, endpoint: &Endpoint) -> Result<(), Error> {
        let kept = (
            webhook_endpoints::disabled_at.eq(endpoint.disabled_at.map(V)),
            webhook_endpoints::disabling.eq(endpoint.disabling.map(V)),
            webhook_endpoints::failing_since.eq(endpoint.failing_since.map(V)),
            webhook_endpoints::position.eq(endpoint.position),
            webhook_endpoints::turns.eq(endpoint.turns),
        );
        let changed = each_backend!(self.0.conn, |c| diesel::update(
            webhook_endpoints::table.find(V(endpoint.id))
        )
        .set(kept)
        .execute(c))?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Removes an endpoint with everything that was sent to it.
    pub fn remove(&mut self, id: WebhookEndpointId) -> Result<(), Error> {
        let ours = || {
            webhook_deliveries::table
                .filter(webhook_deliveries::endpoint_id.eq(V(id)))
                .select(webhook_deliveries::id)
        };
        each_backend!(self.0.conn, |c| {
            diesel::delete(
                webhook_attempts::table.filter(webhook_attempts::delivery_id.eq_any(ours())),
            )
            .execute(c)?;
            diesel::delete(
                webhook_deliveries::table.filter(webhook_deliveries::endpoint_id.eq(V(id))),
            )
            .execute(c)?;
            diesel::delete(
                webhook_sequences::table.filter(webhook_sequences::endpoint_id.eq(V(id))),
            )
            .execute(c)?;
            diesel::delete(webhook_endpoints::table.find(V(id))).execute(c)
        })?;
        Ok(())
    }
}
