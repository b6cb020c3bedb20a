//! Tokens of an outside issuer, whose keys come over HTTP from a server of the test's own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use api::{
    auth::keys,
    config::{Config, TrustedIssuer},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::access::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use persistence::SigningKey;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{
    actor::Actor,
    database::{Db, block_on, each_database, noon},
    mails,
    race::contend,
    world::World,
};

const NAME: &str = "https://id.example.edu";

/// An identity provider: it publishes keys and counts who asked for them.
struct Provider {
    addr: std::net::SocketAddr,
    asked: Arc<AtomicUsize>,
    /// The status and the body of its answer.
    answer: Arc<Mutex<(u16, String)>>,
}

impl Provider {
    async fn publishing(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            addr: listener.local_addr().unwrap(),
            asked: Arc::default(),
            answer: Arc::new(Mutex::new((200, key_set(keys)))),
        };
        let (asked, answer) = (Arc::clone(&provider.asked), Arc::clone(&provider.answer));
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                // A request for a key set fits into one packet.
                let read = connection.read(&mut [0; 4096]).await.unwrap();
                assert!(read > 0, "a request");
                asked.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answer.lock().unwrap().clone();
                let head = format!(
                    "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                // Whoever has read enough hangs up.
                drop(connection.write_all(format!("{head}{body}").as_bytes()).await);
            }
        });
        provider
    }
    fn publishes(&self, keys: &[&SigningKey]) {
        *self.answer.lock().unwrap() = (200, key_set(keys));
    }
    fn fails(&self) {
        *self.answer.lock().unwrap() = (500, "{}".to_owned());
    }
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
    /// A world that trusts it.
    async fn world(&self, db: Db) -> World {
        World::configured(db, |config: &mut Config| {
            config.trusted_issuers = vec![TrustedIssuer {
                issuer: NAME.to_owned(),
                jwks_uri: format!("http://{}/keys", self.addr),
                audience: "lssc".to_owned(),
                typ: "at+jwt".to_owned(),
                email_is_verified: false,
                roles_claim: "groups".to_owned(),
                roles: [("librarians".to_owned(), Role::Staff)].into(),
            }];
        })
        .await
    }
}

fn key() -> SigningKey {
    keys::make(noon(), noon()).unwrap()
}

fn key_set(keys: &[&SigningKey]) -> String {
    let jwk = |key: &&SigningKey| {
        let (x, y) = key.public_key[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": key.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
    };
    json!({"keys": keys.iter().map(jwk).collect::<Vec<_>>()}).to_string()
}

fn header(key: &SigningKey) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key.kid.clone());
    header
}

fn claims(world: &World, email: &str) -> Value {
    json!({"iss": NAME, "aud": "lssc", "sub": "4711", "email": email, "email_verified": true,
        "iat": world.seconds(), "exp": world.seconds() + 600})
}

fn signed(key: &SigningKey, header: &Header, claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_ec_der(&key.private_key)).unwrap()
}

/// Ada, by a token of the issuer.
fn ada(world: &World, key: &SigningKey) -> Actor {
    let token = signed(key, &header(key), &claims(world, "ada@example.org"));
    world.anyone().with_token(&token, "")
}

each_database! {
    async fn who_is_registered_here_comes_in_by_a_token_of_the_issuer(db) {
        let key = key();
        let provider = Provider::publishing(&[&key]).await;
        let world = provider.world(db).await;
        let here = world.register("Ada").await;
        let ada = ada(&world, &key);
        ada.get("/v1/me").await.refused(401, "invalid-token");
        mails::confirms(&world, "ada@example.org").await;
        assert_eq!(ada.get("/v1/me").await.expect(200).id(), here.id);
        ada.get("/v1/people").await.refused(403, "forbidden");
        ada.drafts().await;

        let with = |change: &Value| {
            let mut claims = claims(&world, "ADA@Example.org");
            claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            world.anyone().with_token(&signed(&key, &header(&key), &claims), "")
        };
        with(&json!({"groups": ["readers", "librarians"]})).get("/v1/people").await.expect(200);
        with(&json!({"groups": ["readers", 7]})).get("/v1/people").await.refused(403, "forbidden");
        with(&json!({"groups": "librarians"})).get("/v1/people").await.refused(403, "forbidden");
        with(&json!({"roles": ["librarians"]})).get("/v1/people").await.refused(403, "forbidden");
        with(&json!({"groups": ["staff", "admin"]})).get("/v1/people").await.refused(403, "forbidden");
        with(&json!({"aud": ["another", "lssc"]})).get("/v1/me").await.expect(200);
        // What Ada was granted here she has by either token.
        world.grant(&here.id, Role::Auditor).await;
        ada.get("/v1/events").await.expect(200);
        for unsure in [json!(false), json!(null), json!("true")] {
            with(&json!({"email_verified": unsure})).get("/v1/me").await.refused(401, "invalid-token");
        }
        let mut silent = claims(&world, "ada@example.org");
        silent.as_object_mut().unwrap().remove("email_verified");
        let silent = world.anyone().with_token(&signed(&key, &header(&key), &silent), "");
        silent.get("/v1/me").await.refused(401, "invalid-token");
        with(&json!({"email": "eve@example.org"})).get("/v1/me").await.refused(401, "invalid-token");
        with(&json!({"email": null})).get("/v1/me").await.refused(401, "invalid-token");
        assert_eq!(provider.asked(), 1, "keys are asked for once");
        world.stop().await;
    }
}

