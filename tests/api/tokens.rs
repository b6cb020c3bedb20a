//! Access tokens that must not hold. What is forged is forged with all that an attacker can know; the
//! last table even has the server's own key.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use persistence::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, send},
    world::{World, each_world},
};

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}

fn claims_of(actor: &Actor) -> Value {
    let token = actor.token.clone().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn key(world: &World) -> SigningKey {
    let keys: Result<_, persistence::Error> =
        world.app().store.read(|tx| tx.signing_keys().all()).await;
    keys.unwrap().remove(0)
}

fn header_of(key: &SigningKey) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key.kid.clone());
    header
}

fn signed(key: &SigningKey, header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_ec_der(&key.private_key)).unwrap()
}

/// A token that does not hold is refused everywhere, where nobody needs one too.
async fn is_refused(world: &World, what: &str, token: &str) {
    for path in ["/v1/me", "/v1/programs", "/v1/applications/app_00000000000000000000000000000000"]
    {
        let answer = world.anyone().with_token(token, "").get(path).await;
        assert_eq!(answer.status, 401, "{what} at {path}: {}", answer.body());
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{what}");
    }
}

each_world! {
    async fn a_forged_token_does_not_hold(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let key = key(world).await;
        let token = ada.token.clone().unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let others = bob.token.clone().unwrap();
        let others: Vec<_> = others.split('.').collect();
        let none = encoded(&json!({"alg": "none", "typ": "at+jwt", "kid": key.kid}));
        let confused = |secret: &[u8]| {
            let mut header = header_of(&key);
            header.alg = Algorithm::HS256;
            encode(&header, &claims_of(&ada), &EncodingKey::from_secret(secret)).unwrap()
        };
        let own = api::auth::keys::make(world.app().now(), world.app().now()).unwrap();
        for (what, forged) in [
            ("no algorithm", format!("{none}.{}.", parts[1])),
            ("no algorithm, old signature", format!("{none}.{}.{}", parts[1], parts[2])),
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            ("half a signature", token[..token.len() - 43].to_owned()),
            ("another's claims", format!("{}.{}.{}", parts[0], others[1], parts[2])),
            ("the public key as a secret", confused(&key.public_key)),
            ("an empty secret", confused(b"")),
            ("a key of one's own", signed(&own, &header_of(&key), &claims_of(&ada))),
            ("a key that is not known", signed(&own, &header_of(&own), &claims_of(&ada))),
            ("no token", "a.b.c".to_owned()),
            ("a refresh token", ada.refresh.clone()),
            ("too much", format!("{token}.{token}")),
            ("a very long one", "x".repeat(9000)),
        ] {
            is_refused(world, what, &forged).await;
        }
        let twice = ada.request(Method::GET, "/v1/me").bearer_auth(ada.token.as_ref().unwrap());
        send(twice).await.refused(401, "invalid-token");
        ada.get("/v1/me").await.expect(200);
    }

    async fn claims_must_hold_though_they_are_signed(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let (key, now) = (key(world).await, world.seconds());
        let with = |change: fn(&mut Value, i64, &str)| {
            let mut claims = claims_of(&ada);
            change(&mut claims, now, &bob.id);
            signed(&key, &header_of(&key), &claims)
        };
        let unchanged = ada.with_token(&with(|_, _, _| ()), &ada.id);
        unchanged.get("/v1/me").await.expect(200);
        for (what, token) in [
            ("another issuer", with(|claims, _, _| claims["iss"] = json!("https://evil.example.org"))),
            ("no issuer", with(|claims, _, _| claims["iss"] = json!(null))),
            ("another audience", with(|claims, _, _| claims["aud"] = json!("https://evil.example.org"))),
            ("another person", with(|claims, _, bob| claims["sub"] = json!(bob))),
            ("ended", with(|claims, now, _| claims["exp"] = json!(now))),
            ("an end in words", with(|claims, now, _| claims["exp"] = json!((now + 600).to_string()))),
            ("no end", with(|claims, _, _| claims["exp"] = json!(null))),
            ("from the future", with(|claims, now, _| claims["iat"] = json!(now + 3600))),
            ("no such session", with(|claims, _, _| claims["sid"] = json!("ses_00000000000000000000000000000000"))),
            ("neither session nor client", with(|claims, _, _| claims["sid"] = json!(null))),
        ] {
            is_refused(world, what, &token).await;
        }
        for typ in [None, Some("JWT"), Some("id_token")] {
            let mut header = header_of(&key);
            header.typ = typ.map(str::to_owned);
            is_refused(world, "another type", &signed(&key, &header, &claims_of(&ada))).await;
        }
        for kid in [None, Some("unknown"), Some("../../etc/passwd"), Some("' OR 1=1 --")] {
            let mut header = header_of(&key);
            header.kid = kid.map(str::to_owned);
            is_refused(world, "another key", &signed(&key, &header, &claims_of(&ada))).await;
        }
    }

    async fn who_lost_a_role_has_lost_it_at_once(world) {
        let (staff, admin) = (world.staff().await, world.admin().await);
        staff.get("/v1/people").await.expect(200);
        let grants = admin.get(&format!("/v1/people/{}/grants", staff.id)).await.expect(200);
        let grant = grants["items"][0]["id"].as_str().unwrap();
        let end = format!("/v1/people/{}/grants/{grant}/end", staff.id);
        admin.post_empty(&end).await.expect(200);
        staff.get("/v1/people").await.refused(403, "forbidden");
        let again = json!({"role": "staff"});
        admin.post(&format!("/v1/people/{}/grants", staff.id), again.clone()).await.expect(201);
        admin.post(&format!("/v1/people/{}/grants", staff.id), again).await.expect(200);
        staff.get("/v1/people").await.expect(200);
    }
}
