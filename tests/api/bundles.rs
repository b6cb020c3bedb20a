//! Bundles: youth services by a children's and a teen course (FAQ 10).

use serde_json::{Value, json};

use crate::support::{
    proposals::{Cast, mapped},
    world::{World, each, each_world},
};

/// The competencies of youth services of one half: those of the children's or of the teens' course.
fn half(which: usize) -> Vec<Value> {
    let codes = (1..=12_usize).filter(|number| number % 2 == which);
    codes.map(|number| mapped(&format!("YTH-{number:02}"))).collect()
}

async fn drafts(cast: &Cast) -> String {
    let body = json!({"provider_id": cast.provider, "set": "YTH", "title": "Youth services"});
    cast.paul.post("/v1/bundles", body).await.expect(201).id()
}

/// A course is proposed as a part of a bundle and approved; its id.
async fn part(cast: &Cast, bundle: &str, which: usize) -> String {
    let mut body = cast.paul.proposal(&cast.provider, "YTH", half(which)).await;
    body["bundle_id"] = json!(bundle);
    let draft = cast.paul.post("/v1/course-proposals", body).await.expect(201);
    cast.approved(&draft).await
}

async fn approved(world: &World) -> (Cast, String, [String; 2]) {
    let cast = world.proposers().await;
    let bundle = drafts(&cast).await;
    let courses = [part(&cast, &bundle, 1).await, part(&cast, &bundle, 0).await];
    cast.staff.post(&format!("/v1/bundles/{bundle}/approve"), json!({})).await.expect(200);
    (cast, bundle, courses)
}

