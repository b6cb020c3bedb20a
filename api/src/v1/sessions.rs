//! People sign in, stay signed in, and sign out.

use actix_web::{delete, post};
use chrono::TimeDelta;
use domain::{
    PersonId, SessionId,
    access::{Action, Facts, Who},
    event::Event,
    person::fold_email,
    session::{self, Refresh, RefreshToken, Session, SessionEnd, SessionEvent},
};
use persistence::{Account, Optional, Tx};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    auth::{
        passwords::Verdict,
        secrets,
        tokens::{self, Bearer},
    },
    call::Call,
    config::Config,
    extract::Body,
    problem::{Kind, Problem},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(sign_in);
    config.service(refresh_session);
    config.service(sign_out);
}

/// What signing in takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// One of the person's e-mail addresses.
    #[schema(value_type = String, max_length = 254, example = "ada@demo.example")]
    pub email: crate::v1::fields::Term,
    /// The password.
    #[schema(format = "password", max_length = 200)]
    pub password: String,
}

/// What refreshing takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token; it works once.
    #[schema(max_length = 200)]
    pub refresh_token: String,
}

/// A pair of tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensView {
    /// Send it as `Authorization: Bearer ...`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// For how many seconds the access token holds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Trade it for the next pair; it works once, and a second use ends the session.
    pub refresh_token: String,
    /// For how many seconds the refresh token holds.
    #[schema(example = 1_209_600)]
    pub refresh_expires_in: i64,
    /// The person.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The session.
    #[schema(value_type = String)]
    pub session: SessionId,
}

/// Sign in
///
/// With e-mail address and password. The answer and its time are the same for unknown addresses. After
/// repeated failures the address is locked for a time that grows: 429.
#[utoipa::path(tag = "Signing in", request_body = SignIn,
    responses((status = 201, body = TokensView, description = "Signed in.")))]
#[post("/v1/sessions")]
pub(crate) async fn sign_in(app: App, call: Call, body: Body<SignIn>) -> Result<Reply, Problem> {
    let asked = body.take()?;
    let account = admit(&app, &call, &asked.email).await?;
    let phc = account.as_ref().and_then(|account| account.phc.as_deref());
    let verdict = app.auth.passwords.verify(phc, &asked.password).await?;
    let (Some(account), true) = (account, verdict != Verdict::Wrong) else {
        return Err(Problem::new(Kind::InvalidCredentials, "E-mail address or password is wrong.")
            .with_header("WWW-Authenticate", "Bearer"));
    };
    let stronger = match verdict {
        Verdict::RightButWeak => {
            Some(app.auth.passwords.hash(&*app.chance, &asked.password).await?)
        }
        Verdict::Right | Verdict::Wrong => None,
    };
    let refresh = secrets::make(secrets::REFRESH_PREFIX, &*app.chance);
    let (hash, config, key) =
        (secrets::hash(&refresh), app.config.clone(), address_key(&asked.email));
    let session = app
        .write(&call, move |tx, _| {
            // The password may have been changed while this one was verified.
            if tx.credentials().of(account.person)? != account.phc {
                return Err(Problem::new(
                    Kind::InvalidCredentials,
                    "E-mail address or password is wrong.",
                ));
            }
            tx.sign_in_failures().forget(&key)?;
            if let Some(phc) = &stronger {
                tx.credentials().set(account.person, phc)?;
            }
            begin(tx, account.person, hash, &config)
        })
        .await?;
    answer(&app, &session, refresh, 201)
}

/// Counts the attempt before it is judged, or refuses it while its address is locked; the account of the
/// address, if there is one.
pub(super) async fn admit(app: &App, call: &Call, email: &str) -> Result<Option<Account>, Problem> {
    let (key, folded) = (address_key(email), fold_email(email));
    let (after, first) = (app.config.lockout_after, TimeDelta::seconds(app.config.lockout_first_s));
    app.write(call, move |tx, _| {
        let now = tx.machine();
        // Counting holds the row, of a new address too: attempts at the same time come one after
        // another. The count of a refused attempt is rolled back.
        let failures = tx.sign_in_failures().count(&key)?;
        let locked = tx.sign_in_failures().of(&key)?.and_then(|failures| failures.locked_until);
        if let Some(until) = locked.filter(|until| *until > now) {
            let wait = (until - now).num_seconds().saturating_add(1);
            return Err(Problem::new(
                Kind::TooManyAttempts,
                format!("Try again in {wait} seconds."),
            )
            .with_header("Retry-After", wait.to_string()));
        }
        if let Some(lock) = session::lock(failures, after, first) {
            tx.sign_in_failures().lock(&key, now + lock)?;
        }
        Ok(tx.credentials().by_address(&folded)?)
    })
    .await
}

/// By what failures of an address are counted: not the address itself.
pub(super) fn address_key(email: &str) -> String {
    crate::hex::of(&Sha256::digest(fold_email(email)))
}

