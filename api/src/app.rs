//! The application: what every handler reaches, and the two ways to its store.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::program::Program;
use persistence::{IdSource, Stamp, Store, Tx};
use tokio::sync::Notify;

use crate::{
    answer::Reply,
    auth::Auth,
    call::Call,
    clock::{self, Clock},
    config::Config,
    disclosure,
    door::Door,
    files::Files,
    flows::program::Known,
    idempotent,
    ids::Chance,
    openapi::Document,
    problem::Problem,
};

/// The application. Cheap to clone: one pointer. Handlers take it as `app: App`.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the application is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The bytes of attached files.
    pub files: Files,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Chance for secrets.
    pub chance: Arc<dyn Chance>,
    /// The configuration.
    pub config: Config,
    /// The URL by which others reach this server, without a slash at its end.
    pub public_url: String,
    /// Passwords, keys and tokens.
    pub auth: Auth,
    /// Limits and metrics.
    pub door: Door,
    /// The document and its routes.
    pub document: &'static Document,
    /// Programs that were read before.
    pub known: Known,
    /// Wakes the workers after a write.
    pub written: Notify,
    /// Wakes those who read positioned events.
    pub positioned: Notify,
    /// Wakes all who follow positioned events: those who wait for them now.
    pub news: Notify,
    /// Wakes all who look through dates: told when days passed that the machine did not see.
    pub days: Notify,
    /// Wakes who takes files: told when one came, or is to be undone.
    pub jobs: Notify,
    /// Whether this server takes new work; false while it drains.
    pub open: AtomicBool,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The application of its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
    /// The application that serves a request.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        request
            .app_data::<web::Data<Self>>()
            .map(|app| app.get_ref().clone())
            .ok_or_else(|| Problem::internal("the application was not handed to the server"))
    }
    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
    /// What the machine shows, however far a sandbox's clock is ahead of it.
    #[must_use]
    pub fn machine(&self) -> DateTime<Utc> {
        self.clock.machine()
    }
    /// Today in the program's own time zone.
    #[must_use]
    pub fn today(&self, program: &Program) -> NaiveDate {
        clock::business_day(self.now(), program)
    }
    /// Whether this server takes new work.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }
    /// The stamp of a write for a call.
    #[must_use]
    pub fn stamp(&self, call: &Call) -> Stamp {
        self.stamp_of(call.actor(), call.request_id.clone())
    }
    /// The stamp of a write for a worker or the command line.
    #[must_use]
    pub fn stamp_of(&self, actor: impl Into<String>, request_id: impl Into<String>) -> Stamp {
        Stamp {
            now: self.now(),
            machine: self.machine(),
            actor: actor.into(),
            request_id: request_id.into(),
            ids: Arc::clone(&self.ids),
        }
    }

    /// Reads on one snapshot. The closure may be run again: borrow what it captured. What it tells a machine of
    /// people is counted and recorded before it is answered.
    pub async fn read<T, F>(&self, call: &Call, mut work: F) -> Result<T, Problem>
    where
        F: FnMut(&mut Tx<'_>, &Call) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let there = call.clone();
        let read = move |tx: &mut Tx<'_>| {
            there.disclosed.forget();
            work(tx, &there)
        };
        let answer = self.store.read(read).await?;
        disclosure::settle(self, call).await?;
        Ok(answer)
    }

    /// Writes in one transaction, without an idempotency key: for what keeps no answer (signing in)
    /// and for workers. The closure may be run again: borrow what it captured.
    pub async fn write<T, F>(&self, call: &Call, mut work: F) -> Result<T, Problem>
    where
        F: FnMut(&mut Tx<'_>, &Call) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let (stamp, call) = (self.stamp(call), call.clone());
        let write = move |tx: &mut Tx<'_>| {
            call.disclosed.forget();
            let done = work(tx, &call)?;
            disclosure::note(tx, &call)?;
            Ok(done)
        };
        let done = self.store.write(stamp, write).await;
        self.written.notify_one();
        done
    }

    /// Changes something: one transaction that holds the effect, its events and, when the caller sent
    /// an `Idempotency-Key`, the answer. See [`idempotent`].
    pub async fn change<F>(&self, call: &Call, work: F) -> Result<Reply, Problem>
    where
        F: FnMut(&mut Tx<'_>, &Call) -> Result<Reply, Problem> + Send + 'static,
    {
        idempotent::change(self, call, work).await
    }
}

impl FromRequest for App {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
