//! Starting and stopping the server: used by `lssc serve` and, in the same process, by tests.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_cors::Cors;
use actix_web::{
    HttpServer,
    dev::ServerHandle,
    middleware::{Compress, from_fn},
    web,
};
use persistence::{IdSource, Store, StoreConfig};
use tokio::{sync::Notify, task::JoinHandle};
use utoipa_actix_web::AppExt;

use crate::{
    app::{App, Parts},
    auth::Auth,
    clock::{Clock, SandboxClock, SystemClock},
    config::Config,
    door::{self, Door, limits::Limits, metrics::Metrics},
    files::Files,
    flows::{program::Known, sandbox},
    health,
    ids::{Chance, SystemChance, TimeIds},
    mail::Mailer,
    openapi::{self, Document},
    problem::{Problem, pages},
    scim, v1,
};

/// Time and chance, handed in.
#[derive(Clone)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Chance for secrets.
    pub chance: Arc<dyn Chance>,
}

impl Default for Deps {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(TimeIds::default()),
            chance: Arc::new(SystemChance),
        }
    }
}

impl Deps {
    /// The same, with a clock that can be moved.
    #[must_use]
    pub fn sandbox() -> Self {
        Self { clock: Arc::new(SandboxClock::default()), ..Self::default() }
    }
}

/// Why the server did not start: one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    fn of(what: &str) -> impl Fn(String) -> Self {
        let what = what.to_owned();
        move |cause| {
            // Databases tell of their faults in several lines.
            let lines: Vec<_> = cause.lines().map(str::trim).collect();
            Self(format!("{what}: {}.", lines.join(" ").trim_end_matches('.')))
        }
    }
}

/// A server that runs.
pub struct Running {
    /// Where it serves.
    pub addr: SocketAddr,
    /// Where its metrics are.
    pub metrics_addr: Option<SocketAddr>,
    /// The application, for those who start it.
    pub app: App,
    handles: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Takes no new requests, waits for those that run, ends the workers.
    pub async fn stop(self) {
        self.app.open.store(false, Ordering::Release);
        for handle in &self.handles {
            handle.stop(true).await;
        }
        for task in self.tasks {
            task.abort();
        }
    }
}

/// Opens the store of a configuration. Does not migrate.
pub fn open_store(config: &Config) -> Result<Store, StartError> {
    let mut wanted = StoreConfig::new(config.database());
    if let Some(threads) = config.database_threads {
        wanted.sqlite_readers = threads;
        wanted.postgres_threads = threads;
    }
    Store::open(&wanted)
        .map_err(|error| StartError::of("There is no database to work with")(error.to_string()))
}

/// The application of a configuration, its database migrated, without a server.
pub async fn prepare(config: Config, deps: Deps, public_url: String) -> Result<App, StartError> {
    let store = open_store(&config)?;
    store
        .migrate()
        .await
        .map_err(|error| StartError::of("The database cannot be migrated")(error.to_string()))?;
    let metrics = Metrics::new()
        .map_err(|error| StartError::of("Metrics cannot be set up")(error.to_string()))?;
    let app = App::new(Parts {
        auth: Auth::of(&config).map_err(StartError)?,
        door: Door { limits: Limits::of(&config), metrics },
        document: Document::of_this_build(),
        files: Files::open(&config).map_err(StartError)?,
        store,
        clock: deps.clock,
        ids: deps.ids,
        chance: deps.chance,
        config,
        public_url,
        known: Known::default(),
        written: Notify::new(),
        positioned: Notify::new(),
        news: Notify::new(),
        days: Notify::new(),
        jobs: Notify::new(),
        open: AtomicBool::new(true),
    });
    crate::auth::begin(&app).await.map_err(|problem| {
        StartError(format!(
            "The keys cannot be read: {}",
            problem.cause().unwrap_or("no cause given")
        ))
    })?;
    crate::shipped::load(&app).await.map_err(|problem| {
        let cause = problem.cause().map_or_else(|| problem.to_string(), str::to_owned);
        StartError(format!("The program that ships with lssc cannot be loaded: {cause}"))
    })?;
    Ok(app)
}

/// Starts the server and its workers.
pub async fn start(config: Config, deps: Deps) -> Result<Running, StartError> {
    let mailer = Mailer::of(&config).map_err(StartError)?;
    let listener = listen(&config.bind)?;
    let addr = listener.local_addr().map_err(|error| StartError(error.to_string()))?;
    let metrics_listener = config.metrics_bind.as_deref().map(listen).transpose()?;
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{addr}"));
    let app = prepare(config, deps, public_url).await?;
    set_clock(&app).await?;
    app.files.check().await.map_err(StartError)?;
    let mut handles = vec![serve(&app, listener)?];
    let mut metrics_addr = None;
    if let Some(listener) = metrics_listener {
        metrics_addr = listener.local_addr().ok();
        handles.push(serve_metrics(&app, listener)?);
    }
    let tasks = crate::workers::start(&app, mailer);
    Ok(Running { addr, metrics_addr, app, handles, tasks })
}

/// A sandbox goes on where its clock was; no other server is started on its database.
async fn set_clock(app: &App) -> Result<(), StartError> {
    let failed = |problem: Problem| StartError::of("The clock cannot be set")(problem.to_string());
    if app.clock.ahead().is_some() {
        return sandbox::follow(app).await.map_err(failed);
    }
    if sandbox::was_moved(app).await.map_err(failed)? {
        return Err(StartError(
            "This database is a sandbox's whose clock was moved ahead: serve it with --demo."
                .to_owned(),
        ));
    }
    Ok(())
}

fn listen(bind: &str) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(bind)
        .map_err(|error| StartError(format!("The address {bind} cannot be served on: {error}.")))?;
    listener.set_nonblocking(true).map_err(|error| StartError(error.to_string()))?;
    Ok(listener)
}

fn serve(app: &App, listener: TcpListener) -> Result<ServerHandle, StartError> {
    let data = web::Data::new(app.clone());
    let cors_origins = app.config.cors_origins.clone();
    let mut server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .into_utoipa_app()
            .configure(v1::register)
            .into_app()
            .configure(scim::register)
            .route("/openapi.json", web::get().to(openapi::serve))
            .route("/problems/{slug}", web::get().to(pages::page))
            .route("/problems", web::get().to(pages::index))
            .route("/livez", web::get().to(health::livez))
            .route("/readyz", web::get().to(health::readyz))
            .route("/", web::get().to(pages::home))
            .service(openapi::swagger())
            .wrap(cors(&cors_origins))
            .wrap(Compress::default())
            .wrap(from_fn(door::pass))
    })
    .client_request_timeout(Duration::from_millis(app.config.header_timeout_ms))
    .shutdown_timeout(app.config.drain_timeout_s)
    .disable_signals();
    if let Some(threads) = app.config.threads {
        server = server.workers(threads);
    }
    let server = server.listen(listener).map_err(|error| StartError(error.to_string()))?.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

fn serve_metrics(app: &App, listener: TcpListener) -> Result<ServerHandle, StartError> {
    let data = web::Data::new(app.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .route("/metrics", web::get().to(health::metrics))
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)
    .map_err(|error| StartError(error.to_string()))?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

/// Origins by allow-list; without one no other page may read answers.
fn cors(origins: &[String]) -> Cors {
    let exposed = [
        "ETag",
        "Link",
        "Location",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "X-Request-Id",
        "Idempotency-Replayed",
    ];
    let allowed = [
        "Authorization",
        "Content-Type",
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
        "traceparent",
        "X-Request-Id",
    ];
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(allowed)
        .expose_headers(exposed)
        .max_age(600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
