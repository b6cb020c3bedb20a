//! What can go wrong between a job and its database, told the same way for both.

use std::cell::Cell;

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::constraint::Constraint;

/// Why a job did not get what it asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such row.
    #[error("there is no such row")]
    NotFound,
    /// The row has changed since it was read: its version is another one.
    #[error("the row has changed since it was read")]
    Stale,
    /// Another row has that value already.
    #[error("{} is taken", .0.name())]
    Conflict(Constraint),
    /// Too many jobs wait; try again shortly.
    #[error("too many jobs wait for the database")]
    Busy,
    /// The database cannot be used at the moment. A write may or may not have been committed when
    /// the connection was lost in its commit: retry with the same idempotency key.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A bug or a corrupt row; for the log, never for the caller.
    #[error("the store is broken: {0}")]
    Broken(String),
}

/// Why a store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that is known.
    #[error(
        "the database URL must begin with sqlite: or postgres:// or postgresql://; this one does not"
    )]
    UnknownScheme,
    /// The database could not be reached or opened.
    #[error("the database cannot be opened: {0}")]
    Unreachable(String),
}

/// The worst that has happened to the job that this database thread runs.
///
/// A job sees errors as its own type and may swallow them; the thread must know nevertheless, since
/// a transaction with a failed statement must not be committed and a lost race must be run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mishap {
    None,
    /// A statement failed; rolling back to a savepoint from before it makes good for it.
    Statement,
    /// Another transaction won: run the job again.
    Race,
    /// The connection or the disk failed.
    Lost,
}

thread_local! {
    static MISHAP: Cell<Mishap> = const { Cell::new(Mishap::None) };
}

impl Mishap {
    /// What has happened since the last `set`.
    pub(crate) fn now() -> Self {
        MISHAP.get()
    }
    /// Starts anew from `mishap`.
    pub(crate) fn set(mishap: Self) {
        MISHAP.set(mishap);
    }
    fn note(self) {
        MISHAP.set(MISHAP.get().max(self));
    }
}

/// SQLite says only by its text that it is the machine that failed, and PostgreSQL that it was a race.
/// (PostgreSQL's texts follow `lc_messages`, which only a superuser can set for the session.)
const LOST: &[&str] = &[
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "out of memory",
    "terminating connection",
    "server closed the connection",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
    "could not resize shared memory",
    "could not extend file",
    "the database system is",
    "cannot execute", // "... in a read-only transaction": a standby, or a failover under way
];

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(kind, info) => {
                of_database(kind, info.constraint_name(), info.message(), info.details())
            }
            Diesel::BrokenTransactionManager => {
                Mishap::Lost.note();
                Self::Unavailable("the connection has failed".to_owned())
            }
            other => {
                Mishap::Statement.note();
                Self::Broken(other.to_string())
            }
        }
    }
}

fn of_database(
    kind: DatabaseErrorKind,
    constraint: Option<&str>,
    message: &str,
    details: Option<&str>,
) -> Error {
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            Mishap::Statement.note();
            Constraint::of(constraint, message)
                .map_or_else(|| Error::Broken(message.to_owned()), Error::Conflict)
        }
        DatabaseErrorKind::SerializationFailure => {
            Mishap::Race.note();
            Error::Unavailable(message.to_owned())
        }
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            Mishap::Lost.note();
            Error::Unavailable(message.to_owned())
        }
        _ if message == "deadlock detected" => {
            Mishap::Race.note();
            Error::Unavailable(message.to_owned())
        }
        _ if LOST.iter().any(|text| message.contains(text)) => {
            Mishap::Lost.note();
            Error::Unavailable(message.to_owned())
        }
        _ => {
            Mishap::Statement.note();
            Error::Broken(match details {
                Some(details) => format!("{message} ({details})"),
                None => message.to_owned(),
            })
        }
    }
}

/// Turns "no such row" into `None`.
pub trait Optional<T> {
    /// `Ok(None)` in place of `NotFound`.
    fn found(self) -> Result<Option<T>, Error>;
}
impl<T> Optional<T> for Result<T, Error> {
    fn found(self) -> Result<Option<T>, Error> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
