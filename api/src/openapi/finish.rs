//! What is the same for every operation of the document.

mod components;
mod examples;
mod responses;
mod webhooks;

use std::collections::BTreeSet;

use domain::{access::Action, attachment::MEDIA_TYPES, export::ExportKind};
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::{
    routes::{KeyUse, METHODS, Operation},
    words::one_of,
};
use crate::{
    csv::Format,
    extract::{AsOf, Cursor, Limit},
};
use examples::Examples;

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
    (
        "Candidates",
        "For candidates, and for the office on their behalf: who they are, their application, their \
         progress, their certification.",
    ),
    (
        "Money",
        "For who pays and for the office: fees, invoices, payments, purchase orders, subscriptions, statements, \
         the ledger.",
    ),
    (
        "Courses",
        "For providers of approved courses, and for the office: proposals, the catalog, offerings, rosters.",
    ),
    (
        "Portfolios",
        "For candidates, evaluators and the office: portfolios and their attempts, who judges them, ratings.",
    ),
    (
        "Renewals",
        "For holders of a certification, and for the office: activities, renewals, terms, audits.",
    ),
    (
        "Support",
        "For who prepares a portfolio, and for the office: guidance, events with registration, requests for help.",
    ),
    (
        "Partners",
        "For the machines of partner systems, and for the office: accounts, external ids, requests for accounts.",
    ),
    (
        "Organisations",
        "For who acts for a provider, a college or an institution, and for the office: its people, invitations.",
    ),
    (
        "Colleges",
        "For colleges, their graduates and the office: recognition agreements and who is certified by them.",
    ),
    (
        "Appeals",
        "For whom a decision concerns, and for the committee: notice, documents, response, meeting, outcome.",
    ),
    (
        "Notices",
        "For who is told, and for the office: what was due and what was sent, the texts, who wants what by mail.",
    ),
    (
        "Imports",
        "For the office and for partners: files of records in and out, undone, compared with what is here.",
    ),
    (
        "Changes",
        "For partners' machines: what happened, as a feed that is followed, and as webhooks that are sent.",
    ),
    ("Office", "For staff: queues, decisions, the catalog."),
    ("Administration", "For admins: machines and roles."),
];

const INFO: &str = "The certification backend of the Library Support Staff Certification.\n\n\
    Sign in at `POST /v1/sessions` and paste the access token under *Authorize* (`bearer`), or give a \
    machine's client id and secret (`client`).\n\n\
    Every refusal is `application/problem+json` (RFC 9457); its `type` is a page that explains it. Lists are \
    keyset pages: `limit`, `cursor`, `next_cursor`. Changes need `If-Match` with the `ETag` that was read; \
    `Idempotency-Key` makes a POST safe to repeat.";

/// The finished document.
pub(super) fn finish(mut document: Value) -> Value {
    let examples = Examples::read();
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_else(|| json!({}));
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (template, item) in paths.iter_mut() {
            for method in METHODS {
                if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                    complete(template, method, operation, &examples, &schemas);
                }
            }
        }
    }
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
    root.insert("webhooks".to_owned(), webhooks::webhooks());
    root.insert("components".to_owned(), components::components(schemas));
    while drop_unused(&mut document) {}
    document
}

/// Leaves out schemas and responses to which nothing refers; whether there were any.
fn drop_unused(document: &mut Value) -> bool {
    let mut used = BTreeSet::new();
    references(document, &mut used);
    let mut dropped = false;
    for kind in ["schemas", "responses"] {
        let found = document.get_mut("components").and_then(|all| all.get_mut(kind));
        if let Some(found) = found.and_then(Value::as_object_mut) {
            let before = found.len();
            found.retain(|name, _| used.contains(&format!("#/components/{kind}/{name}")));
            dropped |= found.len() < before;
        }
    }
    dropped
}

fn references(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            used.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, used)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn complete(
    template: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    examples: &Examples,
    schemas: &Value,
) {
    let facts = Operation::of(method, &Value::Object(operation.clone()));
    operation.remove("x-idempotency-key");
    operation.remove("x-if-match");
    if let Some(action) = facts.action {
        operation.insert("security".to_owned(), security(action));
        let told = operation.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{told}\n\n{}", who_may(action));
        operation.insert("description".to_owned(), json!(description.trim()));
    }
    versioned(method, operation, schemas);
    let shown = examples.of(&facts.id);
    parameters(template, method, &facts, operation, shown);
    files(operation);
    let has_body = operation.contains_key("requestBody");
    if let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) {
        examples::of_request(body, shown);
    }
    responses::responses(template, &facts, has_body, operation, shown);
}

