//! The property of the feed: a full copy that follows it is a fresh full copy, whatever was done meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    accounts::account,
    actor::{Actor, send},
    story::statements,
    world::{World, each_world},
};

const SCOPES: &[&str] = &[
    "accounts:read",
    "accounts:write",
    "applications:read",
    "candidates:read",
    "certificates:read",
    "changes:read",
    "people:read",
    "subscriptions:read",
];

/// Accounts by their person.
type Accounts = BTreeMap<String, Value>;

/// A full copy, and the place from which to follow.
async fn copy(partner: &Actor) -> (i64, Accounts) {
    let answer = send(partner.request(Method::GET, "/v1/changes/copy")).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> =
        answer.body().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (first, rest) = lines.split_first().unwrap();
    let (last, accounts) = rest.split_last().unwrap();
    assert_eq!(last["accounts"], accounts.len(), "it was not cut off");
    let ids: Vec<_> =
        accounts.iter().map(|one| one["person_id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.is_sorted(), "in the order of ids");
    let position = first["position"].as_i64().unwrap();
    (position, ids.into_iter().zip(accounts.iter().cloned()).collect())
}

/// Follows the feed: the account of everybody of whom it tells is read anew.
async fn follow(partner: &Actor, mut after: i64, accounts: &mut Accounts) -> i64 {
    loop {
        let page = partner.get(&format!("/v1/changes?after={after}&limit=7")).await.expect(200);
        let mut people = BTreeSet::new();
        for item in page["items"].as_array().unwrap() {
            for id in [&item["person_id"], &item["data"]["from"], &item["data"]["into"]] {
                people.extend(id.as_str().map(str::to_owned));
            }
        }
        for person in people {
            let found = partner.get(&format!("/v1/accounts?person_id={person}")).await.expect(200);
            match found["items"].as_array().unwrap().first() {
                Some(account) => accounts.insert(person, account.clone()),
                None => accounts.remove(&person),
            };
        }
        after = page["next_after"].as_i64().unwrap();
        if page["has_more"] == false {
            return after;
        }
    }
}

/// What of accounts no day changes by passing.
fn lasting(accounts: &Accounts) -> Accounts {
    let mut accounts = accounts.clone();
    for account in accounts.values_mut() {
        for field in ["as_of", "state"] {
            assert!(account.as_object_mut().unwrap().remove(field).is_some(), "{field}");
        }
        for list in ["candidacies", "certifications"] {
            for one in account[list].as_array_mut().unwrap() {
                assert!(one.as_object_mut().unwrap().remove("status").is_some(), "{list}");
            }
        }
    }
    accounts
}

/// Numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// One act of somebody, by chance. What is refused is refused: that is part of it.
async fn acts(
    world: &World,
    office: &Actor,
    partner: &Actor,
    people: &mut Vec<Actor>,
    dice: &mut Dice,
    step: usize,
) -> bool {
    let one = people[dice.roll(people.len())].clone();
    let path = format!("/v1/people/{}", one.id);
    let answer = match dice.roll(10) {
        0 => {
            people.push(world.register(&format!("Person {step}")).await);
            return true;
        }
        1 => {
            let read = one.get(&path).await;
            if read.status != 200 {
                return false;
            }
            one.patch(&path, &read.etag(), json!({"family_name": format!("Name {step}")})).await
        }
        2 => {
            one.post(&format!("{path}/emails"), json!({"email": format!("more{step}@example.org")}))
                .await
        }
        3 => {
            let draft = one.get("/v1/me").await;
            if draft.status != 200 {
                return false;
            }
            let open = one.get("/v1/applications").await;
            if open.status != 200 || open["items"] != json!([]) {
                return false;
            }
            let draft = one.post("/v1/applications", statements()).await;
            if draft.status != 201 {
                return false;
            }
            let application = one.acts_on(&draft.id(), "submit").await.expect(200);
            office.reviews(&application.id()).await;
            office.settles(&application).await;
            office.accepts(&application.id()).await;
            return true;
        }
        4 => {
            partner
                .asks_for_account(account(
                    &format!("r{step}"),
                    &format!("x{step}"),
                    &format!("New {step}"),
                    &[&format!("new{step}@partner.example.org")],
                ))
                .await
        }
        5 => {
            let mut body = account(&format!("r{step}"), &format!("x{step}"), "Somebody", &[]);
            body["person_id"] = json!(one.id);
            body["emails"] = json!([format!("linked{step}@partner.example.org")]);
            partner.asks_for_account(body).await
        }
        6 => {
            let other = people[dice.roll(people.len())].clone();
            if other.id == one.id {
                return false;
            }
            office.merges(&one, &other).await
        }
        7 => one.post(&format!("{path}/erase"), json!({"confirm": true})).await,
        8 => {
            let read = partner.get(&format!("/v1/accounts/{}", one.id)).await;
            if read.status != 200 {
                return false;
            }
            let held = format!("/v1/accounts/{}/external-id", one.id);
            partner.delete(&held, &read.etag()).await
        }
        _ => {
            let read = office.get(&path).await;
            if read.status != 200 {
                return false;
            }
            office.post(&format!("{path}/retire"), json!({})).await
        }
    };
    assert!(answer.status < 500, "{}", answer.body());
    answer.status < 300
}

each_world! {
    async fn a_copy_that_follows_the_feed_is_a_fresh_copy(world) {
        let (office, admin) = (world.staff().await, world.admin().await);
        let partner = world.partner(&admin, SCOPES).await;
        let mut people = Vec::new();
        for name in ["Ada", "Bea", "Cid", "Dan"] {
            people.push(world.register(name).await);
        }
        office.admits(&people[0]).await;
        let (mut dice, mut done) = (Dice(20_261_130), 0);
        let (mut after, mut mine) = copy(&partner).await;
        assert!(mine.contains_key(&people[0].id));
        for step in 0..60 {
            done += usize::from(acts(world, &office, &partner, &mut people, &mut dice, step).await);
            if step % 6 == 5 {
                world.positioned().await;
                after = follow(&partner, after, &mut mine).await;
                let (position, fresh) = copy(&partner).await;
                assert_eq!(mine, fresh, "after {step} acts");
                assert!(position >= after, "a later copy begins later");
            }
        }
        assert!(done > 20, "{done} acts were done");
        assert!(mine.len() > 3, "{} accounts", mine.len());
    }

    async fn a_copy_takes_both_scopes(world) {
        let admin = world.admin().await;
        for scopes in [["accounts:read", "people:read"], ["changes:read", "people:read"]] {
            let partner = world.partner(&admin, &scopes).await;
            partner.get("/v1/changes/copy").await.refused(403, "insufficient-scope");
        }
        world.register("Ada").await.get("/v1/changes/copy").await.refused(403, "forbidden");
    }

    async fn what_a_later_day_tells_of_an_account_follows_from_its_dates(world) {
        let (office, admin) = (world.staff().await, world.admin().await);
        let partner = world.partner(&admin, SCOPES).await;
        let ada = world.register("Ada").await;
        office.admits(&ada).await;
        let (_, before) = copy(&partner).await;
        world.advance(TimeDelta::days(5 * 366));
        let (_, after) = copy(&partner).await;
        assert_ne!(before[&ada.id]["state"], after[&ada.id]["state"]);
        assert_ne!(before[&ada.id]["candidacies"], after[&ada.id]["candidacies"]);
        assert_eq!(lasting(&before), lasting(&after));
    }

    async fn a_copy_counts_against_the_quota_of_people(world) {
        let (office, admin) = (world.staff().await, world.admin().await);
        for name in ["Ada", "Bea", "Cid"] {
            let one = world.register(name).await;
            office.admits(&one).await;
        }
        let terms = json!({"name": "Sync", "scopes": SCOPES, "people_a_day": 5});
        let machine = world.machine(&admin, terms).await;
        assert_eq!(copy(&machine).await.1.len(), 3);
        machine.get("/v1/changes/copy").await.refused(429, "quota-exceeded");
        let reads = admin.get(&format!("/v1/clients/{}/reads", machine.id)).await.expect(200);
        let read = &reads["items"][0];
        assert_eq!((&read["operation"], &read["people"]), (&json!("copy_changes"), &json!(3)));
        assert_eq!(reads["items"].as_array().unwrap().len(), 1, "what is refused is not told");
    }

    async fn what_another_machine_calls_somebody_is_told_to_it_alone(world) {
        let admin = world.admin().await;
        let (one, other) = (world.partner(&admin, SCOPES).await, world.partner(&admin, SCOPES).await);
        one.has_account_made("lt-1", "Una").await;
        world.positioned().await;
        let told = async |partner: &Actor| {
            let page = partner.get("/v1/changes?types=account.linked,account_request.completed&limit=9").await.expect(200);
            (page["items"].clone(), page["next_after"].as_i64().unwrap())
        };
        let ((mine, at), (others, there)) = (told(&one).await, told(&other).await);
        assert_eq!(mine[0]["data"], json!({"external_id": "lt-1"}));
        assert_eq!((mine.as_array().unwrap().len(), &others), (2, &json!([])));
        assert_eq!(at, there, "the place moves past it");
    }
}
