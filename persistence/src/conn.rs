//! One connection to one of the two databases, and the macros that write a query once for both.

use diesel::{
    Connection, PgConnection, QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};

use crate::store::StoreConfig;

/// Which database serves the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// One open connection.
pub(crate) enum Conn {
    /// To PostgreSQL.
    Postgres(PgConnection),
    /// To SQLite.
    Sqlite(SqliteConnection),
}

/// Compiles `body` against each concrete connection: one query text, every feature of diesel.
macro_rules! each_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match &mut *$conn {
            $crate::conn::Conn::Postgres($c) => $body,
            $crate::conn::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use each_backend;

/// The first row of a select, held until the end of a write: `NotFound` when there is none.
///
/// On PostgreSQL a write adds `FOR NO KEY UPDATE` (holders of the row wait for each other, children
/// may still refer to it). SQLite has one writer, so the row is held already. Write the query in
/// place: a variable would have the type of one database.
macro_rules! get_row {
    ($tx:expr, $query:expr) => {{
        let locks = $tx.locks();
        let row = match &mut *$tx.conn {
            $crate::conn::Conn::Postgres(c) if locks => {
                diesel::RunQueryDsl::first(diesel::QueryDsl::for_no_key_update($query), c)
            }
            $crate::conn::Conn::Postgres(c) => diesel::RunQueryDsl::first($query, c),
            $crate::conn::Conn::Sqlite(c) => diesel::RunQueryDsl::first($query, c),
        };
        row.map_err($crate::Error::from)
    }};
}
pub(crate) use get_row;

/// Every row of a select, held as [`get_row!`] holds one. Order it: whoever takes several waits in that
/// order.
macro_rules! get_rows {
    ($tx:expr, $query:expr) => {{
        let locks = $tx.locks();
        let rows = match &mut *$tx.conn {
            $crate::conn::Conn::Postgres(c) if locks => {
                diesel::RunQueryDsl::load(diesel::QueryDsl::for_no_key_update($query), c)
            }
            $crate::conn::Conn::Postgres(c) => diesel::RunQueryDsl::load($query, c),
            $crate::conn::Conn::Sqlite(c) => diesel::RunQueryDsl::load($query, c),
        };
        rows.map_err($crate::Error::from)
    }};
}
pub(crate) use get_rows;

/// What the URL of a database names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Sqlite(String),
    Postgres(String),
}

impl Target {
    /// `sqlite:PATH`, `sqlite://PATH`, `postgres://...` or `postgresql://...`.
    pub(crate) fn of(url: &str) -> Option<Self> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            return (!path.is_empty()).then(|| Self::Sqlite(path.to_owned()));
        }
        (url.starts_with("postgres://") || url.starts_with("postgresql://"))
            .then(|| Self::Postgres(url.to_owned()))
    }
    pub(crate) const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

impl Conn {
    /// Opens a connection that may write. The error is a sentence for the log.
    pub(crate) fn open(target: &Target, config: &StoreConfig) -> Result<Self, String> {
        let opened = match target {
            Target::Sqlite(path) => open_sqlite(path, config).map(Self::Sqlite),
            Target::Postgres(url) => open_postgres(url, config).map(Self::Postgres),
        };
        opened.map_err(|error| error.to_string())
    }
    /// Opens a connection of a reader: SQLite refuses writes on it; PostgreSQL does so by the
    /// transaction, since its threads serve both.
    pub(crate) fn open_reader(target: &Target, config: &StoreConfig) -> Result<Self, String> {
        let mut conn = Self::open(target, config)?;
        if let Self::Sqlite(c) = &mut conn {
            c.batch_execute("PRAGMA query_only = ON").map_err(|error| error.to_string())?;
        }
        Ok(conn)
    }
    /// Begins the snapshot of a read.
    pub(crate) fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
                c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        }
    }
    /// Begins a write. Deferred on SQLite would fail later, when another has written meanwhile.
    pub(crate) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        }
    }
    /// Begins a savepoint in the transaction.
    pub(crate) fn begin_savepoint(&mut self) -> QueryResult<()> {
        each_backend!(self, |c| AnsiTransactionManager::begin_transaction(c))
    }
    /// Commits the transaction, or releases the innermost savepoint.
    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        each_backend!(self, |c| AnsiTransactionManager::commit_transaction(c))
    }
    /// Rolls back the innermost savepoint, or the transaction.
    pub(crate) fn rollback(&mut self) -> QueryResult<()> {
        each_backend!(self, |c| AnsiTransactionManager::rollback_transaction(c))
    }
    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&mut self) -> QueryResult<u32> {
        let depth = each_backend!(self, |c| {
            AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth()
        })?;
        Ok(depth.map_or(0, std::num::NonZeroU32::get))
    }
    /// Rolls back until only `depth` transactions and savepoints are open.
    pub(crate) fn rollback_to(&mut self, depth: u32) -> QueryResult<()> {
        while self.depth()? > depth {
            self.rollback()?;
        }
        Ok(())
    }
    /// Runs statements that return nothing.
    pub(crate) fn batch(&mut self, sql: &str) -> QueryResult<()> {
        each_backend!(self, |c| c.batch_execute(sql))
    }
}

fn open_sqlite(path: &str, config: &StoreConfig) -> diesel::ConnectionResult<SqliteConnection> {
    let mut c = SqliteConnection::establish(path)?;
    // busy_timeout first: even switching to WAL takes a lock that another process may hold.
    c.batch_execute(&format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;",
        config.lock_timeout_ms
    ))
    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(c)
}

fn open_postgres(url: &str, config: &StoreConfig) -> diesel::ConnectionResult<PgConnection> {
    let mut url = url.to_owned();
    if !url.contains("connect_timeout=") {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("connect_timeout=3");
    }
    let mut c = PgConnection::establish(&url)?;
    c.batch_execute(&format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; SET application_name = 'lssc'; \
         SET idle_in_transaction_session_timeout = {}; SET TimeZone = 'UTC'; \
         SET synchronous_commit = on; SET client_min_messages = warning;",
        config.statement_timeout_ms, config.lock_timeout_ms, config.statement_timeout_ms
    ))
    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    // Some faults can be told only by their English text. Not every role may ask for it, and on a
    // server that speaks English nobody need.
    drop(c.batch_execute("SET lc_messages = 'C'"));
    Ok(c)
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn the_scheme_chooses_the_database_and_nothing_is_guessed() {
        assert_eq!(Target::of("sqlite:a.db"), Some(Target::Sqlite("a.db".into())));
        assert_eq!(Target::of("sqlite:///v/a.db"), Some(Target::Sqlite("/v/a.db".into())));
        assert!(matches!(Target::of("postgres://h/d"), Some(Target::Postgres(_))));
        assert!(matches!(Target::of("postgresql://h/d"), Some(Target::Postgres(_))));
        for unknown in ["postgresql:oops", "mysql://h/d", "a.db", "", "sqlite:", "sqlite://"] {
            assert_eq!(Target::of(unknown), None, "{unknown}");
        }
    }
}
