//! Webhooks to those who do not answer as they should, and servers that end in the middle.

use api::flows::webhook::KEPT;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    database::{Db, block_on},
    hooks::{ENDPOINTS, Hooks, Manner},
    world::{World, each_hasty},
};

const SCOPES: &[&str] = &["changes:read", "people:read", "webhooks:write"];

async fn partner(world: &World) -> Actor {
    let admin = world.admin().await;
    world.partner(&admin, SCOPES).await
}

each_hasty! {
    async fn every_fault_is_a_failure_that_is_logged_and_none_holds_the_server_up(world) {
        let partner = partner(world).await;
        let (hooks, elsewhere) = (Hooks::listen().await, Hooks::listen().await);
        let made = partner.is_sent(&hooks, &["person.renamed"]).await;
        let ping = format!("{ENDPOINTS}/{}/ping", made.id());
        let away: &'static str = format!("location: {}\r\n", elsewhere.url).leak();
        for (manner, state, status, failure) in [
            (Manner::Says(200, ""), "delivered", json!(200), Value::Null),
            (Manner::Says(500, ""), "given_up", json!(500), Value::Null),
            (Manner::Says(302, away), "given_up", json!(302), Value::Null),
            (Manner::Says(307, away), "given_up", json!(307), Value::Null),
            (Manner::Hangs, "given_up", Value::Null, json!("no whole answer within 500 ms")),
            (Manner::Trickles, "given_up", Value::Null, json!("no whole answer within 500 ms")),
            (Manner::Garbage, "given_up", Value::Null, json!("no answer that is HTTP")),
            (Manner::Shouts, "given_up", Value::Null, json!("no answer that is HTTP")),
            (Manner::Endless, "delivered", json!(200), Value::Null),
        ] {
            hooks.behave(manner.clone());
            let answer = partner.post_empty(&ping).await.expect(200);
            let told = (&answer["state"], &answer["log"][0]["status"], &answer["log"][0]["failure"]);
            assert_eq!(told, (&json!(state), &status, &failure), "{manner:?}");
            let body = answer["log"][0]["response_body"].as_str().unwrap_or_default();
            assert!(body.len() <= 4096, "no more of a body is kept");
            if matches!(manner, Manner::Endless) {
                assert_eq!(body.len(), 4096);
            }
        }
        assert!(elsewhere.seen().is_empty(), "nobody is led elsewhere");
        let read = partner.get(&format!("{ENDPOINTS}/{}", made.id())).await.expect(200);
        assert_eq!((&read["state"], &read["failing_since"]), (&json!("active"), &Value::Null), "pings only try");
    }

    async fn one_who_hangs_holds_up_no_other_endpoint(world) {
        let partner = partner(world).await;
        let (hangs, well) = (Hooks::listen().await, Hooks::listen().await);
        hangs.behave(Manner::Hangs);
        partner.is_sent(&hangs, &["person.email_added"]).await;
        partner.is_sent(&well, &["person.email_added"]).await;
        let ada = world.register("Ada").await;
        for number in 0..3 {
            ada.adds(&format!("ada{number}@work.example.org")).await;
        }
        well.hears(world, 3).await;
        assert_eq!(hangs.seen().len(), 1, "it is still at the first");
    }

    async fn what_asks_to_wait_is_waited_for(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        hooks.behave(Manner::Says(503, "retry-after: 120\r\n"));
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        world.register("Ada").await.adds("ada1@work.example.org").await;
        let failed = || !world.db().lines("SELECT CAST(number AS text) AS line FROM webhook_attempts").is_empty();
        world.until("it failed", failed).await;
        let waiting = partner.deliveries(&made.id(), "waiting").await;
        let instant = |field: &str| waiting[0][field].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let wait = (instant("next_at") - instant("made_at")).num_seconds();
        assert!((120..=121).contains(&wait), "{wait}");
    }

    async fn what_was_settled_is_kept_for_thirty_days_and_what_waits_until_it_is_settled(world) {
        let partner = partner(world).await;
        let hooks = Hooks::listen().await;
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let (ada, bea) = (world.register("Ada").await, world.register("Bea").await);
        let rows = |sql: &str| world.db().lines(sql).len();
        let attempts = "SELECT CAST(number AS text) AS line FROM webhook_attempts";
        ada.adds("ada1@work.example.org").await;
        world.until("the first is taken", || rows(attempts) == 1).await;
        hooks.behave(Manner::Says(410, ""));
        ada.adds("ada2@work.example.org").await;
        let given_up = "SELECT event_type AS line FROM webhook_deliveries WHERE given_up_at IS NOT NULL";
        world.until("the second is given up", || rows(given_up) == 1).await;
        hooks.behave(Manner::Says(500, ""));
        bea.adds("bea1@work.example.org").await;
        partner.changes_endpoint(&made.id(), json!({"paused": false})).await.expect(200);
        world.until("the third waits", || rows(attempts) == 3).await;
        partner.changes_endpoint(&made.id(), json!({"paused": true})).await.expect(200);
        let purges = async || {
            let app = world.app();
            let before = app.machine() - KEPT;
            let purged: Result<usize, persistence::Error> = app
                .store
                .write(app.stamp_of("test", "purge"), move |tx| tx.webhook_deliveries().purge(before, 100))
                .await;
            purged.expect("it is purged")
        };
        world.advance(TimeDelta::days(30));
        assert_eq!(purges().await, 0, "not a moment before");
        world.advance(TimeDelta::seconds(1));
        assert_eq!(purges().await, 2);
        assert_eq!(rows(attempts), 1, "with their attempts");
        assert_eq!(partner.deliveries(&made.id(), "waiting").await.len(), 1);
        // What is sent again then has the same id, and no number any more.
        let position = partner.get("/v1/changes?types=person.email_added").await.expect(200)["items"][0]["position"].clone();
        let range = json!({"after_position": position.as_i64().unwrap() - 1, "until_position": position});
        let path = format!("{ENDPOINTS}/{}/replay", made.id());
        assert_eq!(partner.post(&path, range).await.expect(202)["deliveries"], 1);
        let waiting = partner.deliveries(&made.id(), "waiting").await;
        assert_eq!((&waiting[1]["cause"], &waiting[1]["sequence"]), (&json!("replay"), &Value::Null));
    }
}

