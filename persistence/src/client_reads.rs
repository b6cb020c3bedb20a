//! What machines were told of people: each answer, and how many people an hour.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};
use domain::{
    ClientId, ClientReadId, PersonId,
    client::{ClientRead, ReadHour, first_counted, hour_of},
};

use crate::{
    Error, Page, Tx,
    conn::{each_backend, get_rows},
    schema_access::{client_read_hours, client_reads},
    types::V,
};

/// What machines were told of people.
pub struct ClientReads<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What machines were told of people.
    pub fn client_reads(&mut self) -> ClientReads<'_, 'c> {
        ClientReads(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = client_reads, treat_none_as_default_value = false)]
struct Row {
    id: V<ClientReadId>,
    client_id: V<ClientId>,
    at: V<DateTime<Utc>>,
    hour: V<DateTime<Utc>>,
    operation: String,
    request_id: String,
    people: i64,
    first_person_id: V<PersonId>,
    last_person_id: V<PersonId>,
}

impl From<Row> for ClientRead {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            client: row.client_id.0,
            at: row.at.0,
            operation: row.operation,
            request_id: row.request_id,
            people: row.people,
            first_person: row.first_person_id.0,
            last_person: row.last_person_id.0,
        }
    }
}

impl ClientReads<'_, '_> {
    /// The hours of a client that count at `now`, the first one first. Hold the client first: two answers at
    /// once are then counted one after the other.
    pub fn hours(&mut self, client: ClientId, now: DateTime<Utc>) -> Result<Vec<ReadHour>, Error> {
        let rows: Vec<(V<DateTime<Utc>>, i64)> = get_rows!(
            self.0,
            client_read_hours::table
                .filter(client_read_hours::client_id.eq(V(client)))
                .filter(client_read_hours::hour.ge(V(first_counted(now))))
                .order(client_read_hours::hour.asc())
                .select((client_read_hours::hour, client_read_hours::people))
        )?;
        Ok(rows.into_iter().map(|(hour, people)| ReadHour { hour: hour.0, people }).collect())
    }

    /// Stores what a machine was told, and counts its people.
    pub fn insert(&mut self, read: &ClientRead) -> Result<(), Error> {
        let hour = hour_of(read.at);
        let row = Row {
            id: V(read.id),
            client_id: V(read.client),
            at: V(read.at),
            hour: V(hour),
            operation: read.operation.clone(),
            request_id: read.request_id.clone(),
            people: read.people,
            first_person_id: V(read.first_person),
            last_person_id: V(read.last_person),
        };
        let count = (
            client_read_hours::client_id.eq(V(read.client)),
            client_read_hours::hour.eq(V(hour)),
            client_read_hours::people.eq(read.people),
        );
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(client_reads::table).values(&row).execute(c)?;
            diesel::insert_into(client_read_hours::table)
                .values(&count)
                .on_conflict((client_read_hours::client_id, client_read_hours::hour))
                .do_update()
                .set(
                    client_read_hours::people
                        .eq(client_read_hours::people + excluded(client_read_hours::people)),
                )
                .execute(c)
        })?;
        Ok(())
    }

    /// A page of what a machine was told, the latest first.
    pub fn list(
        &mut self,
        client: ClientId,
        page: Page<ClientReadId>,
    ) -> Result<Vec<ClientRead>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = client_reads::table
                .filter(client_reads::client_id.eq(V(client)))
                .select(Row::as_select())
                .into_boxed();
            if let Some(before) = page.after {
                query = query.filter(client_reads::id.lt(V(before)));
            }
            query.order(client_reads::id.desc()).limit(page.limit).load(c)
        })?;
        Ok(rows.into_iter().map(ClientRead::from).collect())
    }

    /// Forgets counts of hours before an instant, and answers before another; how many rows.
    pub fn purge(
        &mut self,
        hours_before: DateTime<Utc>,
        answers_before: DateTime<Utc>,
    ) -> Result<usize, Error> {
        let hours = each_backend!(self.0.conn, |c| {
            diesel::delete(
                client_read_hours::table.filter(client_read_hours::hour.lt(V(hours_before))),
            )
            .execute(c)
        })?;
        let answers = each_backend!(self.0.conn, |c| {
            diesel::delete(client_reads::table.filter(client_reads::at.lt(V(answers_before))))
                .execute(c)
        })?;
        Ok(hours.saturating_add(answers))
    }

    /// Every counted hour, and the people of the answers in it.
    pub(crate) fn recounted(&mut self) -> Result<Vec<(ClientId, ReadHour, i64)>, Error> {
        type Counted = (V<ClientId>, V<DateTime<Utc>>, i64);
        let hours: Vec<Counted> = each_backend!(self.0.conn, |c| {
            client_read_hours::table
                .order((client_read_hours::client_id.asc(), client_read_hours::hour.asc()))
                .load(c)
        })?;
        let mut recounted = Vec::with_capacity(hours.len());
        for (client, hour, people) in hours {
            let answers: Vec<i64> = each_backend!(self.0.conn, |c| {
                client_reads::table
                    .filter(client_reads::client_id.eq(client))
                    .filter(client_reads::hour.eq(hour))
                    .select(client_reads::people)
                    .load(c)
            })?;
            recounted.push((client.0, ReadHour { hour: hour.0, people }, answers.iter().sum()));
        }
        Ok(recounted)
    }
}
