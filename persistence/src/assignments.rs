//! Assignments of evaluators to attempts of portfolios.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    AssignmentId, AttemptId, PersonId, PortfolioId,
    competency::SetCode,
    portfolio::{Assignment, AssignmentState, PortfolioAct},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{portfolio_assignments, portfolios},
    types::V,
};

/// The repository of assignments.
pub struct Assignments<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Assignments of evaluators.
    pub fn assignments(&mut self) -> Assignments<'_, 'c> {
        Assignments(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portfolio_assignments, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AssignmentId>,
    program: String,
    portfolio_id: V<PortfolioId>,
    attempt_id: V<AttemptId>,
    number: i64,
    set_code: String,
    seat: i64,
    evaluator_id: V<PersonId>,
    state: V<AssignmentState>,
    to_rate: V<Value>,
    ratings: V<Value>,
    assigned_on: NaiveDate,
    due_on: NaiveDate,
    reminded_on: Option<NaiveDate>,
    finalised_at: Option<V<DateTime<Utc>>>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<&Assignment> for Row {
    type Error = Error;
    fn try_from(assignment: &Assignment) -> Result<Self, Error> {
        Ok(Self {
            id: V(assignment.id),
            program: assignment.program.to_string(),
            portfolio_id: V(assignment.portfolio),
            attempt_id: V(assignment.attempt),
            number: assignment.number,
            set_code: assignment.set.to_string(),
            seat: assignment.seat,
            evaluator_id: V(assignment.evaluator),
            state: V(assignment.state),
            to_rate: json::of(&assignment.to_rate)?,
            ratings: json::of(&assignment.ratings)?,
            assigned_on: assignment.assigned_on,
            due_on: assignment.due_on,
            reminded_on: assignment.reminded_on,
            finalised_at: assignment.finalised_at.map(V),
            reason: assignment.reason.clone(),
            version: assignment.version,
        })
    }
}

impl TryFrom<Row> for Assignment {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            portfolio: row.portfolio_id.0,
            attempt: row.attempt_id.0,
            number: row.number,
            set: json::parsed(&row.set_code)?,
            seat: row.seat,
            evaluator: row.evaluator_id.0,
            state: row.state.0,
            to_rate: json::read(row.to_rate)?,
            ratings: json::read(row.ratings)?,
            assigned_on: row.assigned_on,
            due_on: row.due_on,
            reminded_on: row.reminded_on,
            finalised_at: row.finalised_at.map(|at| at.0),
            reason: row.reason,
            version: row.version,
        })
    }
}

aggregate!(Assignments, portfolio_assignments, Assignment, AssignmentId);

/// What a list of assignments is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// An evaluator.
    pub evaluator: Option<PersonId>,
    /// A portfolio.
    pub portfolio: Option<PortfolioId>,
    /// A state.
    pub state: Option<AssignmentState>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// Open and due before a day.
    pub overdue_before: Option<NaiveDate>,
    /// Of these portfolios only those of one evaluator.
    pub kept: Option<(Vec<PortfolioId>, PersonId)>,
}

