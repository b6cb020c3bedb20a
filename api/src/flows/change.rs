//! Events as they leave the house: by the contract, and nothing beside it.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    ClientId, EventId, PersonId,
    access::Caller,
    change::{self, Field, Public, Shape},
    client::Client,
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
    /// An event of a public type; none for what stays in the house or has no position yet. Whether it is for who is
    /// told, [`Listener::heard`] says.
    #[must_use]
    pub fn of(event: &Recorded) -> Option<Self> {
        let public = change::public(&event.event_type)?;
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

/// Who is told of events, besides what their scopes show.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    machine: Option<ClientId>,
    programs: Vec<ProgramCode>,
}

impl Listener {
    /// Who calls.
    #[must_use]
    pub fn calling(caller: &Caller) -> Self {
        Self { machine: caller.client(), programs: caller.programs.clone() }
    }
    /// A machine that is sent events.
    #[must_use]
    pub fn sent(client: &Client) -> Self {
        Self { machine: Some(client.id), programs: client.programs.clone() }
    }
    /// Those of `events` that are for them. A machine is told of no other machine's own. One that is confined to
    /// programs is told of no other program, and of people who applied in them or whose account it holds.
    pub fn heard(
        &self,
        tx: &mut Tx<'_>,
        mut events: Vec<Recorded>,
    ) -> Result<Vec<Recorded>, Problem> {
        let Some(machine) = self.machine else { return Ok(events) };
        let (own, of) = (|event: &Recorded| owner(event).is_some(), machine.to_string());
        events.retain(|event| owner(event).is_none_or(|owner| owner == of));
        if self.programs.is_empty() {
            return Ok(events);
        }
        let free = events.iter().filter(|event| event.program.is_none() && !own(event));
        let people: BTreeSet<PersonId> = free.filter_map(|event| event.person).collect();
        let known = self.known(tx, &Vec::from_iter(people))?;
        events.retain(|event| match &event.program {
            Some(program) => self.programs.contains(program),
            None => own(event) || event.person.is_some_and(|person| known.contains(&person)),
        });
        Ok(events)
    }
    /// Those of `people` of whom they are told, where they are confined to programs: who applied in one, or whose
    /// account the machine holds.
    pub fn known(
        &self,
        tx: &mut Tx<'_>,
        people: &[PersonId],
    ) -> Result<HashSet<PersonId>, Problem> {
        let mut known = tx.people().applied_in(people, &self.programs)?;
        let accounts = tx.external_ids().of_people(people)?.into_iter();
        let held = accounts.filter(|one| Some(one.client) == self.machine);
        known.extend(held.map(|one| one.person));
        Ok(known)
    }
}

/// Whose an event is that one machine alone is told.
fn owner(event: &Recorded) -> Option<&str> {
    change::public(&event.event_type).filter(|public| public.own)?;
    Some(event.data.get("client").and_then(Value::as_str).unwrap_or_default())
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
