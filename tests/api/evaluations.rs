//! The eight evaluations: every golden case through the served API, and facts that cannot be.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::world::{World, each_world};

const ALL: [&str; 8] = [
    "eligibility",
    "fees",
    "course-credit",
    "portfolio-outcome",
    "recognition-coverage",
    "certification",
    "renewal",
    "certification-status",
];

fn cases(name: &str) -> Vec<Value> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../domain/tests/cases/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What the answer says, as the cases write it.
fn told(answer: &Value, field: &str) -> Value {
    if field != "findings" {
        return answer[field].clone();
    }
    let findings = answer[field].as_array().unwrap().iter();
    Value::Object(
        findings
            .map(|one| (one["rule"].as_str().unwrap().to_owned(), one["satisfied"].clone()))
            .collect(),
    )
}

async fn refuses(
    world: &World,
    name: &str,
    change: impl FnOnce(&mut Value),
    pointer: &str,
    code: &str,
) {
    let mut request = cases(name).remove(0)["request"].take();
    change(&mut request);
    let path = format!("/v1/evaluations/{name}");
    world.anyone().post_bare(&path, request).await.faulty(pointer, code);
}

each_world! {
    async fn every_golden_case_is_answered(world) {
        let anyone = world.anyone();
        let before = world.events();
        for name in ALL {
            let cases = cases(name);
            assert_eq!(cases.len(), 60);
            for case in cases {
                let answer = anyone.post_bare(&format!("/v1/evaluations/{name}"), case["request"].clone()).await.expect(200);
                for (field, expected) in case["expected"].as_object().unwrap() {
                    assert_eq!(&told(&answer.json, field), expected, "{name}, {field} of {}", case["request"]);
                }
                if let Some(findings) = answer["findings"].as_array() {
                    for finding in findings {
                        assert!(finding["source"].as_str().is_some_and(|source| !source.is_empty()));
                        assert!(finding["message"].as_str().is_some_and(|message| !message.is_empty()));
                    }
                }
            }
        }
        assert_eq!(world.events(), before, "an evaluation stores nothing");
    }

    async fn facts_that_cannot_be_are_pointed_at(world) {
        let job = |change: fn(&mut Value)| move |request: &mut Value| {
            let job = &mut request["jobs"][0];
            for field in ["hours_per_week", "total_hours"] {
                job.as_object_mut().unwrap().remove(field);
            }
            job["hours_per_week"] = json!(10);
            change(job);
        };
        refuses(world, "eligibility", job(|job| job["hours_per_week"] = json!(0)), "#/jobs/0/hours_per_week", "out_of_range").await;
        refuses(world, "eligibility", job(|job| job["hours_per_week"] = json!(169)), "#/jobs/0/hours_per_week", "out_of_range").await;
        refuses(world, "eligibility", job(|job| job["hours_per_week"] = json!(1.1)), "#/jobs/0/hours_per_week", "format").await;
        refuses(world, "eligibility", job(|job| job["total_hours"] = json!(5)), "#/jobs/0/total_hours", "exclusive").await;
        refuses(world, "eligibility", job(|job| job["ended_on"] = json!("1999-01-01")), "#/jobs/0/ended_on", "order").await;
        refuses(world, "eligibility", job(|job| job["started_on"] = json!("2023-02-29")), "#/jobs/0/started_on", "format").await;
        refuses(world, "eligibility", |request| request["colour"] = json!("red"), "#/colour", "unknown").await;
        refuses(world, "eligibility", |request| request["program"] = json!("nope"), "#/program", "unknown").await;
        refuses(world, "certification", |request| request["achievements"] = json!([{"set": "XYZ", "achieved_on": "2026-01-01"}]), "#/achievements/0/set", "unknown").await;
        refuses(world, "certification-status", |request| request["renewals"] = json!(41), "#/renewals", "out_of_range").await;
    }

    async fn a_list_of_ratings_has_one_for_each_competency(world) {
        refuses(world, "portfolio-outcome", |request| {
            request["ratings"][1].as_array_mut().unwrap().pop();
        }, "#/ratings/1", "length").await;
        refuses(world, "portfolio-outcome", |request| request["ratings"][0][2] = json!("dazzling"), "#/ratings/0/2", "unknown").await;
    }
}
