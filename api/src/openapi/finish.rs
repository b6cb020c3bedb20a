//! What is the same for every operation of the document.

use std::collections::BTreeSet;

use domain::{
    Word,
    access::{Action, RULES},
};
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::routes::{KeyUse, METHODS, Operation};
use crate::{
    extract::{AsOf, Cursor, Limit},
    problem::{Kind, ProblemDocument},
};

/// Examples by operation id: `{status, request, response, path, query}`.
const EXAMPLES: &str = include_str!("../../../openapi/examples.json");

/// Tags by audience, in the order in which people read them.
const TAGS: &[(&str, &str)] = &[
    (
        "Public",
        "The program, its rules, its catalog, and the verification of certificates. Nobody signs in.",
    ),
    ("Evaluations", "What if: the program's rules on facts that you send. Nothing is stored."),
    (
        "Signing in",
        "People sign in with e-mail and password; machines use OAuth 2.0 client credentials.",
    ),
    ("Candidates", "What a candidate does about their own certification."),
    ("Office", "What the program's staff does."),
    ("Partners", "What partner systems do to keep in step."),
    ("Administration", "Machines, roles and the event log."),
    ("Operations", "Health of the server."),
];

const INFO: &str = "The certification backend of the Library Support Staff Certification.\n\n\
    Sign in at `POST /v1/sessions` and paste the access token under *Authorize* (`bearer`), or give a \
    machine's client id and secret (`client`).\n\n\
    Every refusal is `application/problem+json` (RFC 9457); its `type` is a page that explains it. Lists are \
    keyset pages: `limit`, `cursor`, `next_cursor`. Changes need `If-Match` with the `ETag` that was read; \
    `Idempotency-Key` makes a POST safe to repeat.";

/// The finished document.
pub(super) fn finish(mut document: Value) -> Value {
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (template, item) in paths.iter_mut() {
            for method in METHODS {
                if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                    complete(template, method, operation, &examples);
                }
            }
        }
    }
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_else(|| json!({}));
    let Some(root) = document.as_object_mut() else { return document };
    root.insert("openapi".to_owned(), json!("3.1.0"));
    root.insert(
        "info".to_owned(),
        json!({"title": "LSSC certification API", "version": env!("CARGO_PKG_VERSION"), "description": INFO,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}}),
    );
    root.insert("servers".to_owned(), json!([{"url": "/"}]));
    let tags: Vec<_> =
        TAGS.iter().map(|(name, text)| json!({"name": name, "description": text})).collect();
    root.insert("tags".to_owned(), Value::Array(tags));
    root.insert("components".to_owned(), components(schemas));
    document
}

fn complete(template: &str, method: &str, operation: &mut Map<String, Value>, examples: &Value) {
    let facts = Operation::of(method, &Value::Object(operation.clone()));
    operation.remove("x-idempotency-key");
    operation.remove("x-if-match");
    if let Some(action) = facts.action {
        operation.insert("security".to_owned(), security(action));
    }
    let example = examples.get(&facts.id);
    parameters(template, method, &facts, operation, example);
    let has_body = operation.contains_key("requestBody");
    if let (Some(request), Some(body)) = (
        example.and_then(|example| example.get("request")),
        operation.get_mut("requestBody").and_then(Value::as_object_mut),
    ) {
        body.insert("required".to_owned(), json!(true));
        set_example(body, request);
    }
    responses(template, &facts, has_body, operation, example);
}

/// Security by the access table: people by bearer token, machines when there is a scope for them.
fn security(action: Action) -> Value {
    let rule = action.rule();
    match (rule.public, rule.scope) {
        (true, _) => json!([]),
        (false, None) => json!([{"bearer": []}]),
        (false, Some(scope)) => json!([{"bearer": []}, {"client": [scope]}]),
    }
}

fn parameters(
    template: &str,
    method: &str,
    facts: &Operation,
    operation: &mut Map<String, Value>,
    example: Option<&Value>,
) {
    let mut list =
        operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = |list: &[Value], name: &str| {
        list.iter().any(|known| known.get("name") == Some(&json!(name)))
    };
    for name in template.split('{').skip(1).filter_map(|part| part.split('}').next()) {
        if !named(&list, name) {
            list.push(json!({"name": name, "in": "path", "required": true,
                "description": "Its id, prefix included.", "schema": {"type": "string", "maxLength": 64}}));
        }
    }
    match facts.key {
        KeyUse::Ignored => {}
        KeyUse::Optional => list.push(json!({"$ref": "#/components/parameters/IdempotencyKey"})),
        KeyUse::Required => {
            list.push(json!({"$ref": "#/components/parameters/IdempotencyKeyRequired"}));
        }
    }
    if facts.if_match {
        list.push(json!({"$ref": "#/components/parameters/IfMatch"}));
    }
    let has_etag = operation
        .get("responses")
        .and_then(|responses| responses.pointer("/200/headers/ETag"))
        .is_some();
    if method == "get" && has_etag {
        list.push(json!({"$ref": "#/components/parameters/IfNoneMatch"}));
    }
    for parameter in &mut list {
        canonical(parameter);
        let place = match parameter.get("in").and_then(Value::as_str) {
            Some("path") => "path",
            Some("query") => "query",
            _ => continue,
        };
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let value =
            example.and_then(|example| example.get(place)).and_then(|values| values.get(&name));
        if let (Some(value), Some(parameter)) = (value, parameter.as_object_mut()) {
            parameter.insert("example".to_owned(), value.clone());
        }
    }
    if !list.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(list));
    }
}

