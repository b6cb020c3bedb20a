//! How machines prove who they are: a secret, or an assertion that they signed (`private_key_jwt`, RFC 7523).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    ClientId,
    client::{Client, ClientCredential, Jwk, KeyAlgorithm, LONGEST_ASSERTION_S, Proof, PublicKey},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk};
use persistence::Optional;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::secrets;
use crate::{app::App, call::Call, problem::Problem};

/// The only kind of assertion that is taken.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How a client may say who it is, as the metadata lists it.
pub(crate) const METHODS: &[&str] =
    &["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// Longest assertion that is looked at, bytes.
const LONGEST: usize = 8192;
/// Longest `jti`, bytes.
const LONGEST_ID: usize = 255;
/// How far ahead a client's clock may be when it says when it signed, seconds.
const SKEW_S: i64 = 60;

/// What a client sent of itself.
pub(crate) enum Given {
    /// Nothing.
    Nothing,
    /// Its id and a secret.
    Secret(String, String),
    /// An assertion, and its id where it was sent beside it.
    Assertion(String, Option<String>),
}

/// A client that proved who it is.
pub(crate) struct Proven {
    /// The client.
    pub(crate) client: Client,
    /// By what.
    pub(crate) credential: ClientCredential,
    /// The assertion's id and end: it must not be taken again.
    assertion: Option<(String, DateTime<Utc>)>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    nbf: Option<i64>,
    jti: String,
}

/// The client, when what it sent proves it; none when it does not, whatever is wrong with it.
pub(crate) async fn prove(app: &App, given: Given) -> Result<Option<Proven>, Problem> {
    let named = match &given {
        Given::Nothing => None,
        Given::Secret(id, _) => id.parse::<ClientId>().ok(),
        Given::Assertion(assertion, id) => {
            let named = claimed(assertion);
            named.filter(|named| id.as_ref().is_none_or(|id| *id == named.to_string()))
        }
    };
    let Some(id) = named else { return Ok(None) };
    let found = app.store.read(move |tx| {
        let Some(client) = tx.clients().get(id).found()? else { return Ok(None) };
        let credentials = tx.client_credentials().of(id)?;
        Ok::<_, Problem>(Some((client, credentials)))
    });
    let Some((client, mut credentials)) = found.await? else { return Ok(None) };
    let now = app.machine();
    credentials.retain(|credential| credential.stands(now));
    if client.disabled_at.is_some() {
        return Ok(None);
    }
    let proven = match &given {
        Given::Nothing => None,
        Given::Secret(_, secret) => credentials
            .into_iter()
            .find(|one| matches!(&one.proof, Proof::Secret(hash) if secrets::matches(secret, hash)))
            .map(|credential| (credential, None)),
        Given::Assertion(assertion, _) => verified(app, assertion, id, credentials, now),
    };
    Ok(proven.map(|(credential, assertion)| Proven { client, credential, assertion }))
}

/// Records that a client proved itself: its assertion is used, and now and then that it was here. False when the
/// assertion was used before, by whichever server.
pub(crate) async fn settle(app: &App, call: &Call, proven: &Proven) -> Result<bool, Problem> {
    let now = app.machine();
    let told = proven.credential.is_use_told(now);
    if proven.assertion.is_none() && !told {
        return Ok(true);
    }
    let (client, credential) = (proven.client.id, proven.credential.id);
    let assertion = proven.assertion.clone();
    app.write(call, move |tx, _| {
        if let Some((id, until)) = &assertion
            && !tx.used_assertions().insert(client, id, *until)?
        {
            return Ok(false);
        }
        if told {
            let now = tx.machine();
            tx.clients().used(client, now)?;
            tx.client_credentials().used(credential, now)?;
        }
        Ok(true)
    })
    .await
}

/// The client that an assertion names, before anything of it is believed.
fn claimed(assertion: &str) -> Option<ClientId> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let payload = assertion.split('.').nth(1).filter(|_| assertion.len() <= LONGEST)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice::<Named>(&json).ok()?.iss.parse().ok()
}

/// The id of an assertion and when it ends: it is taken once.
type Once = (String, DateTime<Utc>);

/// The key that signed an assertion, and the assertion's id and end, if it holds now.
fn verified(
    app: &App,
    assertion: &str,
    client: ClientId,
    credentials: Vec<ClientCredential>,
    now: DateTime<Utc>,
) -> Option<(ClientCredential, Option<Once>)> {
    let header = decode_header(assertion).ok()?;
    let id = client.to_string();
    for credential in credentials {
        let Proof::Key(key) = &credential.proof else { continue };
        let named = header.kid.as_ref().is_none_or(|kid| *kid == key.kid);
        if !named || header.alg != algorithm(key.algorithm) {
            continue;
        }
        let Some(decoding) = decoding(key) else { continue };
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&id]);
        validation
            .set_audience(&[format!("{}/oauth/token", app.public_url), app.public_url.clone()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library reads the machine's clock; ours is handed in.
        validation.validate_exp = false;
        let Ok(decoded) = decode::<Claims>(assertion, &decoding, &validation) else { continue };
        let claims = decoded.claims;
        return holds(&claims, &id, now).map(|until| (credential, Some((claims.jti, until))));
    }
    None
}

/// The end of an assertion whose signature is good, if it is in force at `now`.
fn holds(claims: &Claims, client: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = now.timestamp();
    let early = |at: Option<i64>| at.is_some_and(|at| at > seconds.saturating_add(SKEW_S));
    let ends = claims.exp > seconds && claims.exp <= seconds.saturating_add(LONGEST_ASSERTION_S);
    let named = (1..=LONGEST_ID).contains(&claims.jti.len()) && !claims.jti.contains('\0');
    let holds = claims.iss == client
        && claims.sub == client
        && ends
        && named
        && !early(claims.iat)
        && !early(claims.nbf);
    DateTime::from_timestamp(claims.exp, 0).filter(|_| holds)
}

fn algorithm(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Es256 => Algorithm::ES256,
        KeyAlgorithm::Rs256 => Algorithm::RS256,
        KeyAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

fn decoding(key: &PublicKey) -> Option<DecodingKey> {
    let value = serde_json::to_value(&key.jwk).ok()?;
    let jwk: jwk::Jwk = serde_json::from_value(value).ok()?;
    DecodingKey::from_jwk(&jwk).ok()
}

/// A name for a key that came without one: its thumbprint (RFC 7638).
pub(crate) fn thumbprint(jwk: &Jwk) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.thumbprint_text().as_bytes()))
}