#[test]
fn a_token_that_the_issuer_did_not_make_for_this_api_does_not_hold() {
    let db = Db::sqlite();
    block_on(async {
        let (key, own) = (key(), key());
        let provider = Provider::publishing(&[&key]).await;
        let world = provider.world(db).await;
        world.register("Ada").await;
        mails::confirms(&world, "ada@example.org").await;
        let now = world.seconds();
        let with = |name: &str, value: Value| {
            let mut claims = claims(&world, "ada@example.org");
            claims[name] = value;
            signed(&key, &header(&key), &claims)
        };
        let headed = |change: fn(&mut Header)| {
            let mut header = header(&key);
            change(&mut header);
            signed(&key, &header, &claims(&world, "ada@example.org"))
        };
        let mut confused = header(&key);
        confused.alg = Algorithm::HS256;
        let secret = EncodingKey::from_secret(&key.public_key);
        let good = claims(&world, "ada@example.org");
        for (what, token) in [
            ("another audience", with("aud", json!("another"))),
            ("no audience", with("aud", json!(null))),
            ("an issuer that is not known", with("iss", json!("https://evil.example.org"))),
            ("our own name as the issuer", with("iss", json!(crate::support::world::ISSUER))),
            ("ended", with("exp", json!(now))),
            ("an end in words", with("exp", json!((now + 600).to_string()))),
            ("no end", with("exp", json!(null))),
            ("not begun", with("nbf", json!(now + 3600))),
            ("a begin in words", with("nbf", json!("soon"))),
            ("an identity token", headed(|header| header.typ = Some("JWT".to_owned()))),
            ("no type", headed(|header| header.typ = None)),
            ("no key named", headed(|header| header.kid = None)),
            ("a key of one's own under its name", signed(&own, &header(&key), &good)),
            ("a public key as a secret", encode(&confused, &good, &secret).unwrap()),
        ] {
            let answer = world.anyone().with_token(&token, "").get("/v1/me").await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.body());
            answer.refused(401, "invalid-token");
        }
        ada(&world, &key).get("/v1/me").await.expect(200);
        assert_eq!(provider.asked(), 1);
        world.stop().await;
    });
}

#[test]
fn a_key_that_is_not_known_is_asked_for_once() {
    let db = Db::sqlite();
    block_on(async {
        let (old, new, made_up) = (key(), key(), key());
        let provider = Provider::publishing(&[&old]).await;
        let world = provider.world(db).await;
        world.register("Ada").await;
        mails::confirms(&world, "ada@example.org").await;
        // Sixteen at once: one fetch.
        contend(|_| {
            let ada = ada(&world, &old);
            async move { ada.get("/v1/me").await.expect(200) }
        })
        .await;
        assert_eq!(provider.asked(), 1);

        // The keys are fresh: whoever makes up a key makes nobody ask again.
        provider.publishes(&[&old, &new]);
        ada(&world, &new).get("/v1/me").await.refused(401, "invalid-token");
        assert_eq!(provider.asked(), 1);
        world.advance(TimeDelta::seconds(31));
        for _ in 0..5 {
            ada(&world, &made_up).get("/v1/me").await.refused(401, "invalid-token");
        }
        assert_eq!(provider.asked(), 2);
        ada(&world, &new).get("/v1/me").await.expect(200);
        ada(&world, &old).get("/v1/me").await.expect(200);
        assert_eq!(provider.asked(), 2);

        // A key that is published no more holds no longer than a day.
        provider.publishes(&[&new]);
        world.advance(TimeDelta::hours(25));
        ada(&world, &old).get("/v1/me").await.refused(401, "invalid-token");
        ada(&world, &new).get("/v1/me").await.expect(200);
        world.stop().await;
    });
}

#[test]
fn while_the_issuer_fails_known_keys_hold_and_made_up_ones_do_not_flood_it() {
    let db = Db::sqlite();
    block_on(async {
        let (known, made_up) = (key(), key());
        let provider = Provider::publishing(&[&known]).await;
        let world = provider.world(db).await;
        let here = world.register("Ada").await;
        mails::confirms(&world, "ada@example.org").await;
        provider.fails();
        ada(&world, &known).get("/v1/me").await.refused(503, "unavailable");
        here.get("/v1/me").await.expect(200);
        ada(&world, &known).get("/v1/me").await.refused(503, "unavailable");
        assert_eq!(provider.asked(), 1, "an issuer that fails is left alone for a while");

        provider.publishes(&[&known]);
        world.advance(TimeDelta::seconds(31));
        ada(&world, &known).get("/v1/me").await.expect(200);
        assert_eq!(provider.asked(), 2);
        provider.fails();
        world.advance(TimeDelta::seconds(31));
        for _ in 0..5 {
            ada(&world, &made_up).get("/v1/me").await.refused(401, "invalid-token");
            ada(&world, &known).get("/v1/me").await.expect(200);
        }
        assert_eq!(provider.asked(), 3);
        // Keys serve on for as long as there are no newer ones.
        world.advance(TimeDelta::hours(25));
        ada(&world, &known).get("/v1/me").await.expect(200);
        ada(&world, &known).get("/v1/me").await.expect(200);
        assert_eq!(provider.asked(), 4);

        // What is no key set is a failure like any other.
        for nonsense in [
            "",
            "[]",
            "{\"keys\": 7}",
            &format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(300_000)),
        ] {
            *provider.answer.lock().unwrap() = (200, nonsense.to_owned());
            world.advance(TimeDelta::hours(25));
            ada(&world, &known).get("/v1/me").await.expect(200);
        }
        world.stop().await;
    });
}
