//! Appeals: deadlines, forfeiture, who may judge, outcomes. What a remand reopens is in `remands`.

use serde_json::{Value, json};

use crate::support::{
    actor::Answer,
    race::{contend, one_winner},
    world::{each, each_world},
};

/// Whether a finding of the answer is satisfied.
fn met(findings: &Value, rule: &str) -> Value {
    let all = findings.as_array().unwrap();
    all.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"))["satisfied"]
        .clone()
}

fn deadlines(answer: &Answer) -> [&Value; 4] {
    ["notice_by", "documents_by", "response_by", "meeting_by"].map(|day| &answer["deadlines"][day])
}

each_world! {
    async fn the_deadlines_are_shown_from_the_day_of_the_decision(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let open = ada.applies().await.id();
        let undecided = ada.asks_for_terms(&open).await.expect(200);
        assert_eq!((&undecided["kind"], &undecided["deadlines"], &undecided["appeal_id"]), (&json!(null), &json!(null), &json!(null)));
        assert_eq!(met(&undecided["findings"], "appeal.decision"), false);
        assert!(!undecided.allows("create_appeal"));
        ada.appeals(&open).await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        court.stella.reviews(&open).await;
        court.stella.refuses(&open).await;
        world.travel_to("2026-03-03");
        let terms = ada.asks_for_terms(&open).await.expect(200);
        assert_eq!((&terms["kind"], &terms["decided_on"]), (&json!("application_refused"), &json!("2026-03-01")));
        assert_eq!(deadlines(&terms), ["2026-03-11", "2026-03-31", "2026-04-30", "2026-05-30"]);
        assert!(terms.allows("create_appeal"));
        // The office reads it and does not appeal; nobody else knows of it.
        let office = court.stella.asks_for_terms(&open).await.expect(200);
        assert_eq!(office["actions"], json!([]));
        world.auditor().await.asks_for_terms(&open).await.expect(200);
        let bob = world.register("Bob").await;
        bob.asks_for_terms(&open).await.refused(404, "not-found");
        bob.appeals(&open).await.refused(404, "not-found");
        court.stella.appeals(&open).await.refused(403, "forbidden");
        world.anyone().asks_for_terms(&open).await.refused(401, "unauthenticated");
        ada.asks_for_terms(&format!("app_{:032x}", 1)).await.refused(404, "not-found");
        ada.asks_for_terms("course_1").await.refused(400, "invalid-query");
        ada.get("/v1/appeals/terms").await.refused(400, "invalid-query");
        assert_eq!(world.count("appeal.noticed"), 0);
    }

    async fn notice_is_given_on_its_last_day_and_not_the_day_after(world) {
        let (court, ada, bob) = (world.court().await, world.register("Ada").await, world.register("Bob").await);
        let adas = court.turns_down(&ada, true).await;
        let bobs = court.turns_down(&bob, false).await;
        world.travel_to("2026-03-11");
        let appeal = ada.appeals(&adas).await.expect(201);
        assert_eq!(appeal.header("location"), format!("/v1/appeals/{}", appeal.id()));
        assert_eq!((&appeal["status"], &appeal["decision"], &appeal["person_id"]), (&json!("noticed"), &json!(adas), &json!(ada.id)));
        assert_eq!(appeal["decided_by"], json!(null));
        assert_eq!(ada.asks_for_terms(&adas).await["appeal_id"], appeal["id"]);
        ada.appeals(&adas).await.refused(409, "state-conflict").unmet(&["appeal.once"]);
        world.travel_to("2026-03-12");
        let late = bob.appeals(&bobs).await.refused(422, "rule-not-met");
        let late = late.unmet(&["appeal.notice"]);
        assert_eq!(late["findings"][3]["required"], "by 2026-03-11");
        let terms = bob.asks_for_terms(&bobs).await.expect(200);
        assert_eq!(met(&terms["findings"], "appeal.notice"), false);
        assert_eq!(world.count("appeal.noticed"), 1);
    }

    async fn an_appeal_goes_its_way_and_the_decision_stands(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let refused = court.turns_down(&ada, true).await;
        let appeal = ada.appeals(&refused).await.expect(201);
        let id = appeal.id();
        assert!(appeal.allows("submit_appeal_documents") && appeal.allows("withdraw_appeal"));
        world.travel_to("2026-03-21");
        let query = "purpose=evidence&file_name=letter.txt";
        let file = ada.uploads(query, "text/plain", b"Dear committee").await.expect(201).id();
        let documents = json!({"text": "The letter of my library.", "attachment_ids": [file]});
        let documented = ada.proceeds(&id, "documents", documents).await.expect(200);
        assert_eq!((&documented["status"], &documented["documents"][0]["attachment_ids"]), (&json!("documented"), &json!([file])));
        assert_eq!(deadlines(&documented), ["2026-03-11", "2026-03-31", "2026-04-20", "2026-05-20"]);
        let more = ada.proceeds(&id, "documents", json!({"text": "One more page."})).await.expect(200);
        assert_eq!(more["documents"].as_array().unwrap().len(), 2);
        let seen = court.amy.reads_appeal(&id).await;
        assert!(seen.allows("respond_to_appeal") && !seen.allows("decide_appeal"));
        assert_eq!(seen["decided_by"], json!([court.stella.id]));
        let answered = court.amy.proceeds(&id, "response", json!({"text": "We will hear you."})).await.expect(200);
        assert_eq!((&answered["status"], &answered["response"]["text"]), (&json!("answered"), &json!("We will hear you.")));
        ada.proceeds(&id, "documents", json!({"text": "Too late."})).await.refused(409, "state-conflict").unmet(&["appeal.state"]);
        let meeting = json!({"meets_on": "2026-04-10", "place": "By video"});
        let set = court.amy.proceeds(&id, "meeting", meeting).await.expect(200);
        assert_eq!((&set["status"], &set["meeting"]["place"]), (&json!("meeting_set"), &json!("By video")));
        court.amy.finds_on(&id, "upheld").await.refused(422, "rule-not-met").unmet(&["appeal.meeting_held"]);
        world.travel_to("2026-04-10");
        let upheld = court.amy.finds_on(&id, "upheld").await.expect(200);
        assert_eq!((&upheld["status"], &upheld["outcome"]["outcome"]), (&json!("upheld"), &json!("upheld")));
        assert_eq!(met(&upheld["outcome"]["findings"], "appeal.response"), true);
        assert_eq!(ada.get(&format!("/v1/applications/{refused}")).await["state"], "refused");
        court.amy.finds_on(&id, "remanded").await.refused(409, "state-conflict").unmet(&["appeal.state"]);
        ada.proceeds(&id, "withdraw", json!({})).await.refused(409, "state-conflict");
        let told = ada.get(&format!("/v1/appeals/{id}/events")).await.expect(200);
        assert_eq!(each(&told["items"], "type"), ["appeal.noticed", "appeal.documents_submitted",
            "appeal.documents_submitted", "appeal.answered", "appeal.meeting_set", "appeal.upheld"]);
        let tag = upheld.etag();
        let again = ada.request(reqwest::Method::GET, &format!("/v1/appeals/{id}")).header("If-None-Match", tag);
        assert_eq!(again.send().await.unwrap().status(), 304);
    }

    async fn without_documents_by_their_last_day_an_appeal_is_forfeited(world) {
        let (court, ada, bob) = (world.court().await, world.register("Ada").await, world.register("Bob").await);
        let (adas, bobs) = (court.turns_down(&ada, false).await, court.turns_down(&bob, false).await);
        let (kept, lost) = (ada.appeals(&adas).await.expect(201).id(), bob.appeals(&bobs).await.expect(201).id());
        world.travel_to("2026-03-31");
        assert_eq!(bob.reads_appeal(&lost).await["status"], "noticed");
        ada.proceeds(&kept, "documents", json!({"text": "Just in time."})).await.expect(200);
        world.travel_to("2026-04-01");
        let forfeited = bob.reads_appeal(&lost).await;
        assert_eq!(forfeited["status"], "forfeited");
        assert_eq!(met(&forfeited["findings"], "appeal.documents"), false);
        assert!(!forfeited.allows("submit_appeal_documents"));
        bob.proceeds(&lost, "documents", json!({"text": "Late."})).await.refused(422, "rule-not-met").unmet(&["appeal.documents"]);
        bob.proceeds(&lost, "withdraw", json!({})).await.refused(409, "state-conflict").unmet(&["appeal.state"]);
        court.amy.proceeds(&lost, "response", json!({"text": "No."})).await.refused(409, "state-conflict").unmet(&["appeal.state"]);
        // It was appealed once.
        bob.appeals(&bobs).await.refused(409, "state-conflict").unmet(&["appeal.once"]);
        ada.proceeds(&kept, "documents", json!({"text": "More."})).await.refused(422, "rule-not-met").unmet(&["appeal.documents"]);
        let listed = async |status: &str| {
            let found = court.amy.get(&format!("/v1/appeals?status={status}")).await.expect(200);
            each(&found["items"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!((listed("forfeited").await, listed("documented").await), (vec![lost], vec![kept]));
        assert_eq!(listed("noticed").await, [""; 0]);
    }

    async fn the_committee_is_late_and_the_appellant_does_not_lose_by_it(world) {
        let (court, ada, bob) = (world.court().await, world.register("Ada").await, world.register("Bob").await);
        let (adas, bobs) = (court.turns_down(&ada, false).await, court.turns_down(&bob, false).await);
        let (first, second) = (ada.appeals(&adas).await.expect(201).id(), bob.appeals(&bobs).await.expect(201).id());
        for (who, id) in [(&ada, &first), (&bob, &second)] {
            who.proceeds(id, "documents", json!({"text": "A letter."})).await.expect(200);
        }
        world.travel_to("2026-03-31");
        let answered = court.amy.proceeds(&first, "response", json!({"text": "Read."})).await.expect(200);
        assert_eq!(met(&answered["response"]["findings"], "appeal.response"), true);
        world.travel_to("2026-04-01");
        let late = court.amy.proceeds(&second, "response", json!({"text": "Read."})).await.expect(200);
        assert_eq!(met(&late["response"]["findings"], "appeal.response"), false);
        // The meeting: thirty days after each response.
        let meets = async |id: &str, on: &str| court.amy.proceeds(id, "meeting", json!({"meets_on": on})).await;
        meets(&first, "2026-05-01").await.refused(422, "rule-not-met").unmet(&["appeal.meeting"]);
        meets(&first, "2026-03-31").await.refused(422, "rule-not-met").unmet(&["appeal.meeting_ahead"]);
        meets(&first, "1850-01-01").await.faulty("#/meets_on", "out_of_range");
        let set = meets(&first, "2026-04-30").await.expect(200);
        assert_eq!(met(&set["meeting"]["findings"], "appeal.meeting"), true);
        world.travel_to("2026-05-02");
        // Bob's was due on the first of May: it is still held, and told as late.
        let set = meets(&second, "2026-05-03").await.expect(200);
        assert_eq!(met(&set["meeting"]["findings"], "appeal.meeting"), false);
        world.travel_to("2026-05-03");
        let upheld = court.amy.finds_on(&second, "upheld").await.expect(200);
        let told = &upheld["outcome"]["findings"];
        assert_eq!((met(told, "appeal.response"), met(told, "appeal.meeting")), (json!(false), json!(false)));
    }

    async fn who_decided_cannot_judge(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let refused = court.turns_down(&ada, false).await;
        let id = ada.appeals(&refused).await.expect(201).id();
        ada.proceeds(&id, "documents", json!({"text": "A letter."})).await.expect(200);
        assert!(!court.stella.reads_appeal(&id).await.allows("respond_to_appeal"));
        let independent = ["appeal.independent"];
        court.stella.proceeds(&id, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&independent);
        court.amy.proceeds(&id, "response", json!({"text": "Heard."})).await.expect(200);
        let today = json!({"meets_on": "2026-03-01"});
        court.stella.proceeds(&id, "meeting", today.clone()).await.refused(422, "rule-not-met").unmet(&independent);
        court.amy.proceeds(&id, "meeting", today).await.expect(200);
        court.stella.finds_on(&id, "upheld").await.refused(422, "rule-not-met").unmet(&independent);
        // Nor anybody on their own.
        world.grant(&ada.id, domain::access::Role::Staff).await;
        ada.finds_on(&id, "remanded").await.refused(403, "forbidden");
        court.amy.finds_on(&id, "upheld").await.expect(200);
    }

    async fn an_appeal_is_withdrawn_and_the_decision_not_appealed_again(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let refused = court.turns_down(&ada, false).await;
        let id = ada.appeals(&refused).await.expect(201).id();
        court.amy.proceeds(&id, "withdraw", json!({})).await.refused(403, "forbidden");
        let withdrawn = ada.proceeds(&id, "withdraw", json!({"reason": "I apply again."})).await.expect(200);
        assert_eq!((&withdrawn["status"], &withdrawn["withdrawal_reason"]), (&json!("withdrawn"), &json!("I apply again.")));
        ada.proceeds(&id, "documents", json!({"text": "Or not."})).await.refused(409, "state-conflict");
        ada.appeals(&refused).await.refused(409, "state-conflict").unmet(&["appeal.once"]);
    }

    async fn an_appeal_is_nobody_elses(world) {
        let (court, ada, bob) = (world.court().await, world.register("Ada").await, world.register("Bob").await);
        let refused = court.turns_down(&ada, false).await;
        let id = ada.appeals(&refused).await.expect(201).id();
        let path = format!("/v1/appeals/{id}");
        let text = json!({"text": "Mine now."});
        // Not even the library that employs her, whoever pays.
        let library = court.stella.records_institution("Riverside Public Library").await;
        let ines = world.acts_for(&library, "institution", "Ines").await;
        ines.asks_for_terms(&refused).await.refused(404, "not-found");
        ines.appeals(&refused).await.refused(404, "not-found");
        for other in [&bob, &ines, &world.evaluator().await] {
            other.get(&path).await.refused(404, "not-found");
            other.get(&format!("{path}/events")).await.refused(404, "not-found");
            other.proceeds(&id, "documents", text.clone()).await.refused(404, "not-found");
            other.finds_on(&id, "remanded").await.refused(404, "not-found");
            assert_eq!(other.get("/v1/appeals").await.expect(200)["items"], json!([]));
        }
        assert_eq!(each(&ada.get("/v1/appeals").await.expect(200)["items"], "id"), [id.as_str()]);
        let auditor = world.auditor().await;
        assert_eq!(auditor.get(&path).await.expect(200)["decided_by"], json!([court.stella.id]));
        auditor.finds_on(&id, "remanded").await.refused(403, "forbidden");
        let file = bob.uploads("purpose=evidence&file_name=letter.txt", "text/plain", b"Bob's").await.expect(201).id();
        let mine = ada.uploads("purpose=transcript&file_name=letter.txt", "text/plain", b"Mine").await.expect(201).id();
        for (files, pointer, code) in [
            (vec![file], "#/attachment_ids/0", "unknown"),
            (vec![mine], "#/attachment_ids/0", "unknown"),
            (vec![format!("att_{:032x}", 1)], "#/attachment_ids/0", "unknown"),
        ] {
            let body = json!({"text": "A letter.", "attachment_ids": files});
            ada.proceeds(&id, "documents", body).await.faulty(pointer, code);
        }
        let good = ada.uploads("purpose=evidence&file_name=letter.txt", "text/plain", b"Good").await.expect(201).id();
        let body = json!({"text": "A letter.", "attachment_ids": [good, good]});
        ada.proceeds(&id, "documents", body).await.faulty("#/attachment_ids/1", "duplicate");
        ada.post("/v1/appeals", json!({"decision": "course_1", "grounds": "None."})).await.refused(422, "invalid-input");
        assert_eq!(world.count("appeal.documents_submitted"), 0);
    }

    async fn of_sixteen_notices_and_outcomes_one_counts(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let refused = court.turns_down(&ada, true).await;
        let notices = contend(|_| {
            let (ada, refused) = (ada.clone(), refused.clone());
            async move { ada.appeals(&refused).await }
        });
        let id = one_winner(notices.await, 201).id();
        court.hears(&ada, &id, "2026-03-01").await;
        let outcomes = contend(|number| {
            let (amy, id) = (court.amy.clone(), id.clone());
            async move { amy.finds_on(&id, ["remanded", "upheld"][number % 2]).await }
        });
        let decided = one_winner(outcomes.await, 200);
        let remanded = decided["status"] == "remanded";
        assert_eq!(world.count("application.reopened"), usize::from(remanded));
        assert_eq!(world.count("appeal.remanded") + world.count("appeal.upheld"), 1);
        assert_eq!(world.count("appeal.noticed"), 1);
        let state = ada.get(&format!("/v1/applications/{refused}")).await.expect(200);
        assert_eq!(state["state"], if remanded { "in_review" } else { "refused" });
        court.stella.finds_the_ledger_right().await;
    }
}
