//! Sentences of purchase orders: who pays for whom.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer, fresh_key, send},
    world::World,
};

/// A line for somebody who registered in a test.
pub(crate) fn line(name: &str, cents: i64) -> Value {
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    json!({"name": format!("{name} Example"), "email": email, "amount_cents": cents})
}

/// An order whose total is the sum of its lines.
pub(crate) fn order(institution: &str, number: &str, lines: &[Value]) -> Value {
    let total: i64 = lines.iter().map(|line| line["amount_cents"].as_i64().expect("cents")).sum();
    json!({"institution_id": institution, "number": number, "lines": lines, "total_cents": total})
}

impl World {
    /// Somebody who acts for an institution that staff recorded; and its id.
    pub(crate) async fn institution(&self, staff: &Actor, name: &str) -> (Actor, String) {
        let body = json!({"name": name, "address": ["1 Main Street", "Springfield, IL"],
            "email": "accounts@library.example.org"});
        let id = staff.post("/v1/institutions", body).await.expect(201).id();
        let person = self.register(&format!("Buyer of {name}")).await;
        let admin = self.register(&format!("Admin for {name}")).await;
        self.grant(&admin.id, domain::access::Role::Admin).await;
        let grant = json!({"role": "institution", "organisation": id});
        admin.post(&format!("/v1/people/{}/grants", person.id), grant).await.expect(201);
        (person, id)
    }
    /// People who applied and owe the fee.
    pub(crate) async fn applicants(&self, names: &[&str]) -> Vec<Actor> {
        let mut people = Vec::new();
        for name in names {
            let person = self.register(name).await;
            person.applies().await;
            people.push(person);
        }
        people
    }
}

impl Actor {
    /// Hands in a purchase order.
    pub(crate) async fn orders(&self, institution: &str, number: &str, lines: &[Value]) -> Answer {
        self.post("/v1/purchase-orders", order(institution, number, lines)).await
    }
    /// POST of a file.
    pub(crate) async fn post_csv(&self, path: &str, text: &str) -> Answer {
        let request = self.request(Method::POST, path).header("Content-Type", "text/csv");
        send(request.header("Idempotency-Key", fresh_key()).body(text.to_owned())).await
    }
    /// Records a check.
    pub(crate) async fn sends_check(&self, invoice: &str, cents: i64) -> Answer {
        let reference = format!("check {}", fresh_key());
        let body = json!({"tender": "check", "reference": reference, "amount_cents": cents});
        self.post(&format!("/v1/invoices/{invoice}/payments"), body).await
    }
    /// The subscriptions that the caller sees of a person.
    pub(crate) async fn subscriptions_of(&self, person: &Actor) -> Vec<Value> {
        let path = format!("/v1/subscriptions?person_id={}", person.id);
        let list = self.get(&path).await.expect(200);
        list["items"].as_array().expect("a list").clone()
    }
    /// The one invoice of a person.
    pub(crate) async fn invoice_of(&self, person: &Actor) -> Answer {
        let list = self.get(&format!("/v1/invoices?person_id={}", person.id)).await.expect(200);
        let id = list["items"][0]["id"].as_str().expect("an invoice");
        self.get(&format!("/v1/invoices/{id}")).await.expect(200)
    }
}
