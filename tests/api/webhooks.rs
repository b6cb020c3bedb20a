//! Webhooks: made by machines, signed, in order for each person, sent until they are taken.

use std::collections::BTreeMap;

use api::flows::webhook::sign;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    hooks::{ENDPOINTS, Hooks, Manner, Seen},
    world::{World, each, each_world},
};

const SCOPES: &[&str] = &["changes:read", "people:read", "webhooks:write"];

async fn partner(world: &World) -> Actor {
    let admin = world.admin().await;
    world.partner(&admin, SCOPES).await
}

fn secret(text: &str) -> Vec<u8> {
    STANDARD.decode(text.strip_prefix("whsec_").unwrap()).unwrap()
}

/// The signatures of what was sent.
fn signatures(seen: &Seen) -> Vec<&str> {
    seen.headers["webhook-signature"].split(' ').collect()
}

fn v1(seen: &Seen, of: &str) -> String {
    let stamp = seen.headers["webhook-timestamp"].parse().unwrap();
    sign::v1(&secret(of), &seen.headers["webhook-id"], stamp, &seen.body).unwrap()
}

/// Whether the signature `v1a` is one by this public key.
fn v1a_holds(seen: &Seen, public_key: &str) -> bool {
    let raw = STANDARD.decode(public_key.strip_prefix("whpk_").unwrap()).unwrap();
    let key = DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(raw)).unwrap();
    let found = signatures(seen).into_iter().find_map(|one| one.strip_prefix("v1a,")).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(STANDARD.decode(found).unwrap());
    let (id, stamp) = (&seen.headers["webhook-id"], &seen.headers["webhook-timestamp"]);
    let signed = format!("{id}.{stamp}.{}", seen.body);
    crypto::verify(&signature, signed.as_bytes(), &key, Algorithm::EdDSA).unwrap()
}

/// The numbers of what was sent about each person, as they arrived.
fn numbers(seen: &[Seen]) -> BTreeMap<String, Vec<i64>> {
    let mut of: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in seen {
        let data = one.json()["data"].clone();
        if let (Some(person), Some(number)) =
            (data["person_id"].as_str(), data["sequence"].as_i64())
        {
            of.entry(person.to_owned()).or_default().push(number);
        }
    }
    of
}

