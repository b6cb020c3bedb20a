//! What was sent to an endpoint, and what it answered.

use actix_web::get;
use domain::{WebhookDeliveryId, WebhookEndpointId, access::Action};
use persistence::DeliveryFilter;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    own,
    views::{DeliveryWithAttemptsView, ListWebhookDeliveries, WebhookDeliveryView},
};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Page, PathOf, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub(super) fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_webhook_deliveries).service(get_webhook_delivery);
}

/// List what was sent to an endpoint
///
/// In the order in which the deliveries were made. What was settled is kept for 30 days.
#[utoipa::path(tag = "Changes", params(ListWebhookDeliveries),
    responses((status = 200, body = Listing<WebhookDeliveryView>)))]
#[get("/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries")]
pub(crate) async fn list_webhook_deliveries(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
    query: Query<ListWebhookDeliveries>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let endpoint = own(tx, call, Action::ListWebhookDeliveries, *id)?;
        let page = Page::<WebhookDeliveryId>::of(query.limit, query.cursor.as_ref())?;
        let filter = DeliveryFilter { state: query.state, event: query.event_id };
        let rows = tx.webhook_deliveries().list(endpoint.id, &filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, |row| WebhookDeliveryView::from(&row)).reply(call))
    })
    .await
}

/// Read a delivery with every attempt
///
/// What was sent, with its headers, and what was answered: the status, headers and the beginning of the body.
#[utoipa::path(tag = "Changes", responses((status = 200, body = DeliveryWithAttemptsView)))]
#[get("/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries/{webhook_delivery_id}")]
pub(crate) async fn get_webhook_delivery(
    app: App,
    call: Call,
    ids: PathOf<(WebhookEndpointId, WebhookDeliveryId)>,
) -> Result<Reply, Problem> {
    let (id, delivery) = *ids;
    app.read(&call, move |tx, call| {
        let endpoint = own(tx, call, Action::GetWebhookDelivery, id)?;
        let found = tx.webhook_deliveries().get(delivery)?;
        if found.endpoint != endpoint.id {
            return Err(Problem::not_found());
        }
        let attempts = tx.webhook_deliveries().attempts(found.id)?;
        Ok(Reply::ok(&DeliveryWithAttemptsView::of(&found, &attempts)).private())
    })
    .await
}
