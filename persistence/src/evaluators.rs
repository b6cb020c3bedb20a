//! Evaluators of portfolios.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{PersonId, competency::SetCode, portfolio::Evaluator, program::ProgramCode};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    conn::{each_backend, get_row},
    json,
    schema::evaluators,
    types::V,
};

/// The repository of evaluators.
pub struct Evaluators<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Evaluators of portfolios.
    pub fn evaluators(&mut self) -> Evaluators<'_, 'c> {
        Evaluators(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = evaluators, primary_key(program, person_id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    program: String,
    person_id: V<PersonId>,
    profile: V<Value>,
    ended_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Evaluator> for Row {
    type Error = Error;
    fn try_from(evaluator: &Evaluator) -> Result<Self, Error> {
        Ok(Self {
            program: evaluator.program.to_string(),
            person_id: V(evaluator.person),
            profile: json::of(&evaluator.profile)?,
            ended_on: evaluator.ended_on,
            version: evaluator.version,
        })
    }
}

impl TryFrom<Row> for Evaluator {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            program: json::program(&row.program)?,
            person: row.person_id.0,
            profile: json::read(row.profile)?,
            ended_on: row.ended_on,
            version: row.version,
        })
    }
}

/// What a list of evaluators is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct EvaluatorFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A set that they may judge.
    pub set: Option<SetCode>,
    /// Whether they are active.
    pub active: Option<bool>,
}

/// How many rows are read at a time where the profile's own text narrows a list.
const STEP: i64 = 200;

impl Evaluators<'_, '_> {
    /// The evaluator, held until the end of a write. [`Error::NotFound`] where there is none.
    pub fn get(&mut self, program: &ProgramCode, person: PersonId) -> Result<Evaluator, Error> {
        let row: Row = get_row!(
            self.0,
            evaluators::table
                .find((program.as_str().to_owned(), V(person)))
                .select(Row::as_select())
        )?;
        row.try_into()
    }

    /// Stores a new evaluator.
    pub fn insert(&mut self, evaluator: &Evaluator) -> Result<(), Error> {
        let row = Row::try_from(evaluator)?;
        each_backend!(self.0.conn, |c| diesel::insert_into(evaluators::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Stores a changed evaluator and moves the version on. [`Error::Stale`] when somebody else changed
    /// the record since it was read.
    pub fn save(&mut self, evaluator: &mut Evaluator) -> Result<(), Error> {
        let before = evaluator.version;
        evaluator.version = before.saturating_add(1);
        let row = Row::try_from(&*evaluator)?;
        let key = (row.program.clone(), row.person_id);
        let changed = each_backend!(self.0.conn, |c| diesel::update(
            evaluators::table.find(key.clone()).filter(evaluators::version.eq(before))
        )
        .set(&row)
        .execute(c))?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// A page of evaluators, by person.
    pub fn list(
        &mut self,
        filter: &EvaluatorFilter,
        page: Page<PersonId>,
    ) -> Result<Vec<Evaluator>, Error> {
        let wanted = usize::try_from(page.limit).unwrap_or(0);
        let (mut found, mut after) = (Vec::new(), page.after);
        loop {
            let rows = self.rows(filter, after)?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = Some(last.person_id.0);
            for row in rows {
                let evaluator = Evaluator::try_from(row)?;
                if filter.set.as_ref().is_none_or(|set| evaluator.profile.sets.contains(set)) {
                    found.push(evaluator);
                }
                if found.len() >= wanted {
                    return Ok(found);
                }
            }
        }
    }

    fn rows(
        &mut self,
        filter: &EvaluatorFilter,
        after: Option<PersonId>,
    ) -> Result<Vec<Row>, Error> {
        let rows = each_backend!(self.0.conn, |c| {
            let mut query = evaluators::table.select(Row::as_select()).into_boxed();
            if let Some(program) = &filter.program {
                query = query.filter(evaluators::program.eq(program.as_str().to_owned()));
            }
            match filter.active {
                Some(true) => query = query.filter(evaluators::ended_on.is_null()),
                Some(false) => query = query.filter(evaluators::ended_on.is_not_null()),
                None => {}
            }
            if let Some(after) = after {
                query = query.filter(evaluators::person_id.gt(V(after)));
            }
            query.order(evaluators::person_id.asc()).limit(STEP).load(c)
        })?;
        Ok(rows)
    }

    /// Every active evaluator who may judge a set, by person.
    pub fn all_active(
        &mut self,
        program: &ProgramCode,
        set: &SetCode,
    ) -> Result<Vec<Evaluator>, Error> {
        let filter = EvaluatorFilter {
            program: Some(program.clone()),
            set: Some(set.clone()),
            active: Some(true),
        };
        self.list(&filter, Page { after: None, limit: i64::MAX })
    }
}