each_world! {
    async fn a_machine_makes_its_endpoints_and_nobody_elses(world) {
        let admin = world.admin().await;
        let one = world.partner(&admin, SCOPES).await;
        let other = world.partner(&admin, SCOPES).await;
        let hooks = Hooks::listen().await;
        let made = one.is_sent(&hooks, &["person.renamed"]).await;
        assert!(made.text("secret").starts_with("whsec_") && made.text("public_key").starts_with("whpk_"));
        assert_eq!((&made["state"], &made["format"]), (&json!("active"), &json!("standard")));
        assert_eq!(secret(&made.text("secret")).len(), 32);
        let path = format!("{ENDPOINTS}/{}", made.id());
        let read = one.get(&path).await.expect(200);
        assert!(read["secret"].is_null(), "it is shown once");
        let stored = world.db().lines("SELECT CAST(secrets AS text) AS line FROM webhook_endpoints");
        assert!(!stored[0].contains("whsec") && !stored[0].contains(&made.text("secret")[6..]));
        other.get(&path).await.refused(404, "not-found");
        other.patch(&path, &read.etag(), json!({"paused": true})).await.refused(404, "not-found");
        other.post_empty(&format!("{path}/ping")).await.refused(404, "not-found");
        other.get(&format!("{path}/deliveries")).await.refused(404, "not-found");
        other.delete(&path, &read.etag()).await.refused(404, "not-found");
        assert_eq!(other.get(ENDPOINTS).await.expect(200)["items"], json!([]));
        assert_eq!(each(&one.get(ENDPOINTS).await.expect(200)["items"], "id"), [made.id()]);
        for reader in [world.staff().await, world.auditor().await] {
            assert_eq!(reader.get(&path).await.expect(200)["url"], hooks.url);
            assert_eq!(each(&reader.get(ENDPOINTS).await.expect(200)["items"], "id"), [made.id()]);
            reader.post_empty(&format!("{path}/ping")).await.refused(403, "forbidden");
            let body = json!({"url": hooks.url});
            reader.post_bare(ENDPOINTS, body).await.refused(403, "forbidden");
        }
        world.register("Ada").await.get(&path).await.refused(404, "not-found");

        let changed = one.changes_endpoint(&made.id(), json!({"paused": true, "description": "For now"})).await.expect(200);
        assert_eq!((&changed["state"], &changed["description"]), (&json!("paused"), &json!("For now")));
        one.patch(&path, "\"v1\"", json!({"paused": false})).await.refused(412, "stale");
        let changed = one.changes_endpoint(&made.id(), json!({"types": [], "description": null})).await.expect(200);
        assert_eq!((&changed["types"], &changed["description"]), (&json!([]), &Value::Null));
        let etag = one.get(&path).await.expect(200).etag();
        one.delete(&path, &etag).await.expect(204);
        one.get(&path).await.refused(404, "not-found");
        let happened = world.happened_to(&made.id());
        assert_eq!(happened.first().map(String::as_str), Some("webhook_endpoint.created"));
        assert_eq!(happened.last().map(String::as_str), Some("webhook_endpoint.deleted"));
    }

    async fn what_cannot_be_an_endpoint_is_refused_where_it_is_wrong(world) {
        let partner = partner(world).await;
        let tries = async |body: Value| partner.post_bare(ENDPOINTS, body).await;
        // In a sandbox the machine itself counts as outside; nothing else inside does.
        for (url, code) in [
            ("", "length"), ("nowhere", "format"), ("ftp://hooks.example.com/", "format"),
            ("https://user:word@hooks.example.com/", "format"), ("https://hooks.example.com/#a", "format"),
            ("https://hooks.example.com:22/", "out_of_range"), ("https://10.0.0.1/", "out_of_range"),
            ("http://169.254.169.254:8080/latest", "out_of_range"), ("https://[::ffff:10.0.0.1]/", "out_of_range"),
            ("https://0x0a000001/", "out_of_range"), ("https://[fd00::1]/", "out_of_range"),
            ("https://nobody.invalid/", "out_of_range"),
        ] {
            tries(json!({"url": url})).await.faulty("#/url", code);
        }
        let url = "http://127.0.0.1:9999/";
        tries(json!({"url": url, "types": ["person.unheard_of"]})).await.faulty("#/types/0", "unknown");
        tries(json!({"url": url, "types": ["person.renamed", "session.started"]})).await.faulty("#/types/1", "unknown");
        tries(json!({"url": url, "types": ["invoice.issued"]})).await.faulty("#/types/0", "scope");
        tries(json!({"url": url, "types": ["person.renamed", "person.renamed"]})).await.faulty("#/types/1", "duplicate");
        tries(json!({"url": url, "types": vec!["person.renamed"; 101]})).await.faulty("#/types", "length");
        tries(json!({"url": url, "format": "xml"})).await.faulty("#/format", "unknown");
        tries(json!({"url": url, "secret": "mine"})).await.faulty("#/secret", "unknown");
        for _ in 0..20 {
            tries(json!({"url": url})).await.expect(201);
        }
        tries(json!({"url": url})).await.refused(409, "state-conflict");
    }

    async fn what_happens_is_sent_signed_and_in_order_for_each_person(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let (ada, bea) = (world.register("Ada").await, world.register("Bea").await);
        for number in 0..4 {
            ada.adds(&format!("ada{number}@work.example.org")).await;
            bea.adds(&format!("bea{number}@work.example.org")).await;
        }
        let seen = hooks.hears(world, 8).await;
        for person in [&ada, &bea] {
            assert_eq!(numbers(&seen)[&person.id], [1, 2, 3, 4]);
        }
        let feed = partner.get("/v1/changes?types=person.email_added").await.expect(200);
        for one in &seen {
            let body = one.json();
            let told = feed["items"].as_array().unwrap().iter().find(|item| item["id"] == one.headers["webhook-id"]);
            let told = told.expect("the feed tells it too");
            assert_eq!((&body["type"], &body["timestamp"]), (&told["type"], &told["at"]));
            for name in ["position", "subject", "person_id", "program"] {
                assert_eq!(body["data"][name], told[name], "{name}");
            }
            assert_eq!(body["data"]["email_id"], told["data"]["email_id"]);
            assert!(!one.body.contains("@work"), "no address leaves the house");
            assert_eq!(one.headers["content-type"], "application/json");
            assert_eq!(one.headers["webhook-timestamp"], world.seconds().to_string());
            assert_eq!(signatures(one).len(), 2);
            assert_eq!(signatures(one)[0], v1(one, &made.text("secret")));
            assert!(v1a_holds(one, &made.text("public_key")));
            let other = Seen { body: format!("{} ", one.body), ..one.clone() };
            assert!(!v1a_holds(&other, &made.text("public_key")), "it signs the body");
        }
        world.until("it is settled", || {
            let open = "SELECT event_type AS line FROM webhook_deliveries WHERE delivered_at IS NULL";
            world.db().lines(open).is_empty()
        }).await;
        let delivered = partner.deliveries(&made.id(), "delivered").await;
        assert_eq!(delivered.len(), 8);
        let one = &delivered[0];
        let path = format!("{ENDPOINTS}/{}/deliveries/{}", made.id(), one["id"].as_str().unwrap());
        let log = partner.get(&path).await.expect(200);
        assert_eq!((&log["attempts"], &log["log"][0]["status"]), (&json!(1), &json!(204)));
        let sent = seen.iter().find(|seen| one["event_id"] == seen.headers["webhook-id"]).unwrap();
        assert_eq!(log["log"][0]["request_body"], sent.body);
        assert!(log["log"][0]["request_headers"].as_array().unwrap().iter().any(|header| header["name"] == "webhook-signature"));
    }

    async fn a_cloud_event_says_the_same_in_its_own_form(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let body = json!({"url": hooks.url, "types": ["person.registered"], "format": "cloudevents"});
        partner.post_bare(ENDPOINTS, body).await.expect(201);
        let ada = world.register("Ada").await;
        let seen = hooks.hears(world, 1).await;
        let event = seen[0].json();
        assert_eq!(seen[0].headers["content-type"], "application/cloudevents+json");
        assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("org.ala-apa.lssc.person.registered.v1")));
        assert_eq!((&event["id"], &event["subject"]), (&json!(seen[0].headers["webhook-id"]), &json!(ada.id)));
        assert_eq!((&event["source"], &event["datacontenttype"]), (&json!("https://lssc.example.org"), &json!("application/json")));
        assert_eq!(event["data"]["sequence"], 1);
    }

    async fn a_new_secret_signs_beside_the_old_one_for_a_day(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &[]).await;
        let path = format!("{ENDPOINTS}/{}", made.id());
        let rotated = partner.post_empty(&format!("{path}/secret/rotate")).await.expect(200);
        assert_ne!(rotated["secret"], made["secret"]);
        assert_eq!(rotated["public_key"], made["public_key"]);
        partner.post_empty(&format!("{path}/ping")).await.expect(200);
        let both = hooks.seen()[0].clone();
        assert_eq!(signatures(&both)[..2], [v1(&both, &made.text("secret")), v1(&both, &rotated.text("secret"))]);
        assert_eq!((signatures(&both).len(), &both.json()["type"]), (3, &json!("webhook.ping")));
        world.advance(TimeDelta::hours(24));
        hooks.forget();
        partner.post_empty(&format!("{path}/ping")).await.expect(200);
        let one = hooks.seen()[0].clone();
        assert_eq!((signatures(&one).len(), signatures(&one)[0]), (2, v1(&one, &rotated.text("secret")).as_str()));
        for _ in 0..4 {
            partner.post_empty(&format!("{path}/secret/rotate")).await.expect(200);
        }
        partner.post_empty(&format!("{path}/secret/rotate")).await.refused(409, "state-conflict");
    }

    async fn what_is_not_taken_holds_back_its_person_and_nobody_else(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let (ada, bea) = (world.register("Ada").await, world.register("Bea").await);
        hooks.behave(Manner::Refuses(ada.id.clone()));
        for number in 0..3 {
            ada.adds(&format!("ada{number}@work.example.org")).await;
        }
        for number in 0..3 {
            bea.adds(&format!("bea{number}@work.example.org")).await;
        }
        let of = |person: &Actor| numbers(&hooks.seen()).remove(&person.id).unwrap_or_default();
        world.until("Bea's are all taken", || of(&bea) == [1, 2, 3]).await;
        assert_eq!(of(&ada), [1], "the later ones wait for the first");
        let failed = "SELECT event_type AS line FROM webhook_deliveries WHERE attempts = 1 AND next_at IS NOT NULL";
        world.until("the first one failed", || world.db().lines(failed).len() == 1).await;
        ada.adds("ada3@work.example.org").await;
        let made_of_all = "SELECT event_type AS line FROM webhook_deliveries WHERE sequence = 4";
        world.until("the last one is made", || world.db().lines(made_of_all).len() == 1).await;
        let waiting = partner.deliveries(&made.id(), "waiting").await;
        assert_eq!(waiting.len(), 4);
        // What waits for another is due with it: nobody looks at it before.
        assert!(waiting.iter().all(|one| one["next_at"] == waiting[0]["next_at"]), "{waiting:?}");
        assert_ne!(waiting[0]["next_at"], waiting[0]["made_at"]);
        hooks.behave(Manner::Says(200, ""));
        world.advance(TimeDelta::seconds(4));
        world.register("Cid").await;
        world.positioned().await;
        assert_eq!(of(&ada), [1], "not before its time");
        world.advance(TimeDelta::seconds(2));
        world.until("Ada's are all taken", || of(&ada) == [1, 1, 2, 3, 4]).await;
        let seen = hooks.seen();
        let first: Vec<_> = seen.iter().filter(|one| one.json()["data"]["person_id"] == ada.id && one.json()["data"]["sequence"] == 1).collect();
        assert_eq!(first[0].headers["webhook-id"], first[1].headers["webhook-id"], "the id stays");
        assert_ne!(first[0].headers["webhook-timestamp"], first[1].headers["webhook-timestamp"], "the time is the attempt's");
    }

    async fn what_a_machine_may_not_see_any_more_is_given_up_unsent(world) {
        let (office, admin) = (world.staff().await, world.admin().await);
        let partner = world.partner(&admin, SCOPES).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        hooks.behave(Manner::Says(500, ""));
        world.register("Ada").await.adds("ada1@work.example.org").await;
        let tried = "SELECT CAST(number AS text) AS line FROM webhook_attempts";
        world.until("it failed", || world.db().lines(tried).len() == 1).await;
        let path = format!("/v1/clients/{}", partner.id);
        let etag = admin.get(&path).await.expect(200).etag();
        let less = json!({"scopes": ["changes:read", "webhooks:write"]});
        admin.patch(&path, &etag, less).await.expect(200);
        world.advance(TimeDelta::seconds(6));
        let given_up = "SELECT event_type AS line FROM webhook_deliveries WHERE given_up_at IS NOT NULL";
        world.until("it is given up", || world.db().lines(given_up).len() == 1).await;
        assert_eq!(hooks.seen().len(), 1, "it was sent while it could be seen, and not again");
        assert_eq!(office.deliveries(&made.id(), "given_up").await[0]["attempts"], 1);
    }

    async fn nothing_is_lost_while_an_endpoint_is_stopped(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let ada = world.register("Ada").await;
        partner.changes_endpoint(&made.id(), json!({"paused": true})).await.expect(200);
        ada.adds("ada1@work.example.org").await;
        ada.adds("ada2@work.example.org").await;
        world.positioned().await;
        let ping = partner.post_empty(&format!("{ENDPOINTS}/{}/ping", made.id())).await.expect(200);
        assert_eq!((&ping["state"], hooks.seen().len()), (&json!("delivered"), 1), "a ping goes, nothing else");
        partner.changes_endpoint(&made.id(), json!({"paused": false})).await.expect(200);
        let seen = hooks.hears(world, 3).await;
        assert_eq!(numbers(&seen)[&ada.id], [1, 2]);
    }

    async fn what_was_sent_is_sent_again_under_the_same_id(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let ada = world.register("Ada").await;
        for number in 0..3 {
            ada.adds(&format!("ada{number}@work.example.org")).await;
        }
        let first = hooks.hears(world, 3).await;
        world.until("it is settled", || {
            let open = "SELECT event_type AS line FROM webhook_deliveries WHERE delivered_at IS NULL";
            world.db().lines(open).is_empty()
        }).await;
        let path = format!("{ENDPOINTS}/{}", made.id());
        let delivered = partner.deliveries(&made.id(), "delivered").await;
        let second = format!("{path}/deliveries/{}", delivered[1]["id"].as_str().unwrap());
        let again = partner.post_empty(&format!("{second}/replay")).await.expect(201);
        assert_eq!((&again["cause"], &again["sequence"], &again["event_id"]), (&json!("replay"), &json!(2), &delivered[1]["event_id"]));
        let seen = hooks.hears(world, 4).await;
        assert_eq!((&seen[3].headers["webhook-id"], &seen[3].body), (&first[1].headers["webhook-id"], &first[1].body));

        let until = partner.get(&path).await.expect(200)["position"].as_i64().unwrap();
        let replay = format!("{path}/replay");
        let range = |after: i64, until: i64| json!({"after_position": after, "until_position": until});
        partner.post(&replay, range(0, until + 1000)).await.faulty("#/until_position", "out_of_range");
        partner.post(&replay, range(5, 5)).await.faulty("#/until_position", "out_of_range");
        partner.post(&replay, range(-1, 5)).await.faulty("#/after_position", "out_of_range");
        partner.post(&replay, range(0, 20_000)).await.faulty("#/until_position", "out_of_range");
        hooks.forget();
        let told = partner.post(&replay, range(0, until)).await.expect(202);
        assert_eq!(told["deliveries"], 3);
        let seen = hooks.hears(world, 3).await;
        let ids = |seen: &[Seen]| -> Vec<String> { seen.iter().map(|one| one.headers["webhook-id"].clone()).collect() };
        assert_eq!(ids(&seen), ids(&first), "in the order of the log");
        let ping = partner.post_empty(&format!("{path}/ping")).await.expect(200).id();
        let ping = format!("{path}/deliveries/{ping}/replay");
        partner.post_empty(&ping).await.refused(409, "state-conflict");

        let etag = partner.get(&path).await.expect(200).etag();
        partner.delete(&path, "\"v99\"").await.refused(412, "stale");
        let kept = world.db().lines("SELECT event_type AS line FROM webhook_deliveries");
        assert_eq!(kept.len(), 8, "nothing went before");
        partner.delete(&path, &etag).await.expect(204);
        for table in ["webhook_endpoints", "webhook_deliveries", "webhook_sequences", "webhook_attempts"] {
            let left = world.db().lines(&format!("SELECT 'one' AS line FROM {table}"));
            assert!(left.is_empty(), "{table}");
        }
    }

    async fn an_endpoint_that_fails_for_days_is_stopped_and_one_that_is_gone_at_once(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let path = format!("{ENDPOINTS}/{}", made.id());
        let ada = world.register("Ada").await;
        hooks.behave(Manner::Says(500, ""));
        ada.adds("ada1@work.example.org").await;
        hooks.hears(world, 1).await;
        let failures = || world.db().lines("SELECT CAST(number AS text) AS line FROM webhook_attempts").len();
        world.until("it failed", || failures() == 1).await;
        assert!(partner.get(&path).await.expect(200)["failing_since"].is_string());
        world.advance(TimeDelta::days(5));
        world.until("it failed again", || failures() == 2).await;
        let stopped = partner.get(&path).await.expect(200);
        assert_eq!((&stopped["state"], &stopped["disabled_because"]), (&json!("disabled"), &json!("failing")));
        assert_eq!(world.count("webhook_endpoint.disabled"), 1);
        world.until("the admins are told", || {
            world.mails().iter().any(|mail| mail.contains("adam.admin@example.org") && mail.contains("webhook"))
        }).await;
        hooks.behave(Manner::Says(410, ""));
        partner.changes_endpoint(&made.id(), json!({"paused": false})).await.expect(200);
        world.advance(TimeDelta::hours(24));
        world.until("it is stopped", || world.count("webhook_endpoint.disabled") == 2).await;
        assert_eq!(partner.get(&path).await.expect(200)["disabled_because"], "gone");
        let given_up = partner.deliveries(&made.id(), "given_up").await;
        assert_eq!(given_up.len(), 1);
    }

    async fn two_servers_send_everything_in_order_for_each_person(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        partner.is_sent(&hooks, &["person.email_added"]).await;
        let replica = world.replica().await;
        let there = format!("http://{}", replica.addr);
        let mut people = Vec::new();
        for name in ["Ada", "Bea", "Cid", "Dan"] {
            people.push(world.register(name).await);
        }
        for number in 0..6 {
            for (place, person) in people.iter().enumerate() {
                let at = if (number + place) % 2 == 0 { person.clone() } else { person.at(&there) };
                at.adds(&format!("{}{number}@work.example.org", person.id)).await;
            }
        }
        let seen = hooks.hears(world, 24).await;
        for person in &people {
            let mut found = numbers(&seen)[&person.id].clone();
            // At least once: what came twice came twice in its place.
            found.dedup();
            assert_eq!(found, [1, 2, 3, 4, 5, 6]);
        }
        replica.stop().await;
    }
}