/// Begins a session with its first refresh token.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    person: PersonId,
    refresh_hash: [u8; 32],
    config: &Config,
) -> Result<Session, Problem> {
    let now = tx.machine();
    let session = Session {
        id: tx.new_id(),
        person,
        started_at: now,
        expires_at: now + TimeDelta::seconds(config.session_s),
        ended: None,
    };
    tx.sessions().insert(&session)?;
    let first = token(tx, session.id, refresh_hash, config);
    tx.sessions().insert_token(&first)?;
    tx.record(event(&session, SessionEvent::Started { session: session.id }))?;
    Ok(session)
}

fn token(tx: &Tx<'_>, session: SessionId, hash: [u8; 32], config: &Config) -> RefreshToken {
    let now = tx.machine();
    let expires_at = now + TimeDelta::seconds(config.refresh_token_s);
    RefreshToken { hash, session, issued_at: now, expires_at, used_at: None }
}

fn event(session: &Session, fact: SessionEvent) -> Event<SessionEvent> {
    Event { program: None, subject: session.id.to_string(), person: Some(session.person), fact }
}

fn answer(
    app: &App,
    session: &Session,
    refresh_token: String,
    status: u16,
) -> Result<Reply, Problem> {
    let view = TokensView {
        access_token: tokens::issue(app, &Bearer::Person(session.person, session.id))?,
        token_type: "Bearer",
        expires_in: app.config.access_token_s,
        refresh_token,
        refresh_expires_in: app.config.refresh_token_s,
        person: session.person,
        session: session.id,
    };
    Ok(Reply::of(status, &view).no_store())
}

/// Ends a session, with its event; nothing happens to one that has ended.
pub(crate) fn end(tx: &mut Tx<'_>, session: &Session, reason: SessionEnd) -> Result<(), Problem> {
    if tx.sessions().end(session.id, reason)? {
        tx.record(event(session, SessionEvent::Ended { session: session.id, reason }))?;
    }
    Ok(())
}

/// Ends every session of a person but one.
pub(crate) fn end_others(
    tx: &mut Tx<'_>,
    person: PersonId,
    kept: Option<SessionId>,
    reason: SessionEnd,
) -> Result<(), Problem> {
    for id in tx.sessions().standing_of(person)? {
        if Some(id) != kept {
            let session = tx.sessions().get(id)?;
            end(tx, &session, reason)?;
        }
    }
    Ok(())
}

/// Refresh a session
///
/// Trades a refresh token for the next pair of tokens. A refresh token works once; when one is used a
/// second time somebody else has it, and the session ends.
#[utoipa::path(tag = "Signing in", request_body = RefreshRequest,
    responses((status = 200, body = TokensView, description = "The next pair of tokens.")))]
#[post("/v1/sessions/refresh")]
pub(crate) async fn refresh_session(
    app: App,
    call: Call,
    body: Body<RefreshRequest>,
) -> Result<Reply, Problem> {
    let used = secrets::hash(&body.take()?.refresh_token);
    let next = secrets::make(secrets::REFRESH_PREFIX, &*app.chance);
    let (next_hash, config) = (secrets::hash(&next), app.config.clone());
    // A reuse ends the session: that must be committed although the request is refused.
    let granted = app
        .write(&call, move |tx, _| {
            let Some((token, session)) = tx.sessions().token(&used)? else { return Ok(None) };
            match token.judge(&session, tx.machine()) {
                Refresh::Granted => {
                    tx.sessions().use_token(&used)?;
                    let fresh = self::token(tx, session.id, next_hash, &config);
                    tx.sessions().insert_token(&fresh)?;
                    Ok(Some(session))
                }
                Refresh::Reused => end(tx, &session, SessionEnd::TokenReused).map(|()| None),
                Refresh::Ended => Ok(None),
            }
        })
        .await?;
    let session = granted.ok_or_else(|| {
        Problem::new(
            Kind::InvalidRefreshToken,
            "The refresh token is unknown, has ended or was used before.",
        )
        .with_header("WWW-Authenticate", "Bearer")
    })?;
    answer(&app, &session, next, 200)
}

/// Sign out
///
/// Ends the session of the access token, at once and on every server.
#[utoipa::path(tag = "Signing in", extensions(("x-if-match" = json!("none"))),
    responses((status = 204, description = "Signed out.")))]
#[delete("/v1/sessions/current")]
pub(crate) async fn sign_out(app: App, call: Call) -> Result<Reply, Problem> {
    let owner = call.signed()?.person();
    call.allow(Action::SignOut, &Facts { owner, organisation: None })?;
    let Who::Person(person, session) = call.caller().who else { return Err(Problem::not_found()) };
    app.write(&call, move |tx, _| {
        // A token of an outside issuer has no session here.
        let session = tx.sessions().get(session).found()?.ok_or_else(elsewhere)?;
        if session.person == person {
            end(tx, &session, SessionEnd::SignedOut)
        } else {
            Err(elsewhere())
        }
    })
    .await?;
    Ok(Reply::no_content())
}

/// What a token of an outside issuer is told, whose session is not kept here.
fn elsewhere() -> Problem {
    Problem::new(Kind::Forbidden, "The session of this token is kept by its own issuer.")
}
