//! The secrets and keys of machines: two secrets while one replaces the other, signed assertions, revocation.

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    machines::{ALGORITHMS, assertion, asserts, claims, public_key},
    race::{contend, one_winner},
    world::{ISSUER, World, each_race, each_world},
};

const READ: &[&str] = &["people:read"];

async fn token(world: &World, id: &str, secret: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    world.anyone().form("/oauth/token", &form).await
}

fn bearer(world: &World, answer: &Answer) -> Actor {
    world.anyone().with_token(&answer.text("access_token"), "")
}

fn credentials(client: &str) -> String {
    format!("/v1/clients/{client}/credentials")
}

fn is_invalid_client(answer: &Answer) {
    assert_eq!(
        (answer.status, &answer["error"]),
        (401, &json!("invalid_client")),
        "{}",
        answer.body()
    );
}

/// A machine that signs with an algorithm; its id and its key's.
async fn signs(world: &World, admin: &Actor, algorithm: Algorithm) -> (String, String) {
    let client = world.client(admin, READ).await.0;
    let body = json!({"kind": "key", "label": "signs", "jwk": public_key(algorithm)});
    let key = admin.post_bare(&credentials(&client), body).await.expect(201);
    assert_eq!(key["client_secret"], Value::Null);
    assert_eq!(key["alg"], format!("{algorithm:?}"));
    (client, key.id())
}