/// A server that dies between the commit and the answer leaves a claim that ends: the next one sends it again.
fn ends_in_the_middle(db: Db) {
    block_on(async {
        let mut world = World::on(db).await;
        let partner = partner(&world).await;
        let hooks = Hooks::listen().await;
        hooks.behave(Manner::Hangs);
        let made = partner.is_sent(&hooks, &["person.email_added"]).await;
        let ada = world.register("Ada").await;
        ada.adds("ada1@work.example.org").await;
        ada.adds("ada2@work.example.org").await;
        let before = hooks.hears(&world, 1).await;
        world.restart().await;
        hooks.behave(Manner::Says(204, ""));
        let seen = hooks.hears(&world, 3).await;
        let told: Vec<_> = seen.iter().map(|one| one.json()["data"]["sequence"].clone()).collect();
        assert_eq!(told, [1, 1, 2], "the first one again, then the second");
        assert_eq!(seen[1].headers["webhook-id"], before[0].headers["webhook-id"]);
        let partner = partner.at(&world.base());
        assert!(partner.deliveries(&made.id(), "given_up").await.is_empty());
        let settled = || {
            let open =
                "SELECT event_type AS line FROM webhook_deliveries WHERE delivered_at IS NULL";
            world.db().lines(open).is_empty()
        };
        world.until("both are taken", settled).await;
        world.stop().await;
    });
}

#[test]
fn what_a_dying_server_was_sending_is_sent_again_on_sqlite() {
    ends_in_the_middle(Db::sqlite());
}

#[test]
fn what_a_dying_server_was_sending_is_sent_again_on_postgres() {
    if let Some(db) = Db::postgres() {
        ends_in_the_middle(db);
    }
}

/// A real server sends to nobody inside, and takes no address that is not https.
#[test]
fn a_real_server_takes_no_address_of_its_own_network() {
    block_on(async {
        let world = World::on(Db::sqlite()).await;
        let admin = world.admin().await;
        let (id, secret) = world.client(&admin, SCOPES).await;
        let real = world.starts(api::serve::Deps::default()).await.expect("a real server starts");
        let there = world.anyone().at(&format!("http://{}", real.addr));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id.as_str()),
            ("client_secret", secret.as_str()),
        ];
        let token = there.form("/oauth/token", &form).await.expect(200).text("access_token");
        let partner = there.with_token(&token, &id);
        for (url, code) in [
            ("http://127.0.0.1:9999/", "format"),
            ("https://127.0.0.1:9999/", "format"),
            ("https://8.8.8.8/", "format"),
            ("https://localhost:9999/", "out_of_range"),
            ("https://[::1]/", "format"),
            ("https://127.1/", "format"),
            ("https://2130706433/", "format"),
            ("http://hooks.example.com/", "format"),
        ] {
            partner.post_bare(ENDPOINTS, json!({"url": url})).await.faulty("#/url", code);
        }
        // What was taken elsewhere is looked at again before anything is sent.
        let token = world.anyone().form("/oauth/token", &form).await.expect(200);
        let in_sandbox = world.anyone().with_token(&token.text("access_token"), &id);
        let hooks = Hooks::listen().await;
        let made = in_sandbox.is_sent(&hooks, &["person.email_added"]).await.id();
        let ping = partner.post_empty(&format!("{ENDPOINTS}/{made}/ping")).await.expect(200);
        assert_eq!((&ping["state"], &ping["log"][0]["status"]), (&json!("given_up"), &Value::Null));
        assert_eq!(ping["log"][0]["failure"], "The address begins with https://.");
        assert!(hooks.seen().is_empty(), "nothing was sent");
        real.stop().await;
        world.stop().await;
    });
}
