//! The one event log: audit trail, outbox, change feed and history.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    PersonId,
    event::{Event, Fact},
    id::EventId,
    program::ProgramCode,
};

use crate::{
    Error, Tx,
    aggregate::CHUNK,
    conn::each_backend,
    schema_house::events,
    types::{UtcTs, V},
};

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The program it belongs to.
    pub program: Option<ProgramCode>,
    /// The id of what changed, prefix included.
    pub subject: String,
    /// The person whom it concerns.
    pub person: Option<PersonId>,
    /// Its dotted type.
    pub event_type: String,
    /// Who did it.
    pub actor: String,
    /// On which request.
    pub request_id: String,
    /// Its data.
    pub data: serde_json::Value,
    /// Its place in the log, from 1 without gaps; none until the sequencer has come by.
    pub position: Option<i64>,
    /// The SHA-256 that chains it to all before it; comes with the position.
    pub hash: Option<Vec<u8>>,
}

/// Which events a page shows; everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only of these types; empty means all.
    pub types: Vec<String>,
    /// Only of this subject.
    pub subject: Option<String>,
    /// Only about this person, or who became part of them.
    pub person: Option<PersonId>,
    /// Only of this program.
    pub program: Option<ProgramCode>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    id: V<EventId>,
    at: V<DateTime<Utc>>,
    program: Option<V<ProgramCode>>,
    subject: String,
    person: Option<V<PersonId>>,
    kind: String,
    actor: String,
    request_id: String,
    data: V<serde_json::Value>,
    position: Option<i64>,
    hash: Option<Vec<u8>>,
}

impl From<EventRow> for Recorded {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id.0,
            at: row.at.0,
            program: row.program.map(|program| program.0),
            subject: row.subject,
            person: row.person.map(|person| person.0),
            event_type: row.kind,
            actor: row.actor,
            request_id: row.request_id,
            data: row.data.0,
            position: row.position,
            hash: row.hash,
        }
    }
}

