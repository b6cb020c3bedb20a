//! Statements: what somebody owes and has paid, equal to the invoices and the ledger.

use serde_json::{Value, json};

use crate::support::{
    money::figures,
    world::{each, each_world},
};

/// The sum of a field over a list.
fn sum(items: &Value, field: &str) -> i64 {
    items.as_array().unwrap().iter().map(|item| item[field].as_i64().unwrap()).sum()
}

each_world! {
    async fn a_statement_tells_everything_in_order(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let empty = ada.statement(&ada.id).await;
        assert_eq!((figures(&empty), &empty["entries"]), ([0; 5], &json!([])));
        let fee = ada.applies().await.text("invoice_id");
        world.travel_to("2026-03-05");
        staff.takes_check(&fee, "118", 36_000).await.expect(201);
        world.travel_to("2026-03-10");
        let portfolio = staff.invoices(&ada.id, 1).await.id();
        ada.applies_credit(&portfolio, None).await.expect(200);
        let statement = ada.statement(&ada.id).await;
        assert_eq!(figures(&statement), [5_000, 36_000, 0, 0, 5_000]);
        let entries = &statement["entries"];
        assert_eq!(each(entries, "kind"), ["invoice_issued", "payment_received", "invoice_issued", "credit_applied"]);
        assert_eq!(each(entries, "posted_on"), ["2026-03-01", "2026-03-05", "2026-03-10", "2026-03-10"]);
        let balances: Vec<_> = entries.as_array().unwrap().iter().map(|one| one["balance_cents"].as_i64().unwrap()).collect();
        assert_eq!(balances, [35_000, -1_000, 5_000, 5_000]);
        assert_eq!(entries[1]["description"], "Payment of invoice LSSC-2026-000001 by check 118.");
        assert_eq!((&entries[3]["charge_cents"], &entries[3]["amount_cents"]), (&json!(0), &json!(1_000)));
        assert_eq!(sum(entries, "charge_cents") - sum(entries, "payment_cents"), 5_000);
        // The same figures as on the invoices themselves.
        let list = ada.get("/v1/invoices").await.expect(200);
        assert_eq!(statement["owed_cents"], sum(&list["items"], "balance_cents"));
        assert_eq!(statement["paid_cents"], sum(&list["items"], "paid_cents"));
        assert_eq!(statement["invoices"], json!({"issued": 2, "void": 0, "owed": 1, "total_cents": 41_000,
            "paid_cents": 36_000, "balance_cents": 5_000}));
    }

    async fn a_provider_has_a_statement_and_gets_its_credit_back(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (paul, provider) = world.provider(&staff, "Prairie State Library").await;
        let body = json!({"institution_id": provider, "items": [{"code": "course_approval"}]});
        let invoice = staff.post("/v1/invoices", body).await.expect(201).id();
        staff.takes_check(&invoice, "118", 12_000).await.expect(201);
        let path = format!("/v1/providers/{provider}/statement");
        let statement = paul.get(&path).await.expect(200);
        assert_eq!((figures(&statement), &statement["institution_id"]), ([0, 10_000, 2_000, 0, -2_000], &json!(provider)));
        ada.get(&path).await.refused(403, "forbidden");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        staff.get(&format!("/v1/providers/org_{:032x}/statement", 1)).await.refused(404, "not-found");
        let out = json!({"institution_id": provider, "amount_cents": 2_000, "reason": "They asked for it."});
        paul.post("/v1/credit-refunds", out.clone()).await.refused(403, "forbidden");
        let payout = staff.post("/v1/credit-refunds", out).await.expect(201);
        assert_eq!((&payout["institution_id"], &payout["amount_cents"]), (&json!(provider), &json!(2_000)));
        staff.pays_out(&payout.id()).await.expect(200);
        assert_eq!(figures(&paul.get(&path).await.expect(200)), [0, 10_000, 0, 0, 0]);
        let nobody = json!({"institution_id": format!("org_{:032x}", 1), "amount_cents": 1, "reason": "r"});
        staff.post("/v1/credit-refunds", nobody).await.faulty("#/institution_id", "unknown");
        staff.finds_the_ledger_right().await;
    }

    async fn a_statement_is_of_a_period(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 2).await.id();
        world.travel_to("2026-03-05");
        staff.takes_check(&invoice, "1", 5_000).await.expect(201);
        world.travel_to("2026-03-10");
        staff.voids(&invoice).await.expect(200);
        let path = format!("/v1/people/{}/statement", ada.id);
        let march = ada.get(&format!("{path}?from=2026-03-02&until=2026-03-09")).await.expect(200);
        assert_eq!((&march["opening_balance_cents"], &march["from"], &march["as_of"]),
            (&json!(12_000), &json!("2026-03-02"), &json!("2026-03-09")));
        assert_eq!((figures(&march), each(&march["entries"], "kind")), ([7_000, 5_000, 0, 0, 7_000], vec!["payment_received"]));
        assert_eq!(march["invoices"]["owed"], 1);
        let all = ada.get(&path).await.expect(200);
        assert_eq!((figures(&all), &all["opening_balance_cents"]), ([0, 5_000, 5_000, 0, -5_000], &json!(null)));
        assert_eq!((&all["invoices"]["void"], &all["invoices"]["total_cents"]), (&json!(1), &json!(0)));
        let late = ada.get(&format!("{path}?from=2026-03-11&until=2026-03-31")).await.expect(200);
        assert_eq!((&late["opening_balance_cents"], &late["entries"]), (&json!(-5_000), &json!([])));
        for query in ["?from=2026-03-09&until=2026-03-02", "?from=yesterday", "?program=nowhere", "?colour=red"] {
            ada.get(&format!("{path}{query}")).await.refused(400, "invalid-query");
        }
    }

    async fn a_statement_is_for_its_payer_and_the_office(world) {
        let (ada, bob, staff, admin) =
            (world.register("Ada").await, world.register("Bob").await, world.staff().await, world.admin().await);
        let (lia, library) = world.institution(&staff, "Riverside Public Library").await;
        let other = staff.records_institution("Hillside Public Library").await;
        let path = format!("/v1/people/{}/statement", ada.id);
        bob.get(&path).await.refused(404, "not-found");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        staff.get(&format!("/v1/people/person_{:032x}/statement", 1)).await.refused(404, "not-found");
        let partner = world.partner(&admin, &["invoices:read"]).await;
        assert_eq!(figures(&partner.statement(&ada.id).await), [0; 5]);
        let body = json!({"institution_id": library, "items": [{"code": "course_approval", "quantity": 2}]});
        staff.post("/v1/invoices", body).await.expect(201);
        let statement = lia.get(&format!("/v1/institutions/{library}/statement")).await.expect(200);
        assert_eq!((figures(&statement), &statement["institution_id"]), ([20_000, 0, 0, 0, 20_000], &json!(library)));
        lia.get(&format!("/v1/institutions/{other}/statement")).await.refused(404, "not-found");
        ada.get(&format!("/v1/institutions/{library}/statement")).await.refused(404, "not-found");
    }

    async fn an_orders_payment_is_on_both_statements(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let library = staff.records_institution("Riverside Public Library").await;
        ada.applies().await;
        let order = json!({"institution_id": library, "number": "PO-1", "total_cents": 35_000,
            "lines": [{"name": "Ada Example", "email": "ada@example.org", "amount_cents": 35_000}]});
        let invoice = staff.post("/v1/purchase-orders", order).await.expect(201).text("invoice_id");
        let path = format!("/v1/institutions/{library}/statement");
        assert_eq!(figures(&staff.get(&path).await.expect(200)), [35_000, 0, 0, 0, 35_000]);
        staff.takes_check(&invoice, "PO-1", 36_000).await.expect(201);
        let statement = staff.get(&path).await.expect(200);
        assert_eq!((figures(&statement), statement["entries"].as_array().unwrap().len()), ([0, 35_000, 1_000, 0, -1_000], 2));
        let hers = ada.statement(&ada.id).await;
        assert_eq!((figures(&hers), each(&hers["entries"], "kind")), ([0, 35_000, 0, 0, 0], vec!["invoice_issued", "order_applied"]));
        staff.finds_the_ledger_right().await;
    }
}
