//! How far evaluators agree, and how long they take.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use domain::{
    access::{Action, Facts},
    competency::SetCode,
    portfolio::{Assignment, AssignmentState, Rating, agreement},
    program::ProgramCode,
};
use persistence::{AssignmentFilter, Page, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    clock::business_day,
    extract::{AsOf, Query},
    flows::program::{self, InForce},
    problem::Problem,
};

/// Registers the operation of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(get_evaluator_agreement);
}

/// How far two evaluators agree, and how long evaluators take.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementFiguresView {
    /// Pairs of ratings: one competency, rated by the two evaluators of a first attempt.
    pub pairs: u64,
    /// Pairs that are alike.
    pub agreed: u64,
    /// Their share, with four digits; null without pairs.
    #[schema(example = 0.8571)]
    pub raw_agreement: Option<f64>,
    /// Cohen's kappa, with four digits: agreement beyond what chance would give. Null where that is not
    /// defined: without pairs, and where both evaluators gave the same rating throughout.
    #[schema(example = 0.72)]
    pub kappa: Option<f64>,
    /// Ratings that became final, of every seat and round.
    pub finished: u64,
    /// The days from assignment to final ratings: their median; null without any.
    #[schema(example = 9.5)]
    pub median_days: Option<f64>,
}

/// The figures of one competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetAgreementView {
    /// The set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    #[serde(flatten)]
    #[schema(inline)]
    figures: AgreementFiguresView,
}

/// How far evaluators agree in a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvaluatorAgreementView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The first day of the period.
    pub from: NaiveDate,
    /// The last day of the period.
    pub until: NaiveDate,
    /// The sets of which something was rated, in the order of their codes.
    pub sets: Vec<SetAgreementView>,
    /// All of them together.
    pub total: AgreementFiguresView,
}

/// Which period.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgreementQuery {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day: 1 January of this year unless said otherwise.
    pub from: Option<AsOf>,
    /// The last day: today unless said otherwise.
    pub until: Option<AsOf>,
}

/// What was rated of a set.
#[derive(Default)]
struct Rated {
    pairs: Vec<(Rating, Rating)>,
    days: Vec<i64>,
}

impl Rated {
    fn figures(&self) -> AgreementFiguresView {
        let figures = agreement(&self.pairs);
        let number =
            |share: i64| i32::try_from(share).ok().map(|share| f64::from(share) / 10_000.0);
        AgreementFiguresView {
            pairs: figures.pairs,
            agreed: figures.agreed,
            raw_agreement: figures.raw_agreement.and_then(number),
            kappa: figures.kappa.and_then(number),
            finished: u64::try_from(self.days.len()).unwrap_or(u64::MAX),
            median_days: median(self.days.clone()),
        }
    }
}

/// The median of days: the mean of the middle two where their number is even.
fn median(mut days: Vec<i64>) -> Option<f64> {
    days.sort_unstable();
    let upper = days.get(days.len() / 2).copied()?;
    let lower = days.get(days.len().saturating_sub(1) / 2).copied()?;
    i32::try_from(lower.saturating_add(upper)).ok().map(|sum| f64::from(sum) / 2.0)
}

/// Read how far evaluators agree
///
/// For each competency set: how often the two evaluators of a first attempt gave the same rating, Cohen's
/// kappa, and the median of the days from assignment to final ratings. Of what became final in the period;
/// void ratings do not count, and a pair counts when both became final in it.
#[utoipa::path(tag = "Office", params(AgreementQuery),
    responses((status = 200, body = EvaluatorAgreementView)))]
#[get("/v1/reports/evaluator-agreement")]
pub(crate) async fn get_evaluator_agreement(
    app: App,
    call: Call,
    query: Query<AgreementQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetEvaluatorAgreement, &Facts::default())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            if program::asked(tx, &code)?.is_none() {
                let detail = format!("There is no program {code}.");
                return Err(Problem::query("program", "unknown", detail));
            }
            let rules = program::in_force(&app, tx, &code)?;
            let today = rules.today;
            let first = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
            let (from, until) = (AsOf::or(query.from, first), AsOf::or(query.until, today));
            if from > until {
                let detail = format!("{from} lies after {until}.");
                return Err(Problem::query("until", "order", detail));
            }
            let mut sets: BTreeMap<SetCode, Rated> = BTreeMap::new();
            pair(tx, &rules, (from, until), &mut sets)?;
            time(tx, &rules, (from, until), &mut sets)?;
            let mut total = Rated::default();
            for rated in sets.values() {
                total.pairs.extend(&rated.pairs);
                total.days.extend(&rated.days);
            }
            let views = sets.iter().map(|(set, rated)| SetAgreementView {
                set: set.clone(),
                figures: rated.figures(),
            });
            let view = EvaluatorAgreementView {
                program: code,
                from,
                until,
                sets: views.collect(),
                total: total.figures(),
            };
            Ok(Reply::ok(&view).private())
        })
        .await
}

/// The business day on which ratings became final, when it lies in the period.
fn finished_on(
    rules: &InForce,
    (from, until): (NaiveDate, NaiveDate),
    one: &Assignment,
) -> Option<NaiveDate> {
    let day = business_day(one.finalised_at?, &rules.program);
    (from..=until).contains(&day).then_some(day)
}

/// Reads the pairs of ratings.
fn pair(
    tx: &mut Tx<'_>,
    rules: &InForce,
    period: (NaiveDate, NaiveDate),
    sets: &mut BTreeMap<SetCode, Rated>,
) -> Result<(), Problem> {
    // A business day begins within a day of the same day in UTC.
    let begins = period.0.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
    let ends = period.1.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(2);
    for (one, other) in tx.assignments().pairs(&rules.program.code, begins, ends)? {
        let finished = |one| finished_on(rules, period, one).is_some();
        if !finished(&one) || !finished(&other) {
            continue;
        }
        let rated = sets.entry(one.set.clone()).or_default();
        for mine in &one.ratings {
            let theirs = other.rating(&mine.competency).and_then(|found| found.rating);
            rated.pairs.extend(mine.rating.zip(theirs));
        }
    }
    Ok(())
}

/// Reads how long evaluators took.
fn time(
    tx: &mut Tx<'_>,
    rules: &InForce,
    period: (NaiveDate, NaiveDate),
    sets: &mut BTreeMap<SetCode, Rated>,
) -> Result<(), Problem> {
    let filter = AssignmentFilter {
        program: Some(rules.program.code.clone()),
        state: Some(AssignmentState::Final),
        ..AssignmentFilter::default()
    };
    let mut after = None;
    loop {
        let page = tx.assignments().list(&filter, Page { after, limit: 500 })?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for one in page {
            let Some(day) = finished_on(rules, period, &one) else { continue };
            let took = day.signed_duration_since(one.assigned_on).num_days();
            sets.entry(one.set).or_default().days.push(took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(vec![9, 1, 4]), Some(4.0));
        assert_eq!(median(vec![9, 1, 4, 5]), Some(4.5));
    }
}
