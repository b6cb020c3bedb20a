//! Tokens that an attacker could send: every one of them is 401.
#![expect(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    PersonId,
    access::{Caller, Who},
    person::Person,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{
    authenticate, keys,
    tokens::{Bearer, issue},
};
use crate::{
    app::App,
    clock::{Clock, ManualClock},
    config::Config,
    ids::{SystemChance, TimeIds},
    problem::Problem,
    serve::{Deps, prepare},
    v1::sessions,
};

const URL: &str = "http://lssc.test";

struct Stage {
    app: App,
    clock: Arc<ManualClock>,
    person: PersonId,
    good: String,
    _folder: tempfile::TempDir,
}

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap()));
    let config = Config {
        data_dir: folder.path().to_owned(),
        argon2_memory_kib: 8,
        argon2_passes: 1,
        ..Config::default()
    };
    let shared: Arc<dyn Clock> = clock.clone();
    let deps =
        Deps { clock: shared, ids: Arc::new(TimeIds::default()), chance: Arc::new(SystemChance) };
    let app = prepare(config, deps, URL.to_owned()).await.unwrap();
    let config = app.config.clone();
    let session = app
        .store
        .write(app.stamp_of("test", "test"), move |tx| {
            let person = Person {
                id: tx.new_id(),
                given_name: "Ada".to_owned(),
                family_name: "Lovelace".to_owned(),
                created_at: tx.now(),
                life: domain::life::Life::default(),
                version: 1,
            };
            tx.people().insert(&person)?;
            sessions::begin(tx, person.id, [1; 32], &config)
        })
        .await
        .unwrap();
    let good = issue(&app, &Bearer::Person(session.person, session.id)).unwrap();
    Stage { app, clock, person: session.person, good, _folder: folder }
}

impl Stage {
    async fn ask(&self, token: &str) -> Result<Caller, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        authenticate(&self.app, &headers).await
    }
    fn claims(&self) -> Value {
        let payload = URL_SAFE_NO_PAD.decode(self.good.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&payload).unwrap()
    }
    /// The good claims with `changes`, signed by the server's own key.
    fn signed(&self, changes: &Value, header: impl FnOnce(&mut Header)) -> String {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let (kid, key) = self.app.auth.keys.signing(self.app.machine()).unwrap();
        let mut made = Header::new(Algorithm::ES256);
        made.typ = Some("at+jwt".to_owned());
        made.kid = Some(kid);
        header(&mut made);
        jsonwebtoken::encode(&made, &claims, &key).unwrap()
    }
    async fn refused(&self, what: &str, token: &str) {
        let problem = self.ask(token).await.expect_err(what);
        assert_eq!(problem.kind().status(), 401, "{what}");
    }
}

fn run<F: Future<Output = ()>>(test: F) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[test]
fn the_good_token_is_its_person_until_it_ends() {
    run(async {
        let stage = stage().await;
        let caller = stage.ask(&stage.good).await.unwrap();
        assert!(matches!(caller.who, Who::Person(person, _) if person == stage.person));
        assert!(stage.ask(&stage.signed(&json!({}), |_| {})).await.is_ok());
        stage.clock.set(stage.app.machine() + TimeDelta::seconds(stage.app.config.access_token_s));
        stage.refused("ended", &stage.good).await;
    });
}

#[test]
fn claims_that_do_not_hold_are_refused_though_signed() {
    run(async {
        let stage = stage().await;
        let (now, other) = (stage.app.machine().timestamp(), PersonId::from_bits(9).to_string());
        for (what, changes) in [
            ("wrong issuer", json!({"iss": "http://evil.test"})),
            ("wrong audience", json!({"aud": "http://evil.test"})),
            ("another person", json!({"sub": other})),
            ("ended", json!({"exp": now - 1})),
            ("end as text", json!({"exp": (now + 600).to_string()})),
            ("no end", json!({"exp": null})),
            ("issued in the future", json!({"iat": now + 3600})),
            ("a session that is not there", json!({"sid": "ses_00000000000000000000000000000001"})),
            (
                "a session of another kind",
                json!({"sid": "person_00000000000000000000000000000001"}),
            ),
            ("no session and no client", json!({"sid": null})),
        ] {
            stage.refused(what, &stage.signed(&changes, |_| {})).await;
        }
    });
}

#[test]
fn headers_that_do_not_hold_are_refused() {
    run(async {
        let stage = stage().await;
        for typ in [None, Some("JWT"), Some("id_token"), Some("at+jwt2"), Some("")] {
            let token = stage.signed(&json!({}), |header| header.typ = typ.map(str::to_owned));
            stage.refused("wrong type", &token).await;
        }
        for kid in [None, Some("unknown"), Some("../../etc/passwd"), Some("' OR 1=1 --")] {
            let token = stage.signed(&json!({}), |header| header.kid = kid.map(str::to_owned));
            stage.refused("wrong key id", &token).await;
        }
    });
}

#[test]
fn forged_signatures_are_refused() {
    run(async {
        let stage = stage().await;
        let parts: Vec<_> = stage.good.split('.').collect();
        let (kid, _) = stage.app.auth.keys.signing(stage.app.machine()).unwrap();
        let none = encoded(&json!({"alg": "none", "typ": "at+jwt", "kid": kid}));
        stage.refused("no algorithm", &format!("{none}.{}.", parts[1])).await;
        stage
            .refused("no algorithm, old signature", &format!("{none}.{}.{}", parts[1], parts[2]))
            .await;
        stage.refused("truncated signature", &stage.good[..stage.good.len() - 4]).await;
        stage.refused("no signature", &format!("{}.{}.", parts[0], parts[1])).await;
        let mut claims = stage.claims();
        claims["sub"] = json!(PersonId::from_bits(9).to_string());
        stage
            .refused("changed claims", &format!("{}.{}.{}", parts[0], encoded(&claims), parts[2]))
            .await;
        // The published key taken for a shared secret.
        let jwks = serde_json::to_value(stage.app.auth.keys.public()).unwrap();
        for secret in
            [jwks.to_string(), jwks["keys"][0].to_string(), jwks["keys"][0]["x"].to_string()]
        {
            let mut header = Header::new(Algorithm::HS256);
            header.typ = Some("at+jwt".to_owned());
            header.kid = Some(kid.clone());
            let key = EncodingKey::from_secret(secret.as_bytes());
            let token = jsonwebtoken::encode(&header, &stage.claims(), &key).unwrap();
            stage.refused("public key as secret", &token).await;
        }
        // A key of the attacker's own under the server's key id.
        let own = keys::make(stage.app.machine(), stage.app.machine()).unwrap();
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(kid);
        let key = EncodingKey::from_ec_der(&own.private_key);
        stage
            .refused("own key", &jsonwebtoken::encode(&header, &stage.claims(), &key).unwrap())
            .await;
        for nonsense in ["", "a", "a.b", "a.b.c", "....", &"x".repeat(100_000)] {
            stage.refused("nonsense", nonsense).await;
        }
    });
}

#[test]
fn several_authorization_headers_are_refused() {
    run(async {
        let stage = stage().await;
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("Bearer {}", stage.good)).unwrap();
        headers.append(AUTHORIZATION, value.clone());
        headers.append(AUTHORIZATION, value);
        let problem = authenticate(&stage.app, &headers).await.expect_err("two headers");
        assert_eq!(problem.kind().status(), 401);
    });
}
