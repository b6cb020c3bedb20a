//! The database threads: each owns one connection, and nothing else touches it.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::{
    conn::{Conn, Target},
    error::{Error, Mishap},
    job::{self, BoxedJob, Job, Run},
    store::StoreConfig,
};

/// A connection that is opened again when it breaks, but not more often than makes sense.
pub(crate) struct Line {
    target: Target,
    config: StoreConfig,
    reader: bool,
    conn: Option<Conn>,
    failures: u32,
    not_before: Option<Instant>,
}

impl Line {
    pub(crate) fn new(target: &Target, config: &StoreConfig, reader: bool) -> Self {
        Self {
            target: target.clone(),
            config: config.clone(),
            reader,
            conn: None,
            failures: 0,
            not_before: None,
        }
    }
    /// The open connection, opened if need be. While the server is away, most jobs are refused at
    /// once and only one in a while waits for an attempt.
    pub(crate) fn conn(&mut self) -> Result<&mut Conn, Error> {
        if self.conn.is_none() {
            let conn = self.open().map_err(Error::Unavailable)?;
            return Ok(self.conn.insert(conn));
        }
        self.conn.as_mut().ok_or_else(|| Error::Unavailable("there is no connection".to_owned()))
    }
    fn open(&mut self) -> Result<Conn, String> {
        if self.not_before.is_some_and(|then| Instant::now() < then) {
            return Err("the connection was lost and is being opened again".to_owned());
        }
        let opened = if self.reader {
            Conn::open_reader(&self.target, &self.config)
        } else {
            Conn::open(&self.target, &self.config)
        };
        match opened {
            Ok(conn) => {
                self.failures = 0;
                self.not_before = None;
                Ok(conn)
            }
            Err(error) => {
                // 50 ms, 100 ms, ... 1.6 s.
                let wait = Duration::from_millis(50 << self.failures.min(5));
                self.failures = self.failures.saturating_add(1);
                self.not_before = Instant::now().checked_add(wait);
                tracing::warn!(%error, "the database cannot be reached");
                Err(error)
            }
        }
    }
    /// Gives up the connection: the next job opens another.
    fn drop_conn(&mut self) {
        self.conn = None;
    }
    /// Rolls back whatever is open; a connection that cannot do so is given up.
    fn reset(&mut self) {
        if self.conn.as_mut().is_some_and(|conn| conn.rollback_to(0).is_err()) {
            self.drop_conn();
        }
    }
}

fn unavailable(error: diesel::result::Error) -> Error {
    match Error::from(error) {
        Error::Unavailable(text) | Error::Broken(text) => Error::Unavailable(text),
        other => Error::Unavailable(other.to_string()),
    }
}

/// Serves jobs one transaction each: all of PostgreSQL's threads, and SQLite's readers.
pub(crate) fn serve_each(mut line: Line, jobs: &Receiver<BoxedJob>) {
    while let Ok(mut job) = jobs.recv() {
        if job.is_abandoned() {
            continue;
        }
        if let Err(error) = serve_one(&mut line, job.as_mut()) {
            job.refuse(error);
        }
        job.answer();
    }
}

/// PostgreSQL takes a second to find a deadlock: a budget of time alone might allow for no retry.
const FEWEST_RETRIES: u32 = 3;

/// Runs one job to its end, again and again while it loses races and its time budget lasts.
fn serve_one(line: &mut Line, job: &mut dyn Job) -> Result<(), Error> {
    let started = Instant::now();
    let budget = Duration::from_millis(line.config.retry_budget_ms);
    let mut races = 0;
    let mut reopened = false;
    loop {
        let conn = line.conn()?;
        let begun = if job.stamp().is_some() { conn.begin_write() } else { conn.begin_read() };
        if let Err(error) = begun {
            // Nothing has happened yet: the server may have been restarted since the last job.
            line.drop_conn();
            if reopened {
                return Err(unavailable(error));
            }
            reopened = true;
            continue;
        }
        let ran = match job::run(conn, job) {
            Run::Commit => match conn.commit() {
                Ok(()) => return Ok(()),
                Err(error) => commit_failed(line, error)?,
            },
            ran => ran,
        };
        if ran == Run::Lost && job.stamp().is_some() {
            // Even a connection that still answers may lead to a server that has become a standby.
            line.drop_conn();
        }
        line.reset();
        match ran {
            Run::Race if races < FEWEST_RETRIES || started.elapsed() < budget => {
                races += 1;
                pause(races);
            }
            Run::Race => {
                return Err(Error::Unavailable(format!("lost {} races in a row", races + 1)));
            }
            Run::Commit | Run::Undo | Run::Lost => return Ok(()),
        }
    }
}

