//! Machines, with ids and secrets that are the same in every demo.

use domain::{
    ClientCredentialId, ClientId, ClientReadId, PersonId,
    client::{Client, ClientCredential, ClientRead, Jwk, KeyAlgorithm, Proof, PublicKey},
};
use persistence::Tx;

use crate::{auth::secrets, problem::Problem};

/// The first secret of a machine: its id has the machine's bits.
pub(super) fn secret_of(client: ClientId) -> ClientCredentialId {
    ClientCredentialId::from_bits(client.bits())
}

/// A machine with one secret.
pub(super) fn make(
    tx: &mut Tx<'_>,
    id: ClientId,
    name: &str,
    scopes: Vec<String>,
    secret: &str,
) -> Result<(), Problem> {
    let now = tx.now();
    tx.clients().insert(&Client {
        id,
        name: name.to_owned(),
        scopes,
        programs: Vec::new(),
        people_a_day: None,
        created_at: now,
        disabled_at: None,
        last_used_at: None,
        quota_tripped_at: None,
        version: 1,
    })?;
    let proof = Proof::Secret(secrets::hash(secret));
    let secret = ClientCredential::new(secret_of(id), id, "first secret", proof, now);
    tx.client_credentials().insert(&secret)?;
    Ok(())
}

/// A key of the machine, whose private half nobody has.
pub(super) fn gets_key(tx: &mut Tx<'_>, client: ClientId) -> Result<(), Problem> {
    let jwk = Jwk {
        kty: "OKP".to_owned(),
        crv: Some("Ed25519".to_owned()),
        x: Some("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned()),
        ..Jwk::default()
    };
    let key = PublicKey { kid: "2025".to_owned(), algorithm: KeyAlgorithm::EdDsa, jwk };
    let id = ClientCredentialId::from_bits(client.bits().wrapping_add(1 << 32));
    let key = ClientCredential::new(id, client, "signing key of 2025", Proof::Key(key), tx.now());
    tx.client_credentials().insert(&key)?;
    Ok(())
}

/// What the machine was told, long ago: nobody whom the demo still knows.
pub(super) fn reads(tx: &mut Tx<'_>, client: ClientId) -> Result<(), Problem> {
    let read = ClientRead {
        id: ClientReadId::from_bits(client.bits()),
        client,
        at: tx.now(),
        operation: "list_people".to_owned(),
        request_id: "demo".to_owned(),
        people: 2,
        first_person: PersonId::from_bits(1),
        last_person: PersonId::from_bits(2),
    };
    tx.client_reads().insert(&read)?;
    Ok(())
}
