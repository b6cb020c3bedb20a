//! Completions and achievements: what counts, what does not, and what is taken back.

use serde_json::json;

use crate::support::{
    actor::fresh_key,
    courses::signed,
    story::SIX,
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
        let claim = |set: &str| json!({"course_id": course, "set": set, "completed_on": "2026-02-01", "proof": "completion_form",
            "proof_url": "https://college.example.org/form.pdf"});
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
        let unapproved = ada.hands_in(&candidacy, "course_00000000000000000000000000000000", "2026-02-01").await;
        assert!(unapproved.body().contains("portfolio"), "{}", unapproved.body());
        assert_eq!((&unapproved["findings"][0]["rule"], &unapproved["findings"][0]["satisfied"]), (&json!("credit.course_approved"), &json!(false)));
        unapproved.faulty("#/course_id", "unknown");
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
        staff.verifies(&second).await.refused(409, "state-conflict").unmet(&["achievement.not_achieved"]);
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
        let tag = staff.get(&path).await.expect(200).etag();
        staff.patch(&path, &tag, title.clone()).await.expect(200);
        staff.patch(&path, &tag, title.clone()).await.refused(412, "stale");
        world.register("Ada").await.patch(&path, "*", title.clone()).await.refused(403, "forbidden");
        anyone.patch(&path, "*", title).await.refused(401, "unauthenticated");
    }

    async fn a_bundle_is_achieved_by_both_of_its_courses_in_either_order(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let children = staff.approves(&provider, "YTH", "2025-06-01").await;
        let teens = staff.approves(&provider, "YTH", "2025-06-01").await;
        let bundle = world.bundles(&provider, "YTH", &[&children, &teens]).await;
        let done = |on: &str| ("YTH".to_owned(), on.to_owned(), true);
        for (name, first, second) in [("Ada", &children, &teens), ("Ben", &teens, &children)] {
            let (person, number) = world.candidate(&staff, name).await;
            world.travel_to("2026-06-01");
            let part = person.hands_in(&number, first, "2026-04-01").await.expect(201).id();
            let before = person.progress(&number).await;
            // A part alone counts, and achieves nothing.
            assert_eq!(staff.verifies(&part).await.expect(200)["state"], "verified");
            let after = person.progress(&number).await;
            assert_eq!((person.achievements(&number).await, &after["sets"]), (vec![], &before["sets"]));
            let told = trainer.posts_roster(second, &[signed(name, "2026-05-01")]).await.expect(200);
            assert_eq!(told["rows"][0]["achieved"], true, "{}", told.body());
            assert_eq!(person.achievements(&number).await, [done("2026-05-01")]);
            let evidence = person.get(&format!("/v1/candidacies/{number}/achievements")).await["items"][0]["evidence"].clone();
            assert_eq!(evidence, bundle);
            // A part that is withdrawn takes the set away, and signed again it comes back.
            let other = told["rows"][0]["completion_id"].as_str().unwrap().to_owned();
            trainer.withdraws_completion(&part).await.expect(200);
            assert_eq!(person.achievements(&number).await, [("YTH".to_owned(), "2026-05-01".to_owned(), false)]);
            trainer.posts_roster(first, &[signed(name, "2026-04-02")]).await.expect(200);
            assert_eq!(person.achievements(&number).await[1], done("2026-05-01"));
            // The set is dated by the last of its parts.
            trainer.corrects(&other, "2026-03-15").await.expect(200);
            assert_eq!(person.achievements(&number).await[1], done("2026-04-02"));
            world.travel_to("2026-03-01");
        }
    }

    async fn an_achievement_follows_the_correction_of_its_completion(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        world.travel_to("2026-06-01");
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-05-01")]).await.expect(200);
        let completion = told["rows"][0]["completion_id"].as_str().unwrap().to_owned();
        other.corrects(&completion, "2026-04-01").await.refused(404, "not-found");
        ada.corrects(&completion, "2026-04-01").await.refused(403, "forbidden");
        trainer.corrects(&completion, "2026-06-02").await.faulty("#/completed_on", "order");
        assert_eq!(trainer.corrects(&completion, "2026-04-01").await.expect(200)["completed_on"], "2026-04-01");
        assert_eq!(ada.achievements(&number).await, [("FND".to_owned(), "2026-04-01".to_owned(), true)]);
        // On a day on which it does not count it achieves nothing, and the refusal says why.
        let refused = trainer.corrects(&completion, "2022-12-31").await.expect(200);
        assert_eq!(refused["state"], "refused");
        assert!(refused["findings"].to_string().contains("portfolio"));
        assert!(!ada.achievements(&number).await[0].2);
        // What its provider signed is decided at once, when it counts again.
        assert_eq!(trainer.corrects(&completion, "2026-04-02").await.expect(200)["state"], "verified");
        assert_eq!(ada.achievements(&number).await[1], ("FND".to_owned(), "2026-04-02".to_owned(), true));
        let corrections = world.happened_to(&completion).iter().filter(|one| *one == "completion.corrected").count();
        assert_eq!((corrections, world.count("achievement.corrected"), world.count("achievement.voided")), (3, 1, 1));
        let reasons = world.db().lines("SELECT CAST(data AS TEXT) AS line FROM events WHERE type = 'achievement.voided'");
        assert!(reasons[0].contains("The roster had the wrong day."), "{reasons:?}");
        // Handed in by the candidate and refused, it waits for the office.
        let second = staff.approves(&provider, "COM", "2025-01-01").await;
        let handed_in = ada.hands_in(&number, &second, "2022-12-31").await.expect(201).id();
        let why = json!({"reason": "Too long ago."});
        staff.post(&format!("/v1/completions/{handed_in}/refuse"), why).await.expect(200);
        assert_eq!(staff.corrects(&handed_in, "2026-04-02").await.expect(200)["state"], "recorded");
    }

    async fn a_certification_follows_a_correction_and_blocks_a_withdrawal(world) {
        let staff = world.staff().await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        world.travel_to("2026-06-01");
        let mut last = String::new();
        for (set, on) in SIX.iter().zip(["2026-04-01", "2026-04-02", "2026-04-03", "2026-04-04", "2026-04-05", "2026-05-20"]) {
            last = staff.credits(&number, set, on).await;
        }
        let certification = ada.progress(&number).await.text("certification_id");
        let path = format!("/v1/certifications/{certification}");
        let day = async || ada.get(&path).await.expect(200)["completed_on"].clone();
        assert_eq!(day().await, "2026-05-20");
        staff.corrects(&last, "2026-05-10").await.expect(200);
        let moved = ada.get(&path).await.expect(200);
        assert_eq!((&moved["completed_on"], &moved["expires_on"]), (&json!("2026-05-10"), &json!("2030-05-10")));
        assert_eq!((world.count("certification.corrected"), world.count("candidacy.completion_corrected")), (1, 1));
        let events = world.events();
        staff.withdraws_completion(&last).await.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        staff.corrects(&last, "2020-01-01").await.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        assert_eq!((world.events(), day().await), (events, json!("2026-05-10")));
        assert_eq!(ada.achievements(&number).await.len(), 6);
    }

    async fn a_withdrawn_completion_takes_its_achievement_with_it(world) {
        let staff = world.staff().await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let completion = staff.credits(&number, "FND", "2026-02-01").await;
        let withdrawn = staff.withdraws_completion(&completion).await.expect(200);
        assert_eq!((&withdrawn["state"], withdrawn.allows("withdraw_completion")), (&json!("voided"), false));
        assert!(!ada.achievements(&number).await[0].2);
        staff.withdraws_completion(&completion).await.refused(409, "state-conflict").unmet(&["completion.state"]);
        staff.corrects(&completion, "2026-02-02").await.refused(409, "state-conflict").unmet(&["completion.state"]);
        let told = ["completion.recorded", "completion.verified", "completion.withdrawn"];
        assert_eq!(world.happened_to(&completion), told);
        // The course can be handed in again.
        let course = withdrawn.text("course_id");
        let again = ada.hands_in(&number, &course, "2026-02-03").await.expect(201).id();
        staff.verifies(&again).await.expect(200);
        assert!(ada.achievements(&number).await[1].2);
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
