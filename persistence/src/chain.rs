//! The chain over the event log: each event's hash covers its content and the hash before it, so
//! that no event can be changed, removed or slipped in unseen.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{events::Recorded, types::instant_text};

/// What the first event is chained to.
pub(crate) const GENESIS: [u8; 32] = [0; 32];

/// SHA-256 over the previous hash, the position (8 bytes, big-endian) and the event's canonical JSON.
pub(crate) fn link(previous: &[u8], position: i64, event: &Recorded) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(position.to_be_bytes());
    hasher.update(canonical(&content(event)));
    hasher.finalize().to_vec()
}

fn content(event: &Recorded) -> Value {
    json!({
        "id": event.id.to_string(),
        "at": instant_text(event.at),
        "program": event.program.as_ref().map(ToString::to_string),
        "subject": event.subject,
        "person": event.person.map(|person| person.to_string()),
        "type": event.event_type,
        "actor": event.actor,
        "request_id": event.request_id,
        "data": event.data,
    })
}

/// JSON without spaces and with sorted keys, whatever order the database or a feature of the parser
/// gave them.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| {
                    format!("{}:{}", Value::String(name.clone()), canonical(value))
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn the_order_of_members_does_not_matter_and_that_of_items_does() {
        let canonical_of = |text: &str| {
            serde_json::from_str(text).map(|value| canonical(&value)).map_err(|e| e.to_string())
        };
        let one = canonical_of(r#"{"b": [1, {"y": null, "x": "é\n"}], "a": true}"#);
        assert_eq!(one, Ok(r#"{"a":true,"b":[1,{"x":"é\n","y":null}]}"#.to_owned()));
        assert_ne!(canonical_of("[1,2]"), canonical_of("[2,1]"));
    }
}
