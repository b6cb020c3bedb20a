//! Course subsidies.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    CompletionId, PayoutId, PersonId, SubsidyId,
    award::{Subsidy, SubsidyState},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::subsidies,
    types::V,
};

/// The repository of course subsidies.
pub struct Subsidies<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Course subsidies.
    pub fn subsidies(&mut self) -> Subsidies<'_, 'c> {
        Subsidies(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subsidies, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<SubsidyId>,
    program: String,
    person_id: V<PersonId>,
    completion_id: V<CompletionId>,
    paid_cents: i64,
    receipt_url: String,
    state: V<SubsidyState>,
    requested_on: NaiveDate,
    decided_on: Option<NaiveDate>,
    granted_cents: Option<i64>,
    reason: Option<String>,
    payout_id: Option<V<PayoutId>>,
    version: i64,
}

impl TryFrom<&Subsidy> for Row {
    type Error = Error;
    fn try_from(subsidy: &Subsidy) -> Result<Self, Error> {
        Ok(Self {
            id: V(subsidy.id),
            program: subsidy.program.to_string(),
            person_id: V(subsidy.person),
            completion_id: V(subsidy.completion),
            paid_cents: subsidy.paid_cents,
            receipt_url: subsidy.receipt_url.clone(),
            state: V(subsidy.state),
            requested_on: subsidy.requested_on,
            decided_on: subsidy.decided_on,
            granted_cents: subsidy.granted_cents,
            reason: subsidy.reason.clone(),
            payout_id: subsidy.payout.map(V),
            version: subsidy.version,
        })
    }
}

impl TryFrom<Row> for Subsidy {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            completion: row.completion_id.0,
            paid_cents: row.paid_cents,
            receipt_url: row.receipt_url,
            state: row.state.0,
            requested_on: row.requested_on,
            decided_on: row.decided_on,
            granted_cents: row.granted_cents,
            reason: row.reason,
            payout: row.payout_id.map(|one| one.0),
            version: row.version,
        })
    }
}

aggregate!(Subsidies, subsidies, Subsidy, SubsidyId);

/// What a list of subsidies is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct SubsidyFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Who asked.
    pub person: Option<PersonId>,
    /// Of which completion.
    pub completion: Option<CompletionId>,
    /// Where they stand.
    pub state: Option<SubsidyState>,
}

impl Subsidies<'_, '_> {
    /// A page of subsidies, oldest request first.
    pub fn list(
        &mut self,
        filter: &SubsidyFilter,
        page: Page<SubsidyId>,
    ) -> Result<Vec<Subsidy>, Error> {
        page!(self.0, subsidies, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(subsidies::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(subsidies::person_id.eq(V(person)));
            }
            if let Some(completion) = filter.completion {
                query = query.filter(subsidies::completion_id.eq(V(completion)));
            }
            if let Some(state) = filter.state {
                query = query.filter(subsidies::state.eq(V(state)));
            }
        })
    }
}
