//! The golden cases, each through the function of its rule. `tests/api` sends them over HTTP as well.

use std::path::Path;

use domain::{
    Finding, Word,
    certification::{self, AchievementFact, ProgressFacts, term},
    course_credit::{self, CreditFacts},
    eligibility::{self, EligibilityFacts, Hours, Job},
    fees::{self, Item},
    portfolio::{self, PortfolioFacts, Rating},
    recognition,
    renewal::{self, Activity, Amount, RenewalFacts},
};
use serde_json::{Value, json};

use crate::support::{day, framework, policy, set};

/// Runs every case of a file; `answer` makes the answer's JSON from the request's.
fn run(file: &str, answer: impl Fn(&Value) -> Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 60, "{file}");
    for (number, case) in cases.iter().enumerate() {
        let answer = answer(&case["request"]);
        for (field, expected) in case["expected"].as_object().unwrap() {
            assert_eq!(&answer[field], expected, "{file}, case {number}, {field}: {answer:#}");
        }
    }
}

/// A serialized outcome with its findings as the cases write them: rule id to satisfied.
fn told(outcome: impl serde::Serialize, findings: &[Finding]) -> Value {
    let mut answer = serde_json::to_value(outcome).unwrap();
    let by_rule = findings.iter().map(|one| (one.rule.to_string(), json!(one.satisfied)));
    answer["findings"] = Value::Object(by_rule.collect());
    answer
}

fn date(facts: &Value, field: &str) -> chrono::NaiveDate {
    day(facts[field].as_str().unwrap())
}
fn maybe_date(facts: &Value, field: &str) -> Option<chrono::NaiveDate> {
    facts[field].as_str().map(day)
}
fn word<W: Word>(facts: &Value, field: &str) -> W {
    W::of(facts[field].as_str().unwrap()).unwrap()
}
fn list<T>(facts: &Value, field: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    facts[field].as_array().unwrap().iter().map(read).collect()
}
fn code(value: &Value) -> domain::competency::SetCode {
    set(value.as_str().unwrap())
}

#[test]
fn eligibility_decides_its_cases() {
    let policy = policy().eligibility;
    let job = |job: &Value| Job {
        library: job["library"].as_str().unwrap().to_owned(),
        library_type: word(job, "library_type"),
        kind: word(job, "kind"),
        started_on: date(job, "started_on"),
        ended_on: maybe_date(job, "ended_on"),
        requires_mlis: job["requires_mlis"].as_bool().unwrap(),
        hours: Hours::from_forms("", job["hours_per_week"].as_f64(), job["total_hours"].as_f64())
            .unwrap(),
    };
    run("eligibility.json", |request| {
        let facts = EligibilityFacts {
            as_of: date(request, "as_of"),
            education: word(request, "education"),
            jobs: list(request, "jobs", job),
        };
        let outcome = eligibility::evaluate(&facts, &policy).unwrap();
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn fees_quote_their_cases() {
    let policy = policy().fees;
    run("fees.json", |request| {
        let items = list(request, "items", |item| Item {
            code: word(item, "code"),
            quantity: item["quantity"].as_i64().unwrap(),
        });
        let member = request["ala_member"].as_bool().unwrap();
        serde_json::to_value(fees::quote(member, &items, &policy).unwrap()).unwrap()
    });
}

#[test]
fn course_credit_decides_its_cases() {
    let (framework, policy) = (framework(), policy().courses);
    run("course-credit.json", |request| {
        let facts = CreditFacts {
            approved_on: date(request, "approved_on"),
            ends_on: maybe_date(request, "ends_on"),
            completed_on: date(request, "completed_on"),
            deadline: date(request, "deadline"),
            course_set: code(&request["course_set"]),
            claimed_set: code(&request["claimed_set"]),
            proof: request["proof"].as_bool().unwrap(),
        };
        let outcome = course_credit::evaluate(&facts, &framework, &policy).unwrap();
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn portfolios_come_out_as_their_cases() {
    let (framework, policy) = (framework(), policy().portfolio);
    run("portfolio-outcome.json", |request| {
        let facts = PortfolioFacts {
            competency_set: code(&request["competency_set"]),
            round: request["round"].as_i64().unwrap(),
            ratings: list(request, "ratings", |ratings| {
                let ratings = ratings.as_array().unwrap().iter();
                ratings.map(|one| one.as_str().map(|word| Rating::of(word).unwrap())).collect()
            }),
        };
        let outcome = portfolio::evaluate(&facts, &framework, &policy).unwrap();
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn recognition_covers_its_cases() {
    let (framework, policy) = (framework(), policy().certification);
    run("recognition-coverage.json", |request| {
        let covered = list(request, "covered_sets", code);
        let outcome = recognition::coverage(&covered, &framework, &policy).unwrap();
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn certification_is_reached_as_in_its_cases() {
    let (framework, policy) = (framework(), policy());
    run("certification.json", |request| {
        let facts = ProgressFacts {
            admitted_on: date(request, "admitted_on"),
            hold_days: request["hold_days"].as_i64().unwrap(),
            extension_days: 0,
            as_of: date(request, "as_of"),
            achievements: list(request, "achievements", |one| AchievementFact {
                set: code(&one["set"]),
                achieved_on: date(one, "achieved_on"),
                method: None,
            }),
        };
        let outcome = certification::progress(&facts, &framework, &policy).unwrap();
        assert_eq!(outcome.satisfied, outcome.completed_on.is_some());
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn renewals_come_out_as_their_cases() {
    let (framework, policy) = (framework(), policy());
    let activity = |one: &Value| {
        let kind = word(one, "kind");
        let (minutes, quantity) = (one["minutes"].as_i64(), one["quantity"].as_i64());
        Activity {
            kind,
            dated_on: date(one, "dated_on"),
            amount: Amount::from_forms("", kind, minutes, quantity).unwrap(),
            technology: one["technology"].as_bool().unwrap(),
            sets: list(one, "sets", code),
            documented: one["documented"].as_bool().unwrap(),
        }
    };
    run("renewal.json", |request| {
        let facts = RenewalFacts {
            term_started_on: date(request, "term_started_on"),
            expires_on: date(request, "expires_on"),
            submitted_on: date(request, "submitted_on"),
            previous_submitted_on: maybe_date(request, "previous_submitted_on"),
            activities: list(request, "activities", activity),
        };
        let outcome = renewal::evaluate(&facts, &framework, &policy).unwrap();
        told(&outcome, &outcome.findings)
    });
}

#[test]
fn status_follows_its_cases() {
    let policy = policy();
    run("certification-status.json", |request| {
        let renewals = request["renewals"].as_i64().unwrap();
        let completed_on = date(request, "completed_on");
        let status = term::status_on(completed_on, renewals, date(request, "as_of"), &policy);
        serde_json::to_value(status.unwrap()).unwrap()
    });
}
