//! Machines: OAuth client credentials, scopes, revocation, keys.

use api::auth::keys;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::{Actor, Answer, send},
    world::{ISSUER, World, each_world},
};

const READ: &[&str] = &["people:read", "candidates:read"];

async fn token(world: &World, client: &(String, String), scope: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.0),
        ("client_secret", &client.1),
        ("scope", scope),
    ];
    world.anyone().form("/oauth/token", &form).await
}

async fn machine(world: &World, client: &(String, String), scope: &str) -> Actor {
    let answer = token(world, client, scope).await.expect(200);
    world.anyone().with_token(&answer.text("access_token"), &client.0)
}

fn oauth_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.body());
    assert_eq!(answer["error"], error);
    assert_eq!(answer.header("cache-control"), "no-store");
}

each_world! {
    async fn a_machine_gets_a_token_in_either_way(world) {
        let client = world.client(&world.admin().await, READ).await;
        let posted = token(world, &client, "").await.expect(200);
        assert_eq!(posted["scope"], "people:read candidates:read");
        assert_eq!(posted["token_type"], "Bearer");
        let basic = world
            .anyone()
            .request(Method::POST, "/oauth/token")
            .basic_auth(&client.0, Some(&client.1))
            .form(&[("grant_type", "client_credentials"), ("scope", "people:read")]);
        let basic = send(basic).await.expect(200);
        assert_eq!(basic["scope"], "people:read");
        assert_eq!(basic.header("cache-control"), "no-store");
        world.anyone().with_token(&basic.text("access_token"), "").get("/v1/people").await.expect(200);
    }

    async fn what_is_wrong_with_a_token_request_is_told_as_oauth_tells_it(world) {
        let client = world.client(&world.admin().await, READ).await;
        let (id, secret) = (client.0.as_str(), client.1.as_str());
        let ask = async |fields: &[(&str, &str)]| world.anyone().form("/oauth/token", fields).await;
        let wrong = ask(&[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "lssc_cs_x")]).await;
        oauth_error(&wrong, 401, "invalid_client");
        assert!(wrong.header("www-authenticate").starts_with("Basic"));
        let unknown = "client_00000000000000000000000000000000";
        oauth_error(&ask(&[("grant_type", "client_credentials"), ("client_id", unknown), ("client_secret", secret)]).await, 401, "invalid_client");
        oauth_error(&ask(&[("grant_type", "client_credentials")]).await, 401, "invalid_client");
        oauth_error(&ask(&[("grant_type", "password"), ("client_id", id), ("client_secret", secret)]).await, 400, "unsupported_grant_type");
        oauth_error(&ask(&[("client_id", id), ("client_secret", secret)]).await, 400, "invalid_request");
        oauth_error(&token(world, &client, "payments:write").await, 400, "invalid_scope");
        oauth_error(&token(world, &client, "root").await, 400, "invalid_scope");
        let twice = [("grant_type", "client_credentials"), ("client_id", id), ("client_id", id), ("client_secret", secret)];
        oauth_error(&ask(&twice).await, 400, "invalid_request");
        let json = world.anyone().post_bare("/oauth/token", json!({"grant_type": "client_credentials"})).await;
        oauth_error(&json, 400, "invalid_request");
        let both = world.anyone().request(Method::POST, "/oauth/token").basic_auth(id, Some(secret));
        let both = both.form(&[("grant_type", "client_credentials"), ("client_secret", secret)]);
        oauth_error(&send(both).await, 400, "invalid_request");
    }

    async fn a_token_is_good_for_its_scopes_only(world) {
        let admin = world.admin().await;
        let client = world.client(&admin, READ).await;
        let narrow = machine(world, &client, "people:read").await;
        narrow.get("/v1/people").await.expect(200);
        let refused = narrow.get("/v1/candidacies").await.refused(403, "insufficient-scope");
        assert!(refused.header("www-authenticate").contains("candidates:read"));
        machine(world, &client, "candidates:read").await.get("/v1/candidacies").await.expect(200);
        narrow.get("/v1/clients").await.refused(403, "forbidden");
        narrow.get("/v1/me").await.refused(403, "forbidden");
        narrow.post("/v1/applications", json!({})).await.refused(403, "forbidden");
        let body = json!({"name": "Partner", "scopes": ["people:read", "root", "people:read"]});
        let faults = admin.post("/v1/clients", body).await.refused(422, "invalid-input");
        let pointers: Vec<_> = faults["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
        assert_eq!(pointers, ["#/scopes/1", "#/scopes/2"]);
    }

    async fn a_revoked_token_holds_nowhere_at_once(world) {
        let admin = world.admin().await;
        let (client, other) = (world.client(&admin, READ).await, world.client(&admin, READ).await);
        let (one, two) = (machine(world, &client, "").await, machine(world, &client, "").await);
        let replica = world.replica().await;
        let there = one.at(&format!("http://{}", replica.addr));
        there.get("/v1/people").await.expect(200);
        let revoke = async |client: &(String, String)| {
            let held = one.token.clone().unwrap();
            let form = [("token", held.as_str()), ("client_id", &client.0), ("client_secret", &client.1)];
            world.anyone().form("/oauth/revoke", &form).await
        };
        // Another's token is nobody's to revoke; the answer does not tell.
        revoke(&other).await.expect(200);
        one.get("/v1/people").await.expect(200);
        oauth_error(&revoke(&(client.0.clone(), "wrong".to_owned())).await, 401, "invalid_client");
        revoke(&client).await.expect(200);
        one.get("/v1/people").await.refused(401, "invalid-token");
        there.get("/v1/people").await.refused(401, "invalid-token");
        two.get("/v1/people").await.expect(200);
        revoke(&client).await.expect(200);
        assert_eq!(world.happened_to(&client.0), ["client.created", "client.token_revoked"]);
        replica.stop().await;
    }

    async fn a_disabled_client_and_an_old_secret_are_out_at_once(world) {
        let admin = world.admin().await;
        let client = world.client(&admin, READ).await;
        let before = machine(world, &client, "").await;
        let rotate = format!("/v1/clients/{}/secret?revoke_old=true", client.0);
        let rotated = admin.post_empty(&rotate).await.expect(200);
        before.get("/v1/people").await.refused(401, "invalid-token");
        oauth_error(&token(world, &client, "").await, 401, "invalid_client");
        let client = (client.0, rotated.text("client_secret"));
        let after = machine(world, &client, "").await;
        after.get("/v1/people").await.expect(200);
        let shown = admin.get(&format!("/v1/clients/{}", client.0)).await.expect(200);
        assert!(!shown.body().contains("lssc_cs_"), "a secret is shown once");

        let disabled = admin.post_empty(&format!("/v1/clients/{}/disable", client.0)).await.expect(200);
        assert!(disabled["disabled_at"].is_string());
        after.get("/v1/people").await.refused(401, "invalid-token");
        oauth_error(&token(world, &client, "").await, 401, "invalid_client");
        assert_eq!(
            world.happened_to(&client.0),
            ["client.created", "client.secret_rotated", "client.disabled"]
        );
    }

    async fn the_server_tells_machines_where_to_go(world) {
        let anyone = world.anyone();
        let metadata = anyone.get("/.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/oauth/token"));
        assert_eq!(metadata["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
        assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
        let jwks = anyone.get("/.well-known/jwks.json").await.expect(200);
        let keys = jwks["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        let mut members: Vec<_> = keys[0].as_object().unwrap().keys().cloned().collect();
        members.sort();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }

    async fn a_rotated_key_signs_after_its_lead_and_the_old_one_still_holds(world) {
        let ada = world.register("Ada").await;
        let (app, anyone) = (world.app(), world.anyone());
        let kid = keys::rotate(&app.store, app.stamp_of("test", "rotate"), &app.config).await.unwrap();
        app.auth.keys.reload(&app.store, app.now()).await.unwrap();
        let published = anyone.get("/.well-known/jwks.json").await.expect(200);
        assert_eq!(published["keys"].as_array().unwrap().len(), 2);
        let kid_of = |actor: &Actor| {
            jsonwebtoken::decode_header(actor.token.as_ref().unwrap()).unwrap().kid.unwrap()
        };
        let early = anyone.signs_in("ada@example.org", crate::support::world::PASSWORD).await;
        assert_ne!(kid_of(&early), kid);
        world.advance(TimeDelta::seconds(app.config.key_lead_s));
        let late = anyone.signs_in("ada@example.org", crate::support::world::PASSWORD).await;
        assert_eq!(kid_of(&late), kid);
        for person in [&ada, &early, &late] {
            person.get("/v1/me").await.expect(200);
        }
    }
}
