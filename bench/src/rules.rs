//! The rules in process: nanoseconds for one evaluation, without a server or a database.

use std::{hint::black_box, time::Instant};

use chrono::{Days, NaiveDate};
use domain::{
    certification::{self, Achieved, AchievementFact, Method, ProgressFacts, Requirement},
    competency::Framework,
    eligibility::{self, Education, EligibilityFacts},
    policy::Policy,
};

use crate::Outcome;

const POLICY: &str = include_str!("../../api/data/lssc/policy.json");
const FRAMEWORK: &str = include_str!("../../api/data/lssc/competency_sets.json");
const JOB: &str = r#"{"hours":{"minutes_per_week":2100},"kind":"paid","library":"Riverside Public Library",
    "library_type":"public","requires_mlis":false,"started_on":"2023-06-01"}"#;
/// Evaluations timed together.
const BATCH: u32 = 20_000;

/// Times each rule once a round.
pub(crate) fn measure(rounds: u64) -> Outcome<Vec<(&'static str, f64)>> {
    let policy: Policy = serde_json::from_str(POLICY)?;
    let framework: Framework = serde_json::from_str(FRAMEWORK)?;
    let admitted_on: NaiveDate = "2025-01-15".parse()?;
    let as_of: NaiveDate = "2026-01-15".parse()?;
    let codes = ["FND", "COM", "TEC", "ACC", "ARA", "CAT"];
    let mut held = Vec::new();
    let mut achievements = Vec::new();
    for (code, days) in codes.iter().zip((10..).step_by(10)) {
        let (set, on) = (code.parse()?, admitted_on + Days::new(days));
        held.push(Achieved { index: framework.index_of(&set).ok_or("an unknown set")?, on });
        achievements.push(AchievementFact { set, achieved_on: on, method: Some(Method::Course) });
    }
    let requirement = Requirement::of(&framework, &policy.certification);
    let deadline = certification::deadline(admitted_on, 0, 0, &policy.candidacy);
    let progress =
        ProgressFacts { admitted_on, hold_days: 0, extension_days: 0, as_of, achievements };
    let applicant = EligibilityFacts {
        as_of,
        education: Education::Associate,
        jobs: vec![serde_json::from_str(JOB)?],
    };
    let mut values = Vec::new();
    for _ in 0..rounds {
        values.push((
            "requirement reckoned (6 sets)",
            time(|| {
                black_box(requirement.reckon(black_box(&held), deadline, as_of)).counted.count()
            }),
        ));
        values.push((
            "progress with findings (6 sets)",
            time(|| {
                let told = certification::progress(black_box(&progress), &framework, &policy);
                u32::from(told.is_ok_and(|one| one.satisfied))
            }),
        ));
        values.push((
            "eligibility with findings (1 job)",
            time(|| {
                let told = eligibility::evaluate(black_box(&applicant), &policy.eligibility);
                u32::from(told.is_ok_and(|one| one.satisfied))
            }),
        ));
    }
    Ok(values)
}

/// Nanoseconds of one call, of many timed together.
fn time(mut act: impl FnMut() -> u32) -> f64 {
    let started = Instant::now();
    for _ in 0..BATCH {
        black_box(act());
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH)
}
