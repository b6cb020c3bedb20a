//! Every example of the document is sent to a fresh sandbox, as the persona that it names, and is answered
//! as it says. `LSSC_BLESS=1 cargo test -p tests examples` writes down what was answered; the document, which
//! shows it, is written by `contract` after that.

use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

use serde_json::{Map, Value, json};

use super::contract::{Operation, blessed, operations};
use crate::support::{
    actor::{Answer, send},
    database::block_on,
    demo::Sandbox,
};

/// Whether asking changes nothing: then one sandbox does for all.
fn only_asks(operation: &Operation) -> bool {
    operation.method == "GET" || operation.path.starts_with("/v1/evaluations/")
}

fn path(operation: &Operation, example: &Value) -> String {
    let mut path = operation.path.clone();
    for (name, value) in object(&example["path"]) {
        path = path.replace(&format!("{{{name}}}"), &plain(value));
    }
    assert!(!path.contains('{'), "{path} lacks a value");
    let pairs: Vec<_> =
        object(&example["query"]).map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}

async fn ask(operation: &Operation, sandbox: &Sandbox, example: &Value) -> Answer {
    let actor = sandbox.persona(example["as"].as_str().expect("who asks"));
    let method = operation.method.parse().expect("a method");
    let mut request =
        actor.request(method, &path(operation, example)).header("X-Request-Id", "example");
    for (name, value) in object(&example["headers"]) {
        request = request.header(name, plain(value));
    }
    let content = &operation.value["requestBody"]["content"];
    let form = content.get("application/x-www-form-urlencoded").is_some();
    request = match (example.get("request"), form) {
        (None, _) => request,
        (Some(body), true) => request.form(body),
        // Its media type is among the headers.
        (Some(Value::String(text)), false) => request.body(text.clone()),
        (Some(body), false) => request.json(body),
    };
    send(request).await
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What nobody can foresee, or must not be seen, is the same in every documented answer.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            // An event's position and hash follow from the order in which the crowd's events committed.
            let placed = ["hash", "at", "public_key", "cause", "data"];
            let is_event = fields.contains_key("position")
                && placed.iter().any(|name| fields.contains_key(*name));
            let is_signature = fields.get("name") == Some(&json!("webhook-signature"));
            for (name, field) in fields.iter_mut() {
                match name.as_str() {
                    "access_token" => *field = json!("eyJ0eXAiOiJhdCtqd3QifQ.e30.c2lnbmF0dXJl"),
                    "hash" if is_event => *field = json!("5e".repeat(32)),
                    "position" if is_event && !field.is_null() => *field = json!(4711),
                    "next_after" => *field = json!(4711),
                    "took_ms" => *field = json!(42),
                    "value" if is_signature => *field = json!("v1,c2lnbmF0dXJl v1a,c2lnbmF0dXJl"),
                    "kid" | "x" | "y" => {
                        *field = json!("b02dKcL8KPLLCCXfQNMQ-IKRQu9h8QdeYUhGFyLe5ho");
                    }
                    _ => mask(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

fn read() -> Map<String, Value> {
    let text = std::fs::read_to_string(folder().join("examples.json")).expect("the examples");
    serde_json::from_str(&text).expect("the examples are JSON")
}

/// A line for each field of an example: what changed is then seen line by line.
fn lined(examples: &Map<String, Value>) -> String {
    const FIELDS: [&str; 10] = [
        "name", "summary", "as", "after", "path", "query", "headers", "request", "status",
        "response",
    ];
    let mut text = String::new();
    let mut names: Vec<_> = examples.keys().collect();
    names.sort();
    for name in names {
        let mut list = Vec::new();
        for example in examples[name].as_array().unwrap() {
            let known = |field: &String| FIELDS.contains(&field.as_str());
            assert!(object(example).all(|(field, _)| known(field)), "{example}");
            let line = |field: &&str| Some(format!("    \"{field}\": {}", example.get(*field)?));
            let lines: Vec<_> = FIELDS.iter().filter_map(line).collect();
            list.push(format!("  {{\n{}\n  }}", lines.join(",\n")));
        }
        let comma = if text.is_empty() { "" } else { ",\n" };
        write!(text, "{comma}\"{name}\": [\n{}\n]", list.join(",\n")).unwrap();
    }
    format!("{{\n{text}\n}}\n")
}

#[test]
fn every_operation_has_an_example_and_every_example_an_operation() {
    let served: BTreeSet<_> = operations().into_keys().collect();
    let told: BTreeSet<_> = read().keys().cloned().collect();
    assert_eq!(served.difference(&told).collect::<Vec<_>>(), [""; 0], "have no example");
    assert_eq!(told.difference(&served).collect::<Vec<_>>(), [""; 0], "are no operation");
    for (operation, list) in read() {
        let list = list.as_array().unwrap().clone();
        let names: BTreeSet<_> = list.iter().map(|example| plain(&example["name"])).collect();
        assert!(!list.is_empty() && names.len() == list.len(), "{operation}: {names:?}");
    }
}

#[test]
fn every_example_is_answered_as_documented() {
    block_on(async {
        let operations = operations();
        let mut examples = read();
        let shared = Sandbox::start().await;
        let mut wrong = Vec::new();
        for (id, operation) in &operations {
            // What has none is told by the test above.
            let count = examples.get(id).and_then(Value::as_array).map_or(0, Vec::len);
            for place in 0..count {
                let mut example = examples[id][place].clone();
                let own = if only_asks(operation) { None } else { Some(Sandbox::start().await) };
                let sandbox = own.as_ref().unwrap_or(&shared);
                for before in example["after"].as_array().into_iter().flatten() {
                    let before = before.as_str().unwrap();
                    let done = ask(&operations[before], sandbox, &examples[before][0]).await;
                    assert!(done.status < 300, "{before}: {}", done.body());
                }
                if blessed()
                    && !example["after"].is_null()
                    && !example["request"]["token"].is_null()
                {
                    example["request"]["token"] = json!(sandbox.mailed_token().await);
                }
                if blessed() && example["path"]["token"].is_string() {
                    let token = example["path"]["token"].as_str().unwrap();
                    let notice = token.split('.').next().unwrap();
                    example["path"]["token"] = json!(sandbox.link_of(notice));
                }
                let answer = ask(operation, sandbox, &example).await;
                if own.is_none() {
                    kept(operation, sandbox, &example, &answer).await;
                }
                let found = told(&answer, &example);
                // What is answered may be written down, but not whether it is a refusal.
                if blessed() && example["status"] == answer.status {
                    examples[id][place] = found;
                } else if found != example {
                    wrong.push(format!("{id}\n  told: {example}\n found: {found}"));
                }
                if let Some(own) = own {
                    own.stop().await;
                }
            }
        }
        shared.stop().await;
        if blessed() {
            std::fs::write(folder().join("examples.json"), lined(&examples)).unwrap();
        }
        assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
    });
}

/// A GET that is documented to tell an entity tag tells one, and 304 to who sends it back; what is no tag is 400.
async fn kept(operation: &Operation, sandbox: &Sandbox, example: &Value, answer: &Answer) {
    let ok = &operation.value["responses"]["200"];
    if answer.status != 200 || operation.method != "GET" || ok["headers"]["ETag"].is_null() {
        return;
    }
    let tag = answer.headers.get("etag").unwrap_or_else(|| panic!("{} has no tag", operation.path));
    for (sent, expected) in [(tag.to_str().unwrap(), 304), ("{}", 400)] {
        let mut again = example.clone();
        again["headers"]["If-None-Match"] = json!(sent);
        let answer = ask(operation, sandbox, &again).await;
        assert_eq!(answer.status, expected, "{} with {sent}: {}", operation.path, answer.body());
    }
}

/// The example, with what was answered.
fn told(answer: &Answer, example: &Value) -> Value {
    let mut found = example.clone();
    found["status"] = json!(answer.status);
    let fields = found.as_object_mut().unwrap();
    let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
    let mut body = match kind {
        _ if answer.bytes.is_empty() => None,
        _ if kind.starts_with("text/") => Some(Value::String(answer.body())),
        // Whole copies are too long to be shown.
        "application/x-ndjson" => {
            Some(answer.body()).filter(|lines| lines.len() < 4000).map(Value::String)
        }
        _ if kind.contains("json") => Some(answer.json.clone()),
        _ => None,
    };
    body.iter_mut().for_each(mask);
    match body {
        Some(body) => fields.insert("response".to_owned(), body),
        None => fields.remove("response"),
    };
    found
}
