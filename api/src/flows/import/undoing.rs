//! The worker's part of an undo: what rows made is taken back, some of it in each transaction.

use domain::{
    ImportId,
    import::{Import, ImportRow, ImportState, UndoState},
};
use persistence::Tx;

use super::{
    Desk, Subject, passes, save,
    work::{CHUNK, LEASE, NAME, stamp},
};
use crate::{app::App, problem::Problem};

/// Takes back what the rows made, some in each transaction. False where another server has taken over.
pub(super) async fn take_back<S: Subject + 'static>(
    app: &App,
    holder: &str,
    import: &Import,
) -> Result<bool, Problem> {
    loop {
        let (there, name, id) = (app.clone(), holder.to_owned(), import.id);
        let done = app
            .store
            .write(stamp(app, import), move |tx| take_some_back::<S>(&there, tx, &name, id))
            .await?;
        app.written.notify_one();
        let Some((files, over)) = done else { return Ok(false) };
        // After the commit: a crash leaves bytes that nobody names, never a row without bytes.
        for key in files {
            app.files.delete(&key.parse()?).await?;
        }
        if over {
            return Ok(true);
        }
    }
}

/// The keys of files that nobody names any more, and whether that was all; none where another has taken over.
type Seen = Option<(Vec<String>, bool)>;

fn take_some_back<S: Subject>(
    app: &App,
    tx: &mut Tx<'_>,
    holder: &str,
    id: ImportId,
) -> Result<Seen, Problem> {
    if !tx.leases().acquire(NAME, holder, LEASE)? {
        return Ok(None);
    }
    let import = tx.imports().get(id)?;
    if import.state() != ImportState::Undoing {
        return Ok(None);
    }
    let rows = tx.imports().to_undo(id, i64::try_from(CHUNK).unwrap_or(i64::MAX))?;
    let mut desk = Desk::of(app, tx, &import)?;
    let (mut files, mut undone, mut kept) = (Vec::new(), 0, 0);
    for row in rows {
        match tx.savepoint(|tx| take_row_back::<S>(&mut desk, tx, &row)) {
            Ok(keys) => {
                files.extend(keys);
                undone += 1;
                tx.imports().save_undo(id, row.line, (UndoState::Undone, None))?;
            }
            Err(problem) if passes(&problem) => return Err(problem),
            Err(problem) => {
                kept += 1;
                let (_, _, reason) = problem.brief();
                tx.imports().save_undo(id, row.line, (UndoState::Kept, Some(&reason)))?;
            }
        }
    }
    let import = save(tx, import.undone((undone, kept), tx.now()))?;
    Ok(Some((files, import.state() == ImportState::Undone)))
}

fn take_row_back<S: Subject>(
    desk: &mut Desk<'_>,
    tx: &mut Tx<'_>,
    row: &ImportRow,
) -> Result<Vec<String>, Problem> {
    match (&row.made, row.made_version) {
        (Some(made), Some(_)) => S::undo(desk, tx, made, row),
        _ => Err(Problem::state("It was there before the import, which only signed it.")),
    }
}
