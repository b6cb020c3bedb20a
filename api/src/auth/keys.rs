//! The keys that sign access tokens: ES256, in the database, so that every server has the same.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{credential::CredentialEvent, event::Event};
use jsonwebtoken::{DecodingKey, EncodingKey};
use persistence::{SigningKey, Stamp, Store, Tx};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{config::Config, problem::Problem};

/// A public key (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Jwk {
    /// Its kind: `EC`.
    #[schema(example = "EC")]
    pub kty: &'static str,
    /// Its curve: `P-256`.
    #[schema(example = "P-256")]
    pub crv: &'static str,
    /// First coordinate, base64url.
    pub x: String,
    /// Second coordinate, base64url.
    pub y: String,
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// What it is for: `sig`.
    #[schema(example = "sig")]
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Its algorithm: `ES256`.
    #[schema(example = "ES256")]
    pub alg: &'static str,
}

/// The public keys (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Jwks {
    /// The keys, those that will sign and those that did included.
    pub keys: Vec<Jwk>,
}

struct Held {
    kid: String,
    jwk: Jwk,
    signs_from: DateTime<Utc>,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

#[derive(Default)]
struct Set {
    keys: Vec<Held>,
    read_at: Option<DateTime<Utc>>,
}

/// The keys as this server knows them; read again when a token names one that it does not know.
#[derive(Default)]
pub struct Keys(RwLock<Arc<Set>>);

impl Keys {
    fn set(&self) -> Arc<Set> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
    /// Reads the keys of the database.
    pub async fn reload(&self, store: &Store, now: DateTime<Utc>) -> Result<(), Problem> {
        let rows = store.read(|tx| tx.signing_keys().all()).await.map_err(Problem::from)?;
        let keys =
            rows.into_iter().map(held).collect::<Result<_, _>>().map_err(Problem::internal)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Set { keys, read_at: Some(now) });
        Ok(())
    }
    /// The key that verifies tokens of `kid`. One that is not known is looked up in the database, at
    /// most once a second, so that made-up ids cost nothing.
    pub async fn verifying(
        &self,
        kid: &str,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<Option<DecodingKey>, Problem> {
        let known =
            |set: &Set| set.keys.iter().find(|key| key.kid == kid).map(|key| key.decoding.clone());
        let set = self.set();
        if let Some(key) = known(&set) {
            return Ok(Some(key));
        }
        if set.read_at.is_some_and(|at| (now - at).abs() < TimeDelta::seconds(1)) {
            return Ok(None);
        }
        self.reload(store, now).await?;
        Ok(known(&self.set()))
    }
    /// The key that signs at `now`: the newest that may.
    pub fn signing(&self, now: DateTime<Utc>) -> Result<(String, EncodingKey), Problem> {
        let set = self.set();
        let key =
            set.keys.iter().rev().find(|key| key.signs_from <= now).or_else(|| set.keys.first());
        key.map(|key| (key.kid.clone(), key.encoding.clone()))
            .ok_or_else(|| Problem::internal("there is no signing key"))
    }
    /// The public keys.
    #[must_use]
    pub fn public(&self) -> Jwks {
        Jwks { keys: self.set().keys.iter().map(|key| key.jwk.clone()).collect() }
    }
}

fn held(row: SigningKey) -> Result<Held, String> {
    let jwk = jwk(&row.public_key).ok_or("a signing key's public point cannot be read")?;
    let decoding =
        DecodingKey::from_ec_components(&jwk.x, &jwk.y).map_err(|error| error.to_string())?;
    Ok(Held {
        kid: row.kid,
        jwk,
        signs_from: row.signs_from,
        encoding: EncodingKey::from_ec_der(&row.private_key),
        decoding,
    })
}

/// The JWK of an uncompressed point: 4, then two coordinates of 32 bytes.
fn jwk(point: &[u8]) -> Option<Jwk> {
    let (tag, coordinates) = point.split_first()?;
    if *tag != 4 || coordinates.len() != 64 {
        return None;
    }
    let (x, y) = coordinates.split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
    Some(Jwk { kty: "EC", crv: "P-256", x, y, kid, usage: "sig", alg: "ES256" })
}

/// A new key that signs from `signs_from`.
pub fn make(now: DateTime<Utc>, signs_from: DateTime<Utc>) -> Result<SigningKey, Problem> {
    let refused = |_unspecified| Problem::internal("a signing key could not be made");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?;
    let document = pair.to_pkcs8v1().map_err(refused)?;
    let public_key = pair.public_key().as_ref().to_vec();
    let kid = jwk(&public_key).ok_or_else(|| Problem::internal("a new key has no point"))?.kid;
    Ok(SigningKey {
        kid,
        private_key: document.as_ref().to_vec(),
        public_key,
        created_at: now,
        signs_from,
    })
}

/// Makes the first key of a database that has none.
pub async fn ensure(store: &Store, stamp: Stamp) -> Result<(), Problem> {
    let fresh = make(stamp.machine, stamp.machine)?;
    store
        .write(stamp, move |tx| {
            // Servers that start together meet at the lease: the second one finds the first one's key.
            tx.leases().acquire("signing-keys", "start", TimeDelta::zero())?;
            if tx.signing_keys().all()?.is_empty() { insert(tx, &fresh) } else { Ok(()) }
        })
        .await
}

/// Makes the next key: it is published now and signs after the configured lead, so that everybody has
/// fetched it by then; keys whose last token has ended are removed. The new key's id.
pub async fn rotate(store: &Store, stamp: Stamp, config: &Config) -> Result<String, Problem> {
    let lead = TimeDelta::seconds(config.key_lead_s);
    let life = TimeDelta::seconds(config.access_token_s);
    let now = stamp.machine;
    let next = make(now, now + lead)?;
    let kid = next.kid.clone();
    store
        .write(stamp, move |tx| {
            let keys = tx.signing_keys().all()?;
            for (key, successor) in keys.iter().zip(keys.iter().skip(1)) {
                if successor.signs_from + life + TimeDelta::minutes(1) < now {
                    tx.signing_keys().remove(&key.kid)?;
                }
            }
            insert(tx, &next)
        })
        .await?;
    Ok(kid)
}

fn insert(tx: &mut Tx<'_>, key: &SigningKey) -> Result<(), Problem> {
    tx.signing_keys().insert(key)?;
    tx.record(Event {
        program: None,
        subject: format!("key_{}", key.kid),
        person: None,
        fact: CredentialEvent::KeyMade { kid: key.kid.clone(), signs_from: key.signs_from },
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_made_key_signs_and_its_public_half_verifies() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let held = held(make(now, now).unwrap()).unwrap();
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        let token =
            jsonwebtoken::encode(&header, &serde_json::json!({"exp": 1}), &held.encoding).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.validate_exp = false;
        jsonwebtoken::decode::<serde_json::Value>(&token, &held.decoding, &validation).unwrap();
        let text = serde_json::to_string(&held.jwk).unwrap();
        assert!(!text.contains("\"d\""));
    }
}
