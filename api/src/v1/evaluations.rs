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
    competency::{Framework, SetCode},
    policy::Policy,
    program::ProgramCode,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::answer::FindingView;

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
    /// The day whose policy decides. `today` is the business day in the program's zone.
    fn policy_day(&self, today: NaiveDate) -> NaiveDate;
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
