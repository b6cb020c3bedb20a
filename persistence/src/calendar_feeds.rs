//! The calendar feeds of people: what is stored of the token in their address.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};
use domain::{PersonId, credential::CalendarFeed};

use crate::{
    Error, Optional, Tx,
    conn::{each_backend, get_row},
    schema_access::calendar_feeds,
    types::V,
};

/// The calendar feeds of people.
pub struct CalendarFeeds<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The calendar feeds of people.
    pub fn calendar_feeds(&mut self) -> CalendarFeeds<'_, 'c> {
        CalendarFeeds(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_feeds, treat_none_as_default_value = false)]
struct Row {
    person_id: V<PersonId>,
    token_hash: Option<String>,
    made_at: V<DateTime<Utc>>,
    version: i64,
}

/// A hash in hexadecimal: a text can be set aside with its row when people are merged.
fn digits(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let byte = |place: usize| u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..text.len().div_ceil(2)).map(byte).collect();
    bytes?.try_into().ok()
}

impl TryFrom<Row> for CalendarFeed {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = || Error::Broken(format!("the feed of {} has no SHA-256", row.person_id.0));
        let read = |text: String| bytes(&text).ok_or_else(broken);
        let hash = row.token_hash.map(read).transpose()?;
        Ok(Self {
            person: row.person_id.0,
            token_hash: hash,
            made_at: row.made_at.0,
            version: row.version,
        })
    }
}

impl CalendarFeeds<'_, '_> {
    /// The feed of a person, ended ones too, held in a write; none where they never had one.
    pub fn of(&mut self, person: PersonId) -> Result<Option<CalendarFeed>, Error> {
        let row: Option<Row> =
            get_row!(self.0, calendar_feeds::table.find(V(person)).select(Row::as_select()))
                .found()?;
        row.map(TryInto::try_into).transpose()
    }
    /// Stores the feed of a person in place of the one before.
    pub fn put(&mut self, feed: &CalendarFeed) -> Result<(), Error> {
        let row = Row {
            person_id: V(feed.person),
            token_hash: feed.token_hash.as_ref().map(digits),
            made_at: V(feed.made_at),
            version: feed.version,
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(calendar_feeds::table)
                .values(&row)
                .on_conflict(calendar_feeds::person_id)
                .do_update()
                .set((
                    calendar_feeds::token_hash.eq(excluded(calendar_feeds::token_hash)),
                    calendar_feeds::made_at.eq(excluded(calendar_feeds::made_at)),
                    calendar_feeds::version.eq(excluded(calendar_feeds::version)),
                ))
                .execute(c)
        })?;
        Ok(())
    }
}
