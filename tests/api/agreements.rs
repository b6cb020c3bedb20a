//! Recognition agreements: what they cover, who reviews and signs them, how they change and end.

use serde_json::json;

use crate::support::{
    colleges::{ALL, requirements},
    world::{each, each_world},
};

each_world! {
    async fn a_full_agreement_goes_from_its_draft_to_the_public_list(world) {
        let campus = world.campus().await;
        let draft = campus.cora.post("/v1/recognition-agreements", campus.draft(&ALL, &json!([]))).await.expect(201);
        let id = draft.id();
        let path = format!("/v1/recognition-agreements/{id}");
        assert_eq!(draft["terms"]["coverage"]["outcome"], "full");
        assert_eq!(each(&draft["terms"]["coverage"]["findings"], "rule"), ["recognition.required_covered", "recognition.electives_covered"]);
        // Nobody else knows of a draft.
        world.anyone().get(&path).await.refused(404, "not-found");
        world.register("Ada").await.get(&path).await.refused(404, "not-found");
        assert_eq!(world.anyone().get("/v1/recognition-agreements").await.expect(200)["items"], json!([]));
        campus.cora.moves(&id, "submit", json!({})).await.expect(200);
        campus.cora.moves(&id, "reviews", json!({"advice": "approve"})).await.refused(403, "forbidden");
        campus.staff.moves(&id, "sign", json!({})).await.refused(422, "rule-not-met").unmet(&["agreement.reviews"]);
        campus.is_approved(&id).await;
        campus.amy.moves(&id, "reviews", json!({"advice": "approve"})).await.refused(422, "rule-not-met").unmet(&["review.once"]);
        campus.cora.moves(&id, "sign", json!({})).await.refused(403, "forbidden");
        campus.staff.moves(&id, "sign", json!({"signed_on": "2026-03-02"})).await.refused(422, "rule-not-met").unmet(&["agreement.signed_by_today"]);
        let signed = campus.staff.moves(&id, "sign", json!({})).await.expect(200);
        assert_eq!((&signed["status"], &signed["signed_on"], &signed["ends_on"]), (&json!("in_force"), &json!("2026-03-01"), &json!("2030-03-01")));
        let shown = world.anyone().get(&path).await.expect(200);
        assert_eq!((&shown["workings"], &shown["college_name"]), (&json!(null), &json!("College of DuPage")));
        assert_eq!(shown.header("cache-control"), "public, max-age=60");
        let seen = world.anyone();
        let again = seen.request(reqwest::Method::GET, &path).header("If-None-Match", shown.etag());
        assert_eq!(again.send().await.unwrap().status(), 304);
        let found = async |query: &str| {
            let list = world.anyone().get(&format!("/v1/recognition-agreements?{query}")).await.expect(200);
            list["items"].as_array().unwrap().len()
        };
        for (query, count) in [
            ("status=in_force", 1), ("status=expired", 0), ("status=expired&as_of=2030-03-02", 1), ("status=in_force&as_of=2030-03-01", 1),
            ("state=signed", 1), ("state=draft", 0), ("program_kind=diploma", 0), ("q=dupage%20technical", 1), ("q=palomar", 0),
        ] {
            assert_eq!(found(query).await, count, "{query}");
        }
        let told = world.happened_to(&id);
        assert_eq!(told, ["agreement.drafted", "agreement.submitted", "agreement.reviewed", "agreement.reviewed", "agreement.signed"]);
    }

    async fn nobody_reviews_what_they_wrote_and_none_is_signed_before_its_reviews(world) {
        let campus = world.campus().await;
        let id = campus.staff.post("/v1/recognition-agreements", campus.draft(&ALL, &json!([]))).await.expect(201).id();
        campus.staff.moves(&id, "submit", json!({})).await.expect(200);
        let approve = || json!({"advice": "approve"});
        campus.staff.moves(&id, "reviews", approve()).await.refused(422, "rule-not-met").unmet(&["review.not_proposer"]);
        let zoe = world.register("Zoe").await;
        world.grant(&zoe.id, domain::access::Role::Staff).await;
        campus.amy.moves(&id, "reviews", approve()).await.expect(200);
        zoe.moves(&id, "reviews", approve()).await.expect(200);
        let on = |day: &str| json!({"signed_on": day});
        for day in ["1990-01-01", "2026-02-28"] {
            campus.staff.moves(&id, "sign", on(day)).await.refused(422, "rule-not-met").unmet(&["agreement.signed_after_reviews"]);
        }
        world.travel_to("2026-03-05");
        let signed = campus.staff.moves(&id, "sign", on("2026-03-01")).await.expect(200);
        assert_eq!(signed["signed_on"], "2026-03-01");
        // So is a change of it.
        let change = json!({"reason": "A course more.", "requirements": requirements(&["FND", "COM", "TEC", "ACC", "CAT", "REF", "SUP"])});
        campus.amy.moves(&id, "changes", change).await.expect(200);
        campus.amy.moves(&id, "reviews", approve()).await.refused(422, "rule-not-met").unmet(&["review.not_proposer"]);
        campus.staff.moves(&id, "reviews", approve()).await.expect(200);
        zoe.moves(&id, "reviews", approve()).await.expect(200);
        campus.staff.moves(&id, "changes/adopt", json!({})).await.expect(200);
    }

    async fn nobody_of_the_college_reviews_its_agreement(world) {
        let campus = world.campus().await;
        let id = campus.hands_in(&ALL, &json!([])).await;
        // One of the office who acts for the college may not at all; one who works there is refused with findings.
        let inside = world.acts_for(&campus.college, "college", "Ina").await;
        world.grant(&inside.id, domain::access::Role::Staff).await;
        inside.moves(&id, "reviews", json!({"advice": "approve"})).await.refused(403, "forbidden");
        let mut statements = crate::support::story::statements();
        statements["jobs"][0]["library"] = json!("college of dupage");
        campus.amy.post("/v1/applications", statements).await.expect(201);
        campus.amy.moves(&id, "reviews", json!({"advice": "approve"})).await.refused(422, "rule-not-met").unmet(&["review.other_employer"]);
        campus.staff.moves(&id, "reviews", json!({"advice": "change"})).await.faulty("#/comment", "required");
        assert_eq!(world.count("agreement.reviewed"), 0);
    }

    async fn a_partial_agreement_names_what_its_graduates_add(world) {
        let campus = world.campus().await;
        let id = campus.hands_in(&["FND", "TEC", "ACC", "CAT", "REF"], &json!([])).await;
        campus.is_approved(&id).await;
        let refused = campus.staff.moves(&id, "sign", json!({})).await.refused(422, "rule-not-met");
        refused.unmet(&["recognition.conditions_named"]);
        campus.staff.moves(&id, "send-back", json!({"reason": "Name a way to COM."})).await.expect(200);
        let course = campus.staff.approves_course("COM", "2025-01-01").await;
        let path = format!("/v1/recognition-agreements/{id}");
        let tag = campus.cora.get(&path).await.expect(200).etag();
        let condition = |set: &str| json!({"conditions": [{"set": set, "text": "By the named course.", "course_id": course}]});
        campus.cora.patch(&path, &tag, condition("TEC")).await.refused(422, "invalid-input");
        let changed = campus.cora.patch(&path, &tag, condition("COM")).await.expect(200);
        assert_eq!(changed["terms"]["coverage"]["outcome"], "partial");
        campus.cora.moves(&id, "submit", json!({})).await.expect(200);
        // The reviews of the text before count no more.
        campus.staff.moves(&id, "sign", json!({})).await.refused(422, "rule-not-met").unmet(&["agreement.reviews"]);
        campus.is_approved(&id).await;
        let signed = campus.staff.moves(&id, "sign", json!({})).await.expect(200);
        assert_eq!((&signed["status"], &signed["versions"][0]["coverage"]), (&json!("in_force"), &json!("partial")));
        assert_eq!(signed["terms"]["coverage"]["missing_required"], json!(["COM"]));
        assert_eq!(signed["terms"]["conditions"][0]["course_id"], course);
    }

    async fn a_change_becomes_the_next_version_and_the_first_stays_readable(world) {
        let campus = world.campus().await;
        let id = campus.signs(&ALL, &json!([])).await;
        let path = format!("/v1/recognition-agreements/{id}");
        world.travel_to("2026-09-01");
        let change = json!({"reason": "A course more.", "requirements": requirements(&["FND", "COM", "TEC", "ACC", "CAT", "REF", "SUP"])});
        campus.cora.moves(&id, "changes", change.clone()).await.expect(200);
        campus.cora.moves(&id, "changes", change.clone()).await.refused(409, "state-conflict").unmet(&["agreement.pending"]);
        campus.staff.moves(&id, "changes/adopt", json!({})).await.refused(422, "rule-not-met").unmet(&["agreement.reviews"]);
        assert_eq!(world.anyone().get(&path).await["terms"]["coverage"]["covered_sets"], json!(ALL));
        campus.is_approved(&id).await;
        let adopted = campus.staff.moves(&id, "changes/adopt", json!({})).await.expect(200);
        assert_eq!((&adopted["terms_version"], &adopted["workings"]["pending"]), (&json!(2), &json!(null)));
        let on = async |day: &str| world.anyone().get(&format!("{path}?as_of={day}")).await.expect(200);
        assert_eq!(on("2026-08-31").await["terms_version"], 1);
        assert_eq!(on("2026-08-31").await["terms"]["coverage"]["covered_sets"], json!(ALL));
        assert_eq!(on("2026-09-01").await["terms"]["coverage"]["covered_sets"][6], "SUP");
        campus.cora.moves(&id, "changes", change).await.expect(200);
        campus.cora.moves(&id, "changes/drop", json!({"reason": "Not this year."})).await.expect(200);
        campus.staff.moves(&id, "changes/adopt", json!({})).await.refused(409, "state-conflict").unmet(&["agreement.pending"]);
        let told = campus.cora.get(&format!("{path}/events")).await.expect(200);
        assert_eq!(each(&told["items"], "type").last(), Some(&"agreement.change_dropped"));
        world.anyone().get(&format!("{path}/events")).await.refused(401, "unauthenticated");
    }

    async fn an_agreement_is_reviewed_each_year_and_ends(world) {
        let campus = world.campus().await;
        let id = campus.signs(&ALL, &json!([])).await;
        let path = format!("/v1/recognition-agreements/{id}");
        let held = json!({"outcome": "unchanged", "notes": "As before."});
        campus.staff.moves(&id, "yearly-reviews", held.clone()).await.refused(409, "state-conflict").unmet(&["agreement.review_due"]);
        world.travel_to("2027-04-01");
        assert_eq!(campus.cora.get(&path).await["workings"]["review_overdue"], true);
        let due = |query: &str| format!("/v1/recognition-agreements?review_due_by=2027-04-01{query}");
        assert_eq!(each(&campus.staff.get(&due("")).await.expect(200)["items"], "id"), [id.as_str()]);
        assert_eq!(campus.staff.get("/v1/recognition-agreements?review_due_by=2027-02-28").await.expect(200)["items"], json!([]));
        let own = format!("&college_id={}", campus.college);
        assert_eq!(each(&campus.cora.get(&due(&own)).await.expect(200)["items"], "id"), [id.as_str()]);
        campus.cora.get(&due("")).await.refused(403, "forbidden");
        world.register("Eve").await.get(&due(&own)).await.refused(403, "forbidden");
        world.anyone().get(&due("")).await.refused(401, "unauthenticated");
        let reviewed = campus.staff.moves(&id, "yearly-reviews", held).await.expect(200);
        assert_eq!((&reviewed["workings"]["review_overdue"], &reviewed["workings"]["next_review_on"]), (&json!(false), &json!("2028-03-01")));
        assert_eq!(campus.staff.get(&due("")).await.expect(200)["items"], json!([]), "it was held");
        // What is kept is sent anew once the college has another name.
        let shown = campus.staff.get(&path).await.expect(200);
        campus.staff.patch(&format!("/v1/colleges/{}", campus.college), "*", json!({"name": "DuPage"})).await.expect(200);
        let again = campus.staff.request(reqwest::Method::GET, &path).header("If-None-Match", shown.etag());
        assert_eq!(crate::support::actor::send(again).await.expect(200)["college_name"], "DuPage");
        let end = |on: &str| json!({"reason": "The program closes.", "ended_on": on});
        campus.cora.moves(&id, "end", end("2027-03-31")).await.refused(409, "state-conflict").unmet(&["agreement.end_day"]);
        campus.cora.moves(&id, "end", end("2027-06-30")).await.expect(200);
        campus.staff.moves(&id, "end", end("2027-06-30")).await.refused(409, "state-conflict").unmet(&["agreement.state"]);
        let on = async |day: &str| world.anyone().get(&format!("{path}?as_of={day}")).await["status"].clone();
        assert_eq!((on("2027-06-30").await, on("2027-07-01").await), (json!("in_force"), json!("ended")));
    }

    async fn what_no_agreement_can_say_is_refused(world) {
        let campus = world.campus().await;
        let post = async |body| campus.cora.post("/v1/recognition-agreements", body).await;
        post(campus.draft(&[], &json!([]))).await.faulty("#/requirements", "length");
        post(campus.draft(&["FND", "XYZ"], &json!([]))).await.faulty("#/requirements/1/sets/0", "unknown");
        let course = campus.staff.approves_course("TEC", "2025-01-01").await;
        let foreign = json!([{"set": "COM", "text": "By this.", "course_id": course}]);
        post(campus.draft(&["FND"], &foreign)).await.faulty("#/conditions/0/course_id", "unknown");
        let covered = json!([{"set": "FND", "text": "Since when?"}]);
        post(campus.draft(&["FND"], &covered)).await.faulty("#/conditions/0/graduated_from", "required");
        let mut nowhere = campus.draft(&ALL, &json!([]));
        nowhere["college_id"] = json!("org_00000000000000000000000000000000");
        campus.cora.post("/v1/recognition-agreements", nowhere.clone()).await.refused(403, "forbidden");
        campus.staff.post("/v1/recognition-agreements", nowhere).await.faulty("#/college_id", "unknown");
        world.anyone().post_bare("/v1/recognition-agreements", campus.draft(&ALL, &json!([]))).await.refused(401, "unauthenticated");
        assert_eq!(world.count("agreement.drafted"), 0);
    }
}
