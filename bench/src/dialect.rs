//! The two databases: how their SQL differs where data is made, and a connection past the application.

use std::{
    fmt,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};

use crate::Outcome;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl Dialect {
    /// The SQL of an id with its hyphens.
    pub(crate) fn id(self, kind: u128, index: &str) -> String {
        match self {
            Self::Sqlite => format!("printf('{kind:08x}-0000-7000-8000-%012x', {index})"),
            Self::Postgres => {
                format!("('{kind:08x}-0000-7000-8000-' || lpad(to_hex({index}), 12, '0'))::uuid")
            }
        }
    }
    /// The SQL of an id as 32 digits.
    pub(crate) fn bare(self, kind: u128, index: &str) -> String {
        match self {
            Self::Sqlite => format!("printf('{kind:08x}000070008000%012x', {index})"),
            Self::Postgres => format!("'{kind:08x}000070008000' || lpad(to_hex({index}), 12, '0')"),
        }
    }
    /// The SQL of the rows `from` to before `to`, as `n (i)`.
    pub(crate) fn series(self, from: u64, to: u64) -> String {
        match self {
            Self::Sqlite => format!(
                "(WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to}) \
                 SELECT i FROM n) AS n"
            ),
            Self::Postgres => format!("generate_series({from}::bigint, {to}::bigint - 1) AS n (i)"),
        }
    }

    /// A connection past the application, which must not be running.
    pub(crate) fn open(self, url: &str) -> Outcome<Box<Run>> {
        let run: Box<Run> = match self {
            Self::Sqlite => {
                let mut c = SqliteConnection::establish(url.trim_start_matches("sqlite:"))?;
                alone(&mut c)?;
                c.batch_execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
                Box::new(move |sql| Ok(c.batch_execute(sql)?))
            }
            Self::Postgres => {
                let mut c = PgConnection::establish(url)?;
                Box::new(move |sql| Ok(c.batch_execute(sql)?))
            }
        };
        Ok(run)
    }
    /// Leaves the database as the application wants it.
    pub(crate) fn close(self, run: &mut Run) -> Outcome<()> {
        match self {
            Self::Sqlite => run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"),
            Self::Postgres => run(ANALYSE),
        }
    }
    /// Looks at what was changed since on PostgreSQL, where the planner would not know.
    pub(crate) fn analyse(self, url: &str) -> Outcome<()> {
        match self {
            Self::Sqlite => Ok(()),
            Self::Postgres => Ok(PgConnection::establish(url)?.batch_execute(ANALYSE)?),
        }
    }
}

/// What autovacuum would do a minute later.
const ANALYSE: &str = "VACUUM ANALYZE";

/// Runs SQL on the connection of the data.
pub(crate) type Run = dyn FnMut(&str) -> Outcome<()>;

/// Leaves WAL, which works once the application's threads have closed their connections.
fn alone(c: &mut SqliteConnection) -> Outcome<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let Err(error) = c.batch_execute("PRAGMA journal_mode = OFF") {
        if Instant::now() > deadline {
            return Err(error.into());
        }
        #[expect(clippy::disallowed_methods, reason = "threads that end tell nobody")]
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
