//! Long walks through money: whatever people and the office do in whatever order, nothing fails inside, and
//! the ledger, the records and the events agree all the way.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer, fresh_key},
    story::statements,
    world::{World, each_world},
};

/// Numbers that follow from a seed: a walk that finds something is found again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
    fn one<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        of.get(self.below(of.len()))
    }
    fn cents(&mut self, owed: i64) -> i64 {
        match self.below(4) {
            0 => owed.max(1),
            1 => owed + 700,
            _ => i64::try_from(self.below(20_000)).unwrap() + 1,
        }
    }
}

struct Walk<'w> {
    world: &'w World,
    dice: Dice,
    staff: Actor,
    library: String,
    people: Vec<Actor>,
}

async fn all(staff: &Actor, path: &str) -> Vec<Value> {
    staff.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

async fn applies(person: &Actor) -> Answer {
    let draft = person.post("/v1/applications", statements()).await;
    if draft.status == 201 { person.acts_on(&draft.id(), "submit").await } else { draft }
}

async fn is_member(person: &Actor, staff: &Actor) -> Answer {
    let path = format!("/v1/people/{}/memberships", person.id);
    let number = format!("m{}", person.id);
    let claim = person.post(&path, json!({"number": number})).await.expect(201).id();
    let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
    staff.post(&format!("/v1/memberships/{claim}/verification"), valid).await
}

impl Walk<'_> {
    async fn invoice(&mut self) -> Option<Value> {
        let found = all(&self.staff, "/v1/invoices?limit=200").await;
        self.dice.one(&found).cloned()
    }
    async fn payment(&mut self) -> Option<String> {
        let found = all(&self.staff, "/v1/invoices?limit=200").await;
        let payments: Vec<_> =
            found.iter().flat_map(|one| one["payments"].as_array().unwrap()).collect();
        self.dice.one(&payments).map(|one| text(one, "id"))
    }
    async fn application(&mut self) -> Option<Value> {
        let found = all(&self.staff, "/v1/applications?limit=200").await;
        self.dice.one(&found).cloned()
    }

    /// One step; what it was answered, if there was something to do.
    async fn step(&mut self) -> Option<Answer> {
        let person = self.dice.below(self.people.len());
        let person = self.people[person].clone();
        let staff = self.staff.clone();
        Some(match self.dice.below(20) {
            0 | 1 => applies(&person).await,
            2..=4 => self.pays().await?,
            5 => {
                let invoice = self.invoice().await?;
                let (cents, card) =
                    (self.dice.cents(invoice["balance_cents"].as_i64()?), self.dice.below(4));
                staff.calls_back(&text(&invoice, "number"), &format!("ch_{card}"), cents).await
            }
            6 | 7 => {
                let payment = self.payment().await?;
                staff.reverses(&payment).await
            }
            8 | 9 => {
                let payment = self.payment().await?;
                let cents = (self.dice.below(2) == 0).then(|| self.dice.cents(10_000));
                staff.returns(&payment, cents).await
            }
            10 => is_member(&person, &staff).await,
            11 => {
                let items = json!([{"code": "portfolio"}]);
                staff.post("/v1/invoices", json!({"person_id": person.id, "items": items})).await
            }
            12 => {
                let invoice = self.invoice().await?;
                staff.voids(&text(&invoice, "id")).await
            }
            13 => {
                let invoice = self.invoice().await?;
                staff.applies_credit(&text(&invoice, "id"), None).await
            }
            14 => {
                let cents = self.dice.cents(2_500);
                staff.pays_credit_out(&person.id, cents).await
            }
            15 => self.decides().await?,
            16 | 17 => self.order().await?,
            18 => {
                let orders = all(&staff, "/v1/purchase-orders?state=open").await;
                let order = text(self.dice.one(&orders)?, "id");
                staff
                    .post(&format!("/v1/purchase-orders/{order}/cancel"), json!({"reason": "No."}))
                    .await
            }
            _ => {
                let found = all(&staff, "/v1/payment-discrepancies?state=open").await;
                let one = text(self.dice.one(&found)?, "id");
                let take =
                    json!({"resolution": "Found.", "take_as_credit": self.dice.below(3) > 0});
                staff.post(&format!("/v1/payment-discrepancies/{one}/resolution"), take).await
            }
        })
    }

    /// A check comes in for an invoice, now and then the library's.
    async fn pays(&mut self) -> Option<Answer> {
        let invoice = self.invoice().await?;
        let cents = self.dice.cents(invoice["balance_cents"].as_i64()?);
        let mut body = json!({"tender": "check", "reference": fresh_key(), "amount_cents": cents});
        if self.dice.below(4) == 0 {
            body["paid_by_institution_id"] = json!(self.library);
        }
        Some(
            self.staff.post(&format!("/v1/invoices/{}/payments", text(&invoice, "id")), body).await,
        )
    }

    /// An application comes to an end.
    async fn decides(&mut self) -> Option<Answer> {
        let application = text(&self.application().await?, "id");
        self.staff.acts_on(&application, "review").await;
        let (act, body) = match self.dice.below(3) {
            0 => ("accept", json!({})),
            1 => ("refuse", json!({"reason": "No."})),
            _ => ("withdraw", json!({})),
        };
        Some(self.staff.decides(&application, act, body).await)
    }

    /// The library orders for one or two of those who owe, and often pays at once.
    async fn order(&mut self) -> Option<Answer> {
        let mut lines = Vec::new();
        for person in self.people.clone() {
            let owed = all(&self.staff, &format!("/v1/invoices?person_id={}", person.id)).await;
            let owed = owed.iter().find(|one| {
                !one["application_id"].is_null() && one["balance_cents"].as_i64().unwrap() > 0
            });
            if let Some(owed) = owed.filter(|_| self.dice.below(2) == 0) {
                let me = person.get("/v1/me").await.expect(200);
                let name = format!("{} {}", me.text("given_name"), me.text("family_name"));
                lines.push(json!({"name": name, "email": me["emails"][0]["address"],
                    "amount_cents": owed["balance_cents"]}));
            }
        }
        let order = self.staff.orders(&self.library, &fresh_key(), &lines).await;
        if order.status != 201 || self.dice.below(3) == 0 {
            return Some(order);
        }
        let cents = self.dice.cents(order["total_cents"].as_i64().unwrap());
        Some(self.staff.takes_check(&order.text("invoice_id"), &fresh_key(), cents).await)
    }
}

