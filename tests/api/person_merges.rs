//! Merging people who were two: preview, everything follows, the old id, what stands in the way.

use reqwest::Method;
use serde_json::{Value, json};

use super::contract::operations;
use crate::support::{
    actor::{fresh_key, send},
    merges::{merging, moved},
    money::figures,
    world::{PASSWORD, each, each_world},
};

each_world! {
    async fn a_preview_tells_what_would_move_and_stores_nothing(world) {
        let twins = world.twins().await;
        twins.again.drafts().await;
        let (before, events) = (world.belongings(), world.events());
        let preview = twins.staff.previews(&twins.again, &twins.ada).await.expect(200);
        assert_eq!((&preview["dry_run"], &preview["possible"]), (&json!(true), &json!(true)));
        assert_eq!(preview["from"]["given_name"], "Ada Again");
        let moves = &preview["moves"];
        assert_eq!((moved(moves, "applications"), moved(moves, "e-mail addresses"), moved(moves, "invoices")), (1, 1, 0));
        // What stands in the way is told in a preview, and refuses the merge.
        twins.ada.drafts().await;
        let preview = twins.staff.previews(&twins.again, &twins.ada).await.expect(200);
        assert_eq!(preview["possible"], false);
        preview.unmet(&["merge.applications", "merge.ways"]);
        twins.staff.merges(&twins.again, &twins.ada).await.refused(409, "state-conflict").unmet(&["merge.applications", "merge.ways"]);
        assert_eq!((world.events(), world.count("person.merged")), (events + 1, 0));
        assert_eq!(world.belongings().len(), before.len() + 1);
        twins.again.get("/v1/me").await.expect(200);
    }

    async fn everything_follows_and_comes_back_as_it_was(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let certified = staff.certifies(again, "2026-03-01").await;
        let paid = staff.invoices(&again.id, 1).await;
        staff.takes_check(&paid.id(), "118", 7_500).await.expect(201);
        staff.invoices(&ada.id, 1).await;
        again.post(&format!("/v1/people/{}/memberships", again.id), json!({"number": "2041877"})).await.expect(201);
        again.post("/v1/help-requests", json!({"question": "How?"})).await.expect(201);
        again.shows("shelf.zip", "application/zip", b"PK\x03\x04").await;
        let before = world.belongings();
        let (first, second) = (staff.statement(&ada.id).await, staff.statement(&again.id).await);

        let merge = staff.merges(again, ada).await.expect(201);
        assert_eq!((&merge["state"], &merge["from_person_id"]), (&json!("merged"), &json!(again.id)));
        assert_eq!(merge.header("location"), format!("/v1/person-merges/{}", merge.id()));
        let kinds = ["applications", "candidacies", "completions", "achievements", "certifications", "invoices",
            "payments", "subscriptions", "memberships", "help requests", "attachments", "sessions"];
        for kind in kinds {
            assert!(moved(&merge["moved"], kind) > 0, "{kind}: {}", merge.body());
        }
        // Progress.
        let hers = ada.get(&format!("/v1/certifications/{}", certified.certification)).await.expect(200);
        assert_eq!((&hers["person_id"], &hers["number"]), (&json!(ada.id), &json!(certified.number)));
        ada.get(&format!("/v1/candidacies/{}/progress", certified.candidacy)).await.expect(200);
        let public = world.anyone().get(&format!("/v1/verifications/{}", certified.number)).await.expect(200);
        assert_eq!(public["certified"], true);
        // Money.
        let sum = |of: fn(&[i64; 5]) -> i64| of(&figures(&first)) + of(&figures(&second));
        let statement = staff.statement(&ada.id).await;
        assert_eq!(figures(&statement), [sum(|f| f[0]), sum(|f| f[1]), sum(|f| f[2]), sum(|f| f[3]), sum(|f| f[4])]);
        assert_eq!(figures(&statement), [6_000, 41_000, 1_500, 0, 4_500]);
        assert_eq!(statement["invoices"]["issued"], 3);
        staff.finds_the_ledger_right().await;
        // History, of which nothing is rewritten.
        world.positioned().await;
        let history = staff.get(&format!("/v1/events?person_id={}&limit=200", ada.id)).await.expect(200);
        let told = each(&history["items"], "type");
        assert!(told.contains(&"certification.awarded") && told.contains(&"person.merged"), "{told:?}");
        let old = staff.get(&format!("/v1/events?person_id={}&limit=200", again.id)).await.expect(200);
        assert!(each(&old["items"], "person_id").iter().all(|one| *one == again.id));
        // Nobody can be found twice.
        let by_address = staff.get("/v1/people?email=ada.again@example.org").await.expect(200);
        assert_eq!(each(&by_address["items"], "id"), [ada.id.as_str()]);

        let back = staff.takes_back(&merge).await.expect(200);
        assert_eq!((&back["state"], &back["reversal_reason"]), (&json!("reversed"), &json!("They are two after all.")));
        assert_eq!(world.belongings(), before);
        assert_eq!(figures(&staff.statement(&ada.id).await), figures(&first));
        assert_eq!(figures(&staff.statement(&again.id).await), figures(&second));
        let again = world.anyone().signs_in("ada.again@example.org", PASSWORD).await;
        assert_eq!(again.get("/v1/me").await.expect(200)["id"], again.id);
        ada.get(&format!("/v1/certifications/{}", certified.certification)).await.expect(404);
        staff.takes_back(&merge).await.refused(409, "state-conflict").unmet(&["merge.state"]);
        assert_eq!((world.count("person.merged"), world.count("person.merge_reversed")), (1, 1));
    }

    async fn a_portfolio_and_who_judges_it_follow(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 2).await;
        let portfolio = cast.submitted().await;
        let (real, eva) = (world.register("Ada Real").await, world.register("Eva Again").await);
        let before = world.belongings();
        let merge = cast.staff.merges(&cast.ada, &real).await.expect(201);
        let judges = cast.staff.merges(&evaluators[0], &eva).await.expect(201);
        assert_eq!((moved(&merge["moved"], "portfolios"), moved(&merge["moved"], "portfolio attempts")), (1, 1));
        assert_eq!(moved(&judges["moved"], "profiles as evaluator"), 1);
        assert_eq!(real.portfolio(&portfolio.id()).await["state"], "in_evaluation");
        real.attempt(&portfolio, 1).await.expect(200);
        cast.staff.get(&format!("/v1/evaluators/{}", eva.id)).await.expect(200);
        cast.staff.takes_back(&judges).await.expect(200);
        cast.staff.takes_back(&merge).await.expect(200);
        assert_eq!(world.belongings(), before);
    }

    async fn an_old_id_answers_308_wherever_a_path_names_a_person(world) {
        let (twins, admin) = (world.twins().await, world.admin().await);
        let (ada, again) = (&twins.ada, &twins.again);
        twins.staff.merges(again, ada).await.expect(201);
        let old = format!("/v1/people/{}", again.id);
        let seen = twins.staff.get(&format!("{old}/statement?program=lssc")).await.expect(308);
        assert_eq!(seen.header("location"), format!("/v1/people/{}/statement?program=lssc", ada.id));
        assert_eq!((seen.header("cache-control"), seen.bytes.len()), ("no-store", 0));
        let mut named = 0;
        for operation in operations().values().filter(|one| one.path.contains("{person_id}")) {
            let any = "0".repeat(32);
            let path = operation.path.replace("{person_id}", &again.id).replace("{email_id}", &format!("email_{any}"))
                .replace("{grant_id}", &format!("grant_{any}")).replace("{organisation_id}", &format!("org_{any}"));
            assert!(!path.contains('{'), "nothing is known for {path}");
            let method: Method = operation.method.parse().unwrap();
            let request = admin.request(method, &path).header("Idempotency-Key", fresh_key()).header("If-Match", "\"v1\"");
            let answer = send(request.json(&json!({"~": Value::Null}))).await.expect(308);
            assert!(answer.header("location").contains(&ada.id), "{path}");
            named += 1;
        }
        assert!(named >= 13, "{named}");
        // The survivor is told too; who may know of neither is not, and who is not signed in is asked to.
        assert_eq!(ada.get(&old).await.expect(308).header("location"), format!("/v1/people/{}", ada.id));
        world.register("Bob").await.get(&old).await.expect(404);
        world.anyone().get(&old).await.expect(401);
    }

    async fn the_old_record_signs_in_as_the_survivor(world) {
        let twins = world.twins().await;
        let (ada, again) = (&twins.ada, &twins.again);
        twins.staff.merges(again, ada).await.expect(201);
        again.get("/v1/me").await.refused(401, "invalid-token");
        let refresh = json!({"refresh_token": again.refresh});
        world.anyone().post_bare("/v1/sessions/refresh", refresh).await.refused(401, "invalid-refresh-token");
        let signed = world.anyone().signs_in("ada.again@example.org", PASSWORD).await;
        assert_eq!(signed.id, ada.id);
        let me = signed.get("/v1/me").await.expect(200);
        let primary: Vec<_> = me["emails"].as_array().unwrap().iter().filter(|one| one["is_primary"] == true).collect();
        assert_eq!((primary.len(), &primary[0]["address"]), (1, &json!("ada@example.org")));
        assert_eq!(me["emails"].as_array().unwrap().len(), 2);
        world.until("the survivor is written to", || {
            world.mails().iter().any(|mail| mail.contains("Your two LSSC accounts are one") && mail.contains("To: ada@example.org"))
        }).await;
    }

    async fn a_body_that_names_an_old_id_says_whose_it_is_now(world) {
        let twins = world.twins().await;
        twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let body = json!({"person_id": twins.again.id, "items": [{"code": "portfolio", "quantity": 1}]});
        let refused = twins.staff.post("/v1/invoices", body).await.faulty("#/person_id", "merged");
        assert!(refused.body().contains(&twins.ada.id));
        twins.staff.merges(&twins.again, &twins.ada).await.refused(409, "state-conflict").unmet(&["merge.standing"]);
        twins.staff.merges(&twins.ada, &twins.again).await.refused(409, "state-conflict").unmet(&["merge.standing"]);
        assert_eq!(world.count("person.merged"), 1);
    }

    async fn two_who_are_not_one_are_not_merged(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        staff.merges(ada, ada).await.faulty("#/into_person_id", "same");
        let mut nobody = merging(again, ada);
        nobody["from_person_id"] = json!(format!("person_{}", "0".repeat(32)));
        staff.post("/v1/person-merges", nobody).await.faulty("#/from_person_id", "unknown");
        staff.post_bare("/v1/person-merges", merging(again, ada)).await.refused(400, "idempotency-key-required");
        ada.merges(again, ada).await.refused(403, "forbidden");
        world.anyone().merges(again, ada).await.expect(401);
        // Nobody merges themselves, and nobody into the office.
        staff.merges(again, staff).await.refused(403, "forbidden");
        let auditor = world.auditor().await;
        staff.merges(again, &auditor).await.refused(409, "state-conflict").unmet(&["merge.office_roles"]);
        staff.merges(&auditor, again).await.refused(409, "state-conflict").unmet(&["merge.office_roles"]);
        // Two verified numbers.
        for (person, number) in [(ada, "2041877"), (again, "2041878")] {
            let claim = format!("/v1/people/{}/memberships", person.id);
            let claim = person.post(&claim, json!({"number": number})).await.expect(201).id();
            let period = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
            staff.post(&format!("/v1/memberships/{claim}/verification"), period).await.expect(200);
        }
        staff.merges(again, ada).await.refused(409, "state-conflict").unmet(&["merge.memberships"]);
        assert_eq!(world.count("person.merged"), 0);
    }

    async fn who_is_on_the_way_twice_decides_first(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let first = staff.admits(ada).await;
        again.drafts().await;
        staff.merges(again, ada).await.unmet(&["merge.ways"]);
        let second = staff.admits(&world.register("Ada the third").await).await;
        let third = staff.get(&format!("/v1/candidacies/{second}")).await.expect(200).text("person_id");
        let body = json!({"from_person_id": third, "into_person_id": ada.id, "reason": "One."});
        staff.post("/v1/person-merges", body.clone()).await.unmet(&["merge.candidacies", "merge.ways"]);
        let withdrawal = json!({"reason": "A duplicate."});
        staff.post(&format!("/v1/candidacies/{second}/withdraw"), withdrawal).await.expect(200);
        staff.post("/v1/person-merges", body).await.expect(201);
        let all = ada.get("/v1/candidacies").await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
        assert!(each(&all["items"], "id").contains(&first.as_str()));
    }

    async fn who_judges_the_others_work_is_somebody_else(world) {
        let cast = world.writers().await;
        let evas = world.evaluators(&cast.staff, 2).await;
        cast.submitted().await;
        cast.staff.merges(&evas[0], &cast.ada).await.refused(409, "state-conflict").unmet(&["merge.judged", "merge.independent"]);
        cast.staff.merges(&evas[0], &evas[1]).await.refused(409, "state-conflict").unmet(&["merge.evaluators"]);
        // Rita of the office took Abe's application into review.
        let (rita, abe, admin) = (world.register("Rita").await, world.register("Abe").await, world.admin().await);
        let role = world.grant(&rita.id, domain::access::Role::Staff).await;
        let application = abe.applies().await;
        rita.reviews(&application.id()).await;
        admin.post_empty(&format!("/v1/people/{}/grants/{role}/end", rita.id)).await.expect(200);
        for (from, into) in [(&rita, &abe), (&abe, &rita)] {
            let refused = cast.staff.merges(from, into).await.refused(409, "state-conflict").unmet(&["merge.independent"]);
            assert!(refused.body().contains("application.review_started"), "{}", refused.body());
        }
        assert_eq!(world.count("person.merged"), 0);
    }
}
