//! The examples of `openapi/examples.json`, put where the document shows them: parameters, bodies, answers.
//!
//! By operation id a list of `{name, summary, as, path, query, headers, request, status, response}`. A test
//! sends each to a fresh sandbox, as the persona `as`, and is answered as it says. A `request` that is no JSON
//! is a text, its media type among the `headers` (`"Content-Type": "text/csv"`); a `response` that is text is one
//! too, and one that is neither is left out.

use serde_json::{Map, Value, json};

use super::components::problem_response;

/// The examples, by operation.
const EXAMPLES: &str = include_str!("../../../../openapi/examples.json");

/// The media type of lines of JSON.
const LINES: &str = "application/x-ndjson";

/// The examples of every operation.
pub(super) struct Examples(Value);

impl Examples {
    /// What `openapi/examples.json` holds.
    pub(super) fn read() -> Self {
        Self(serde_json::from_str(EXAMPLES).unwrap_or_default())
    }
    /// The examples of one operation, the usual case first.
    pub(super) fn of(&self, operation: &str) -> &[Value] {
        self.0.get(operation).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Shows the values of a parameter: one when every example has the same, else each by its example's name.
pub(super) fn of_parameter(parameter: &mut Map<String, Value>, examples: &[Value]) {
    let text = |field: &str| parameter.get(field).and_then(Value::as_str).unwrap_or_default();
    let place = match text("in") {
        "path" => "path",
        "query" => "query",
        "header" => "headers",
        _ => return,
    };
    let name = text("name").to_owned();
    // What may be left out is filled in as the first example does: a form is then one whole request.
    let examples = if place == "query" { examples.get(..1).unwrap_or_default() } else { examples };
    let values: Vec<_> = examples
        .iter()
        .filter_map(|example| Some((example, example.get(place)?.get(&name)?.clone())))
        .collect();
    let Some((_, first)) = values.first() else { return };
    parameter.remove("example");
    if values.iter().all(|(_, value)| value == first) {
        parameter.insert("example".to_owned(), first.clone());
    } else {
        let shown = values.iter().map(|(example, value)| named(example, value)).collect();
        parameter.insert("examples".to_owned(), Value::Object(shown));
    }
}

/// Shows the bodies of an operation's requests.
pub(super) fn of_request(body: &mut Map<String, Value>, examples: &[Value]) {
    body.insert("required".to_owned(), json!(true));
    show(body, examples, "request");
}

/// Shows what an operation answers, refusals too.
pub(super) fn of_responses(responses: &mut Map<String, Value>, examples: &[Value]) {
    let statuses: Vec<u64> = examples.iter().filter_map(status).collect();
    for wanted in statuses {
        let shown: Vec<_> =
            examples.iter().filter(|example| status(example) == Some(wanted)).cloned().collect();
        let Some(response) = responses.get_mut(&wanted.to_string()) else { continue };
        // What is shared by all operations becomes this one's own, with its examples.
        if response.get("$ref").is_some() {
            *response = problem_response(wanted);
        }
        if let Some(response) = response.as_object_mut() {
            show(response, &shown, "response");
        }
    }
}

fn status(example: &Value) -> Option<u64> {
    example.get("status").and_then(Value::as_u64)
}

fn show(holder: &mut Map<String, Value>, examples: &[Value], field: &str) {
    let content = holder.get_mut("content").and_then(Value::as_object_mut);
    for (kind, media) in content.into_iter().flatten() {
        // OAuth tells its errors as JSON, what refuses before it as problems.
        let shown: Map<_, _> = examples
            .iter()
            .filter_map(|example| Some((example, example.get(field)?)))
            .filter(|(_, value)| is_problem(value) == (kind == "application/problem+json"))
            // What is no JSON is written down as a text; JSON bodies and forms are objects and lists.
            .filter(|(_, value)| match value {
                // Lines of JSON begin with a brace, and no other text here does.
                Value::String(text) if text.starts_with('{') => kind == LINES,
                Value::String(_) => kind.starts_with("text/"),
                _ => kind != LINES && (kind.ends_with("json") || kind.ends_with("form-urlencoded")),
            })
            .map(|(example, value)| named(example, value))
            .collect();
        if let (Some(media), false) = (media.as_object_mut(), shown.is_empty()) {
            media.insert("examples".to_owned(), Value::Object(shown));
        }
    }
}

fn is_problem(value: &Value) -> bool {
    let kind = value.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.starts_with("/problems/"))
}

/// An example object under its name, told by whom.
fn named(example: &Value, value: &Value) -> (String, Value) {
    let text = |field: &str| example.get(field).and_then(Value::as_str).unwrap_or_default();
    let who = match text("as") {
        "" | "public" => "as nobody".to_owned(),
        "partner" => "as the partner's machine".to_owned(),
        login => format!("as {login}@demo.example"),
    };
    let summary = format!("{} ({who})", text("summary"));
    (text("name").to_owned(), json!({"summary": summary, "value": value}))
}
