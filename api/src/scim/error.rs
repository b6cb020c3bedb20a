//! The errors of SCIM (RFC 7644 section 3.12).

use serde_json::json;

use super::MEDIA;
use crate::{
    answer::Reply,
    problem::{Kind, Problem},
};

/// The schema of an error.
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What `scimType` can be (RFC 7644, RFC 9865).
const TYPES: &[&str] = &[
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidCursor",
    "invalidCount",
    "sensitive",
];

/// A refusal with its `scimType`: 400.
pub(super) fn of(scim_type: &'static str, detail: impl Into<String>) -> Problem {
    Problem::query("scim", scim_type, detail)
}

/// A refusal as SCIM tells it.
pub(crate) fn reply(problem: &Problem) -> Reply {
    let code = problem.codes().find(|code| TYPES.contains(code)).map(str::to_owned);
    let kind = problem.kind();
    let (status, usual) = match kind {
        Kind::Conflict | Kind::StateConflict => (409, Some("uniqueness")),
        Kind::MalformedBody => (400, Some("invalidSyntax")),
        Kind::InvalidInput | Kind::RuleNotMet => (400, Some("invalidValue")),
        _ => (kind.status(), None),
    };
    let detail = problem.detail().trim_start_matches("scim: ");
    let mut body = json!({"schemas": [ERROR], "status": status.to_string(), "detail": detail});
    let scim_type = code.or_else(|| usual.map(str::to_owned));
    if let (Some(fields), Some(scim_type)) = (body.as_object_mut(), scim_type) {
        fields.insert("scimType".to_owned(), scim_type.into());
    }
    let reply = Reply::of(status, &body).header("Content-Type", MEDIA).no_store();
    problem.headers().iter().fold(reply, |reply, (name, value)| reply.header(*name, value.clone()))
}
