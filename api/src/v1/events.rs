//! The event log: audit trail and history in one.

use actix_web::get;
use chrono::{DateTime, Utc};
use domain::{
    EventId, PersonId,
    access::{Action, Facts},
    id::{EventKind, PersonKind},
    program::ProgramCode,
};
use persistence::{EventFilter, Recorded};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Cursor, Limit, Page, Query},
    flows::evaluation::Parts,
    openapi::words::{id_of, id_of_or_null},
    problem::Problem,
    v1::fields::Term,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_events);
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// Its id.
    #[schema(schema_with = id_of::<EventKind>)]
    pub id: EventId,
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
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "application.submitted")]
    pub event_type: String,
    /// Who did it.
    pub actor: String,
    /// The request that did it.
    pub request_id: String,
    /// The data of the event, by its type.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// Its place in the one order of all events; null for the moment before it has one.
    pub position: Option<i64>,
    /// The hash that chains it to the event before, in hexadecimal.
    pub hash: Option<String>,
}

impl From<Recorded> for EventView {
    fn from(event: Recorded) -> Self {
        Self {
            id: event.id,
            at: event.at,
            program: event.program,
            subject: event.subject,
            person_id: event.person,
            event_type: event.event_type,
            actor: event.actor,
            request_id: event.request_id,
            data: event.data,
            position: event.position,
            hash: event.hash.map(|hash| crate::hex::of(&hash)),
        }
    }
}

/// Which events are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvents {
    /// Only those of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    pub event_type: Option<Term>,
    /// Only those of this subject, by its id.
    #[param(inline)]
    pub subject: Option<Term>,
    /// Only those that concern this person, or who was merged into them.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Read the event log
///
/// In its one order, which is dense: an event that has a position is never preceded by a new one later. A
/// caller who judges a portfolio, or whose own is judged, does not read here what the others find of it, nor
/// who judges: those events are left out, and of their own things the actor is `the program`.
#[utoipa::path(tag = "Office", params(ListEvents), responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/events")]
pub(crate) async fn list_events(
    app: App,
    call: Call,
    query: Query<ListEvents>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListEvents, &Facts::default())?;
        let filter = EventFilter {
            types: query.event_type.clone().map(Term::into_inner).into_iter().collect(),
            subject: query.subject.clone().map(Term::into_inner),
            person: query.person_id,
            program: None,
        };
        let page = Page::<i64>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.events().page(page.after.unwrap_or(0), &filter, page.load())?;
        let position = |row: &Recorded| row.position.unwrap_or_default();
        let mut listing = page.listing(rows, position, |row| row);
        if let Some(parts) = Parts::of(tx, call.caller())? {
            parts.clear(tx, &mut listing.items)?;
        }
        let items = listing.items.into_iter().map(EventView::from).collect();
        Ok(Listing { items, next_cursor: listing.next_cursor }.reply(call))
    })
    .await
}
