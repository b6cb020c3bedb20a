//! The member price that is credited late (FAQ 21), and what becomes of it with its fee.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    money::figures,
    orders::line,
    world::{each, each_world},
};

/// Claims a membership that staff verify.
async fn is_verified(person: &Actor, staff: &Actor) -> Answer {
    let path = format!("/v1/people/{}/memberships", person.id);
    let claim = person.post(&path, json!({"number": "2041877"})).await.expect(201).id();
    let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
    staff.post(&format!("/v1/memberships/{claim}/verification"), valid).await.expect(200)
}

/// Reviews and refuses an application.
async fn refuses(staff: &Actor, application: &str) {
    staff.reviews(application).await;
    let reason = json!({"reason": "The hours are not shown."});
    staff.decides(application, "refuse", reason).await.expect(200);
}

/// What is to be paid out: to whom and how much.
async fn due(staff: &Actor) -> Vec<(String, i64)> {
    let list = staff.get("/v1/payouts?state=due").await.expect(200);
    let to = |one: &Value| {
        let payee = one["person_id"].as_str().or(one["institution_id"].as_str());
        (payee.unwrap().to_owned(), one["amount_cents"].as_i64().unwrap())
    };
    list["items"].as_array().unwrap().iter().map(to).collect()
}

/// The kinds of the postings about an invoice, the first recorded first.
async fn postings(staff: &Actor, invoice: &str) -> Vec<String> {
    let path = format!("/v1/ledger/postings?invoice_id={invoice}");
    let list = staff.get(&path).await.expect(200);
    each(&list["items"], "kind").into_iter().map(str::to_owned).collect()
}

/// The id of the payment at a place of an answered invoice.
fn payment(invoice: &Answer, place: usize) -> String {
    invoice["payments"][place]["id"].as_str().unwrap().to_owned()
}

async fn credit_of(person: &Actor) -> i64 {
    person.statement(&person.id).await["credit_cents"].as_i64().unwrap()
}

