//! Idempotency keys: one effect and one answer a key.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    actor::Actor,
    database::each_database,
    race::contend,
    world::{World, each_world},
};

fn provider(name: &str) -> serde_json::Value {
    json!({"kind": "other", "name": name})
}

async fn providers(anyone: &Actor) -> usize {
    anyone.get("/v1/providers").await.expect(200)["items"].as_array().unwrap().len()
}

each_world! {
    async fn the_same_request_is_done_once_and_answered_the_same(world) {
        let staff = world.staff().await;
        let first = staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        assert!(!first.headers.contains_key("idempotency-replayed"));
        let before = world.events();
        let again = staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.bytes, first.bytes);
        for header in ["etag", "location", "content-type"] {
            assert_eq!(again.header(header), first.header(header));
        }
        // The draft quotes the key, clients do not.
        staff.post_as("\"k1\"", "/v1/providers", provider("A")).await.expect(201);
        assert_eq!((world.events(), providers(&staff).await), (before, 1));
    }

    async fn a_registration_is_done_once_for_a_key_though_nobody_is_signed_in(world) {
        let body = json!({"given_name": "Ada", "family_name": "Example", "email": "ada@example.org",
            "password": crate::support::world::PASSWORD});
        let anyone = world.anyone();
        let first = anyone.post_as("k1", "/v1/people", body.clone()).await.expect(201);
        let again = anyone.post_as("k1", "/v1/people", body.clone()).await.expect(201);
        assert_eq!(again.bytes, first.bytes);
        anyone.post_as("k2", "/v1/people", body).await.refused(409, "conflict");
        assert_eq!(world.count("person.registered"), 1);
    }

    async fn strangers_may_choose_the_same_key(world) {
        let body = |name: &str| json!({"given_name": name, "family_name": "Example",
            "email": format!("{}@example.org", name.to_lowercase()), "password": crate::support::world::PASSWORD});
        let anyone = world.anyone();
        let ada = anyone.post_as("k1", "/v1/people", body("Ada")).await.expect(201);
        let bob = anyone.post_as("k1", "/v1/people", body("Bob")).await.expect(201);
        assert_ne!(ada.id(), bob.id());
        assert!(!bob.headers.contains_key("idempotency-replayed"));
        let again = anyone.post_as("k1", "/v1/people", body("Ada")).await.expect(201);
        assert_eq!(again.bytes, ada.bytes);
        assert_eq!(world.count("person.registered"), 2);
    }

    async fn a_secret_is_not_kept_for_a_key(world) {
        let admin = world.admin().await;
        let body = json!({"name": "Partner", "scopes": ["people:read"]});
        let first = admin.post_as("k1", "/v1/clients", body.clone()).await.expect(201);
        let again = admin.post_as("k1", "/v1/clients", body).await.expect(201);
        assert_ne!(again["client_secret"], first["client_secret"]);
        let kept = world.db().lines("SELECT key AS line FROM idempotency_keys WHERE key = 'k1'");
        assert!(kept.is_empty(), "{kept:?}");
    }

    async fn a_key_stands_for_one_request(world) {
        let staff = world.staff().await;
        staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        staff.post_as("k1", "/v1/providers", provider("B")).await.refused(422, "idempotency-key-reused");
        staff.post_as("k1", "/v1/applications", provider("A")).await.refused(422, "idempotency-key-reused");
        assert_eq!(providers(&staff).await, 1);
        let admin = world.admin().await;
        let other = admin.post_as("k1", "/v1/providers", provider("B")).await.expect(201);
        assert!(!other.headers.contains_key("idempotency-replayed"), "a key is its caller's own");
    }

    async fn a_refusal_is_an_answer_too(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.reviews(&application.id()).await;
        let path = format!("/v1/applications/{}/accept", application.id());
        let refused = staff.post_as("k1", &path, json!({})).await.refused(422, "rule-not-met");
        staff.settles(&application).await;
        let again = staff.post_as("k1", &path, json!({})).await.refused(422, "rule-not-met");
        assert_eq!(again.bytes, refused.bytes);
        assert_eq!(world.count("candidacy.admitted"), 0);
        staff.post_as("k2", &path, json!({})).await.expect(200);
        assert_eq!(world.count("candidacy.admitted"), 1);
    }

    async fn a_decision_needs_a_key(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.reviews(&application.id()).await;
        staff.settles(&application).await;
        let path = format!("/v1/applications/{}/accept", application.id());
        staff.post_bare(&path, json!({})).await.refused(400, "idempotency-key-required");
        world.anyone().post_bare(&path, json!({})).await.refused(401, "unauthenticated");
        for bad in ["", " ", "\"", &"x".repeat(256)] {
            staff.post_as(bad, &path, json!({})).await.refused(400, "invalid-header");
        }
        assert_eq!(world.count("application.accepted"), 0);
        staff.post_as(&"x".repeat(255), &path, json!({})).await.expect(200);
    }

    async fn a_key_is_forgotten_after_its_life(world) {
        let staff = world.staff().await;
        staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        world.advance(TimeDelta::hours(23));
        staff.post_as("k1", "/v1/providers", provider("B")).await.refused(422, "idempotency-key-reused");
        world.advance(TimeDelta::hours(2));
        staff.post_as("k1", "/v1/providers", provider("B")).await.expect(201);
    }

    async fn sixteen_with_the_same_key_have_one_effect(world) {
        let staff = world.staff().await;
        let answers = contend(|_| {
            let staff = staff.clone();
            async move { staff.post_as("k1", "/v1/providers", provider("A")).await }
        })
        .await;
        let done: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!done.is_empty());
        assert!(done.iter().all(|answer| answer.bytes == done[0].bytes));
        let first = done.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed"));
        assert_eq!(first.count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.clone().refused(409, "idempotency-key-in-use");
        }
        assert_eq!((world.count("provider.recorded"), providers(&staff).await), (1, 1));
    }
}

each_database! {
    async fn the_answer_outlives_the_server(db) {
        let mut world = World::on(db).await;
        let staff = world.staff().await;
        let first = staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        world.restart().await;
        let staff = staff.at(&world.base());
        let again = staff.post_as("k1", "/v1/providers", provider("A")).await.expect(201);
        assert_eq!(again.bytes, first.bytes);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(providers(&staff).await, 1);
        world.stop().await;
    }
}
