//! What OAuth asks for and answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token request (RFC 6749 section 4.4.2), form-encoded.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct TokenRequest {
    /// `client_credentials`.
    #[schema(example = "client_credentials")]
    pub grant_type: Option<String>,
    /// The scopes that are wanted, joined by spaces; all of the client's without.
    pub scope: Option<String>,
    /// The client's id, when it is not in the Authorization header.
    pub client_id: Option<String>,
    /// The client's secret, when it is not in the Authorization header.
    #[schema(format = "password")]
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion.
    pub client_assertion_type: Option<String>,
    /// A JWT that the client signed (RFC 7523), in the place of a secret.
    pub client_assertion: Option<String>,
}

/// A revocation request (RFC 7009 section 2.1), form-encoded.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct RevocationRequest {
    /// The token.
    pub token: Option<String>,
    /// What it is; ignored, the token tells.
    pub token_type_hint: Option<String>,
    /// The client's id, when it is not in the Authorization header.
    pub client_id: Option<String>,
    /// The client's secret, when it is not in the Authorization header.
    #[schema(format = "password")]
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with an assertion.
    pub client_assertion_type: Option<String>,
    /// A JWT that the client signed (RFC 7523), in the place of a secret.
    pub client_assertion: Option<String>,
}

/// A token (RFC 6749 section 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenResponse {
    /// Send it as `Authorization: Bearer ...`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// For how many seconds it holds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// The scopes that were given.
    pub scope: String,
}

/// An OAuth error (RFC 6749 section 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// Its code.
    #[schema(example = "invalid_client")]
    pub error: &'static str,
    /// One sentence.
    pub error_description: &'static str,
}

/// The authorization server's metadata (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// `iss` of its tokens.
    #[schema(format = "uri")]
    pub issuer: String,
    /// Where tokens are issued.
    #[schema(format = "uri")]
    pub token_endpoint: String,
    /// Where tokens are revoked.
    #[schema(format = "uri")]
    pub revocation_endpoint: String,
    /// Where the keys are.
    #[schema(format = "uri")]
    pub jwks_uri: String,
    /// Where people read about it.
    #[schema(format = "uri")]
    pub service_documentation: String,
    /// Every scope.
    pub scopes_supported: Vec<&'static str>,
    /// None: no response type goes through a browser.
    pub response_types_supported: Vec<&'static str>,
    /// `client_credentials`.
    pub grant_types_supported: Vec<&'static str>,
    /// How clients say who they are to get a token.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// What they may sign with to get one.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// How clients say who they are to revoke one.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// What they may sign with to revoke one.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
}
