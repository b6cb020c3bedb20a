//! The golden cases through the bodies of the API, and the places of facts that cannot be.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};

use super::{
    Evaluation, ProgramData, certification::CertificationRequest,
    course_credit::CourseCreditRequest, eligibility::EligibilityRequest, fees::FeesRequest,
    portfolio::PortfolioOutcomeRequest, program_code, recognition::RecognitionCoverageRequest,
    renewal::RenewalRequest, status::CertificationStatusRequest,
};

fn program() -> ProgramData {
    ProgramData {
        policy: serde_json::from_str(include_str!("../../../data/lssc/policy.json")).unwrap(),
        framework: serde_json::from_str(include_str!("../../../data/lssc/competency_sets.json"))
            .unwrap(),
    }
}

fn evaluate<E: Evaluation>(request: Value) -> Result<Value, Vec<(String, &'static str)>> {
    let request: E = serde_json::from_value(request).unwrap();
    let today = "2024-06-01".parse().unwrap();
    match request.evaluate(&program(), today) {
        Ok(answer) => Ok(serde_json::to_value(answer).unwrap()),
        Err(bad) => Err(bad.into_iter().map(|one| (one.pointer, one.code)).collect()),
    }
}

fn cases(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 60);
    cases
}

/// Answers every case, and again with what may be left out sent as null.
fn answers<E: Evaluation>(text: &str) {
    for case in cases(text) {
        let mut nulls = case["request"].clone();
        nulls["program"] = Value::Null;
        for request in [case["request"].clone(), nulls] {
            let answer = evaluate::<E>(request).unwrap();
            for (field, expected) in case["expected"].as_object().unwrap() {
                let found = if field == "findings" {
                    let by_rule = answer[field].as_array().unwrap().iter().map(|finding| {
                        (finding["rule"].as_str().unwrap().to_owned(), finding["satisfied"].clone())
                    });
                    Value::Object(by_rule.collect())
                } else {
                    answer[field].clone()
                };
                assert_eq!(&found, expected, "{field} of {}", case["request"]);
            }
        }
    }
}

macro_rules! cases {
    ($file:literal) => {
        include_str!(concat!("../../../../domain/tests/cases/", $file, ".json"))
    };
}

#[test]
fn every_golden_case_is_answered() {
    answers::<EligibilityRequest>(cases!("eligibility"));
    answers::<FeesRequest>(cases!("fees"));
    answers::<CourseCreditRequest>(cases!("course-credit"));
    answers::<PortfolioOutcomeRequest>(cases!("portfolio-outcome"));
    answers::<RecognitionCoverageRequest>(cases!("recognition-coverage"));
    answers::<CertificationRequest>(cases!("certification"));
    answers::<RenewalRequest>(cases!("renewal"));
    answers::<CertificationStatusRequest>(cases!("certification-status"));
}

fn places<E: Evaluation>(request: Value) -> Vec<String> {
    let bad = evaluate::<E>(request).unwrap_err();
    bad.into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect()
}

