//! Completions and achievements: what counts, what does not, and what is taken back.

use serde_json::json;

use crate::support::{
    actor::fresh_key,
    world::{each, each_world},
};

each_world! {
    async fn a_course_counts_within_its_window_on_both_edges(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        world.travel_to("2029-06-01");
        for (set, on, counts) in [
            ("FND", "2022-12-31", false),
            ("FND", "2023-01-01", true),
            ("COM", "2029-01-01", true),
            ("TEC", "2029-01-02", false),
        ] {
            let course = staff.approves_course(set, "2025-01-01").await;
            let completion = ada.hands_in(&candidacy, &course, on).await.expect(201).id();
            let path = format!("/v1/completions/{completion}");
            if counts {
                let verified = staff.verifies(&completion).await.expect(200);
                assert!(verified["findings"].as_array().unwrap().iter().all(|one| one["satisfied"] == true));
            } else {
                let refused = staff.verifies(&completion).await.refused(422, "rule-not-met");
                refused.unmet(&["credit.completion_window"]);
                assert_eq!(ada.get(&path).await.expect(200)["state"], "recorded");
            }
        }
        let achieved = ada.get(&format!("/v1/candidacies/{candidacy}/achievements")).await.expect(200);
        assert_eq!(each(&achieved["items"], "set"), ["FND", "COM"]);
        // What was completed before the admission counts from the admission on.
        assert_eq!(each(&achieved["items"], "achieved_on"), ["2026-03-01", "2029-01-01"]);
        assert_eq!(world.count("achievement.recorded"), 2);
    }

    async fn a_course_counts_up_to_the_deadline(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        world.travel_to("2030-04-01");
        let course = |set: &'static str| {
            let staff = staff.clone();
            async move { staff.approves_course(set, "2028-01-01").await }
        };
        let late = ada.hands_in(&candidacy, &course("FND").await, "2030-03-02").await.expect(201).id();
        staff.verifies(&late).await.refused(422, "rule-not-met").unmet(&["credit.completed_by_deadline"]);
        let just = ada.hands_in(&candidacy, &course("FND").await, "2030-03-01").await.expect(201).id();
        staff.verifies(&just).await.expect(200);
    }

    async fn a_course_counts_for_the_set_that_it_was_approved_for(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        let path = format!("/v1/candidacies/{candidacy}/completions");
        let claim = |set: &str| json!({"course_id": course, "set": set, "completed_on": "2026-02-01", "proof": "roster"});
        ada.post(&path, claim("XYZ")).await.faulty("#/set", "unknown");
        let completion = ada.post(&path, claim("COM")).await.expect(201).id();
        let refused = staff.verifies(&completion).await.refused(422, "rule-not-met");
        assert!(refused["detail"].as_str().unwrap().contains("portfolio"));
        refused.unmet(&["credit.course_approved"]);
        let reason = json!({"reason": "The course is for another set."});
        let told = staff.post(&format!("/v1/completions/{completion}/refuse"), reason).await.expect(200);
        assert_eq!((&told["state"], &told["decided_on"]), (&json!("refused"), &json!("2026-03-01")));
        staff.verifies(&completion).await.refused(409, "state-conflict").unmet(&["completion.state"]);
        // Refused, the course can be handed in again.
        ada.post(&path, claim("FND")).await.expect(201);
    }

    async fn what_cannot_be_is_not_handed_in(world) {
        let (ada, bob, staff) =
            (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        ada.hands_in(&candidacy, &course, "2026-03-02").await.refused(422, "invalid-input");
        ada.hands_in(&candidacy, "course_00000000000000000000000000000000", "2026-02-01").await.faulty("#/course_id", "unknown");
        bob.hands_in(&candidacy, &course, "2026-02-01").await.refused(404, "not-found");
        world.anyone().hands_in(&candidacy, &course, "2026-02-01").await.refused(401, "unauthenticated");
        world.auditor().await.hands_in(&candidacy, &course, "2026-02-01").await.refused(403, "forbidden");
        assert_eq!(world.count("completion.recorded"), 0);
        let completion = ada.hands_in(&candidacy, &course, "2026-02-01").await.expect(201);
        ada.hands_in(&candidacy, &course, "2026-02-02").await.refused(409, "conflict");
        ada.verifies(&completion.id()).await.refused(403, "forbidden");
        bob.get(&format!("/v1/completions/{}", completion.id())).await.refused(404, "not-found");
        assert_eq!(bob.get("/v1/completions").await.expect(200)["items"], json!([]));
        let queue = staff.get("/v1/completions?state=recorded").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [completion.id()]);
    }

    async fn a_set_is_achieved_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let first = staff.credits(&candidacy, "FND", "2026-02-01").await;
        staff.verifies(&first).await.refused(409, "state-conflict").unmet(&["completion.state"]);
        let course = staff.approves_course("FND", "2025-01-01").await;
        let second = ada.hands_in(&candidacy, &course, "2026-02-02").await.expect(201).id();
        staff.verifies(&second).await.refused(409, "conflict");
        assert_eq!(ada.get(&format!("/v1/completions/{second}")).await["state"], "recorded");
        assert_eq!(world.count("achievement.recorded"), 1);
    }

    async fn an_achievement_is_voided_with_a_reason_and_can_be_achieved_again(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        staff.credits(&candidacy, "FND", "2026-02-01").await;
        let list = format!("/v1/candidacies/{candidacy}/achievements");
        let achievement = ada.get(&list).await["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/achievements/{achievement}/void");
        let reason = json!({"reason": "The form was forged."});
        staff.post_bare(&path, reason.clone()).await.refused(400, "idempotency-key-required");
        ada.post(&path, reason.clone()).await.refused(403, "forbidden");
        world.register("Bob").await.post(&path, reason.clone()).await.refused(404, "not-found");
        world.travel_to("2026-05-01");
        let voided = staff.post(&path, reason.clone()).await.expect(200);
        assert_eq!((&voided["stands"], &voided["voided_on"]), (&json!(false), &json!("2026-05-01")));
        staff.post(&path, reason).await.refused(409, "state-conflict").unmet(&["achievement.stands"]);
        assert_eq!(ada.progress(&candidacy).await["missing_required"], json!(["FND", "COM", "TEC"]));
        // The past stays what it was.
        let then = ada.get(&format!("{list}?as_of=2026-04-30")).await.expect(200);
        assert_eq!(each(&then["items"], "set"), ["FND"]);
        assert_eq!(ada.get(&format!("{list}?as_of=2026-05-01")).await["items"], json!([]));
        staff.credits(&candidacy, "FND", "2026-04-01").await;
        assert_eq!(ada.progress(&candidacy).await["missing_required"], json!(["COM", "TEC"]));
        assert_eq!(world.happened_to(&achievement), ["achievement.recorded", "achievement.voided"]);
    }

    async fn the_catalog_shows_what_is_approved_on_a_day(world) {
        let staff = world.staff().await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        let anyone = world.anyone();
        let on = async |query: &str| {
            let list = anyone.get(&format!("/v1/courses?{query}")).await.expect(200);
            each(&list["items"], "id").len()
        };
        assert_eq!(on("set=FND").await, 1);
        assert_eq!(on("set=COM").await, 0);
        assert_eq!(on("mode=online").await, 1);
        assert_eq!(on("approved_on=2024-12-31").await, 0);
        assert_eq!(on("approved_on=2029-01-01").await, 1);
        assert_eq!(on("approved_on=2029-01-02").await, 0);
        let path = format!("/v1/courses/{course}");
        let shown = anyone.get(&path).await.expect(200);
        assert_eq!(shown["ends_on"], "2029-01-01");
        let title = json!({"title": "Another title"});
        staff.patch(&path, &shown.etag(), title.clone()).await.expect(200);
        staff.patch(&path, &shown.etag(), title.clone()).await.refused(412, "stale");
        world.register("Ada").await.patch(&path, "*", title.clone()).await.refused(403, "forbidden");
        anyone.patch(&path, "*", title).await.refused(401, "unauthenticated");
    }

    async fn what_is_no_course_is_refused(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("One").await;
        staff.post("/v1/providers", json!({"kind": "other", "name": "One"})).await.refused(409, "conflict");
        let with = |field: &str, value: serde_json::Value| {
            let mut body = json!({"provider_id": provider, "set": "FND", "title": fresh_key(), "modes": ["online"]});
            body[field] = value;
            body
        };
        for (body, pointer, code) in [
            (with("provider_id", json!("org_00000000000000000000000000000000")), "#/provider_id", "unknown"),
            (with("set", json!("XYZ")), "#/set", "unknown"),
            (with("modes", json!([])), "#/modes", "length"),
            (with("modes", json!(["online", "online"])), "#/modes/1", "duplicate"),
            (with("ends_on", json!("2020-01-01")), "#/ends_on", "order"),
            (with("website", json!("javascript:alert(1)")), "#/website", "length"),
        ] {
            let answer = staff.post("/v1/courses", body).await.refused(422, "invalid-input");
            let fault = (&answer["errors"][0]["pointer"], answer["errors"].as_array().unwrap().len());
            assert_eq!(fault, (&json!(pointer), 1), "{code}: {}", answer.body());
        }
        assert_eq!(world.count("course.approved"), 0);
    }
}
