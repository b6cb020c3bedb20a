//! SCIM 2.0 (RFC 7643, 7644, 9865) at `/scim/v2`: another door to the accounts of a partner.
//!
//! It asks the access table for the acts that it does, and describes itself (`/Schemas`, `/ResourceTypes`), so it is
//! no part of the `OpenAPI` document, whose rules for errors and entity tags are not SCIM's.

mod discovery;
mod draft;
mod error;
mod found;
mod project;
mod query;
mod user;
mod users;

use actix_web::{HttpRequest, web};
use domain::{
    ClientId,
    access::{Action, Facts},
};
use serde_json::Value;

pub(crate) use error::reply as error;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::read_body,
    problem::{Kind, Problem},
};

/// Where it is served.
pub const BASE: &str = "/scim/v2";
/// The media type of everything that it answers.
const MEDIA: &str = "application/scim+json";
/// The one schema of its resources.
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Every path and the methods that it takes: what `Allow` lists.
pub const PATHS: &[(&str, &[&str])] = &[
    ("/scim/v2/ServiceProviderConfig", &["get"]),
    ("/scim/v2/ResourceTypes", &["get"]),
    ("/scim/v2/ResourceTypes/{name}", &["get"]),
    ("/scim/v2/Schemas", &["get"]),
    ("/scim/v2/Schemas/{urn}", &["get"]),
    ("/scim/v2/Users", &["get", "post"]),
    ("/scim/v2/Users/.search", &["post"]),
    ("/scim/v2/.search", &["post"]),
    ("/scim/v2/Users/{account_id}", &["get", "put", "patch", "delete"]),
];

/// Registers its routes.
pub fn register(config: &mut web::ServiceConfig) {
    config
        .route("/scim/v2/ServiceProviderConfig", web::get().to(discovery::provider))
        .route("/scim/v2/ResourceTypes", web::get().to(discovery::resource_types))
        .route("/scim/v2/ResourceTypes/{name}", web::get().to(discovery::resource_type))
        .route("/scim/v2/Schemas", web::get().to(discovery::schemas))
        .route("/scim/v2/Schemas/{urn}", web::get().to(discovery::schema))
        .service(
            web::resource("/scim/v2/Users")
                .route(web::get().to(users::list))
                .route(web::post().to(users::create)),
        )
        .route("/scim/v2/Users/.search", web::post().to(users::search))
        .route("/scim/v2/.search", web::post().to(users::search))
        .service(
            web::resource("/scim/v2/Users/{account_id}")
                .route(web::get().to(users::get))
                .route(web::put().to(users::replace))
                .route(web::patch().to(users::patch))
                .route(web::delete().to(users::delete)),
        );
}

/// Whether a request is one of SCIM's, so that its refusals have SCIM's form.
pub(crate) fn is_asked(path: &str) -> bool {
    path == BASE || path.strip_prefix(BASE).is_some_and(|rest| rest.starts_with('/'))
}

/// An answer of SCIM's media type.
fn answer(status: u16, body: &Value) -> Reply {
    Reply::of(status, body).header("Content-Type", MEDIA).private()
}

/// The machine that may do `action`; SCIM is for machines alone, for an account is a machine's.
fn machine(call: &Call, action: Action) -> Result<ClientId, Problem> {
    call.allow(action, &Facts::default())?;
    let nobody = "SCIM is for the machines of partners: what they hold is theirs.";
    call.caller().client().ok_or_else(|| Problem::new(Kind::Forbidden, nobody))
}

/// The JSON object of a request's body.
async fn body(app: &App, request: &HttpRequest, payload: web::Payload) -> Result<Value, Problem> {
    let limit = app.config.body_limit_bytes;
    let bytes = read_body(request, payload.into_inner(), limit, app.config.body_timeout_ms).await?;
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(MEDIA) && !kind.eq_ignore_ascii_case("application/json") {
        let detail = format!("Send the body with Content-Type: {MEDIA}.");
        return Err(Problem::new(Kind::UnsupportedMediaType, detail).with_header("Accept", MEDIA));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) if !bytes.contains(&0) => Ok(Value::Object(fields)),
        Ok(_) => Err(error::of("invalidSyntax", "The body is one JSON object.")),
        Err(fault) => Err(error::of("invalidSyntax", format!("The body is no JSON: {fault}."))),
    }
}

/// A member of an object, however its name is written.
fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = object.as_object()?;
    fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
