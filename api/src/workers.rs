//! Background work: tasks that a lease gives to one server at a time.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinHandle;

use crate::app::App;

/// Starts the workers of a server.
pub(crate) fn start(app: &App) -> Vec<JoinHandle<()>> {
    vec![tokio::spawn(sequence(app.clone()))]
}

/// Events positioned in one round.
const ROUND: i64 = 500;

/// Gives committed events their positions, as soon as something was written and at least once a second:
/// other servers write too.
async fn sequence(app: App) {
    let holder = format!("{:032x}", app.ids.next(app.now()));
    loop {
        let wait = app.written.notified();
        let stamp = app.stamp_of("sequencer", holder.clone());
        match app.store.sequence(stamp, &holder, TimeDelta::seconds(5), ROUND).await {
            // A full round: there may be more.
            Ok(done) if i64::try_from(done.positioned).is_ok_and(|count| count == ROUND) => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "events could not be positioned"),
        }
        // Running out of time is the other reason to go on.
        let _woken = tokio::time::timeout(Duration::from_secs(1), wait).await;
    }
}
