//! OAuth 2.0 for machines: client credentials (RFC 6749), revocation (RFC 7009), metadata (RFC 8414),
//! keys (RFC 7517). Errors are OAuth's own, not problems.

mod views;

use actix_web::{HttpRequest, get, http::header::AUTHORIZATION, post, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use domain::{
    Word,
    client::{Client, KeyAlgorithm},
    credential::CredentialEvent,
    session::SessionEnd,
};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use super::{
    clients::{self, known_scopes},
    sessions,
};
use crate::{
    answer::Reply,
    app::App,
    auth::{
        keys::Jwks,
        machines::{self, Given, Proven},
        secrets,
        tokens::{self, Bearer, Machine},
    },
    call::Call,
    extract::read_body,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(issue_token);
    config.service(revoke_token);
    config.service(get_authorization_server);
    config.service(get_jwks);
}

fn refusal(status: u16, error: &'static str, error_description: &'static str) -> Reply {
    Reply::of(status, &OAuthError { error, error_description }).no_store()
}

fn invalid_client() -> Reply {
    refusal(
        401,
        "invalid_client",
        "The client is unknown or disabled, or does not prove who it is.",
    )
    .header("WWW-Authenticate", "Basic realm=\"lssc\", charset=\"UTF-8\"")
}

/// The form of a request, or OAuth's refusal.
async fn form<T: serde::de::DeserializeOwned>(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<T, Reply> {
    let limit = app.config.body_limit_bytes.min(16 * 1024);
    let body = read_body(request, payload.into_inner(), limit, app.config.body_timeout_ms).await;
    let body = body.map_err(|problem| {
        refusal(
            problem.kind().status(),
            "invalid_request",
            "The form is too large or did not arrive.",
        )
    })?;
    let kind = request
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(refusal(
            400,
            "invalid_request",
            "Send a form: application/x-www-form-urlencoded.",
        ));
    }
    // A parameter that stands twice is refused by the form's reader (RFC 6749 section 3.2).
    serde_urlencoded::from_bytes(&body)
        .map_err(|_malformed| refusal(400, "invalid_request", "The form cannot be read."))
}

/// What a form says of who sends it.
struct Sender {
    id: Option<String>,
    secret: Option<String>,
    assertion_type: Option<String>,
    assertion: Option<String>,
}

/// Who the client says it is, in one way: in the header, by a secret in the form, or by an assertion.
fn given(request: &HttpRequest, sender: Sender) -> Result<Given, Reply> {
    let Sender { id, secret, assertion_type, assertion } = sender;
    let bad = |detail| Err(refusal(400, "invalid_request", detail));
    let header = request.headers().get(AUTHORIZATION);
    let ways = [header.is_some(), secret.is_some(), assertion.is_some()];
    if ways.iter().filter(|taken| **taken).count() > 1 {
        return bad("The client must say who it is in one way.");
    }
    match (assertion_type.as_deref(), assertion) {
        (Some(machines::ASSERTION_TYPE), Some(assertion)) => {
            return Ok(Given::Assertion(assertion, id));
        }
        (None, None) => {}
        (Some(machines::ASSERTION_TYPE), None) => return bad("client_assertion is missing."),
        _ => return bad("client_assertion_type is not the one of a signed JWT."),
    }
    let Some(header) = header else {
        return Ok(id.zip(secret).map_or(Given::Nothing, |(id, secret)| Given::Secret(id, secret)));
    };
    let decoded = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair =
        decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(invalid_client)?;
    // RFC 6749 section 2.3.1: both halves are form-encoded first.
    let part = |text: &str| {
        form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned())
    };
    let given = part(pair.0).zip(part(pair.1));
    Ok(given.map_or(Given::Nothing, |(id, secret)| Given::Secret(id, secret)))
}

/// The client of a request, or OAuth's refusal.
async fn client(
    app: &App,
    request: &HttpRequest,
    sender: Sender,
) -> Result<Result<Proven, Reply>, Problem> {
    let given = match given(request, sender) {
        Ok(given) => given,
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(machines::prove(app, given).await?.ok_or_else(invalid_client))
}

/// The scopes that are granted of those that are wanted, or OAuth's refusal.
fn granted(asked: &TokenRequest, client: &Client) -> Result<Vec<String>, Reply> {
    match asked.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let detail = "Only client_credentials is granted.";
            return Err(refusal(400, "unsupported_grant_type", detail));
        }
        None => return Err(refusal(400, "invalid_request", "grant_type is missing.")),
    }
    let wanted = asked.scope.as_deref().unwrap_or_default();
    let mut scopes: Vec<String> =
        wanted.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if scopes.is_empty() {
        scopes.clone_from(&client.scopes);
    }
    if scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        let detail = "The client may not have a scope that it asks for.";
        return Err(refusal(400, "invalid_scope", detail));
    }
    Ok(scopes)
}