async fn walks(world: &World, seed: u64, steps: usize) {
    let staff = world.staff().await;
    let library = staff.records_institution("Riverside Public Library").await;
    let mut people = Vec::new();
    for name in ["Ada", "Ben", "Cleo"] {
        people.push(world.register(name).await);
    }
    let mut walk = Walk { world, dice: Dice(seed), staff, library, people };
    let mut done = 0;
    for step in 0..steps {
        let Some(answer) = walk.step().await else { continue };
        assert!(answer.status < 500, "seed {seed}, step {step}: {}", answer.body());
        done += usize::from(answer.status < 300);
        if step % 20 == 0 {
            let broken = walk.world.app().store.verify().await.unwrap();
            assert!(broken.is_empty(), "seed {seed}, step {step}: {broken:?}");
        }
    }
    assert!(done * 4 > steps, "a walk gets somewhere: {done} of {steps}");
    walk.staff.finds_the_ledger_right().await;
    for person in &walk.people {
        let statement = person.statement(&person.id).await;
        let list = all(person, "/v1/invoices?limit=200").await;
        let sum = |field: &str| list.iter().map(|one| one[field].as_i64().unwrap()).sum::<i64>();
        assert_eq!(statement["owed_cents"], sum("balance_cents"), "{}", statement.body());
    }
}

each_world! {
    async fn one_walk(world) {
        walks(world, 1, 160).await;
    }

    async fn another_walk(world) {
        walks(world, 20_260_301, 160).await;
    }
}