/// The event log.
pub struct Events<'a, 'c>(pub(crate) &'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The event log.
    pub fn events(&mut self) -> Events<'_, 'c> {
        Events(self)
    }
    /// Writes an event in this transaction, stamped with the write's instant, actor and request.
    pub fn record<F: Fact>(&mut self, event: Event<F>) -> Result<(), Error> {
        let row = self.stamped(event)?;
        each_backend!(self.conn, |c| {
            diesel::insert_into(events::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Writes events in their order, hundreds in one statement.
    pub fn record_all<F: Fact>(&mut self, events: Vec<Event<F>>) -> Result<(), Error> {
        let rows = events.into_iter().map(|event| self.stamped(event));
        let rows: Vec<EventRow> = rows.collect::<Result<_, _>>()?;
        for chunk in rows.chunks(CHUNK) {
            each_backend!(self.conn, |c| {
                diesel::insert_into(events::table).values(chunk).execute(c)
            })?;
        }
        Ok(())
    }
    fn stamped<F: Fact>(&self, event: Event<F>) -> Result<EventRow, Error> {
        let data = serde_json::to_value(&event.fact)
            .map_err(|error| Error::Broken(format!("an event cannot be written: {error}")))?;
        Ok(EventRow {
            id: V(self.new_id()),
            at: V(self.now()),
            program: event.program.map(V),
            subject: event.subject,
            person: event.person.map(V),
            kind: event.fact.event_type().to_owned(),
            actor: self.actor().to_owned(),
            request_id: self.request_id().to_owned(),
            data: V(data),
            position: None,
            hash: None,
        })
    }
}

impl Events<'_, '_> {
    /// An event. [`Error::NotFound`] when there is none.
    pub fn get(&mut self, id: EventId) -> Result<Recorded, Error> {
        let row: EventRow = each_backend!(self.0.conn, |c| {
            events::table.find(V(id)).select(EventRow::as_select()).first(c)
        })?;
        Ok(row.into())
    }
    /// Positioned events after `after`, in order of position.
    pub fn page(
        &mut self,
        after: i64,
        filter: &EventFilter,
        limit: i64,
    ) -> Result<Vec<Recorded>, Error> {
        // What happened to who became part of somebody is that person's history too.
        let mut people = filter.person.into_iter().collect::<Vec<_>>();
        if let Some(person) = filter.person {
            people.extend(self.0.merges().parts_of(person)?);
        }
        let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| {
            let mut query = events::table
                .select(EventRow::as_select())
                .filter(events::position.gt(after))
                .into_boxed();
            if !filter.types.is_empty() {
                query = query.filter(events::kind.eq_any(&filter.types));
            }
            if let Some(subject) = &filter.subject {
                query = query.filter(events::subject.eq(subject));
            }
            if !people.is_empty() {
                query = query.filter(events::person.eq_any(people.iter().map(|one| V(*one))));
            }
            if let Some(program) = &filter.program {
                query = query.filter(events::program.eq(V(program.clone())));
            }
            query.order(events::position.asc()).limit(limit).load(c)
        })?;
        Ok(rows.into_iter().map(Recorded::from).collect())
    }
    /// The position of the last event that has one; 0 before the first.
    pub fn last_position(&mut self) -> Result<i64, Error> {
        let last: Option<i64> = each_backend!(self.0.conn, |c| {
            events::table.select(diesel::dsl::max(events::position)).first(c)
        })?;
        Ok(last.unwrap_or(0))
    }
    /// Events of these types with a position after `after` and up to `until`, in order of position.
    pub fn between(
        &mut self,
        (after, until): (i64, i64),
        types: &[&str],
        limit: i64,
    ) -> Result<Vec<Recorded>, Error> {
        let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| {
            events::table
                .select(EventRow::as_select())
                .filter(events::position.gt(after))
                .filter(events::position.le(until))
                .filter(events::kind.eq_any(types.iter().map(|one| (*one).to_owned())))
                .order(events::position.asc())
                .limit(limit)
                .load(c)
        })?;
        Ok(rows.into_iter().map(Recorded::from).collect())
    }
    /// When something happened last to each of these subjects; those to which nothing did are left out.
    pub fn last_changes(
        &mut self,
        subjects: &[String],
    ) -> Result<HashMap<String, DateTime<Utc>>, Error> {
        let mut changes = HashMap::with_capacity(subjects.len());
        for chunk in subjects.chunks(CHUNK) {
            let rows: Vec<(String, V<DateTime<Utc>>)> = each_backend!(self.0.conn, |c| {
                events::table
                    .filter(events::subject.eq_any(chunk))
                    .group_by(events::subject)
                    .select((events::subject, diesel::dsl::sql::<UtcTs>("MAX(at)")))
                    .load(c)
            })?;
            changes.extend(rows.into_iter().map(|(subject, at)| (subject, at.0)));
        }
        Ok(changes)
    }
    /// The first thing since `since` that happened to any of `subjects`, or to `person`, by another request than
    /// `request_id`. What people are told of it does not count.
    pub fn foreign(
        &mut self,
        subjects: &[String],
        person: Option<PersonId>,
        (request_id, since): (&str, DateTime<Utc>),
    ) -> Result<Option<Recorded>, Error> {
        let row: Option<EventRow> = each_backend!(self.0.conn, |c| {
            let mut query = events::table
                .select(EventRow::as_select())
                .filter(events::at.ge(V(since)))
                .filter(events::request_id.ne(request_id))
                .filter(events::kind.not_like("notice.%"))
                .into_boxed();
            query = match person {
                None => query.filter(events::subject.eq_any(subjects)),
                Some(person) => {
                    query.filter(events::subject.eq_any(subjects).or(events::person.eq(V(person))))
                }
            };
            query.order((events::at.asc(), events::id.asc())).first(c).optional()
        })?;
        Ok(row.map(Recorded::from))
    }
    /// The first event of a type about a person since `since`.
    pub fn first_of(
        &mut self,
        person: PersonId,
        event_type: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Recorded>, Error> {
        let row: Option<EventRow> = each_backend!(self.0.conn, |c| events::table
            .filter(events::person.eq(V(person)))
            .filter(events::kind.eq(event_type))
            .filter(events::at.ge(V(since)))
            .order((events::at.asc(), events::id.asc()))
            .select(EventRow::as_select())
            .first(c)
            .optional())?;
        Ok(row.map(Recorded::from))
    }
    /// What happened to several people, of some types, oldest first.
    pub fn of_people(
        &mut self,
        people: &[PersonId],
        types: &[&str],
    ) -> Result<Vec<Recorded>, Error> {
        let mut found = Vec::new();
        for chunk in people.chunks(CHUNK) {
            let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| events::table
                .filter(events::person.eq_any(chunk.iter().map(|id| V(*id))))
                .filter(events::kind.eq_any(types))
                .order((events::at.asc(), events::id.asc()))
                .select(EventRow::as_select())
                .load(c))?;
            found.extend(rows.into_iter().map(Recorded::from));
        }
        Ok(found)
    }
    /// What happened to several subjects, of some types, oldest first.
    pub fn of_subjects(
        &mut self,
        subjects: &[String],
        types: &[&str],
    ) -> Result<Vec<Recorded>, Error> {
        let mut found = Vec::new();
        for chunk in subjects.chunks(CHUNK) {
            let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| events::table
                .filter(events::subject.eq_any(chunk))
                .filter(events::kind.eq_any(types))
                .order((events::at.asc(), events::id.asc()))
                .select(EventRow::as_select())
                .load(c))?;
            found.extend(rows.into_iter().map(Recorded::from));
        }
        Ok(found)
    }
    /// The events of several ids.
    pub fn by_ids(&mut self, ids: &[EventId]) -> Result<Vec<Recorded>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| events::table
                .filter(events::id.eq_any(chunk.iter().map(|id| V(*id))))
                .select(EventRow::as_select())
                .load(c))?;
            found.extend(rows.into_iter().map(Recorded::from));
        }
        Ok(found)
    }
    /// What happened to `subject` last, also what has no position yet.
    pub fn latest(&mut self, subject: &str) -> Result<Recorded, Error> {
        let row: EventRow = each_backend!(self.0.conn, |c| events::table
            .filter(events::subject.eq(subject))
            .order((events::at.desc(), events::id.desc()))
            .select(EventRow::as_select())
            .first(c))?;
        Ok(row.into())
    }
    /// Everything that happened to `subject`, oldest first, also what has no position yet.
    pub fn history(&mut self, subject: &str) -> Result<Vec<Recorded>, Error> {
        let rows: Vec<EventRow> = each_backend!(self.0.conn, |c| {
            events::table
                .select(EventRow::as_select())
                .filter(events::subject.eq(subject))
                .order((events::at.asc(), events::id.asc()))
                .load(c)
        })?;
        Ok(rows.into_iter().map(Recorded::from).collect())
    }
}
