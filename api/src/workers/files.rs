//! Files that came: imports and lists to reconcile, one after the other.

use std::time::Duration;

use crate::{
    app::App,
    flows::{import, reconciliation},
    problem::Problem,
};

/// Takes the rows of files that came, and takes back what they made.
pub(super) async fn import_files(app: App, holder: String) {
    let mut pause = Pause::default();
    loop {
        let wait = app.jobs.notified();
        pause.after(import::round(&app, &holder).await, wait).await;
    }
}

/// Compares lists that came with the accounts here.
pub(super) async fn reconcile(app: App, holder: String) {
    let mut pause = Pause::default();
    loop {
        let wait = app.jobs.notified();
        pause.after(reconciliation::round(&app, &holder).await, wait).await;
    }
}

/// What a worker on files waits for: nothing while there may be another file, a file that comes or two seconds
/// when there is none, since other servers take files in too; and longer after each failure, half a minute at most.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_secs(1))
    }
}

impl Pause {
    async fn after(
        &mut self,
        done: Result<import::Round, Problem>,
        wait: impl Future<Output = ()>,
    ) {
        match done {
            Ok(import::Round::Did) => *self = Self::default(),
            Ok(import::Round::Idle | import::Round::Elsewhere) => {
                *self = Self::default();
                let _timeout = tokio::time::timeout(Duration::from_secs(2), wait).await;
            }
            Err(problem) => {
                tracing::warn!(cause = problem.cause(), "a file waits for its turn");
                tokio::time::sleep(self.0).await;
                self.0 = self.0.saturating_mul(2).min(Duration::from_secs(30));
            }
        }
    }
}
