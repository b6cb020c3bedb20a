//! The worker's part: rows in transactions of some hundreds, each with the progress that it makes. A server that
//! dies loses the transaction that ran; the next one goes on with the rows that have no result.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use domain::{
    ImportId,
    import::{Import, ImportRow, ImportState, RowState, Tally},
};
use persistence::{Stamp, Tx};

use super::{
    Desk, Subject, each_kind, save, sender,
    sheet::{self, Read},
    undoing::take_back,
    unreadable,
};
use crate::{app::App, flows::rehearsal::rehearse, problem::Problem};

/// Rows of one transaction: it holds the one writer of SQLite for less than a tenth of a second.
pub(super) const CHUNK: usize = 200;
/// The most rows of one transaction of a dry run, however many touch the same: nobody else writes meanwhile.
const MOST_TOGETHER: usize = 2_000;
/// For how long a server that works on imports keeps others from it.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(10);
/// The name of the lease.
pub(super) const NAME: &str = "import";

/// What became of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    /// An import was finished or undone: there may be another one.
    Did,
    /// There is none.
    Idle,
    /// Another server is at it.
    Elsewhere,
}

/// Takes the rows of the first import that has any left, or takes back what it made.
pub(crate) async fn round(app: &App, holder: &str) -> Result<Round, Problem> {
    let next = app.store.read(|tx| tx.imports().first_open().map_err(Problem::from)).await?;
    let Some(import) = next else { return Ok(Round::Idle) };
    if !begin(app, holder, import.id).await? {
        return Ok(Round::Elsewhere);
    }
    let undoing = import.state() == ImportState::Undoing;
    let done = each_kind!(import.kind, |S| if undoing {
        take_back::<S>(app, holder, &import).await
    } else {
        take::<S>(app, holder, &import).await
    });
    match done {
        Ok(true) => Ok(Round::Did),
        Ok(false) => Ok(Round::Elsewhere),
        // It would fail again: what is not a matter of time ends the import, and the others go on.
        Err(problem) if !undoing && stays(&problem) => {
            tracing::error!(cause = problem.cause(), import = %import.id, "an import failed");
            fail(app, &import, &problem).await.map(|()| Round::Did)
        }
        Err(problem) => Err(problem),
    }
}

/// Whether a problem would be there the next time: not a server that is away, nor somebody who came first.
pub(crate) fn stays(problem: &Problem) -> bool {
    let status = problem.kind().status();
    status <= 500 && !matches!(status, 409 | 412)
}

/// The stamp of what an import does: in the name of who asked for it, its id the request.
pub(super) fn stamp(app: &App, import: &Import) -> Stamp {
    let by = import.undo.as_ref().map_or(&import.requested_by, |undo| &undo.requested_by);
    app.stamp_of(by.clone(), import.id.to_string())
}

/// Takes the lease before a file is read.
async fn begin(app: &App, holder: &str, id: ImportId) -> Result<bool, Problem> {
    let (name, request) = (holder.to_owned(), id.to_string());
    let stamp = app.stamp_of(NAME, request);
    app.store.write(stamp, move |tx| Ok(tx.leases().acquire(NAME, &name, LEASE)?)).await
}

async fn fail(app: &App, import: &Import, problem: &Problem) -> Result<(), Problem> {
    let id = import.id;
    let reason = format!("The server could not take a row of it: {}.", problem.kind().slug());
    let failed = app.store.write(stamp(app, import), move |tx| {
        let import = tx.imports().get(id)?;
        if import.is_open() { end(tx, import, reason.clone()) } else { Ok(()) }
    });
    failed.await
}

/// Ends an import before its last row; its file is not needed any more.
fn end(tx: &mut Tx<'_>, import: Import, reason: String) -> Result<(), Problem> {
    let (id, now) = (import.id, tx.now());
    let (failed, fact) = import.fail(reason, now);
    save(tx, (failed, Some(fact)))?;
    Ok(tx.job_bodies().remove(id)?)
}

/// Takes every row of a small file in the transaction that is open: what the sandbox tells.
pub(crate) fn at_once(app: &App, tx: &mut Tx<'_>, id: ImportId) -> Result<(), Problem> {
    let import = tx.imports().get(id)?;
    let bytes = tx.job_bodies().get(id)?;
    each_kind!(import.kind, |S| {
        let rows: Vec<Read<<S as Subject>::Row>> =
            sheet::read(import.form, &sheet::decoded(&bytes))?;
        let places = sheet::order::<S>(&rows).into_iter().map(|(_, place)| place).collect();
        let holder = "at once".to_owned();
        let chunk = Chunk::<S> { app: app.clone(), holder, id, rows: Arc::new(rows), places };
        chunk.run(tx)?;
    });
    Ok(tx.leases().release(NAME, "at once")?)
}

