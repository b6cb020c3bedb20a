//! Policies and the FAQ: the program's figures as dated data.

use serde_json::{Value, json};

use crate::support::{
    story::statements,
    world::{World, each_world},
};

const PATH: &str = "/v1/programs/lssc/policies";

async fn current(world: &World) -> Value {
    world.anyone().get("/v1/programs/lssc/policy").await.expect(200).json["policy"].clone()
}

each_world! {
    async fn a_policy_is_in_force_from_its_day_until_the_next(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let mut policy = current(world).await;
        policy["fees"]["schedule"]["application"]["price_cents"] = json!(40_000);
        policy["candidacy"]["years"] = json!(5);
        let body = json!({"effective_on": "2026-07-01", "policy": policy});
        ada.post(PATH, body.clone()).await.refused(403, "forbidden");
        world.anyone().post(PATH, body.clone()).await.refused(401, "unauthenticated");
        staff.post_bare(PATH, body.clone()).await.refused(400, "idempotency-key-required");
        let published = staff.post(PATH, body.clone()).await.expect(201);
        assert_eq!(published["version"], 2);
        staff.post(PATH, body).await.refused(409, "conflict");

        let version_on = async |on: &str| {
            let found = world.anyone().get(&format!("/v1/programs/lssc/policy?on={on}")).await;
            found.expect(200)["version"].as_i64().unwrap()
        };
        assert_eq!(version_on("2010-01-25").await, 1);
        assert_eq!(version_on("2026-06-30").await, 1);
        assert_eq!(version_on("2026-07-01").await, 2);
        world.anyone().get("/v1/programs/lssc/policy?on=2010-01-24").await.refused(404, "nothing-in-force");
        let all = world.anyone().get(PATH).await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2);

        world.travel_to("2026-07-01");
        assert_eq!(ada.progress(&candidacy).await["deadline"], "2030-03-01", "admitted under the first");
        let bob = world.register("Bob").await;
        let application = bob.applies().await;
        let invoice = bob.get(&format!("/v1/invoices/{}", application.text("invoice_id"))).await;
        assert_eq!(invoice["total_cents"], 40_000);
        staff.reviews(&application.id()).await;
        staff.settles(&application).await;
        let admitted = staff.accepts(&application.id()).await.text("candidacy_id");
        assert_eq!(bob.progress(&admitted).await["deadline"], "2031-07-01");
        assert_eq!(world.count("policy.published"), 1);
    }

    async fn a_programs_currency_never_changes(world) {
        let staff = world.staff().await;
        let mut policy = current(world).await;
        policy["fees"]["currency"] = json!("EUR");
        let body = json!({"effective_on": "2026-07-01", "policy": policy});
        staff.post(PATH, body).await.faulty("#/policy/fees/currency", "fixed");
        assert_eq!(world.count("policy.published"), 0);
    }

    async fn the_faq_says_what_the_policy_does(world) {
        let staff = world.staff().await;
        let answers = async |on: &str| {
            let faq = world.anyone().get(&format!("/v1/programs/lssc/faq?on={on}")).await.expect(200);
            let items = faq["items"].as_array().unwrap().clone();
            assert!(items.iter().all(|one| !one["answer"].as_str().unwrap().contains(['{', '}'])));
            (faq["policy_version"].as_i64().unwrap(), items.iter().map(|one| one["answer"].to_string()).collect::<String>())
        };
        let (version, before) = answers("2026-03-01").await;
        assert_eq!(version, 1);
        assert!(before.contains("1,820") && before.contains("$350"), "{before}");
        let mut policy = current(world).await;
        policy["eligibility"]["work_minutes"] = json!(120_000);
        policy["fees"]["schedule"]["application"]["price_cents"] = json!(40_000);
        staff.post(PATH, json!({"effective_on": "2026-07-01", "policy": policy})).await.expect(201);
        let (version, after) = answers("2026-07-01").await;
        assert_eq!(version, 2);
        assert!(after.contains("2,000") && after.contains("$400"), "{after}");
        assert!(!after.contains("1,820"), "{after}");
        assert_eq!(answers("2026-06-30").await.1, before);
    }

    async fn a_policy_that_cannot_be_is_refused_with_its_faults(world) {
        let staff = world.staff().await;
        let policy = current(world).await;
        let publish = |effective_on: &str, change: fn(&mut Value)| {
            let mut policy = policy.clone();
            change(&mut policy);
            staff.post(PATH, json!({"effective_on": effective_on, "policy": policy}))
        };
        let unchanged: fn(&mut Value) = |_| ();
        publish("2026-02-28", unchanged).await.faulty("#/effective_on", "order");
        publish("2026-02-30", unchanged).await.faulty("#/effective_on", "format");
        let missing = publish("2026-07-01", |policy| drop(policy["candidacy"].as_object_mut().unwrap().remove("years"))).await;
        missing.faulty("#/policy/candidacy/years", "required");
        let unknown = publish("2026-07-01", |policy| policy["candidacy"]["moons"] = json!(4)).await;
        unknown.faulty("#/policy/candidacy/moons", "unknown");
        let changes: [fn(&mut Value); 4] = [
            |policy| policy["candidacy"]["years"] = json!(0),
            |policy| policy["portfolio"]["met_share_percent"] = json!(101),
            |policy| policy["fees"]["schedule"]["application"]["price_cents"] = json!(-1),
            |policy| policy["certification"]["term_years"] = json!(-4),
        ];
        for change in changes {
            let refused = publish("2026-07-01", change).await.refused(422, "invalid-input");
            let pointer = refused["errors"][0]["pointer"].as_str().unwrap().to_owned();
            assert!(pointer.starts_with("#/policy/"), "{pointer}");
        }
        assert_eq!(world.count("policy.published"), 0);
        publish("2026-03-01", unchanged).await.expect(201);
    }

    async fn the_program_is_public(world) {
        let anyone = world.anyone();
        let list = anyone.get("/v1/programs").await.expect(200);
        assert_eq!(list["items"][0]["code"], "lssc");
        assert_eq!(list["items"][0]["today"], "2026-03-01");
        let sets = anyone.get("/v1/programs/lssc/competency-sets").await.expect(200);
        assert_eq!(sets["competency_sets"].as_array().unwrap().len(), 10);
        for path in ["/v1/programs/nope", "/v1/programs/nope/policy", "/v1/programs/nope/faq", "/v1/programs/NOPE!"] {
            anyone.get(path).await.refused(404, "not-found");
        }
        // The evening in Chicago is still the same day.
        world.advance(chrono::TimeDelta::hours(17));
        assert_eq!(anyone.get("/v1/programs/lssc").await["today"], "2026-03-01");
        world.advance(chrono::TimeDelta::hours(2));
        assert_eq!(anyone.get("/v1/programs/lssc").await["today"], "2026-03-02");
        let mut other = statements();
        other["program"] = json!("nope");
        world.register("Ada").await.post("/v1/applications", other).await.faulty("#/program", "unknown");
    }
}
