//! Events as they leave the house: by the contract, and nothing beside it.

use chrono::{DateTime, Utc};
use domain::{
    ClientId, EventId, PersonId,
    change::{self, Field, Public, Shape},
    id::{EventKind, PersonKind},
    program::ProgramCode,
};
use persistence::{Recorded, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    openapi::words::{id_of, id_of_or_null},
    problem::Problem,
};

/// Something that happened, as machines are told.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeView {
    /// Its place in the one order of all events: what to send as `after`.
    #[schema(minimum = 1, example = 4711)]
    pub position: i64,
    /// Its id: the `webhook-id` as well.
    #[schema(schema_with = id_of::<EventKind>)]
    pub id: EventId,
    /// What happened; the section `webhooks` of this document lists the types.
    #[serde(rename = "type")]
    #[schema(example = "certification.awarded")]
    pub event_type: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The program's code; null for what belongs to none.
    #[schema(value_type = Option<String>)]
    pub program: Option<ProgramCode>,
    /// The id of what changed.
    pub subject: String,
    /// The person whom it concerns.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// What is told of its data, by its type.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl ChangeView {
    /// An event of a public type; none for what stays in the house, has no position yet, or is of another machine
    /// than the one that is told.
    #[must_use]
    pub fn of(event: &Recorded, told: Option<ClientId>) -> Option<Self> {
        let public = change::public(&event.event_type)?;
        if !is_for(event, told) {
            return None;
        }
        Some(Self {
            position: event.position?,
            id: event.id,
            event_type: event.event_type.clone(),
            at: event.at,
            program: event.program.clone(),
            subject: event.subject.clone(),
            person_id: event.person,
            data: Value::Object(data(public, &event.data)),
        })
    }
}

/// Whether an event is for a machine: what is another one's is not. Who is no machine is told everything.
#[must_use]
pub fn is_for(event: &Recorded, machine: Option<ClientId>) -> bool {
    let own = change::public(&event.event_type).is_some_and(|public| public.own);
    let named = || event.data.get("client").and_then(Value::as_str);
    machine.is_none_or(|machine| !own || named() == Some(machine.to_string().as_str()))
}

/// Keeps the events that are for a machine which is confined to `programs`, to none where there are none: not what is of
/// another program, nor what happened to people who applied in none of these. What is its own is told in any case. Who
/// is no machine is told everything.
pub(crate) fn keep_told(
    tx: &mut Tx<'_>,
    events: &mut Vec<Recorded>,
    (machine, programs): (Option<ClientId>, &[ProgramCode]),
) -> Result<(), Problem> {
    events.retain(|event| is_for(event, machine));
    if programs.is_empty() {
        return Ok(());
    }
    let of_none = events.iter().filter(|event| event.program.is_none());
    let people: Vec<PersonId> = of_none.filter_map(|event| event.person).collect();
    let applied = tx.people().applied_among(&people, programs)?;
    events.retain(|event| {
        let own = change::public(&event.event_type).is_some_and(|public| public.own);
        match (&event.program, event.person) {
            (Some(program), _) => programs.contains(program),
            (None, Some(person)) => own || applied.contains(&person),
            (None, None) => true,
        }
    });
    Ok(())
}

/// What is told of an event's data.
#[must_use]
pub fn data(public: &Public, recorded: &Value) -> Map<String, Value> {
    let told = |field: &Field| {
        let value = recorded.pointer(field.at).cloned().unwrap_or(Value::Null);
        (field.name.to_owned(), value)
    };
    public.fields.iter().map(told).collect()
}

/// The schema of a field.
#[must_use]
pub fn schema(field: &Field) -> Value {
    let id = |prefix: &str| format!("^{prefix}_[0-9a-f]{{32}}$");
    let mut schema = match field.shape {
        Shape::Text => json!({"type": "string"}),
        Shape::Day => json!({"type": "string", "format": "date"}),
        Shape::DayOrNone => json!({"type": ["string", "null"], "format": "date"}),
        Shape::Number => json!({"type": "integer"}),
        Shape::Id(prefix) => json!({"type": "string", "pattern": id(prefix)}),
        Shape::IdOrNone(prefix) => json!({"type": ["string", "null"], "pattern": id(prefix)}),
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!(field.says));
    }
    schema
}

/// An example of a field.
#[must_use]
pub fn example(field: &Field) -> Value {
    match (field.shape, field.name) {
        (Shape::Text, "currency") => json!("USD"),
        (Shape::Text, "set") => json!("FND"),
        (Shape::Text, "number") => json!("LSSC-2026-7K3M9Q2X"),
        (Shape::Text, _) => json!("paid"),
        (Shape::Day | Shape::DayOrNone, _) => json!("2026-03-02"),
        (Shape::Number, _) => json!(1),
        (Shape::Id(prefix) | Shape::IdOrNone(prefix), _) => {
            json!(format!("{prefix}_0192f3c46e8a7b31a5d4c3b2a1908070"))
        }
    }
}
