//! Graduates: posted row by row, matched, claimed, verified, and credited with every covered set at once.

use serde_json::json;

use crate::support::{
    colleges::{ALL, graduate},
    mails::confirms,
    race::{contend, one_winner},
    world::{each, each_world},
};

/// What graduates of a partial agreement add.
fn add_com() -> serde_json::Value {
    json!([{"set": "COM", "text": "By an approved course."}])
}

each_world! {
    async fn a_batch_is_answered_row_by_row(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        world.registers("Ada").await;
        world.registers("Bob").await;
        let mut stranger = graduate("Bob", "2026-01-15");
        stranger["name"] = json!("Robert Sample");
        let rows = [
            graduate("Ada", "2026-01-15"),
            graduate("Nora", "2024-03-01"),
            graduate("Nora", "2024-03-01"),
            graduate("Otto", "2024-02-29"),
            graduate("Otto", "2026-03-02"),
            stranger,
            json!({"name": "No Address", "graduated_on": "last year"}),
        ];
        let rehearsed = campus.cora.moves(&agreement, "graduates?dry_run=true", json!({"rows": rows})).await.expect(200);
        assert_eq!((&rehearsed["dry_run"], &rehearsed["posted"], world.count("graduate.posted")), (&json!(true), &json!(2), 0));
        let posted = campus.cora.posts(&agreement, &rows).await.expect(200);
        assert_eq!(each(&posted["rows"], "outcome"), ["posted", "posted", "already_posted", "refused", "bad", "refused", "bad"]);
        let row = |place: usize| &posted["rows"][place];
        assert_eq!((&row(0)["matched"], &row(1)["matched"], &row(2)["graduate_id"]), (&json!(true), &json!(false), &row(1)["graduate_id"]));
        assert_eq!(row(3)["findings"][1]["rule"], "recognition.graduation_window");
        assert_eq!((&row(4)["errors"][0]["column"], &row(4)["errors"][0]["code"]), (&json!("graduated_on"), &json!("order")));
        assert_eq!(row(5)["findings"][0]["rule"], "roster.identifiers_agree");
        assert_eq!(each(&row(6)["errors"], "column"), ["email", "graduated_on"]);
        let again = campus.cora.posts(&agreement, &rows[..2]).await.expect(200);
        assert_eq!((&again["posted"], &again["already_posted"]), (&json!(0), &json!(2)));
        assert_eq!(world.count("graduate.posted"), 2);
        campus.cora.posts(&agreement, &[]).await.faulty("#/rows", "length");
        world.register("Eve").await.posts(&agreement, &rows).await.refused(403, "forbidden");
    }

    async fn a_file_is_answered_by_its_lines(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let file = "email,name,graduated_on\r\nnora@example.org,Nora Lind,2026-01-15\r\n\r\n,Otto Vega,2026-01-15\r\n";
        let posted = campus.cora.posts_file(&agreement, file).await.expect(200);
        let lines: Vec<_> = posted["rows"].as_array().unwrap().iter().map(|row| (&row["line"], &row["outcome"])).collect();
        assert_eq!(lines, [(&json!(2), &json!("posted")), (&json!(4), &json!("bad"))]);
        campus.cora.posts_file(&agreement, "email,nickname\na@example.org,Al\n").await.refused(422, "invalid-input");
        let listed = campus.cora.get("/v1/graduates").await.expect(200);
        assert_eq!(each(&listed["items"], "email"), ["nora@example.org"]);
        let nora = listed["items"][0]["id"].as_str().unwrap();
        let other = campus.staff.records_college("Palomar College").await;
        let sol = world.acts_for(&other, "college", "Sol").await;
        assert_eq!(sol.get("/v1/graduates").await.expect(200)["items"], json!([]));
        assert_eq!(sol.get(&format!("/v1/graduates?college_id={}", campus.college)).await.expect(200)["items"], json!([]));
        sol.get(&format!("/v1/graduates/{nora}")).await.refused(404, "not-found");
        sol.posts_file(&agreement, file).await.refused(403, "forbidden");
    }

    async fn a_graduate_who_was_posted_by_mistake_is_withdrawn(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let rows = [graduate("Ada", "2026-01-15"), graduate("Nora", "2026-01-15")];
        let posted = campus.cora.posts(&agreement, &rows).await.expect(200);
        let (hers, other) = (each(&posted["rows"], "graduate_id")[0].to_owned(), each(&posted["rows"], "graduate_id")[1].to_owned());
        let withdraw = |id: &str| format!("/v1/graduates/{id}/withdraw");
        let reason = || json!({"reason": "Another Ada."});
        // What the college posts is the college's to take back.
        ada.post(&withdraw(&hers), reason()).await.refused(403, "forbidden");
        world.register("Eve").await.post(&withdraw(&hers), reason()).await.refused(404, "not-found");
        campus.cora.post(&withdraw(&hers), json!({})).await.refused(422, "invalid-input");
        let gone = campus.cora.post(&withdraw(&hers), reason()).await.expect(200);
        assert_eq!((&gone["state"], &gone["reason"]), (&json!("withdrawn"), &json!("Another Ada.")));
        campus.cora.post(&withdraw(&hers), reason()).await.refused(409, "state-conflict").unmet(&["graduate.state"]);
        let candidacy = campus.staff.admits(&ada).await;
        assert_eq!(ada.progress(&candidacy).await["satisfied"], false, "it counts for nothing");
        // Posted again it counts, and then it stays.
        let again = campus.cora.posts(&agreement, &rows).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["posted", "already_posted"]);
        assert_eq!(ada.progress(&candidacy).await["satisfied"], true);
        let credited = each(&again["rows"], "graduate_id")[0].to_owned();
        campus.cora.post(&withdraw(&credited), reason()).await.refused(409, "state-conflict").unmet(&["graduate.not_credited"]);
        campus.staff.post(&withdraw(&other), reason()).await.expect(200);
        assert_eq!(world.count("graduate.withdrawn"), 2);
    }

    async fn a_graduate_is_certified_by_one_acceptance(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let posted = campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let id = posted["rows"][0]["graduate_id"].as_str().unwrap().to_owned();
        let application = ada.stands_before(&campus.staff, 35).await;
        let told = ada.get(&format!("/v1/applications/{application}")).await.expect(200);
        assert_eq!(told["recognition"][0]["covered_sets"], json!(ALL));
        let accepted = campus.staff.accepts(&application).await;
        let candidacy = accepted.text("candidacy_id");
        let progress = ada.progress(&candidacy).await;
        assert_eq!((&progress["satisfied"], &progress["status"], &progress["owes_hours"]), (&json!(true), &json!("completed"), &json!(false)));
        assert!(progress["sets"].as_array().unwrap().iter().filter(|set| set["state"] != "open").all(|set| set["method"] == "recognition"));
        let number = progress.text("certificate_number");
        let verified = world.anyone().get(&format!("/v1/verifications/{number}")).await.expect(200);
        assert_eq!((&verified["status"], &verified["condition"]), (&json!("active"), &json!(null)));
        assert_eq!(world.happened_to(&id), ["graduate.posted", "graduate.matched", "graduate.verified", "graduate.credited"]);
        assert_eq!((world.count("achievement.recorded"), world.count("certification.awarded")), (6, 1));
        // The person sees it all; the college is not told who the person is.
        let path = format!("/v1/graduates/{id}");
        assert_eq!(ada.get(&path).await.expect(200)["candidacy_id"], candidacy);
        let college = campus.cora.get(&path).await.expect(200);
        assert_eq!((&college["matched"], &college["person_id"], &college["candidacy_id"]), (&json!(true), &json!(null), &json!(null)));
    }

    async fn who_confirms_the_address_later_is_matched_and_credited_then(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.register("Ada").await;
        let posted = campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        assert_eq!(posted["rows"][0]["matched"], false);
        let candidacy = campus.staff.admits(&ada).await;
        assert_eq!(ada.progress(&candidacy).await["satisfied"], false);
        confirms(world, "ada@example.org").await;
        assert_eq!(ada.progress(&candidacy).await["satisfied"], true);
        assert_eq!((world.count("graduate.credited"), world.count("certification.awarded")), (1, 1));
    }

    async fn a_graduate_posted_after_the_admission_is_credited_at_once(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let candidacy = campus.staff.admits(&ada).await;
        campus.staff.credits(&candidacy, "FND", "2026-02-01").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let progress = ada.progress(&candidacy).await;
        let methods: Vec<_> = progress["sets"].as_array().unwrap().iter().filter(|set| set["state"] != "open").map(|set| set["method"].as_str().unwrap()).collect();
        assert_eq!(methods, ["course", "recognition", "recognition", "recognition", "recognition", "recognition"]);
        assert_eq!(progress["status"], "completed");
    }

    async fn a_claim_waits_for_the_office(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let (ada, bob) = (world.registers("Ada").await, world.registers("Bob").await);
        let claim = ada.claims(&agreement, "2026-01-15").await.expect(201);
        assert_eq!((&claim["state"], &claim["person_id"]), (&json!("claimed"), &json!(ada.id)));
        ada.claims(&agreement, "2026-01-15").await.refused(409, "conflict");
        let foreign = json!({"agreement_id": agreement, "graduated_on": "2026-01-15", "transcript_id": claim["transcript_id"]});
        bob.post("/v1/graduation-claims", foreign).await.faulty("#/transcript_id", "unknown");
        bob.claims("agr_00000000000000000000000000000000", "2026-01-15").await.faulty("#/agreement_id", "unknown");
        let draft = campus.hands_in(&ALL, &json!([])).await;
        bob.claims(&draft, "2026-01-15").await.faulty("#/agreement_id", "unknown");
        bob.get(&format!("/v1/graduates/{}", claim.id())).await.refused(404, "not-found");
        let candidacy = campus.staff.admits(&ada).await;
        assert_eq!(ada.progress(&candidacy).await["recognition"][0]["state"], "claimed");
        ada.finds(&claim.id(), "verify").await.refused(403, "forbidden");
        campus.cora.finds(&claim.id(), "verify").await.refused(403, "forbidden");
        let queue = campus.staff.get("/v1/graduates?state=claimed").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [claim.id()]);
        let verified = campus.staff.finds(&claim.id(), "verify").await.expect(200);
        assert_eq!((&verified["state"], &verified["candidacy_id"]), (&json!("verified"), &json!(candidacy)));
        assert_eq!(ada.progress(&candidacy).await["status"], "completed");
        campus.staff.finds(&claim.id(), "refuse").await.refused(409, "state-conflict").unmet(&["graduate.state"]);
    }

    async fn who_claims_has_shown_control_of_the_address(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.register("Ada").await;
        ada.claims(&agreement, "2026-01-15").await.refused(409, "state-conflict").unmet(&["graduate.address_verified"]);
        world.verify_addresses(&ada).await;
        ada.claims(&agreement, "2026-01-15").await.expect(201);
        assert_eq!(world.count("graduate.claimed"), 1);
    }

    async fn the_college_confirms_a_claim_by_posting_it(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let claim = ada.claims(&agreement, "2025-12-31").await.expect(201).id();
        let candidacy = campus.staff.admits(&ada).await;
        assert_eq!(ada.progress(&candidacy).await["satisfied"], false, "the office checked nothing yet");
        let rows = [graduate("Ada", "2026-01-15"), graduate("Ada", "2026-01-15")];
        let posted = campus.cora.posts(&agreement, &rows).await.expect(200);
        assert_eq!(each(&posted["rows"], "outcome"), ["confirmed", "already_posted"]);
        assert_eq!((&posted["confirmed"], &posted["posted"], &posted["rows"][0]["graduate_id"]), (&json!(1), &json!(0), &json!(claim)));
        assert_eq!(world.happened_to(&claim), ["graduate.claimed", "graduate.confirmed", "graduate.verified", "graduate.credited"]);
        assert_eq!(ada.progress(&candidacy).await["satisfied"], true);
        let told = ada.get(&format!("/v1/graduates/{claim}")).await.expect(200);
        assert_eq!((&told["state"], &told["graduated_on"]), (&json!("verified"), &json!("2026-01-15")));
        let again = campus.cora.posts(&agreement, &rows[..1]).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["already_posted"]);
    }

    async fn a_graduation_before_the_window_counts_for_nothing(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        ada.claims(&agreement, "2026-03-02").await.faulty("#/graduated_on", "order");
        let claim = ada.claims(&agreement, "2024-02-29").await.expect(201).id();
        campus.staff.finds(&claim, "verify").await.refused(422, "rule-not-met").unmet(&["recognition.graduation_window"]);
        let refused = campus.staff.finds(&claim, "refuse").await.expect(200);
        assert_eq!((&refused["state"], &refused["decided_on"]), (&json!("refused"), &json!("2026-03-01")));
        // Refused, it can be claimed again.
        let again = ada.claims(&agreement, "2024-03-01").await.expect(201).id();
        campus.staff.finds(&again, "verify").await.expect(200);
        assert_eq!((world.count("graduate.verified"), world.count("achievement.recorded")), (1, 0));
    }

    async fn a_partial_agreement_leaves_its_condition_to_the_graduate(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&["FND", "TEC", "ACC", "CAT", "REF"], &add_com()).await;
        let ada = world.registers("Ada").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let application = ada.stands_before(&campus.staff, 35).await;
        let candidacy = campus.staff.accepts(&application).await.text("candidacy_id");
        let progress = ada.progress(&candidacy).await;
        assert_eq!((&progress["missing_required"], &progress["electives_missing"]), (&json!(["COM"]), &json!(0)));
        assert_eq!(progress["recognition"][0]["conditions"][0]["set"], "COM");
        assert_eq!(world.count("certification.awarded"), 0);
        campus.staff.credits(&candidacy, "COM", "2026-02-01").await;
        assert_eq!(ada.progress(&candidacy).await["status"], "completed");
    }

    async fn since_a_day_a_covered_set_is_added_by_a_course(world) {
        let campus = world.campus().await;
        let since = json!([{"set": "COM", "text": "Since spring 2025, by a course.", "graduated_from": "2025-03-01"}]);
        let agreement = campus.signs(&ALL, &since).await;
        let rows = [graduate("Ada", "2025-02-28"), graduate("Bob", "2025-03-01")];
        world.registers("Ada").await;
        world.registers("Bob").await;
        let posted = campus.cora.posts(&agreement, &rows).await.expect(200);
        let covered = async |place: usize| {
            let id = posted["rows"][place]["graduate_id"].as_str().unwrap();
            campus.staff.get(&format!("/v1/graduates/{id}")).await.expect(200)["covered_sets"].clone()
        };
        assert_eq!(covered(0).await, json!(ALL));
        assert_eq!(covered(1).await, json!(["FND", "TEC", "ACC", "CAT", "REF"]));
    }

    async fn sixteen_verifications_of_one_graduate(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let claim = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        campus.staff.admits(&ada).await;
        let answers = contend(|_| {
            let (staff, claim) = (campus.staff.clone(), claim.clone());
            async move { staff.finds(&claim, "verify").await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("graduate.credited"), world.count("achievement.recorded"), world.count("certification.awarded")), (1, 6, 1));
    }

    async fn sixteen_acceptances_of_one_graduate(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let application = ada.stands_before(&campus.staff, 35).await;
        let answers = contend(|_| {
            let (staff, application) = (campus.staff.clone(), application.clone());
            async move { staff.decides(&application, "accept", json!({})).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("candidacy.admitted"), world.count("graduate.verified"), world.count("certification.awarded")), (1, 1, 1));
    }

    async fn an_acceptance_and_a_verification_at_once_credit_once(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let application = ada.stands_before(&campus.staff, 35).await;
        let claim = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        let answers = contend(|number| {
            let (staff, application, claim) = (campus.staff.clone(), application.clone(), claim.clone());
            async move {
                if number % 2 == 0 {
                    staff.decides(&application, "accept", json!({})).await
                } else {
                    staff.finds(&claim, "verify").await
                }
            }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 2);
        // Whichever came first: the sets are achieved once.
        assert_eq!((world.count("graduate.verified"), world.count("graduate.credited"), world.count("certification.awarded")), (1, 1, 1));
    }

    async fn sixteen_postings_of_one_graduate(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let answers = contend(|_| {
            let (cora, agreement) = (campus.cora.clone(), agreement.clone());
            async move { cora.posts(&agreement, &[graduate("Nora", "2026-01-15")]).await }
        })
        .await;
        let posted: u64 = answers.iter().map(|answer| answer.clone().expect(200)["posted"].as_u64().unwrap()).sum();
        assert_eq!((posted, world.count("graduate.posted")), (1, 1));
    }
}