#[test]
fn jobs_tell_all_of_their_faults_at_once() {
    let job = |more: Value| {
        let mut job = json!({"library": "L", "library_type": "public", "kind": "paid",
            "started_on": "2020-01-01", "requires_mlis": false});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let request = json!({"as_of": "2024-01-01", "education": "associate", "jobs": [
        job(json!({"hours_per_week": 0})),
        job(json!({"hours_per_week": 169})),
        job(json!({"hours_per_week": 10, "total_hours": 10})),
        job(json!({})),
        job(json!({"hours_per_week": 168, "ended_on": "2019-12-31"})),
        job(json!({"total_hours": 10.1, "library": " "})),
    ]});
    let expected = [
        "/jobs/0/hours_per_week out_of_range",
        "/jobs/1/hours_per_week out_of_range",
        "/jobs/2/total_hours exclusive",
        "/jobs/3/hours_per_week required",
        "/jobs/5/library length",
        "/jobs/5/total_hours format",
        "/jobs/4/ended_on order",
    ];
    assert_eq!(places::<EligibilityRequest>(request), expected);
}

#[test]
fn sets_that_cannot_exist_are_as_unknown_as_those_that_do_not() {
    for code in ["ZZZ", "fnd", "", "FND-01", "no such set"] {
        let request = json!({"covered_sets": ["FND", code]});
        assert_eq!(places::<RecognitionCoverageRequest>(request), ["/covered_sets/1 unknown"]);
        let request = json!({"admitted_on": "2020-01-01", "achievements":
            [{"set": code, "achieved_on": "2021-01-01"}]});
        assert_eq!(places::<CertificationRequest>(request), ["/achievements/0/set unknown"]);
        let request = json!({"competency_set": code, "round": 1, "ratings": [[], []]});
        assert_eq!(places::<PortfolioOutcomeRequest>(request), ["/competency_set unknown"]);
        let request = json!({"approved_on": "2020-01-01", "completed_on": "2020-01-01",
            "deadline": "2021-01-01", "course_set": code, "claimed_set": code});
        assert_eq!(
            places::<CourseCreditRequest>(request),
            ["/course_set unknown", "/claimed_set unknown"]
        );
        let request = json!({"term_started_on": "2020-01-01", "expires_on": "2024-01-01",
            "activities": [{"kind": "workshop", "minutes": 60, "dated_on": "2021-01-01",
                "sets": ["FND", code]}]});
        assert_eq!(places::<RenewalRequest>(request), ["/activities/0/sets/1 unknown"]);
    }
}

#[test]
fn activities_are_told_in_the_unit_of_their_kind() {
    let activity = |more: Value| {
        let mut activity = json!({"kind": "workshop", "dated_on": "2021-01-01", "sets": ["TEC"]});
        activity.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        activity
    };
    let request = json!({"term_started_on": "2020-01-01", "expires_on": "2024-01-01",
    "submitted_on": "2023-06-01", "activities": [
        activity(json!({})), activity(json!({"minutes": 1, "quantity": 1})),
        activity(json!({"kind": "conference_day", "minutes": 60})),
        activity(json!({"kind": "quarter_credit", "quantity": 0})),
    ]});
    let expected = [
        "/activities/0/minutes required",
        "/activities/1/quantity exclusive",
        "/activities/2/minutes exclusive",
        "/activities/3/quantity out_of_range",
    ];
    assert_eq!(places::<RenewalRequest>(request), expected);
}

#[test]
fn what_is_left_out_takes_the_default() {
    let answer = evaluate::<FeesRequest>(json!({"items": [{"code": "portfolio"}]})).unwrap();
    assert_eq!(answer["total_cents"], 6000);
    let answer =
        evaluate::<CertificationStatusRequest>(json!({"completed_on": "2022-06-01"})).unwrap();
    assert_eq!(answer["expires_on"], "2026-06-01");
    let request = json!({"admitted_on": "2022-06-01", "achievements": []});
    let answer = evaluate::<CertificationRequest>(request).unwrap();
    assert_eq!((&answer["deadline"], &answer["days_left"]), (&json!("2026-06-01"), &json!(730)));
    assert_eq!(answer["completed_on"], Value::Null);
}

#[test]
fn numbers_out_of_range_are_pointed_at() {
    let request = json!({"completed_on": "2024-01-01", "renewals": -1, "as_of": "2023-12-31"});
    let expected = ["/as_of order", "/renewals out_of_range"];
    assert_eq!(places::<CertificationStatusRequest>(request), expected);
    let request = json!({"admitted_on": "2024-01-01", "hold_days": -1, "achievements": []});
    assert_eq!(places::<CertificationRequest>(request), ["/hold_days out_of_range"]);
    let request = json!({"on": "1899-12-31", "items": []});
    assert_eq!(places::<FeesRequest>(request), ["/on out_of_range", "/items length"]);
}

#[test]
fn a_program_that_cannot_exist_is_unknown() {
    assert_eq!(program_code(None).unwrap(), program_code(Some("lssc")).unwrap());
    for code in ["", "LSSC", "a b", "x"] {
        let bad = program_code(Some(code)).unwrap_err();
        assert_eq!((bad.pointer.as_str(), bad.code), ("/program", "unknown"), "{code}");
    }
}

#[test]
fn fields_and_days_that_do_not_exist_are_refused() {
    for request in [
        json!({"completed_on": "2023-02-29"}),
        json!({"completed_on": "2023-02-28", "renewed": 1}),
        json!({"completed_on": "2023-02-28T00:00:00Z"}),
    ] {
        assert!(serde_json::from_value::<CertificationStatusRequest>(request).is_err());
    }
}

#[test]
fn the_documented_examples_are_what_the_rules_answer() {
    let examples: Value =
        serde_json::from_str(include_str!("../../../../openapi/examples.json")).unwrap();
    let check = |operation: &str, evaluate: fn(Value) -> Result<Value, _>| {
        let example = &examples[operation][0];
        let answer: Result<Value, Vec<(String, &str)>> = evaluate(example["request"].clone());
        assert_eq!(answer.unwrap(), example["response"], "{operation}");
    };
    check("evaluate_eligibility", evaluate::<EligibilityRequest>);
    check("evaluate_fees", evaluate::<FeesRequest>);
    check("evaluate_course_credit", evaluate::<CourseCreditRequest>);
    check("evaluate_portfolio_outcome", evaluate::<PortfolioOutcomeRequest>);
    check("evaluate_recognition_coverage", evaluate::<RecognitionCoverageRequest>);
    check("evaluate_certification", evaluate::<CertificationRequest>);
    check("evaluate_renewal", evaluate::<RenewalRequest>);
    check("evaluate_certification_status", evaluate::<CertificationStatusRequest>);
}
