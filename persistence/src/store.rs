//! The store: a cloneable handle to the database threads.

use std::{path::Path, sync::Arc, thread};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::{
    conn::{Backend, Conn, Target},
    error::{Error, OpenError},
    job::{BoxedJob, Task},
    tx::{Stamp, Tx},
    worker::{Line, serve_each, serve_groups},
};

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite:PATH`, `sqlite://PATH`, `postgres://...` or `postgresql://...`.
    pub url: String,
    /// Reading threads on SQLite; it always has one writing thread.
    pub sqlite_readers: usize,
    /// Threads, and so connections, on PostgreSQL.
    pub postgres_threads: usize,
    /// How many jobs may wait; one more is answered `Busy`.
    pub queue: usize,
    /// How many writes SQLite commits together at most.
    pub group: usize,
    /// For how long a write that loses races is run again, in milliseconds.
    pub retry_budget_ms: u64,
    /// After how long PostgreSQL gives up a statement, in milliseconds.
    pub statement_timeout_ms: u64,
    /// For how long a statement waits for a lock, in milliseconds.
    pub lock_timeout_ms: u64,
}

impl StoreConfig {
    /// The usual numbers for the database at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            sqlite_readers: 2,
            postgres_threads: 8,
            queue: 1024,
            group: 64,
            retry_budget_ms: 2_000,
            statement_timeout_ms: 10_000,
            lock_timeout_ms: 5_000,
        }
    }
}

/// What waits for the database threads at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Reads that wait. On PostgreSQL reads and writes wait in one queue, told here and there.
    pub waiting_reads: usize,
    /// Writes that wait.
    pub waiting_writes: usize,
    /// How many may wait in a queue.
    pub queue: usize,
}

/// A handle to the database; clones share its threads, which end with the last clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) target: Target,
    pub(crate) config: StoreConfig,
    reads: Sender<BoxedJob>,
    writes: Sender<BoxedJob>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the URL: it may hold a password.
        f.debug_struct("Store").field("backend", &self.backend()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database that the URL names, creating a SQLite file that is not there yet, and
    /// starts the database threads. Does not migrate.
    pub fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        let target = Target::of(&config.url).ok_or(OpenError::UnknownScheme)?;
        if let Target::Sqlite(path) = &target
            && let Some(folder) = Path::new(path).parent()
        {
            std::fs::create_dir_all(folder)
                .map_err(|error| OpenError::Unreachable(error.to_string()))?;
        }
        // One connection now: a wrong URL stops the start, and SQLite's file is in WAL mode before
        // its readers open it.
        drop(Conn::open(&target, config).map_err(OpenError::Unreachable)?);
        let (writes, for_writers) = bounded(config.queue.max(1));
        let reads = match &target {
            Target::Postgres(_) => {
                for n in 0..config.postgres_threads.max(1) {
                    let line = Line::new(&target, config, false);
                    spawn(&format!("postgres-{n}"), line, for_writers.clone(), serve_each)?;
                }
                writes.clone()
            }
            Target::Sqlite(_) => {
                let line = Line::new(&target, config, false);
                spawn("sqlite-writer", line, for_writers, serve_groups)?;
                let (reads, for_readers) = bounded(config.queue.max(1));
                for n in 0..config.sqlite_readers.max(1) {
                    let line = Line::new(&target, config, true);
                    spawn(&format!("sqlite-{n}"), line, for_readers.clone(), serve_each)?;
                }
                reads
            }
        };
        let config = config.clone();
        let inner = Inner { target, config, reads, writes };
        Ok(Self { inner: Arc::new(inner) })
    }
    /// Which database serves it.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.target.backend()
    }
    /// Runs `act` on one consistent snapshot. It may be run again and must not consume what it
    /// captured.
    pub async fn read<T, E, F>(&self, act: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        submit(&self.inner.reads, None, act).await
    }
    /// Runs `act` in one transaction and answers after its commit; an `Err` undoes it. After a lost
    /// race it is run again, so it must not consume what it captured nor have effects of its own.
    pub async fn write<T, E, F>(&self, stamp: Stamp, act: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        submit(&self.inner.writes, Some(stamp), act).await
    }
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read(|tx| Ok(tx.conn.batch("SELECT 1")?)).await
    }
    /// What waits at the moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            waiting_reads: self.inner.reads.len(),
            waiting_writes: self.inner.writes.len(),
            queue: self.inner.config.queue,
        }
    }
}

async fn submit<T, E, F>(queue: &Sender<BoxedJob>, stamp: Option<Stamp>, act: F) -> Result<T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    match queue.try_send(Box::new(Task::new(stamp, act, reply))) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return Err(E::from(Error::Busy)),
        Err(TrySendError::Disconnected(_)) => return Err(E::from(threads_ended())),
    }
    answer.await.unwrap_or_else(|_closed| Err(E::from(threads_ended())))
}

fn threads_ended() -> Error {
    Error::Unavailable("the database threads have ended".to_owned())
}

fn spawn(
    name: &str,
    line: Line,
    jobs: Receiver<BoxedJob>,
    serve: fn(Line, &Receiver<BoxedJob>),
) -> Result<(), OpenError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || serve(line, &jobs))
        .map(drop)
        .map_err(|error| OpenError::Unreachable(error.to_string()))
}
