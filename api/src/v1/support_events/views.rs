//! Support events and registrations as JSON, in and out.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::{
    PersonId, SupportEventId, SupportRegistrationId,
    access::{Action, Caller, Facts},
    competency::SetCode,
    id::{PersonKind, SupportEventKind, SupportRegistrationKind},
    program::ProgramCode,
    support::{MAX_SEATS, Occasion, SupportEvent, SupportEventDetails, SupportRegistration},
};
use persistence::SupportEventFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, one_of, one_of_or_null},
    v1::{
        actions,
        fields::{Line, Name, Prose, WebAddress},
    },
};

/// A support event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SupportEventView {
    /// Its id.
    #[schema(schema_with = id_of::<SupportEventKind>)]
    pub id: SupportEventId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<Occasion>)]
    pub kind: Occasion,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// The competency sets that it is about; all of them where there are none.
    #[schema(value_type = Vec<String>, example = json!(["FND"]))]
    pub sets: Vec<SetCode>,
    /// Its beginning.
    pub starts_at: DateTime<Utc>,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Where it is held, in a room.
    pub place: Option<String>,
    /// Where it is held on line, or read about.
    pub link: Option<String>,
    /// How many can take part; as many as come where it is null.
    pub seats: Option<u32>,
    /// How many seats are free; null where as many as come can take part.
    pub seats_left: Option<u32>,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Its calendar file.
    pub calendar_url: String,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why. Lists, which everybody may keep, hold none.
    pub actions: Vec<ActionView>,
}

impl From<SupportEvent> for SupportEventView {
    fn from(event: SupportEvent) -> Self {
        let seats_left = event.seats_left();
        let details = event.details;
        Self {
            id: event.id,
            program: event.program,
            kind: details.kind,
            title: details.title,
            description: details.description,
            sets: details.sets,
            starts_at: details.starts_at,
            ends_at: details.ends_at,
            place: details.place,
            link: details.link,
            seats: details.seats,
            seats_left,
            cancelled_on: event.cancelled_on,
            cancel_reason: event.cancel_reason,
            calendar_url: format!("/v1/support-events/{}/calendar", event.id),
            version: event.version,
            actions: Vec::new(),
        }
    }
}

impl SupportEventView {
    /// The event as `caller` sees it now.
    #[must_use]
    pub fn of_caller(event: SupportEvent, caller: &Caller, now: DateTime<Utc>) -> Self {
        let own = format!("/v1/support-events/{}", event.id);
        let (cancel, register) = (format!("{own}/cancel"), format!("{own}/registrations"));
        let state = |act: &str| vec![event.state_finding(act)];
        // The event is nobody's; the registration would be the caller's.
        let (nobody_s, callers) =
            (Facts::default(), Facts { owner: caller.person(), organisation: None });
        let offered = [
            (&nobody_s, (Action::UpdateSupportEvent, "PATCH", own), state("change the event")),
            (&nobody_s, (Action::CancelSupportEvent, "POST", cancel), state("cancel the event")),
            (
                &callers,
                (Action::RegisterForSupportEvent, "POST", register),
                event.registration_findings(now),
            ),
        ];
        let actions = offered
            .into_iter()
            .filter(|(facts, (action, ..), _)| caller.may(*action, facts).is_ok())
            .map(|(_, (action, method, href), findings)| {
                actions::view(action, method, href, findings)
            })
            .collect();
        Self { actions, ..Self::from(event) }
    }
}

/// An event to announce. A webinar needs a link, another kind a place.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSupportEvent {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<Occasion>)]
    pub kind: Occasion,
    /// Its title.
    pub title: Name,
    /// What it is about.
    #[serde(default)]
    pub description: Option<Prose>,
    /// The competency sets that it is about; all of them when left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["FND"]))]
    pub sets: Vec<SetCode>,
    /// Its beginning.
    pub starts_at: DateTime<Utc>,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Where it is held, in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// Where it is held on line, or read about.
    #[serde(default)]
    pub link: Option<WebAddress>,
    /// How many can take part; as many as come when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: Option<u32>,
}