/// Takes the rows that are left. False where another server has taken over.
async fn take<S: Subject + 'static>(
    app: &App,
    holder: &str,
    import: &Import,
) -> Result<bool, Problem> {
    let id = import.id;
    let (bytes, lines) = app
        .store
        .read(move |tx| Ok::<_, Problem>((tx.job_bodies().get(id)?, tx.imports().lines(id)?)))
        .await?;
    let rows: Arc<Vec<Read<S::Row>>> = Arc::new(sheet::read(import.form, &sheet::decoded(&bytes))?);
    drop(bytes);
    let done: HashSet<i64> = lines.into_iter().collect();
    let left = |place: usize| rows.get(place).is_some_and(|(line, _)| !done.contains(line));
    let order: Vec<_> =
        sheet::order::<S>(&rows).into_iter().filter(|(_, place)| left(*place)).collect();
    for chunk in chunks(&order, import.dry_run) {
        let work = Chunk::<S> {
            app: app.clone(),
            holder: holder.to_owned(),
            id,
            rows: Arc::clone(&rows),
            places: chunk.iter().map(|(_, place)| *place).collect(),
        };
        let going_on = app.store.write(stamp(app, import), move |tx| work.run(tx)).await?;
        app.written.notify_one();
        if !going_on {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rows in chunks. Of a dry run, those that touch the same are not parted, up to a limit: nothing of a chunk is left
/// for the next one.
fn chunks(order: &[(usize, usize)], whole: bool) -> Vec<&[(usize, usize)]> {
    let mut chunks = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut cut = CHUNK.min(rest.len());
        while whole
            && cut < MOST_TOGETHER
            && let (Some((before, _)), Some((after, _))) =
                (rest.get(cut.saturating_sub(1)), rest.get(cut))
            && before == after
        {
            cut = cut.saturating_add(1);
        }
        let (chunk, more) = rest.split_at(cut);
        chunks.push(chunk);
        rest = more;
    }
    chunks
}

/// Rows of one transaction.
struct Chunk<S: Subject> {
    app: App,
    holder: String,
    id: ImportId,
    rows: Arc<Vec<Read<S::Row>>>,
    places: Vec<usize>,
}

impl<S: Subject> Chunk<S> {
    /// Takes them. False where another server has taken over.
    fn run(&self, tx: &mut Tx<'_>) -> Result<bool, Problem> {
        if !tx.leases().acquire(NAME, &self.holder, LEASE)? {
            return Ok(false);
        }
        let import = tx.imports().get(self.id)?;
        if !import.is_open() {
            return Ok(false);
        }
        if sender(tx, &import)?.is_some_and(|client| client.disabled_at.is_some()) {
            end(tx, import, "The machine that sent it is disabled.".to_owned())?;
            return Ok(false);
        }
        let mut taken = Vec::with_capacity(self.places.len());
        let mut readable = Vec::with_capacity(self.places.len());
        for (line, row) in self.places.iter().filter_map(|place| self.rows.get(*place)) {
            match row {
                Ok(row) => readable.push((*line, row)),
                Err(fault) => taken.push(unreadable(*line, fault.clone())),
            }
        }
        let mut desk = Desk::of(&self.app, tx, &import)?;
        let dry_run = import.dry_run;
        taken.extend(if dry_run {
            rehearse(tx, |tx| S::take(&mut desk, tx, &readable))?
        } else {
            S::take(&mut desk, tx, &readable)?
        });
        if dry_run {
            taken.iter_mut().for_each(nothing_made);
        }
        tx.imports().insert_rows(self.id, &taken)?;
        let mut tally = Tally::default();
        for row in &taken {
            tally.add(row.state);
        }
        let import = save(tx, import.take(tally, tx.now()))?;
        if import.finished_at.is_some() {
            tx.job_bodies().remove(self.id)?;
        }
        Ok(true)
    }
}

/// Of a dry run only what was there before has an id, and nothing is known by a `source_id` afterwards.
fn nothing_made(row: &mut ImportRow) {
    if row.state == RowState::Accepted {
        row.made = None;
        row.made_version = None;
    }
    row.source_key = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many rows are in each chunk, of so many that all touch the same, after one that does not.
    fn sizes(together: usize, whole: bool) -> Vec<usize> {
        let order: Vec<_> =
            std::iter::once((0, 0)).chain((1..=together).map(|place| (1, place))).collect();
        chunks(&order, whole).into_iter().map(<[_]>::len).collect()
    }

    #[test]
    fn a_dry_run_parts_no_rows_that_touch_the_same_unless_there_are_very_many() {
        assert_eq!(sizes(150, true), [151]);
        assert_eq!(sizes(450, false), [200, 200, 51]);
        assert_eq!(sizes(450, true), [451]);
        assert_eq!(sizes(5_000, true), [2_000, 2_000, 1_001]);
    }
}
