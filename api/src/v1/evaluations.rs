//! Evaluations: the program's rules on facts that a caller hands in. Public, stateless: nothing is
//! stored, and the answer depends on the facts and on the policy in force alone.

pub mod certification;
pub mod course_credit;
pub mod eligibility;
pub mod fees;
pub mod portfolio;
pub mod recognition;
pub mod renewal;
pub mod status;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use domain::{
    BadFact, Finding,
    access::{Action, Facts},
    calendar,
    competency::{Framework, SetCode},
    policy::Policy,
    program::ProgramCode,
};
use persistence::{Error, Tx};
use serde::{Serialize, de::DeserializeOwned};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{FindingView, Reply},
    app::App,
    call::Call,
    extract::Body,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(eligibility::evaluate_eligibility)
        .service(fees::evaluate_fees)
        .service(course_credit::evaluate_course_credit)
        .service(portfolio::evaluate_portfolio_outcome)
        .service(recognition::evaluate_recognition_coverage)
        .service(certification::evaluate_certification)
        .service(renewal::evaluate_renewal)
        .service(status::evaluate_certification_status);
}

/// What an evaluation reads of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramData {
    /// The policy in force on the request's [`Evaluation::policy_day`].
    pub policy: Policy,
    /// The competency sets in force on that day.
    pub framework: Framework,
}

/// The facts of one of the evaluations.
pub trait Evaluation: DeserializeOwned {
    /// What they come to.
    type Answer: Serialize;
    /// The program's code as it was sent; none for the default one.
    fn program(&self) -> Option<&str>;
    /// The day whose policy decides; none for today.
    fn policy_day(&self) -> Option<NaiveDate>;
    /// Decides, or tells every fact that cannot be.
    fn evaluate(
        self,
        program: &ProgramData,
        today: NaiveDate,
    ) -> Result<Self::Answer, Vec<BadFact>>;
}

/// The program of a request, `lssc` where it names none. A code that cannot exist is `unknown` at
/// `/program`, as one that does not.
pub fn program_code(sent: Option<&str>) -> Result<ProgramCode, BadFact> {
    match sent {
        None => Ok(ProgramCode::lssc()),
        Some(code) => code.parse().map_err(|_not_a_code| unknown_program(code)),
    }
}

/// The fault of a program that does not exist.
#[must_use]
pub fn unknown_program(code: &str) -> BadFact {
    BadFact::at("/program", "unknown", format!("There is no program {code:?}."))
}

/// Answers an evaluation: loads the policy and the sets of its day, and decides.
async fn answer<E: Evaluation>(
    app: &App,
    call: &Call,
    action: Action,
    body: Body<E>,
) -> Result<Reply, Problem> {
    call.allow(action, &Facts::default())?;
    let facts = body.take()?;
    let code = program_code(facts.program())?;
    // A day that cannot be is told by the decision; the database is not asked about it.
    let day = facts.policy_day().filter(|day| calendar::check_date("", *day).is_ok());
    let clock = app.clone();
    let (program, today) = app
        .read(call, move |tx, _call| {
            let program = match tx.programs().get(&code) {
                Err(Error::NotFound) => return Err(unknown_program(code.as_str()).into()),
                found => found?,
            };
            let today = clock.today(&program);
            Ok((load(tx, &code, day.unwrap_or(today))?, today))
        })
        .await?;
    Ok(Reply::ok(&facts.evaluate(&program, today)?))
}

/// The program on a day. Facts older than the program are asked of its first version: an evaluation
/// is a question and not a decision, so it always has an answer.
fn load(tx: &mut Tx<'_>, code: &ProgramCode, day: NaiveDate) -> Result<ProgramData, Error> {
    let policy = match tx.programs().policy_on(code, day) {
        Err(Error::NotFound) => tx.programs().policy(code, 1),
        found => found,
    };
    let framework = match tx.programs().framework_on(code, day) {
        Err(Error::NotFound) => tx.programs().framework(code, 1),
        found => found,
    };
    Ok(ProgramData { policy: policy?.policy, framework: framework?.framework })
}

fn views(findings: Vec<Finding>) -> Vec<FindingView> {
    findings.into_iter().map(Into::into).collect()
}

fn codes(sets: Vec<SetCode>) -> Vec<String> {
    sets.into_iter().map(Into::into).collect()
}

/// Keeps the values that could be read and collects the faults of those that could not.
fn split<T>(read: impl Iterator<Item = Result<T, BadFact>>, bad: &mut Vec<BadFact>) -> Vec<T> {
    let mut values = Vec::new();
    for one in read {
        match one {
            Ok(value) => values.push(value),
            Err(fault) => bad.push(fault),
        }
    }
    values
}

/// A set's code at `pointer`; one that cannot exist is `unknown` like one that does not.
fn set_code(pointer: impl Into<String>, code: &str) -> Result<SetCode, BadFact> {
    code.parse().map_err(|_not_a_code| {
        BadFact::at(pointer, "unknown", format!("There is no competency set {code:?}."))
    })
}

/// An answer, or its faults and those found before the decision, by place.
fn joined<T>(outcome: Result<T, Vec<BadFact>>, mut bad: Vec<BadFact>) -> Result<T, Vec<BadFact>> {
    match outcome {
        Ok(value) if bad.is_empty() => Ok(value),
        Ok(_) => Err(bad),
        Err(more) => {
            bad.extend(more);
            Err(bad)
        }
    }
}
