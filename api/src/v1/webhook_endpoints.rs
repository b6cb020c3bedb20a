//! Endpoints of webhooks: a partner's machine makes, changes, tries and removes its own.

mod acts;
mod deliveries;
pub mod views;

use actix_web::{delete, get, patch, post};
use domain::{
    BadFact, ClientId, WebhookEndpointId,
    access::{Action, Facts},
    webhook::{Endpoint, EndpointChange, NewEndpoint, WebhookEvent},
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::webhook::{self, Address, ground, resolved},
    problem::{Kind, Problem},
};
use views::{
    CreateWebhookEndpoint, ListWebhookEndpoints, UpdateWebhookEndpoint, WebhookEndpointView,
    WebhookEndpointWithSecretView,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_webhook_endpoints);
    config.service(create_webhook_endpoint);
    config.service(get_webhook_endpoint);
    config.service(update_webhook_endpoint);
    config.service(delete_webhook_endpoint);
    acts::register(config);
    deliveries::register(config);
}

/// The most endpoints of one machine.
const MOST: i64 = 20;
/// Settled deliveries that are removed at once.
const CLEARED: i64 = 1_000;

/// An endpoint that the caller may do something to: of a machine only its own, whatever else there is.
fn own(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    id: WebhookEndpointId,
) -> Result<Endpoint, Problem> {
    call.allow(action, &Facts::default())?;
    let endpoint = tx.webhook_endpoints().get(id)?;
    match call.caller().client() {
        Some(client) if client != endpoint.client => Err(Problem::not_found()),
        _ => Ok(endpoint),
    }
}

/// The machine that calls.
fn machine(call: &Call) -> Result<ClientId, Problem> {
    let refusal = || Problem::new(Kind::Forbidden, "Endpoints belong to machines.");
    call.caller().client().ok_or_else(refusal)
}

/// The address that was given, in its usual form: it must lead outside now, and is looked at again before anything is
/// sent.
async fn checked(app: &App, text: &str) -> Result<String, Problem> {
    let address = Address::of(text, ground(app))?;
    resolved(&address, ground(app)).await.map_err(|why| {
        BadFact::at("/url", "out_of_range", format!("Nothing can be sent there: {why}."))
    })?;
    Ok(address.as_str().to_owned())
}

fn answer(app: &App, endpoint: &Endpoint) -> Result<Reply, Problem> {
    Ok(Reply::ok(&WebhookEndpointView::of(app, endpoint)?).etag(endpoint.version).private())
}

/// List endpoints of webhooks
///
/// A machine sees its own, the office everybody's. Secrets are never shown.
#[utoipa::path(tag = "Changes", params(ListWebhookEndpoints),
    responses((status = 200, body = Listing<WebhookEndpointView>)))]
#[get("/v1/webhook-endpoints")]
pub(crate) async fn list_webhook_endpoints(
    app: App,
    call: Call,
    query: Query<ListWebhookEndpoints>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListWebhookEndpoints, &Facts::default())?;
    let page = Page::<WebhookEndpointId>::of(query.limit, query.cursor.as_ref())?;
    app.clone()
        .read(&call, move |tx, call| {
            let rows = tx.webhook_endpoints().list(call.caller().client(), page.rows())?;
            let listing = page.listing(rows, |row| row.id, |row| row);
            let views = listing.items.iter().map(|one| WebhookEndpointView::of(&app, one));
            let items = views.collect::<Result<Vec<_>, _>>()?;
            Ok(Listing { items, next_cursor: listing.next_cursor }.reply(call))
        })
        .await
}

/// Make an endpoint of a webhook
///
/// It is sent what happens from now on. The answer holds its secret, which is not shown again: no Idempotency-Key is
/// taken. The address begins with https:// and leads outside; redirects are not followed.
#[utoipa::path(tag = "Changes", request_body = CreateWebhookEndpoint,
    extensions(("x-idempotency-key" = json!("none")), ("x-problems" = json!([409]))),
    responses((status = 201, body = WebhookEndpointWithSecretView, description = "The endpoint and its secret.")))]
