//! Attempts of portfolios: what was submitted, which both databases refuse to change or delete.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{AttemptId, PersonId, PortfolioId, portfolio::Attempt};
use serde_json::Value;

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    json,
    schema::portfolio_attempts,
    types::V,
};

/// The repository of attempts of portfolios.
pub struct Attempts<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Attempts of portfolios.
    pub fn attempts(&mut self) -> Attempts<'_, 'c> {
        Attempts(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = portfolio_attempts, treat_none_as_default_value = false)]
struct Row {
    id: V<AttemptId>,
    program: String,
    portfolio_id: V<PortfolioId>,
    person_id: V<PersonId>,
    set_code: String,
    number: i64,
    content: V<Value>,
    content_hash: String,
    submitted_at: V<DateTime<Utc>>,
    outcomes: V<Value>,
    version: i64,
}

impl TryFrom<&Attempt> for Row {
    type Error = Error;
    fn try_from(attempt: &Attempt) -> Result<Self, Error> {
        Ok(Self {
            id: V(attempt.id),
            program: attempt.program.to_string(),
            portfolio_id: V(attempt.portfolio),
            person_id: V(attempt.person),
            set_code: attempt.set.to_string(),
            number: attempt.number,
            content: json::of(&attempt.content)?,
            content_hash: attempt.content_hash.clone(),
            submitted_at: V(attempt.submitted_at),
            outcomes: json::of(&attempt.outcomes)?,
            version: attempt.version,
        })
    }
}

impl TryFrom<Row> for Attempt {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            portfolio: row.portfolio_id.0,
            person: row.person_id.0,
            set: json::parsed(&row.set_code)?,
            number: row.number,
            content: json::read(row.content)?,
            content_hash: row.content_hash,
            submitted_at: row.submitted_at.0,
            outcomes: json::read(row.outcomes)?,
            version: row.version,
        })
    }
}

impl Attempts<'_, '_> {
    /// The attempt, held until the end of a write. [`Error::NotFound`] where there is none.
    pub fn get(&mut self, id: AttemptId) -> Result<Attempt, Error> {
        let row: Row =
            get_row!(self.0, portfolio_attempts::table.find(V(id)).select(Row::as_select()))?;
        row.try_into()
    }

    /// Stores what was submitted.
    pub fn insert(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let row = Row::try_from(attempt)?;
        each_backend!(self.0.conn, |c| diesel::insert_into(portfolio_attempts::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Stores what the ratings came to, and nothing else: what was submitted is not even written again.
    /// [`Error::Stale`] when somebody else changed the record since it was read.
    pub fn save(&mut self, attempt: &mut Attempt) -> Result<(), Error> {
        let before = attempt.version;
        attempt.version = before.saturating_add(1);
        let outcomes = json::of(&attempt.outcomes)?;
        let changed = each_backend!(self.0.conn, |c| diesel::update(
            portfolio_attempts::table
                .find(V(attempt.id))
                .filter(portfolio_attempts::version.eq(before))
        )
        .set((
            portfolio_attempts::outcomes.eq(&outcomes),
            portfolio_attempts::version.eq(attempt.version)
        ))
        .execute(c))?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Every attempt of a portfolio, oldest first.
    pub fn of(&mut self, portfolio: PortfolioId) -> Result<Vec<Attempt>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| portfolio_attempts::table
            .filter(portfolio_attempts::portfolio_id.eq(V(portfolio)))
            .order(portfolio_attempts::number.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The attempt of a number, from 1 on.
    pub fn numbered(
        &mut self,
        portfolio: PortfolioId,
        number: i64,
    ) -> Result<Option<Attempt>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| portfolio_attempts::table
            .filter(portfolio_attempts::portfolio_id.eq(V(portfolio)))
            .filter(portfolio_attempts::number.eq(number))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }
}
