//! Passwords: change and reset.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
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

/// The token of the latest mail.
async fn mailed_token(world: &World, mails: usize) -> String {
    world.until("the mail was sent", || world.mails().len() >= mails).await;
    let sent = world.mails();
    assert_eq!(sent.len(), mails);
    let mail = sent.last().unwrap();
    assert!(mail.contains("To: ada@example.org"), "{mail}");
    let line = mail.lines().find_map(|line| line.strip_prefix("Token: "));
    line.unwrap_or_else(|| panic!("no token in {mail}")).trim().to_owned()
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
        assert!(world.mails().is_empty());
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
        assert_eq!(world.mails().len(), 1, "nobody wrote to Eve");
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
