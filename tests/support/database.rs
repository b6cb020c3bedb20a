//! A fresh, migrated database for each test, cheaply: a copy of one that was migrated once.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection, sql_types::Text,
};
use persistence::{IdSource, Stamp, Store, StoreConfig};

use super::postgres::{self, Server};

/// Runs a test on both databases: `each_database! { async fn name(db) { ... } }` makes the tests
/// `name::sqlite` and `name::postgres`.
macro_rules! each_database {
    ($(async fn $name:ident($db:ident) $body:block)+) => {$(
        async fn $name($db: $crate::support::database::Db) $body

        mod $name {
            use $crate::support::database::{Db, block_on};

            #[test]
            fn sqlite() {
                block_on(super::$name(Db::sqlite()));
            }
            #[test]
            fn postgres() {
                if let Some(db) = Db::postgres() {
                    block_on(super::$name(db));
                }
            }
        }
    )+};
}
pub(crate) use each_database;

/// Runs a future to its end.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A database of a test's own; it goes with the test.
pub(crate) struct Db {
    /// Where it is, as a store's configuration names it.
    pub(crate) url: String,
    keeper: Keeper,
}

enum Keeper {
    Sqlite { _dir: tempfile::TempDir, path: PathBuf },
    Postgres { server: &'static Server, name: String },
}

impl Drop for Db {
    fn drop(&mut self) {
        if let Keeper::Postgres { server, name } = &self.keeper {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // A test that fails should be told of its failure, not of this one.
            drop(server.admin().batch_execute(&sql));
        }
    }
}

impl Db {
    /// A migrated SQLite file.
    pub(crate) fn sqlite() -> Self {
        static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = TEMPLATE.get_or_init(|| {
            let db = Self::empty_sqlite();
            let copy = db.sqlite_path().with_extension("copy");
            block_on(async { db.store().migrate().await.map(drop) }).expect("it migrates");
            db.execute(&format!("VACUUM INTO '{}'", copy.display()));
            std::fs::read(copy).expect("the copy can be read")
        });
        let db = Self::empty_sqlite();
        std::fs::write(db.sqlite_path(), bytes).expect("the temp directory can be written");
        db
    }
    /// A SQLite file that is not there yet.
    pub(crate) fn empty_sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temp directory");
        let path = dir.path().join("test.db");
        let url = format!("sqlite:{}", path.display());
        Self { url, keeper: Keeper::Sqlite { _dir: dir, path } }
    }
    /// A migrated database of the PostgreSQL server, if there is a server.
    pub(crate) fn postgres() -> Option<Self> {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let server = postgres::server()?;
        let template = TEMPLATE.get_or_init(|| {
            let name = fresh_name("template");
            create(server, &name, "template0");
            let config = StoreConfig { postgres_threads: 1, ..StoreConfig::new(server.url(&name)) };
            let store = Store::open(&config).expect("the template opens");
            block_on(store.migrate()).expect("it migrates");
            drop(store);
            name
        });
        let name = fresh_name("test");
        create(server, &name, template);
        let url = server.url(&name);
        Some(Self { url, keeper: Keeper::Postgres { server, name } })
    }
    /// A database of the PostgreSQL server without tables.
    pub(crate) fn empty_postgres() -> Option<Self> {
        let server = postgres::server()?;
        let name = fresh_name("empty");
        create(server, &name, "template0");
        let url = server.url(&name);
        Some(Self { url, keeper: Keeper::Postgres { server, name } })
    }
    fn sqlite_path(&self) -> &PathBuf {
        match &self.keeper {
            Keeper::Sqlite { path, .. } => path,
            Keeper::Postgres { .. } => panic!("this database has no path"),
        }
    }
    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.keeper, Keeper::Postgres { .. })
    }
    /// A configuration of a store on it.
    pub(crate) fn config(&self) -> StoreConfig {
        StoreConfig { postgres_threads: 4, ..StoreConfig::new(&self.url) }
    }
    /// A store on it.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.config()).expect("the store opens")
    }
    /// Runs SQL past the store.
    pub(crate) fn execute(&self, sql: &str) {
        match &self.keeper {
            Keeper::Sqlite { .. } => self.raw_sqlite().batch_execute(sql),
            Keeper::Postgres { .. } => self.raw_postgres().batch_execute(sql),
        }
        .expect("the statement runs");
    }
    /// The rows of a query whose one column is a text named `line`, past the store.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = match &self.keeper {
            Keeper::Sqlite { .. } => diesel::sql_query(sql).load(&mut self.raw_sqlite()),
            Keeper::Postgres { .. } => diesel::sql_query(sql).load(&mut self.raw_postgres()),
        }
        .expect("the query runs");
        rows.into_iter().map(|row| row.line).collect()
    }
    fn raw_sqlite(&self) -> SqliteConnection {
        let path = self.sqlite_path().display().to_string();
        let mut c = SqliteConnection::establish(&path).expect("the file opens");
        c.batch_execute("PRAGMA busy_timeout = 5000").expect("a pragma runs");
        c
    }
    fn raw_postgres(&self) -> PgConnection {
        PgConnection::establish(&self.url).expect("the server answers")
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn fresh_name(kind: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("lssc_{kind}_{}_{n}", std::process::id())
}

/// One at a time: a template that is being copied must have no other session. The migrating store's
/// threads take a moment to close theirs, so what is refused for that is tried again.
fn create(server: &Server, name: &str, template: &str) {
    static ONE: Mutex<()> = Mutex::new(());
    let _guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut admin = server.admin();
    admin
        .batch_execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'"
        ))
        .expect("sessions can be ended");
    for _ in 0..100 {
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'");
        match admin.batch_execute(&sql) {
            Ok(()) => return,
            Err(error) => assert!(error.to_string().contains("being accessed"), "{error}"),
        }
    }
    panic!("the template stays in use");
}

/// The instant at which tests begin.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("an instant")
}

/// A stamp at `now`, with ids that count up.
pub(crate) fn stamp_at(now: DateTime<Utc>) -> Stamp {
    Stamp {
        now,
        machine: now,
        actor: "test".to_owned(),
        request_id: "req-1".to_owned(),
        ids: Arc::new(CountingIds),
    }
}

/// A stamp at noon.
pub(crate) fn stamp() -> Stamp {
    stamp_at(noon())
}

struct CountingIds;

impl IdSource for CountingIds {
    fn next(&self, now: DateTime<Utc>) -> u128 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        // The process too: tests of crashes write to one database from several.
        let process = u128::from(std::process::id()) << 64;
        let millis = u128::try_from(now.timestamp_millis()).unwrap_or_default() << 86;
        millis | process | u128::from(n)
    }
}
