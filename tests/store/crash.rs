//! A process that is killed in the middle of its writes.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use persistence::{Begun, Store, StoreConfig};

use super::idempotency::{act_once, answer};
use crate::support::database::{Db, block_on, stamp};

const URL: &str = "LSSC_TEST_CRASH_URL";

/// Writes until it is killed, and says which of its writes were acknowledged.
#[test]
#[ignore = "runs only as the child of the tests that kill it"]
fn child_that_writes_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "how the parent tells its child where to write")]
    let Ok(url) = std::env::var(URL) else { return };
    let store = Store::open(&StoreConfig::new(url)).unwrap();
    block_on(async {
        for n in 0.. {
            let keys: Vec<String> = (0..4).map(|k| format!("{n}-{k}")).collect();
            let writes: Vec<_> = keys
                .iter()
                .map(|key| {
                    let (store, key) = (store.clone(), key.clone());
                    tokio::spawn(
                        async move { store.write(stamp(), move |tx| act_once(tx, &key)).await },
                    )
                })
                .collect();
            for (write, key) in writes.into_iter().zip(keys) {
                write.await.unwrap().unwrap();
                println!("acknowledged {key}");
            }
        }
    });
}

fn killed_after(db: &Db, acknowledgements: usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("store::crash::child_that_writes_until_it_is_killed")
        .env(URL, &db.url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged: Vec<String> = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some((_, key)) = line.split_once("acknowledged ") {
            acknowledged.push(key.to_owned());
        }
        if acknowledged.len() == acknowledgements {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= acknowledgements, "the child wrote");
    let store = db.store();
    block_on(async {
        for key in acknowledged {
            let subject = key.clone();
            let again = store.write(stamp(), move |tx| act_once(tx, &key)).await;
            assert_eq!(again, Ok(Begun::Replay(answer())), "{subject}");
            let events = store.read(move |tx| tx.events().history(&subject)).await.unwrap();
            assert_eq!(events.len(), 1);
        }
        assert_eq!(store.verify().await, Ok(Vec::new()));
    });
}

#[test]
fn what_sqlite_acknowledged_survives_a_kill() {
    for acknowledgements in [1, 7, 30] {
        killed_after(&Db::sqlite(), acknowledgements);
    }
}

#[test]
fn what_postgres_acknowledged_survives_a_kill() {
    for acknowledgements in [1, 7, 30] {
        if let Some(db) = Db::postgres() {
            killed_after(&db, acknowledgements);
        }
    }
}