/// A lost race may show at the commit; after anything else the outcome is not known.
fn commit_failed(line: &mut Line, error: diesel::result::Error) -> Result<Run, Error> {
    Mishap::set(Mishap::None);
    let error = unavailable(error);
    if Mishap::now() == Mishap::Race {
        return Ok(Run::Race);
    }
    tracing::error!(%error, "a commit failed; whether it took place is not known");
    line.drop_conn();
    Err(error)
}

/// Waits a little longer after each lost race, not the same for everybody.
fn pause(races: u32) {
    use std::hash::{BuildHasher, RandomState};
    // A fresh hasher's seed is the chance at hand: it decides nothing but this wait.
    let chance = RandomState::new().hash_one(races) % 1000;
    let longest_us = 1000_u64 << races.min(6);
    #[expect(clippy::disallowed_methods, reason = "this thread serves nobody else meanwhile")]
    std::thread::sleep(Duration::from_micros(longest_us / 2 + longest_us * chance / 2000));
}

/// Serves SQLite's writes: what waits is committed together, and answered only then.
pub(crate) fn serve_groups(mut line: Line, jobs: &Receiver<BoxedJob>) {
    while let Ok(first) = jobs.recv() {
        let most = line.config.group;
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(most.saturating_sub(1)));
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            continue;
        }
        serve_group(&mut line, &mut group);
        for job in group {
            job.answer();
        }
    }
}

/// Why nothing of a group was committed.
enum GroupFailure {
    /// It could not begin; nothing was run.
    Begin(Error),
    /// It broke on the way.
    Broken(Error),
}

fn serve_group(line: &mut Line, group: &mut [BoxedJob]) {
    match run_group(line, group) {
        Ok(()) => {}
        Err(GroupFailure::Begin(error)) => {
            for job in group {
                job.refuse(error.clone());
            }
        }
        Err(GroupFailure::Broken(error)) => {
            tracing::warn!(%error, jobs = group.len(), "a group broke; its jobs run alone");
            for job in group {
                let failed = run_group(line, std::slice::from_mut(job)).err();
                if let Some(GroupFailure::Begin(error) | GroupFailure::Broken(error)) = failed {
                    job.refuse(error);
                }
            }
        }
    }
}

fn run_group(line: &mut Line, group: &mut [BoxedJob]) -> Result<(), GroupFailure> {
    let conn = line.conn().map_err(GroupFailure::Begin)?;
    if let Err(error) = conn.begin_write() {
        line.reset();
        return Err(GroupFailure::Begin(unavailable(error)));
    }
    let ran = group
        .iter_mut()
        .try_for_each(|job| run_in_group(conn, job.as_mut()))
        .and_then(|()| conn.commit());
    ran.map_err(|error| {
        line.reset();
        GroupFailure::Broken(unavailable(error))
    })
}

/// One job behind its own savepoint. An error means that the whole group is broken.
fn run_in_group(conn: &mut Conn, job: &mut dyn Job) -> diesel::QueryResult<()> {
    conn.begin_savepoint()?;
    match job::run(conn, job) {
        Run::Commit => conn.commit(),
        Run::Undo => conn.rollback_to(1),
        // SQLite may have rolled back the whole transaction: what ran before is gone then.
        Run::Race | Run::Lost => {
            conn.rollback_to(1)?;
            Err(diesel::result::Error::RollbackTransaction)
        }
    }
}
