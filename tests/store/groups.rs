//! What is committed together still fails alone.

use std::sync::{Arc, mpsc};

use chrono::{DateTime, Utc};
use domain::program::ProgramCode;
use persistence::{Constraint, Error, IdSource, Stamp, Store, StoreConfig};

use super::noted;
use crate::support::database::{Db, block_on, each_database, stamp};

/// A store whose only writing thread is held, so that what comes next is served in one go.
fn held(db: &Db, queue: usize) -> (Store, mpsc::Sender<()>) {
    let config = StoreConfig { queue, postgres_threads: 1, ..db.config() };
    let store = Store::open(&config).unwrap();
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    tokio::spawn({
        let store = store.clone();
        async move {
            store
                .write(stamp(), move |_| {
                    started.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    Ok::<_, Error>(())
                })
                .await
        }
    });
    tokio::task::block_in_place(|| has_started.recv()).unwrap();
    (store, go_on)
}

/// A stamp whose ids are all the same: the second event that it marks runs into the first.
fn stamp_with_one_id() -> Stamp {
    struct OneId;
    impl IdSource for OneId {
        fn next(&self, _now: DateTime<Utc>) -> u128 {
            7
        }
    }
    Stamp { ids: Arc::new(OneId), ..stamp() }
}

async fn count(store: &Store, subject: &'static str) -> usize {
    store.read(move |tx| tx.events().history(subject)).await.unwrap().len()
}

each_database! {
    async fn an_error_a_panic_and_a_conflict_leave_their_neighbours_alone(db) {
        let (store, go_on) = held(&db, 100);
        let record = |subject: &'static str| {
            store.write(stamp(), move |tx| tx.record(noted(subject, 1)))
        };
        let refused = store.write(stamp(), |tx| {
            tx.record(noted("refused", 1))?;
            Err::<(), _>(Error::Stale)
        });
        let panics = store.write(stamp(), |tx| {
            tx.record(noted("panicked", 1))?;
            assert!(tx.now().timestamp() < 0, "on purpose");
            Ok::<_, Error>(())
        });
        let conflicts = store.write(stamp_with_one_id(), |tx| {
            tx.record(noted("conflicted", 1))?;
            tx.record(noted("conflicted", 2))
        });
        let release = async { go_on.send(()).unwrap() };
        let (before, refused, panicked, conflicted, after, ()) = tokio::join!(
            record("before"), refused, panics, conflicts, record("after"), release
        );
        assert_eq!((before, after), (Ok(()), Ok(())));
        assert_eq!(refused, Err(Error::Stale));
        assert!(matches!(panicked, Err(Error::Broken(text)) if text.contains("on purpose")));
        assert_eq!(conflicted, Err(Error::Conflict(Constraint::EventsId)));
        for (subject, wanted) in
            [("before", 1), ("refused", 0), ("panicked", 0), ("conflicted", 0), ("after", 1)]
        {
            assert_eq!(count(&store, subject).await, wanted, "{subject}");
        }
    }

    async fn after_a_failed_statement_a_job_goes_on_only_behind_a_savepoint(db) {
        let store = db.store();
        let swallowed = store.write(stamp_with_one_id(), |tx| {
            tx.record(noted("swallowed", 1))?;
            assert!(tx.record(noted("swallowed", 2)).is_err());
            Ok::<_, Error>(())
        });
        assert!(matches!(swallowed.await, Err(Error::Broken(_))));
        let behind_savepoints = store.write(stamp_with_one_id(), |tx| {
            tx.record(noted("kept", 1))?;
            for _ in 0..2 {
                let inner = tx.savepoint(|tx| {
                    tx.cursors().set("undone", 1)?;
                    let nested = tx.savepoint(|tx| tx.record(noted("kept", 2)));
                    assert_eq!(nested, Err(Error::Conflict(Constraint::EventsId)));
                    nested
                });
                assert_eq!(inner, Err(Error::Conflict(Constraint::EventsId)));
            }
            tx.cursors().set("kept", 1)
        });
        assert_eq!(behind_savepoints.await, Ok(()));
        assert_eq!(count(&store, "swallowed").await, 0);
        assert_eq!(count(&store, "kept").await, 1);
        assert_eq!(store.read(|tx| tx.cursors().get("undone")).await, Ok(0));
        assert_eq!(store.read(|tx| tx.cursors().get("kept")).await, Ok(1));
    }

    async fn one_more_than_the_queue_holds_is_told_to_come_later(db) {
        let (store, go_on) = held(&db, 2);
        assert_eq!((store.stats().queue, store.stats().waiting_writes), (2, 0));
        let set = |name: &'static str| store.write(stamp(), move |tx| tx.cursors().set(name, 1));
        let depth = async {
            let depth = store.stats().waiting_writes;
            go_on.send(()).unwrap();
            depth
        };
        let (first, second, third, depth) = tokio::join!(set("a"), set("b"), set("c"), depth);
        assert_eq!((first, second, third), (Ok(()), Ok(()), Err(Error::Busy)));
        assert_eq!(depth, 2);
        assert_eq!(store.read(|tx| tx.cursors().get("c")).await, Ok(0));
    }

    async fn a_read_sees_one_snapshot_and_cannot_write(db) {
        let store = db.store();
        store.write(stamp(), |tx| tx.cursors().set("a", 1)).await.unwrap();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .read(move |tx| {
                        let before = tx.cursors().get("a")?;
                        started.send(()).unwrap();
                        may_go_on.recv().unwrap();
                        Ok::<_, Error>((before, tx.cursors().get("a")?))
                    })
                    .await
            }
        });
        tokio::task::block_in_place(|| has_started.recv()).unwrap();
        store.write(stamp(), |tx| tx.cursors().set("a", 2)).await.unwrap();
        go_on.send(()).unwrap();
        assert_eq!(reading.await.unwrap(), Ok((1, 1)));
        assert_eq!(store.read(|tx| tx.cursors().get("a")).await, Ok(2));
        let refused = store.read(|tx| tx.cursors().set("a", 3)).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        assert_eq!(store.read(|tx| tx.cursors().get("a")).await, Ok(2));
    }
}

