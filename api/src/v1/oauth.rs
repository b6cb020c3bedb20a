//! OAuth 2.0 for machines: RFC 6749 client credentials, RFC 7009, RFC 8414.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{answer::Reply, app::App, call::Call, problem::Problem};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(get_authorization_server);
}

/// The authorization server's metadata (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// `iss` of its tokens.
    #[schema(format = "uri")]
    pub issuer: String,
}

/// Read the authorization server's metadata
///
/// RFC 8414: where tokens are issued and revoked, and which keys sign them.
#[utoipa::path(tag = "Signing in", responses((status = 200, body = AuthorizationServer, description = "The metadata.")))]
#[get("/.well-known/oauth-authorization-server")]
pub(crate) async fn get_authorization_server(app: App, call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Ok(Reply::ok(&AuthorizationServer { issuer: app.public_url.clone() }).public(300))
}
