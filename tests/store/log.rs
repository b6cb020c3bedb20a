//! The event log: dense, in one order, and nothing skipped.

use std::{collections::BTreeSet, sync::mpsc};

use chrono::TimeDelta;
use persistence::{Error, EventFilter, Recorded, Store};

use super::noted;
use crate::support::database::{Db, block_on, each_database, noon, stamp, stamp_at};

const LEASE: TimeDelta = TimeDelta::minutes(1);

async fn after(store: &Store, position: i64) -> Vec<Recorded> {
    store.read(move |tx| tx.events().page(position, &EventFilter::default(), 7)).await.unwrap()
}

each_database! {
    async fn a_reader_who_follows_sees_every_event_once_and_in_order(db) {
        const WRITERS: usize = 8;
        const EACH: usize = 15;
        let store = db.store();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in 0..EACH {
                        store
                            .write(stamp(), move |tx| tx.record(noted(&format!("w{writer}"), n)))
                            .await
                            .unwrap();
                    }
                })
            })
            .collect();
        // Two who would both lead, and a reader, while the writers write.
        let sequencers: Vec<_> = ["one", "two"]
            .into_iter()
            .map(|holder| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut positioned = 0;
                    for second in 0..400 {
                        // Leases of a second each, by a clock that runs: the leadership changes.
                        let now = noon() + TimeDelta::seconds(second);
                        let lasts = TimeDelta::milliseconds(900);
                        let round = store.sequence(stamp_at(now), holder, lasts, 9).await;
                        positioned += round.unwrap().positioned;
                    }
                    positioned
                })
            })
            .collect();
        let mut seen: Vec<Recorded> = Vec::new();
        while seen.len() < WRITERS * EACH {
            let last = seen.last().and_then(|event| event.position).unwrap_or(0);
            let page = after(&store, last).await;
            if page.is_empty() && sequencers.iter().all(tokio::task::JoinHandle::is_finished) {
                store.sequence(stamp(), "one", LEASE, 1000).await.unwrap();
                let late = noon() + TimeDelta::hours(1);
                store.sequence(stamp_at(late), "reader", LEASE, 1000).await.unwrap();
            }
            seen.extend(page);
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let positions: Vec<i64> = seen.iter().filter_map(|event| event.position).collect();
        assert_eq!(positions, (1..=120).collect::<Vec<i64>>());
        let distinct: BTreeSet<_> = seen.iter().map(|event| event.id).collect();
        assert_eq!(distinct.len(), WRITERS * EACH);
        assert_eq!(store.verify().await, Ok(Vec::new()));
    }

    async fn an_event_carries_its_stamp_and_a_page_can_be_narrowed(db) {
        let store = db.store();
        store
            .write(stamp(), |tx| {
                tx.record(noted("app_1", 1))?;
                tx.record(noted("app_2", 2))
            })
            .await
            .unwrap();
        let history = |subject: &'static str| store.read(move |tx| tx.events().history(subject));
        let before: Vec<Recorded> = history("app_1").await.unwrap();
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].position, None, "history does not wait for the sequencer");
        assert_eq!(before[0].at, noon());
        assert_eq!((before[0].actor.as_str(), before[0].request_id.as_str()), ("test", "req-1"));
        assert_eq!(before[0].data["text"], "é \"quoted\"");
        assert!(after(&store, 0).await.is_empty(), "a feed does");
        let round = store.sequence(stamp(), "me", LEASE, 100).await.unwrap();
        assert_eq!((round.leads, round.positioned), (true, 2));
        let narrowed = |filter: EventFilter| {
            store.read(move |tx| {
                let page: Vec<Recorded> = tx.events().page(0, &filter, 10)?;
                Ok::<_, Error>(page.into_iter().map(|event| event.subject).collect::<Vec<_>>())
            })
        };
        let subject = EventFilter { subject: Some("app_2".to_owned()), ..EventFilter::default() };
        assert_eq!(narrowed(subject).await.unwrap(), ["app_2"]);
        let types = vec!["test.noted".to_owned()];
        let of_type = EventFilter { types, ..EventFilter::default() };
        assert_eq!(narrowed(of_type).await.unwrap().len(), 2);
        let elsewhere = "other".parse().ok();
        let of_program = EventFilter { program: elsewhere, ..EventFilter::default() };
        assert!(narrowed(of_program).await.unwrap().is_empty());
    }
}

/// Only PostgreSQL lets two writes overlap.
#[test]
fn an_event_that_commits_late_comes_later_and_is_not_skipped() {
    let Some(db) = Db::postgres() else { return };
    block_on(async {
        let store = db.store();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let early = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .write(stamp(), move |tx| {
                        tx.record(noted("early", 1))?;
                        started.send(()).unwrap();
                        may_go_on.recv().unwrap();
                        Ok::<_, Error>(())
                    })
                    .await
            }
        });
        tokio::task::block_in_place(|| has_started.recv()).unwrap();
        let later = noon() + TimeDelta::seconds(1);
        store.write(stamp_at(later), |tx| tx.record(noted("late", 2))).await.unwrap();
        store.sequence(stamp(), "me", LEASE, 100).await.unwrap();
        let first = after(&store, 0).await;
        assert_eq!(first.iter().map(|event| event.subject.as_str()).collect::<Vec<_>>(), ["late"]);
        go_on.send(()).unwrap();
        early.await.unwrap().unwrap();
        store.sequence(stamp(), "me", LEASE, 100).await.unwrap();
        let next = after(&store, 1).await;
        assert_eq!(next.iter().map(|event| event.subject.as_str()).collect::<Vec<_>>(), ["early"]);
        assert_eq!(next[0].position, Some(2));
    });
}