#[post("/v1/webhook-endpoints")]
pub(crate) async fn create_webhook_endpoint(
    app: App,
    call: Call,
    body: Body<CreateWebhookEndpoint>,
) -> Result<Reply, Problem> {
    call.allow(Action::CreateWebhookEndpoint, &Facts::default())?;
    let client = machine(&call)?;
    let asked = body.take()?;
    let new = NewEndpoint {
        client,
        scopes: call.caller().scopes.clone().unwrap_or_default(),
        url: checked(&app, &asked.url).await?,
        types: asked.types,
        format: asked.format,
        description: asked.description.map(Into::into),
    };
    app.clone()
        .write(&call, move |tx, _| {
            // The machine's row is held: two requests at once do not both make the last one.
            tx.clients().get(client)?;
            if tx.webhook_endpoints().count_of(client)? >= MOST {
                return Err(Problem::state(format!("A machine has at most {MOST} endpoints.")));
            }
            let position = tx.events().last_position()?;
            let (endpoint, fact) =
                Endpoint::make(tx.new_id(), new.clone(), position, tx.machine())?;
            tx.webhook_endpoints().insert(&endpoint)?;
            tx.record(webhook::event(endpoint.id, fact))?;
            let view = WebhookEndpointWithSecretView::of(&app, &endpoint)?;
            let location = format!("/v1/webhook-endpoints/{}", endpoint.id);
            Ok(Reply::created(location, &view).etag(endpoint.version).no_store())
        })
        .await
}

/// Read an endpoint of a webhook
#[utoipa::path(tag = "Changes", responses((status = 200, body = WebhookEndpointView)))]
#[get("/v1/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn get_webhook_endpoint(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let endpoint = own(tx, call, Action::GetWebhookEndpoint, *id)?;
            Ok(seen.answer(answer(&app, &endpoint)?.etag_of_all(endpoint.version)))
        })
        .await
}

/// Change an endpoint of a webhook
///
/// What is left out stays. `paused: false` lets an endpoint go on that its machine or the server stopped: what happened
/// meanwhile is sent then. Which types are sent is bounded by the scopes of the token that says so.
#[utoipa::path(tag = "Changes", request_body = UpdateWebhookEndpoint,
    responses((status = 200, body = WebhookEndpointView)))]
#[patch("/v1/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn update_webhook_endpoint(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
    body: Body<UpdateWebhookEndpoint>,
    expected: IfMatch,
) -> Result<Reply, Problem> {
    // Who may not is told so before an address is resolved for them.
    app.read(&call, move |tx, call| own(tx, call, Action::UpdateWebhookEndpoint, *id).map(drop))
        .await?;
    let asked = body.take()?;
    let url = match &asked.url {
        Some(url) => Some(checked(&app, url).await?),
        None => None,
    };
    app.clone()
        .change(&call, move |tx, call| {
            let endpoint = own(tx, call, Action::UpdateWebhookEndpoint, *id)?;
            expected.check(endpoint.version)?;
            let scopes = call.caller().scopes.clone().unwrap_or_default();
            let change = EndpointChange {
                url: url.clone(),
                types: asked.types.clone().map(|types| (types, scopes)),
                format: asked.format,
                description: asked.description.clone().map(|text| text.map(Into::into)),
                paused: asked.paused,
            };
            let (mut endpoint, fact) = endpoint.change(change, tx.machine())?;
            tx.webhook_endpoints().save(&mut endpoint)?;
            tx.record(webhook::event(endpoint.id, fact))?;
            answer(&app, &endpoint)
        })
        .await
}

/// Remove an endpoint of a webhook
///
/// With everything that the server knows of what was sent to it. What is under way may still arrive.
#[utoipa::path(tag = "Changes", responses((status = 204)))]
#[delete("/v1/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn delete_webhook_endpoint(
    app: App,
    call: Call,
    id: PathOf<WebhookEndpointId>,
    expected: IfMatch,
) -> Result<Reply, Problem> {
    // A million deliveries that were settled would hold everybody up who writes: they go before, by and by.
    let (id, seen) = (*id, expected.clone());
    let may = app.read(&call, move |tx, call| {
        seen.check(own(tx, call, Action::DeleteWebhookEndpoint, id)?.version)
    });
    let mut cleared = may.await.map_or(0, |()| CLEARED);
    while cleared == CLEARED {
        cleared = app
            .write(&call, move |tx, _| {
                let rows = tx.webhook_deliveries().clear(id, CLEARED)?;
                Ok(i64::try_from(rows).unwrap_or(0))
            })
            .await?;
    }
    app.change(&call, move |tx, call| {
        let endpoint = own(tx, call, Action::DeleteWebhookEndpoint, id)?;
        expected.check(endpoint.version)?;
        tx.webhook_endpoints().remove(endpoint.id)?;
        tx.record(webhook::event(endpoint.id, WebhookEvent::Deleted { client: endpoint.client }))?;
        Ok(Reply::no_content())
    })
    .await
}
