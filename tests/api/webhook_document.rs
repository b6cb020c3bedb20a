//! The section `webhooks` of the document: every type with a schema, which its examples and what is really sent fit.

use std::collections::BTreeSet;

use api::openapi;
use chrono::{DateTime, NaiveDate};
use domain::{change::PUBLIC, webhook::PING};
use serde_json::{Value, json};

use crate::support::{
    database::block_on,
    demo::Sandbox,
    hooks::{ENDPOINTS, Hooks, Seen},
    world::each_world,
};

const FORMS: [&str; 2] = ["application/json", "application/cloudevents+json"];

/// What the document says of the bodies of a type.
fn content(document: &Value, event_type: &str) -> Value {
    document["webhooks"][event_type]["post"]["requestBody"]["content"].clone()
}

fn is_id(prefix: &str, text: &str) -> bool {
    let hex = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    hex.is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|one| one.is_ascii_hexdigit()))
}

/// Why a value does not fit a schema, as far as the schemas of events go. What a schema does not name misfits.
fn misfits(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        found.push(format!("{at}: {value} is not {wanted}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::String(_) => "string",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Object(_) => "object",
        _ => "of another kind",
    };
    let is_kind = match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&json!(kind)),
        one => one == kind,
    };
    if !is_kind {
        found.push(format!("{at}: {value} is not {}", schema["type"]));
    }
    if let Some(text) = value.as_str() {
        let pattern = schema["pattern"].as_str().map(|pattern| {
            pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix("_[0-9a-f]{32}$")).unwrap()
        });
        let is_formed = match schema["format"].as_str() {
            Some("date") => text.parse::<NaiveDate>().is_ok(),
            Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok(),
            _ => true,
        };
        if !is_formed || !pattern.is_none_or(|prefix| is_id(prefix, text)) {
            found.push(format!("{at}: {text} is not as {schema}"));
        }
    }
    if let Some(fields) = value.as_object() {
        let required = schema["required"].as_array().unwrap();
        for name in required.iter().map(|name| name.as_str().unwrap()) {
            if !fields.contains_key(name) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, inner) in fields {
            match schema["properties"].get(name) {
                Some(schema) => found.extend(misfits(schema, inner, &format!("{at}/{name}"))),
                None => found.push(format!("{at}: {name} is in no schema")),
            }
        }
    }
    found
}

#[test]
fn every_type_that_leaves_the_house_has_a_schema_and_examples_that_fit_it() {
    let document = openapi::document();
    let told: BTreeSet<&str> =
        PUBLIC.iter().map(|one| one.event_type).chain(std::iter::once(PING)).collect();
    let described: BTreeSet<&str> =
        document["webhooks"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(described, told);
    for event_type in told {
        let content = content(&document, event_type);
        for form in FORMS {
            let (schema, example) = (&content[form]["schema"], &content[form]["example"]);
            assert_eq!(misfits(schema, example, event_type), [""; 0], "{form}");
        }
    }
    // Who cannot fail checks nothing.
    let one = content(&document, "person.retired");
    let mut example = one[FORMS[0]]["example"].clone();
    example["data"]["retired_on"] = json!("yesterday");
    example["data"]["reason"] = json!("none");
    example["data"].as_object_mut().unwrap().remove("position");
    assert_eq!(misfits(&one[FORMS[0]]["schema"], &example, "").len(), 3);
}

/// What the examples are about is what the events of the demo are about.
#[test]
fn the_subject_of_an_example_is_a_thing_of_its_kind() {
    block_on(async {
        let document = openapi::document();
        let sandbox = Sandbox::start().await;
        let office = sandbox.persona("sam");
        let (mut after, mut kinds) = (0, BTreeSet::new());
        loop {
            let page =
                office.get(&format!("/v1/changes?limit=1000&after={after}")).await.expect(200);
            for item in page["items"].as_array().unwrap() {
                let name = item["type"].as_str().unwrap();
                let example = &content(&document, name)[FORMS[0]]["example"]["data"]["subject"];
                let kind = |id: &Value| id.as_str().unwrap().split_once('_').unwrap().0.to_owned();
                assert_eq!(kind(&item["subject"]), kind(example), "{name}");
                kinds.insert(kind(example));
            }
            after = page["next_after"].as_i64().unwrap();
            if page["has_more"] == false {
                break;
            }
        }
        assert!(kinds.len() > 8, "{kinds:?}");
        sandbox.stop().await;
    });
}

/// The types of what was sent, all of which fits the document.
fn fit(document: &Value, seen: &[Seen]) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for one in seen {
        let body = one.json();
        let named = body["type"].as_str().unwrap();
        let bare =
            named.strip_prefix("org.ala-apa.lssc.").and_then(|rest| rest.strip_suffix(".v1"));
        let event_type = bare.unwrap_or(named);
        let schema = &content(document, event_type)[&one.headers["content-type"]]["schema"];
        assert_eq!(misfits(schema, &body, event_type), [""; 0]);
        types.insert(event_type.to_owned());
    }
    types
}

each_world! {
    async fn what_is_sent_is_as_the_document_says(world) {
        let admin = world.admin().await;
        let scopes = ["applications:read", "changes:read", "invoices:read", "people:read", "webhooks:write"];
        let partner = world.partner(&admin, &scopes).await;
        let (standard, cloud) = (Hooks::listen().await, Hooks::listen().await);
        let first = partner.is_sent(&standard, &[]).await.id();
        let body = json!({"url": cloud.url, "format": "cloudevents"});
        let second = partner.post_bare(ENDPOINTS, body).await.expect(201).id();
        let ada = world.register("Ada").await;
        ada.adds("ada1@work.example.org").await;
        ada.applies().await;
        world.positioned().await;
        let document = openapi::document();
        let wanted = ["application.submitted", "invoice.issued", "person.email_added", "person.registered"];
        for (hooks, id) in [(&standard, first), (&cloud, second)] {
            let told = || fit(&document, &hooks.seen());
            world.until("everything is sent", || wanted.iter().all(|one| told().contains(*one))).await;
            partner.post_empty(&format!("{ENDPOINTS}/{id}/ping")).await.expect(200);
            assert!(told().contains(PING));
        }
    }
}
