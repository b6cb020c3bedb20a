//! Applications: every edge of their life cycle, and what each of them brings about.

use domain::{
    Word,
    application::{ApplicationAct, ApplicationState},
};
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer, fresh_key},
    story::{job, statements},
    world::{World, each_world},
};

/// An application of somebody new, brought into a state; its applicant and its id.
async fn in_state(
    world: &World,
    office: &Actor,
    name: &str,
    state: ApplicationState,
) -> (Actor, String) {
    let applicant = world.register(name).await;
    let id = applicant.drafts().await.id();
    let reason = json!({"reason": "The facts do not show it."});
    if state == ApplicationState::Draft {
        return (applicant, id);
    }
    if state == ApplicationState::Withdrawn {
        applicant.decides(&id, "withdraw", json!({})).await.expect(200);
        return (applicant, id);
    }
    let submitted = applicant.acts_on(&id, "submit").await.expect(200);
    if state == ApplicationState::Submitted {
        return (applicant, id);
    }
    office.reviews(&id).await;
    office.settles(&submitted).await;
    match state {
        ApplicationState::NeedsInformation => {
            office
                .decides(&id, "request-information", json!({"message": "A letter, please."}))
                .await
                .expect(200);
        }
        ApplicationState::Accepted => drop(office.accepts(&id).await),
        ApplicationState::Refused => drop(office.decides(&id, "refuse", reason).await.expect(200)),
        ApplicationState::Draft
        | ApplicationState::Submitted
        | ApplicationState::InReview
        | ApplicationState::Withdrawn => {}
    }
    (applicant, id)
}

/// Tries an act, by whoever may try it.
async fn tries(applicant: &Actor, office: &Actor, id: &str, act: ApplicationAct) -> Answer {
    let path = format!("/v1/applications/{id}");
    match act {
        ApplicationAct::Update => {
            applicant.patch(&path, "*", json!({"payment_choice": "check"})).await
        }
        ApplicationAct::Submit => applicant.acts_on(id, "submit").await,
        ApplicationAct::Withdraw => applicant.decides(id, "withdraw", json!({})).await,
        ApplicationAct::Review => office.acts_on(id, "review").await,
        ApplicationAct::RequestInformation => {
            office.decides(id, "request-information", json!({"message": "A letter, please."})).await
        }
        ApplicationAct::Accept => office.decides(id, "accept", json!({})).await,
        ApplicationAct::Refuse => office.decides(id, "refuse", json!({"reason": "No."})).await,
        ApplicationAct::Reopen => unreachable!("an appeal does that: see remands"),
    }
}

fn operation(act: ApplicationAct) -> String {
    match act {
        ApplicationAct::RequestInformation => act.as_str().to_owned(),
        other => format!("{}_application", other.as_str()),
    }
}

