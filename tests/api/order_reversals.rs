//! Payments that bounce around purchase orders: what is owed again, by whom, and who stays active (FAQ 22).

use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    money::figures,
    orders::line,
    world::{World, each, each_world},
};

/// Ada paid a part by check, and her library orders the rest: the check's payment, and the order.
async fn is_ordered_after_a_part(world: &World, staff: &Actor) -> (Actor, String, Answer) {
    let ada = world.register("Ada").await;
    let (_, library) = world.institution(staff, "Riverside Public Library").await;
    let application = ada.applies().await;
    let paid = staff.takes_check(&application.text("invoice_id"), "118", 10_000).await.expect(201);
    let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
    let order = staff.orders(&library, "PO-1", &[line("Ada", 25_000)]).await.expect(201);
    (ada, payment, order)
}

each_world! {
    async fn a_check_is_not_reversed_while_an_order_reckons_with_it(world) {
        let staff = world.staff().await;
        let (ada, payment, order) = is_ordered_after_a_part(world, &staff).await;
        let refused = staff.reverses(&payment).await.refused(409, "state-conflict");
        refused.unmet(&["invoice.not_ordered"]);
        assert_eq!(world.count("invoice.payment_reversed"), 0);
        // Off the order it is reversed; ordered anew, the line pays the whole fee and activates her.
        let cancel = format!("{}/cancel", order.header("location"));
        staff.post(&cancel, json!({"reason": "Her check bounced."})).await.expect(200);
        staff.reverses(&payment).await.expect(200);
        let library = order.text("institution_id");
        staff.orders(&library, "PO-2", &[line("Ada", 25_000)]).await.refused(422, "rule-not-met");
        let again = staff.orders(&library, "PO-2", &[line("Ada", 35_000)]).await.expect(201);
        staff.sends_check(&again.text("invoice_id"), 35_000).await.expect(201);
        assert_eq!(staff.invoice_of(&ada).await["state"], "paid");
        assert_eq!(world.count("subscription.activated"), 1);
        staff.finds_the_ledger_right().await;
    }

    async fn a_check_that_bounces_after_the_order_paid_is_owed_by_the_person(world) {
        let staff = world.staff().await;
        let (ada, payment, order) = is_ordered_after_a_part(world, &staff).await;
        staff.sends_check(&order.text("invoice_id"), 25_000).await.expect(201);
        assert_eq!(staff.subscriptions_of(&ada).await[0]["state"], "active");
        let owed = staff.reverses(&payment).await.expect(200);
        assert_eq!((&owed["state"], &owed["balance_cents"]), (&json!("part_paid"), &json!(10_000)));
        assert!(owed.allows("record_payment"));
        assert_eq!(staff.subscriptions_of(&ada).await[0]["state"], "ended");
        // Nothing waits for the order any more: she pays, or another order does.
        let library = order.text("institution_id");
        let second = staff.orders(&library, "PO-2", &[line("Ada", 10_000)]).await.expect(201);
        staff.takes_check(&owed.id(), "119", 10_000).await.refused(409, "state-conflict").unmet(&["invoice.not_ordered"]);
        let cancel = format!("{}/cancel", second.header("location"));
        staff.post(&cancel, json!({"reason": "She pays herself."})).await.expect(200);
        staff.takes_check(&owed.id(), "119", 10_000).await.expect(201);
        assert_eq!(staff.subscriptions_of(&ada).await[0]["state"], "active");
        assert_eq!((world.count("subscription.activated"), world.count("subscription.resumed")), (1, 1));
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 0, 0]);
        staff.finds_the_ledger_right().await;
    }

    async fn two_orders_pay_one_fee_one_after_the_other(world) {
        let staff = world.staff().await;
        let (ada, payment, order) = is_ordered_after_a_part(world, &staff).await;
        staff.sends_check(&order.text("invoice_id"), 25_000).await.expect(201);
        staff.reverses(&payment).await.expect(200);
        let library = order.text("institution_id");
        let second = staff.orders(&library, "PO-2", &[line("Ada", 10_000)]).await.expect(201);
        staff.sends_check(&second.text("invoice_id"), 10_000).await.expect(201);
        let invoice = staff.invoice_of(&ada).await;
        assert_eq!((&invoice["state"], &invoice["purchase_order_id"]), (&json!("paid"), &json!(second.id())));
        assert_eq!(each(&invoice["payments"], "method"), ["check", "purchase_order", "purchase_order"]);
        let application = ada.get("/v1/applications").await["items"][0]["id"].as_str().unwrap().to_owned();
        staff.reviews(&application).await;
        staff.decides(&application, "refuse", json!({"reason": "No."})).await.expect(200);
        let statement = staff.get(&format!("/v1/institutions/{library}/statement")).await.expect(200);
        assert_eq!(figures(&statement), [0, 35_000, 0, 35_000, -35_000]);
        staff.finds_the_ledger_right().await;
    }

    async fn the_bill_of_a_settled_order_is_owed_again_and_its_people_stay_active(world) {
        let staff = world.staff().await;
        let (buyer, library) = world.institution(&staff, "Library").await;
        let people = world.applicants(&["Ada", "Ben"]).await;
        let both = [line("Ada", 35_000), line("Ben", 35_000)];
        let order = buyer.orders(&library, "PO-1", &both).await.expect(201);
        let bill = order.text("invoice_id");
        let paid = staff.takes_check(&bill, "10432", 70_500).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        let owed = staff.reverses(&payment).await.expect(200);
        assert_eq!((&owed["state"], &owed["balance_cents"]), (&json!("open"), &json!(70_000)));
        let order = buyer.get(order.header("location")).await.expect(200);
        assert_eq!((&order["state"], &order["balance_cents"]), (&json!("settled"), &json!(70_000)));
        for person in &people {
            assert_eq!(staff.subscriptions_of(person).await[0]["state"], "active");
        }
        let path = format!("/v1/institutions/{library}/statement");
        assert_eq!(figures(&staff.get(&path).await.expect(200)), [70_000, 0, 0, 0, 70_000]);
        staff.voids(&bill).await.refused(409, "state-conflict").unmet(&["invoice.no_order_waits"]);
        staff.takes_check(&bill, "10433", 40_000).await.expect(201);
        staff.takes_check(&bill, "10434", 30_000).await.expect(201);
        assert_eq!(figures(&staff.get(&path).await.expect(200)), [0, 70_000, 0, 0, 0]);
        assert_eq!((world.count("purchase_order.settled"), world.count("subscription.activated")), (1, 2));
        staff.finds_the_ledger_right().await;
    }
}
