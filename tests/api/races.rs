//! Sixteen contenders at once: one winner, the others a clean 409, one effect.

use serde_json::json;

use crate::support::{
    race::{contend, one_winner},
    story::statements,
    world::each_race,
};

each_race! {
    async fn sixteen_drafts_of_one_person(world) {
        let ada = world.register("Ada").await;
        let answers = contend(|_| {
            let ada = ada.clone();
            async move { ada.post("/v1/applications", statements()).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("application.drafted"), 1);
    }

    async fn sixteen_submissions_of_one_application(world) {
        let ada = world.register("Ada").await;
        let draft = ada.drafts().await.id();
        let answers = contend(|_| {
            let (ada, draft) = (ada.clone(), draft.clone());
            async move { ada.acts_on(&draft, "submit").await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("application.submitted"), world.count("invoice.issued")), (1, 1));
    }

    async fn sixteen_decisions_on_one_application(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.reviews(&application.id()).await;
        staff.settles(&application).await;
        let id = application.id();
        let answers = contend(|number| {
            let (staff, id) = (staff.clone(), id.clone());
            async move {
                if number % 2 == 0 {
                    staff.decides(&id, "accept", json!({})).await
                } else {
                    staff.decides(&id, "refuse", json!({"reason": "No."})).await
                }
            }
        })
        .await;
        let accepted = one_winner(answers, 200)["state"] == "accepted";
        let counts = (world.count("candidacy.admitted"), world.count("application.refused"));
        assert_eq!(counts, if accepted { (1, 0) } else { (0, 1) });
    }

    async fn sixteen_records_of_one_payment(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let path = format!("/v1/invoices/{invoice}/payments");
        let body = json!({"tender": "check", "reference": "1001", "amount_cents": 100});
        let answers = contend(|_| {
            let (staff, path, body) = (staff.clone(), path.clone(), body.clone());
            async move { staff.post(&path, body).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(ada.get(&format!("/v1/invoices/{invoice}")).await["paid_cents"], 100);
        assert_eq!(world.count("invoice.payment_recorded"), 1);
    }

    async fn sixteen_payments_of_the_whole_invoice(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let answers = contend(|_| {
            let (staff, invoice) = (staff.clone(), invoice.clone());
            async move { staff.records_payment(&invoice, 35_000).await }
        })
        .await;
        let paid = one_winner(answers, 201);
        assert_eq!((&paid["state"], &paid["paid_cents"]), (&json!("paid"), &json!(35_000)));
        assert_eq!(world.count("invoice.payment_recorded"), 1);
    }

    async fn sixteen_verifications_of_the_sixth_completion(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        for set in &crate::support::story::SIX[..5] {
            staff.credits(&candidacy, set, "2026-02-01").await;
        }
        let course = staff.approves_course("CAT", "2025-01-01").await;
        let completion = ada.hands_in(&candidacy, &course, "2026-02-01").await.expect(201).id();
        let answers = contend(|_| {
            let (staff, completion) = (staff.clone(), completion.clone());
            async move { staff.verifies(&completion).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("achievement.recorded"), world.count("certification.awarded")), (6, 1));
    }

    async fn sixteen_completions_of_one_set(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let mut completions = Vec::new();
        for _ in 0..crate::support::race::CONTENDERS {
            let course = staff.approves_course("FND", "2025-01-01").await;
            completions.push(ada.hands_in(&candidacy, &course, "2026-02-01").await.expect(201).id());
        }
        let answers = contend(|number| {
            let (staff, completion) = (staff.clone(), completions[number].clone());
            async move { staff.verifies(&completion).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("achievement.recorded"), 1);
    }

    async fn sixteen_registrations_of_one_address(world) {
        let answers = contend(|number| {
            let anyone = world.anyone();
            async move {
                let email = if number % 2 == 0 { "ada@example.org" } else { "ADA@Example.org" };
                let body = json!({"given_name": "Ada", "family_name": "Example", "email": email,
                    "password": crate::support::world::PASSWORD});
                anyone.post("/v1/people", body).await
            }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("person.registered"), 1);
    }

    async fn sixteen_uses_of_one_refresh_token(world) {
        let ada = world.register("Ada").await;
        let answers = contend(|_| {
            let (anyone, token) = (world.anyone(), ada.refresh.clone());
            async move { anyone.post_bare("/v1/sessions/refresh", json!({"refresh_token": token})).await }
        })
        .await;
        let granted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(granted, 1);
        ada.get("/v1/me").await.refused(401, "invalid-token");
        assert_eq!(world.count("session.ended"), 1);
    }
}
