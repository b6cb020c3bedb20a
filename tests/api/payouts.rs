//! Payouts: due by a decision, made once.

use serde_json::json;

use crate::support::{
    money::figures,
    world::{each, each_world},
};

each_world! {
    async fn a_payout_is_made_once(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        let paid = staff.records_payment(&invoice, 6_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        let due = staff.returns(&payment, None).await.expect(200)["payout"].clone();
        let path = format!("/v1/payouts/{}", due["id"].as_str().unwrap());
        let read = ada.get(&path).await.expect(200);
        assert_eq!((&read["kind"], &read["payment_id"]), (&json!("refund"), &json!(payment)));
        assert_eq!(read["actions"], json!([]));
        bob.get(&path).await.refused(404, "not-found");
        assert!(staff.get(&path).await.expect(200).allows("record_payout"));
        let record = format!("{path}/record");
        let check = |reference: &str, on: &str| json!({"tender": "check", "reference": reference, "paid_on": on});
        staff.post(&record, check("4242 4242 4242 4242", "2026-03-01")).await.faulty("#/reference", "card_data");
        staff.post(&record, check("77", "2026-03-02")).await.faulty("#/paid_on", "order");
        staff.post_bare(&record, check("77", "2026-03-01")).await.refused(400, "idempotency-key-required");
        ada.post(&record, check("77", "2026-03-01")).await.refused(403, "forbidden");
        assert_eq!(world.count("payout.made"), 0);
        let made = staff.post(&record, check("77", "2026-02-28")).await.expect(200);
        assert_eq!((&made["state"], &made["tender"], &made["paid_on"]), (&json!("paid"), &json!("check"), &json!("2026-02-28")));
        staff.post(&record, check("78", "2026-03-01")).await.refused(409, "state-conflict").unmet(&["payout.state"]);
        assert_eq!(world.count("payout.made"), 1);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 6_000, 0, 0, 0]);
        staff.finds_the_ledger_right().await;
    }

    async fn the_queue_holds_what_is_due_and_everybody_their_own(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let (lia, library) = world.institution(&staff, "Riverside Public Library").await;
        let mut payouts = Vec::new();
        for person in [&ada, &bob] {
            let invoice = staff.invoices(&person.id, 1).await.id();
            staff.records_payment(&invoice, 7_000).await.expect(201);
            payouts.push(staff.pays_credit_out(&person.id, 1_000).await.expect(201).id());
        }
        let body = json!({"institution_id": library, "items": [{"code": "course_approval"}]});
        let theirs = staff.post("/v1/invoices", body).await.expect(201).id();
        let paid = staff.takes_check(&theirs, "9", 10_000).await.expect(201);
        let returned = staff.returns(paid["payments"][0]["id"].as_str().unwrap(), None).await.expect(200);
        payouts.push(returned["payout"]["id"].as_str().unwrap().to_owned());
        staff.pays_out(&payouts[0]).await.expect(200);
        let ids = async |actor: &crate::support::actor::Actor, query: &str| {
            let list = actor.get(&format!("/v1/payouts{query}")).await.expect(200);
            each(&list["items"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(ids(&staff, "").await, payouts);
        assert_eq!(ids(&staff, "?state=due").await, payouts[1..]);
        assert_eq!(ids(&staff, &format!("?invoice_id={theirs}")).await, payouts[2..]);
        assert_eq!(ids(&ada, "").await, payouts[..1]);
        assert_eq!(ids(&ada, &format!("?person_id={}", bob.id)).await, [""; 0]);
        assert_eq!(ids(&lia, "").await, payouts[2..]);
        assert_eq!(ids(&staff, &format!("?institution_id={library}&state=paid")).await, [""; 0]);
        let both = json!({"person_id": ada.id, "institution_id": library, "amount_cents": 1, "reason": "No."});
        staff.post("/v1/credit-refunds", both).await.faulty("#/institution_id", "exclusive");
        staff.finds_the_ledger_right().await;
    }
}
