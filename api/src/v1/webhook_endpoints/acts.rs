//! What a machine has done to its endpoint: a ping, another secret, events sent again.

use actix_web::post;
use chrono::TimeDelta;
use domain::{
    BadFact, WebhookDeliveryId, WebhookEndpointId,
    access::Action,
    webhook::{Cause, WebhookEvent},
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    own,
    views::{
        DeliveryWithAttemptsView, ReplayWebhookEvents, WebhookDeliveryView,
        WebhookEndpointWithSecretView, WebhookReplayView,
    },
};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::webhook::{self, Sent},
    problem::Problem,
};

/// Registers the operations of this module.
pub(super) fn register(config: &mut ServiceConfig<'_>) {
    config.service(ping_webhook_endpoint);
    config.service(rotate_webhook_secret);
    config.service(replay_webhook_delivery);
    config.service(replay_webhook_events);
}

/// Positions that are sent again at once at most.
const LONGEST_REPLAY: i64 = 10_000;
/// Events that are read at once.
const ROUND: i64 = 500;

/// Send a ping
///
/// At once, and once: `webhook.ping`, signed as everything is, also to an endpoint that is stopped. The answer is its
/// delivery with what the endpoint answered, and 200 whatever that was. No Idempotency-Key is taken.
#[utoipa::path(tag = "Changes", extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 200, body = DeliveryWithAttemptsView)))]
#[post("/v1/webhook-endpoints/{webhook_endpoint_id}/ping")]
pub(crate) async fn ping_webhook_endpoint(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
) -> Result<Reply, Problem> {
    let lasts = webhook::claim_lasts(&app);
    let made = app
        .write(&call, move |tx, call| {
            let mut endpoint = own(tx, call, Action::PingWebhookEndpoint, *id)?;
            tx.record(webhook::event(endpoint.id, WebhookEvent::Pinged {}))?;
            let pinged = tx.events().latest(&endpoint.id.to_string())?;
            let mut made = webhook::enqueue(tx, &mut endpoint, &[pinged], Cause::Ping)?;
            let mut ping = made.pop().ok_or_else(|| Problem::internal("no ping was made"))?;
            // Claimed as it is made: the worker leaves it alone.
            let until = tx.machine().checked_add_signed(lasts).unwrap_or_else(|| tx.machine());
            ping.claim = Some((call.request_id.clone(), until));
            tx.webhook_deliveries().save(&ping)?;
            Ok(ping)
        })
        .await?;
    let sent = webhook::deliver(&app, made).await?.ok_or_else(Problem::not_found)?;
    app.read(&call, move |tx, _| {
        let attempts = tx.webhook_deliveries().attempts(sent.id)?;
        Ok(Reply::ok(&DeliveryWithAttemptsView::of(&sent, &attempts)).private())
    })
    .await
}

/// Give an endpoint another secret
///
/// Both sign for a day, each with a `v1` in the same header; then the new one alone. The answer holds it, and it is not
/// shown again: no Idempotency-Key is taken.
#[utoipa::path(tag = "Changes",
    extensions(("x-idempotency-key" = json!("none")), ("x-problems" = json!([409]))),
    responses((status = 200, body = WebhookEndpointWithSecretView, description = "The endpoint and its new secret.")))]
#[post("/v1/webhook-endpoints/{webhook_endpoint_id}/secret/rotate")]
pub(crate) async fn rotate_webhook_secret(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
) -> Result<Reply, Problem> {
    let overlap = TimeDelta::seconds(app.config.webhook_overlap_s);
    app.clone()
        .write(&call, move |tx, call| {
            let endpoint = own(tx, call, Action::RotateWebhookSecret, *id)?;
            let full =
                || Problem::state("So many secrets sign already: wait for the oldest to end.");
            let (mut endpoint, fact) = endpoint.rotate(overlap, tx.machine()).ok_or_else(full)?;
            tx.webhook_endpoints().save(&mut endpoint)?;
            tx.record(webhook::event(endpoint.id, fact))?;
            let view = WebhookEndpointWithSecretView::of(&app, &endpoint)?;
            Ok(Reply::ok(&view).etag(endpoint.version).no_store())
        })
        .await
}

