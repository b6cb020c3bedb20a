//! Verification: anyone, by number, on any day.

use serde_json::{Value, json};

use crate::support::{
    actor::Answer,
    world::{World, each_world},
};

async fn verified(world: &World, number: &str, query: &str) -> Answer {
    world.anyone().get(&format!("/v1/verifications/{number}{query}")).await
}

fn verdicts(verification: &Value) -> Vec<(&str, &str)> {
    let checks = verification["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|one| (one["check"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .collect()
}

each_world! {
    async fn a_certificate_is_judged_on_the_day_asked_for(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.certifies(&ada, "2026-03-01").await.number;
        for (on, status, certified, in_force, not_expired) in [
            ("2026-02-28", Value::Null, false, "fail", "pass"),
            ("2026-03-01", json!("active"), true, "pass", "pass"),
            ("2030-03-01", json!("active"), true, "pass", "pass"),
            ("2030-03-02", json!("grace"), false, "pass", "fail"),
            ("2030-05-01", json!("grace"), false, "pass", "fail"),
            ("2030-05-02", json!("lapsed"), false, "pass", "fail"),
        ] {
            let found = verified(world, &number, &format!("?as_of={on}")).await.expect(200);
            assert_eq!((&found["status"], &found["certified"]), (&status, &json!(certified)), "{on}");
            assert_eq!(
                verdicts(&found.json),
                [("number_well_formed", "pass"), ("awarded", "pass"), ("in_force", in_force), ("not_expired", not_expired), ("not_suspended", "pass"), ("not_revoked", "pass")]
            );
        }
        world.travel_to("2030-05-02");
        assert_eq!(verified(world, &number, "").await.expect(200)["status"], "lapsed");
        let mut told: Vec<_> = verified(world, &number, "").await.json.as_object().unwrap().keys().cloned().collect();
        told.sort();
        assert_eq!(told, ["as_of", "certified", "checks", "completed_on", "edition", "expires_on", "holder_name", "number", "program", "status"]);
    }

    async fn a_number_is_found_as_people_type_it_and_a_mistake_is_not(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.certifies(&ada, "2026-03-01").await.number;
        let (start, code) = number.rsplit_once('-').unwrap();
        let typed = |one: &str| format!("{start}-{}", code.replace('0', "o").replace('1', one));
        for way in [number.to_lowercase(), format!("%20{number}%20"), typed("I"), typed("l")] {
            assert_eq!(verified(world, &way, "").await.expect(200)["number"], number, "{way}");
        }
        let last = number.chars().last().unwrap();
        let other = if last == '7' { '8' } else { '7' };
        let mistyped = format!("{}{other}", &number[..number.len() - 1]);
        for wrong in [mistyped.as_str(), "LSSC-2026-0000000", "nonsense", "%00", "LSSC"] {
            let answer = verified(world, wrong, "").await.expect(404);
            assert!(!answer.body().contains("Ada"));
        }
        verified(world, &mistyped, "").await.refused(404, "unknown-certificate");
        verified(world, &number, "?as_of=2026-02-30").await.refused(400, "invalid-query");
    }

    async fn a_hundred_are_verified_at_once_and_one_more_is_not(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.certifies(&ada, "2026-03-01").await.number;
        let batch = |numbers: Vec<String>| json!({"numbers": numbers, "as_of": "2030-03-02"});
        let mut numbers = vec![number.to_lowercase(), "nonsense".to_owned()];
        numbers.resize(100, number.clone());
        let answer = world.anyone().post_bare("/v1/verifications", batch(numbers.clone())).await.expect(200);
        let items = answer["items"].as_array().unwrap();
        assert_eq!(items.len(), 100);
        assert_eq!((&items[0]["found"], &items[0]["verification"]["status"]), (&json!(true), &json!("grace")));
        assert_eq!((&items[1]["found"], &items[1]["verification"]), (&json!(false), &Value::Null));
        assert_eq!(items[1]["asked"], "nonsense");
        numbers.push(number);
        world.anyone().post_bare("/v1/verifications", batch(numbers)).await.faulty("#/numbers", "length");
        world.anyone().post_bare("/v1/verifications", batch(Vec::new())).await.faulty("#/numbers", "length");
    }
}
