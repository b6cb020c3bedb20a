//! Signing in, staying signed in, signing out.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::{Actor, send},
    database::{Db, each_database},
    world::{PASSWORD, World, each_world},
};

const WRONG: &str = "not the password at all";

/// A world whose tokens live as long as they do in production.
async fn ordinary(db: Db) -> World {
    World::configured(db, |config| {
        let usual = api::config::Config::default();
        config.access_token_s = usual.access_token_s;
        config.session_s = usual.session_s;
        config.lockout_after = 3;
    })
    .await
}

async fn refreshes(person: &Actor, token: &str) -> crate::support::actor::Answer {
    person.post_bare("/v1/sessions/refresh", json!({"refresh_token": token})).await
}

async fn is_signed_in(person: &Actor) -> bool {
    let answer = person.get("/v1/me").await;
    if answer.status == 401 {
        answer.refused(401, "invalid-token");
        return false;
    }
    answer.expect(200);
    true
}

async fn signs_out(person: &Actor) {
    send(person.request(Method::DELETE, "/v1/sessions/current")).await.expect(204);
}

each_world! {
    async fn an_address_signs_in_however_it_is_written(world) {
        let ada = world.register("Ada").await;
        for email in ["ada@example.org", "ADA@Example.ORG", "Ada@EXAMPLE.org"] {
            let again = world.anyone().signs_in(email, PASSWORD).await;
            assert_eq!(again.id, ada.id);
            assert_eq!(again.get("/v1/me").await.expect(200).id(), ada.id);
        }
        assert_eq!(world.count("session.started"), 4);
    }

    async fn wrong_and_unknown_are_told_the_same(world) {
        world.register("Ada").await;
        let before = world.events();
        let wrong = world.anyone().tries_to_sign_in("ada@example.org", WRONG).await;
        let unknown = world.anyone().tries_to_sign_in("eve@example.org", WRONG).await;
        let told = |answer: crate::support::actor::Answer| {
            let mut answer = answer.refused(401, "invalid-credentials");
            answer.json["instance"] = json!(null);
            answer.json
        };
        assert_eq!(told(wrong), told(unknown));
        assert_eq!(world.events(), before);
    }

    async fn nothing_is_stored_that_signs_in(world) {
        let ada = world.register("Ada").await;
        let stored = world.db().lines("SELECT data AS line FROM events WHERE type <> 'x'");
        let whole = stored.join("\n");
        assert!(!whole.contains(PASSWORD) && !whole.contains(&ada.refresh));
        let phc = world.db().lines("SELECT password_hash AS line FROM credentials");
        assert!(phc.iter().all(|phc| phc.starts_with("$argon2id$")));
    }

    async fn signing_out_ends_this_session_at_once(world) {
        let ada = world.register("Ada").await;
        let elsewhere = world.anyone().signs_in("ada@example.org", PASSWORD).await;
        signs_out(&ada).await;
        assert!(!is_signed_in(&ada).await);
        refreshes(&ada, &ada.refresh).await.refused(401, "invalid-token");
        refreshes(&world.anyone(), &ada.refresh).await.refused(401, "invalid-refresh-token");
        assert!(is_signed_in(&elsewhere).await);
        assert_eq!(world.count("session.ended"), 1);
        send(world.anyone().request(Method::DELETE, "/v1/sessions/current")).await.refused(401, "unauthenticated");
    }
}

each_database! {
    async fn a_refresh_token_works_once_and_its_reuse_ends_the_family(db) {
        let world = ordinary(db).await;
        let ada = world.register("Ada").await;
        let anyone = world.anyone();
        let second = refreshes(&anyone, &ada.refresh).await.expect(200);
        assert_eq!(second.header("cache-control"), "no-store");
        let newer = anyone.with_token(&second.text("access_token"), &ada.id);
        assert!(is_signed_in(&newer).await && is_signed_in(&ada).await);
        let third = refreshes(&anyone, &second.text("refresh_token")).await.expect(200);

        // The thief comes with the first one.
        refreshes(&anyone, &ada.refresh).await.refused(401, "invalid-refresh-token");
        refreshes(&anyone, &third.text("refresh_token")).await.refused(401, "invalid-refresh-token");
        assert!(!is_signed_in(&newer).await && !is_signed_in(&ada).await);
        assert_eq!(world.count("session.ended"), 1);
        refreshes(&anyone, "lssc_rt_nonsense").await.refused(401, "invalid-refresh-token");
        anyone.signs_in("ada@example.org", PASSWORD).await;
        world.stop().await;
    }

    async fn tokens_end_by_the_clock(db) {
        let world = ordinary(db).await;
        let ada = world.register("Ada").await;
        world.advance(TimeDelta::seconds(899));
        assert!(is_signed_in(&ada).await);
        world.advance(TimeDelta::seconds(1));
        assert!(!is_signed_in(&ada).await);
        let next = refreshes(&world.anyone(), &ada.refresh).await.expect(200);
        world.advance(TimeDelta::days(14) + TimeDelta::seconds(1));
        refreshes(&world.anyone(), &next.text("refresh_token")).await.refused(401, "invalid-refresh-token");
        world.stop().await;
    }

    async fn failures_lock_an_address_for_a_time_that_grows(db) {
        let world = ordinary(db).await;
        world.register("Ada").await;
        let anyone = world.anyone();
        for email in ["ada@example.org", "nobody@example.org"] {
            for _ in 0..3 {
                anyone.tries_to_sign_in(email, WRONG).await.refused(401, "invalid-credentials");
            }
            let locked = anyone.tries_to_sign_in(email, PASSWORD).await.refused(429, "too-many-attempts");
            assert_eq!(locked.header("retry-after"), "31");
        }
        // Another address of the same program is free.
        let bob = world.register("Bob").await;
        assert!(is_signed_in(&bob).await);
        world.advance(TimeDelta::seconds(31));
        anyone.tries_to_sign_in("ada@example.org", WRONG).await.refused(401, "invalid-credentials");
        let longer = anyone.tries_to_sign_in("ADA@example.org", PASSWORD).await.refused(429, "too-many-attempts");
        assert_eq!(longer.header("retry-after"), "61");
        world.advance(TimeDelta::seconds(61));
        anyone.signs_in("ada@example.org", PASSWORD).await;
        anyone.tries_to_sign_in("ada@example.org", WRONG).await.refused(401, "invalid-credentials");
        anyone.signs_in("ada@example.org", PASSWORD).await;
        world.stop().await;
    }
}
