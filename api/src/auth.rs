//! Who asks: bearer tokens to callers; passwords, keys and tokens.

#[cfg(test)]
mod attacks;
pub mod keys;
pub(crate) mod machines;
pub mod outside;
pub mod passwords;
pub mod secrets;
pub mod tokens;

use std::sync::OnceLock;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use domain::access::Caller;

use crate::{app::App, config::Config, problem::Problem};
use keys::Keys;
use outside::Outside;
use passwords::Passwords;

/// Passwords, keys and tokens of one server.
pub struct Auth {
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The keys that sign access tokens.
    pub keys: Keys,
    /// Issuers outside.
    pub outside: Outside,
    /// The server's own secret, the same on every server of a database; read when the server begins.
    mac_key: OnceLock<Vec<u8>>,
}

impl Auth {
    /// What the configuration says. The keys are read by [`begin`].
    pub fn of(config: &Config) -> Result<Self, String> {
        Ok(Self {
            passwords: Passwords::of(config)?,
            keys: Keys::default(),
            outside: Outside::of(&config.trusted_issuers)?,
            mac_key: OnceLock::new(),
        })
    }

    /// The key of the MACs in mailed tokens and of stored fingerprints.
    pub fn mac_key(&self) -> Result<&[u8], Problem> {
        let key = self.mac_key.get().map(Vec::as_slice);
        key.ok_or_else(|| Problem::internal("the server's secret was not read"))
    }
}

/// Reads the keys, and makes those that a new database lacks.
pub(crate) async fn begin(app: &App) -> Result<(), Problem> {
    keys::ensure(&app.store, app.stamp_of("system", "start")).await?;
    app.auth.keys.reload(&app.store, app.machine()).await?;
    let fresh = app.chance.secret();
    let key: Vec<u8> = app
        .store
        .write(app.stamp_of("system", "start"), move |tx| {
            tx.secrets().get_or_insert("server", &fresh).map_err(Problem::from)
        })
        .await?;
    let _first = app.auth.mac_key.set(key);
    Ok(())
}

/// The caller of a request: anonymous without a bearer token, 401 with one that does not hold.
pub(crate) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(Caller::anonymous()) };
    if values.next().is_some() {
        return Err(Problem::invalid_token("several Authorization headers"));
    }
    let text = value.to_str().map_err(|error| Problem::invalid_token(error.to_string()))?;
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        // Client credentials come this way, to /oauth/token only; elsewhere they mean nothing.
        return Ok(Caller::anonymous());
    }
    let token = token.trim();
    match tokens::claimed_issuer(token) {
        Some(issuer) if issuer == app.public_url => tokens::caller(app, token).await,
        Some(issuer) => match app.auth.outside.issuer(&issuer) {
            Some(trusted) => outside::caller(app, trusted, token).await,
            None => Err(Problem::invalid_token("its issuer is not trusted")),
        },
        None => Err(Problem::invalid_token("it is no token")),
    }
}
