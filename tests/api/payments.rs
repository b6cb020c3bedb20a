//! Payments: what comes in, from whom, and what of it goes back.

use serde_json::json;

use crate::support::{
    money::figures,
    orders::line,
    race::{contend, one_winner},
    world::each_world,
};

each_world! {
    async fn a_payment_holds_no_card_and_comes_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let path = format!("/v1/invoices/{invoice}/payments");
        let payment = |reference: &str, cents: i64, on: &str| {
            json!({"tender": "card", "reference": reference, "amount_cents": cents, "received_on": on})
        };
        for (body, pointer, code) in [
            (payment("4242 4242 4242 4242", 100, "2026-03-01"), "#/reference", "card_data"),
            (payment("4242-4242-4242-4242", 100, "2026-03-01"), "#/reference", "card_data"),
            (payment("ch_1", 100, "2026-03-02"), "#/received_on", "order"),
            (payment("ch_1", 0, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("ch_1", -5, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("ch_1", 100_000_000_001, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("ch_1", i64::MAX, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("", 100, "2026-03-01"), "#/reference", "length"),
        ] {
            staff.post(&path, body).await.faulty(pointer, code);
        }
        let beyond = r#"{"tender": "card", "reference": "ch_1", "amount_cents": 9223372036854775808}"#;
        staff.post(&path, serde_json::from_str(beyond).unwrap()).await.refused(422, "invalid-input");
        let mut award = payment("ch_1", 100, "2026-03-01");
        award["tender"] = json!("award");
        staff.post(&path, award).await.faulty("#/tender", "unknown");
        staff.post_bare(&path, payment("ch_1", 100, "2026-02-27")).await.refused(400, "idempotency-key-required");
        assert!(!world.db().lines("SELECT data AS line FROM events").join("").contains("4242"));
        assert_eq!(world.count("invoice.payment_recorded"), 0);
        staff.post(&path, payment("ch_1", 100, "2026-02-27")).await.expect(201);
        staff.post(&path, payment("ch_1", 100, "2026-02-27")).await.refused(409, "conflict");
        let mut check = payment("ch_1", 100, "2026-02-27");
        check["tender"] = json!("check");
        staff.post(&path, check).await.expect(201);
        // A long reference is not refused for some digits within it.
        staff.post(&path, payment("40424242424242424242", 100, "2026-02-27")).await.expect(201);
        assert_eq!(ada.get(&format!("/v1/invoices/{invoice}")).await["paid_cents"], 300);
    }

    async fn who_pays_does_not_record_it(world) {
        let (ada, bob, admin) =
            (world.register("Ada").await, world.register("Bob").await, world.admin().await);
        let invoice = ada.applies().await.text("invoice_id");
        ada.records_payment(&invoice, 100).await.refused(403, "forbidden");
        bob.records_payment(&invoice, 100).await.refused(404, "not-found");
        let reader = world.partner(&admin, &["invoices:read"]).await;
        reader.records_payment(&invoice, 100).await.refused(403, "insufficient-scope");
        assert_eq!(world.count("invoice.payment_recorded"), 0);
        let processor = world.partner(&admin, &["payments:write", "invoices:read"]).await;
        processor.records_payment(&invoice, 35_000).await.expect(201);
        let actors = world.db().lines("SELECT actor AS line FROM events WHERE type = 'invoice.payment_recorded'");
        assert_eq!(actors, [processor.id.as_str()]);
    }

    async fn several_payers_pay_one_fee(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let library = staff.records_institution("Riverside Public Library").await;
        let invoice = ada.applies().await.text("invoice_id");
        staff.records_payment(&invoice, 20_000).await.expect(201);
        let path = format!("/v1/invoices/{invoice}/payments");
        let check = |by: &str| json!({"tender": "check", "reference": "118", "amount_cents": 18_000, "paid_by_institution_id": by});
        let nowhere = format!("org_{:032x}", 1);
        staff.post(&path, check(&nowhere)).await.faulty("#/paid_by_institution_id", "unknown");
        let paid = staff.post(&path, check(&library)).await.expect(201);
        let theirs = &paid["payments"][1];
        assert_eq!((&paid["state"], &theirs["paid_by_institution_id"]), (&json!("paid"), &json!(library)));
        assert_eq!((&theirs["received_cents"], &theirs["amount_cents"]), (&json!(18_000), &json!(15_000)));
        // What was too much is the credit of who paid it.
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 0, 0]);
        let statement = staff.get(&format!("/v1/institutions/{library}/statement")).await.expect(200);
        assert_eq!(figures(&statement), [0, 0, 3_000, 0, -3_000]);
        let payment = theirs["id"].as_str().unwrap();
        let returned = staff.returns(payment, None).await.expect(200);
        assert_eq!(returned["payout"]["institution_id"], json!(library));
        assert_eq!(returned["payout"]["amount_cents"], 15_000);
        staff.finds_the_ledger_right().await;
    }

    async fn a_payment_is_returned_once_and_never_more(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 2).await.id();
        let paid = staff.takes_check(&invoice, "118", 12_500).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        ada.returns(&payment, None).await.refused(403, "forbidden");
        bob.returns(&payment, None).await.refused(404, "not-found");
        staff.returns(&payment, Some(12_001)).await.refused(409, "state-conflict").unmet(&["refund.within_payment"]);
        staff.returns(&payment, Some(0)).await.faulty("#/amount_cents", "out_of_range");
        let path = format!("/v1/payments/{payment}/refund");
        staff.post(&path, json!({"reason": "to 5555 5555 5555 4444"})).await.faulty("#/reason", "card_data");
        assert_eq!(world.count("payout.due"), 0);
        let part = staff.returns(&payment, Some(2_000)).await.expect(200);
        assert_eq!((&part["amount_cents"], &part["payout"]["state"]), (&json!(2_000), &json!("due")));
        assert_eq!((&part["payout"]["person_id"], &part["invoice"]["refunded_cents"]), (&json!(ada.id), &json!(2_000)));
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 12_000, 500, 2_000, -2_500]);
        let rest = staff.returns(&payment, None).await.expect(200);
        assert_eq!((&rest["amount_cents"], &rest["invoice"]["refunded_cents"]), (&json!(10_000), &json!(12_000)));
        staff.returns(&payment, None).await.refused(409, "state-conflict").unmet(&["refund.within_payment"]);
        assert_eq!(world.count("payout.due"), 2);
        let nothing = format!("pay_{:032x}", 1);
        staff.returns(&nothing, None).await.refused(404, "not-found");
        staff.finds_the_ledger_right().await;
    }

    async fn a_check_that_bounced_is_owed_again(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let paid = staff.takes_check(&invoice, "118", 35_500).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        ada.reverses(&payment).await.refused(403, "forbidden");
        bob.reverses(&payment).await.refused(404, "not-found");
        staff.reverses(&format!("pay_{:032x}", 1)).await.refused(404, "not-found");
        let path = format!("/v1/payments/{payment}/reverse");
        staff.post(&path, json!({})).await.refused(422, "invalid-input");
        staff.post(&path, json!({"reason": "4242 4242 4242 4242"})).await.faulty("#/reason", "card_data");
        staff.post_bare(&path, json!({"reason": "r"})).await.refused(400, "idempotency-key-required");
        assert_eq!(world.count("invoice.payment_reversed"), 0);
        let owed = staff.reverses(&payment).await.expect(200);
        assert_eq!((&owed["state"], &owed["balance_cents"], &owed["credited_cents"]), (&json!("open"), &json!(35_000), &json!(0)));
        assert_eq!(owed["payments"][0]["reversed"], json!({"reversed_on": "2026-03-01", "reason": "The check bounced."}));
        assert_eq!(figures(&ada.statement(&ada.id).await), [35_000, 0, 0, 0, 35_000]);
        let open = staff.get("/v1/invoices?state=open").await.expect(200);
        assert_eq!(open["items"][0]["id"], json!(invoice));
        let theirs = format!("/v1/subscriptions?person_id={}", ada.id);
        assert_eq!(ada.get(&theirs).await["items"][0]["state"], "ended");
        staff.reverses(&payment).await.refused(409, "state-conflict").unmet(&["reversal.once"]);
        staff.returns(&payment, None).await.refused(409, "state-conflict");
        assert_eq!((world.count("payout.due"), world.count("invoice.payment_reversed")), (0, 1));
        // The bank took it the second time: the account goes on, with its first years.
        staff.takes_check(&invoice, "118", 35_000).await.expect(201);
        assert_eq!(ada.get(&theirs).await["items"][0]["state"], "active");
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 0, 0]);
        assert_eq!((world.count("subscription.activated"), world.count("subscription.resumed")), (1, 1));
        let report = staff.finds_the_ledger_right().await;
        let items = report["reconciliation"].as_array().unwrap().clone();
        let back = items.iter().find(|one| one["item"] == "reversed_by_check").unwrap();
        assert_eq!((&back["ledger_cents"], &back["records_cents"]), (&json!(35_500), &json!(35_500)));
    }

    async fn what_cannot_be_undone_is_not_reversed(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        let over = staff.takes_check(&invoice, "118", 7_000).await.expect(201);
        let over = over["payments"][0]["id"].as_str().unwrap().to_owned();
        let next = staff.invoices(&ada.id, 1).await.id();
        let used = staff.applies_credit(&next, None).await.expect(200);
        // What it left as credit paid something since.
        staff.reverses(&over).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        let credit = used["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.reverses(&credit).await.refused(409, "state-conflict").unmet(&["reversal.of_money"]);
        let paid = staff.takes_check(&next, "119", 5_000).await.expect(201);
        let check = paid["payments"][1]["id"].as_str().unwrap().to_owned();
        staff.returns(&check, Some(100)).await.expect(200);
        staff.reverses(&check).await.refused(409, "state-conflict").unmet(&["reversal.nothing_returned"]);
        let void = staff.invoices(&ada.id, 1).await.id();
        let part = staff.takes_check(&void, "120", 1_000).await.expect(201);
        staff.voids(&void).await.expect(200);
        let part = part["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.reverses(&part).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        assert_eq!(world.count("invoice.payment_reversed"), 0);
        staff.finds_the_ledger_right().await;
    }

    async fn a_card_that_was_charged_back_pays_another_invoice_later(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (one, other) = (staff.invoices(&ada.id, 1).await, staff.invoices(&ada.id, 1).await);
        staff.calls_back(&one.text("number"), "ch_1", 6_000).await.expect(201);
        let paid = staff.get(&format!("/v1/invoices/{}", one.id())).await.expect(200);
        staff.reverses(paid["payments"][0]["id"].as_str().unwrap()).await.expect(200);
        // The same callback again brings no money back.
        assert_eq!(staff.calls_back(&one.text("number"), "ch_1", 6_000).await.expect(200)["outcome"], "already_recorded");
        assert_eq!(ada.get(&format!("/v1/invoices/{}", one.id())).await["state"], "open");
        let body = json!({"tender": "card", "reference": "ch_1", "amount_cents": 6_000});
        staff.post(&format!("/v1/invoices/{}/payments", other.id()), body).await.expect(201);
        assert_eq!(ada.get(&format!("/v1/invoices/{}", other.id())).await["state"], "paid");
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_reversals_against_sixteen_returns(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        let paid = staff.takes_check(&invoice, "118", 6_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        let answers = contend(|number| {
            let (staff, payment) = (staff.clone(), payment.clone());
            async move {
                if number % 2 == 0 { staff.reverses(&payment).await } else { staff.returns(&payment, None).await }
            }
        })
        .await;
        one_winner(answers, 200);
        let (reversed, due) = (world.count("invoice.payment_reversed"), world.count("payout.due"));
        assert_eq!(reversed + due, 1);
        staff.finds_the_ledger_right().await;
    }

    async fn nobody_of_the_office_returns_their_own_payment(world) {
        let staff = world.staff().await;
        let other = world.admin().await;
        let invoice = other.invoices(&staff.id, 1).await.id();
        let paid = other.takes_check(&invoice, "118", 6_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.returns(&payment, None).await.refused(403, "forbidden");
        staff.voids(&invoice).await.refused(403, "forbidden");
        assert_eq!(world.count("payout.due"), 0);
        let payout = other.returns(&payment, None).await.expect(200)["payout"]["id"].as_str().unwrap().to_owned();
        staff.pays_out(&payout).await.refused(403, "forbidden");
        assert_eq!(world.count("payout.made"), 0);
        let more = other.invoices(&staff.id, 1).await;
        other.takes_check(&more.id(), "119", 6_500).await.expect(201);
        staff.pays_credit_out(&staff.id, 500).await.refused(403, "forbidden");
        let open = other.invoices(&staff.id, 1).await;
        staff.calls_back(&open.text("number"), "ch_1", 6_000).await.refused(403, "forbidden");
        assert_eq!(world.count("payout.due"), 1);
    }

    async fn a_fee_is_returned_in_full_once_its_application_ended(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.reviews(&application.id()).await;
        let paid = staff.settles(&application).await;
        assert_eq!(world.count("subscription.activated"), 1);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.returns(&payment, None).await.refused(409, "state-conflict").unmet(&["refund.application_ended"]);
        staff.returns(&payment, Some(1)).await.expect(200);
        staff.accepts(&application.id()).await;
        assert_eq!((world.count("payout.due"), world.count("subscription.ended")), (1, 0));
        let returned = staff.returns(&payment, None).await.expect(200);
        assert_eq!(returned["amount_cents"], 34_999);
        assert_eq!((world.count("payout.due"), world.count("subscription.ended")), (2, 1));
        staff.finds_the_ledger_right().await;
    }

    async fn what_an_order_paid_is_returned_to_it_person_by_person(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (_, library) = world.institution(&staff, "Riverside Public Library").await;
        let application = ada.applies().await;
        let order = staff.orders(&library, "PO-1", &[line("Ada", 35_000)]).await.expect(201);
        let paid = staff.takes_check(&order.text("invoice_id"), "10432", 35_000).await.expect(201);
        let bill = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.returns(&bill, None).await.refused(409, "state-conflict").unmet(&["refund.not_an_orders"]);
        assert_eq!(world.count("payout.due"), 0);
        staff.reviews(&application.id()).await;
        staff.decides(&application.id(), "refuse", json!({"reason": "No."})).await.expect(200);
        let payouts = staff.get("/v1/payouts").await.expect(200);
        assert_eq!((&payouts["items"][0]["institution_id"], &payouts["items"][0]["amount_cents"]), (&json!(library), &json!(35_000)));
        staff.finds_the_ledger_right().await;
    }

    async fn credit_pays_what_there_is_and_no_more(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let first = staff.invoices(&ada.id, 1).await.id();
        let next = staff.invoices(&ada.id, 1).await.id();
        ada.applies_credit(&first, None).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        staff.takes_check(&first, "118", 9_000).await.expect(201);
        ada.applies_credit(&next, Some(3_001)).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        ada.applies_credit(&next, Some(0)).await.faulty("#/amount_cents", "out_of_range");
        bob.applies_credit(&next, Some(1_000)).await.refused(404, "not-found");
        assert_eq!(world.count("invoice.payment_recorded"), 1);
        let part = ada.applies_credit(&next, Some(1_000)).await.expect(200);
        assert_eq!((&part["payments"][0]["method"], &part["balance_cents"]), (&json!("credit"), &json!(5_000)));
        let payment = part["payments"][0]["id"].as_str().unwrap().to_owned();
        staff.returns(&payment, None).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        staff.takes_check(&next, "119", 5_000).await.expect(201);
        let back = staff.returns(&payment, None).await.expect(200);
        assert_eq!(back["payout"], json!(null));
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 12_000, 3_000, 0, -3_000]);
        staff.pays_credit_out(&ada.id, 3_001).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        ada.pays_credit_out(&ada.id, 1_000).await.refused(403, "forbidden");
        let out = staff.pays_credit_out(&ada.id, 3_000).await.expect(201);
        assert_eq!((&out["kind"], &out["state"]), (&json!("credit_refund"), &json!("due")));
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 12_000, 0, 3_000, -3_000]);
        staff.finds_the_ledger_right().await;
    }
}
