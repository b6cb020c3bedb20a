//! The section `webhooks`: what is sent to endpoints, an entry for each type that leaves the house.

use domain::{
    change::{FOLLOW, PUBLIC, Public},
    id::{
        AccountKind, AccountRequestKind, AchievementKind, ApplicationKind, CandidacyKind,
        CertificationKind, CourseKind, InvoiceKind, Kind, MergeKind, OfferingKind, PersonKind,
        PolicyKind, SubscriptionKind,
    },
    webhook::PING,
};
use serde_json::{Map, Value, json};

use crate::flows::{
    change::{example, schema},
    webhook::cloud_type,
};

/// An id in examples.
const DIGITS: &str = "0192f3c46e8a7b31a5d4c3b2a1908070";

/// Every webhook.
pub(super) fn webhooks() -> Value {
    let mut all: Map<String, Value> = PUBLIC.iter().map(of).collect();
    let id =
        json!({"type": "string", "pattern": "^whep_[0-9a-f]{32}$", "description": "The endpoint."});
    let data =
        json!({"type": "object", "required": ["endpoint_id"], "properties": {"endpoint_id": id}});
    let shown = json!({"endpoint_id": format!("whep_{DIGITS}")});
    let told = (
        "A ping.",
        "What `POST /v1/webhook-endpoints/{webhook_endpoint_id}/ping` sends.".to_owned(),
    );
    all.insert(PING.to_owned(), entry(PING, told, &data, &shown));
    Value::Object(all)
}

fn of(public: &Public) -> (String, Value) {
    let nullable = |kind: &str, text: &str| json!({"type": [kind, "null"], "description": text});
    let mut properties = Map::new();
    properties.insert(
        "position".to_owned(),
        json!({"type": "integer", "minimum": 1, "description": "Its place in the log, as `GET /v1/changes` has it."}),
    );
    properties.insert(
        "sequence".to_owned(),
        nullable("integer", "Its number among what the endpoint is told about the person, from 1."),
    );
    properties.insert(
        "subject".to_owned(),
        json!({"type": "string", "description": "The id of what changed."}),
    );
    properties.insert("person_id".to_owned(), nullable("string", "The person whom it concerns."));
    properties.insert("program".to_owned(), nullable("string", "The program's code."));
    // What everybody may read is about nobody.
    let person = (public.scope != FOLLOW).then(|| format!("person_{DIGITS}"));
    let sequence = person.as_ref().map(|_| 7);
    let subject = format!("{}_{DIGITS}", subject(public.event_type));
    let mut shown = json!({"position": 4711, "sequence": sequence, "subject": subject,
        "person_id": person, "program": "lssc"});
    for field in public.fields {
        properties.insert(field.name.to_owned(), schema(field));
        if let Some(shown) = shown.as_object_mut() {
            shown.insert(field.name.to_owned(), example(field));
        }
    }
    let required: Vec<_> = properties.keys().cloned().collect();
    let data = json!({"type": "object", "required": required, "properties": properties});
    let scope = format!("The endpoint's machine needs the scope `{}`.", public.scope);
    let entry = entry(public.event_type, (public.says, scope), &data, &shown);
    (public.event_type.to_owned(), entry)
}

/// What the id of that begins with of which a type tells.
fn subject(event_type: &str) -> &'static str {
    match event_type.split_once('.').unwrap_or_default() {
        ("person", "merged" | "merge_reversed") => MergeKind::PREFIX,
        ("application", _) => ApplicationKind::PREFIX,
        ("candidacy", _) => CandidacyKind::PREFIX,
        ("achievement", _) => AchievementKind::PREFIX,
        ("certification", _) => CertificationKind::PREFIX,
        ("invoice", _) => InvoiceKind::PREFIX,
        ("subscription", _) => SubscriptionKind::PREFIX,
        ("account", _) => AccountKind::PREFIX,
        ("account_request", _) => AccountRequestKind::PREFIX,
        ("course", _) => CourseKind::PREFIX,
        ("offering", _) => OfferingKind::PREFIX,
        ("policy", _) => PolicyKind::PREFIX,
        _ => PersonKind::PREFIX,
    }
}

fn entry(event_type: &str, (says, more): (&str, String), data: &Value, shown: &Value) -> Value {
    let instant =
        |text: &str| json!({"type": "string", "format": "date-time", "description": text});
    let standard = json!({"type": "object", "required": ["type", "timestamp", "data"], "properties": {
        "type": {"const": event_type, "type": "string", "description": "What happened."},
        "timestamp": instant("When."), "data": data}});
    let cloud = json!({"type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"],
        "properties": {
            "specversion": {"const": "1.0", "type": "string", "description": "The version of CloudEvents."},
            "id": {"type": "string", "pattern": "^evt_[0-9a-f]{32}$", "description": "The event: the `webhook-id`."},
            "source": {"type": "string", "format": "uri-reference", "description": "The server."},
            "type": {"const": cloud_type(event_type), "type": "string", "description": "What happened."},
            "subject": {"type": "string", "description": "The id of what changed."},
            "time": instant("When."),
            "datacontenttype": {"const": "application/json", "type": "string", "description": "What `data` is."},
            "data": data}});
    let at = "2026-03-02T15:00:00Z";
    let subject = shown.get("subject").or_else(|| shown.get("endpoint_id"));
    let header = |name: &str, text: &str| json!({"name": name, "in": "header", "required": true, "description": text, "schema": {"type": "string"}});
    let name = event_type.replace('.', "_");
    json!({"post": {
        "operationId": format!("webhook_{name}"),
        "tags": ["Changes"],
        "summary": says.trim_end_matches('.'),
        "description": format!("{says} {more} Answer 2xx within 15 seconds; anything else is sent again."),
        "security": [],
        "parameters": [
            header("webhook-id", "The event's id: the same whenever it is sent again."),
            header("webhook-timestamp", "When this attempt was made, in seconds of the Unix epoch."),
            header("webhook-signature", "`v1` by each secret that lives and `v1a` by the endpoint's key, over id, \
                timestamp and body, as Standard Webhooks has it."),
        ],
        "requestBody": {"required": true, "description": "What happened, by the endpoint's format.", "content": {
            "application/json": {"schema": standard,
                "example": {"type": event_type, "timestamp": at, "data": shown}},
            "application/cloudevents+json": {"schema": cloud,
                "example": {"specversion": "1.0", "id": format!("evt_{DIGITS}"), "source": "https://lssc.example.org",
                    "type": cloud_type(event_type), "subject": subject, "time": at,
                    "datacontenttype": "application/json", "data": shown}},
        }},
        "responses": {
            "204": {"description": "It was taken. Any 2xx says so."},
            "410": {"description": "The endpoint is gone: it is stopped, and nothing more is sent."},
        },
    }})
}
