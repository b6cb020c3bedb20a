//! Passwords: change and reset.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    mails::{CONFIRM, RESET, confirms as confirms_address, mails_to, token_of},
    world::{PASSWORD, World, each_world},
};

const NEW: &str = "seven shelves of one book";

async fn changes(person: &Actor, current: &str, new: &str) -> Answer {
    person
        .post_bare("/v1/me/password", json!({"current_password": current, "new_password": new}))
        .await
}

async fn asks_for_reset(world: &World, email: &str) -> Answer {
    world.anyone().post_bare("/v1/password-resets", json!({"email": email})).await.expect(202)
}

async fn confirms(world: &World, token: &str, new: &str) -> Answer {
    let body = json!({"token": token, "new_password": new});
    world.anyone().post_bare("/v1/password-resets/confirm", body).await
}

async fn mailed_token(world: &World, mails: usize) -> String {
    token_of(world, "ada@example.org", RESET, mails).await
}

each_world! {
    async fn changing_it_ends_the_other_sessions(world) {
        let ada = world.register("Ada").await;
        let elsewhere = world.anyone().signs_in("ada@example.org", PASSWORD).await;
        changes(&ada, "not the password at all", NEW).await.faulty("#/current_password", "wrong");
        changes(&ada, PASSWORD, "too short").await.faulty("#/new_password", "length");
        changes(&ada, PASSWORD, "ada@example.org").await.faulty("#/new_password", "guessable");
        world.anyone().post_bare("/v1/me/password", json!({})).await.refused(401, "unauthenticated");
        assert_eq!(world.count("password.changed"), 0);
        elsewhere.get("/v1/me").await.expect(200);

        changes(&ada, PASSWORD, NEW).await.expect(204);
        ada.get("/v1/me").await.expect(200);
        elsewhere.get("/v1/me").await.refused(401, "invalid-token");
        world.anyone().tries_to_sign_in("ada@example.org", PASSWORD).await.refused(401, "invalid-credentials");
        world.anyone().signs_in("ada@example.org", NEW).await;
        assert!(mails_to(world, "ada@example.org", RESET).is_empty());
    }

    async fn a_reset_comes_by_mail_and_works_once(world) {
        let ada = world.register("Ada").await;
        let known = asks_for_reset(world, "Ada@Example.org").await;
        let unknown = asks_for_reset(world, "eve@example.org").await;
        assert_eq!(known.bytes, unknown.bytes);
        let token = mailed_token(world, 1).await;

        confirms(world, "nonsense", NEW).await.faulty("#/token", "void");
        confirms(world, &token, "short").await.faulty("#/new_password", "length");
        ada.get("/v1/me").await.expect(200);

        confirms(world, &token, NEW).await.expect(204);
        ada.get("/v1/me").await.refused(401, "invalid-token");
        confirms(world, &token, PASSWORD).await.faulty("#/token", "void");
        world.anyone().tries_to_sign_in("ada@example.org", PASSWORD).await.refused(401, "invalid-credentials");
        world.anyone().signs_in("ada@example.org", NEW).await;
        world.positioned().await;
        let resets = world.mails().iter().filter(|mail| mail.contains(RESET)).count();
        assert_eq!(resets, 1, "nobody wrote to Eve");
    }

    async fn an_address_that_nobody_confirmed_gets_no_reset(world) {
        let ada = world.register("Ada").await;
        let path = format!("/v1/people/{}/emails", ada.id);
        ada.post(&path, json!({"email": "ada@work.example.org"})).await.expect(200);
        token_of(world, "ada@work.example.org", CONFIRM, 1).await;
        asks_for_reset(world, "ada@work.example.org").await;
        assert_eq!(world.count("password_reset.requested"), 0);
        confirms_address(world, "ada@work.example.org").await;
        asks_for_reset(world, "ada@work.example.org").await;
        let token = token_of(world, "ada@work.example.org", RESET, 1).await;

        // An address that goes takes its reset with it.
        let me = ada.get("/v1/me").await.expect(200);
        let email = me["emails"][1]["id"].as_str().unwrap().to_owned();
        ada.delete(&format!("{path}/{email}"), &me.etag()).await.expect(200);
        confirms(world, &token, NEW).await.faulty("#/token", "void");
        assert_eq!(world.count("password_reset.used"), 0);
    }

    async fn a_reset_ends_after_an_hour_and_with_a_newer_password(world) {
        let ada = world.register("Ada").await;
        asks_for_reset(world, "ada@example.org").await;
        let late = mailed_token(world, 1).await;
        world.advance(TimeDelta::hours(1));
        confirms(world, &late, NEW).await.faulty("#/token", "void");
        asks_for_reset(world, "ada@example.org").await;
        let token = mailed_token(world, 2).await;
        changes(&ada, PASSWORD, NEW).await.expect(204);
        confirms(world, &token, PASSWORD).await.faulty("#/token", "void");
    }
}