/// SQLite rolls back a whole transaction by itself when the disk is full or fails; a trigger that
/// does the same stands in for the disk.
#[test]
fn a_transaction_that_sqlite_rolled_back_by_itself_is_run_again_job_by_job() {
    for text in ["disk I/O error", "something else"] {
        let db = Db::sqlite();
        db.execute(&format!(
            "CREATE TRIGGER bomb BEFORE INSERT ON cursors WHEN NEW.name = 'bomb' \
             BEGIN SELECT RAISE(ROLLBACK, '{text}'); END"
        ));
        block_on(async {
            let (store, go_on) = held(&db, 100);
            let take =
                || store.write(stamp(), |tx| tx.counters().next(&ProgramCode::lssc(), "invoice"));
            let swallows = store.write(stamp(), |tx| {
                tx.record(noted("swallows", 1))?;
                let undone: Result<(), Error> = tx.savepoint(|tx| tx.cursors().set("bomb", 1));
                // Not reached: it would be committed by itself.
                tx.record(noted("swallows", 2))?;
                undone
            });
            let fails = store.write(stamp(), |tx| tx.cursors().set("bomb", 1));
            let release = async { go_on.send(()).unwrap() };
            let (one, swallowed, two, failed, three, ()) =
                tokio::join!(take(), swallows, take(), fails, take(), release);
            assert_eq!((one, two, three), (Ok(1), Ok(2), Ok(3)), "{text}: each took effect once");
            assert!(matches!(swallowed, Err(Error::Unavailable(_))), "{swallowed:?}");
            assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
            assert_eq!(count(&store, "swallows").await, 0);
            assert_eq!(take().await, Ok(4), "and the thread serves on");
        });
    }
}
