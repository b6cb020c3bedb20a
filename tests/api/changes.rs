//! The feed of changes: dense, by scope, resumable, as pages and as lines.

use std::{collections::BTreeSet, sync::mpsc};

use domain::{
    change::{PUBLIC, Shape, public},
    id::Id,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::contract::is_committed;
use crate::support::{
    actor::{Actor, Answer, send},
    database::{Db, block_on},
    demo::Sandbox,
    world::{World, each_world},
};

const FEED: &str = "/v1/changes";

fn positions(items: &Value) -> Vec<i64> {
    items.as_array().unwrap().iter().map(|item| item["position"].as_i64().unwrap()).collect()
}

fn types(items: &Value) -> Vec<&str> {
    crate::support::world::each(items, "type")
}

async fn lines(actor: &Actor, query: &str) -> (Answer, Vec<Value>) {
    let request = actor.request(Method::GET, &format!("{FEED}{query}"));
    let answer = send(request.header("Accept", "application/x-ndjson")).await.expect(200);
    let lines = answer.body().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (answer, lines)
}

/// The contract as it is committed: whoever changes it sees so.
#[test]
fn the_committed_contract_is_current() {
    let shape = |shape: Shape| match shape {
        Shape::Text => "text".to_owned(),
        Shape::Day => "day".to_owned(),
        Shape::DayOrNone => "day or null".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Id(prefix) => format!("{prefix}_..."),
        Shape::IdOrNone(prefix) => format!("{prefix}_... or null"),
    };
    let mut all = serde_json::Map::new();
    for one in PUBLIC {
        let fields: serde_json::Map<_, _> = one
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), json!(shape(field.shape))))
            .collect();
        all.insert(one.event_type.to_owned(), json!({"scope": one.scope, "data": fields}));
    }
    let text = serde_json::to_string_pretty(&Value::Object(all)).unwrap() + "\n";
    is_committed("openapi/events.json", &text);
}

fn fits(shape: Shape, value: &Value) -> bool {
    let id = |prefix: &str| {
        let hex = value.as_str().and_then(|text| text.strip_prefix(prefix)?.strip_prefix('_'));
        hex.is_some_and(|hex| hex.len() == 32)
    };
    let day = || value.as_str().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok());
    match shape {
        Shape::Text => value.as_str().is_some_and(|text| !text.is_empty() && text.len() < 64),
        Shape::Day => day(),
        Shape::DayOrNone => value.is_null() || day(),
        Shape::Number => value.is_i64(),
        Shape::Id(prefix) => id(prefix),
        Shape::IdOrNone(prefix) => value.is_null() || id(prefix),
    }
}

/// What was really recorded, of hundreds of people, is told as the contract has it.
#[test]
fn what_the_demo_recorded_is_told_as_the_contract_says() {
    block_on(async {
        let sandbox = Sandbox::start().await;
        let partner = sandbox.persona("partner");
        let (mut after, mut told, mut count) = (0, BTreeSet::new(), 0);
        loop {
            let page = partner.get(&format!("{FEED}?limit=1000&after={after}")).await.expect(200);
            for item in page["items"].as_array().unwrap() {
                let name = item["type"].as_str().unwrap();
                let known = public(name).unwrap_or_else(|| panic!("{name} is not public"));
                let data = item["data"].as_object().unwrap();
                assert_eq!(data.len(), known.fields.len(), "{item}");
                for field in known.fields {
                    assert!(fits(field.shape, &data[field.name]), "{} of {item}", field.name);
                }
                told.insert(name.to_owned());
                count += 1;
            }
            after = page["next_after"].as_i64().unwrap();
            if page["has_more"] == false {
                break;
            }
        }
        assert!(count > 2000, "{count} events");
        // What the demo does not tell is held to its fields by the shapes' own test alone.
        assert!(told.len() * 2 > PUBLIC.len(), "{} of {}", told.len(), PUBLIC.len());
        sandbox.stop().await;
    });
}