/// A body of `application/octet-stream` stands for each media type of a file that is taken.
fn files(operation: &mut Map<String, Value>) {
    let of = |holder: &mut Value| {
        let content = holder.get_mut("content").and_then(Value::as_object_mut);
        let content = content.and_then(|content| {
            content.remove("application/octet-stream").map(|file| (content, file))
        });
        if let Some((content, file)) = content {
            // Evidence may be of any type.
            let kinds = MEDIA_TYPES.iter().chain(&["*/*"]);
            content.extend(kinds.map(|kind| ((*kind).to_owned(), file.clone())));
        }
    };
    operation.get_mut("requestBody").into_iter().for_each(of);
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    responses.into_iter().flatten().map(|(_, response)| response).for_each(of);
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

/// The access table's line, as a sentence.
fn who_may(action: Action) -> String {
    let rule = action.rule();
    if rule.public {
        return "Who may: everybody.".to_owned();
    }
    let all = rule.any.iter().map(ToString::to_string);
    let own = rule.own.iter().map(|role| format!("{role} (their own)"));
    let member = rule.member.iter().map(|role| format!("{role} (their organisation's)"));
    let people: Vec<_> = all.chain(own).chain(member).collect();
    let machine = rule
        .scope
        .map(|scope| format!(" A machine needs the scope `{scope}`."))
        .unwrap_or_default();
    format!("Who may: {}.{machine}", people.join(", "))
}

/// One resource with a version is answered with its entity tag.
fn versioned(method: &str, operation: &mut Map<String, Value>, schemas: &Value) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let Some(response) = response.as_object_mut() else { continue };
        let bare = response.get("description").and_then(Value::as_str).is_none_or(str::is_empty);
        if bare {
            response.insert("description".to_owned(), json!(usual(status)));
        }
        let named = response
            .get("content")
            .and_then(|content| content.pointer("/application~1json/schema/$ref"))
            .and_then(Value::as_str)
            .and_then(|name| name.rsplit('/').next());
        let schema = named.and_then(|name| schemas.get(name));
        let has_version = schema.is_some_and(|schema| tells_version(schema, schemas));
        if has_version && status.starts_with('2') && method != "delete" {
            let headers = response.entry("headers").or_insert_with(|| json!({}));
            if let Some(headers) = headers.as_object_mut() {
                headers.insert("ETag".to_owned(), json!({"$ref": "#/components/headers/ETag"}));
            }
        }
    }
}

/// Whether a schema, or one of those that it is made of, has a version.
fn tells_version(schema: &Value, schemas: &Value) -> bool {
    let part = |part: &Value| {
        let named = part.pointer("/$ref").and_then(Value::as_str);
        let named = named.and_then(|name| schemas.get(name.rsplit('/').next()?));
        tells_version(named.unwrap_or(part), schemas)
    };
    let parts = schema.get("allOf").and_then(Value::as_array);
    schema.pointer("/properties/version").is_some() || parts.into_iter().flatten().any(part)
}

/// What a response means when its handler does not say.
fn usual(status: &str) -> &'static str {
    match status {
        "201" => "It is made; `Location` says where it is.",
        "202" => "It is taken.",
        "204" => "It is done.",
        _ => "It is as the body says.",
    }
}

/// What a parameter of a path is, and its shape.
fn in_path(name: &str) -> (&'static str, Value) {
    let text = json!({"type": "string", "maxLength": 64});
    match name {
        "code" => ("The program's code.", text),
        "number" => ("The certificate's number.", text),
        "record_kind" => ("What the records are.", json!(one_of::<ExportKind>())),
        "set" => ("The code of the competency set.", text),
        "place" => ("The line's place, from 1.", json!({"type": "integer", "minimum": 1})),
        "attempt" => ("The attempt's number, from 1.", json!({"type": "integer", "minimum": 1})),
        _ => ("Its id, prefix included.", text),
    }
}

fn parameters(
    template: &str,
    method: &str,
    facts: &Operation,
    operation: &mut Map<String, Value>,
    shown: &[Value],
) {
    let mut list =
        operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let named = |list: &[Value], name: &str| {
        list.iter().any(|known| known.get("name") == Some(&json!(name)))
    };
    for name in template.split('{').skip(1).filter_map(|part| part.split('}').next()) {
        if !named(&list, name) {
            let (description, schema) = in_path(name);
            list.push(json!({"name": name, "in": "path", "required": true,
                "description": description, "schema": schema}));
        }
    }
    match facts.key {
        KeyUse::Ignored => {}
        KeyUse::Optional => list.push(json!({"$ref": "#/components/parameters/IdempotencyKey"})),
        KeyUse::Required => list.push(components::idempotency_key(true)),
    }
    if facts.if_match {
        list.push(components::if_match());
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
        if let Some(parameter) = parameter.as_object_mut() {
            examples::of_parameter(parameter, shown);
        }
    }
    if !list.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(list));
    }
}

/// Whether a `format` chooses between forms of rows: exports have no pages.
fn is_of_rows(parameter: &Value) -> bool {
    let words = parameter.pointer("/schema/enum").and_then(Value::as_array);
    words.is_some_and(|words| words.contains(&json!("ndjson")))
}

/// Parameters that mean the same everywhere are described once.
fn canonical(parameter: &mut Value) {
    if parameter.get("in") != Some(&json!("query")) {
        return;
    }
    // The feed has pages of its own size.
    if parameter.pointer("/schema/maximum").is_some_and(|most| *most == 1000) {
        return;
    }
    let (schema, text) = match parameter.get("name").and_then(Value::as_str) {
        Some("limit") => (Limit::schema(), "How many entries the page holds at most."),
        Some("cursor") => {
            (Cursor::schema(), "`next_cursor` of the page before; none for the first page.")
        }
        Some("format") if !is_of_rows(parameter) => (
            Format::schema(),
            "JSON in pages, or CSV: one file with the same entries, for spreadsheets.",
        ),
        Some("as_of") => (AsOf::schema(), "The day as of which to answer; today without."),
        _ => return,
    };
    if let Some(parameter) = parameter.as_object_mut() {
        parameter.insert("schema".to_owned(), json!(schema));
        parameter.insert("description".to_owned(), json!(text));
    }
}
