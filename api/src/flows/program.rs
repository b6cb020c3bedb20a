//! The program of a request: its business day and the rules in force on it.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use chrono::NaiveDate;
use domain::{
    BadFact,
    competency::Framework,
    policy::Policy,
    program::{Program, ProgramCode},
};
use persistence::{Error, Optional, Tx};

use crate::{app::App, problem::Problem};

/// A program on one of its business days, with the policy and the sets in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The program.
    pub program: Program,
    /// Today in its zone.
    pub today: NaiveDate,
    /// The version of the policy.
    pub policy_version: i64,
    /// The policy.
    pub policy: Policy,
    /// The version of the competency sets.
    pub framework_version: i64,
    /// The competency sets.
    pub framework: Framework,
}

/// Programs that were read before. A program's row is written once and never changed, so what was read
/// stays true; this spares the reads that only ask what day it is there.
#[derive(Debug, Default)]
pub struct Known(RwLock<HashMap<ProgramCode, Program>>);

impl Known {
    fn get(&self, tx: &mut Tx<'_>, code: &ProgramCode) -> Result<Program, Problem> {
        if let Some(program) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(code) {
            return Ok(program.clone());
        }
        let program = tx.programs().get(code)?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(code.clone(), program.clone());
        Ok(program)
    }
}

/// Today in the zone of a resource's program.
pub fn today(app: &App, tx: &mut Tx<'_>, code: &ProgramCode) -> Result<NaiveDate, Problem> {
    Ok(app.today(&app.known.get(tx, code)?))
}

/// The program that a body names at `/program`: 422 when there is none of that code.
pub fn named(tx: &mut Tx<'_>, code: &ProgramCode) -> Result<Program, Problem> {
    match tx.programs().get(code) {
        Err(Error::NotFound) => {
            Err(BadFact::at("/program", "unknown", format!("There is no program {code}.")).into())
        }
        other => other.map_err(Problem::from),
    }
}

/// The program that a query names in `program`; none where it names what is not there, which lists
/// nothing.
pub fn asked(tx: &mut Tx<'_>, code: &ProgramCode) -> Result<Option<Program>, Problem> {
    Ok(tx.programs().get(code).found()?)
}

/// The program with what is in force in it today.
pub fn in_force(app: &App, tx: &mut Tx<'_>, code: &ProgramCode) -> Result<InForce, Problem> {
    let program = tx.programs().get(code)?;
    let today = app.today(&program);
    in_force_on(tx, program, today)
}

/// A program with what is in force in it on a day.
pub fn in_force_on(
    tx: &mut Tx<'_>,
    program: Program,
    today: NaiveDate,
) -> Result<InForce, Problem> {
    let policy = tx.programs().policy_on(&program.code, today)?;
    let framework = tx.programs().framework_on(&program.code, today)?;
    Ok(InForce {
        program,
        today,
        policy_version: policy.version,
        policy: policy.policy,
        framework_version: framework.version,
        framework: framework.framework,
    })
}

/// The rules that a candidacy pinned on its admission.
pub fn pinned(
    tx: &mut Tx<'_>,
    candidacy: &domain::candidacy::Candidacy,
) -> Result<(Policy, Framework), Problem> {
    let policy = tx.programs().policy(&candidacy.program, candidacy.policy_version)?;
    let framework = tx.programs().framework(&candidacy.program, candidacy.framework_version)?;
    Ok((policy.policy, framework.framework))
}
