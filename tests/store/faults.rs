//! What the store survives: lost connections, and URLs that name nothing.

use std::sync::mpsc;

use persistence::{Error, OpenError, Store, StoreConfig};

use super::noted;
use crate::support::database::{Db, block_on, each_database, stamp};

const END_THE_OTHERS: &str = "SELECT count(pg_terminate_backend(pid))::text AS line \
     FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[test]
fn connections_that_the_server_ended_are_opened_again_without_an_error() {
    let Some(db) = Db::postgres() else { return };
    block_on(async {
        let store = db.store();
        for _ in 0..8 {
            store.ping().await.unwrap();
        }
        assert_ne!(db.lines(END_THE_OTHERS), ["0"]);
        for _ in 0..8 {
            assert_eq!(store.write(stamp(), |tx| tx.record(noted("after", 1))).await, Ok(()));
        }
    });
}

#[test]
fn a_connection_that_ends_in_a_job_costs_that_job_only() {
    let Some(db) = Db::postgres() else { return };
    block_on(async {
        let store = db.store();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let cut = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(stamp(), move |tx| {
                        tx.record(noted("cut", 1))?;
                        started.send(()).unwrap();
                        may_go_on.recv().unwrap();
                        // Swallowed, as a handler that records refusals might.
                        let second: Result<(), Error> =
                            tx.savepoint(|tx| tx.record(noted("cut", 2)));
                        assert!(second.is_err());
                        Ok::<_, Error>(())
                    })
                    .await
            }
        });
        tokio::task::block_in_place(|| has_started.recv()).unwrap();
        db.lines(END_THE_OTHERS);
        go_on.send(()).unwrap();
        assert!(matches!(cut.await.unwrap(), Err(Error::Unavailable(_))));
        assert_eq!(store.write(stamp(), |tx| tx.record(noted("next", 1))).await, Ok(()));
        assert_eq!(store.read(|tx| tx.events().history("cut")).await, Ok(Vec::new()));
        assert_eq!(store.verify().await, Ok(Vec::new()));
    });
}

#[test]
fn a_url_that_names_no_known_database_is_refused_in_one_sentence() {
    for url in ["mysql://localhost/lssc", "postgresql:oops", "lssc.db", ""] {
        let refused = Store::open(&StoreConfig::new(url)).unwrap_err();
        assert_eq!(refused, OpenError::UnknownScheme, "{url}");
        assert!(refused.to_string().contains("sqlite: or postgres://"));
    }
}

#[test]
fn a_server_that_is_not_there_stops_the_start() {
    let refused = Store::open(&StoreConfig::new("postgres://nobody@127.0.0.1:1/none"));
    assert!(matches!(refused, Err(OpenError::Unreachable(_))));
}

each_database! {
    async fn a_store_answers_a_ping_and_tells_nobody_its_url(db) {
        let store = db.store();
        assert_eq!(store.ping().await, Ok(()));
        assert!(!format!("{store:?}").contains(&db.url));
    }
}