fn replayed(tx: &mut Tx<'_>, id: WebhookEndpointId, count: usize) -> Result<(), Problem> {
    let deliveries = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(tx.record(webhook::event(id, WebhookEvent::Replayed { deliveries }))?)
}

/// Send a delivery again
///
/// A new delivery of the same event, under the same `webhook-id`, whatever became of the one before.
#[utoipa::path(tag = "Changes", extensions(("x-problems" = json!([409]))),
    responses((status = 201, body = WebhookDeliveryView)))]
#[post("/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries/{webhook_delivery_id}/replay")]
pub(crate) async fn replay_webhook_delivery(
    app: App,
    call: Call,
    ids: PathOf<(WebhookEndpointId, WebhookDeliveryId)>,
) -> Result<Reply, Problem> {
    let (id, delivery) = *ids;
    app.change(&call, move |tx, call| {
        let mut endpoint = own(tx, call, Action::ReplayWebhookDelivery, id)?;
        let before = tx.webhook_deliveries().get(delivery)?;
        if before.endpoint != endpoint.id {
            return Err(Problem::not_found());
        }
        if before.cause == Cause::Ping {
            return Err(Problem::state("A ping is not sent again: send another one."));
        }
        let event = tx.events().get(before.event)?;
        // What the machine may not see any more is not sent again either.
        let events = Sent::of(tx, &endpoint)?.of_these(tx, vec![event])?;
        if events.is_empty() {
            return Err(Problem::state("The endpoint is not sent such events any more."));
        }
        let made = webhook::enqueue(tx, &mut endpoint, &events, Cause::Replay)?;
        replayed(tx, endpoint.id, made.len())?;
        let made = made.first().ok_or_else(|| Problem::internal("nothing was made"))?;
        let location = format!("/v1/webhook-endpoints/{}/deliveries/{}", endpoint.id, made.id);
        Ok(Reply::created(location, &WebhookDeliveryView::from(made)))
    })
    .await
}

/// Send what happened again
///
/// Every event of a stretch of the log that the endpoint is sent now, in its order, each under the same `webhook-id` as
/// before.
#[utoipa::path(tag = "Changes", request_body = ReplayWebhookEvents,
    responses((status = 202, body = WebhookReplayView)))]
#[post("/v1/webhook-endpoints/{webhook_endpoint_id}/replay")]
pub(crate) async fn replay_webhook_events(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
    body: Body<ReplayWebhookEvents>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        let mut endpoint = own(tx, call, Action::ReplayWebhookEvents, *id)?;
        let asked = body.get()?;
        let (mut after, until) = (asked.after_position, asked.until_position);
        let at = |pointer: &str, detail: &str| BadFact::at(pointer, "out_of_range", detail);
        if after < 0 {
            return Err(at("/after_position", "A position is not negative.").into());
        }
        if until <= after || until.saturating_sub(after) > LONGEST_REPLAY {
            return Err(at("/until_position", "It is 1 to 10000 positions later.").into());
        }
        if until > endpoint.position {
            return Err(at("/until_position", "The endpoint has not come so far.").into());
        }
        let sent = Sent::of(tx, &endpoint)?;
        let mut count = 0;
        loop {
            let events = tx.events().between((after, until), &sent.types, ROUND)?;
            let Some(last) = events.last().and_then(|event| event.position) else { break };
            let events = sent.of_these(tx, events)?;
            count += webhook::enqueue(tx, &mut endpoint, &events, Cause::Replay)?.len();
            after = last;
        }
        replayed(tx, endpoint.id, count)?;
        Ok(Reply::accepted(&WebhookReplayView { deliveries: count }))
    })
    .await
}
