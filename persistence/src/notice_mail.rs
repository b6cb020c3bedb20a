//! What people want to be told by mail, and mails that came back.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, upsert::excluded};
use domain::{
    BounceId, NoticeId, PersonId,
    notice::{Bounce, BounceSort, BounceState, NoticePreferences},
    person::fold_email,
};
use serde_json::Value;

use crate::{
    Error, Optional, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{bounces, notice_preferences as preferences},
    types::V,
};

/// The repository of what people want to be told.
pub struct NoticeChoices<'a, 'c>(&'a mut Tx<'c>);

/// The repository of mails that came back.
pub struct Bounces<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What people want to be told.
    pub fn notice_preferences(&mut self) -> NoticeChoices<'_, 'c> {
        NoticeChoices(self)
    }
    /// Mails that came back.
    pub fn bounces(&mut self) -> Bounces<'_, 'c> {
        Bounces(self)
    }
}

impl NoticeChoices<'_, '_> {
    /// What a person chose, held until the end of a write; what nobody chose yet is nothing muted.
    pub fn of(&mut self, person: PersonId) -> Result<NoticePreferences, Error> {
        let found: Option<(V<Value>, i64)> = get_row!(
            self.0,
            preferences::table.find(V(person)).select((preferences::muted, preferences::version))
        )
        .found()?;
        let Some((muted, version)) = found else {
            return Ok(NoticePreferences::unchosen(person));
        };
        Ok(NoticePreferences { person, muted: json::read(muted)?, version })
    }

    /// Stores what a person chose and moves its version on. [`Error::Stale`] when it changed since it was read.
    pub fn save(&mut self, chosen: &mut NoticePreferences) -> Result<(), Error> {
        let before = chosen.version;
        chosen.version = before.saturating_add(1);
        let muted = json::of(&chosen.muted)?;
        let row = (
            preferences::person_id.eq(V(chosen.person)),
            preferences::muted.eq(&muted),
            preferences::version.eq(chosen.version),
        );
        let saved = each_backend!(self.0.conn, |c| {
            let upsert = diesel::insert_into(preferences::table)
                .values(&row)
                .on_conflict(preferences::person_id)
                .do_update()
                .set((
                    preferences::muted.eq(excluded(preferences::muted)),
                    preferences::version.eq(excluded(preferences::version)),
                ));
            // Written out: an upsert is filtered by a trait whose method has the name of another.
            diesel::query_dsl::methods::FilterDsl::filter(upsert, preferences::version.eq(before))
                .execute(c)
        })?;
        if saved == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bounces, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<BounceId>,
    address: String,
    address_folded: String,
    person_id: Option<V<PersonId>>,
    notice_id: Option<V<NoticeId>>,
    sort: V<BounceSort>,
    detail: Option<String>,
    recorded_at: V<DateTime<Utc>>,
    recorded_by: String,
    lifted_at: Option<V<DateTime<Utc>>>,
    lift_reason: Option<String>,
    version: i64,
}

impl TryFrom<&Bounce> for Row {
    type Error = Error;
    fn try_from(bounce: &Bounce) -> Result<Self, Error> {
        Ok(Self {
            id: V(bounce.id),
            address: bounce.address.clone(),
            address_folded: fold_email(&bounce.address),
            person_id: bounce.person.map(V),
            notice_id: bounce.notice.map(V),
            sort: V(bounce.sort),
            detail: bounce.detail.clone(),
            recorded_at: V(bounce.recorded_at),
            recorded_by: bounce.recorded_by.clone(),
            lifted_at: bounce.lifted_at.map(V),
            lift_reason: bounce.lift_reason.clone(),
            version: bounce.version,
        })
    }
}

impl TryFrom<Row> for Bounce {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            address: row.address,
            person: row.person_id.map(|id| id.0),
            notice: row.notice_id.map(|id| id.0),
            sort: row.sort.0,
            detail: row.detail,
            recorded_at: row.recorded_at.0,
            recorded_by: row.recorded_by,
            lifted_at: row.lifted_at.map(|at| at.0),
            lift_reason: row.lift_reason,
            version: row.version,
        })
    }
}

aggregate!(Bounces, bounces, Bounce, BounceId);

/// What a list of bounces is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct BounceFilter {
    /// Who had the address.
    pub person: Option<PersonId>,
    /// The address, however it is written.
    pub address: Option<String>,
    /// The notice that came back.
    pub notice: Option<NoticeId>,
    /// Whether they stand in the way.
    pub state: Option<BounceState>,
}

impl Bounces<'_, '_> {
    /// The bounce because of which nothing is sent to an address, held until the end of a write.
    pub fn standing(&mut self, address: &str) -> Result<Option<Bounce>, Error> {
        let folded = fold_email(address);
        let row: Result<Row, Error> = get_row!(
            self.0,
            bounces::table
                .filter(bounces::address_folded.eq(folded.clone()))
                .filter(bounces::sort.eq(V(BounceSort::Hard)))
                .filter(bounces::lifted_at.is_null())
                .select(Row::as_select())
        );
        row.found()?.map(TryInto::try_into).transpose()
    }

    /// Those of several addresses to which nothing is sent, in lower case.
    pub fn undeliverable(&mut self, addresses: &[String]) -> Result<HashSet<String>, Error> {
        let folded: Vec<_> = addresses.iter().map(|address| fold_email(address)).collect();
        let dead: Vec<String> = each_backend!(self.0.conn, |c| bounces::table
            .filter(bounces::address_folded.eq_any(&folded))
            .filter(bounces::sort.eq(V(BounceSort::Hard)))
            .filter(bounces::lifted_at.is_null())
            .select(bounces::address_folded)
            .load(c))?;
        Ok(dead.into_iter().collect())
    }

    /// A page of bounces, the first recorded first.
    pub fn list(
        &mut self,
        filter: &BounceFilter,
        page: Page<BounceId>,
    ) -> Result<Vec<Bounce>, Error> {
        page!(self.0, bounces, page, |query| {
            if let Some(person) = filter.person {
                query = query.filter(bounces::person_id.eq(V(person)));
            }
            if let Some(address) = &filter.address {
                query = query.filter(bounces::address_folded.eq(fold_email(address)));
            }
            if let Some(notice) = filter.notice {
                query = query.filter(bounces::notice_id.eq(V(notice)));
            }
            if let Some(state) = filter.state {
                query = match state {
                    BounceState::Noted => query.filter(bounces::sort.eq(V(BounceSort::Soft))),
                    BounceState::Standing => query
                        .filter(bounces::sort.eq(V(BounceSort::Hard)))
                        .filter(bounces::lifted_at.is_null()),
                    BounceState::Lifted => query
                        .filter(bounces::sort.eq(V(BounceSort::Hard)))
                        .filter(bounces::lifted_at.is_not_null()),
                };
            }
        })
    }
}