/// Get a machine's access token
///
/// OAuth 2.0 client credentials: the client's id and secret by HTTP Basic or in the form, or an assertion that it
/// signed (`private_key_jwt`, RFC 7523): `iss` and `sub` are the client's id, `aud` is this address or the issuer,
/// `exp` is at most five minutes ahead, and its `jti` is taken once. Errors are those of RFC 6749 section 5.2.
#[utoipa::path(tag = "Signing in",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenResponse, description = "The token."),
        (status = 400, body = OAuthError, description = "The request cannot be granted."),
        (status = 401, body = OAuthError, description = "The client is not known.")))]
#[post("/oauth/token")]
pub(crate) async fn issue_token(
    app: App,
    call: Call,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    let asked: TokenRequest = match form(&app, &request, payload).await {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal),
    };
    let sender = Sender {
        id: asked.client_id.clone(),
        secret: asked.client_secret.clone(),
        assertion_type: asked.client_assertion_type.clone(),
        assertion: asked.client_assertion.clone(),
    };
    let proven = match client(&app, &request, sender).await? {
        Ok(proven) => proven,
        Err(refusal) => return Ok(refusal),
    };
    let scopes = match granted(&asked, &proven.client) {
        Ok(scopes) => scopes,
        Err(refusal) => return Ok(refusal),
    };
    if !machines::settle(&app, &call, &proven).await? {
        return Ok(invalid_client());
    }
    let scope = scopes.join(" ");
    let access_token = tokens::issue(
        &app,
        &Bearer::Client(Machine {
            client: proven.client.id,
            credential: proven.credential.id,
            scopes,
            programs: proven.client.programs,
        }),
    )?;
    let view = TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: app.config.access_token_s,
        scope,
    };
    Ok(Reply::ok(&view).no_store().header("Pragma", "no-cache"))
}

/// Revoke a token
///
/// RFC 7009: a machine revokes its own access token; whoever holds a refresh token ends its session with
/// it. The answer is the same for tokens that mean nothing here.
#[utoipa::path(tag = "Signing in",
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token does not hold, whatever it was."),
        (status = 400, body = OAuthError, description = "The request cannot be read."),
        (status = 401, body = OAuthError, description = "The client is not known.")))]
#[post("/oauth/revoke")]
pub(crate) async fn revoke_token(
    app: App,
    call: Call,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    let asked: RevocationRequest = match form(&app, &request, payload).await {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal),
    };
    let Some(token) = asked.token else {
        return Ok(refusal(400, "invalid_request", "token is missing."));
    };
    let done = Reply { status: 200, headers: Vec::new(), body: Vec::new() }.no_store();
    if token.starts_with(secrets::REFRESH_PREFIX) {
        let hash = secrets::hash(&token);
        app.write(&call, move |tx, _| match tx.sessions().token(&hash)? {
            Some((_, session)) => sessions::end(tx, &session, SessionEnd::Revoked),
            None => Ok(()),
        })
        .await?;
        return Ok(done);
    }
    let sender = Sender {
        id: asked.client_id,
        secret: asked.client_secret,
        assertion_type: asked.client_assertion_type,
        assertion: asked.client_assertion,
    };
    let proven = match client(&app, &request, sender).await? {
        Ok(proven) => proven,
        Err(refusal) => return Ok(refusal),
    };
    if !machines::settle(&app, &call, &proven).await? {
        return Ok(invalid_client());
    }
    let client = proven.client;
    let Ok(claims) = tokens::verify(&app, &token).await else { return Ok(done) };
    if claims.sub != client.id.to_string() {
        return Ok(done);
    }
    let until = DateTime::from_timestamp(claims.exp, 0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC);
    let id = client.id;
    app.write(&call, move |tx, _| {
        if tx.revoked_tokens().insert(&claims.jti, until)? {
            tx.record(clients::event(id, CredentialEvent::ClientTokenRevoked { client: id }))?;
        }
        Ok(())
    })
    .await?;
    Ok(done)
}

/// Read the authorization server's metadata
///
/// RFC 8414: where tokens are issued and revoked, and which keys sign them.
#[utoipa::path(tag = "Signing in",
    responses((status = 200, body = AuthorizationServer, description = "The metadata.")))]
#[get("/.well-known/oauth-authorization-server")]
pub(crate) async fn get_authorization_server(app: App, _call: Call) -> Result<Reply, Problem> {
    let at = |path: &str| format!("{}{path}", app.public_url);
    let methods = machines::METHODS.to_vec();
    let algorithms: Vec<_> = KeyAlgorithm::ALL.iter().map(|one| one.as_str()).collect();
    Ok(Reply::ok(&AuthorizationServer {
        issuer: app.public_url.clone(),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        jwks_uri: at("/.well-known/jwks.json"),
        service_documentation: at("/swagger-ui/"),
        scopes_supported: known_scopes(),
        response_types_supported: Vec::new(),
        grant_types_supported: vec!["client_credentials"],
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    })
    .public(300))
}

/// Read the keys that sign access tokens
///
/// RFC 7517. A new key is published before it signs, and an old one until its last token has ended.
#[utoipa::path(tag = "Signing in", responses((status = 200, body = Jwks, description = "The public keys.")))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn get_jwks(app: App, _call: Call) -> Result<Reply, Problem> {
    Ok(Reply::ok(&app.auth.keys.public()).public(300))
}
