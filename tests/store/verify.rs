//! The checker finds what has been tampered with.

use chrono::TimeDelta;
use persistence::Store;

use super::noted;
use crate::support::database::{each_database, stamp};

async fn five_events(store: &Store) {
    for n in 0..5 {
        store.write(stamp(), move |tx| tx.record(noted("app_1", n))).await.unwrap();
    }
    let round = store.sequence(stamp(), "me", TimeDelta::minutes(1), 100).await.unwrap();
    assert_eq!(round.positioned, 5);
    assert_eq!(store.verify().await, Ok(Vec::new()));
}

/// The number of the broken invariant, and how many rows tell of it.
async fn found(store: &Store) -> Vec<(&'static str, usize)> {
    let broken = store.verify().await.unwrap();
    broken.iter().map(|invariant| (invariant.id, invariant.rows.len())).collect()
}

each_database! {
    async fn a_changed_event_is_found(db) {
        let store = db.store();
        five_events(&store).await;
        db.execute("UPDATE events SET actor = 'somebody else' WHERE position = 3");
        assert_eq!(found(&store).await, [("I5", 1)]);
    }

    async fn a_removed_event_is_found(db) {
        let store = db.store();
        five_events(&store).await;
        db.execute("DELETE FROM events WHERE position = 2");
        assert_eq!(found(&store).await, [("I5", 2)], "a gap, and a link that no longer fits");
    }

    async fn an_event_that_was_slipped_in_is_found(db) {
        let store = db.store();
        five_events(&store).await;
        let hash = if db.is_postgres() { "sha256('x')" } else { "zeroblob(32)" };
        db.execute(&format!(
            "UPDATE events SET position = position + 10 WHERE position = 5; \
             INSERT INTO events SELECT '00000000-0000-0000-0000-000000000001', at, program, subject, \
             person, type, actor, request_id, data, 5, {hash} FROM events WHERE position = 4"
        ));
        assert_eq!(found(&store).await[0].0, "I5");
    }

    async fn a_key_without_an_answer_is_found(db) {
        let store = db.store();
        let until = crate::support::database::noon() + TimeDelta::hours(1);
        let begun = store.write(stamp(), move |tx| {
            tx.idempotency().begin("person_1", "k", b"f", "submit", until)
        });
        begun.await.unwrap();
        assert_eq!(found(&store).await, [("I3", 1)]);
    }
}
