//! Reconciliation: a partner's list compared with the accounts here, in chunks: a constant number of statements for
//! each five hundred rows, however long the list is.

mod desk;

use chrono::TimeDelta;
use domain::{
    BadFact, ClientId, PersonId, ReconciliationId,
    account::AccountState,
    event::Event,
    import::RowForm,
    reconciliation::{Found, Listed, Reconciliation, ReconciliationEvent},
};
use persistence::{Stamp, Tx};
use serde::Deserialize;

use desk::Desk;

use super::{
    account::AccountRules,
    import::{self, Round},
};
use crate::{
    app::App,
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name},
};

/// Rows, or accounts, of one transaction.
const CHUNK: usize = 500;
/// For how long a server that compares keeps others from it.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// The name of the lease.
const NAME: &str = "reconciliation";

/// One row of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRow {
    external_id: Line,
    person_id: Option<PersonId>,
    given_name: Option<Name>,
    family_name: Option<Name>,
    email: Option<EmailAddress>,
    state: Option<AccountState>,
}

impl ListRow {
    fn listed(&self) -> Listed {
        Listed {
            person: self.person_id,
            given_name: self.given_name.clone().map(String::from),
            family_name: self.family_name.clone().map(String::from),
            email: self.email.clone().map(String::from),
            state: self.state,
        }
    }
}

/// A line and its row, or what is wrong with it.
type Read = (i64, Result<ListRow, BadFact>);

/// An event of a reconciliation.
fn event(id: ReconciliationId, fact: ReconciliationEvent) -> Event<ReconciliationEvent> {
    Event { program: None, subject: id.to_string(), person: None, fact }
}

/// Stores a list that is to be compared with the accounts of a system; 409 where too many of the sender's wait.
pub fn request(
    tx: &mut Tx<'_>,
    (form, rows_total): (RowForm, i64),
    source: ClientId,
    bytes: &[u8],
) -> Result<Reconciliation, Problem> {
    let by = tx.actor().to_owned();
    import::not_too_many(tx.reconciliations().open_of(&by)?)?;
    let asked = Reconciliation {
        id: tx.new_id(),
        form,
        source: source.to_string(),
        requested_by: by,
        requested_at: tx.now(),
        rows_total,
        found: Found::default(),
        swept_to: None,
        started_at: None,
        finished_at: None,
        failed: None,
        version: 1,
    };
    tx.reconciliations().insert(&asked)?;
    tx.job_bodies().insert(asked.id, bytes)?;
    let source = asked.source.clone();
    tx.record(event(asked.id, ReconciliationEvent::Requested { source, rows: rows_total }))?;
    Ok(asked)
}

/// Compares the first list that is not done.
pub(crate) async fn round(app: &App, holder: &str) -> Result<Round, Problem> {
    let next =
        app.store.read(|tx| tx.reconciliations().first_open().map_err(Problem::from)).await?;
    let Some(asked) = next else { return Ok(Round::Idle) };
    let (name, id) = (holder.to_owned(), asked.id);
    let mine = app
        .store
        .write(stamp(app, &asked), move |tx| {
            Ok::<_, Problem>(tx.leases().acquire(NAME, &name, LEASE)?)
        })
        .await?;
    if !mine {
        return Ok(Round::Elsewhere);
    }
    match run(app, holder, &asked).await {
        Ok(true) => Ok(Round::Did),
        Ok(false) => Ok(Round::Elsewhere),
        // It would fail again: what is not a matter of time ends it, and the others go on.
        Err(problem) if import::stays(&problem) => {
            tracing::error!(cause = problem.cause(), %id, "a reconciliation failed");
            let reason = "The server could not compare a row of it.".to_owned();
            let failed = app.store.write(stamp(app, &asked), move |tx| {
                let asked = tx.reconciliations().get(id)?;
                if asked.is_open() {
                    let (mut failed, fact) = asked.fail(reason.clone(), tx.now());
                    tx.reconciliations().save(&mut failed)?;
                    tx.record(event(id, fact))?;
                    tidy(tx, id)?;
                }
                Ok::<_, Problem>(Round::Did)
            });
            failed.await
        }
        Err(problem) => Err(problem),
    }
}

fn stamp(app: &App, asked: &Reconciliation) -> Stamp {
    app.stamp_of(asked.requested_by.clone(), asked.id.to_string())
}

