//! Many at one row: nobody's change is lost.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::program::ProgramCode;
use persistence::{Error, StoreConfig};

use crate::support::database::{each_database, noon, stamp, stamp_at};

const CONTENDERS: usize = 16;
const ROUNDS: usize = 25;

each_database! {
    async fn sixteen_who_read_and_then_write_one_row_lose_no_change(db) {
        let config = StoreConfig { postgres_threads: CONTENDERS, ..db.config() };
        let store = persistence::Store::open(&config).unwrap();
        store.write(stamp(), |tx| tx.cursors().set("row", 0)).await.unwrap();
        let contenders: Vec<_> = (0..CONTENDERS)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..ROUNDS {
                        store
                            .write(stamp(), |tx| {
                                let value = tx.cursors().get("row")?;
                                tx.cursors().set("row", value + 1)
                            })
                            .await
                            .unwrap();
                    }
                })
            })
            .collect();
        for contender in contenders {
            contender.await.unwrap();
        }
        let end = store.read(|tx| tx.cursors().get("row")).await;
        assert_eq!(end, Ok(i64::try_from(CONTENDERS * ROUNDS).unwrap()));
    }

    async fn numbers_have_no_gaps_although_some_who_take_one_fail(db) {
        let store = db.store();
        let takers: Vec<_> = (0..40)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(stamp(), move |tx| {
                            let number = tx.counters().next(&ProgramCode::lssc(), "invoice")?;
                            if n % 4 == 0 { Err(Error::Stale) } else { Ok(number) }
                        })
                        .await
                })
            })
            .collect();
        let mut numbers = BTreeSet::new();
        for taker in takers {
            if let Ok(number) = taker.await.unwrap() {
                assert!(numbers.insert(number), "{number} was given twice");
            }
        }
        assert_eq!(numbers, (1..=30).collect());
    }

    async fn two_who_lock_rows_in_opposite_order_both_come_through(db) {
        let store = db.store();
        store
            .write(stamp(), |tx| {
                tx.cursors().set("a", 0)?;
                tx.cursors().set("b", 0)
            })
            .await
            .unwrap();
        let both: Vec<_> = [("a", "b"), ("b", "a")]
            .into_iter()
            .map(|(first, second)| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        store
                            .write(stamp(), move |tx| {
                                for name in [first, second] {
                                    let value = tx.cursors().get(name)?;
                                    tx.cursors().set(name, value + 1)?;
                                }
                                Ok::<_, Error>(())
                            })
                            .await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for one in both {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
        for name in ["a", "b"] {
            assert_eq!(store.read(move |tx| tx.cursors().get(name)).await, Ok(20));
        }
    }

    async fn a_lease_has_one_holder_until_it_ends_or_is_released(db) {
        let store = db.store();
        let acquire = |holder: &'static str, minute: i64| {
            let now = noon() + TimeDelta::minutes(minute);
            store.write(stamp_at(now), move |tx| {
                tx.leases().acquire("sweep", holder, TimeDelta::minutes(5))
            })
        };
        assert_eq!(acquire("ada", 0).await, Ok(true));
        assert_eq!(acquire("ben", 1).await, Ok(false));
        assert_eq!(acquire("ada", 4).await, Ok(true), "its holder renews it");
        assert_eq!(acquire("ben", 8).await, Ok(false), "the renewal counts");
        assert_eq!(acquire("ben", 9).await, Ok(true), "it has ended");
        store.write(stamp(), |tx| tx.leases().release("sweep", "ada")).await.unwrap();
        assert_eq!(acquire("ada", 10).await, Ok(false), "only the holder releases");
        store.write(stamp(), |tx| tx.leases().release("sweep", "ben")).await.unwrap();
        assert_eq!(acquire("ada", 10).await, Ok(true));
    }
}
