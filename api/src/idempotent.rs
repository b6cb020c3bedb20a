//! Idempotency keys: the key, the effect and the answer commit in one transaction.
//!
//! The same key with the same method, path and body replays the stored answer byte for byte; a refusal
//! is an answer too: what the refused work did is rolled back, the refusal is stored. A 5xx is not
//! stored, so that a retry runs; neither is 401, which says nothing about the request.

use chrono::TimeDelta;
use domain::access::Who;
use persistence::{Begun, StoredAnswer, Tx};

use crate::{
    answer::Reply,
    app::App,
    auth::secrets,
    call::Call,
    openapi::routes::KeyUse,
    problem::{Kind, Problem},
};

/// What one use of a key is identified by.
#[derive(Debug, Clone)]
struct Once {
    scope: String,
    key: String,
    fingerprint: [u8; 32],
    operation: String,
    life: TimeDelta,
}

/// How a change is kept from happening twice.
enum Guard {
    /// By its key.
    Key(Once),
    /// Not at all: the caller sent no key, and none is needed.
    None,
    /// It does not happen: a key is needed and was not sent.
    Missing,
}

impl Guard {
    fn of(app: &App, call: &Call) -> Result<Self, Problem> {
        let operation = call.operation.as_deref();
        let wanted = operation.map_or(KeyUse::Ignored, |operation| operation.key);
        if wanted == KeyUse::Ignored {
            return Ok(Self::None);
        }
        let Some(key) = call.key.clone()? else {
            return Ok(if wanted == KeyUse::Required { Self::Missing } else { Self::None });
        };
        let secret = app.auth.mac_key()?;
        let digest = call.digest.get().map(<[u8; 32]>::as_slice).unwrap_or_default();
        let fingerprint = secrets::fingerprint(
            secret,
            &[call.method.as_bytes(), call.path.as_bytes(), call.query.as_bytes(), digest],
        )?;
        Ok(Self::Key(Once {
            scope: scope(call, secret, digest)?,
            key: key.as_str().to_owned(),
            fingerprint,
            operation: operation.map(|operation| operation.id.clone()).unwrap_or_default(),
            life: TimeDelta::seconds(app.config.idempotency_s),
        }))
    }
}

/// Whose key it is. Strangers are told apart by what they send: a key that two of them happen to choose
/// neither collides nor shows the one the other's answer.
fn scope(call: &Call, secret: &[u8], digest: &[u8]) -> Result<String, Problem> {
    let actor = call.actor();
    if call.caller().who != Who::Anonymous {
        return Ok(actor);
    }
    let mark = crate::hex::of(&secrets::fingerprint(secret, &[actor.as_bytes(), digest])?);
    Ok(format!("{actor}:{}", mark.chars().take(16).collect::<String>()))
}

/// Runs `work` once for each key.
pub(crate) async fn change<F>(app: &App, call: &Call, mut work: F) -> Result<Reply, Problem>
where
    F: FnMut(&mut Tx<'_>, &Call) -> Result<Reply, Problem> + Send + 'static,
{
    match Guard::of(app, call)? {
        Guard::None => app.write(call, work).await,
        Guard::Key(once) => {
            app.write(call, move |tx, call| keyed(tx, call, &once, &mut work)).await
        }
        Guard::Missing => app.write(call, move |tx, call| keyless(tx, call, &mut work)).await,
    }
}

/// Asks for the key after the caller was let in: who may not do it at all is told so first. Whatever
/// the work did is rolled back by the error.
fn keyless(
    tx: &mut Tx<'_>,
    call: &Call,
    work: &mut impl FnMut(&mut Tx<'_>, &Call) -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    match work(tx, call) {
        Err(problem) if matches!(problem.kind().status(), 401 | 403 | 404 | 500..) => Err(problem),
        _ => Err(Problem::new(
            Kind::IdempotencyKeyRequired,
            "Send an Idempotency-Key with this request.",
        )),
    }
}

fn keyed(
    tx: &mut Tx<'_>,
    call: &Call,
    once: &Once,
    work: &mut impl FnMut(&mut Tx<'_>, &Call) -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let expires_at = tx.machine() + once.life;
    let begun = tx.idempotency().begin(
        &once.scope,
        &once.key,
        &once.fingerprint,
        &once.operation,
        expires_at,
    )?;
    match begun {
        Begun::Replay(stored) => return Ok(replayed(stored)),
        Begun::OtherBody => {
            return Err(Problem::new(
                Kind::IdempotencyKeyReused,
                "This Idempotency-Key came with another request before.",
            ));
        }
        Begun::Running => {
            return Err(Problem::new(
                Kind::IdempotencyKeyInUse,
                "The first request with this Idempotency-Key is still running.",
            )
            .with_header("Retry-After", "1"));
        }
        Begun::Fresh => {}
    }
    let reply = match tx.savepoint(|tx| work(tx, call)) {
        Ok(reply) => reply,
        Err(problem) if problem.kind().status() >= 500 || problem.kind().status() == 401 => {
            return Err(problem);
        }
        Err(problem) => problem.reply(&call.request_id),
    };
    tx.idempotency().finish(&once.scope, &once.key, &stored(&reply))?;
    Ok(reply)
}

fn stored(reply: &Reply) -> StoredAnswer {
    StoredAnswer {
        status: reply.status,
        headers: reply
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect(),
        body: reply.body.clone(),
    }
}

fn replayed(stored: StoredAnswer) -> Reply {
    let reply = Reply {
        status: stored.status,
        headers: stored.headers.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        body: stored.body,
    };
    reply.header("Idempotency-Replayed", "true")
}
