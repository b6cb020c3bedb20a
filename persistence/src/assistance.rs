//! Requests for enrollment assistance.

use chrono::NaiveDate;
use diesel::{dsl::exists, prelude::*};
use domain::{
    AssistanceId, AwardRoundId, InvoiceId, PersonId,
    award::{Assistance, AssistanceState},
    program::ProgramCode,
};

use crate::{
    Error, Optional, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::assistance_requests,
    types::V,
};

/// The repository of requests for enrollment assistance.
pub struct AssistanceRequests<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Requests for enrollment assistance.
    pub fn assistance(&mut self) -> AssistanceRequests<'_, 'c> {
        AssistanceRequests(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assistance_requests, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AssistanceId>,
    program: String,
    round_id: V<AwardRoundId>,
    person_id: V<PersonId>,
    amount_cents: i64,
    requested_on: NaiveDate,
    withdrawn_on: Option<NaiveDate>,
    rank: Option<i64>,
    granted_on: Option<NaiveDate>,
    invoice_id: Option<V<InvoiceId>>,
    version: i64,
}

impl TryFrom<&Assistance> for Row {
    type Error = Error;
    fn try_from(assistance: &Assistance) -> Result<Self, Error> {
        Ok(Self {
            id: V(assistance.id),
            program: assistance.program.to_string(),
            round_id: V(assistance.round),
            person_id: V(assistance.person),
            amount_cents: assistance.amount_cents,
            requested_on: assistance.requested_on,
            withdrawn_on: assistance.withdrawn_on,
            rank: assistance.rank,
            granted_on: assistance.granted_on,
            invoice_id: assistance.invoice.map(V),
            version: assistance.version,
        })
    }
}

impl TryFrom<Row> for Assistance {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            round: row.round_id.0,
            person: row.person_id.0,
            amount_cents: row.amount_cents,
            requested_on: row.requested_on,
            withdrawn_on: row.withdrawn_on,
            rank: row.rank,
            granted_on: row.granted_on,
            invoice: row.invoice_id.map(|one| one.0),
            version: row.version,
        })
    }
}

aggregate!(AssistanceRequests, assistance_requests, Assistance, AssistanceId);

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AssistanceFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A round.
    pub round: Option<AwardRoundId>,
    /// Who asked.
    pub person: Option<PersonId>,
    /// Where they stand.
    pub state: Option<AssistanceState>,
}

impl AssistanceRequests<'_, '_> {
    /// A page of requests, oldest first.
    pub fn list(
        &mut self,
        filter: &AssistanceFilter,
        page: Page<AssistanceId>,
    ) -> Result<Vec<Assistance>, Error> {
        page!(self.0, assistance_requests, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(assistance_requests::program.eq(program.as_str().to_owned()));
            }
            if let Some(round) = filter.round {
                query = query.filter(assistance_requests::round_id.eq(V(round)));
            }
            if let Some(person) = filter.person {
                query = query.filter(assistance_requests::person_id.eq(V(person)));
            }
            query = match filter.state {
                Some(AssistanceState::Withdrawn) => {
                    query.filter(assistance_requests::withdrawn_on.is_not_null())
                }
                Some(AssistanceState::Used) => {
                    query.filter(assistance_requests::invoice_id.is_not_null())
                }
                Some(AssistanceState::Granted) => query
                    .filter(assistance_requests::granted_on.is_not_null())
                    .filter(assistance_requests::invoice_id.is_null()),
                Some(AssistanceState::NotDrawn) => query
                    .filter(assistance_requests::rank.is_not_null())
                    .filter(assistance_requests::granted_on.is_null()),
                Some(AssistanceState::Requested) => query
                    .filter(assistance_requests::withdrawn_on.is_null())
                    .filter(assistance_requests::rank.is_null()),
                None => query,
            };
        })
    }

    /// The tickets of a round: every request that was not withdrawn, in order of their ids. Hold the round
    /// first.
    pub fn tickets(&mut self, round: AwardRoundId) -> Result<Vec<Assistance>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| assistance_requests::table
            .filter(assistance_requests::round_id.eq(V(round)))
            .filter(assistance_requests::withdrawn_on.is_null())
            .order(assistance_requests::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Whether a program has granted a person assistance, used or not.
    pub fn helped(&mut self, program: &ProgramCode, person: PersonId) -> Result<bool, Error> {
        let granted = assistance_requests::table
            .filter(assistance_requests::program.eq(program.as_str()))
            .filter(assistance_requests::person_id.eq(V(person)))
            .filter(assistance_requests::granted_on.is_not_null());
        Ok(each_backend!(self.0.conn, |c| diesel::select(exists(granted)).get_result(c))?)
    }

    /// A person's assistance that is granted and has paid nothing yet, held until the end of a write.
    pub fn granted_of(
        &mut self,
        program: &ProgramCode,
        person: PersonId,
    ) -> Result<Option<Assistance>, Error> {
        let row: Result<Row, Error> = get_row!(
            self.0,
            assistance_requests::table
                .filter(assistance_requests::program.eq(program.as_str()))
                .filter(assistance_requests::person_id.eq(V(person)))
                .filter(assistance_requests::granted_on.is_not_null())
                .filter(assistance_requests::invoice_id.is_null())
                .select(Row::as_select())
        );
        row.found()?.map(TryInto::try_into).transpose()
    }

    /// The assistance that paid an invoice, held until the end of a write.
    pub fn of_invoice(&mut self, invoice: InvoiceId) -> Result<Option<Assistance>, Error> {
        let row: Result<Row, Error> = get_row!(
            self.0,
            assistance_requests::table
                .filter(assistance_requests::invoice_id.eq(V(invoice)))
                .select(Row::as_select())
        );
        row.found()?.map(TryInto::try_into).transpose()
    }
}
