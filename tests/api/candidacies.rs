//! Candidacies: deadlines, holds, extensions, the past as of a day.

use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    world::each_world,
};

async fn acts(office: &Actor, candidacy: &str, act: &str, body: serde_json::Value) -> Answer {
    office.post(&format!("/v1/candidacies/{candidacy}/{act}"), body).await
}

async fn as_of(reader: &Actor, candidacy: &str, on: &str) -> Answer {
    reader.get(&format!("/v1/candidacies/{candidacy}?as_of={on}")).await.expect(200)
}

each_world! {
    async fn a_hold_stops_the_clock_for_as_long_as_it_lasts(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let reason = json!({"reason": "Family leave."});
        acts(&staff, &candidacy, "resume", json!({})).await.refused(409, "state-conflict").unmet(&["candidacy.status"]);
        world.travel_to("2026-04-01");
        acts(&staff, &candidacy, "hold", json!({})).await.faulty("#/reason", "required");
        let held = acts(&staff, &candidacy, "hold", reason.clone()).await.expect(200);
        assert_eq!((&held["status"], &held["deadline"]), (&json!("on_hold"), &json!("2030-03-01")));
        assert!(!held.allows("hold_candidacy") && held.allows("resume_candidacy"));
        acts(&staff, &candidacy, "hold", reason).await.refused(409, "state-conflict");
        world.travel_to("2026-05-01");
        let resumed = acts(&staff, &candidacy, "resume", json!({})).await.expect(200);
        assert_eq!(
            (&resumed["status"], &resumed["hold_days"], &resumed["deadline"]),
            (&json!("active"), &json!(30), &json!("2030-03-31"))
        );
        assert_eq!(as_of(&ada, &candidacy, "2026-03-15").await["status"], "active");
        assert_eq!(as_of(&ada, &candidacy, "2026-04-15").await["status"], "on_hold");
        assert_eq!(as_of(&ada, &candidacy, "2026-04-15").await["hold_days"], 14);
        assert_eq!(as_of(&ada, &candidacy, "2030-03-31").await["status"], "active");
        assert_eq!(as_of(&ada, &candidacy, "2030-04-01").await["status"], "expired");
        ada.get(&format!("/v1/candidacies/{candidacy}?as_of=2026-02-28")).await.refused(400, "invalid-query");
        assert_eq!(
            world.happened_to(&candidacy),
            ["candidacy.admitted", "candidacy.held", "candidacy.resumed"]
        );
    }

    async fn an_extension_moves_the_deadline_and_brings_back_what_expired(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let extension = |days: i64| json!({"days": days, "reason": "Illness."});
        for days in [0, -1, 3651] {
            acts(&staff, &candidacy, "extend", extension(days)).await.faulty("#/days", "out_of_range");
        }
        let path = format!("/v1/candidacies/{candidacy}/extend");
        staff.post_bare(&path, extension(10)).await.refused(400, "idempotency-key-required");
        ada.post(&path, extension(10)).await.refused(403, "forbidden");
        let extended = acts(&staff, &candidacy, "extend", extension(10)).await.expect(200);
        assert_eq!((&extended["deadline"], &extended["extension_days"]), (&json!("2030-03-11"), &json!(10)));
        world.travel_to("2030-03-11");
        assert_eq!(ada.progress(&candidacy).await["days_left"], 0);
        world.travel_to("2030-03-12");
        let expired = staff.get(&format!("/v1/candidacies/{candidacy}")).await.expect(200);
        assert_eq!(expired["status"], "expired");
        assert!(!expired.allows("hold_candidacy") && expired.allows("extend_candidacy"));
        let listed = staff.get("/v1/candidacies?status=expired").await.expect(200);
        assert_eq!(listed["items"][0]["id"], candidacy);
        let back = acts(&staff, &candidacy, "extend", extension(1)).await.expect(200);
        assert_eq!(back["status"], "active");
        assert_eq!(staff.get("/v1/candidacies?status=expired").await.expect(200)["items"], json!([]));
        assert_eq!(world.count("candidacy.extended"), 2);
    }

    async fn who_withdrew_is_out(world) {
        let (ada, bob, staff) =
            (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        acts(&bob, &candidacy, "withdraw", json!({})).await.refused(404, "not-found");
        world.travel_to("2026-06-01");
        let course = staff.approves_course("FND", "2025-01-01").await;
        let gone = acts(&ada, &candidacy, "withdraw", json!({"reason": "Moved."})).await.expect(200);
        assert_eq!((&gone["status"], &gone["withdrawn_on"]), (&json!("withdrawn"), &json!("2026-06-01")));
        let before = world.events();
        acts(&ada, &candidacy, "withdraw", json!({})).await.refused(409, "state-conflict");
        acts(&staff, &candidacy, "hold", json!({"reason": "x"})).await.refused(409, "state-conflict");
        acts(&staff, &candidacy, "resume", json!({})).await.refused(409, "state-conflict");
        acts(&staff, &candidacy, "extend", json!({"days": 1, "reason": "x"})).await.refused(409, "state-conflict");
        ada.hands_in(&candidacy, &course, "2026-05-01").await.refused(409, "state-conflict");
        acts(&staff, &candidacy, "award", json!({})).await.refused(409, "state-conflict");
        assert_eq!(world.events(), before);
        let past = as_of(&ada, &candidacy, "2026-05-31").await;
        assert_eq!((&past["status"], &past["withdrawn_on"]), (&json!("active"), &json!(null)));
        ada.drafts().await;
    }

    async fn progress_tells_what_is_done_and_what_was(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        world.travel_to("2026-05-01");
        staff.credits(&candidacy, "FND", "2026-04-15").await;
        staff.credits(&candidacy, "CAT", "2026-04-20").await;
        let now = ada.progress(&candidacy).await;
        assert_eq!(now["missing_required"], json!(["COM", "TEC"]));
        assert_eq!((&now["electives_missing"], &now["satisfied"]), (&json!(2), &json!(false)));
        let sets = now["sets"].as_array().unwrap();
        assert_eq!(sets.len(), 10);
        assert_eq!((&sets[0]["code"], &sets[0]["state"], &sets[0]["achieved_on"]), (&json!("FND"), &json!("achieved"), &json!("2026-04-15")));
        assert!(now.allows("record_completion"));
        let path = format!("/v1/candidacies/{candidacy}/progress?as_of=2026-04-15");
        let past = ada.get(&path).await.expect(200);
        assert_eq!((&past["electives_missing"], &past["missing_required"]), (&json!(3), &json!(["COM", "TEC"])));
        let before = ada.get(&format!("/v1/candidacies/{candidacy}/progress?as_of=2026-04-14")).await;
        assert_eq!(before["missing_required"], json!(["FND", "COM", "TEC"]));
        world.register("Bob").await.get(&path).await.refused(404, "not-found");
    }
}
