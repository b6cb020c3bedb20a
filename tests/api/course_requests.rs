//! Requests for courses near somebody: anyone asks, providers see how many.

use serde_json::json;

use crate::support::{actor::fresh_key, world::each_world};

each_world! {
    async fn anyone_asks_and_providers_see_how_many(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let anyone = world.anyone();
        let path = "/v1/course-requests";
        let ask = |place: &str| json!({"course_id": course, "place": place, "email": "lee@people.example", "note": "Evenings."});
        let made = anyone.post_bare(path, ask("Doña Ana, NM")).await.expect(201);
        assert_eq!((&made["set"], &made["course_id"]), (&json!("FND"), &json!(course)));
        // The same address asks once a day for the same.
        anyone.post_bare(path, ask("dona ana nm")).await.refused(409, "conflict");
        let mut other = ask("dona ana nm");
        other["email"] = json!("kim@people.example");
        anyone.post_bare(path, other).await.expect(201);
        world.register("Ada").await.post(path, json!({"set": "TEC", "place": "Peoria, IL"})).await.expect(201);
        let counted = format!("{path}/counts");
        let counts = trainer.get(&counted).await.expect(200);
        let told: Vec<_> = counts["items"].as_array().unwrap().iter().map(|one| (one["set"].clone(), one["requests"].clone())).collect();
        assert_eq!(told, [(json!("FND"), json!(2)), (json!("TEC"), json!(1))]);
        // Who asked is told to nobody.
        assert!(!counts.body().contains("lee@") && !counts.body().contains("Evenings"));
        assert_eq!(trainer.get(&format!("{counted}?set=TEC")).await["items"].as_array().unwrap().len(), 1);
        assert_eq!(trainer.get(&format!("{counted}?format=csv")).await.expect(200).body().lines().count(), 3);
        staff.get(&counted).await.expect(200);
        world.register("Bob").await.get(&counted).await.refused(403, "forbidden");
        anyone.get(&counted).await.refused(401, "unauthenticated");
        assert!(!world.db().lines("SELECT CAST(data AS TEXT) AS line FROM events WHERE type = 'course_request.made'").concat().contains("lee@"));
        // The office writes to them when it is offered.
        let listed = staff.get(&format!("{path}?set=FND&limit=1")).await.expect(200);
        assert_eq!((&listed["items"][0]["email"], &listed["items"][0]["note"]), (&json!("lee@people.example"), &json!("Evenings.")));
        let cursor = listed.text("next_cursor");
        let next = staff.get(&format!("{path}?set=FND&limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!((&next["items"][0]["email"], &next["next_cursor"]), (&json!("kim@people.example"), &json!(null)));
        assert_eq!(staff.get(&format!("{path}?place=peoria")).await.expect(200)["items"].as_array().unwrap().len(), 1);
        trainer.get(path).await.refused(403, "forbidden");
        anyone.get(path).await.refused(401, "unauthenticated");
        world.travel_to("2026-03-03");
        anyone.post_bare(path, ask("dona ana nm")).await.expect(201);
    }

    async fn what_cannot_be_is_not_asked_for(world) {
        let anyone = world.anyone();
        let ask = async |body: serde_json::Value| anyone.post_bare("/v1/course-requests", body).await;
        ask(json!({"place": "Peoria"})).await.faulty("#/course_id", "required");
        ask(json!({"set": "XYZ", "place": "Peoria"})).await.faulty("#/set", "unknown");
        ask(json!({"course_id": "course_00000000000000000000000000000000", "place": "Peoria"})).await.faulty("#/course_id", "unknown");
        ask(json!({"set": "FND", "course_id": "course_00000000000000000000000000000000", "place": "Peoria"})).await.faulty("#/set", "exclusive");
        ask(json!({"set": "FND", "place": " "})).await.refused(422, "invalid-input");
        ask(json!({"set": "FND", "place": "Peoria", "program": "other"})).await.faulty("#/program", "unknown");
        assert_eq!(world.count("course_request.made"), 0);
        let (key, body) = (fresh_key(), json!({"set": "FND", "place": "Peoria"}));
        let first = anyone.post_as(&key, "/v1/course-requests", body.clone()).await.expect(201);
        assert_eq!(anyone.post_as(&key, "/v1/course-requests", body).await.expect(201).id(), first.id());
        assert_eq!(world.count("course_request.made"), 1);
    }
}