const _: () = assert!(MAX_SEATS == 100_000, "what the schemas say");

impl CreateSupportEvent {
    pub(super) fn details(&self) -> SupportEventDetails {
        SupportEventDetails {
            kind: self.kind,
            title: self.title.to_string(),
            description: self.description.clone().map(String::from),
            sets: self.sets.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            place: self.place.clone().map(String::from),
            link: self.link.clone().map(String::from),
            seats: self.seats,
        }
    }
}

/// What changes of an event; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSupportEvent {
    /// Its kind.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Occasion>)]
    pub kind: Option<Occasion>,
    /// Its title.
    #[serde(default)]
    pub title: Option<Name>,
    /// What it is about.
    #[serde(default)]
    pub description: Option<Prose>,
    /// The competency sets that it is about.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub sets: Option<Vec<SetCode>>,
    /// Its beginning.
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
    /// Its end.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// Where it is held, in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// Where it is held on line, or read about.
    #[serde(default)]
    pub link: Option<WebAddress>,
    /// How many can take part: not fewer than are registered.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: Option<u32>,
}

impl UpdateSupportEvent {
    pub(super) fn details(&self, before: &SupportEventDetails) -> SupportEventDetails {
        let text = |given: Option<String>, kept: &Option<String>| given.or_else(|| kept.clone());
        SupportEventDetails {
            kind: self.kind.unwrap_or(before.kind),
            title: self.title.clone().map_or_else(|| before.title.clone(), String::from),
            description: text(self.description.clone().map(String::from), &before.description),
            sets: self.sets.clone().unwrap_or_else(|| before.sets.clone()),
            starts_at: self.starts_at.unwrap_or(before.starts_at),
            ends_at: self.ends_at.unwrap_or(before.ends_at),
            place: text(self.place.clone().map(String::from), &before.place),
            link: text(self.link.clone().map(String::from), &before.link),
            seats: self.seats.or(before.seats),
        }
    }
}

/// Which events are listed: those to which everything that is given applies.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSupportEvents {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a kind.
    #[param(schema_with = one_of::<Occasion>, required = false)]
    pub kind: Option<Occasion>,
    /// Only those that end on this day (UTC) or later; when left out those that have not ended.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// Whether those that were cancelled are there as well.
    pub cancelled: Option<bool>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

impl ListSupportEvents {
    pub(super) fn filter(&self, now: DateTime<Utc>) -> SupportEventFilter {
        let from = self.from.map(|day| day.0.and_time(NaiveTime::MIN).and_utc());
        SupportEventFilter {
            program: Some(self.program.clone().unwrap_or_else(ProgramCode::lssc)),
            kind: self.kind,
            ends_from: Some(from.unwrap_or(now)),
            standing: self.cancelled != Some(true),
        }
    }
}

/// Somebody's registration for a support event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SupportRegistrationView {
    /// Its id.
    #[schema(schema_with = id_of::<SupportRegistrationKind>)]
    pub id: SupportRegistrationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The event.
    #[schema(schema_with = id_of::<SupportEventKind>)]
    pub support_event_id: SupportEventId,
    /// Who comes.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// When they registered.
    pub registered_at: DateTime<Utc>,
    /// When they withdrew it.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl From<SupportRegistration> for SupportRegistrationView {
    fn from(one: SupportRegistration) -> Self {
        Self {
            id: one.id,
            program: one.program,
            support_event_id: one.event,
            person_id: one.person,
            registered_at: one.registered_at,
            withdrawn_at: one.withdrawn_at,
            version: one.version,
        }
    }
}

/// Which registrations are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSupportRegistrations {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those for an event.
    #[param(schema_with = id_of::<SupportEventKind>, required = false)]
    pub support_event_id: Option<SupportEventId>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Whether those that were withdrawn are there as well.
    pub withdrawn: Option<bool>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
