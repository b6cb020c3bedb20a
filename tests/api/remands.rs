//! What a remand reopens: exactly the decision that was appealed, of each kind.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    colleges::ALL,
    money::figures,
    portfolios::{judged, shown},
    world::{each, each_world},
};

async fn application(reader: &Actor, id: &str) -> Answer {
    reader.get(&format!("/v1/applications/{id}")).await.expect(200)
}

const TODAY: &str = "2026-03-01";

each_world! {
    async fn a_refused_application_is_in_review_again_and_its_fee_owed_anew(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down(&ada, true).await;
        let first = application(&ada, &id).await.text("invoice_id");
        court.remands(&ada, &id, TODAY).await;
        let reopened = application(&ada, &id).await;
        assert_eq!((&reopened["state"], &reopened["decision"]), (&json!("in_review"), &json!(null)));
        let second = reopened.text("invoice_id");
        assert_ne!(first, second);
        // What was paid is on its way back, and the whole fee is owed by another invoice.
        let statement = court.stella.statement(&ada.id).await;
        let [owed, _, _, payable, balance] = figures(&statement);
        assert_eq!((owed, payable, balance), (35_000, 35_000, 0), "{}", statement.body());
        court.stella.decides(&id, "accept", json!({})).await.refused(422, "rule-not-met").unmet(&["application.fee_settled"]);
        court.stella.settles(&reopened).await;
        court.stella.accepts(&id).await;
        assert_eq!(application(&ada, &id).await["state"], "accepted");
        court.stella.finds_the_ledger_right().await;
        let told = world.happened_to(&id);
        assert_eq!(told[2..], ["application.review_started", "application.refused", "application.reopened", "application.accepted"]);
    }

    async fn what_is_refused_again_can_be_appealed_again(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down(&ada, false).await;
        court.remands(&ada, &id, TODAY).await;
        ada.appeals(&id).await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        world.travel_to("2026-03-20");
        court.amy.refuses(&id).await;
        let terms = ada.asks_for_terms(&id).await.expect(200);
        assert_eq!((&terms["deadlines"]["notice_by"], &terms["appeal_id"]), (&json!("2026-03-30"), &json!(null)));
        let again = ada.appeals(&id).await.expect(201).id();
        ada.proceeds(&again, "documents", json!({"text": "Still."})).await.expect(200);
        // It was Amy this time.
        court.amy.proceeds(&again, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&["appeal.independent"]);
        court.stella.proceeds(&again, "response", json!({"text": "Let us see."})).await.expect(200);
        let both = ada.get(&format!("/v1/appeals?decision={id}")).await.expect(200);
        assert_eq!(each(&both["items"], "status"), ["remanded", "answered"]);
        court.stella.finds_the_ledger_right().await;
    }

    async fn another_open_application_comes_first(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down(&ada, false).await;
        let appeal = ada.appeals(&id).await.expect(201).id();
        court.hears(&ada, &appeal, TODAY).await;
        let other = ada.drafts().await.id();
        court.amy.finds_on(&appeal, "remanded").await.refused(409, "state-conflict").unmet(&["application.one_open"]);
        assert_eq!(ada.reads_appeal(&appeal).await["status"], "meeting_set");
        ada.decides(&other, "withdraw", json!({})).await.expect(200);
        court.amy.finds_on(&appeal, "remanded").await.expect(200);
        assert_eq!(application(&ada, &id).await["state"], "in_review");
        assert_eq!(world.count("appeal.remanded"), 1);
    }

    async fn a_refused_completion_waits_for_its_verification_again(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down_completion(&ada).await;
        let terms = ada.asks_for_terms(&id).await.expect(200);
        assert_eq!(terms["kind"], "completion_refused");
        court.remands(&ada, &id, TODAY).await;
        let path = format!("/v1/completions/{id}");
        let waits = ada.get(&path).await.expect(200);
        assert_eq!((&waits["state"], &waits["decided_on"], &waits["reason"]), (&json!("recorded"), &json!(null), &json!(null)));
        court.stella.verifies(&id).await.expect(200);
        assert_eq!(ada.get(&path).await["state"], "verified");
        assert_eq!(world.happened_to(&id), ["completion.recorded", "completion.refused", "completion.reopened", "completion.verified"]);
    }

    async fn a_completion_that_was_handed_in_again_is_not_reopened(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down_completion(&ada).await;
        let appeal = ada.appeals(&id).await.expect(201).id();
        court.hears(&ada, &appeal, TODAY).await;
        let refused = ada.get(&format!("/v1/completions/{id}")).await.expect(200);
        let (candidacy, course) = (refused.text("candidacy_id"), refused.text("course_id"));
        ada.hands_in(&candidacy, &course, "2026-02-01").await.expect(201);
        court.amy.finds_on(&appeal, "remanded").await.refused(409, "conflict");
        court.amy.finds_on(&appeal, "upheld").await.expect(200);
    }

    async fn what_was_decided_anew_since_is_not_reopened(world) {
        let (court, ada) = (world.court().await, world.register("Ada").await);
        let id = court.turns_down_completion(&ada).await;
        let appeal = ada.appeals(&id).await.expect(201).id();
        court.hears(&ada, &appeal, TODAY).await;
        let day = json!({"completed_on": "2026-02-02", "reason": "A slip."});
        court.stella.post(&format!("/v1/completions/{id}/correct"), day).await.expect(200);
        court.amy.finds_on(&appeal, "remanded").await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        // Refused by another decision now: that one is not what was appealed.
        court.stella.post(&format!("/v1/completions/{id}/refuse"), json!({"reason": "Still unsigned."})).await.expect(200);
        court.amy.finds_on(&appeal, "remanded").await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        ada.appeals(&id).await.expect(201);
        assert_eq!(world.count("completion.reopened"), 0);
    }

    async fn a_declined_course_is_in_review_again(world) {
        let cast = world.proposers().await;
        let amy = world.register("Amy").await;
        world.grant(&amy.id, domain::access::Role::Staff).await;
        // Rita is of the office too, and reviewed: she took part.
        world.grant(&cast.rita.id, domain::access::Role::Staff).await;
        let draft = cast.paul.proposes(&cast.provider).await;
        cast.reviewed(&draft, "decline").await;
        let id = draft.id();
        cast.staff.rules_on(&id, "decline", json!({"reason": "It teaches a product."})).await.expect(200);
        let olga = world.acts_for(&cast.staff.records_provider("Another").await, "provider", "Olga").await;
        olga.asks_for_terms(&id).await.refused(404, "not-found");
        olga.appeals(&id).await.refused(404, "not-found");
        let appeal = cast.paul.appeals(&id).await.expect(201);
        assert_eq!((&appeal["kind"], &appeal["organisation_id"], &appeal["person_id"]), (&json!("course_declined"), &json!(cast.provider), &json!(null)));
        let appeal = appeal.id();
        olga.get(&format!("/v1/appeals/{appeal}")).await.refused(404, "not-found");
        let file = cast.paul.files(&cast.provider, "evidence").await;
        let documents = json!({"text": "It teaches the set.", "attachment_ids": [file]});
        cast.paul.proceeds(&appeal, "documents", documents).await.expect(200);
        for took_part in [&cast.staff, &cast.rita] {
            took_part.proceeds(&appeal, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&["appeal.independent"]);
        }
        amy.proceeds(&appeal, "response", json!({"text": "Yes."})).await.expect(200);
        amy.proceeds(&appeal, "meeting", json!({"meets_on": TODAY})).await.expect(200);
        amy.finds_on(&appeal, "remanded").await.expect(200);
        let again = cast.paul.get(&format!("/v1/course-proposals/{id}")).await.expect(200);
        assert_eq!((&again["state"], &again["decision"]), (&json!("in_review"), &json!(null)));
        let approved = cast.staff.rules_on(&id, "approve", json!({"reason": "The committee is right."})).await.expect(200);
        assert_eq!(approved["state"], "approved");
        assert_eq!(each(&cast.paul.get("/v1/appeals").await["items"], "status"), ["remanded"]);
    }

    async fn an_agreement_that_was_sent_back_is_in_review_again(world) {
        let campus = world.campus().await;
        let judge = world.admin().await;
        let id = campus.hands_in(&ALL, &json!([])).await;
        campus.amy.moves(&id, "reviews", json!({"advice": "change", "comment": "Name a course."})).await.expect(200);
        campus.staff.moves(&id, "send-back", json!({"reason": "Change it."})).await.expect(200);
        let appeal = campus.cora.appeals(&id).await.expect(201);
        assert_eq!((&appeal["kind"], &appeal["organisation_id"]), (&json!("agreement_sent_back"), &json!(campus.college)));
        let appeal = appeal.id();
        campus.cora.proceeds(&appeal, "documents", json!({"text": "Nothing was wrong."})).await.expect(200);
        for took_part in [&campus.staff, &campus.amy] {
            took_part.proceeds(&appeal, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&["appeal.independent"]);
        }
        judge.proceeds(&appeal, "response", json!({"text": "True."})).await.expect(200);
        judge.proceeds(&appeal, "meeting", json!({"meets_on": TODAY})).await.expect(200);
        judge.finds_on(&appeal, "remanded").await.expect(200);
        let path = format!("/v1/recognition-agreements/{id}");
        assert_eq!(campus.cora.get(&path).await.expect(200)["status"], "in_review");
        campus.is_approved(&id).await;
        campus.staff.moves(&id, "sign", json!({})).await.expect(200);
    }

    async fn a_refused_graduate_waits_for_its_decision_again(world) {
        let campus = world.campus().await;
        let judge = world.admin().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let id = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        ada.appeals(&id).await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        campus.staff.finds(&id, "refuse").await.expect(200);
        let appeal = ada.appeals(&id).await.expect(201);
        assert_eq!((&appeal["kind"], &appeal["person_id"]), (&json!("graduate_refused"), &json!(ada.id)));
        let appeal = appeal.id();
        ada.proceeds(&appeal, "documents", json!({"text": "It is the right program."})).await.expect(200);
        campus.staff.proceeds(&appeal, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&["appeal.independent"]);
        judge.proceeds(&appeal, "response", json!({"text": "True."})).await.expect(200);
        judge.proceeds(&appeal, "meeting", json!({"meets_on": TODAY})).await.expect(200);
        // Claimed again meanwhile: there are not two of one graduate.
        let again = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        judge.finds_on(&appeal, "remanded").await.refused(409, "conflict");
        assert_eq!(ada.reads_appeal(&appeal).await["status"], "meeting_set");
        ada.post(&format!("/v1/graduates/{again}/withdraw"), json!({"reason": "One is enough."})).await.expect(200);
        judge.finds_on(&appeal, "remanded").await.expect(200);
        let waits = ada.get(&format!("/v1/graduates/{id}")).await.expect(200);
        assert_eq!((&waits["state"], &waits["decided_on"], &waits["reason"]), (&json!("claimed"), &json!(null), &json!(null)));
        campus.staff.finds(&id, "verify").await.expect(200);
        assert_eq!(world.happened_to(&id), ["graduate.claimed", "graduate.refused", "graduate.reopened", "graduate.verified"]);
    }

    async fn an_agreement_that_the_office_ended_is_signed_again(world) {
        let campus = world.campus().await;
        let judge = world.admin().await;
        let id = campus.signs(&ALL, &json!([])).await;
        campus.staff.moves(&id, "end", json!({"reason": "Too few graduates."})).await.expect(200);
        world.travel_to("2026-03-02");
        let appeal = campus.cora.appeals(&id).await.expect(201).id();
        campus.cora.proceeds(&appeal, "documents", json!({"text": "There were many."})).await.expect(200);
        judge.proceeds(&appeal, "response", json!({"text": "True."})).await.expect(200);
        judge.proceeds(&appeal, "meeting", json!({"meets_on": "2026-03-02"})).await.expect(200);
        judge.finds_on(&appeal, "remanded").await.expect(200);
        let again = campus.cora.get(&format!("/v1/recognition-agreements/{id}")).await.expect(200);
        assert_eq!((&again["status"], &again["ended_on"], &again["ends_on"]), (&json!("in_force"), &Value::Null, &json!("2030-03-01")));
        // What the college ends itself it has nobody to appeal to about.
        campus.cora.moves(&id, "end", json!({"reason": "The program closes."})).await.expect(200);
        let own = campus.cora.appeals(&id).await.refused(409, "state-conflict");
        own.unmet(&["appeal.of_the_program"]);
    }

    async fn other_evaluators_judge_a_portfolio_that_was_not_achieved(world) {
        let cast = world.writers().await;
        let amy = world.register("Amy").await;
        world.grant(&amy.id, domain::access::Role::Staff).await;
        let evaluators = world.evaluators(&cast.staff, 4).await;
        let submitted = cast.submitted().await;
        let ways: [&[(u8, &str)]; 2] = [&[(3, "not_met")], &[(3, "not_met")]];
        judged(&cast.staff, &evaluators, &submitted, &ways).await;
        let asked = cast.ada.portfolio(&submitted.id()).await;
        cast.ada.appeals(&submitted.id()).await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        let changed = cast.ada.rewrites(&asked, json!({"responses": [shown(3, "In more words.")]})).await.expect(200);
        let again = cast.ada.does(&changed, "submit").await.expect(200);
        let failed = judged(&cast.staff, &evaluators, &again, &ways).await;
        assert_eq!(failed["state"], "not_achieved");
        let id = failed.id();
        let appeal = cast.ada.appeals(&id).await.expect(201);
        assert_eq!((&appeal["kind"], &appeal["status"]), (&json!("portfolio_not_achieved"), &json!("noticed")));
        let appeal = appeal.id();
        cast.ada.proceeds(&appeal, "documents", json!({"text": "It is all there."})).await.expect(200);
        // Who rated it took part, whatever else they are; the candidate is not told who they are.
        let before = cast.staff.assignments_of(&failed, "final").await;
        let rater = evaluators.iter().find(|one| before[0]["evaluator_id"] == json!(one.id)).unwrap();
        world.grant(&rater.id, domain::access::Role::Staff).await;
        rater.proceeds(&appeal, "response", json!({"text": "No."})).await.refused(422, "rule-not-met").unmet(&["appeal.independent"]);
        amy.proceeds(&appeal, "response", json!({"text": "Others look at it."})).await.expect(200);
        amy.proceeds(&appeal, "meeting", json!({"meets_on": TODAY})).await.expect(200);
        amy.finds_on(&appeal, "remanded").await.expect(200);
        for path in [format!("/v1/appeals/{appeal}"), format!("/v1/appeals/{appeal}/events")] {
            let told = cast.ada.get(&path).await.expect(200).body();
            assert!(evaluators.iter().all(|one| !told.contains(&one.id)), "{told}");
        }
        let reopened = cast.ada.portfolio(&id).await;
        assert_eq!(reopened["state"], "in_second_evaluation");
        assert_eq!(cast.staff.assignments_of(&reopened, "voided").await.len(), 2);
        let now = cast.staff.assignments_of(&reopened, "open").await;
        assert_eq!(now.len(), 2);
        for one in &now {
            assert!(before.iter().all(|other| other["evaluator_id"] != one["evaluator_id"]), "{one}");
        }
        let achieved = judged(&cast.staff, &evaluators, &reopened, &[&[], &[]]).await;
        assert_eq!(achieved["state"], "achieved");
    }
}
