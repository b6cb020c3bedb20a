//! Sessions and their refresh tokens; single access tokens that were revoked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    PersonId, SessionId,
    session::{RefreshToken, Session, SessionEnd},
};

use crate::{
    Error, Optional, Tx,
    conn::{each_backend, get_row},
    schema_access::{refresh_tokens, revoked_tokens, sessions},
    types::V,
};

/// Sessions and their refresh tokens.
pub struct Sessions<'a, 'c>(&'a mut Tx<'c>);

/// Single access tokens that were revoked.
pub struct RevokedTokens<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Sessions and their refresh tokens.
    pub fn sessions(&mut self) -> Sessions<'_, 'c> {
        Sessions(self)
    }
    /// Single access tokens that were revoked.
    pub fn revoked_tokens(&mut self) -> RevokedTokens<'_, 'c> {
        RevokedTokens(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct Row {
    id: V<SessionId>,
    person_id: V<PersonId>,
    started_at: V<DateTime<Utc>>,
    expires_at: V<DateTime<Utc>>,
    ended_at: Option<V<DateTime<Utc>>>,
    end_reason: Option<V<SessionEnd>>,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            person: row.person_id.0,
            started_at: row.started_at.0,
            expires_at: row.expires_at.0,
            ended: row.ended_at.zip(row.end_reason).map(|(at, reason)| (at.0, reason.0)),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    token_hash: Vec<u8>,
    session_id: V<SessionId>,
    issued_at: V<DateTime<Utc>>,
    expires_at: V<DateTime<Utc>>,
    used_at: Option<V<DateTime<Utc>>>,
}

impl Sessions<'_, '_> {
    /// A session, held in a write.
    pub fn get(&mut self, id: SessionId) -> Result<Session, Error> {
        get_row!(self.0, sessions::table.find(V(id)).select(Row::as_select())).map(Session::from)
    }
    /// Stores a new session.
    pub fn insert(&mut self, session: &Session) -> Result<(), Error> {
        let row = Row {
            id: V(session.id),
            person_id: V(session.person),
            started_at: V(session.started_at),
            expires_at: V(session.expires_at),
            ended_at: session.ended.map(|(at, _)| V(at)),
            end_reason: session.ended.map(|(_, reason)| V(reason)),
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(sessions::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Ends a session that stands; whether it did.
    pub fn end(&mut self, id: SessionId, reason: SessionEnd) -> Result<bool, Error> {
        let now = V(self.0.machine());
        let ended = each_backend!(self.0.conn, |c| {
            diesel::update(sessions::table.find(V(id)).filter(sessions::ended_at.is_null()))
                .set((sessions::ended_at.eq(Some(now)), sessions::end_reason.eq(Some(V(reason)))))
                .execute(c)
        })?;
        Ok(ended == 1)
    }
    /// The sessions of a person that were not ended and have not run out, oldest first.
    pub fn standing_of(&mut self, person: PersonId) -> Result<Vec<SessionId>, Error> {
        let now = V(self.0.machine());
        let ids: Vec<V<SessionId>> = each_backend!(self.0.conn, |c| {
            sessions::table
                .filter(sessions::person_id.eq(V(person)))
                .filter(sessions::ended_at.is_null())
                .filter(sessions::expires_at.gt(now))
                .order(sessions::id.asc())
                .select(sessions::id)
                .load(c)
        })?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }
    /// Stores a refresh token.
    pub fn insert_token(&mut self, token: &RefreshToken) -> Result<(), Error> {
        let row = TokenRow {
            token_hash: token.hash.to_vec(),
            session_id: V(token.session),
            issued_at: V(token.issued_at),
            expires_at: V(token.expires_at),
            used_at: token.used_at.map(V),
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(refresh_tokens::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// The refresh token of a hash and its session, both held in a write; none when there is no such
    /// token.
    pub fn token(&mut self, hash: &[u8; 32]) -> Result<Option<(RefreshToken, Session)>, Error> {
        let row: Option<TokenRow> = get_row!(
            self.0,
            refresh_tokens::table.find(hash.to_vec()).select(TokenRow::as_select())
        )
        .found()?;
        let Some(row) = row else { return Ok(None) };
        let token = RefreshToken {
            hash: *hash,
            session: row.session_id.0,
            issued_at: row.issued_at.0,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(|at| at.0),
        };
        let session = self.get(token.session)?;
        Ok(Some((token, session)))
    }
    /// Notes that a refresh token was used.
    pub fn use_token(&mut self, hash: &[u8; 32]) -> Result<(), Error> {
        let now = V(self.0.machine());
        each_backend!(self.0.conn, |c| {
            diesel::update(refresh_tokens::table.find(hash.to_vec()))
                .set(refresh_tokens::used_at.eq(Some(now)))
                .execute(c)
        })?;
        Ok(())
    }
    /// Removes sessions that ran out before an instant, with their tokens; how many.
    pub fn purge(&mut self, before: DateTime<Utc>) -> Result<usize, Error> {
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(sessions::table.filter(sessions::expires_at.lt(V(before)))).execute(c)
        })?;
        Ok(removed)
    }
}

impl RevokedTokens<'_, '_> {
    /// Whether an access token was revoked.
    pub fn holds(&mut self, token_id: &str) -> Result<bool, Error> {
        let found: Option<String> = each_backend!(self.0.conn, |c| {
            revoked_tokens::table
                .find(token_id)
                .select(revoked_tokens::token_id)
                .first(c)
                .optional()
        })?;
        Ok(found.is_some())
    }
    /// Revokes an access token that ends at `until` anyway; whether it held before.
    pub fn insert(&mut self, token_id: &str, until: DateTime<Utc>) -> Result<bool, Error> {
        let row = (revoked_tokens::token_id.eq(token_id), revoked_tokens::until.eq(V(until)));
        let inserted = each_backend!(self.0.conn, |c| {
            diesel::insert_into(revoked_tokens::table)
                .values(&row)
                .on_conflict(revoked_tokens::token_id)
                .do_nothing()
                .execute(c)
        })?;
        Ok(inserted == 1)
    }
    /// Removes tokens that ended before an instant; how many.
    pub fn purge(&mut self, before: DateTime<Utc>) -> Result<usize, Error> {
        let removed = each_backend!(self.0.conn, |c| {
            diesel::delete(revoked_tokens::table.filter(revoked_tokens::until.lt(V(before))))
                .execute(c)
        })?;
        Ok(removed)
    }
}