each_world! {
    async fn an_act_is_done_from_its_states_and_refused_from_every_other(world) {
        let office = world.staff().await;
        for state in ApplicationState::ALL {
            let (owner, id) = in_state(world, &office, &format!("Stays {state}"), *state).await;
            let path = format!("/v1/applications/{id}");
            let (his, ours) = (owner.get(&path).await.expect(200), office.get(&path).await.expect(200));
            assert_eq!(his["state"], state.as_str());
            let before = world.events();
            // What an appeal reopens is no operation of its own.
            let acts = ApplicationAct::ALL.iter().filter(|act| **act != ApplicationAct::Reopen);
            for act in acts {
                let legal = act.from().contains(state);
                let offered = if *act == ApplicationAct::Submit { &his } else { &ours };
                assert_eq!(offered.allows(&operation(*act)), legal, "{act} while {state}");
                if !legal {
                    let refused = tries(&owner, &office, &id, *act).await;
                    refused.refused(409, "state-conflict").unmet(&["application.state"]);
                    continue;
                }
                let name = format!("Leaves {state} by {act}");
                let (other, moved) = in_state(world, &office, &name, *state).await;
                tries(&other, &office, &moved, *act).await.expect(200);
            }
            assert!(world.events() >= before);
            let after = owner.get(&path).await.expect(200);
            assert_eq!(after.bytes, his.bytes, "what was refused changed nothing");
        }
    }

    async fn a_draft_says_what_it_lacks(world) {
        let ada = world.register("Ada").await;
        let draft = ada.post("/v1/applications", json!({})).await.expect(201);
        assert!(!draft.allows("submit_application"));
        let lacks = ["application.education", "application.jobs", "application.payment_choice"];
        ada.acts_on(&draft.id(), "submit").await.refused(422, "rule-not-met").unmet(&lacks);
        assert_eq!(world.count("invoice.issued"), 0);
        let path = format!("/v1/applications/{}", draft.id());
        let whole = ada.patch(&path, &draft.etag(), statements_without_program()).await.expect(200);
        assert!(whole.allows("submit_application"));
        let submitted = ada.acts_on(&draft.id(), "submit").await.expect(200);
        assert_eq!(submitted["submitted_on"], "2026-03-01");
        assert_eq!(world.count("invoice.issued"), 1);
    }

    async fn the_fee_is_lower_for_a_member_whose_membership_staff_verified(world) {
        let staff = world.staff().await;
        for (name, until, verify, cents) in [
            ("Claims", "2026-12-31", false, 35_000),
            ("Holds", "2026-12-31", true, 32_500),
            ("Lasts to today", "2026-03-01", true, 32_500),
            ("Held", "2026-02-28", true, 35_000),
        ] {
            let applicant = world.register(name).await;
            let path = format!("/v1/people/{}/memberships", applicant.id);
            let number = fresh_key();
            let claim = applicant.post(&path, json!({"number": number})).await.expect(201).id();
            if verify {
                let body = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": until});
                staff.post(&format!("/v1/memberships/{claim}/verification"), body).await.expect(200);
            }
            let application = applicant.applies().await;
            let invoice = applicant.get(&format!("/v1/invoices/{}", application.text("invoice_id"))).await.expect(200);
            assert_eq!(invoice["total_cents"], cents, "{name}");
            assert_eq!(invoice["lines"][0]["member_price"], cents == 32_500);
            assert_eq!(invoice["due_on"], "2026-03-31");
        }
    }

    async fn what_the_office_asks_for_is_answered_on_the_same_invoice(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let id = application.id();
        staff.reviews(&id).await;
        let asked = json!({"message": "Please add a letter."});
        let asked = staff.decides(&id, "request-information", asked).await.expect(200);
        assert_eq!(asked["information_requested"], "Please add a letter.");
        let letter = json!({"attachments": [{"title": "Letter", "url": "https://example.org/letter.pdf"}]});
        ada.patch(&format!("/v1/applications/{id}"), &asked.etag(), letter).await.expect(200);
        let answered = ada.acts_on(&id, "submit").await.expect(200);
        assert_eq!(answered["state"], "in_review");
        assert_eq!(answered["information_requested"], Value::Null);
        assert_eq!(answered["invoice_id"], application["invoice_id"]);
        assert_eq!(world.count("invoice.issued"), 1);
    }

    async fn a_refusal_has_a_reason_and_gives_the_fee_back(world) {
        let staff = world.staff().await;
        for (name, paid) in [("Paid", true), ("Unpaid", false)] {
            let applicant = world.register(name).await;
            let application = applicant.applies().await;
            staff.reviews(&application.id()).await;
            if paid {
                staff.settles(&application).await;
            }
            staff.decides(&application.id(), "refuse", json!({})).await.faulty("#/reason", "required");
            let refused = staff.decides(&application.id(), "refuse", json!({"reason": "No."})).await.expect(200);
            assert_eq!(refused["decision"]["reason"], "No.");
            assert!(!refused["decision"]["findings"].as_array().unwrap().is_empty());
            let invoice = format!("/v1/invoices/{}", application.text("invoice_id"));
            let invoice = applicant.get(&invoice).await.expect(200);
            assert_eq!(invoice["refunded_cents"], if paid { 35_000 } else { 0 });
            assert_eq!(invoice["state"], if paid { "paid" } else { "void" });
        }
        assert_eq!((world.count("payout.due"), world.count("invoice.voided")), (1, 1));
        assert_eq!(world.count("candidacy.admitted"), 0);
    }

    async fn a_withdrawal_voids_what_is_unpaid(world) {
        let ada = world.register("Ada").await;
        let application = ada.applies().await;
        ada.decides(&application.id(), "withdraw", json!({"reason": "Later."})).await.expect(200);
        let invoice = ada.get(&format!("/v1/invoices/{}", application.text("invoice_id"))).await;
        assert_eq!((&invoice["state"], &invoice["balance_cents"]), (&json!("void"), &json!(0)));
        // Nothing stands in the way of another attempt.
        ada.applies().await;
    }

    async fn eligibility_can_be_overridden_but_not_the_fee(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let mut few_hours = statements();
        few_hours["jobs"][0]["hours_per_week"] = json!(1);
        let draft = ada.post("/v1/applications", few_hours).await.expect(201);
        let application = ada.acts_on(&draft.id(), "submit").await.expect(200);
        let id = application.id();
        staff.reviews(&id).await;
        let refused = staff.decides(&id, "accept", json!({})).await.refused(422, "rule-not-met");
        refused.unmet(&["eligibility.work_hours", "application.fee_settled"]);
        let reason = json!({"override_reason": "Years of work abroad."});
        let refused = staff.decides(&id, "accept", reason.clone()).await.refused(422, "rule-not-met");
        refused.unmet(&["eligibility.work_hours", "application.fee_settled"]);
        staff.settles(&application).await;
        staff.decides(&id, "accept", json!({})).await.refused(422, "rule-not-met").unmet(&["eligibility.work_hours"]);
        assert_eq!(world.count("candidacy.admitted"), 0);
        let accepted = staff.decides(&id, "accept", reason).await.expect(200);
        assert_eq!(accepted["decision"]["reason"], "Years of work abroad.");
        assert_eq!(world.count("candidacy.admitted"), 1);
    }

    async fn eligibility_is_judged_as_of_the_day_of_submission(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let mut past = statements();
        past["jobs"] = json!([{"library": "Town Library", "library_type": "public", "kind": "paid",
            "started_on": "2021-04-01", "ended_on": "2022-04-01", "requires_mlis": false, "hours_per_week": 40}]);
        let draft = ada.post("/v1/applications", past).await.expect(201);
        let application = ada.acts_on(&draft.id(), "submit").await.expect(200);
        world.travel_to("2027-06-01");
        staff.reviews(&application.id()).await;
        staff.settles(&application).await;
        let accepted = staff.accepts(&application.id()).await;
        assert_eq!(accepted["decision"]["decided_on"], "2027-06-01");
    }

    async fn one_application_is_open_and_none_while_a_candidacy_runs(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let first = ada.drafts().await;
        ada.post("/v1/applications", statements()).await.refused(409, "state-conflict").unmet(&["application.one_open"]);
        ada.decides(&first.id(), "withdraw", json!({})).await.expect(200);
        let candidacy = staff.admits(&ada).await;
        let refused = ada.post("/v1/applications", statements()).await.refused(409, "state-conflict");
        refused.unmet(&["application.no_running_candidacy"]);
        world.travel_to("2030-03-02");
        assert_eq!(ada.progress(&candidacy).await["status"], "expired");
        ada.drafts().await;
    }

    async fn the_office_applies_for_others_and_others_for_nobody(world) {
        let (ada, bob, staff) =
            (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let mut body = statements();
        body["person_id"] = json!(ada.id);
        bob.post("/v1/applications", body.clone()).await.refused(403, "forbidden");
        world.auditor().await.post("/v1/applications", body.clone()).await.refused(403, "forbidden");
        let made = staff.post("/v1/applications", body.clone()).await.expect(201);
        assert_eq!(made["person_id"], ada.id);
        ada.acts_on(&made.id(), "submit").await.expect(200);
        body["person_id"] = json!("person_00000000000000000000000000000000");
        staff.post("/v1/applications", body).await.faulty("#/person_id", "unknown");
    }

    async fn nobody_decides_their_own_case(world) {
        let (staff, admin) = (world.staff().await, world.admin().await);
        let application = staff.applies().await;
        let id = application.id();
        staff.acts_on(&id, "review").await.refused(403, "forbidden");
        admin.reviews(&id).await;
        staff.records_payment(&application.text("invoice_id"), 35_000).await.refused(403, "forbidden");
        admin.settles(&application).await;
        staff.decides(&id, "accept", json!({})).await.refused(403, "forbidden");
        assert_eq!(world.count("candidacy.admitted"), 0);
        admin.accepts(&id).await;
    }

    async fn its_history_is_told_with_who_did_what(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.reviews(&application.id()).await;
        let path = format!("/v1/applications/{}/events", application.id());
        let history = ada.get(&path).await.expect(200);
        let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|one| (one["type"].as_str().unwrap(), one["actor"].as_str().unwrap())).collect();
        assert_eq!(
            told,
            [
                ("application.drafted", ada.id.as_str()),
                ("application.submitted", ada.id.as_str()),
                ("application.review_started", staff.id.as_str()),
            ]
        );
        world.register("Bob").await.get(&path).await.refused(404, "not-found");
    }
}

fn statements_without_program() -> Value {
    json!({"education": "bachelor", "jobs": [job()], "payment_choice": "check"})
}