each_world! {
    async fn a_machine_follows_what_its_scopes_show_in_one_dense_order(world) {
        let (ada, admin) = (world.register("Ada").await, world.admin().await);
        ada.applies().await;
        world.positioned().await;
        let partner = world.partner(&admin, &["changes:read", "people:read", "applications:read"]).await;
        let all = partner.get(FEED).await.expect(200);
        let found = types(&all["items"]);
        assert!(found.contains(&"person.registered") && found.contains(&"application.submitted"));
        assert!(!found.contains(&"invoice.issued"), "the token does not show it");
        assert!(positions(&all["items"]).is_sorted());
        assert_eq!(all["has_more"], false);
        let registered = &all["items"][0];
        assert_eq!(registered["data"], json!({}), "an event is thin");
        assert_eq!((&registered["subject"], &registered["person_id"]), (&json!(ada.id), &json!(ada.id)));
        let submitted = all["items"].as_array().unwrap().iter().find(|one| one["type"] == "application.submitted");
        assert!(submitted.unwrap()["data"]["invoice_id"].as_str().unwrap().starts_with("inv_"));

        // A place moves past what was left out, and any place is one to go on from.
        let narrow = world.partner(&admin, &["changes:read", "certificates:read"]).await;
        world.positioned().await;
        let nothing = narrow.get(FEED).await.expect(200);
        assert_eq!(nothing["items"], json!([]));
        let end = nothing["next_after"].as_i64().unwrap();
        let last = world.db().lines("SELECT CAST(MAX(position) AS text) AS line FROM events");
        assert_eq!(end.to_string(), last[0]);
        let mut walked = Vec::new();
        let mut after = 0;
        loop {
            let page = partner.get(&format!("{FEED}?limit=1&after={after}")).await.expect(200);
            walked.extend(positions(&page["items"]));
            after = page["next_after"].as_i64().unwrap();
            if page["has_more"] == false { break }
        }
        assert_eq!(walked, positions(&all["items"]), "page by page the same");
        let beyond = partner.get(&format!("{FEED}?after={}", i64::MAX)).await.expect(200);
        assert_eq!((&beyond["items"], &beyond["next_after"]), (&json!([]), &json!(i64::MAX)));
    }

    async fn what_cannot_be_asked_for_is_told_by_its_name(world) {
        let (ada, admin) = (world.register("Ada").await, world.admin().await);
        let partner = world.partner(&admin, &["changes:read", "people:read"]).await;
        for (query, parameter) in [
            ("types=person.unheard_of", "types"), ("types=session.started", "types"), ("types=", "types"),
            ("limit=0", "limit"), ("limit=1001", "limit"), ("wait=31", "wait"), ("after=-1", "after"),
            ("after=x", "after"), ("after=9223372036854775808", "after"), ("colour=red", "colour"),
        ] {
            let answer = partner.get(&format!("{FEED}?{query}")).await.refused(400, "invalid-query");
            assert_eq!(answer["errors"][0]["parameter"], parameter, "{query}");
        }
        let lacks = partner.get(&format!("{FEED}?types=person.renamed,invoice.issued")).await;
        let lacks = lacks.refused(403, "insufficient-scope");
        assert!(lacks.text("detail").contains("invoices:read"));
        let blind = world.partner(&admin, &["people:read"]).await;
        blind.get(FEED).await.refused(403, "insufficient-scope");
        ada.get(FEED).await.refused(403, "forbidden");
        world.anyone().get(FEED).await.refused(401, "unauthenticated");
        let staff = world.staff().await;
        let seen = staff.get(&format!("{FEED}?types=person.registered")).await.expect(200);
        assert!(types(&seen["items"]).len() >= 3);
    }

    async fn lines_end_where_the_log_ended_and_say_so(world) {
        let admin = world.admin().await;
        for name in ["Ada", "Bea", "Cid", "Dan", "Eve"] {
            world.register(name).await;
        }
        world.positioned().await;
        let partner = world.partner(&admin, &["changes:read", "people:read"]).await;
        let page = partner.get(&format!("{FEED}?limit=1000")).await.expect(200);
        // Two at a time: the stream goes through several chunks.
        let (answer, told) = lines(&partner, "?limit=2").await;
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        let (last, events) = told.split_last().unwrap();
        assert_eq!(&json!(events), &page["items"]);
        assert!(last["next_after"].as_i64() >= page["next_after"].as_i64() && last.get("type").is_none());
        let (_, rest) = lines(&partner, &format!("?after={}", last["next_after"])).await;
        assert_eq!(rest, [json!({"next_after": last["next_after"]})], "nothing happened since");
    }

    async fn who_waits_is_told_when_something_happens_and_else_nothing(world) {
        let admin = world.admin().await;
        let partner = world.partner(&admin, &["changes:read", "people:read"]).await;
        world.positioned().await;
        let end = partner.get(FEED).await.expect(200)["next_after"].as_i64().unwrap();
        let empty = partner.get(&format!("{FEED}?after={end}&wait=1")).await.expect(200);
        assert_eq!(empty["items"], json!([]));
        let waits = {
            let (partner, path) = (partner.clone(), format!("{FEED}?after={end}&wait=30"));
            tokio::spawn(async move { partner.get(&path).await })
        };
        // Others are served meanwhile, though there is one worker thread.
        let ada = world.register("Ada").await;
        let told = waits.await.unwrap().expect(200);
        assert_eq!(types(&told["items"]).first(), Some(&"person.registered"));
        assert_eq!(told["items"][0]["person_id"], ada.id);
    }
}

