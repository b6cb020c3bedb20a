//! What the tests of the rules share: the program as it ships, and short ways to say facts.

use std::path::Path;

use chrono::NaiveDate;
use domain::{
    BadFact, Finding,
    competency::{Framework, SetCode},
    eligibility::{Hours, Job, JobKind, LibraryType},
    policy::Policy,
};

/// A file of the program that ships with the product.
pub(crate) fn shipped(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/data/lssc");
    std::fs::read_to_string(folder.join(file)).unwrap()
}
pub(crate) fn policy() -> Policy {
    serde_json::from_str(&shipped("policy.json")).unwrap()
}
pub(crate) fn framework() -> Framework {
    serde_json::from_str(&shipped("competency_sets.json")).unwrap()
}
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
pub(crate) fn set(code: &str) -> SetCode {
    code.parse().unwrap()
}
/// `(pointer, code)` of every bad fact.
pub(crate) fn places(bad: &[BadFact]) -> Vec<(&str, &str)> {
    bad.iter().map(|one| (one.pointer.as_str(), one.code)).collect()
}
/// Whether the finding of a rule is satisfied.
pub(crate) fn found(findings: &[Finding], rule: &str) -> bool {
    findings.iter().find(|one| one.rule == rule).unwrap().satisfied
}
/// A paid job of 40 hours a week in a public library that needs no degree.
pub(crate) fn a_job(started_on: &str, ended_on: Option<&str>) -> Job {
    Job {
        library: "Town Library".to_owned(),
        library_type: LibraryType::Public,
        kind: JobKind::Paid,
        started_on: day(started_on),
        ended_on: ended_on.map(day),
        requires_mlis: false,
        hours: Hours::PerWeek(40 * 60),
    }
}
