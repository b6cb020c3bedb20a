//! What an operation answers: its success with example and headers, and the problems it can have.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    super::routes::{KeyUse, Operation},
    examples,
};

/// Completes the responses of an operation.
pub(super) fn responses(
    template: &str,
    facts: &Operation,
    has_body: bool,
    operation: &mut Map<String, Value>,
    shown: &[Value],
) {
    let oauth = template.starts_with("/oauth/");
    let has_query = operation.get("parameters").and_then(Value::as_array).is_some_and(|list| {
        list.iter().any(|parameter| parameter.get("in") == Some(&json!("query")))
    });
    let conditional = operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|list| list.contains(&json!({"$ref": "#/components/parameters/IfNoneMatch"})));
    // What does not follow from the operation's form: `x-problems`, a list of statuses.
    let more = operation.remove("x-problems");
    let more = more.as_ref().and_then(Value::as_array).into_iter().flatten();
    let more: Vec<u16> =
        more.filter_map(|one| one.as_u64().and_then(|status| u16::try_from(status).ok())).collect();
    let entry = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(map) = entry.as_object_mut() else { return };
    for (_, response) in map.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        let Some(response) = response.as_object_mut() else { continue };
        headers(facts, response);
    }
    if template.contains("{person_id}") {
        map.entry("308").or_insert_with(|| {
            json!({"description": "The person was merged into another one: ask again at `Location`.",
                "headers": {"Location": {"description": "The same for who they are now.",
                    "schema": {"type": "string", "format": "uri-reference"}}}})
        });
    }
    if conditional {
        map.entry("304").or_insert_with(|| json!({"description": "It has not changed."}));
    }
    if oauth {
        oauth_problems(map);
    } else {
        let mut known = statuses(template, facts, has_body, has_query || conditional);
        known.extend(more);
        for status in known {
            map.entry(status.to_string()).or_insert_with(
                || json!({"$ref": format!("#/components/responses/Problem{status}")}),
            );
        }
    }
    examples::of_responses(map, shown);
}

/// The OAuth operations answer errors of RFC 6749, but what refuses a request before it reaches them
/// answers problems: a bearer token that does not hold, the limits, a fault of the server.
fn oauth_problems(map: &mut Map<String, Value>) {
    for status in [408, 413, 429, 500, 503] {
        map.entry(status.to_string())
            .or_insert_with(|| json!({"$ref": format!("#/components/responses/Problem{status}")}));
    }
    let refused = map.get_mut("401").and_then(|response| response.get_mut("content"));
    if let Some(content) = refused.and_then(Value::as_object_mut) {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        content.insert("application/problem+json".to_owned(), json!({"schema": schema}));
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
fn statuses(template: &str, facts: &Operation, has_body: bool, asks: bool) -> BTreeSet<u16> {
    // A token that does not hold is 401 even where none is needed; anything may be refused by limits.
    let mut statuses = BTreeSet::from([401, 429, 500, 503]);
    let mut add = |when: bool, more: &[u16]| {
        if when {
            statuses.extend(more);
        }
    };
    add(facts.secured, &[403]);
    add(template.contains('{'), &[404]);
    add(asks, &[400]);
    add(has_body, &[400, 408, 413, 415, 422]);
    add(facts.key != KeyUse::Ignored, &[400, 409, 422]);
    add(facts.if_match, &[400, 409, 412, 422, 428]);
    statuses
}