each_world! {
    async fn both_courses_together_achieve_the_set_in_either_order(world) {
        let (cast, bundle, courses) = approved(world).await;
        let told = world.anyone().get(&format!("/v1/bundles/{bundle}")).await.expect(200);
        assert_eq!((&told["state"], &told["ends_on"]), (&json!("approved"), &json!("2030-03-01")));
        assert_eq!(told["course_ids"], json!(courses));
        assert_eq!(told["actions"], json!([]));
        for (name, order) in [("Ada", [0, 1]), ("Bob", [1, 0])] {
            let candidate = world.register(name).await;
            let candidacy = cast.staff.admits(&candidate).await;
            let path = format!("/v1/candidacies/{candidacy}/achievements");
            for (place, day) in order.into_iter().zip(["2026-02-01", "2026-02-20"]) {
                assert_eq!(candidate.get(&path).await.expect(200)["items"], json!([]));
                let done = candidate.hands_in(&candidacy, &courses[place], day).await.expect(201).id();
                cast.staff.verifies(&done).await.expect(200);
            }
            let achieved = candidate.get(&path).await.expect(200);
            assert_eq!(each(&achieved["items"], "set"), ["YTH"], "{name}");
        }
    }

    async fn who_completed_its_courses_before_achieves_the_set_on_its_approval(world) {
        let cast = world.proposers().await;
        let bundle = drafts(&cast).await;
        let courses = [part(&cast, &bundle, 1).await, part(&cast, &bundle, 0).await];
        let ada = world.register("Ada").await;
        let candidacy = cast.staff.admits(&ada).await;
        for course in &courses {
            let done = ada.hands_in(&candidacy, course, "2026-02-01").await.expect(201).id();
            cast.staff.verifies(&done).await.expect(200);
        }
        let path = format!("/v1/candidacies/{candidacy}/achievements");
        assert_eq!(ada.get(&path).await.expect(200)["items"], json!([]));
        cast.staff.post(&format!("/v1/bundles/{bundle}/approve"), json!({})).await.expect(200);
        assert_eq!(each(&ada.get(&path).await.expect(200)["items"], "set"), ["YTH"]);
    }

    async fn a_bundle_needs_two_courses_that_cover_the_set(world) {
        let cast = world.proposers().await;
        let bundle = drafts(&cast).await;
        let approve = format!("/v1/bundles/{bundle}/approve");
        part(&cast, &bundle, 1).await;
        cast.paul.post(&approve, json!({})).await.refused(403, "forbidden");
        let refused = cast.staff.post(&approve, json!({})).await.refused(422, "rule-not-met");
        let findings = refused["findings"].as_array().unwrap();
        let unmet = |rule: &str| findings.iter().filter(|one| one["rule"] == rule && one["satisfied"] == false).count();
        assert_eq!((unmet("bundle.courses"), unmet("proposal.map_complete")), (1, 6));
        part(&cast, &bundle, 1).await;
        cast.staff.post(&approve, json!({})).await.refused(422, "rule-not-met");
        let attested = json!({"override_reason": "The second course teaches the rest in class."});
        cast.staff.post(&approve, attested).await.expect(200);
        cast.staff.post(&approve, json!({})).await.refused(409, "state-conflict").unmet(&["bundle.state"]);
        // An approved bundle takes no further course.
        let mut body = cast.paul.proposal(&cast.provider, "YTH", half(0)).await;
        body["bundle_id"] = json!(bundle);
        cast.paul.post("/v1/course-proposals", body).await.refused(409, "state-conflict").unmet(&["bundle.state"]);
    }

    async fn a_bundle_is_renewed_after_its_courses(world) {
        let (cast, bundle, courses) = approved(world).await;
        let renew = format!("/v1/bundles/{bundle}/renew");
        // Nobody renews for four years more and again before the last year.
        let mut early = cast.paul.proposal(&cast.provider, "YTH", half(1)).await;
        early["bundle_id"] = json!(bundle);
        early["renews_course_id"] = json!(courses[0]);
        cast.paul.post("/v1/course-proposals", early.clone()).await.refused(409, "state-conflict").unmet(&["course.renewal_window"]);
        world.travel_to("2029-02-28");
        cast.paul.post("/v1/course-proposals", early).await.refused(409, "state-conflict").unmet(&["course.renewal_window"]);
        let refused = cast.staff.post_empty(&renew).await.refused(409, "state-conflict");
        refused.unmet(&["course.renewal_window", "bundle.courses_renewed"]);
        world.travel_to("2029-10-01");
        cast.staff.post_empty(&renew).await.refused(409, "state-conflict").unmet(&["bundle.courses_renewed"]);
        for (course, which) in courses.iter().zip([1, 0]) {
            let mut body = cast.paul.proposal(&cast.provider, "YTH", half(which)).await;
            body["bundle_id"] = json!(bundle);
            body["renews_course_id"] = json!(course);
            let draft = cast.paul.post("/v1/course-proposals", body).await.expect(201);
            assert_eq!(cast.approved(&draft).await, *course);
        }
        let renewed = cast.staff.post_empty(&renew).await.expect(200);
        assert_eq!((&renewed["approved_on"], &renewed["ends_on"]), (&json!("2026-03-01"), &json!("2034-03-01")));
        cast.staff.post_empty(&renew).await.refused(409, "state-conflict").unmet(&["course.renewal_window", "bundle.courses_renewed"]);
    }

    async fn drafts_are_shown_to_their_provider_and_the_office_alone(world) {
        let (cast, bundle, _) = approved(world).await;
        let (draft, dropped) = (drafts(&cast).await, drafts(&cast).await);
        cast.paul.post(&format!("/v1/bundles/{dropped}/end"), json!({"reason": "Not needed."})).await.expect(200);
        let other = cast.staff.records_provider("Open Stacks").await;
        let otto = world.acts_for(&other, "provider", "Otto").await;
        for outsider in [&world.anyone(), &otto, &cast.eva] {
            outsider.get(&format!("/v1/bundles/{draft}")).await.refused(404, "not-found");
            outsider.get(&format!("/v1/bundles/{dropped}")).await.refused(404, "not-found");
            outsider.get(&format!("/v1/bundles/{bundle}")).await.expect(200);
            assert_eq!(each(&outsider.get("/v1/bundles").await.expect(200)["items"], "id"), [&bundle]);
            assert_eq!(outsider.get("/v1/bundles?state=draft").await.expect(200)["items"], json!([]));
        }
        for insider in [&cast.paul, &cast.staff] {
            insider.get(&format!("/v1/bundles/{draft}")).await.expect(200);
            assert_eq!(each(&insider.get("/v1/bundles").await.expect(200)["items"], "id"), [&bundle, &draft, &dropped]);
        }
        // An end that came after the approval stays to be read.
        cast.staff.post(&format!("/v1/bundles/{bundle}/end"), json!({"reason": "Over."})).await.expect(200);
        world.anyone().get(&format!("/v1/bundles/{bundle}")).await.expect(200);
    }

    async fn a_bundle_ends_and_a_draft_is_given_up(world) {
        let (cast, bundle, _) = approved(world).await;
        let draft = drafts(&cast).await;
        let end = |id: &str| format!("/v1/bundles/{id}/end");
        let on = |day: &str| json!({"on": day, "reason": "The teacher retired."});
        cast.paul.post(&end(&bundle), on("2026-02-28")).await.refused(409, "state-conflict").unmet(&["course.in_force"]);
        let ended = cast.paul.post(&end(&bundle), on("2026-06-30")).await.expect(200);
        assert_eq!((&ended["ended"]["on"], &ended["ended"]["kind"]), (&json!("2026-06-30"), &json!("withdrawn")));
        cast.staff.post(&end(&bundle), on("2026-07-30")).await.refused(409, "state-conflict");
        let given_up = cast.staff.post(&end(&draft), json!({"reason": "Not needed."})).await.expect(200);
        assert_eq!(given_up["state"], "withdrawn");
        let in_force = |day: &str| format!("/v1/bundles?set=YTH&approved_on={day}");
        let anyone = world.anyone();
        assert_eq!(each(&anyone.get(&in_force("2026-06-30")).await.expect(200)["items"], "id"), [&bundle]);
        assert_eq!(anyone.get(&in_force("2026-07-01")).await.expect(200)["items"], json!([]));
    }
}
