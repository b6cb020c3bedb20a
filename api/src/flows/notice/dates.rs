//! The look through the dates that come nearer.

use chrono::TimeDelta;
use domain::{notice::Window, program::ProgramCode};
use persistence::{Ask, Spot, Tx};

use crate::{app::App, flows::program, problem::Problem};

const NAME: &str = "notices";

/// How long a server that died keeps the others waiting. One that lives renews it with each transaction.
const LEASE: TimeDelta = TimeDelta::seconds(10);

/// Notices of one transaction.
const CHUNK: i64 = 500;

/// What one look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// How many notices were made.
    pub made: usize,
    /// Whether another server was at it: what it leaves is there for the next look.
    pub other: bool,
}

/// One look through every program.
///
/// What lies in a window and was not told is read in chunks, from one place to the next, and made a transaction
/// each. Nothing is remembered between them: after a crash, or beside another server, what was told is seen by
/// its rows. The lease spares two servers the same work.
pub async fn look(app: &App, holder: &str) -> Result<Look, Problem> {
    let mut look = Look::default();
    for program in app.store.read(|tx| tx.programs().list().map_err(Problem::from)).await? {
        let (there, code) = (app.clone(), program.code.clone());
        let windows = move |tx: &mut Tx<'_>| {
            let rules = program::in_force(&there, tx, &code)?;
            super::windows(tx, &rules)
        };
        for window in app.store.read(windows).await? {
            look_into(app, holder, (&program.code, window), &mut look).await?;
            if look.other {
                return Ok(look);
            }
        }
    }
    let name = holder.to_owned();
    let release = move |tx: &mut Tx<'_>| tx.leases().release(NAME, &name).map_err(Problem::from);
    if look.made > 0 {
        app.store.write(app.stamp_of("notices", holder), release).await?;
    }
    Ok(look)
}

async fn look_into(
    app: &App,
    holder: &str,
    (code, window): (&ProgramCode, Window),
    look: &mut Look,
) -> Result<(), Problem> {
    let mut after = None;
    loop {
        let asked = code.clone();
        let read = move |tx: &mut Tx<'_>| {
            let ask = Ask { program: &asked, window: &window, after, limit: CHUNK };
            tx.notices().untold(ask).map_err(Problem::from)
        };
        let found = app.store.read(read).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = Some(*last);
        let Some(made) = make(app, holder, (code, window), found).await? else {
            look.other = true;
            return Ok(());
        };
        look.made += made;
    }
}

/// Makes the notices of one chunk; none while another server has the lease.
async fn make(
    app: &App,
    holder: &str,
    (code, window): (&ProgramCode, Window),
    found: Vec<Spot>,
) -> Result<Option<usize>, Problem> {
    let (there, name, code) = (app.clone(), holder.to_owned(), code.clone());
    let made = app
        .store
        .write(app.stamp_of("notices", holder), move |tx| {
            if !tx.leases().acquire(NAME, &name, LEASE)? {
                return Ok::<_, Problem>(None);
            }
            let rules = program::in_force(&there, tx, &code)?;
            super::make(tx, &rules, &window, &found).map(Some)
        })
        .await?;
    app.written.notify_one();
    Ok(made)
}
