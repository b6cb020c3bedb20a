//! Migrations: both folders are embedded, and run under a lock, since replicas start together.

use std::{fs::File, thread};

use diesel::{PgConnection, SqliteConnection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::oneshot;

use crate::{
    Error, Store,
    conn::{Conn, Target},
    store::StoreConfig,
};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// What to do with the migrations.
#[derive(Debug, Clone, Copy)]
enum Act {
    Run,
    Revert,
    Pending,
}

impl Store {
    /// Runs the migrations that have not run yet, one process at a time; their names, in order.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        self.migrations(Act::Run).await
    }
    /// The names of the migrations that have not run yet.
    pub async fn pending(&self) -> Result<Vec<String>, Error> {
        self.migrations(Act::Pending).await
    }
    /// Takes every migration back, and with them all data. For tests of the migrations.
    pub async fn revert_all(&self) -> Result<Vec<String>, Error> {
        self.migrations(Act::Revert).await
    }
    /// A thread and a connection of its own: no statement timeout applies to a migration.
    async fn migrations(&self, act: Act) -> Result<Vec<String>, Error> {
        let target = self.inner.target.clone();
        let config = StoreConfig {
            statement_timeout_ms: 0,
            lock_timeout_ms: 60_000,
            ..self.inner.config.clone()
        };
        let (reply, answer) = oneshot::channel();
        thread::Builder::new()
            .name("migrations".to_owned())
            .spawn(move || drop(reply.send(in_lock(&target, &config, act))))
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        answer.await.unwrap_or_else(|_closed| Err(Error::Broken("a migration panicked".to_owned())))
    }
}

fn in_lock(target: &Target, config: &StoreConfig, act: Act) -> Result<Vec<String>, Error> {
    match (target, Conn::open(target, config).map_err(Error::Unavailable)?) {
        (Target::Sqlite(path), Conn::Sqlite(mut c)) => {
            // The file is left in place: removing it would let two processes lock two files.
            let lock = File::create(format!("{path}.migrate"))
                .and_then(|file| file.lock().map(|()| file))
                .map_err(|error| Error::Unavailable(error.to_string()))?;
            let done = sqlite(&mut c, act);
            drop(lock);
            done
        }
        // The lock belongs to the session, and is given up when the connection closes.
        (_, Conn::Postgres(mut c)) => {
            c.batch_execute("SELECT pg_advisory_lock(7021863359021)")?;
            postgres(&mut c, act)
        }
        (Target::Postgres(_), Conn::Sqlite(_)) => {
            Err(Error::Broken("the connection is to another database".to_owned()))
        }
    }
}

type Harness<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn names<M: ToString>(migrations: Harness<Vec<M>>) -> Result<Vec<String>, Error> {
    match migrations {
        Ok(migrations) => Ok(migrations.iter().map(ToString::to_string).collect()),
        Err(error) => Err(Error::Broken(format!("a migration failed: {error}"))),
    }
}

fn sqlite(c: &mut SqliteConnection, act: Act) -> Result<Vec<String>, Error> {
    match act {
        Act::Run => names(c.run_pending_migrations(SQLITE)),
        Act::Revert => names(c.revert_all_migrations(SQLITE)),
        Act::Pending => names(
            c.pending_migrations(SQLITE)
                .map(|all| all.iter().map(|migration| migration.name().to_string()).collect()),
        ),
    }
}

fn postgres(c: &mut PgConnection, act: Act) -> Result<Vec<String>, Error> {
    match act {
        Act::Run => names(c.run_pending_migrations(POSTGRES)),
        Act::Revert => names(c.revert_all_migrations(POSTGRES)),
        Act::Pending => names(
            c.pending_migrations(POSTGRES)
                .map(|all| all.iter().map(|migration| migration.name().to_string()).collect()),
        ),
    }
}
