//! Portfolios.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    AttemptId, CandidacyId, InvoiceId, PersonId, PortfolioId,
    competency::SetCode,
    portfolio::{Portfolio, PortfolioState},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::portfolios,
    types::V,
};

/// The repository of portfolios.
pub struct Portfolios<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Portfolios.
    pub fn portfolios(&mut self) -> Portfolios<'_, 'c> {
        Portfolios(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portfolios, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<PortfolioId>,
    program: String,
    candidacy_id: V<CandidacyId>,
    person_id: V<PersonId>,
    set_code: String,
    state: V<PortfolioState>,
    content: V<Value>,
    invoice_id: Option<V<InvoiceId>>,
    pre_review: Option<V<Value>>,
    pre_review_waits: bool,
    attempt_id: Option<V<AttemptId>>,
    attempts: i64,
    round: i64,
    requested: V<Value>,
    disputed: V<Value>,
    chance_ends_on: Option<NaiveDate>,
    submitted_on: Option<NaiveDate>,
    decided_on: Option<NaiveDate>,
    created_at: V<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<&Portfolio> for Row {
    type Error = Error;
    fn try_from(portfolio: &Portfolio) -> Result<Self, Error> {
        let asked = portfolio.pre_review.as_ref().is_some_and(|one| one.commented_on.is_none());
        Ok(Self {
            id: V(portfolio.id),
            program: portfolio.program.to_string(),
            candidacy_id: V(portfolio.candidacy),
            person_id: V(portfolio.person),
            set_code: portfolio.set.to_string(),
            state: V(portfolio.state),
            content: json::of(&portfolio.content)?,
            invoice_id: portfolio.invoice.map(V),
            pre_review: portfolio.pre_review.as_ref().map(json::of).transpose()?,
            // Nobody answers once it is submitted or withdrawn.
            pre_review_waits: asked && portfolio.state == PortfolioState::Draft,
            attempt_id: portfolio.attempt.map(V),
            attempts: portfolio.attempts,
            round: portfolio.round,
            requested: json::of(&portfolio.requested)?,
            disputed: json::of(&portfolio.disputed)?,
            chance_ends_on: portfolio.chance_ends_on,
            submitted_on: portfolio.submitted_on,
            decided_on: portfolio.decided_on,
            created_at: V(portfolio.created_at),
            version: portfolio.version,
        })
    }
}

impl TryFrom<Row> for Portfolio {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            candidacy: row.candidacy_id.0,
            person: row.person_id.0,
            set: json::parsed(&row.set_code)?,
            state: row.state.0,
            content: json::read(row.content)?,
            invoice: row.invoice_id.map(|id| id.0),
            pre_review: row.pre_review.map(json::read).transpose()?,
            attempt: row.attempt_id.map(|id| id.0),
            attempts: row.attempts,
            round: row.round,
            requested: json::read(row.requested)?,
            disputed: json::read(row.disputed)?,
            chance_ends_on: row.chance_ends_on,
            submitted_on: row.submitted_on,
            decided_on: row.decided_on,
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}

aggregate!(Portfolios, portfolios, Portfolio, PortfolioId);

/// What a list of portfolios is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct PortfolioFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A candidate.
    pub person: Option<PersonId>,
    /// A candidacy.
    pub candidacy: Option<CandidacyId>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// A state.
    pub state: Option<PortfolioState>,
    /// Whether the office owes a review before submission.
    pub pre_review_waits: Option<bool>,
}

impl Portfolios<'_, '_> {
    /// A page of portfolios, oldest first.
    pub fn list(
        &mut self,
        filter: &PortfolioFilter,
        page: Page<PortfolioId>,
    ) -> Result<Vec<Portfolio>, Error> {
        page!(self.0, portfolios, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(portfolios::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(portfolios::person_id.eq(V(person)));
            }
            if let Some(candidacy) = filter.candidacy {
                query = query.filter(portfolios::candidacy_id.eq(V(candidacy)));
            }
            if let Some(set) = &filter.set {
                query = query.filter(portfolios::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(state) = filter.state {
                query = query.filter(portfolios::state.eq(V(state)));
            }
            if let Some(waits) = filter.pre_review_waits {
                query = query.filter(portfolios::pre_review_waits.eq(waits));
            }
        })
    }

    /// The portfolios of a candidacy for a set, oldest first.
    pub fn of_set(
        &mut self,
        candidacy: CandidacyId,
        set: &SetCode,
    ) -> Result<Vec<Portfolio>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| portfolios::table
            .filter(portfolios::candidacy_id.eq(V(candidacy)))
            .filter(portfolios::set_code.eq(set.as_str().to_owned()))
            .order(portfolios::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The ids of the open portfolios of a candidacy, oldest first.
    pub fn open_of(&mut self, candidacy: CandidacyId) -> Result<Vec<PortfolioId>, Error> {
        let open = PortfolioState::OPEN.iter().map(|one| V(*one));
        let found: Vec<V<PortfolioId>> = each_backend!(self.0.conn, |c| portfolios::table
            .filter(portfolios::candidacy_id.eq(V(candidacy)))
            .filter(portfolios::state.eq_any(open.clone()))
            .order(portfolios::id.asc())
            .select(portfolios::id)
            .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The ids of every portfolio of somebody, oldest first.
    pub fn ids_of(&mut self, person: PersonId) -> Result<Vec<PortfolioId>, Error> {
        let found: Vec<V<PortfolioId>> = each_backend!(self.0.conn, |c| portfolios::table
            .filter(portfolios::person_id.eq(V(person)))
            .order(portfolios::id.asc())
            .select(portfolios::id)
            .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The portfolios of a program whose one chance ended before a day, without being used: the earliest
    /// first, at most `limit`.
    pub fn chances_ended(
        &mut self,
        program: &ProgramCode,
        before: NaiveDate,
        limit: i64,
    ) -> Result<Vec<PortfolioId>, Error> {
        let found: Vec<V<PortfolioId>> = each_backend!(self.0.conn, |c| portfolios::table
            .filter(portfolios::program.eq(program.as_str().to_owned()))
            .filter(portfolios::state.eq(V(PortfolioState::MoreInformation)))
            .filter(portfolios::chance_ends_on.lt(before))
            .order((portfolios::chance_ends_on.asc(), portfolios::id.asc()))
            .limit(limit)
            .select(portfolios::id)
            .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The portfolio whose fee an invoice is for.
    pub fn by_invoice(&mut self, invoice: InvoiceId) -> Result<Option<PortfolioId>, Error> {
        let found: Option<V<PortfolioId>> = each_backend!(self.0.conn, |c| portfolios::table
            .filter(portfolios::invoice_id.eq(V(invoice)))
            .order(portfolios::id.asc())
            .select(portfolios::id)
            .first(c)
            .optional())?;
        Ok(found.map(|id| id.0))
    }
}
