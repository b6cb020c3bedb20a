//! Callbacks of payment providers, and what does not agree.

use serde_json::json;

use crate::support::{
    money::callback,
    world::{each, each_world},
};

each_world! {
    async fn the_same_callback_is_taken_once(world) {
        let (ada, admin) = (world.register("Ada").await, world.admin().await);
        let processor = world.partner(&admin, &["payments:write"]).await;
        let invoice = ada.applies().await.text("invoice_id");
        let number = "LSSC-2026-000001";
        let first = processor.calls_back(number, "ch_1", 35_500).await.expect(201);
        assert_eq!((&first["outcome"], &first["invoice_id"]), (&json!("recorded"), &json!(invoice)));
        assert_eq!(first["credited_cents"], 500);
        for _ in 0..2 {
            let again = processor.calls_back(number, "ch_1", 35_500).await.expect(200);
            assert_eq!(again["outcome"], "already_recorded");
            assert_eq!((&again["payment_id"], &again["invoice_id"]), (&first["payment_id"], &first["invoice_id"]));
        }
        let paid = ada.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
        assert_eq!((&paid["state"], &paid["payments"][0]["method"]), (&json!("paid"), &json!("card")));
        assert_eq!((world.count("invoice.payment_recorded"), world.count("payment_discrepancy.found")), (1, 0));
        admin.finds_the_ledger_right().await;
    }

    async fn what_does_not_agree_is_refused_and_kept_for_the_office(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let first = staff.invoices(&ada.id, 2).await;
        let second = staff.invoices(&ada.id, 1).await;
        let (one, two) = (first.text("number"), second.text("number"));
        let payment = staff.calls_back(&one, "ch_1", 5_000).await.expect(201).text("payment_id");
        let conflict = (409, "state-conflict");
        for _ in 0..2 {
            staff.calls_back(&one, "ch_1", 6_000).await.refused(conflict.0, conflict.1).unmet(&["callback.amount"]);
        }
        staff.calls_back(&two, "ch_1", 5_000).await.refused(conflict.0, conflict.1).unmet(&["callback.invoice"]);
        let mut pesos = callback(&two, "ch_2", 6_000);
        pesos["currency"] = json!("MXN");
        staff.post_bare("/v1/payment-callbacks", pesos).await.refused(conflict.0, conflict.1).unmet(&["callback.currency"]);
        staff.voids(&second.id()).await.expect(200);
        staff.calls_back(&two, "ch_3", 6_000).await.refused(conflict.0, conflict.1).unmet(&["invoice.state"]);
        assert_eq!((world.count("invoice.payment_recorded"), world.count("payment_discrepancy.found")), (1, 4));
        let list = staff.get("/v1/payment-discrepancies?state=open").await.expect(200);
        assert_eq!(each(&list["items"], "reference"), ["ch_1", "ch_1", "ch_2", "ch_3"]);
        let found = &list["items"][0];
        assert_eq!((&found["expected_cents"], &found["actual_cents"]), (&json!(5_000), &json!(6_000)));
        assert_eq!((&found["payment_id"], &found["invoice_id"]), (&json!(payment), &json!(first.id())));
        ada.get("/v1/payment-discrepancies").await.refused(403, "forbidden");
        staff.finds_the_ledger_right().await;
    }

    async fn each_thing_that_does_not_agree_is_kept_once_until_it_is_resolved(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (paid, other) = (staff.invoices(&ada.id, 1).await, staff.invoices(&ada.id, 1).await);
        let (one, two) = (paid.text("number"), other.text("number"));
        staff.calls_back(&one, "ch_1", 6_000).await.expect(201);
        let mut pesos = callback(&one, "ch_1", 7_000);
        pesos["currency"] = json!("MXN");
        for _ in 0..2 {
            staff.calls_back(&one, "ch_1", 7_000).await.refused(409, "state-conflict");
            staff.calls_back(&two, "ch_1", 7_000).await.refused(409, "state-conflict");
            staff.post_bare("/v1/payment-callbacks", pesos.clone()).await.refused(409, "state-conflict");
        }
        let list = staff.get("/v1/payment-discrepancies").await.expect(200);
        assert_eq!(each(&list["items"], "currency"), ["USD", "USD", "MXN"]);
        assert_eq!(each(&list["items"], "invoice_id"), [paid.id(), other.id(), paid.id()]);
        // What comes after the office was done with it is told again.
        let path = format!("/v1/payment-discrepancies/{}/resolution", each(&list["items"], "id")[0]);
        staff.post(&path, json!({"resolution": "The provider corrects it."})).await.expect(200);
        staff.calls_back(&one, "ch_1", 7_000).await.refused(409, "state-conflict");
        assert_eq!(world.count("payment_discrepancy.found"), 4);
    }

    async fn money_of_another_currency_is_not_taken_as_credit(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.invoices(&ada.id, 1).await.text("number");
        let mut pesos = callback(&number, "ch_1", 600_000);
        pesos["currency"] = json!("MXN");
        staff.post_bare("/v1/payment-callbacks", pesos).await.refused(409, "state-conflict").unmet(&["callback.currency"]);
        let list = staff.get("/v1/payment-discrepancies").await.expect(200);
        assert_eq!((&list["items"][0]["currency"], &list["items"][0]["actual_cents"]), (&json!("MXN"), &json!(600_000)));
        let path = format!("/v1/payment-discrepancies/{}/resolution", each(&list["items"], "id")[0]);
        let take = json!({"resolution": "She paid in pesos.", "take_as_credit": true});
        staff.post(&path, take).await.refused(422, "rule-not-met").unmet(&["discrepancy.currency"]);
        assert_eq!(ada.statement(&ada.id).await["credit_cents"], 0);
        staff.post(&path, json!({"resolution": "It goes back."})).await.expect(200);
        staff.finds_the_ledger_right().await;
    }

    async fn the_money_of_one_reference_is_booked_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (void, open) = (staff.invoices(&ada.id, 1).await, staff.invoices(&ada.id, 1).await);
        staff.voids(&void.id()).await.expect(200);
        // One reference, two amounts: the office takes one of them.
        staff.calls_back(&void.text("number"), "ch_1", 6_000).await.refused(409, "state-conflict");
        staff.calls_back(&void.text("number"), "ch_1", 5_000).await.refused(409, "state-conflict");
        staff.calls_back(&void.text("number"), "ch_2", 6_000).await.refused(409, "state-conflict");
        let list = staff.get("/v1/payment-discrepancies").await.expect(200);
        let path = |place: usize| format!("/v1/payment-discrepancies/{}/resolution", each(&list["items"], "id")[place]);
        let take = json!({"resolution": "She paid a void one.", "take_as_credit": true});
        let taken = staff.post(&path(0), take.clone()).await.expect(200);
        assert_eq!(taken["taken_as_credit"], true);
        staff.post(&path(1), take.clone()).await.refused(409, "state-conflict").unmet(&["discrepancy.credited_once"]);
        assert_eq!(ada.statement(&ada.id).await["credit_cents"], 6_000);
        // Neither does it pay an invoice then, by a callback or by hand.
        staff.calls_back(&open.text("number"), "ch_1", 6_000).await.refused(409, "state-conflict").unmet(&["discrepancy.credited_once"]);
        let card = json!({"tender": "card", "reference": "ch_1", "amount_cents": 6_000});
        staff.post(&format!("/v1/invoices/{}/payments", open.id()), card.clone()).await.refused(409, "conflict");
        assert_eq!(world.count("payment_discrepancy.found"), 4);
        staff.calls_back(&void.text("number"), "ch_1", 6_000).await.refused(409, "state-conflict");
        assert_eq!(world.count("payment_discrepancy.found"), 4, "the office took this very money");
        // And what paid an invoice since is not taken as credit.
        let mut other = card;
        other["reference"] = json!("ch_2");
        staff.post(&format!("/v1/invoices/{}/payments", open.id()), other).await.expect(201);
        staff.post(&path(2), take).await.refused(422, "rule-not-met").unmet(&["discrepancy.unrecorded"]);
        assert_eq!(ada.statement(&ada.id).await["credit_cents"], 6_000);
        staff.finds_the_ledger_right().await;
    }

    async fn a_refusal_with_a_key_is_replayed_and_kept_all_the_same(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.invoices(&ada.id, 1).await.text("number");
        staff.calls_back(&number, "ch_1", 6_000).await.expect(201);
        let other = callback(&number, "ch_1", 60);
        let refused = staff.post_as("once", "/v1/payment-callbacks", other.clone()).await.refused(409, "state-conflict");
        assert_eq!(world.count("payment_discrepancy.found"), 1);
        let again = staff.post_as("once", "/v1/payment-callbacks", other).await.expect(409);
        assert!(again.headers.contains_key("idempotency-replayed") && again.bytes == refused.bytes);
        assert_eq!(world.count("payment_discrepancy.found"), 1);
    }

    async fn what_cannot_be_a_callback_is_not_kept(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        let number = staff.invoices(&ada.id, 1).await.text("number");
        let with = |field: &str, value: serde_json::Value| {
            let mut body = callback(&number, "ch_1", 6_000);
            body[field] = value;
            body
        };
        for (body, pointer, code) in [
            (with("invoice_number", json!("LSSC-2026-999999")), "#/invoice_number", "unknown"),
            (with("reference", json!("4111111111111111")), "#/reference", "card_data"),
            (with("currency", json!("usd")), "#/currency", "format"),
            (with("amount_cents", json!(0)), "#/amount_cents", "out_of_range"),
            (with("received_on", json!("2026-03-02")), "#/received_on", "order"),
            (with("card_number", json!("x")), "#/card_number", "unknown"),
        ] {
            staff.post_bare("/v1/payment-callbacks", body).await.faulty(pointer, code);
        }
        ada.calls_back(&number, "ch_1", 6_000).await.refused(403, "forbidden");
        let reader = world.partner(&admin, &["invoices:read"]).await;
        reader.calls_back(&number, "ch_1", 6_000).await.refused(403, "insufficient-scope");
        assert_eq!((world.count("invoice.payment_recorded"), world.count("payment_discrepancy.found")), (0, 0));
    }

    async fn the_office_says_once_what_became_of_it(world) {
        let (ada, staff, auditor) = (world.register("Ada").await, world.staff().await, world.auditor().await);
        let number = staff.invoices(&ada.id, 1).await.text("number");
        staff.calls_back(&number, "ch_1", 6_000).await.expect(201);
        staff.calls_back(&number, "ch_1", 7_000).await.refused(409, "state-conflict");
        let list = auditor.get("/v1/payment-discrepancies").await.expect(200);
        let path = format!("/v1/payment-discrepancies/{}", each(&list["items"], "id")[0]);
        let resolution = format!("{path}/resolution");
        let told = json!({"resolution": "The provider corrected it."});
        auditor.post(&resolution, told.clone()).await.refused(403, "forbidden");
        ada.post(&resolution, told.clone()).await.refused(404, "not-found");
        staff.post(&resolution, json!({"resolution": "4242 4242 4242 4242"})).await.faulty("#/resolution", "card_data");
        assert!(staff.get(&path).await.expect(200).allows("resolve_payment_discrepancy"));
        let resolved = staff.post(&resolution, told.clone()).await.expect(200);
        assert_eq!((&resolved["state"], &resolved["resolved_on"]), (&json!("resolved"), &json!("2026-03-01")));
        staff.post(&resolution, told).await.refused(409, "state-conflict").unmet(&["discrepancy.state"]);
        assert_eq!(staff.get("/v1/payment-discrepancies?state=open").await["items"], json!([]));
        assert_eq!(world.count("payment_discrepancy.resolved"), 1);
    }

    async fn money_that_is_recorded_nowhere_becomes_credit(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await;
        let number = invoice.text("number");
        staff.calls_back(&number, "ch_1", 6_000).await.expect(201);
        staff.calls_back(&number, "ch_1", 7_000).await.refused(409, "state-conflict");
        staff.calls_back(&number, "ch_2", 6_000).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        let list = staff.get("/v1/payment-discrepancies").await.expect(200);
        let path = |place: usize| format!("/v1/payment-discrepancies/{}/resolution", each(&list["items"], "id")[place]);
        let take = json!({"resolution": "She paid twice.", "take_as_credit": true});
        staff.post(&path(0), take.clone()).await.refused(422, "rule-not-met").unmet(&["discrepancy.unrecorded"]);
        assert_eq!(ada.statement(&ada.id).await["credit_cents"], 0);
        staff.post(&path(1), take.clone()).await.expect(200);
        staff.post(&path(1), take).await.refused(409, "state-conflict");
        let statement = ada.statement(&ada.id).await;
        assert_eq!((&statement["credit_cents"], &statement["owed_cents"]), (&json!(6_000), &json!(0)));
        let report = staff.finds_the_ledger_right().await;
        let credited = report["reconciliation"].as_array().unwrap().iter().find(|one| one["item"] == "receipts_credited");
        assert_eq!(credited.unwrap()["records_cents"], 6_000);
    }
}
