//! Course subsidies: reimbursed after completion, with proof of payment.

use serde_json::json;

use crate::support::world::{each, each_world};

each_world! {
    async fn a_subsidy_is_granted_and_paid_out(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let completion = staff.credits(&candidacy, "FND", "2026-02-01").await;
        let path = format!("/v1/completions/{completion}/subsidy");
        let body = json!({"paid_cents": 25_000, "receipt_url": "https://receipts.example.org/1"});
        world.register("Bob").await.post(&path, body.clone()).await.refused(404, "not-found");
        staff.post(&path, body.clone()).await.refused(403, "forbidden");
        ada.post_bare(&path, body.clone()).await.refused(400, "idempotency-key-required");
        let asked = ada.post(&path, body.clone()).await.expect(201);
        assert_eq!((&asked["state"], &asked["actions"]), (&json!("requested"), &json!([])));
        ada.post(&path, body).await.refused(409, "conflict");
        let own = format!("/v1/subsidies/{}", asked.id());
        assert!(staff.get(&own).await.expect(200).allows("grant_subsidy"));
        ada.post(&format!("{own}/grant"), json!({})).await.refused(403, "forbidden");
        staff.post(&format!("{own}/grant"), json!({"amount_cents": 20_001})).await.refused(422, "rule-not-met").unmet(&["subsidy.amount"]);
        let granted = staff.post(&format!("{own}/grant"), json!({})).await.expect(200);
        assert_eq!((&granted["state"], &granted["granted_cents"]), (&json!("granted"), &json!(20_000)));
        staff.post(&format!("{own}/decline"), json!({"reason": "No."})).await.refused(409, "state-conflict").unmet(&["subsidy.state"]);
        let payout = ada.get(&format!("/v1/payouts/{}", granted.text("payout_id"))).await.expect(200);
        assert_eq!((&payout["kind"], &payout["amount_cents"], &payout["state"]), (&json!("course_subsidy"), &json!(20_000), &json!("due")));
        assert_eq!(world.happened_to(&asked.id()), ["subsidy.requested", "subsidy.granted"]);
    }

    async fn a_subsidy_follows_a_verified_completion(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        let completion = ada.hands_in(&candidacy, &course, "2026-02-01").await.expect(201).id();
        let path = format!("/v1/completions/{completion}/subsidy");
        let body = |cents: i64, url: &str| json!({"paid_cents": cents, "receipt_url": url});
        let good = body(10_000, "https://receipts.example.org/1");
        ada.post(&path, good.clone()).await.refused(422, "rule-not-met").unmet(&["subsidy.completed"]);
        staff.verifies(&completion).await.expect(200);
        ada.post(&path, body(0, "https://receipts.example.org/1")).await.faulty("#/paid_cents", "out_of_range");
        ada.post(&path, body(1, "http://receipts.example.org/1")).await.refused(422, "invalid-input");
        let first = ada.post(&path, good.clone()).await.expect(201).id();
        let declined = staff.post(&format!("/v1/subsidies/{first}/decline"), json!({"reason": "The receipt cannot be read."})).await.expect(200);
        assert_eq!(declined["reason"], "The receipt cannot be read.");
        // Declined, it can be asked for again; voided meanwhile, it is not granted.
        let second = ada.post(&path, good).await.expect(201).id();
        let achievement = ada.get(&format!("/v1/candidacies/{candidacy}/achievements")).await["items"][0]["id"].as_str().unwrap().to_owned();
        staff.post(&format!("/v1/achievements/{achievement}/void"), json!({"reason": "Forged."})).await.expect(200);
        staff.post(&format!("/v1/subsidies/{second}/grant"), json!({})).await.refused(422, "rule-not-met").unmet(&["subsidy.completed"]);
        let queue = staff.get("/v1/subsidies?state=requested").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [second]);
        assert_eq!(world.register("Bob").await.get("/v1/subsidies").await.expect(200)["items"], json!([]));
    }
}