/// Only PostgreSQL lets two writes overlap: one that began first commits last, while the feed is read.
#[test]
fn a_change_that_commits_late_is_neither_skipped_nor_told_before_its_turn() {
    let Some(db) = Db::postgres() else { return };
    block_on(async {
        let world = World::crowded(db).await;
        let admin = world.admin().await;
        let partner = world.partner(&admin, &["changes:read", "people:read"]).await;
        let app = world.app().clone();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let slow = tokio::spawn(async move {
            app.store
                .write(app.stamp_of("test", "slow"), move |tx| {
                    let fact = domain::person::PersonEvent::Restored {
                        before: domain::life::PersonState::Retired,
                        reason: None,
                    };
                    let person = Id::from_bits(7);
                    let event = domain::event::Event {
                        program: None,
                        subject: person.to_string(),
                        person: Some(person),
                        fact,
                    };
                    tx.record(event)?;
                    started.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    Ok::<_, persistence::Error>(())
                })
                .await
        });
        tokio::task::block_in_place(|| has_started.recv()).unwrap();
        let mut seen: Vec<Value> = Vec::new();
        let mut after = 0;
        for name in ["Ada", "Bea", "Cid"] {
            world.register(name).await;
            world.positioned().await;
            let page = partner.get(&format!("{FEED}?after={after}")).await.expect(200);
            after = page["next_after"].as_i64().unwrap();
            seen.extend(page["items"].as_array().unwrap().clone());
        }
        assert!(seen.iter().all(|one| one["type"] != "person.restored"), "it has not happened yet");
        go_on.send(()).unwrap();
        slow.await.unwrap().unwrap();
        world.positioned().await;
        let page = partner.get(&format!("{FEED}?after={after}")).await.expect(200);
        assert_eq!(types(&page["items"]), ["person.restored"], "whoever goes on is told of it");
        seen.extend(page["items"].as_array().unwrap().clone());
        let whole = partner.get(&format!("{FEED}?limit=1000")).await.expect(200);
        assert_eq!(json!(seen), whole["items"], "and from the beginning it is the same");
        world.stop().await;
    });
}
