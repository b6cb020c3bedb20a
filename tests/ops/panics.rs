//! A panic costs its own request only.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use api::{
    clock::SystemClock,
    config::{Config, RateLimit},
    ids::{Chance, SystemChance, TimeIds},
    serve::{self, Deps},
};
use chrono::{DateTime, Utc};
use persistence::IdSource;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{actor::Actor, database::each_database};

/// Chance and ids that panic when they are told to: the two things that every write asks for, the one
/// in the handler, the other in the middle of its transaction.
#[derive(Default)]
struct Faulty {
    chance: AtomicBool,
    ids: AtomicBool,
    real: TimeIds,
}

impl Chance for Faulty {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(!self.chance.load(Ordering::SeqCst), "chance failed, as the test wants it");
        SystemChance.fill(bytes);
    }
}

impl IdSource for Faulty {
    fn next(&self, now: DateTime<Utc>) -> u128 {
        assert!(!self.ids.load(Ordering::SeqCst), "ids failed, as the test wants it");
        self.real.next(now)
    }
}

async fn registers(anyone: &Actor, email: &str) -> (u16, Value) {
    let body = json!({"given_name": "Ada", "family_name": "Example", "email": email,
        "password": "a shelf of seven books"});
    // The request brings its id: the door must not be what fails.
    let request = anyone.request(Method::POST, "/v1/people").json(&body);
    let request =
        request.header("X-Request-Id", "the-one-that-fails").header("Idempotency-Key", email);
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

each_database! {
    async fn a_panic_is_a_500_and_the_server_lives_on(db) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            bind: "127.0.0.1:0".to_owned(),
            data_dir: folder.path().to_owned(),
            database_url: Some(db.url.clone()),
            rate_limit: RateLimit::Off,
            threads: Some(1),
            database_threads: Some(2),
            drain_timeout_s: 1,
            argon2_memory_kib: 8,
            argon2_passes: 1,
            ..Config::default()
        };
        let faulty = Arc::new(Faulty::default());
        let deps = Deps {
            clock: Arc::new(SystemClock),
            ids: faulty.clone(),
            chance: faulty.clone(),
        };
        let running = serve::start(config, deps).await.unwrap();
        let anyone = Actor::anyone(format!("http://{}", running.addr));
        for what in [&faulty.chance, &faulty.ids] {
            what.store(true, Ordering::SeqCst);
            // More often than there are threads of any kind.
            for _ in 0..8 {
                let (status, problem) = registers(&anyone, "ada@example.org").await;
                assert_eq!((status, &problem["type"]), (500, &json!("/problems/internal")));
                assert_eq!(problem["instance"], "urn:request:the-one-that-fails");
                let told = problem.to_string();
                assert!(!told.contains("panic") && !told.contains("test wants"), "{told}");
            }
            what.store(false, Ordering::SeqCst);
            anyone.get("/readyz").await.expect(200);
        }
        assert!(db.lines("SELECT address AS line FROM emails").is_empty());
        // The same key works now: a 500 is no answer.
        assert_eq!(registers(&anyone, "ada@example.org").await.0, 201);
        assert_eq!(db.lines("SELECT address AS line FROM emails"), ["ada@example.org"]);
        assert_eq!(running.app.store.verify().await, Ok(Vec::new()));
        running.stop().await;
    }
}