/// What is not needed any more: the list holds names and addresses.
fn tidy(tx: &mut Tx<'_>, id: ReconciliationId) -> Result<(), Problem> {
    tx.job_bodies().remove(id)?;
    Ok(tx.reconciliations().forget_links(id)?)
}

/// Compares what is left. False where another server has taken over.
async fn run(app: &App, holder: &str, asked: &Reconciliation) -> Result<bool, Problem> {
    let id = asked.id;
    let bytes = app.store.read(move |tx| tx.job_bodies().get(id).map_err(Problem::from)).await?;
    let rows: Vec<Read> = import::read_rows(asked.form, &import::decoded(&bytes))?;
    drop(bytes);
    let done = usize::try_from(asked.found.rows_done).unwrap_or(usize::MAX);
    let mut before = asked.found.rows_done;
    for chunk in rows.get(done..).unwrap_or_default().chunks(CHUNK) {
        let (there, name, chunk) = (app.clone(), holder.to_owned(), chunk.to_vec());
        let (at, count) = (before, i64::try_from(chunk.len()).unwrap_or(i64::MAX));
        let step = move |tx: &mut Tx<'_>| step(&there, tx, (&name, id), Step::Rows(at, &chunk));
        before = before.saturating_add(count);
        match app.store.write(stamp(app, asked), step).await? {
            Stepped::Elsewhere => return Ok(false),
            Stepped::More | Stepped::Over => {}
        }
    }
    loop {
        let (there, name) = (app.clone(), holder.to_owned());
        let step = move |tx: &mut Tx<'_>| step(&there, tx, (&name, id), Step::Sweep);
        match app.store.write(stamp(app, asked), step).await? {
            Stepped::Elsewhere => return Ok(false),
            Stepped::More => {}
            Stepped::Over => {
                app.written.notify_one();
                return Ok(true);
            }
        }
    }
}

/// Compares a small list in the transaction that is open: what the sandbox tells.
pub(crate) fn at_once(app: &App, tx: &mut Tx<'_>, id: ReconciliationId) -> Result<(), Problem> {
    let form = tx.reconciliations().get(id)?.form;
    let rows: Vec<Read> = import::read_rows(form, &import::decoded(&tx.job_bodies().get(id)?))?;
    step(app, tx, ("at once", id), Step::Rows(0, &rows))?;
    while matches!(step(app, tx, ("at once", id), Step::Sweep)?, Stepped::More) {}
    Ok(tx.leases().release(NAME, "at once")?)
}

/// What one transaction does.
#[derive(Clone, Copy)]
enum Step<'a> {
    /// Compares some rows, those after so many that were compared before.
    Rows(i64, &'a [Read]),
    /// Looks for some accounts in the list.
    Sweep,
}

/// What came of it.
enum Stepped {
    /// There is more.
    More,
    /// That was all.
    Over,
    /// Another server has taken over.
    Elsewhere,
}

fn step(
    app: &App,
    tx: &mut Tx<'_>,
    (holder, id): (&str, ReconciliationId),
    step: Step<'_>,
) -> Result<Stepped, Problem> {
    if !tx.leases().acquire(NAME, holder, LEASE)? {
        return Ok(Stepped::Elsewhere);
    }
    let asked = tx.reconciliations().get(id)?;
    if !asked.is_open() {
        return Ok(Stepped::Elsewhere);
    }
    let client: ClientId = asked
        .source
        .parse()
        .map_err(|_other| Problem::internal("a list is of no machine client"))?;
    let mut desk = Desk { client, place: tx.reconciliations().last_place(id)?, ..Desk::of(id) };
    let (swept_to, over) = match step {
        // Another server was at it while this one waited, and gave up: its rows are not compared again.
        Step::Rows(before, _) if before != asked.found.rows_done => return Ok(Stepped::Elsewhere),
        Step::Rows(_, rows) => {
            let rules = AccountRules::of(app, tx)?;
            desk.compare(tx, rules, rows)?;
            (None, false)
        }
        Step::Sweep => desk.sweep(tx, asked.swept_to.as_deref())?,
    };
    tx.reconciliations().insert_differences(id, &desk.differences)?;
    let mut asked = asked.take(desk.found, tx.now());
    asked.swept_to = swept_to.or(asked.swept_to);
    if !over {
        tx.reconciliations().save(&mut asked)?;
        return Ok(Stepped::More);
    }
    let (mut done, fact) = asked.finish(tx.now());
    tx.reconciliations().save(&mut done)?;
    tx.record(event(id, fact))?;
    tidy(tx, id)?;
    Ok(Stepped::Over)
}
