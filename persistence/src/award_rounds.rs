//! Rounds of enrollment assistance.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{AwardRoundId, award::AwardRound, program::ProgramCode};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::award_rounds,
    types::V,
};

/// The repository of rounds of enrollment assistance.
pub struct AwardRounds<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Rounds of enrollment assistance.
    pub fn award_rounds(&mut self) -> AwardRounds<'_, 'c> {
        AwardRounds(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = award_rounds, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AwardRoundId>,
    program: String,
    name: String,
    opens_on: NaiveDate,
    closes_on: NaiveDate,
    places: i64,
    amount_cents: i64,
    seed_source: String,
    seed: Option<String>,
    drawn_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&AwardRound> for Row {
    type Error = Error;
    fn try_from(round: &AwardRound) -> Result<Self, Error> {
        Ok(Self {
            id: V(round.id),
            program: round.program.to_string(),
            name: round.name.clone(),
            opens_on: round.opens_on,
            closes_on: round.closes_on,
            places: round.places,
            amount_cents: round.amount_cents,
            seed_source: round.seed_source.clone(),
            seed: round.seed.clone(),
            drawn_on: round.drawn_on,
            version: round.version,
        })
    }
}

impl TryFrom<Row> for AwardRound {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            name: row.name,
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            places: row.places,
            amount_cents: row.amount_cents,
            seed_source: row.seed_source,
            seed: row.seed,
            drawn_on: row.drawn_on,
            version: row.version,
        })
    }
}

aggregate!(AwardRounds, award_rounds, AwardRound, AwardRoundId);

/// What a list of rounds is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AwardRoundFilter {
    /// A program.
    pub program: Option<ProgramCode>,
}

impl AwardRounds<'_, '_> {
    /// A page of rounds, the first made first.
    pub fn list(
        &mut self,
        filter: &AwardRoundFilter,
        page: Page<AwardRoundId>,
    ) -> Result<Vec<AwardRound>, Error> {
        page!(self.0, award_rounds, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(award_rounds::program.eq(program.as_str().to_owned()));
            }
        })
    }
}
