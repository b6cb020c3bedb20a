//! Invoices: issued, paid, voided, listed, printed.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::send,
    money::figures,
    world::{each, each_world},
};

each_world! {
    async fn a_fee_is_paid_in_parts_and_what_is_too_much_is_credit(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        let part = staff.records_payment(&invoice, 10_000).await.expect(201);
        assert_eq!(
            (&part["state"], &part["paid_cents"], &part["balance_cents"]),
            (&json!("part_paid"), &json!(10_000), &json!(25_000))
        );
        let paid = staff.records_payment(&invoice, 25_001).await.expect(201);
        assert_eq!((&paid["state"], &paid["balance_cents"]), (&json!("paid"), &json!(0)));
        assert_eq!((&paid["paid_cents"], &paid["credited_cents"]), (&json!(35_000), &json!(1)));
        assert_eq!(paid["payments"][1]["credited_cents"], 1);
        assert!(!paid.allows("record_payment") && !paid.allows("apply_credit") && !paid.allows("void_invoice"));
        staff.records_payment(&invoice, 1).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 1, 0, -1]);
        assert_eq!(
            world.happened_to(&invoice),
            ["invoice.issued", "invoice.payment_recorded", "invoice.payment_recorded"]
        );
        staff.finds_the_ledger_right().await;
    }

    async fn invoices_are_numbered_without_a_gap(world) {
        let staff = world.staff().await;
        let ada = world.register("Ada").await;
        ada.applies().await;
        let refused = json!({"person_id": ada.id, "items": [{"code": "portfolio", "quantity": 0}]});
        staff.post("/v1/invoices", refused).await.refused(422, "invalid-input");
        staff.invoices(&ada.id, 1).await;
        world.travel_to("2027-01-02");
        staff.invoices(&ada.id, 2).await;
        let list = staff.get("/v1/invoices").await.expect(200);
        let numbers = ["LSSC-2026-000001", "LSSC-2026-000002", "LSSC-2027-000001"];
        assert_eq!(each(&list["items"], "number"), numbers);
    }

    async fn staff_issue_at_the_prices_of_the_day(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let library = staff.records_institution("Riverside Public Library").await;
        let full = staff.invoices(&ada.id, 6).await;
        assert_eq!((&full["total_cents"], &full["lines"][0]["member_price"]), (&json!(36_000), &json!(false)));
        let membership = format!("/v1/people/{}/memberships", ada.id);
        let membership = ada.post(&membership, json!({"number": "1234567"})).await.expect(201).id();
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        staff.post(&format!("/v1/memberships/{membership}/verification"), valid).await.expect(200);
        let member = staff.invoices(&ada.id, 6).await;
        assert_eq!((&member["total_cents"], &member["lines"][0]["unit_cents"]), (&json!(30_000), &json!(5_000)));
        let body = json!({"institution_id": library, "items": [{"code": "course_approval"}], "due_on": "2026-05-01"});
        let theirs = staff.post("/v1/invoices", body).await.expect(201);
        assert_eq!((&theirs["institution_id"], &theirs["person_id"]), (&json!(library), &json!(null)));
        assert_eq!((&theirs["total_cents"], &theirs["due_on"]), (&json!(10_000), &json!("2026-05-01")));
        staff.finds_the_ledger_right().await;
    }

    async fn what_cannot_be_an_invoice_is_not_issued(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let library = staff.records_institution("Riverside Public Library").await;
        let portfolio = json!([{"code": "portfolio"}]);
        let (nobody, nowhere) = (format!("person_{:032x}", 1), format!("org_{:032x}", 1));
        for (body, pointer, code) in [
            (json!({"items": portfolio}), "#/person_id", "required"),
            (json!({"person_id": ada.id, "institution_id": library, "items": portfolio}), "#/institution_id", "exclusive"),
            (json!({"person_id": nobody, "items": portfolio}), "#/person_id", "unknown"),
            (json!({"institution_id": nowhere, "items": portfolio}), "#/institution_id", "unknown"),
            (json!({"person_id": ada.id, "items": [{"code": "application"}]}), "#/items/0/code", "exclusive"),
            (json!({"person_id": ada.id, "items": portfolio, "due_on": "2026-02-28"}), "#/due_on", "order"),
            (json!({"person_id": ada.id, "items": []}), "#/items", "length"),
            (json!({"person_id": ada.id, "items": [{"code": "portfolio", "quantity": 10_001}]}), "#/items/0/quantity", "out_of_range"),
            (json!({"person_id": ada.id, "items": [{"code": "portfolio", "quantity": i64::MAX}]}), "#/items/0/quantity", "out_of_range"),
            (json!({"person_id": ada.id, "items": portfolio, "program": "nowhere"}), "#/program", "unknown"),
        ] {
            staff.post("/v1/invoices", body).await.faulty(pointer, code);
        }
        let body = json!({"person_id": ada.id, "items": portfolio});
        staff.post_bare("/v1/invoices", body.clone()).await.refused(400, "idempotency-key-required");
        ada.post("/v1/invoices", body).await.refused(403, "forbidden");
        assert_eq!((world.count("invoice.issued"), world.count("ledger.posted")), (0, 0));
    }

    async fn what_was_paid_of_a_void_invoice_is_credit(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 2).await.id();
        let part = staff.takes_check(&invoice, "118", 5_000).await.expect(201);
        let payment = part["payments"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/invoices/{invoice}/void");
        staff.post(&path, json!({"reason": "Card 4242 4242 4242 4242"})).await.faulty("#/reason", "card_data");
        ada.voids(&invoice).await.refused(403, "forbidden");
        let void = staff.voids(&invoice).await.expect(200);
        assert_eq!((&void["state"], &void["balance_cents"]), (&json!("void"), &json!(0)));
        assert_eq!((&void["voided_on"], &void["void_reason"]), (&json!("2026-03-01"), &json!("It was a mistake.")));
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 5_000, 5_000, 0, -5_000]);
        staff.voids(&invoice).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        staff.records_payment(&invoice, 100).await.refused(409, "state-conflict").unmet(&["invoice.state"]);
        let next = staff.invoices(&ada.id, 1).await.id();
        let paid = ada.applies_credit(&next, None).await.expect(200);
        assert_eq!((&paid["paid_cents"], &paid["balance_cents"]), (&json!(5_000), &json!(1_000)));
        // It was credit and is used: returning it too would pay it twice.
        staff.returns(&payment, None).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        assert_eq!(figures(&ada.statement(&ada.id).await), [1_000, 10_000, 0, 0, 1_000]);
        assert_eq!(world.count("payout.due"), 0);
        staff.finds_the_ledger_right().await;
    }

    async fn what_something_waits_for_is_not_voided_by_hand(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = ada.applies().await.text("invoice_id");
        staff.voids(&invoice).await.refused(409, "state-conflict").unmet(&["invoice.no_application_waits"]);
        let library = staff.records_institution("Riverside Public Library").await;
        let order = json!({"institution_id": library, "number": "PO-1", "total_cents": 35_000,
            "lines": [{"name": "Ada Example", "email": "ada@example.org", "amount_cents": 35_000}]});
        let order = staff.post("/v1/purchase-orders", order).await.expect(201);
        let theirs = order.text("invoice_id");
        staff.voids(&theirs).await.refused(409, "state-conflict").unmet(&["invoice.no_order_waits"]);
        let rules = ["invoice.not_ordered", "invoice.no_application_waits"];
        staff.voids(&invoice).await.refused(409, "state-conflict").unmet(&rules);
        staff.records_payment(&invoice, 100).await.refused(409, "state-conflict").unmet(&["invoice.not_ordered"]);
        assert_eq!((world.count("invoice.voided"), world.count("invoice.payment_recorded")), (0, 0));
    }

    async fn a_list_holds_what_its_reader_may_see(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let (lia, library) = world.institution(&staff, "Riverside Public Library").await;
        let other = staff.records_institution("Hillside Public Library").await;
        let application = ada.applies().await;
        staff.invoices(&bob.id, 1).await;
        for institution in [&library, &other] {
            let body = json!({"institution_id": institution, "items": [{"code": "course_approval"}]});
            staff.post("/v1/invoices", body).await.expect(201);
        }
        let numbers = async |actor: &crate::support::actor::Actor, query: &str| {
            let list = actor.get(&format!("/v1/invoices{query}")).await.expect(200);
            each(&list["items"], "number").iter().map(|number| number[15..].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&staff, "").await, ["1", "2", "3", "4"]);
        assert_eq!(numbers(&staff, "?number=LSSC-2026-000002").await, ["2"]);
        assert_eq!(numbers(&staff, &format!("?institution_id={other}")).await, ["4"]);
        assert_eq!(numbers(&staff, &format!("?application_id={}", application.id())).await, ["1"]);
        assert_eq!(numbers(&staff, "?state=paid").await, [""; 0]);
        assert_eq!(numbers(&staff, &format!("?person_id={}&institution_id={library}", ada.id)).await, [""; 0]);
        assert_eq!(numbers(&ada, "").await, ["1"]);
        assert_eq!(numbers(&ada, &format!("?person_id={}", bob.id)).await, [""; 0]);
        assert_eq!(numbers(&lia, "").await, ["3"]);
        assert_eq!(numbers(&lia, &format!("?institution_id={other}")).await, [""; 0]);
        staff.get("/v1/invoices?colour=red").await.refused(400, "invalid-query");
    }

    async fn an_invoice_is_printed_for_those_who_may_read_it(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 2).await.id();
        let path = format!("/v1/invoices/{invoice}/document");
        let printed = ada.get(&path).await.expect(200);
        assert_eq!(printed.header("content-type"), "application/pdf");
        assert_eq!(printed.header("cache-control"), "private, no-cache");
        assert!(printed.header("content-disposition").contains("LSSC-2026-000001.pdf"));
        assert!(printed.bytes.starts_with(b"%PDF-"));
        let again = staff.get(&path).await.expect(200);
        assert!(again.bytes == printed.bytes && again.etag() == printed.etag());
        let known = ada.request(Method::GET, &path).header("If-None-Match", printed.etag());
        assert_eq!(send(known).await.expect(304).bytes, b"");
        staff.takes_check(&invoice, "118", 5_000).await.expect(201);
        assert_ne!(ada.get(&path).await.expect(200).etag(), printed.etag());
        bob.get(&path).await.refused(404, "not-found");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
    }
}
