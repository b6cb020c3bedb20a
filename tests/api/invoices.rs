//! Invoices and payments.

use serde_json::json;

use crate::support::world::{each, each_world};

each_world! {
    async fn a_fee_is_paid_in_parts_and_never_over(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let part = staff.records_payment(&invoice, 10_000).await.expect(201);
        assert_eq!(
            (&part["state"], &part["paid_cents"], &part["balance_cents"]),
            (&json!("part_paid"), &json!(10_000), &json!(25_000))
        );
        staff.records_payment(&invoice, 25_001).await.refused(422, "rule-not-met").unmet(&["payment.within_balance"]);
        let paid = staff.records_payment(&invoice, 25_000).await.expect(201);
        assert_eq!((&paid["state"], &paid["balance_cents"]), (&json!("paid"), &json!(0)));
        assert!(!paid.allows("record_payment"));
        staff.records_payment(&invoice, 1).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        assert_eq!(
            world.happened_to(&invoice),
            ["invoice.issued", "invoice.payment_recorded", "invoice.payment_recorded"]
        );
    }

    async fn a_payment_holds_no_card_and_comes_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let path = format!("/v1/invoices/{invoice}/payments");
        let payment = |reference: &str, cents: i64, on: &str| {
            json!({"method": "card", "reference": reference, "amount_cents": cents, "received_on": on})
        };
        for (body, pointer, code) in [
            (payment("4242 4242 4242 4242", 100, "2026-03-01"), "#/reference", "card_data"),
            (payment("4242-4242-4242-4242", 100, "2026-03-01"), "#/reference", "card_data"),
            (payment("ch_1", 100, "2026-03-02"), "#/received_on", "order"),
            (payment("ch_1", 0, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("ch_1", -5, "2026-03-01"), "#/amount_cents", "out_of_range"),
            (payment("", 100, "2026-03-01"), "#/reference", "length"),
        ] {
            staff.post(&path, body).await.faulty(pointer, code);
        }
        assert!(!world.db().lines("SELECT data AS line FROM events").join("").contains("4242"));
        staff.post(&path, payment("ch_1", 100, "2026-02-27")).await.expect(201);
        staff.post(&path, payment("ch_1", 100, "2026-02-27")).await.refused(409, "conflict");
        let mut check = payment("ch_1", 100, "2026-02-27");
        check["method"] = json!("check");
        staff.post(&path, check).await.expect(201);
        assert_eq!(ada.get(&format!("/v1/invoices/{invoice}")).await["paid_cents"], 200);
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

    async fn invoices_are_numbered_without_a_gap(world) {
        let staff = world.staff().await;
        for number in 0..3 {
            world.register(&format!("Applicant {number}")).await.applies().await;
        }
        let list = staff.get("/v1/invoices").await.expect(200);
        assert_eq!(each(&list["items"], "number"), ["LSSC-2026-000001", "LSSC-2026-000002", "LSSC-2026-000003"]);
    }
}
