//! What of portfolios waits for somebody, and since when.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    AssignmentId, PersonId, PortfolioId,
    access::{Action, Facts},
    calendar,
    competency::SetCode,
    id::{AssignmentKind, PersonKind, PortfolioKind},
    portfolio::{Assignment, Portfolio, PortfolioAct, THIRD_SEAT, free_seats},
    program::ProgramCode,
    words,
};
use persistence::{AssignmentFilter, Page, PortfolioFilter, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::assignments::{self, EligibilityView};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    clock::business_day,
    extract::Query,
    flows::{
        evaluation::{self, Parts},
        program::{self, InForce},
    },
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
};

/// Registers the operation of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(get_portfolio_queue);
}

words! {
    /// What of a portfolio waits for somebody.
    pub enum Waiting {
        /// A seat for an evaluator.
        FreeSeat = "free_seat",
        /// Ratings that are late.
        Overdue = "overdue",
        /// A candidate for a review before submission.
        PreReview = "pre_review",
    }
}

/// Something that waits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueItemView {
    /// What waits.
    #[schema(schema_with = one_of::<Waiting>)]
    pub kind: Waiting,
    /// The portfolio.
    #[schema(schema_with = id_of::<PortfolioKind>)]
    pub portfolio_id: PortfolioId,
    /// The candidate.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The day since which it waits: of the submission or the split, the due day, the day of the request.
    pub since: NaiveDate,
    /// The working days, Monday to Friday, since then.
    pub working_days: u32,
    /// The seat.
    #[schema(minimum = 1, maximum = 3)]
    pub seat: Option<i64>,
    /// The assignment that is late.
    #[schema(schema_with = id_of_or_null::<AssignmentKind>)]
    pub assignment_id: Option<AssignmentId>,
    /// Its evaluator.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub evaluator_id: Option<PersonId>,
    /// For a free seat the active evaluators of the set, and why each may judge it or not.
    pub evaluators: Vec<EligibilityView>,
}

impl QueueItemView {
    fn of(kind: Waiting, portfolio: &Portfolio, since: NaiveDate, today: NaiveDate) -> Self {
        Self {
            kind,
            portfolio_id: portfolio.id,
            person_id: portfolio.person,
            set: portfolio.set.clone(),
            since,
            working_days: calendar::working_days(since, today),
            seat: None,
            assignment_id: None,
            evaluator_id: None,
            evaluators: Vec::new(),
        }
    }
}

/// What of the queue is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only what waits for this.
    #[param(schema_with = one_of::<Waiting>, required = false)]
    pub kind: Option<Waiting>,
    /// Only of a competency set.
    #[param(value_type = Option<String>, example = "FND")]
    pub set: Option<SetCode>,
}

/// Rows that are read at once.
const STEP: i64 = 200;

/// Read what of portfolios waits
///
/// Seats without an evaluator, with the reasons; ratings that are late; reviews before submission that
/// candidates asked for. What waits longest comes first, all on one page. What the caller is part of, as its
/// candidate or as an evaluator, is left out.
#[utoipa::path(tag = "Office", params(QueueQuery),
    responses((status = 200, body = Listing<QueueItemView>)))]
#[get("/v1/portfolio-queue")]
pub(crate) async fn get_portfolio_queue(
    app: App,
    call: Call,
    query: Query<QueueQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetPortfolioQueue, &Facts::default())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            if program::asked(tx, &code)?.is_none() {
                return Ok(Listing::<QueueItemView>::whole(Vec::new()).reply(call));
            }
            let rules = program::in_force(&app, tx, &code)?;
            let wanted = |kind| query.kind.is_none_or(|asked| asked == kind);
            let mut items = Vec::new();
            if wanted(Waiting::FreeSeat) {
                items.extend(free(tx, &rules, query.set.as_ref())?);
            }
            if wanted(Waiting::Overdue) {
                items.extend(overdue(tx, &rules, query.set.as_ref())?);
            }
            if wanted(Waiting::PreReview) {
                items.extend(pre_reviews(tx, &rules, query.set.as_ref())?);
            }
            if let Some(parts) = Parts::of(tx, call.caller())? {
                items.retain(|one| !parts.keep(one.portfolio_id, one.evaluator_id));
            }
            items.sort_by_key(|one| (one.since, one.portfolio_id, one.seat));
            Ok(Listing::whole(items).reply(call))
        })
        .await
}

fn portfolios(tx: &mut Tx<'_>, filter: &PortfolioFilter) -> Result<Vec<Portfolio>, Problem> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = tx.portfolios().list(filter, Page { after, limit: STEP })?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        found.extend(page);
    }
}

fn free(
    tx: &mut Tx<'_>,
    rules: &InForce,
    set: Option<&SetCode>,
) -> Result<Vec<QueueItemView>, Problem> {
    let mut items = Vec::new();
    for state in PortfolioAct::Rate.from() {
        let filter = PortfolioFilter {
            program: Some(rules.program.code.clone()),
            set: set.cloned(),
            state: Some(*state),
            ..PortfolioFilter::default()
        };
        for portfolio in portfolios(tx, &filter)? {
            if free_seats(&portfolio, &tx.assignments().of(portfolio.id)?).is_empty() {
                continue;
            }
            let attempt = evaluation::present(tx, &portfolio)?;
            let submitted_on = business_day(attempt.submitted_at, &rules.program);
            let split_on = attempt.outcome().map_or(submitted_on, |one| one.decided_on);
            for waiting in assignments::waiting(tx, rules, &portfolio)? {
                let since = if waiting.seat == THIRD_SEAT { split_on } else { submitted_on };
                items.push(QueueItemView {
                    seat: Some(waiting.seat),
                    evaluators: waiting.evaluators,
                    ..QueueItemView::of(Waiting::FreeSeat, &portfolio, since, rules.today)
                });
            }
        }
    }
    Ok(items)
}

fn overdue(
    tx: &mut Tx<'_>,
    rules: &InForce,
    set: Option<&SetCode>,
) -> Result<Vec<QueueItemView>, Problem> {
    let filter = AssignmentFilter {
        program: Some(rules.program.code.clone()),
        set: set.cloned(),
        overdue_before: Some(rules.today),
        ..AssignmentFilter::default()
    };
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page: Vec<Assignment> = tx.assignments().list(&filter, Page { after, limit: STEP })?;
        let Some(last) = page.last() else { return Ok(items) };
        after = Some(last.id);
        for late in page {
            let portfolio = tx.portfolios().get(late.portfolio)?;
            items.push(QueueItemView {
                seat: Some(late.seat),
                assignment_id: Some(late.id),
                evaluator_id: Some(late.evaluator),
                ..QueueItemView::of(Waiting::Overdue, &portfolio, late.due_on, rules.today)
            });
        }
    }
}

fn pre_reviews(
    tx: &mut Tx<'_>,
    rules: &InForce,
    set: Option<&SetCode>,
) -> Result<Vec<QueueItemView>, Problem> {
    let filter = PortfolioFilter {
        program: Some(rules.program.code.clone()),
        set: set.cloned(),
        pre_review_waits: Some(true),
        ..PortfolioFilter::default()
    };
    let waiting = portfolios(tx, &filter)?.into_iter();
    let item = |one: Portfolio| {
        let since = one.pre_review.as_ref()?.requested_on;
        Some(QueueItemView::of(Waiting::PreReview, &one, since, rules.today))
    };
    Ok(waiting.filter_map(item).collect())
}
