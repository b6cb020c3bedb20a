//! What is sent: the body by the endpoint's format, and the signed headers.

use domain::webhook::{Cause, Delivery, Endpoint, Format};
use persistence::Recorded;
use serde_json::{Map, Value, json};

use super::sign;
use crate::{app::App, auth::secrets, flows::change, problem::Problem};

/// The domain before the types of `CloudEvents`.
const REVERSED: &str = "org.ala-apa.lssc";

/// What is sent in one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Message {
    /// The message of an attempt that begins now.
    pub(super) fn of(
        app: &App,
        endpoint: &Endpoint,
        delivery: &Delivery,
        event: &Recorded,
    ) -> Result<Self, Problem> {
        let (now, key) = (app.machine(), app.auth.mac_key()?);
        let (kind, body) = match endpoint.format {
            Format::Standard => ("application/json", standard(delivery, event)),
            Format::Cloudevents => {
                ("application/cloudevents+json", cloud_event(&app.public_url, delivery, event))
            }
        };
        let (id, timestamp, body) = (event.id.to_string(), now.timestamp(), body.to_string());
        let mut signatures = Vec::new();
        for generation in endpoint.signing(now) {
            let secret = secrets::webhook_secret(key, endpoint.id, generation)?;
            signatures.push(sign::v1(&secret, &id, timestamp, &body)?);
        }
        let pair = sign::key_pair(&secrets::webhook_seed(key, endpoint.id)?)?;
        signatures.push(sign::v1a(&pair, &id, timestamp, &body));
        let headers = [
            ("content-type", kind.to_owned()),
            ("user-agent", concat!("lssc/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Self { headers, body })
    }
}

/// What is told of the event, and its place.
fn data(delivery: &Delivery, event: &Recorded) -> Value {
    if delivery.cause == Cause::Ping {
        return json!({"endpoint_id": delivery.endpoint});
    }
    let mut data = Map::new();
    data.insert("position".to_owned(), json!(delivery.position));
    data.insert("sequence".to_owned(), json!(delivery.sequence));
    data.insert("subject".to_owned(), json!(event.subject));
    data.insert("person_id".to_owned(), json!(event.person));
    data.insert("program".to_owned(), json!(event.program));
    if let Some(public) = domain::change::public(&event.event_type) {
        data.extend(change::data(public, &event.data));
    }
    Value::Object(data)
}

fn standard(delivery: &Delivery, event: &Recorded) -> Value {
    json!({"type": delivery.event_type, "timestamp": event.at, "data": data(delivery, event)})
}

fn cloud_event(source: &str, delivery: &Delivery, event: &Recorded) -> Value {
    json!({
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": cloud_type(&delivery.event_type),
        "subject": event.subject,
        "time": event.at,
        "datacontenttype": "application/json",
        "data": data(delivery, event),
    })
}

/// The type of a `CloudEvent`: the domain before, the version behind.
pub(crate) fn cloud_type(event_type: &str) -> String {
    format!("{REVERSED}.{event_type}.v1")
}