/// Parameters that mean the same everywhere are described once.
fn canonical(parameter: &mut Value) {
    if parameter.get("in") != Some(&json!("query")) {
        return;
    }
    let (schema, text) = match parameter.get("name").and_then(Value::as_str) {
        Some("limit") => (Limit::schema(), "How many entries the page holds at most."),
        Some("cursor") => {
            (Cursor::schema(), "`next_cursor` of the page before; none for the first page.")
        }
        Some("as_of") => (AsOf::schema(), "The day as of which to answer; today without."),
        _ => return,
    };
    if let Some(parameter) = parameter.as_object_mut() {
        parameter.insert("schema".to_owned(), json!(schema));
        parameter.insert("description".to_owned(), json!(text));
    }
}

fn responses(
    template: &str,
    facts: &Operation,
    has_body: bool,
    operation: &mut Map<String, Value>,
    example: Option<&Value>,
) {
    let oauth = template.starts_with("/oauth/");
    let has_query = operation.get("parameters").and_then(Value::as_array).is_some_and(|list| {
        list.iter().any(|parameter| parameter.get("in") == Some(&json!("query")))
    });
    let conditional = operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|list| list.contains(&json!({"$ref": "#/components/parameters/IfNoneMatch"})));
    let entry = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(map) = entry.as_object_mut() else { return };
    for (status, response) in map.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        let Some(response) = response.as_object_mut() else { continue };
        let shown = example.filter(|example| {
            example.get("status").is_none_or(|wanted| status.parse::<u64>().is_ok_and(|status| wanted.as_u64() == Some(status)))
        });
        if let Some(body) = shown.and_then(|example| example.get("response")) {
            set_example(response, body);
        }
        headers(facts, response);
    }
    if conditional {
        map.entry("304").or_insert_with(|| json!({"description": "It has not changed."}));
    }
    if oauth {
        return;
    }
    for status in statuses(template, facts, has_body, has_query) {
        map.entry(status.to_string())
            .or_insert_with(|| json!({"$ref": format!("#/components/responses/Problem{status}")}));
    }
}

fn headers(facts: &Operation, response: &mut Map<String, Value>) {
    let entry = response.entry("headers").or_insert_with(|| json!({}));
    let Some(headers) = entry.as_object_mut() else { return };
    for name in ["X-Request-Id", "RateLimit", "RateLimit-Policy"] {
        headers.insert(name.to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
    }
    if facts.key != KeyUse::Ignored {
        headers.insert(
            "Idempotency-Replayed".to_owned(),
            json!({"$ref": "#/components/headers/Idempotency-Replayed"}),
        );
    }
}

/// The problems that an operation can answer, by what it is.
fn statuses(template: &str, facts: &Operation, has_body: bool, has_query: bool) -> BTreeSet<u16> {
    // A token that does not hold is 401 even where none is needed; anything may be refused by limits.
    let mut statuses = BTreeSet::from([401, 429, 500, 503]);
    let mut add = |when: bool, more: &[u16]| {
        if when {
            statuses.extend(more);
        }
    };
    add(facts.secured, &[403]);
    add(template.contains('{'), &[404]);
    add(has_query, &[400]);
    add(has_body, &[400, 408, 413, 415, 422]);
    add(facts.key != KeyUse::Ignored, &[400, 409, 422]);
    add(facts.if_match, &[400, 409, 412, 422, 428]);
    statuses
}

fn set_example(holder: &mut Map<String, Value>, example: &Value) {
    let content = holder.get_mut("content").and_then(Value::as_object_mut);
    for media in content.into_iter().flat_map(|content| content.values_mut()) {
        if let Some(media) = media.as_object_mut() {
            media.insert("example".to_owned(), example.clone());
        }
    }
}

fn components(mut schemas: Value) -> Value {
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.insert("Problem".to_owned(), json!(ProblemDocument::schema()));
        schemas.insert("FieldError".to_owned(), json!(crate::problem::FieldError::schema()));
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
            "IdempotencyKeyRequired": idempotency_key(true),
            "IfMatch": {"name": "If-Match", "in": "header", "required": true,
                "description": "The `ETag` that was read; without it 428, when it is not the current one 412.",
                "schema": {"type": "string", "maxLength": 200}, "example": "\"v1\""},
            "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false,
                "description": "An `ETag` that you have: 304 when it is still the current one.",
                "schema": {"type": "string", "maxLength": 200}},
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

fn idempotency_key(required: bool) -> Value {
    json!({"name": "Idempotency-Key", "in": "header", "required": required,
        "description": "Your name for this request; repeat it when you retry, and it is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"}})
}

fn header(text: &str) -> Value {
    json!({"description": text, "schema": {"type": "string"}})
}

fn problem_responses() -> Value {
    let statuses: BTreeSet<u16> = Kind::ALL.iter().map(|kind| kind.status()).collect();
    let response = |status: u16| {
        let kinds = Kind::ALL.iter().filter(|kind| kind.status() == status);
        let lines: Vec<_> =
            kinds.map(|kind| format!("`/problems/{}`: {}.", kind.slug(), kind.title())).collect();
        let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}});
        if let (true, Some(headers)) = (matches!(status, 429 | 503), headers.as_object_mut()) {
            headers.insert(
                "Retry-After".to_owned(),
                json!({"$ref": "#/components/headers/Retry-After"}),
            );
        }
        json!({"description": lines.join(" "), "headers": headers,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
    };
    statuses.into_iter().map(|status| (format!("Problem{status}"), response(status))).collect()
}
