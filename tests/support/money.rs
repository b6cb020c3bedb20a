//! Sentences about money: who owes, pays and gets back what.

use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer, fresh_key},
    orders::line,
    world::World,
};

impl Actor {
    /// Records an institution; its id.
    pub(crate) async fn records_institution(&self, name: &str) -> String {
        let body = json!({"name": name, "address": ["12 Elm Street", "Springfield, IL 62701"],
            "email": "accounts@library.example.org"});
        self.post("/v1/institutions", body).await.expect(201).id()
    }
    /// Issues an invoice of portfolio fees to a person.
    pub(crate) async fn invoices(&self, person: &str, portfolios: i64) -> Answer {
        let body =
            json!({"person_id": person, "items": [{"code": "portfolio", "quantity": portfolios}]});
        self.post("/v1/invoices", body).await.expect(201)
    }
    /// Records a payment by the check of a number.
    pub(crate) async fn takes_check(&self, invoice: &str, number: &str, cents: i64) -> Answer {
        let body = json!({"tender": "check", "reference": number, "amount_cents": cents});
        self.post(&format!("/v1/invoices/{invoice}/payments"), body).await
    }
    /// Voids an invoice.
    pub(crate) async fn voids(&self, invoice: &str) -> Answer {
        let body = json!({"reason": "It was a mistake."});
        self.post(&format!("/v1/invoices/{invoice}/void"), body).await
    }
    /// Pays an invoice with its payer's credit: as much as there is, or `cents`.
    pub(crate) async fn applies_credit(&self, invoice: &str, cents: Option<i64>) -> Answer {
        let body = cents.map_or(json!({}), |cents| json!({"amount_cents": cents}));
        self.post(&format!("/v1/invoices/{invoice}/credit"), body).await
    }
    /// Returns some of a payment, or all of it.
    pub(crate) async fn returns(&self, payment: &str, cents: Option<i64>) -> Answer {
        let mut body = json!({"reason": "As agreed."});
        if let Some(cents) = cents {
            body["amount_cents"] = json!(cents);
        }
        self.post(&format!("/v1/payments/{payment}/refund"), body).await
    }
    /// Takes a payment back as never received.
    pub(crate) async fn reverses(&self, payment: &str) -> Answer {
        let body = json!({"reason": "The check bounced."});
        self.post(&format!("/v1/payments/{payment}/reverse"), body).await
    }
    /// Pays credit of a person out.
    pub(crate) async fn pays_credit_out(&self, person: &str, cents: i64) -> Answer {
        let body = json!({"person_id": person, "amount_cents": cents, "reason": "As asked for."});
        self.post("/v1/credit-refunds", body).await
    }
    /// Records that a payout was made by check.
    pub(crate) async fn pays_out(&self, payout: &str) -> Answer {
        let body = json!({"tender": "check", "reference": format!("out {}", fresh_key())});
        self.post(&format!("/v1/payouts/{payout}/record"), body).await
    }
    /// Calls back as a payment provider does, without an `Idempotency-Key`.
    pub(crate) async fn calls_back(&self, number: &str, reference: &str, cents: i64) -> Answer {
        self.post_bare("/v1/payment-callbacks", callback(number, reference, cents)).await
    }
    /// What a person owes and has paid.
    pub(crate) async fn statement(&self, person: &str) -> Answer {
        self.get(&format!("/v1/people/{person}/statement")).await.expect(200)
    }
    /// Whether the ledger is in balance and agrees with the records to the cent.
    pub(crate) async fn finds_the_ledger_right(&self) -> Answer {
        let report = self.get("/v1/ledger/report").await.expect(200);
        assert_eq!(report["reconciles"], true, "{}", report.body());
        for total in ["opening_cents", "closing_cents"] {
            assert_eq!(report["totals"][total], 0, "{}", report.body());
        }
        report
    }
}

/// What a payment provider says.
pub(crate) fn callback(number: &str, reference: &str, cents: i64) -> Value {
    json!({"invoice_number": number, "reference": reference, "amount_cents": cents, "currency": "USD"})
}

/// The figures of a statement: owed, paid, in credit, to be paid out, and the balance.
pub(crate) fn figures(statement: &Answer) -> [i64; 5] {
    ["owed_cents", "paid_cents", "credit_cents", "payable_cents", "balance_cents"]
        .map(|field| statement[field].as_i64().expect("cents"))
}

/// What the paths about money name: Ada's where it can be somebody's. `completion` is one of hers.
pub(crate) async fn money_of(
    world: &World,
    office: &Actor,
    ada: &Actor,
    completion: &str,
) -> Vec<(&'static str, String)> {
    let portfolio = office.invoices(&ada.id, 1).await;
    let paid = office.takes_check(&portfolio.id(), "118", 7_000).await.expect(201);
    office.pays_credit_out(&ada.id, 1_000).await.expect(201);
    office
        .calls_back(&portfolio.text("number"), "ch_1", 6_000)
        .await
        .refused(409, "state-conflict");
    let library = office.records_institution("Riverside Public Library").await;
    world.applicants(&["Zoe"]).await;
    let order = office.orders(&library, "PO-1", &[line("Zoe", 35_000)]).await.expect(201);
    let round = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-10",
        "places": 1, "seed_source": "A lottery"});
    let round = office.post("/v1/award-rounds", round).await.expect(201).id();
    let request = format!("/v1/award-rounds/{round}/requests");
    let subsidy =
        json!({"paid_cents": 30_000, "receipt_url": "https://college.example.org/receipt.pdf"});
    let first = async |path: &str| {
        let list = office.get(path).await.expect(200);
        list["items"][0]["id"].as_str().expect("an id").to_owned()
    };
    vec![
        ("payment_id", paid["payments"][0]["id"].as_str().expect("an id").to_owned()),
        ("payout_id", first("/v1/payouts").await),
        ("discrepancy_id", first("/v1/payment-discrepancies").await),
        ("institution_id", library),
        ("purchase_order_id", order.id()),
        ("place", "1".to_owned()),
        ("assistance_id", ada.post_empty(&request).await.expect(201).id()),
        ("round_id", round),
        (
            "subsidy_id",
            ada.post(&format!("/v1/completions/{completion}/subsidy"), subsidy)
                .await
                .expect(201)
                .id(),
        ),
        ("subscription_id", first(&format!("/v1/subscriptions?person_id={}", ada.id)).await),
    ]
}
