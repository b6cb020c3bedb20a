//! Access tokens: RFC 9068 `at+jwt`, ES256. Their signature says who issued them; whether they still
//! hold is asked of the database at each request, so that a revocation takes effect at once everywhere.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    ClientCredentialId, ClientId, PersonId, SessionId,
    access::{Caller, Grant, Role, Who},
    client::confined,
    program::ProgramCode,
};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use persistence::{Optional, Tx};
use serde::{Deserialize, Serialize};

use crate::{app::App, problem::Problem};

/// The client id of people who sign in here.
const FIRST_PARTY: &str = "lssc";

/// Longest token that is looked at, bytes.
const LONGEST: usize = 8192;

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: this server's public URL.
    pub iss: String,
    /// The person or the machine.
    pub sub: String,
    /// Audience: this server's public URL.
    pub aud: String,
    /// End, seconds of the Unix epoch.
    pub exp: i64,
    /// Issued at, seconds of the Unix epoch.
    pub iat: i64,
    /// The token's own id.
    pub jti: String,
    /// The machine, or `lssc` for people.
    pub client_id: String,
    /// A machine's scopes, joined by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// A person's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// The secret or key of a machine for which it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<ClientCredentialId>,
    /// The programs that a machine is confined to; none = every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<ProgramCode>,
}

/// For whom a token is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// A person in a session.
    Person(PersonId, SessionId),
    /// A machine.
    Client(Machine),
}

/// What a machine's token is issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Which.
    pub client: ClientId,
    /// What it proved itself by: revoked, it takes its tokens with it.
    pub credential: ClientCredentialId,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The programs that it is confined to; none = every one.
    pub programs: Vec<ProgramCode>,
}

/// A new access token.
pub fn issue(app: &App, bearer: &Bearer) -> Result<String, Problem> {
    let now = app.machine();
    let (kid, key) = app.auth.keys.signing(now)?;
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(kid);
    let (sub, sid, machine) = match bearer {
        Bearer::Person(person, session) => (person.to_string(), Some(*session), None),
        Bearer::Client(machine) => (machine.client.to_string(), None, Some(machine)),
    };
    let claims = Claims {
        iss: app.public_url.clone(),
        client_id: machine.map_or_else(|| FIRST_PARTY.to_owned(), |_| sub.clone()),
        sub,
        aud: app.public_url.clone(),
        exp: now.timestamp().saturating_add(app.config.access_token_s),
        iat: now.timestamp(),
        jti: format!("{:032x}", app.ids.next(now)),
        scope: machine.map(|machine| machine.scopes.join(" ")),
        sid,
        credential: machine.map(|machine| machine.credential),
        programs: machine.map(|machine| machine.programs.clone()).unwrap_or_default(),
    };
    encode(&header, &claims, &key)
        .map_err(|error| Problem::internal(format!("a token could not be signed: {error}")))
}

/// The issuer that a token names, before anything of it is believed.
pub(super) fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let payload = token.split('.').nth(1).filter(|_| token.len() <= LONGEST)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice::<Named>(&json).ok().map(|named| named.iss)
}

/// Whether a header's `typ` is the one that is wanted; a media type may come with its prefix.
pub(super) fn has_type(header: &Header, wanted: &str) -> bool {
    header.typ.as_deref().is_some_and(|typ| {
        let bare = typ.get(..12).filter(|start| start.eq_ignore_ascii_case("application/"));
        typ.get(bare.map_or(0, str::len)..).is_some_and(|typ| typ.eq_ignore_ascii_case(wanted))
    })
}

/// The claims of a token that this server issued and that has not ended.
pub(crate) async fn verify(app: &App, token: &str) -> Result<Claims, Problem> {
    let bad = |cause: String| Problem::invalid_token(cause);
    if token.len() > LONGEST {
        return Err(bad("the token is too long".to_owned()));
    }
    let header = decode_header(token).map_err(|error| bad(error.to_string()))?;
    if header.alg != Algorithm::ES256 || !has_type(&header, "at+jwt") {
        return Err(bad(format!("algorithm {:?}, type {:?}", header.alg, header.typ)));
    }
    let kid = header.kid.ok_or_else(|| bad("the token names no key".to_owned()))?;
    let now = app.machine();
    let key = app.auth.keys.verifying(&kid, &app.store, now).await?;
    let key = key.ok_or_else(|| bad("the token names a key that is not known".to_owned()))?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[&app.public_url]);
    validation.set_audience(&[&app.public_url]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library reads the machine's clock; ours is handed in.
    validation.validate_exp = false;
    let claims =
        decode::<Claims>(token, &key, &validation).map_err(|error| bad(error.to_string()))?.claims;
    let seconds = now.timestamp();
    if claims.exp <= seconds || claims.iat > seconds.saturating_add(60) {
        return Err(bad("the token has ended or has not begun".to_owned()));
    }
    Ok(claims)
}

/// The caller of a token of ours, if what it stands on is still in force.
pub(super) async fn caller(app: &App, token: &str) -> Result<Caller, Problem> {
    let claims = verify(app, token).await?;
    let now = app.machine();
    app.store.read(move |tx| standing(tx, &claims, now)).await
}

fn standing(tx: &mut Tx<'_>, claims: &Claims, now: DateTime<Utc>) -> Result<Caller, Problem> {
    let gone = |what: &str| Problem::invalid_token(what);
    if let Some(session) = claims.sid {
        let session =
            tx.sessions().get(session).found()?.ok_or_else(|| gone("its session is gone"))?;
        if session.person.to_string() != claims.sub || !session.stands(now) {
            return Err(gone("its session has ended"));
        }
        let who = Who::Person(session.person, session.id);
        return Ok(Caller::of(who, grants(tx, session.person)?));
    }
    machine(tx, claims, now)
}

fn machine(tx: &mut Tx<'_>, claims: &Claims, now: DateTime<Utc>) -> Result<Caller, Problem> {
    let gone = |what: &str| Problem::invalid_token(what);
    let id: ClientId = claims.sub.parse().map_err(|_wrong| gone("its subject is no client"))?;
    let client = tx.clients().get(id).found()?.ok_or_else(|| gone("its client is gone"))?;
    let credential = match claims.credential {
        Some(credential) => tx.client_credentials().get(credential).found()?,
        None => None,
    };
    let stands = credential.is_some_and(|one| one.client == id && one.stands(now));
    if !stands || client.disabled_at.is_some() || tx.revoked_tokens().holds(&claims.jti)? {
        return Err(gone("its client is disabled, or its credential or itself was revoked"));
    }
    let programs = confined(&claims.programs, &client.programs);
    let programs = programs.ok_or_else(|| gone("its client was confined to other programs"))?;
    let granted = claims.scope.as_deref().unwrap_or_default().split(' ');
    let scopes = granted
        .filter(|scope| client.scopes.iter().any(|held| held == scope))
        .map(str::to_owned)
        .collect();
    Ok(Caller {
        who: Who::Client(id),
        grants: vec![Grant::of(Role::Partner)],
        scopes: Some(scopes),
        programs,
        credential: claims.credential,
    })
}

/// The roles of a person: a candidate, and what was granted.
pub(super) fn grants(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Grant>, Problem> {
    let mut grants = vec![Grant::of(Role::Candidate)];
    grants.extend(tx.grants().of(person)?.iter().map(domain::credential::GrantRecord::grant));
    Ok(grants)
}