each_world! {
    async fn two_secrets_live_while_one_replaces_the_other(world) {
        let admin = world.admin().await;
        let (id, first) = world.client(&admin, READ).await;
        let rotate = format!("/v1/clients/{id}/secret");
        let before = bearer(world, &token(world, &id, &first).await.expect(200));
        let rotated = admin.post_empty(&rotate).await.expect(200);
        let second = rotated.text("client_secret");
        assert!(rotated["old_secrets_end_at"].is_string());
        before.get("/v1/people").await.expect(200);
        token(world, &id, &first).await.expect(200);
        token(world, &id, &second).await.expect(200);
        let third = admin.post_empty(&rotate).await.refused(409, "state-conflict");
        third.unmet(&["client.two_secrets"]);
        let another = json!({"kind": "secret", "label": "third"});
        admin.post_bare(&credentials(&id), another).await.refused(409, "state-conflict");

        world.advance(TimeDelta::seconds(world.app().config.client_secret_grace_s));
        is_invalid_client(&token(world, &id, &first).await);
        before.get("/v1/people").await.refused(401, "invalid-token");
        token(world, &id, &second).await.expect(200);
        admin.post_empty(&rotate).await.expect(200);
        assert_eq!(
            world.happened_to(&id),
            ["client.created", "client.secret_rotated", "client.secret_rotated"]
        );
    }

    async fn a_revoked_credential_takes_its_tokens_with_it_at_once(world) {
        let admin = world.admin().await;
        let (id, first) = world.client(&admin, READ).await;
        let added = json!({"kind": "secret", "label": "second"});
        let added = admin.post_bare(&credentials(&id), added).await.expect(201);
        assert!(added.text("client_secret").starts_with("lssc_cs_"));
        let one = bearer(world, &token(world, &id, &first).await.expect(200));
        let two = bearer(world, &token(world, &id, &added.text("client_secret")).await.expect(200));
        let replica = world.replica().await;
        let there = one.at(&format!("http://{}", replica.addr));
        there.get("/v1/people").await.expect(200);

        let all = admin.get(&credentials(&id)).await.expect(200);
        assert!(!all.body().contains("lssc_cs_"), "a secret is shown once");
        let first_id = all["items"][0]["id"].as_str().unwrap();
        let revoke = format!("{}/{first_id}/revoke", credentials(&id));
        let revoked = admin.post_empty(&revoke).await.expect(200);
        assert_eq!((&revoked["live"], revoked["revoked_at"].is_string()), (&json!(false), true));
        one.get("/v1/people").await.refused(401, "invalid-token");
        there.get("/v1/people").await.refused(401, "invalid-token");
        is_invalid_client(&token(world, &id, &first).await);
        two.get("/v1/people").await.expect(200);
        admin.post_empty(&revoke).await.expect(200);
        assert_eq!(
            world.happened_to(&id),
            ["client.created", "client.credential_added", "client.credential_revoked"]
        );
        let other = world.client(&admin, READ).await.0;
        let elsewhere = format!("{}/{first_id}", credentials(&other));
        admin.get(&elsewhere).await.refused(404, "not-found");
        admin.post_empty(&format!("{elsewhere}/revoke")).await.refused(404, "not-found");
        replica.stop().await;
    }

    async fn a_secret_ends_by_itself(world) {
        let admin = world.admin().await;
        let (id, _) = world.client(&admin, READ).await;
        let body = |at: &str| json!({"kind": "secret", "label": "short", "expires_at": at});
        let past = admin.post_bare(&credentials(&id), body("2020-01-01T00:00:00Z")).await;
        past.faulty("#/expires_at", "out_of_range");
        let end = chrono::DateTime::from_timestamp(world.seconds() + 3600, 0).unwrap().to_rfc3339();
        let added = admin.post_bare(&credentials(&id), body(&end)).await.expect(201);
        let secret = added.text("client_secret");
        let held = bearer(world, &token(world, &id, &secret).await.expect(200));
        world.advance(TimeDelta::seconds(3599));
        held.get("/v1/people").await.expect(200);
        world.advance(TimeDelta::seconds(1));
        held.get("/v1/people").await.refused(401, "invalid-token");
        is_invalid_client(&token(world, &id, &secret).await);
        let shown = admin.get(&format!("{}/{}", credentials(&id), added.id())).await.expect(200);
        assert_eq!(shown["live"], json!(false));
    }

    async fn a_machine_proves_itself_by_an_assertion_that_it_signed(world) {
        let admin = world.admin().await;
        for algorithm in ALGORITHMS {
            let (id, key) = signs(world, &admin, algorithm).await;
            let answer = asserts(&world.anyone(), &assertion(algorithm, None, &claims(world, &id, "a"))).await.expect(200);
            assert_eq!(answer.header("cache-control"), "no-store");
            let held = bearer(world, &answer);
            held.get("/v1/people").await.expect(200);
            let shown = admin.get(&format!("{}/{key}", credentials(&id))).await.expect(200);
            assert!(shown["last_used_at"].is_string(), "{}", shown.body());
            let mut to_issuer = claims(world, &id, "b");
            to_issuer["aud"] = json!([ISSUER, "https://elsewhere.example.org"]);
            let kid = shown.text("kid");
            asserts(&world.anyone(), &assertion(algorithm, Some(&kid), &to_issuer)).await.expect(200);
            admin.post_empty(&format!("{}/{key}/revoke", credentials(&id))).await.expect(200);
            held.get("/v1/people").await.refused(401, "invalid-token");
            is_invalid_client(&asserts(&world.anyone(), &assertion(algorithm, None, &claims(world, &id, "c"))).await);
        }
        let metadata = world.anyone().get("/.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(metadata["token_endpoint_auth_methods_supported"],
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]));
        assert_eq!(metadata["token_endpoint_auth_signing_alg_values_supported"], json!(["ES256", "RS256", "EdDSA"]));
    }

    async fn an_assertion_that_does_not_hold_is_told_apart_by_nobody(world) {
        let admin = world.admin().await;
        let (id, _) = signs(world, &admin, Algorithm::ES256).await;
        let other = world.client(&admin, READ).await.0;
        let with = |field: &str, value: Value| {
            let mut claims = claims(world, &id, field);
            claims[field] = value;
            assertion(Algorithm::ES256, None, &claims)
        };
        let now = world.seconds();
        let mut nameless = claims(world, &id, "x");
        nameless.as_object_mut().unwrap().remove("jti");
        for wrong in [
            with("sub", json!(other)),
            with("iss", json!(other)),
            with("aud", json!("https://elsewhere.example.org")),
            with("exp", json!(now)),
            with("exp", json!(now + 301)),
            with("nbf", json!(now + 120)),
            with("iat", json!(now + 120)),
            with("jti", json!("")),
            with("jti", json!("x".repeat(256))),
            assertion(Algorithm::ES256, None, &nameless),
            assertion(Algorithm::ES256, Some("another"), &claims(world, &id, "y")),
            assertion(Algorithm::EdDSA, None, &claims(world, &id, "z")),
            "no.assertion.at.all".to_owned(),
        ] {
            is_invalid_client(&asserts(&world.anyone(), &wrong).await);
        }
        let good = assertion(Algorithm::ES256, None, &claims(world, &id, "good"));
        asserts(&world.anyone(), &good).await.expect(200);
        is_invalid_client(&asserts(&world.anyone(), &good).await);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let fresh = assertion(Algorithm::ES256, None, &claims(world, &id, "fresh"));
        let ask = async |fields: &[(&str, &str)]| {
            let mut form = vec![("grant_type", "client_credentials")];
            form.extend(fields);
            let answer = world.anyone().form("/oauth/token", &form).await;
            assert_eq!((answer.status, &answer["error"]), (400, &json!("invalid_request")), "{}", answer.body());
        };
        ask(&[("client_assertion", &fresh)]).await;
        ask(&[("client_assertion_type", kind)]).await;
        ask(&[("client_assertion_type", "saml"), ("client_assertion", &fresh)]).await;
        ask(&[("client_assertion_type", kind), ("client_assertion", &fresh), ("client_id", &id), ("client_secret", "x")]).await;
        let beside = [("grant_type", "client_credentials"), ("client_id", other.as_str()),
            ("client_assertion_type", kind), ("client_assertion", &fresh)];
        is_invalid_client(&world.anyone().form("/oauth/token", &beside).await);
        asserts(&world.anyone(), &fresh).await.expect(200);
    }

    async fn only_public_keys_that_sign_are_taken(world) {
        let admin = world.admin().await;
        let client = world.client(&admin, READ).await.0;
        let add = async |change: &dyn Fn(&mut Value)| {
            let mut body = json!({"kind": "key", "label": "key", "jwk": public_key(Algorithm::ES256)});
            change(&mut body);
            admin.post_bare(&credentials(&client), body).await
        };
        add(&|body| body["jwk"]["d"] = json!("c2VjcmV0")).await.refused(422, "invalid-input");
        add(&|body| body["jwk"]["crv"] = json!("P-384")).await.faulty("#/jwk/crv", "format");
        add(&|body| body["jwk"]["kty"] = json!("oct")).await.faulty("#/jwk/kty", "format");
        add(&|body| body["jwk"]["y"] = json!("short")).await.faulty("#/jwk/y", "format");
        add(&|body| body["jwk"]["alg"] = json!("RS256")).await.faulty("#/jwk/alg", "exclusive");
        add(&|body| body["jwk"]["use"] = json!("enc")).await.faulty("#/jwk/use", "unknown");
        add(&|body| body["jwk"]["kid"] = json!("")).await.faulty("#/jwk/kid", "format");
        add(&|body| body["jwk"] = json!({"kty": "RSA", "e": "AQAB", "n": "c2hvcnQ"})).await.faulty("#/jwk/n", "format");
        add(&|body| body["kind"] = json!("secret")).await.faulty("#/jwk", "exclusive");
        add(&|body| { body.as_object_mut().unwrap().remove("jwk"); }).await.faulty("#/jwk", "required");
        add(&|_| {}).await.expect(201);
        add(&|_| {}).await.refused(409, "conflict");
        for kid in ["2", "3", "4", "5"] {
            add(&|body| body["jwk"]["kid"] = json!(kid)).await.expect(201);
        }
        add(&|body| body["jwk"]["kid"] = json!("6")).await.refused(409, "state-conflict").unmet(&["client.five_keys"]);
    }

    async fn a_use_is_told_without_a_write_for_each(world) {
        let admin = world.admin().await;
        let (id, secret) = world.client(&admin, READ).await;
        let path = format!("/v1/clients/{id}");
        assert_eq!(admin.get(&path).await.expect(200)["last_used_at"], Value::Null);
        token(world, &id, &secret).await.expect(200);
        let first = admin.get(&path).await.expect(200);
        assert!(first["last_used_at"].is_string());
        world.advance(TimeDelta::minutes(4));
        token(world, &id, &secret).await.expect(200);
        let same = admin.get(&path).await.expect(200);
        assert_eq!((&same["last_used_at"], same.etag()), (&first["last_used_at"], first.etag()));
        world.advance(TimeDelta::minutes(1));
        token(world, &id, &secret).await.expect(200);
        let later = admin.get(&path).await.expect(200);
        assert_ne!(later["last_used_at"], first["last_used_at"]);
        // What an admin read before is still what they may change.
        admin.patch(&path, &first.etag(), json!({"name": "Renamed"})).await.expect(200);
    }
}

each_race! {
    async fn of_two_rotations_at_once_one_wins(world) {
        let admin = world.admin().await;
        let (id, _) = world.client(&admin, READ).await;
        let answers = contend(|_| {
            let (admin, path) = (admin.clone(), format!("/v1/clients/{id}/secret"));
            async move { admin.post_empty(&path).await }
        });
        one_winner(answers.await, 200);
        let all = admin.get(&credentials(&id)).await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
    }

    async fn of_one_assertion_twice_at_once_one_is_taken(world) {
        let admin = world.admin().await;
        let (id, _) = signs(world, &admin, Algorithm::EdDSA).await;
        let replica = world.replica().await;
        let doors = [world.base(), format!("http://{}", replica.addr)];
        let signed = assertion(Algorithm::EdDSA, None, &claims(world, &id, "once"));
        let answers = contend(|number| {
            let (anyone, signed) = (world.anyone().at(&doors[number % 2]), signed.clone());
            async move { asserts(&anyone, &signed).await }
        })
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|one| one.status == 200);
        assert_eq!(won.len(), 1);
        lost.into_iter().for_each(is_invalid_client);
        replica.stop().await;
    }
}
