//! The secrets and keys of machine clients.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BadFact, ClientCredentialId, ClientId, Word,
    access::{Action, Facts},
    client::{ClientCredential, CredentialKind, KeyAlgorithm, Proof, PublicKey, has_room},
    credential::CredentialEvent,
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    event,
    views::{AddClientCredential, ClientCredentialView, JwkBody, NewClientCredentialView},
};
use crate::{
    answer::{Listing, Reply},
    app::App,
    auth::{machines, secrets},
    call::Call,
    extract::{Body, PathOf},
    problem::Problem,
};

/// Registers the operations of this module.
pub(super) fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_client_credentials);
    config.service(add_client_credential);
    config.service(get_client_credential);
    config.service(revoke_client_credential);
}

/// The key of a body, or what is wrong with it.
fn key(body: &JwkBody) -> Result<PublicKey, BadFact> {
    let jwk = body.jwk();
    let algorithm: KeyAlgorithm = jwk.algorithm()?;
    if body.alg.as_deref().is_some_and(|alg| alg != algorithm.as_str()) {
        let detail = format!("Such a key signs with {algorithm}.");
        return Err(BadFact::at("/jwk/alg", "exclusive", detail));
    }
    if body.used_for.as_deref().is_some_and(|used_for| used_for != "sig") {
        return Err(BadFact::at("/jwk/use", "unknown", "The key is one that signs: sig."));
    }
    let visible = |kid: &str| kid.bytes().all(|b| b.is_ascii_graphic());
    if body.kid.as_deref().is_some_and(|kid| !(1..=200).contains(&kid.len()) || !visible(kid)) {
        let detail = "A kid has 1 to 200 visible ASCII characters.";
        return Err(BadFact::at("/jwk/kid", "format", detail));
    }
    let kid = body.kid.clone().unwrap_or_else(|| machines::thumbprint(&jwk));
    Ok(PublicKey { kid, algorithm, jwk })
}

/// What a new credential is recognised by, or what is wrong with the body.
fn proof(
    body: &AddClientCredential,
    client_secret: &str,
    now: DateTime<Utc>,
) -> Result<Proof, BadFact> {
    if body.expires_at.is_some_and(|end| end <= now) {
        return Err(BadFact::at("/expires_at", "out_of_range", "It would have ended already."));
    }
    match (body.kind, &body.jwk) {
        (CredentialKind::Secret, None) => Ok(Proof::Secret(secrets::hash(client_secret))),
        (CredentialKind::Key, Some(jwk)) => key(jwk).map(Proof::Key),
        (CredentialKind::Secret, Some(_)) => {
            Err(BadFact::at("/jwk", "exclusive", "A secret is made here and has no key."))
        }
        (CredentialKind::Key, None) => Err(BadFact::at("/jwk", "required", "Send the public key.")),
    }
}

/// A credential of a client that is held.
fn of(
    tx: &mut Tx<'_>,
    (client, id): (ClientId, ClientCredentialId),
) -> Result<ClientCredential, Problem> {
    let client = tx.clients().get(client)?;
    let credential = tx.client_credentials().get(id)?;
    if credential.client == client.id { Ok(credential) } else { Err(Problem::not_found()) }
}

/// List the secrets and keys of a machine client
///
/// The first one first, those that ended too. Secrets are never shown.
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = Listing<ClientCredentialView>, description = "All of them.")))]
#[get("/v1/clients/{client_id}/credentials")]
pub(crate) async fn list_client_credentials(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
) -> Result<Reply, Problem> {
    let now = app.machine();
    app.read(&call, move |tx, call| {
        call.allow(Action::ListClientCredentials, &Facts::default())?;
        let client = tx.clients().get(*id)?;
        let all = tx.client_credentials().of(client.id)?;
        let views = all.iter().map(|one| ClientCredentialView::of(one, now)).collect();
        Ok(Listing::whole(views).reply(call))
    })
    .await
}

/// Read a secret or key of a machine client
///
/// What is known of it; a secret itself is never shown.
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = ClientCredentialView, description = "What is known of it.")))]
#[get("/v1/clients/{client_id}/credentials/{credential_id}")]
pub(crate) async fn get_client_credential(
    app: App,
    call: Call,
    path: PathOf<(ClientId, ClientCredentialId)>,
) -> Result<Reply, Problem> {
    let now = app.machine();
    app.read(&call, move |tx, call| {
        call.allow(Action::GetClientCredential, &Facts::default())?;
        Ok(Reply::ok(&ClientCredentialView::of(&of(tx, *path)?, now)).private())
    })
    .await
}

/// Give a machine client another secret, or a key
///
/// At most two secrets and five keys live at a time: 409. A key is the public half of one with which the machine
/// signs assertions (`private_key_jwt`). The answer holds a new secret, which is not stored and not shown again: no
/// Idempotency-Key is taken.
#[utoipa::path(tag = "Administration", request_body = AddClientCredential,
    extensions(("x-idempotency-key" = json!("none")), ("x-problems" = json!([409]))),
    responses((status = 201, body = NewClientCredentialView, description = "It, and a secret this once.")))]
#[post("/v1/clients/{client_id}/credentials")]
pub(crate) async fn add_client_credential(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
    body: Body<AddClientCredential>,
) -> Result<Reply, Problem> {
    let client_secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    app.write(&call, move |tx, call| {
        call.allow(Action::AddClientCredential, &Facts::default())?;
        let client = tx.clients().get(*id)?;
        let (body, now) = (body.get()?, tx.machine());
        let proof = proof(body, &client_secret, now)?;
        let all = tx.client_credentials().of(client.id)?;
        has_room(&all, body.kind, now)?;
        if let Proof::Key(key) = &proof
            && all.iter().any(|one| {
                one.revoked_at.is_none()
                    && matches!(&one.proof, Proof::Key(known) if known.kid == key.kid)
            })
        {
            return Err(Problem::conflict("The client has a key of this kid: revoke it first."));
        }
        let mut added = ClientCredential::new(tx.new_id(), client.id, &body.label, proof, now);
        added.expires_at = body.expires_at;
        tx.client_credentials().insert(&added)?;
        let fact = CredentialEvent::ClientCredentialAdded {
            client: client.id,
            credential: added.id,
            kind: body.kind,
            expires_at: added.expires_at,
        };
        tx.record(event(client.id, fact))?;
        let view = NewClientCredentialView {
            credential: ClientCredentialView::of(&added, now),
            client_secret: (body.kind == CredentialKind::Secret).then(|| client_secret.clone()),
        };
        let location = format!("/v1/clients/{}/credentials/{}", client.id, added.id);
        Ok(Reply::created(location, &view).no_store())
    })
    .await
}

/// Revoke a secret or key of a machine client
///
/// At once, with every token that was issued for it, on every server. Nothing happens to one that is revoked
/// already.
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = ClientCredentialView, description = "What is known of it.")))]
#[post("/v1/clients/{client_id}/credentials/{credential_id}/revoke")]
pub(crate) async fn revoke_client_credential(
    app: App,
    call: Call,
    path: PathOf<(ClientId, ClientCredentialId)>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::RevokeClientCredential, &Facts::default())?;
        let (mut credential, now) = (of(tx, *path)?, tx.machine());
        if credential.revoked_at.is_none() {
            credential.revoked_at = Some(now);
            tx.client_credentials().save(&credential)?;
            let fact = CredentialEvent::ClientCredentialRevoked {
                client: credential.client,
                credential: credential.id,
            };
            tx.record(event(credential.client, fact))?;
        }
        Ok(Reply::ok(&ClientCredentialView::of(&credential, now)).private())
    })
    .await
}
