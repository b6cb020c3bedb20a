//! What streams and lists of differences tell machines of people: room is asked for before the first byte, and
//! each chunk is recorded.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::{Actor, fresh_key, send},
    world::{World, each_world},
};

const COPIES: [&str; 3] = ["accounts:read", "accounts:write", "changes:read"];

/// Lets a machine read of so many people in a day.
async fn allows(admin: &Actor, machine: &Actor, people: i64) {
    let path = format!("/v1/clients/{}", machine.id);
    let etag = admin.get(&path).await.expect(200).etag();
    admin.patch(&path, &etag, json!({"people_a_day": people})).await.expect(200);
}

/// What a machine was told by an operation, the latest first.
async fn told(admin: &Actor, machine: &Actor, operation: &str) -> Vec<i64> {
    let path = format!("/v1/clients/{}/reads?limit=200", machine.id);
    let reads = admin.get(&path).await.expect(200);
    let items = reads["items"].as_array().unwrap();
    let of_it = items.iter().filter(|read| read["operation"] == operation);
    of_it.map(|read| read["people"].as_i64().unwrap()).collect()
}

/// A partner that holds two accounts, which counted as two people.
async fn holds_two(world: &World, admin: &Actor, scopes: &[&str]) -> Actor {
    let machine = world.partner(admin, scopes).await;
    machine.has_account_made("x-1", "Una").await;
    machine.has_account_made("x-2", "Vic").await;
    machine
}

each_world! {
    async fn a_copy_for_which_the_quota_has_no_room_is_refused_before_its_first_byte(world) {
        let admin = world.admin().await;
        let machine = holds_two(world, &admin, &COPIES).await;
        let copy = "/v1/changes/copy";
        // Two people were told by what it changed; two more are in the copy.
        allows(&admin, &machine, 3).await;
        let refused = machine.get(copy).await.refused(429, "quota-exceeded");
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=24 * 3600 + 1).contains(&wait), "{wait}");
        assert_eq!(told(&admin, &machine, "copy_changes").await, Vec::<i64>::new(), "nothing was told");
        assert_eq!(world.count("client.quota_tripped"), 1);

        allows(&admin, &machine, 4).await;
        let whole = machine.get(copy).await.expect(200);
        assert_eq!(whole.body().lines().count(), 4, "the place, two accounts and their number");
        assert_eq!(told(&admin, &machine, "copy_changes").await, [2]);
        machine.get(copy).await.refused(429, "quota-exceeded");
        world.advance(TimeDelta::days(1));
        machine.get(copy).await.expect(200);
        // Of people who ask nothing is counted.
        world.staff().await.get(copy).await.expect(200);
        assert_eq!(told(&admin, &machine, "copy_changes").await, [2, 2]);
    }

    async fn events_are_thin_and_are_told_without_a_quota(world) {
        let admin = world.admin().await;
        let machine = holds_two(world, &admin, &COPIES).await;
        allows(&admin, &machine, 0).await;
        world.positioned().await;
        let feed = machine.get("/v1/changes").await.expect(200);
        assert!(!feed["items"].as_array().unwrap().is_empty());
        let text = feed.body();
        assert!(!text.contains("Una") && !text.contains("example.org"), "{text}");
        assert_eq!(told(&admin, &machine, "list_changes").await, Vec::<i64>::new());
    }

    async fn an_export_is_counted_chunk_by_chunk_or_refused_before_it_leaves(world) {
        let (admin, staff) = (world.admin().await, world.staff().await);
        let mut file = "given_name,family_name,email\n".to_owned();
        file.extend((0..501).map(|n| format!("Pat,Reader {n},pat{n}@example.org\n")));
        staff.imports("kind=people", &file).await;
        let machine = world.partner(&admin, &["exports:read"]).await;
        // Adam, Stella and the readers.
        allows(&admin, &machine, 499).await;
        machine.get("/v1/exports/people").await.refused(429, "quota-exceeded");
        assert_eq!(world.count("export.made"), 0, "nothing left the house");
        allows(&admin, &machine, 503).await;
        let whole = machine.exports("people", "ndjson").await;
        assert_eq!(whole.lines().count(), 503);
        assert_eq!(told(&admin, &machine, "export_records").await, [3, 500]);
        machine.get("/v1/exports/people").await.refused(429, "quota-exceeded");
        // What tells of nobody takes nothing of it.
        machine.exports("memberships", "csv").await;
        staff.exports("people", "csv").await;
        assert_eq!(told(&admin, &machine, "export_records").await, [3, 500]);
    }

    async fn differences_are_counted_as_accounts_are(world) {
        let admin = world.admin().await;
        let machine = holds_two(world, &admin, &["accounts:write", "reconciliations:write"]).await;
        let list = "external_id,given_name\nx-1,Ursula\n";
        let request = machine.request(Method::POST, "/v1/reconciliations").header("Idempotency-Key", fresh_key());
        let id = send(request.header("Content-Type", "text/csv").body(list)).await.expect(202).id();
        let path = format!("/v1/reconciliations/{id}");
        assert_eq!(machine.settled_job(&path).await["state"], "done");
        let differences = format!("{path}/differences");
        let found = machine.get(&differences).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 2, "{}", found.body());
        assert_eq!(told(&admin, &machine, "list_differences").await, [2]);
        allows(&admin, &machine, 4).await;
        machine.get(&differences).await.refused(429, "quota-exceeded");
        // How many differ tells of nobody.
        machine.get(&path).await.expect(200);
    }
}