each_world! {
    async fn a_refused_fee_is_returned_in_full_and_the_late_price_with_it(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let invoice = application.text("invoice_id");
        assert_eq!(is_verified(&ada, &staff).await["credited_cents"], 2_500);
        staff.takes_check(&invoice, "118", 32_500).await.expect(201);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, [(ada.id.clone(), 32_500)]);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 32_500, -32_500]);
        let returned = ada.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
        assert_eq!(returned["member_credit"], json!({"credited_on": "2026-03-01", "amount_cents": 2_500, "taken_back_cents": 2_500}));
        assert_eq!(postings(&staff, &invoice).await, [
            "invoice_issued", "member_difference", "credit_applied", "payment_received", "credit_returned",
            "member_difference_taken_back", "refund_due",
        ]);
        assert_eq!((world.count("invoice.member_credit_taken_back"), world.count("subscription.ended")), (1, 1));
        staff.finds_the_ledger_right().await;
    }

    async fn what_was_used_of_the_late_price_is_returned_less(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.takes_check(&application.text("invoice_id"), "118", 35_000).await.expect(201);
        assert_eq!(is_verified(&ada, &staff).await["credited_cents"], 2_500);
        assert_eq!(credit_of(&ada).await, 2_500);
        let portfolio = staff.invoices(&ada.id, 1).await.id();
        ada.applies_credit(&portfolio, Some(1_500)).await.expect(200);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, [(ada.id.clone(), 33_500)]);
        let returned = ada.get(&format!("/v1/invoices/{}", application.text("invoice_id"))).await.expect(200);
        assert_eq!(returned["member_credit"]["taken_back_cents"], 1_000);
        assert_eq!(credit_of(&ada).await, 0);
        staff.finds_the_ledger_right().await;
    }

    async fn a_fee_that_assistance_and_credit_paid_is_refused_too(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let round = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-02", "places": 1, "seed_source": "A lottery"});
        let round = staff.post("/v1/award-rounds", round).await.expect(201).id();
        ada.post_empty(&format!("/v1/award-rounds/{round}/requests")).await.expect(201);
        // Credit of another invoice pays what assistance does not.
        let before = staff.invoices(&ada.id, 1).await.id();
        staff.takes_check(&before, "117", 21_000).await.expect(201);
        let application = ada.applies().await;
        let invoice = application.text("invoice_id");
        assert_eq!(is_verified(&ada, &staff).await["credited_cents"], 3_500, "of the portfolio, too");
        ada.applies_credit(&invoice, Some(15_000)).await.expect(200);
        world.travel_to("2026-03-03");
        staff.post(&format!("/v1/award-rounds/{round}/draw"), json!({"seed": "1"})).await.expect(200);
        assert_eq!(ada.get(&format!("/v1/invoices/{invoice}")).await["state"], "paid");
        // Everything else of her credit is spent.
        let next = staff.invoices(&ada.id, 1).await.id();
        ada.applies_credit(&next, None).await.expect(200);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, []);
        assert_eq!(credit_of(&ada).await, 15_000, "what credit paid, and the late price is gone");
        let asked = ada.get("/v1/assistance").await.expect(200);
        assert_eq!(asked["items"][0]["state"], "granted");
        staff.finds_the_ledger_right().await;
    }

    async fn a_part_that_was_paid_goes_back_less_what_was_used(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let invoice = application.text("invoice_id");
        let paid = staff.takes_check(&invoice, "118", 34_000).await.expect(201);
        is_verified(&ada, &staff).await;
        assert_eq!(credit_of(&ada).await, 1_500);
        let portfolio = staff.invoices(&ada.id, 1).await.id();
        ada.applies_credit(&portfolio, Some(1_500)).await.expect(200);
        staff.reverses(&payment(&paid, 0)).await.expect(200);
        staff.takes_check(&invoice, "119", 5_000).await.expect(201);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, [(ada.id.clone(), 3_500)]);
        assert_eq!(credit_of(&ada).await, 0);
        staff.finds_the_ledger_right().await;
    }

    async fn a_late_price_is_taken_back_from_whom_it_was_credited_to(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (_, library) = world.institution(&staff, "Riverside Public Library").await;
        let application = ada.applies().await;
        is_verified(&ada, &staff).await;
        // Her credit paid a part; then an order pays the rest, and the application is refused.
        let order = staff.orders(&library, "PO-1", &[line("Ada", 32_500)]).await.expect(201);
        staff.takes_check(&order.text("invoice_id"), "10432", 32_500).await.expect(201);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, [(library.clone(), 32_500)]);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 0, 0]);
        let statement = staff.get(&format!("/v1/institutions/{library}/statement")).await.expect(200);
        assert_eq!(figures(&statement), [0, 32_500, 0, 32_500, -32_500]);
        staff.finds_the_ledger_right().await;
    }

    async fn an_order_that_paid_the_full_price_gets_the_difference_and_loses_it(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let (_, library) = world.institution(&staff, "Riverside Public Library").await;
        let application = ada.applies().await;
        let order = staff.orders(&library, "PO-1", &[line("Ada", 35_000)]).await.expect(201);
        staff.takes_check(&order.text("invoice_id"), "10432", 35_000).await.expect(201);
        is_verified(&ada, &staff).await;
        let path = format!("/v1/institutions/{library}/statement");
        assert_eq!(figures(&staff.get(&path).await.expect(200)), [0, 35_000, 2_500, 0, -2_500]);
        assert_eq!(credit_of(&ada).await, 0);
        refuses(&staff, &application.id()).await;
        assert_eq!(due(&staff).await, [(library.clone(), 35_000)]);
        assert_eq!(figures(&staff.get(&path).await.expect(200)), [0, 35_000, 0, 35_000, -35_000]);
        staff.finds_the_ledger_right().await;
    }

    async fn no_more_is_credited_late_than_is_kept_of_the_fee(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let paid = staff.takes_check(&application.text("invoice_id"), "118", 35_000).await.expect(201);
        staff.returns(&payment(&paid, 0), Some(33_000)).await.expect(200);
        assert_eq!(world.count("subscription.ended"), 0);
        assert_eq!(is_verified(&ada, &staff).await["credited_cents"], 2_000);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 2_000, 33_000, -35_000]);
        assert_eq!(world.count("subscription.ended"), 1, "everything went back");
        let refused = staff.acts_on(&application.id(), "review").await.expect(200);
        staff.decides(&refused.id(), "accept", json!({})).await.refused(422, "rule-not-met");
        staff.finds_the_ledger_right().await;
    }

    async fn by_hand_a_late_price_goes_back_when_more_than_the_rest_is_returned(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let invoice = application.text("invoice_id");
        is_verified(&ada, &staff).await;
        let paid = staff.takes_check(&invoice, "118", 32_500).await.expect(201);
        staff.reviews(&application.id()).await;
        staff.accepts(&application.id()).await;
        let part = staff.returns(&payment(&paid, 1), None).await.expect(200);
        assert_eq!(part["invoice"]["member_credit"]["taken_back_cents"], 0);
        assert_eq!(world.count("subscription.ended"), 1, "all of the member price was returned");
        // The credit that paid the difference is credit again, and goes back at once.
        let rest = staff.returns(&payment(&paid, 0), None).await.expect(200);
        assert_eq!(rest["invoice"]["member_credit"]["taken_back_cents"], 2_500);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 35_000, 0, 32_500, -32_500]);
        // Used elsewhere, it stands in the way of a full return.
        let bob = world.register("Bob").await;
        let application = bob.applies().await;
        let paid = staff.takes_check(&application.text("invoice_id"), "119", 35_000).await.expect(201);
        let claim = bob.post(&format!("/v1/people/{}/memberships", bob.id), json!({"number": "9"})).await.expect(201).id();
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        staff.post(&format!("/v1/memberships/{claim}/verification"), valid).await.expect(200);
        staff.pays_credit_out(&bob.id, 2_500).await.expect(201);
        staff.reviews(&application.id()).await;
        staff.accepts(&application.id()).await;
        staff.returns(&payment(&paid, 0), None).await.refused(409, "state-conflict").unmet(&["credit.available"]);
        let returned = staff.returns(&payment(&paid, 0), Some(32_500)).await.expect(200);
        assert_eq!(returned["invoice"]["member_credit"]["taken_back_cents"], 0);
        staff.finds_the_ledger_right().await;
    }

    async fn the_price_of_the_day_of_issue_is_what_counts(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        ada.applies().await;
        let mut policy = staff.get("/v1/programs/lssc/policy").await.expect(200).json["policy"].clone();
        policy["fees"]["schedule"]["application"]["member_price_cents"] = json!(10_000);
        // In force on the same day, but published after the invoice.
        let body = json!({"effective_on": "2026-03-01", "policy": policy});
        staff.post("/v1/programs/lssc/policies", body).await.expect(201);
        assert_eq!(is_verified(&ada, &staff).await["credited_cents"], 2_500);
        staff.finds_the_ledger_right().await;
    }
}
