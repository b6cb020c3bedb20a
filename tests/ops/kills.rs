//! A server that is killed again and again while clients write, each retrying with the same
//! `Idempotency-Key` until it is answered: everything is there, once.
//!
//! `LSSC_TEST_KILLS` says how often; a release is made after 1,000 on SQLite and 500 on PostgreSQL.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use persistence::Store;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::process::{Serving, Site};
use crate::support::{
    actor::Actor,
    database::{Db, block_on},
};

/// How many write at the same time; half of them providers, half of them payments of one invoice.
const WRITERS: usize = 8;
/// Far above anything but a server that never comes back.
const PATIENCE: Duration = Duration::from_mins(1);

/// A write that was acknowledged.
#[derive(Debug)]
struct Write {
    key: String,
    path: String,
    body: Value,
    answer: Vec<u8>,
}

/// Where the server is now, and what the writers have told.
#[derive(Clone)]
struct Load {
    place: watch::Receiver<String>,
    told: mpsc::UnboundedSender<Write>,
    enough: Arc<AtomicBool>,
}

impl Load {
    /// One writer: one write after the other until it is enough.
    async fn writes(mut self, staff: Actor, number: usize, invoice: String) {
        for n in 0.. {
            if self.enough.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("{number}-{n}");
            let (path, body) = if number.is_multiple_of(2) {
                ("/v1/providers".to_owned(), json!({"kind": "other", "name": key}))
            } else {
                let body = json!({"tender": "card", "reference": key, "amount_cents": 1});
                (format!("/v1/invoices/{invoice}/payments"), body)
            };
            let answer = self.acknowledged(&staff, &key, &path, &body).await;
            self.told.send(Write { key, path, body, answer }).unwrap();
        }
    }
    /// Sends a write until it is acknowledged.
    async fn acknowledged(
        &mut self,
        staff: &Actor,
        key: &str,
        path: &str,
        body: &Value,
    ) -> Vec<u8> {
        loop {
            let here = staff.at(&self.place.borrow_and_update().clone());
            match attempt(&here, key, path, body).await {
                Ok((201, _, answer)) => return answer,
                // The database has not yet noticed that the one who held the key was killed.
                Ok((409 | 503, headers, _)) if headers.contains_key("retry-after") => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Ok((status, _, answer)) => {
                    panic!("{key}: {status} {}", String::from_utf8_lossy(&answer))
                }
                Err(_killed) => {
                    let back = tokio::time::timeout(PATIENCE, self.place.changed()).await;
                    back.expect("the server comes back").expect("the test runs");
                }
            }
        }
    }
}

async fn attempt(
    actor: &Actor,
    key: &str,
    path: &str,
    body: &Value,
) -> reqwest::Result<(u16, HeaderMap, Vec<u8>)> {
    let request = actor.request(Method::POST, path).header("Idempotency-Key", key).json(body);
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok((status, headers, response.bytes().await?.to_vec()))
}

/// Somebody of the office, and an invoice that takes payments.
async fn prepared(site: &Site, serving: &Serving) -> (Actor, String) {
    let names = ["--given-name", "Stella", "--family-name", "Staff", "--role", "staff"];
    let add = ["user", "add", "--email", "stella@example.org", "--password-stdin"];
    let password = "a shelf of seven books";
    site.run_with(&[&add[..], &names].concat(), password).ok();
    let anyone = serving.anyone();
    let ada = json!({"given_name": "Ada", "family_name": "Example", "email": "ada@example.org",
        "password": password});
    anyone.post("/v1/people", ada).await.expect(201);
    let ada = anyone.signs_in("ada@example.org", password).await;
    let invoice = ada.applies().await.text("invoice_id");
    (anyone.signs_in("stella@example.org", password).await, invoice)
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but these variables")]
fn kills(usual: usize) -> usize {
    std::env::var("LSSC_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

async fn survives(db: &Db, kills: usize) {
    let site = Site::on(db).with("LSSC_PUBLIC_URL", "https://lssc.example.org");
    let mut serving = site.serve(&[]);
    let (staff, invoice) = prepared(&site, &serving).await;
    let (moves, place) = watch::channel(serving.base());
    let (told, mut hears) = mpsc::unbounded_channel();
    let enough = Arc::new(AtomicBool::new(false));
    let load = Load { place, told, enough: Arc::clone(&enough) };
    let mut crew = JoinSet::new();
    for number in 0..WRITERS {
        crew.spawn(load.clone().writes(staff.clone(), number, invoice.clone()));
    }
    drop(load);

    let mut writes: Vec<Write> = Vec::new();
    for round in 0..kills {
        for _ in 0..=(round * 7) % 11 {
            let write = tokio::time::timeout(PATIENCE, hears.recv()).await;
            writes.push(write.expect("writes go on").expect("the writers live"));
        }
        serving.kill();
        serving = site.serve(&[]);
        moves.send(serving.base()).unwrap();
    }
    enough.store(true, Ordering::Relaxed);
    crew.join_all().await;
    while let Some(write) = hears.recv().await {
        writes.push(write);
    }
    assert!(writes.len() > kills, "it was written between the kills");
    all_there_once(db, &staff.at(&serving.base()), &invoice, &writes).await;
    assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
}

async fn all_there_once(db: &Db, staff: &Actor, invoice: &str, writes: &[Write]) {
    for write in writes {
        let again = attempt(staff, &write.key, &write.path, &write.body).await.unwrap();
        assert_eq!((again.0, &again.2), (201, &write.answer), "{}", write.key);
        assert_eq!(again.1["idempotency-replayed"], "true", "{}", write.key);
    }
    let of = |path: &str| {
        let mut keys: Vec<_> = writes
            .iter()
            .filter(|write| write.path == path)
            .map(|write| write.key.clone())
            .collect();
        keys.sort();
        keys
    };
    let sorted = |sql: &str| {
        let mut lines = db.lines(sql);
        lines.sort();
        lines
    };
    let payments = of(&format!("/v1/invoices/{invoice}/payments"));
    assert_eq!(sorted("SELECT name AS line FROM providers"), of("/v1/providers"));
    assert_eq!(sorted("SELECT reference AS line FROM payments"), payments);
    let paid = staff.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
    assert_eq!(paid["paid_cents"], payments.len());

    let count = |event_type: &str| {
        db.lines(&format!("SELECT type AS line FROM events WHERE type = '{event_type}'")).len()
    };
    let recorded = count("provider.recorded");
    assert_eq!(recorded, of("/v1/providers").len());
    assert_eq!(count("invoice.payment_recorded"), payments.len());
    let store: Store = db.store();
    assert_eq!(store.verify().await, Ok(Vec::new()));
}

#[test]
fn what_was_acknowledged_on_sqlite_is_there_once() {
    block_on(survives(&Db::sqlite(), kills(10)));
}

#[test]
fn what_was_acknowledged_on_postgres_is_there_once() {
    if let Some(db) = Db::postgres() {
        block_on(survives(&db, kills(5)));
    }
}
