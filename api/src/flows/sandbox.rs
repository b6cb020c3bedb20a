//! The sandbox's clock: how far it is ahead is stored, and every server of the sandbox follows.

use crate::{app::App, problem::Problem};

/// Sets the clock as far ahead as is stored, and has everybody who looks by the day look at once where that is
/// news. Nothing happens to a clock that cannot be moved.
pub(crate) async fn follow(app: &App) -> Result<(), Problem> {
    let Some(ahead) = app.clock.ahead() else { return Ok(()) };
    let stored = app.store.read(|tx| tx.sandbox_clock().get().map_err(Problem::from)).await?;
    if ahead.set(stored.ahead) {
        app.days.notify_waiters();
    }
    Ok(())
}

/// Whether the database is a sandbox's whose clock was moved: with another clock it would go back in time.
pub(crate) async fn was_moved(app: &App) -> Result<bool, Problem> {
    let stored = app.store.read(|tx| tx.sandbox_clock().get().map_err(Problem::from)).await?;
    Ok(!stored.ahead.is_zero())
}
