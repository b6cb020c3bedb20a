//! Machine clients: made, changed, disabled and given new secrets by admins.

mod credentials;
mod reads;
mod views;

use actix_web::{get, patch, post};
use chrono::TimeDelta;
use domain::{
    BadFact, ClientId,
    access::{Action, Facts, RULES},
    client::{Client, ClientCredential, Proof, replace},
    credential::CredentialEvent,
    event::Event,
    program::ProgramCode,
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    auth::secrets,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_clients);
    config.service(create_client);
    config.service(get_client);
    config.service(update_client);
    config.service(disable_client);
    config.service(rotate_client_secret);
    credentials::register(config);
    reads::register(config);
}

fn answer(client: &Client) -> Reply {
    Reply::ok(&ClientView::from(client)).etag_of_all(client.version).private()
}

/// An event of a machine.
pub(crate) fn event(client: ClientId, fact: CredentialEvent) -> Event<CredentialEvent> {
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

/// What an admin says of a client.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// Whose machine it is.
    pub(crate) name: String,
    /// What its tokens may be given.
    pub(crate) scopes: Vec<String>,
    /// The programs that it is confined to.
    pub(crate) programs: Vec<ProgramCode>,
    /// Of how many people it may read in a day.
    pub(crate) people_a_day: Option<i64>,
}

impl Terms {
    /// The terms, or what is wrong with them.
    fn check(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let mut faults = Vec::new();
        let length = self.name.trim().chars().count();
        if !(1..=100).contains(&length) || self.name.contains(char::is_control) {
            faults.push(BadFact::at("/name", "length", "A name has 1 to 100 characters."));
        }
        if self.scopes.is_empty() {
            faults.push(BadFact::at("/scopes", "length", "A client needs at least one scope."));
        }
        faults.extend(each_known("/scopes", "scope", &self.scopes, &known_scopes()));
        let programs = tx.programs().list()?;
        let known: Vec<_> = programs.iter().map(|program| program.code.as_str()).collect();
        let named: Vec<_> = self.programs.iter().map(ToString::to_string).collect();
        faults.extend(each_known("/programs", "program", &named, &known));
        if self.people_a_day.is_some_and(|people| !(0..=MOST_PEOPLE).contains(&people)) {
            let detail = format!("A machine may read of 0 to {MOST_PEOPLE} people in a day.");
            faults.push(BadFact::at("/people_a_day", "out_of_range", detail));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    }
}

/// The most people that an admin may allow a machine in a day.
const MOST_PEOPLE: i64 = 1_000_000_000;

/// What is unknown or stands twice in a list of words.
fn each_known(list: &str, noun: &str, words: &[String], known: &[&str]) -> Vec<BadFact> {
    let mut faults = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let at = format!("{list}/{index}");
        if !known.contains(&word.as_str()) {
            let detail = format!("The {noun}s are {}.", known.join(", "));
            faults.push(BadFact::at(at, "unknown", detail));
        } else if words.iter().take(index).any(|earlier| earlier == word) {
            let detail = format!("The {noun} stands here twice.");
            faults.push(BadFact::at(at, "duplicate", detail));
        }
    }
    faults
}

/// Makes a client whose first secret has this hash: also for the command line.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    terms: &Terms,
    secret_hash: [u8; 32],
) -> Result<(Client, ClientCredential), Problem> {
    terms.check(tx)?;
    let client = Client {
        id: tx.new_id(),
        name: terms.name.trim().to_owned(),
        scopes: terms.scopes.clone(),
        programs: terms.programs.clone(),
        people_a_day: terms.people_a_day,
        created_at: tx.now(),
        disabled_at: None,
        last_used_at: None,
        quota_tripped_at: None,
        version: 1,
    };
    tx.clients().insert(&client)?;
    let fact = CredentialEvent::ClientCreated {
        client: client.id,
        name: client.name.clone(),
        scopes: client.scopes.clone(),
        programs: client.programs.clone(),
        people_a_day: client.people_a_day,
    };
    tx.record(event(client.id, fact))?;
    let proof = Proof::Secret(secret_hash);
    let now = tx.machine();
    let secret = ClientCredential::new(tx.new_id(), client.id, "first secret", proof, now);
    tx.client_credentials().insert(&secret)?;
    Ok((client, secret))
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
    call.allow(Action::ListClients, &Facts::default())?;
    let page = Page::<ClientId>::of(query.limit, query.cursor.as_ref())?;
    app.read(&call, move |tx, call| {
        let rows = tx.clients().list(page.rows())?;
        Ok(page.listing(rows, |client| client.id, |client| ClientView::from(&client)).reply(call))
    })
    .await
}

