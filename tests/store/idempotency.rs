//! One effect and one recorded answer per key.

use std::sync::mpsc;

use chrono::{DateTime, TimeDelta, Utc};
use persistence::{Begun, Error, StoredAnswer, Tx};

use super::noted;
use crate::support::database::{Db, block_on, each_database, noon, stamp, stamp_at};

pub(crate) fn answer() -> StoredAnswer {
    StoredAnswer {
        status: 201,
        headers: vec![
            ("location".to_owned(), "/v1/things/1".to_owned()),
            ("etag".to_owned(), "\"1\"".to_owned()),
        ],
        body: b"{\"id\": 1,  \"odd spacing\":\"\xc3\xa9\"}\n\0".to_vec(),
    }
}

fn expiry() -> DateTime<Utc> {
    noon() + TimeDelta::hours(24)
}

fn begin(tx: &mut Tx<'_>, key: &str, fingerprint: &[u8]) -> Result<Begun, Error> {
    tx.idempotency().begin("person_1", key, fingerprint, "submit", expiry())
}

/// What a handler does with a key: begin, act, finish.
pub(crate) fn act_once(tx: &mut Tx<'_>, key: &str) -> Result<Begun, Error> {
    let begun = begin(tx, key, b"fingerprint")?;
    if begun == Begun::Fresh {
        tx.record(noted(key, 1))?;
        tx.idempotency().finish("person_1", key, &answer())?;
    }
    Ok(begun)
}

each_database! {
    async fn an_answer_that_was_lost_after_the_commit_is_given_again_byte_by_byte(db) {
        let store = db.store();
        let (done, is_done) = mpsc::channel();
        let lost = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(stamp(), move |tx| {
                        let begun = act_once(tx, "k1");
                        done.send(()).unwrap();
                        begun
                    })
                    .await
            }
        });
        // Its client goes away while the job is about to be committed.
        tokio::task::block_in_place(|| is_done.recv()).unwrap();
        lost.abort();
        drop(store);
        let store = db.store();
        let mut again = store.write(stamp(), |tx| act_once(tx, "k1")).await.unwrap();
        while again == Begun::Running {
            again = store.write(stamp(), |tx| act_once(tx, "k1")).await.unwrap();
        }
        assert_eq!(again, Begun::Replay(answer()));
        let events = store.read(|tx| tx.events().history("k1")).await.unwrap();
        assert_eq!(events.len(), 1, "the effect took place once");
    }

    async fn a_key_serves_one_request_until_it_expires(db) {
        let store = db.store();
        assert_eq!(store.write(stamp(), |tx| act_once(tx, "k")).await, Ok(Begun::Fresh));
        let other = store.write(stamp(), |tx| begin(tx, "k", b"another")).await;
        assert_eq!(other, Ok(Begun::OtherBody));
        let elsewhere = store
            .write(stamp(), |tx| {
                let begun = tx.idempotency().begin("person_2", "k", b"another", "pay", expiry())?;
                tx.idempotency().finish("person_2", "k", &answer())?;
                Ok::<_, Error>(begun)
            })
            .await;
        assert_eq!(elsewhere, Ok(Begun::Fresh), "keys of others are others");
        let next_day = noon() + TimeDelta::hours(25);
        let removed = store.write(stamp(), |tx| tx.idempotency().purge()).await;
        assert_eq!(removed, Ok(0));
        let expired = store
            .write(stamp_at(next_day), move |tx| {
                let until = next_day + TimeDelta::hours(24);
                let begun = tx.idempotency().begin("person_1", "k", b"another", "submit", until)?;
                tx.idempotency().finish("person_1", "k", &answer())?;
                Ok::<_, Error>(begun)
            })
            .await;
        assert_eq!(expired, Ok(Begun::Fresh));
        let removed = store.write(stamp_at(next_day), |tx| tx.idempotency().purge()).await;
        assert_eq!(removed, Ok(1), "what is still in force stays");
    }

    async fn a_refusal_is_kept_and_its_effect_undone(db) {
        let store = db.store();
        let refuse = |tx: &mut Tx<'_>| -> Result<Begun, Error> {
            let begun = begin(tx, "k", b"f")?;
            if begun == Begun::Fresh {
                let acted: Result<(), Error> = tx.savepoint(|tx| {
                    tx.record(noted("k", 1))?;
                    Err(Error::Stale)
                });
                assert_eq!(acted, Err(Error::Stale));
                let refusal = StoredAnswer { status: 409, ..answer() };
                tx.idempotency().finish("person_1", "k", &refusal)?;
            }
            Ok(begun)
        };
        assert_eq!(store.write(stamp(), refuse).await, Ok(Begun::Fresh));
        let refusal = StoredAnswer { status: 409, ..answer() };
        assert_eq!(store.write(stamp(), refuse).await, Ok(Begun::Replay(refusal)));
        assert_eq!(store.read(|tx| tx.events().history("k")).await, Ok(Vec::new()));
    }

    async fn sixteen_with_one_key_have_one_effect(db) {
        let store = db.store();
        let contenders: Vec<_> = (0..16)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(stamp(), |tx| act_once(tx, "k")).await })
            })
            .collect();
        let mut fresh = 0;
        for contender in contenders {
            match contender.await.unwrap().unwrap() {
                Begun::Fresh => fresh += 1,
                Begun::Replay(replayed) => assert_eq!(replayed, answer()),
                Begun::Running => assert!(db.is_postgres(), "SQLite writes one after another"),
                Begun::OtherBody => panic!("it is the same request"),
            }
        }
        assert_eq!(fresh, 1);
        let events = store.read(|tx| tx.events().history("k")).await.unwrap();
        assert_eq!(events.len(), 1);
    }
}

#[test]
fn on_postgres_a_key_that_is_under_way_is_told_at_once() {
    let Some(db) = Db::postgres() else { return };
    block_on(async {
        let store = db.store();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(stamp(), move |tx| {
                        let begun = act_once(tx, "k")?;
                        started.send(()).unwrap();
                        may_go_on.recv().unwrap();
                        Ok::<_, Error>(begun)
                    })
                    .await
            }
        });
        tokio::task::block_in_place(|| has_started.recv()).unwrap();
        assert_eq!(store.write(stamp(), |tx| act_once(tx, "k")).await, Ok(Begun::Running));
        go_on.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(Begun::Fresh));
        let then = store.write(stamp(), |tx| act_once(tx, "k")).await;
        assert_eq!(then, Ok(Begun::Replay(answer())));
    });
}
