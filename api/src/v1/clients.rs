//! Machine clients: made, disabled and given new secrets by admins.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BadFact, ClientId,
    access::{Action, Facts, RULES, Reach},
    credential::{Client, CredentialEvent},
    event::Event,
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{Listing, Reply},
    app::App,
    auth::secrets,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_clients);
    config.service(create_client);
    config.service(get_client);
    config.service(disable_client);
    config.service(rotate_client_secret);
}

/// What a new client takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// Whose machine it is, for people: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What its tokens may be given: `<resource>:<verb>`.
    #[schema(min_items = 1, max_items = 50)]
    pub scopes: Vec<String>,
}

/// Which clients.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClients {
    /// How many.
    #[param(value_type = Option<u16>)]
    pub limit: Option<Limit>,
    /// From where.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// A machine client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientView {
    /// Its OAuth `client_id`.
    #[schema(value_type = String)]
    pub id: ClientId,
    /// Whose machine it is.
    pub name: String,
    /// What its tokens may be given.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was disabled.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A machine client with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientWithSecret)]
pub struct ClientWithSecretView {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// Its OAuth `client_secret`: not stored, and not shown again.
    pub client_secret: String,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            name: client.name.clone(),
            scopes: client.scopes.clone(),
            created_at: client.created_at,
            disabled_at: client.disabled_at,
        }
    }
}

fn answer(client: &Client) -> Reply {
    Reply::ok(&ClientView::from(client)).etag(client.version).private()
}

/// An event of a machine.
pub(super) fn event(client: ClientId, fact: CredentialEvent) -> Event<CredentialEvent> {
    Event { program: None, subject: client.to_string(), person: None, fact }
}

/// Every scope that an operation asks for.
#[must_use]
pub fn known_scopes() -> Vec<&'static str> {
    let mut scopes: Vec<_> = RULES.iter().filter_map(|rule| rule.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// A new client's name and scopes, or what is wrong with them.
fn check(name: &str, scopes: &[String]) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let length = name.trim().chars().count();
    if !(1..=100).contains(&length) || name.contains(char::is_control) {
        faults.push(BadFact::at("/name", "length", "A name has 1 to 100 characters."));
    }
    if scopes.is_empty() {
        faults.push(BadFact::at("/scopes", "length", "A client needs at least one scope."));
    }
    let known = known_scopes();
    for (index, scope) in scopes.iter().enumerate() {
        let at = format!("/scopes/{index}");
        if !known.contains(&scope.as_str()) {
            faults.push(BadFact::at(
                at,
                "unknown",
                format!("The scopes are {}.", known.join(", ")),
            ));
        } else if scopes.iter().take(index).any(|earlier| earlier == scope) {
            faults.push(BadFact::at(at, "duplicate", "The scope stands here twice."));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// Makes a client whose secret has this hash: also for the command line.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    name: &str,
    scopes: &[String],
    secret_hash: [u8; 32],
) -> Result<Client, Problem> {
    check(name, scopes)?;
    let client = Client {
        id: tx.new_id(),
        name: name.trim().to_owned(),
        secret_hash,
        scopes: scopes.to_vec(),
        created_at: tx.now(),
        disabled_at: None,
        generation: 1,
        version: 1,
    };
    tx.clients().insert(&client)?;
    let fact = CredentialEvent::ClientCreated {
        client: client.id,
        name: client.name.clone(),
        scopes: client.scopes.clone(),
    };
    tx.record(event(client.id, fact))?;
    Ok(client)
}

/// List machine clients
///
/// Oldest first. Secrets are never shown.
#[utoipa::path(tag = "Administration", params(ListClients),
    responses((status = 200, body = Listing<ClientView>, description = "A page of clients.")))]
#[get("/v1/clients")]
pub(crate) async fn list_clients(
    app: App,
    call: Call,
    query: Query<ListClients>,
) -> Result<Reply, Problem> {
    let reach = call.caller().reach(Action::ListClients)?;
    if reach != Reach::Everything {
        call.allow(Action::ListClients, &Facts::default())?;
    }
    let page = Page::<ClientId>::of(query.limit, query.cursor.as_ref())?;
    app.read(&call, move |tx, call| {
        let rows = tx.clients().list(page.after, page.load())?;
        Ok(page.listing(rows, |client| client.id, |client| ClientView::from(&client)).reply(call))
    })
    .await
}

/// Read a machine client
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = ClientView, description = "The client.", headers(("ETag" = String)))))]
#[get("/v1/clients/{client_id}")]
pub(crate) async fn get_client(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetClient, &Facts::default())?;
        Ok(seen.answer(answer(&tx.clients().get(*id)?)))
    })
    .await
}

/// Make a machine client
///
/// The answer holds its secret, which is not stored and not shown again: no Idempotency-Key is taken.
#[utoipa::path(tag = "Administration", request_body = CreateClient, extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 201, body = ClientWithSecretView, description = "The client and its secret.")))]
#[post("/v1/clients")]
pub(crate) async fn create_client(
    app: App,
    call: Call,
    body: Body<CreateClient>,
) -> Result<Reply, Problem> {
    call.allow(Action::CreateClient, &Facts::default())?;
    let asked = body.take()?;
    let client_secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    app.write(&call, move |tx, _| {
        let client = create(tx, &asked.name, &asked.scopes, secrets::hash(&client_secret))?;
        let view = ClientWithSecretView {
            client: ClientView::from(&client),
            client_secret: client_secret.clone(),
        };
        let location = format!("/v1/clients/{}", client.id);
        Ok(Reply::created(location, &view).etag(client.version).no_store())
    })
    .await
}

/// Disable a machine client
///
/// Its tokens are void at once, on every server. Nothing happens to one that is disabled already.
#[utoipa::path(tag = "Administration", responses((status = 200, body = ClientView, description = "The client.")))]
#[post("/v1/clients/{client_id}/disable")]
pub(crate) async fn disable_client(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::DisableClient, &Facts::default())?;
        let mut client = tx.clients().get(*id)?;
        if client.disabled_at.is_none() {
            client.disabled_at = Some(tx.now());
            tx.clients().save(&mut client)?;
            tx.record(event(client.id, CredentialEvent::ClientDisabled { client: client.id }))?;
        }
        Ok(answer(&client))
    })
    .await
}

/// Give a machine client a new secret
///
/// The old secret and every token of it are void at once. The answer holds the new secret, which is
/// not stored and not shown again: no Idempotency-Key is taken.
#[utoipa::path(tag = "Administration", extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 200, body = ClientWithSecretView, description = "The client and its new secret.")))]
#[post("/v1/clients/{client_id}/secret")]
pub(crate) async fn rotate_client_secret(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
) -> Result<Reply, Problem> {
    let client_secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    app.write(&call, move |tx, call| {
        call.allow(Action::RotateClientSecret, &Facts::default())?;
        let mut client = tx.clients().get(*id)?;
        client.secret_hash = secrets::hash(&client_secret);
        client.generation = client.generation.saturating_add(1);
        tx.clients().save(&mut client)?;
        tx.record(event(client.id, CredentialEvent::ClientSecretRotated { client: client.id }))?;
        let view = ClientWithSecretView {
            client: ClientView::from(&client),
            client_secret: client_secret.clone(),
        };
        Ok(Reply::ok(&view).etag(client.version).no_store())
    })
    .await
}
