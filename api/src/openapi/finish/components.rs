//! What the operations of the document share: schemas, security, headers, problems.

use std::collections::BTreeSet;

use domain::{Word, access::RULES};
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use crate::{
    extract::AsOf,
    problem::{Kind, ProblemDocument},
    v1::fields::Term,
};

/// The components, around the schemas that utoipa collected.
pub(super) fn components(mut schemas: Value) -> Value {
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.insert("Problem".to_owned(), json!(ProblemDocument::schema()));
        schemas.insert("FieldError".to_owned(), json!(crate::problem::FieldError::schema()));
        // What stands in parameters only is not collected.
        schemas.insert("AsOf".to_owned(), json!(AsOf::schema()));
        schemas.insert("Term".to_owned(), json!(Term::schema()));
        schemas.insert("Finding".to_owned(), json!(crate::answer::FindingView::schema()));
    }
    let scopes: Map<String, Value> = RULES
        .iter()
        .filter_map(|rule| {
            rule.scope.map(|scope| {
                (scope.to_owned(), json!(format!("`{}` and the like", rule.action.as_str())))
            })
        })
        .collect();
    json!({
        "schemas": schemas,
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "An access token (RFC 9068, handled by RFC 8725): people get one at POST /v1/sessions."},
            "client": {"type": "oauth2", "description": "Machines: OAuth 2.0 client credentials.",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}},
        },
        "parameters": {
            "IdempotencyKey": idempotency_key(false),
            "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false,
                "description": "An `ETag` that you have: 304 when it is still the current one.",
                "schema": {"type": "string", "pattern": "^\"[!#-~]*\"$"}},
        },
        "headers": {
            "X-Request-Id": header("The request's id: yours when you sent one."),
            "RateLimit": header("What is left of the limit: `r` requests, one more in `t` seconds."),
            "RateLimit-Policy": header("The limit: `q` requests in `w` seconds."),
            "Retry-After": header("Seconds to wait."),
            "Idempotency-Replayed": header("`true` when this is the stored answer of the key."),
            "ETag": header("The version, for `If-Match` and `If-None-Match`."),
        },
        "responses": problem_responses(),
    })
}

/// The header `Idempotency-Key`.
pub(super) fn idempotency_key(required: bool) -> Value {
    json!({"name": "Idempotency-Key", "in": "header", "required": required,
        "description": "Your name for this request; repeat it when you retry, and it is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}})
}

/// The header `If-Match`.
pub(super) fn if_match() -> Value {
    json!({"name": "If-Match", "in": "header", "required": true,
        "description": "The `ETag` that was read, or `*` for whichever it is; without it 428, when it is not the current one 412.",
        "schema": {"type": "string", "maxLength": 200, "pattern": "^(\\*|\"[!#-~]*\")$"}})
}

fn header(text: &str) -> Value {
    json!({"description": text, "schema": {"type": "string"}})
}

fn problem_responses() -> Value {
    let statuses: BTreeSet<u16> = Kind::ALL.iter().map(|kind| kind.status()).collect();
    let named = |status| (format!("Problem{status}"), problem_response(u64::from(status)));
    statuses.into_iter().map(named).collect()
}

/// What a refusal with a status looks like.
pub(super) fn problem_response(status: u64) -> Value {
    let kinds = Kind::ALL.iter().filter(|kind| u64::from(kind.status()) == status);
    let lines: Vec<_> =
        kinds.map(|kind| format!("`/problems/{}`: {}.", kind.slug(), kind.title())).collect();
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}});
    if let (true, Some(headers)) = (matches!(status, 429 | 503), headers.as_object_mut()) {
        headers
            .insert("Retry-After".to_owned(), json!({"$ref": "#/components/headers/Retry-After"}));
    }
    json!({"description": lines.join(" "), "headers": headers,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}
