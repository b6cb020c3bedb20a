//! Support events, and who comes.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    PersonId, SupportEventId, SupportRegistrationId,
    program::ProgramCode,
    support::{Occasion, SupportEvent, SupportEventDetails, SupportRegistration},
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    courses::count,
    json,
    schema::{support_events, support_registrations},
    types::V,
};

/// The repository of support events.
pub struct SupportEvents<'a, 'c>(&'a mut Tx<'c>);

/// The repository of registrations for support events.
pub struct SupportRegistrations<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Support events.
    pub fn support_events(&mut self) -> SupportEvents<'_, 'c> {
        SupportEvents(self)
    }
    /// Registrations for support events.
    pub fn support_registrations(&mut self) -> SupportRegistrations<'_, 'c> {
        SupportRegistrations(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = support_events, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<SupportEventId>,
    program: String,
    kind: V<Occasion>,
    title: String,
    description: Option<String>,
    sets: V<Value>,
    starts_at: V<DateTime<Utc>>,
    ends_at: V<DateTime<Utc>>,
    place: Option<String>,
    link: Option<String>,
    seats: Option<i64>,
    registered: i64,
    cancelled_on: Option<NaiveDate>,
    cancel_reason: Option<String>,
    version: i64,
}

impl TryFrom<&SupportEvent> for Row {
    type Error = Error;
    fn try_from(event: &SupportEvent) -> Result<Self, Error> {
        let details = &event.details;
        Ok(Self {
            id: V(event.id),
            program: event.program.to_string(),
            kind: V(details.kind),
            title: details.title.clone(),
            description: details.description.clone(),
            sets: json::of(&details.sets)?,
            starts_at: V(details.starts_at),
            ends_at: V(details.ends_at),
            place: details.place.clone(),
            link: details.link.clone(),
            seats: details.seats.map(i64::from),
            registered: event.registered.into(),
            cancelled_on: event.cancelled_on,
            cancel_reason: event.cancel_reason.clone(),
            version: event.version,
        })
    }
}

impl TryFrom<Row> for SupportEvent {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            details: SupportEventDetails {
                kind: row.kind.0,
                title: row.title,
                description: row.description,
                sets: json::read(row.sets)?,
                starts_at: row.starts_at.0,
                ends_at: row.ends_at.0,
                place: row.place,
                link: row.link,
                seats: row.seats.map(count).transpose()?,
            },
            registered: count(row.registered)?,
            cancelled_on: row.cancelled_on,
            cancel_reason: row.cancel_reason,
            version: row.version,
        })
    }
}

aggregate!(SupportEvents, support_events, SupportEvent, SupportEventId);

/// What a list of support events is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct SupportEventFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A kind.
    pub kind: Option<Occasion>,
    /// Those that end at this instant or later.
    pub ends_from: Option<DateTime<Utc>>,
    /// Whether those that were cancelled are left out.
    pub standing: bool,
}

impl SupportEvents<'_, '_> {
    /// A page of events, the first announced first.
    pub fn list(
        &mut self,
        filter: &SupportEventFilter,
        page: Page<SupportEventId>,
    ) -> Result<Vec<SupportEvent>, Error> {
        page!(self.0, support_events, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(support_events::program.eq(program.as_str().to_owned()));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(support_events::kind.eq(V(kind)));
            }
            if let Some(from) = filter.ends_from {
                query = query.filter(support_events::ends_at.ge(V(from)));
            }
            if filter.standing {
                query = query.filter(support_events::cancelled_on.is_null());
            }
        })
    }
}

mod coming {
    use super::*;

    #[derive(Queryable, Selectable, Insertable, AsChangeset)]
    #[diesel(table_name = support_registrations, treat_none_as_default_value = false, treat_none_as_null = true)]
    pub(super) struct Row {
        id: V<SupportRegistrationId>,
        program: String,
        event_id: V<SupportEventId>,
        person_id: V<PersonId>,
        registered_at: V<DateTime<Utc>>,
        withdrawn_at: Option<V<DateTime<Utc>>>,
        version: i64,
    }

    impl TryFrom<&SupportRegistration> for Row {
        type Error = Error;
        fn try_from(registration: &SupportRegistration) -> Result<Self, Error> {
            Ok(Self {
                id: V(registration.id),
                program: registration.program.to_string(),
                event_id: V(registration.event),
                person_id: V(registration.person),
                registered_at: V(registration.registered_at),
                withdrawn_at: registration.withdrawn_at.map(V),
                version: registration.version,
            })
        }
    }

    impl TryFrom<Row> for SupportRegistration {
        type Error = Error;
        fn try_from(row: Row) -> Result<Self, Error> {
            Ok(Self {
                id: row.id.0,
                program: json::program(&row.program)?,
                event: row.event_id.0,
                person: row.person_id.0,
                registered_at: row.registered_at.0,
                withdrawn_at: row.withdrawn_at.map(|at| at.0),
                version: row.version,
            })
        }
    }

    aggregate!(
        SupportRegistrations,
        support_registrations,
        SupportRegistration,
        SupportRegistrationId
    );

    impl SupportRegistrations<'_, '_> {
        /// The event of a registration, without holding either. [`Error::NotFound`] when there is none.
        pub fn event_of(&mut self, id: SupportRegistrationId) -> Result<SupportEventId, Error> {
            let event: V<SupportEventId> =
                each_backend!(self.0.conn, |c| support_registrations::table
                    .find(V(id))
                    .select(support_registrations::event_id)
                    .first(c))?;
            Ok(event.0)
        }

        /// A page of registrations, oldest first.
        pub fn list(
            &mut self,
            filter: &SupportRegistrationFilter,
            page: Page<SupportRegistrationId>,
        ) -> Result<Vec<SupportRegistration>, Error> {
            page!(self.0, support_registrations, page, |query| {
                if let Some(program) = &filter.program {
                    let program = program.as_str().to_owned();
                    query = query.filter(support_registrations::program.eq(program));
                }
                if let Some(event) = filter.event {
                    query = query.filter(support_registrations::event_id.eq(V(event)));
                }
                if let Some(person) = filter.person {
                    query = query.filter(support_registrations::person_id.eq(V(person)));
                }
                if filter.standing {
                    query = query.filter(support_registrations::withdrawn_at.is_null());
                }
            })
        }
    }
}

/// What a list of registrations is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct SupportRegistrationFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// An event.
    pub event: Option<SupportEventId>,
    /// Who comes.
    pub person: Option<PersonId>,
    /// Whether those that were withdrawn are left out.
    pub standing: bool,
}
