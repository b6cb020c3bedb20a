//! The open transaction that a job works in.

use std::{fmt, sync::Arc};

use chrono::{DateTime, SubsecRound, Utc};
use domain::id::{Id, Kind};

use crate::{
    conn::{Backend, Conn},
    error::{Error, Mishap},
};

/// Where the bits of new ids come from: chance is handed in.
pub trait IdSource: Send + Sync {
    /// 128 bits that were never handed out before; a `UUIDv7` made of `now` and chance.
    fn next(&self, now: DateTime<Utc>) -> u128;
}

/// Who writes, when and on which request: what every event of a write is stamped with.
#[derive(Clone)]
pub struct Stamp {
    /// The instant of the write; kept to microseconds.
    pub now: DateTime<Utc>,
    /// What the machine shows then: the same, but where a sandbox's clock is ahead of its machine. Leases,
    /// sessions and keys of idempotency end by it.
    pub machine: DateTime<Utc>,
    /// Who writes: the id of a person or client, or the name of a background worker.
    pub actor: String,
    /// The request that asked for it.
    pub request_id: String,
    /// Where new ids come from.
    pub ids: Arc<dyn IdSource>,
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp")
            .field("now", &self.now)
            .field("actor", &self.actor)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Stamp {
    /// Both databases keep microseconds: what is written is then what is read back.
    pub(crate) fn with_micros(mut self) -> Self {
        self.now = self.now.trunc_subsecs(6);
        self.machine = self.machine.trunc_subsecs(6);
        self
    }
}

/// An open transaction. The repositories are its methods: `tx.people()`, `tx.events()`.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut Conn,
    stamp: Option<&'c Stamp>,
}

/// Unwinds a job whose transaction the database has already rolled back by itself: a further
/// statement of it would be committed alone.
pub(crate) struct TransactionGone;

impl<'c> Tx<'c> {
    pub(crate) const fn new(conn: &'c mut Conn, stamp: Option<&'c Stamp>) -> Self {
        Self { conn, stamp }
    }
    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.conn {
            Conn::Postgres(_) => Backend::Postgres,
            Conn::Sqlite(_) => Backend::Sqlite,
        }
    }
    /// Whether a row that is read must be locked to be held: in a write on PostgreSQL.
    pub(crate) const fn locks(&self) -> bool {
        self.stamp.is_some() && matches!(self.conn, Conn::Postgres(_))
    }
    /// The instant of this write, in microseconds. A read has none (it gets the Unix epoch, and a
    /// failed assertion in debug builds): give it its dates as arguments.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        debug_assert!(self.stamp.is_some(), "a read has no instant of its own");
        self.stamp.map_or(DateTime::UNIX_EPOCH, |stamp| stamp.now)
    }
    /// The machine's instant of this write, by which leases, sessions and keys end. Only for writes, as `now`.
    #[must_use]
    pub fn machine(&self) -> DateTime<Utc> {
        debug_assert!(self.stamp.is_some(), "a read has no instant of its own");
        self.stamp.map_or(DateTime::UNIX_EPOCH, |stamp| stamp.machine)
    }
    /// A new id. Only for writes, as `now`.
    #[must_use]
    pub fn new_id<K: Kind>(&self) -> Id<K> {
        debug_assert!(self.stamp.is_some(), "a read makes no ids");
        Id::from_bits(self.stamp.map_or(0, |stamp| stamp.ids.next(stamp.now)))
    }
    /// Who writes. Empty in a read.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.stamp.map_or("", |stamp| &stamp.actor)
    }
    /// The request that asked for the write. Empty in a read.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.stamp.map_or("", |stamp| &stamp.request_id)
    }
    /// Runs `act` so that an `Err` undoes what it did, and the transaction goes on without it.
    ///
    /// Lost races and lost connections are not undone this way: the whole job is then run again, or
    /// ends as unavailable, whatever it makes of the error.
    pub fn savepoint<T, E: From<Error>>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let before = Mishap::now();
        let depth = self.conn.depth().map_err(Error::from)?;
        self.conn.begin_savepoint().map_err(Error::from)?;
        match act(self) {
            Ok(value) => {
                self.conn.commit().map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                if self.conn.rollback_to(depth).is_err() {
                    std::panic::resume_unwind(Box::new(TransactionGone));
                }
                if Mishap::now() == Mishap::Statement {
                    Mishap::set(before);
                }
                Err(error)
            }
        }
    }
}
