//! Servers that are killed between a commit and the delivery of what it tells, and while they deliver it: everything is
//! sent at least once, and in order for each person.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use super::process::{Serving, Site};
use crate::support::{
    actor::Actor,
    database::{Db, block_on},
    hooks::{Hooks, Manner},
};

const NAMES: [&str; 4] = ["Ava", "Bob", "Cyd", "Dot"];
/// How often something happens to each of them; then a server is killed.
const ROUNDS: usize = 4;
/// Far above the half minute for which somebody who was killed has a claim.
const PATIENCE: Duration = Duration::from_mins(2);
const PASSWORD: &str = "a shelf of seven books";

async fn partner(admin: &Actor, anyone: &Actor) -> Actor {
    let scopes = ["changes:read", "people:read", "webhooks:write"];
    let body = json!({"name": "Partner", "scopes": scopes});
    let client = admin.post("/v1/clients", body).await.expect(201);
    let (id, secret) = (client.id(), client.text("client_secret"));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let token = anyone.form("/oauth/token", &form).await.expect(200).text("access_token");
    anyone.with_token(&token, &id)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waits = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waits).await.unwrap_or_else(|_late| panic!("not true: {what}"));
}

/// The numbers of what was sent about each person, as they arrived, each once where it came again in its place.
fn numbers(hooks: &Hooks) -> BTreeMap<String, Vec<i64>> {
    let mut told: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in hooks.seen() {
        let data = one.json()["data"].clone();
        let person = data["person_id"].as_str().unwrap().to_owned();
        told.entry(person).or_default().push(data["sequence"].as_i64().unwrap());
    }
    told.values_mut().for_each(Vec::dedup);
    told
}

async fn survives(db: &Db, servers: usize) {
    // Only a sandbox sends to the machine itself.
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let mut serving: Vec<Serving> = (0..servers).map(|_| site.serve(&["--demo"])).collect();
    let anyone = serving[0].anyone();
    let admin = anyone.signs_in("amy@demo.example", api::demo::PASSWORD).await;
    let partner = partner(&admin, &anyone).await;
    let mut people = Vec::new();
    for name in NAMES {
        let email = format!("{}@example.org", name.to_lowercase());
        let body = json!({"given_name": name, "family_name": "Example", "email": email, "password": PASSWORD});
        anyone.post("/v1/people", body).await.expect(201);
        people.push(anyone.signs_in(&email, PASSWORD).await);
    }
    let hooks = Hooks::listen().await;
    let endpoint = partner.is_sent(&hooks, &["person.email_added"]).await.id();

    let mut open = 0;
    for round in 1..=ROUNDS {
        // The last one is killed while somebody hangs to whom it sends.
        let last = round == ROUNDS;
        if last {
            hooks.behave(Manner::Hangs);
        }
        let before = hooks.seen().len();
        for (place, person) in people.iter().enumerate() {
            let here = person.at(&serving[place % servers].base());
            here.adds(&format!("{}{round}@work.example.org", person.id)).await;
        }
        if last {
            until("somebody hangs", async || hooks.seen().len() > before).await;
        }
        serving.remove(0).kill();
        let taken = "SELECT event_type AS line FROM webhook_deliveries \
            WHERE event_type = 'person.email_added' AND delivered_at IS NOT NULL";
        open += usize::from(db.lines(taken).len() < round * people.len());
        hooks.behave(Manner::Says(204, ""));
        serving.push(site.serve(&["--demo"]));
    }
    assert!(open > 0, "it was killed before everything was sent");

    let partner = partner.at(&serving[0].base());
    let all = ROUNDS * people.len();
    let delivered = async || partner.deliveries(&endpoint, "delivered").await.len();
    until("everything is taken", async || delivered().await == all).await;
    for state in ["waiting", "given_up"] {
        assert!(partner.deliveries(&endpoint, state).await.is_empty(), "{state}");
    }
    let told = numbers(&hooks);
    for person in &people {
        assert_eq!(told[&person.id], [1, 2, 3, 4], "in order, and nothing is missing");
    }
    assert!(hooks.seen().len() > all, "who hung is sent it again");
    let verified = site.run(&["verify", "--data-dir", "lssc-demo"]);
    assert_eq!(verified.ok(), "Every invariant holds.\n");
}

#[test]
fn what_is_committed_is_sent_in_order_however_often_the_server_is_killed() {
    block_on(survives(&Db::sqlite(), 1));
}

#[test]
fn what_is_committed_is_sent_in_order_however_often_one_of_two_servers_is_killed() {
    if let Some(db) = Db::postgres() {
        block_on(survives(&db, 2));
    }
}