/// Read a machine client
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = ClientView, description = "The client.")))]
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
    let terms = Terms::from(body.take()?);
    let client_secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    app.write(&call, move |tx, _| {
        let (client, credential) = create(tx, &terms, secrets::hash(&client_secret))?;
        let view = ClientWithSecretView {
            client: ClientView::from(&client),
            client_secret: client_secret.clone(),
            credential_id: credential.id,
            old_secrets_end_at: None,
        };
        let location = format!("/v1/clients/{}", client.id);
        Ok(Reply::created(location, &view).etag(client.version).no_store())
    })
    .await
}

/// Change a machine client
///
/// What is left out stays; `people_a_day: null` is what the house allows again. Scopes and programs that are taken
/// away hold for tokens that were issued before, at once, on every server. Needs `If-Match`.
#[utoipa::path(tag = "Administration", request_body = UpdateClient,
    responses((status = 200, body = ClientView, description = "The client.")))]
#[patch("/v1/clients/{client_id}")]
pub(crate) async fn update_client(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
    body: Body<UpdateClient>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::UpdateClient, &Facts::default())?;
        let mut client = tx.clients().get(*id)?;
        let terms = body.get()?.over(&client);
        terms.check(tx)?;
        seen.check(client.version)?;
        let before = client.clone();
        client.name = terms.name.trim().to_owned();
        client.scopes = terms.scopes;
        client.programs = terms.programs;
        client.people_a_day = terms.people_a_day;
        if client == before {
            return Ok(answer(&client));
        }
        tx.clients().save(&mut client)?;
        let fact = CredentialEvent::ClientChanged {
            client: client.id,
            name: client.name.clone(),
            scopes: client.scopes.clone(),
            programs: client.programs.clone(),
            people_a_day: client.people_a_day,
        };
        tx.record(event(client.id, fact))?;
        Ok(answer(&client))
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
/// The secret before it is taken beside the new one for a while, a day unless configured otherwise, until
/// `old_secrets_end_at`; a client that has two live secrets already gets none: 409. With `revoke_old=true` every
/// secret before it, and every token that was issued for one, is void at once. Keys stay. The answer holds the new
/// secret, which is not stored and not shown again: no Idempotency-Key is taken.
#[utoipa::path(tag = "Administration", params(RotateClientSecret),
    extensions(("x-idempotency-key" = json!("none")), ("x-problems" = json!([409]))),
    responses((status = 200, body = ClientWithSecretView, description = "The client and its new secret.")))]
#[post("/v1/clients/{client_id}/secret")]
pub(crate) async fn rotate_client_secret(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
    query: Query<RotateClientSecret>,
) -> Result<Reply, Problem> {
    let client_secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    let grace = TimeDelta::seconds(app.config.client_secret_grace_s);
    let grace = Some(grace).filter(|_| !query.revoke_old.unwrap_or(false));
    app.write(&call, move |tx, call| {
        call.allow(Action::RotateClientSecret, &Facts::default())?;
        let client = tx.clients().get(*id)?;
        let (now, old) = (tx.machine(), tx.client_credentials().of(client.id)?);
        let (old_end_at, ended) = replace(old, grace, now)?;
        for credential in &ended {
            tx.client_credentials().save(credential)?;
        }
        let proof = Proof::Secret(secrets::hash(&client_secret));
        let secret = ClientCredential::new(tx.new_id(), client.id, "rotated secret", proof, now);
        tx.client_credentials().insert(&secret)?;
        let (id, credential) = (client.id, secret.id);
        let fact = CredentialEvent::ClientSecretRotated { client: id, credential, old_end_at };
        tx.record(event(id, fact))?;
        let view = ClientWithSecretView {
            client: ClientView::from(&client),
            client_secret: client_secret.clone(),
            credential_id: secret.id,
            old_secrets_end_at: Some(old_end_at).filter(|_| !ended.is_empty()),
        };
        Ok(Reply::ok(&view).etag(client.version).no_store())
    })
    .await
}
