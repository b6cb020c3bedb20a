//! Tokens of outside issuers, taken by configuration. A token must name, by `email`, somebody who is
//! registered here; the issuer may map its groups to the roles staff, admin and auditor.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    SessionId,
    access::{Caller, Grant, Who},
    person::fold_email,
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, JwkSet},
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::tokens;
use crate::{app::App, config::TrustedIssuer, problem::Problem};

/// Asymmetric algorithms only: a public key must never be taken for a shared secret.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::EdDSA,
];

/// Largest key set, bytes.
const LARGEST: usize = 256 * 1024;

/// The least time between two fetches from one issuer.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

struct Fetched {
    keys: JwkSet,
    at: DateTime<Utc>,
}

/// The keys of outside issuers, fetched when they are first needed.
pub struct Outside {
    client: reqwest::Client,
    issuers: Vec<TrustedIssuer>,
    fetched: RwLock<HashMap<String, Arc<Fetched>>>,
    /// One fetch at a time; when the last one of an issuer failed.
    fetching: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Outside {
    /// The configured issuers.
    pub fn of(issuers: &[TrustedIssuer]) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| format!("Keys of outside issuers cannot be fetched: {error}."))?;
        Ok(Self {
            client,
            issuers: issuers.to_vec(),
            fetched: RwLock::default(),
            fetching: Mutex::default(),
        })
    }

    /// The trusted issuer of this name.
    pub fn issuer(&self, name: &str) -> Option<&TrustedIssuer> {
        self.issuers.iter().find(|issuer| issuer.issuer == name)
    }

    fn known(&self, issuer: &TrustedIssuer) -> Option<Arc<Fetched>> {
        self.fetched.read().unwrap_or_else(PoisonError::into_inner).get(&issuer.issuer).cloned()
    }

    /// The keys of an issuer: fetched again for a key that is not known, at most every half minute, by
    /// one request at a time; the old ones serve while the issuer cannot be reached. One that failed is
    /// left alone for as long, so that tokens that name made-up keys do not flood it.
    async fn keys(
        &self,
        issuer: &TrustedIssuer,
        kid: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Fetched>, Problem> {
        let usable = |fetched: &Arc<Fetched>| {
            let age = now - fetched.at;
            age < PAUSE || (age < TimeDelta::hours(24) && fetched.keys.find(kid).is_some())
        };
        if let Some(fetched) = self.known(issuer).filter(usable) {
            return Ok(fetched);
        }
        let mut failed = self.fetching.lock().await;
        if let Some(fetched) = self.known(issuer).filter(usable) {
            return Ok(fetched);
        }
        if failed.get(&issuer.issuer).is_some_and(|at| now - *at < PAUSE) {
            let cause = "the keys of the issuer could not be fetched a moment ago";
            return self.known(issuer).ok_or_else(|| Problem::unavailable(cause));
        }
        match self.fetch(issuer).await {
            Ok(keys) => {
                failed.remove(&issuer.issuer);
                let fetched = Arc::new(Fetched { keys, at: now });
                let mut all = self.fetched.write().unwrap_or_else(PoisonError::into_inner);
                all.insert(issuer.issuer.clone(), Arc::clone(&fetched));
                Ok(fetched)
            }
            Err(cause) => {
                failed.insert(issuer.issuer.clone(), now);
                tracing::warn!(
                    issuer = issuer.issuer,
                    cause,
                    "keys of an outside issuer could not be fetched"
                );
                self.known(issuer).ok_or_else(|| Problem::unavailable(cause))
            }
        }
    }

    async fn fetch(&self, issuer: &TrustedIssuer) -> Result<JwkSet, String> {
        let text = |error: reqwest::Error| error.to_string();
        let answer = self.client.get(&issuer.jwks_uri).send().await.map_err(text)?;
        let mut answer = answer.error_for_status().map_err(text)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(text)? {
            if body.len().saturating_add(chunk.len()) > LARGEST {
                return Err("the key set is too large".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }
}

/// The caller of an outside issuer's token.
pub(super) async fn caller(
    app: &App,
    issuer: &TrustedIssuer,
    token: &str,
) -> Result<Caller, Problem> {
    let claims = verify(app, issuer, token).await?;
    // A claim that is missing says nothing: only an issuer that is known to verify may leave it out.
    let verified = match claims.get("email_verified") {
        Some(claim) => claim == &Value::Bool(true),
        None => issuer.email_is_verified,
    };
    let email = claims.get("email").and_then(Value::as_str).filter(|_| verified).map(fold_email);
    let email = email
        .ok_or_else(|| Problem::invalid_token("the token names no verified e-mail address"))?;
    let groups =
        claims.get(&issuer.roles_claim).and_then(Value::as_array).cloned().unwrap_or_default();
    let roles: BTreeSet<_> =
        groups.iter().filter_map(|group| issuer.roles.get(group.as_str()?)).copied().collect();
    app.store
        .read(move |tx| {
            let account = tx.credentials().by_address(&email)?;
            let person = account
                .filter(|account| account.is_verified)
                .ok_or_else(|| Problem::invalid_token("nobody here has confirmed its address"))?
                .person;
            let mut grants = tokens::grants(tx, person)?;
            grants.extend(roles.iter().map(|role| Grant::of(*role)));
            // Nobody signed in here: the session is the issuer's own, and none of ours.
            let who = Who::Person(person, SessionId::from_bits(0));
            Ok(Caller::of(who, grants))
        })
        .await
}

async fn verify(app: &App, issuer: &TrustedIssuer, token: &str) -> Result<Value, Problem> {
    let bad = |cause: String| Problem::invalid_token(cause);
    let header = decode_header(token).map_err(|error| bad(error.to_string()))?;
    if !ALGORITHMS.contains(&header.alg) || !tokens::has_type(&header, &issuer.typ) {
        return Err(bad(format!("algorithm {:?}, type {:?}", header.alg, header.typ)));
    }
    let kid = header.kid.ok_or_else(|| bad("the token names no key".to_owned()))?;
    let now = app.machine();
    let fetched = app.auth.outside.keys(issuer, &kid, now).await?;
    let jwk = fetched
        .keys
        .find(&kid)
        .filter(|jwk| !matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)))
        .ok_or_else(|| bad("the token names a key that its issuer does not publish".to_owned()))?;
    let key = DecodingKey::from_jwk(jwk).map_err(|error| bad(error.to_string()))?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[&issuer.issuer]);
    validation.set_audience(&[&issuer.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let claims =
        decode::<Value>(token, &key, &validation).map_err(|error| bad(error.to_string()))?.claims;
    let number = |name: &str| claims.get(name).map(Value::as_i64);
    let seconds = now.timestamp();
    let ended = !matches!(number("exp"), Some(Some(exp)) if exp > seconds);
    let early = match number("nbf") {
        None => false,
        Some(nbf) => nbf.is_none_or(|nbf| nbf > seconds.saturating_add(60)),
    };
    if ended || early {
        return Err(bad("the token has ended or has not begun".to_owned()));
    }
    Ok(claims)
}