impl Assignments<'_, '_> {
    /// A page of assignments, oldest first.
    pub fn list(
        &mut self,
        filter: &AssignmentFilter,
        page: Page<AssignmentId>,
    ) -> Result<Vec<Assignment>, Error> {
        page!(self.0, portfolio_assignments, page, |query| {
            if let Some(program) = &filter.program {
                query =
                    query.filter(portfolio_assignments::program.eq(program.as_str().to_owned()));
            }
            if let Some(evaluator) = filter.evaluator {
                query = query.filter(portfolio_assignments::evaluator_id.eq(V(evaluator)));
            }
            if let Some(portfolio) = filter.portfolio {
                query = query.filter(portfolio_assignments::portfolio_id.eq(V(portfolio)));
            }
            if let Some(state) = filter.state {
                query = query.filter(portfolio_assignments::state.eq(V(state)));
            }
            if let Some(set) = &filter.set {
                query = query.filter(portfolio_assignments::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(day) = filter.overdue_before {
                query = query
                    .filter(portfolio_assignments::state.eq(V(AssignmentState::Open)))
                    .filter(portfolio_assignments::due_on.lt(day));
            }
            if let Some((portfolios, evaluator)) = &filter.kept {
                let others = portfolios.iter().map(|id| V(*id));
                query = query.filter(
                    portfolio_assignments::portfolio_id
                        .ne_all(others)
                        .or(portfolio_assignments::evaluator_id.eq(V(*evaluator))),
                );
            }
        })
    }

    /// The portfolios that are judged now and of which somebody has an assignment that is open or final.
    pub fn judged_by(&mut self, evaluator: PersonId) -> Result<Vec<PortfolioId>, Error> {
        let live = [V(AssignmentState::Open), V(AssignmentState::Final)];
        let found: Vec<V<PortfolioId>> = each_backend!(self.0.conn, |c| {
            let judged = portfolios::table
                .filter(
                    portfolios::state.eq_any(PortfolioAct::Rate.from().iter().map(|one| V(*one))),
                )
                .select(portfolios::id);
            portfolio_assignments::table
                .filter(portfolio_assignments::evaluator_id.eq(V(evaluator)))
                .filter(portfolio_assignments::state.eq_any(live))
                .filter(portfolio_assignments::portfolio_id.eq_any(judged))
                .order(portfolio_assignments::portfolio_id.asc())
                .select(portfolio_assignments::portfolio_id)
                .distinct()
                .load(c)
        })?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The portfolio of an assignment, without holding either: the portfolio is taken first, then the
    /// assignment. [`Error::NotFound`] where there is none.
    pub fn portfolio_of(&mut self, id: AssignmentId) -> Result<PortfolioId, Error> {
        let found: V<PortfolioId> = each_backend!(self.0.conn, |c| portfolio_assignments::table
            .find(V(id))
            .select(portfolio_assignments::portfolio_id)
            .first(c))?;
        Ok(found.0)
    }

    /// Every assignment of a portfolio, of all of its attempts, in the order of assignment.
    pub fn of(&mut self, portfolio: PortfolioId) -> Result<Vec<Assignment>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| portfolio_assignments::table
            .filter(portfolio_assignments::portfolio_id.eq(V(portfolio)))
            .order(portfolio_assignments::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many portfolios each evaluator took on between two days, both included: open or rated, each
    /// portfolio once. Evaluators without any are left out.
    pub fn loads(
        &mut self,
        program: &ProgramCode,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<HashMap<PersonId, u32>, Error> {
        let counted = [V(AssignmentState::Open), V(AssignmentState::Final)];
        let pairs: Vec<(V<PersonId>, V<PortfolioId>)> =
            each_backend!(self.0.conn, |c| portfolio_assignments::table
                .filter(portfolio_assignments::program.eq(program.as_str().to_owned()))
                .filter(portfolio_assignments::state.eq_any(counted))
                .filter(portfolio_assignments::assigned_on.between(first, last))
                .select((portfolio_assignments::evaluator_id, portfolio_assignments::portfolio_id))
                .distinct()
                .load(c))?;
        let mut loads: HashMap<PersonId, u32> = HashMap::new();
        for (evaluator, _) in pairs {
            let load = loads.entry(evaluator.0).or_default();
            *load = load.saturating_add(1);
        }
        Ok(loads)
    }

    /// The open assignments of a program that are due on a day or before it and of whom nobody was
    /// reminded: the earliest first, at most `limit`.
    pub fn to_remind(
        &mut self,
        program: &ProgramCode,
        due: NaiveDate,
        limit: i64,
    ) -> Result<Vec<AssignmentId>, Error> {
        let found: Vec<V<AssignmentId>> =
            each_backend!(self.0.conn, |c| portfolio_assignments::table
                .filter(portfolio_assignments::program.eq(program.as_str().to_owned()))
                .filter(portfolio_assignments::state.eq(V(AssignmentState::Open)))
                .filter(portfolio_assignments::reminded_on.is_null())
                .filter(portfolio_assignments::due_on.le(due))
                .order((portfolio_assignments::due_on.asc(), portfolio_assignments::id.asc()))
                .limit(limit)
                .select(portfolio_assignments::id)
                .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The open assignments of a program that were due before a day: the earliest first, at most `limit`.
    pub fn lapsed(
        &mut self,
        program: &ProgramCode,
        before: NaiveDate,
        limit: i64,
    ) -> Result<Vec<AssignmentId>, Error> {
        let found: Vec<V<AssignmentId>> =
            each_backend!(self.0.conn, |c| portfolio_assignments::table
                .filter(portfolio_assignments::program.eq(program.as_str().to_owned()))
                .filter(portfolio_assignments::state.eq(V(AssignmentState::Open)))
                .filter(portfolio_assignments::due_on.lt(before))
                .order((portfolio_assignments::due_on.asc(), portfolio_assignments::id.asc()))
                .limit(limit)
                .select(portfolio_assignments::id)
                .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }

    /// The two evaluators' assignments of first attempts, the first seat's and the second seat's. A pair
    /// belongs where its later ratings were final: from `from` on and before `until`.
    pub fn pairs(
        &mut self,
        program: &ProgramCode,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<(Assignment, Assignment)>, Error> {
        let later = diesel::alias!(portfolio_assignments as later_assignments);
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let ended = later
                .filter(later.field(portfolio_assignments::program).eq(program.as_str().to_owned()))
                .filter(later.field(portfolio_assignments::state).eq(V(AssignmentState::Final)))
                .filter(later.field(portfolio_assignments::number).eq(1))
                .filter(later.field(portfolio_assignments::seat).le(2))
                .filter(later.field(portfolio_assignments::finalised_at).ge(V(from)))
                .filter(later.field(portfolio_assignments::finalised_at).lt(V(until)))
                .select(later.field(portfolio_assignments::attempt_id));
            portfolio_assignments::table
                .filter(portfolio_assignments::attempt_id.eq_any(ended))
                .filter(portfolio_assignments::state.eq(V(AssignmentState::Final)))
                .filter(portfolio_assignments::seat.le(2))
                .filter(portfolio_assignments::finalised_at.lt(V(until)))
                .order((portfolio_assignments::attempt_id.asc(), portfolio_assignments::seat.asc()))
                .select(Row::as_select())
                .load(c)
        })?;
        let mut firsts: BTreeMap<AttemptId, Assignment> = BTreeMap::new();
        let mut pairs = Vec::new();
        for row in rows {
            let assignment = Assignment::try_from(row)?;
            if assignment.seat == 1 {
                firsts.insert(assignment.attempt, assignment);
            } else if let Some(first) = firsts.remove(&assignment.attempt) {
                pairs.push((first, assignment));
            }
        }
        Ok(pairs)
    }
}
