//! Sandboxes as `lssc serve --demo` makes them, each a copy of one that was made once: at a fixed instant,
//! with ids and chance that a seed decides.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use api::{
    app::App,
    clock::ManualClock,
    config::{Config, RateLimit},
    ids::Seeded,
    serve::{self, Deps, Running},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use super::{actor::Actor, database::block_on};

/// What the sandboxes have in common.
struct Template {
    database: Vec<u8>,
    /// The attached files, by their place in the folder of data.
    files: Vec<(PathBuf, Vec<u8>)>,
    /// A token for each persona, by the part of the address before `@`.
    tokens: BTreeMap<String, String>,
}

/// One served sandbox.
pub(crate) struct Sandbox {
    running: Running,
    data: tempfile::TempDir,
}

/// The instant at which sandboxes stand still.
fn instant() -> DateTime<Utc> {
    "2026-03-02T15:00:00Z".parse().expect("an instant")
}

/// By this URL the documented answers name the server.
const URL: &str = "http://127.0.0.1:8080";

fn config(data: &Path) -> Config {
    Config {
        bind: "127.0.0.1:0".to_owned(),
        data_dir: data.to_owned(),
        public_url: Some(URL.to_owned()),
        rate_limit: RateLimit::Off,
        threads: Some(1),
        database_threads: Some(2),
        drain_timeout_s: 0,
        access_token_s: 7 * 24 * 3600,
        argon2_memory_kib: 8,
        argon2_passes: 1,
        ..Config::default()
    }
}

fn deps(seed: u64) -> Deps {
    Deps {
        clock: Arc::new(ManualClock::at(instant())),
        ids: Arc::new(Seeded::new(seed)),
        chance: Arc::new(Seeded::new(seed + 1)),
    }
}

async fn make() -> Template {
    let data = tempfile::tempdir().expect("a temp directory");
    let config = config(data.path());
    let path = data.path().join("sandbox.db");
    let config = Config { database_url: Some(format!("sqlite:{}", path.display())), ..config };
    let app = serve::prepare(config, deps(1), URL.to_owned()).await.expect("it starts");
    api::demo::seed(&app).await.expect("the sandbox is made");
    let personas = api::demo::sign_in(&app).await.expect("everybody signs in");
    while number_events(&app).await > 0 {}
    let tokens = personas
        .into_iter()
        .map(|persona| match persona.login.split_once('@') {
            Some((name, _)) => (name.to_owned(), persona.token),
            None => ("partner".to_owned(), persona.token),
        })
        .collect();
    let copy = data.path().join("copy.db");
    SqliteConnection::establish(&path.display().to_string())
        .expect("the file opens")
        .batch_execute(&format!("VACUUM INTO '{}'", copy.display()))
        .expect("it is copied");
    let files = files_in(data.path(), Path::new("files"));
    Template { database: std::fs::read(copy).expect("the copy can be read"), files, tokens }
}

/// The files in a folder and the folders in it.
fn files_in(data: &Path, folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(data.join(folder)).expect("the folder can be read");
    let paths = entries.map(|entry| folder.join(entry.expect("an entry").file_name()));
    let read = |path: PathBuf| match data.join(&path) {
        folder if folder.is_dir() => files_in(data, &path),
        file => vec![(path, std::fs::read(file).expect("the file can be read"))],
    };
    paths.flat_map(read).collect()
}

/// Gives events their positions in the log; how many it were.
async fn number_events(app: &App) -> u64 {
    let stamp = app.stamp_of("test", "sandbox");
    // Where the clock stands still, a lease that lasts would never end.
    let done = app.store.sequence(stamp, "test", TimeDelta::zero(), 500).await;
    u64::try_from(done.expect("events get positions").positioned).expect("a count")
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        // A runtime of its own: the caller's is busy with the caller.
        std::thread::spawn(|| block_on(make())).join().expect("the sandbox is made")
    })
}

impl Sandbox {
    /// A fresh one.
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().expect("a temp directory");
        let path = data.path().join("sandbox.db");
        std::fs::write(&path, &template().database).expect("the temp directory can be written");
        for (place, bytes) in &template().files {
            let file = data.path().join(place);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("folders are made");
            std::fs::write(file, bytes).expect("the temp directory can be written");
        }
        let config = Config {
            database_url: Some(format!("sqlite:{}", path.display())),
            ..config(data.path())
        };
        let running = serve::start(config, deps(1_000)).await.expect("the server starts");
        Self { running, data }
    }
    /// A persona by the part of the address before `@`, `partner` for the machine, `public` for nobody.
    pub(crate) fn persona(&self, name: &str) -> Actor {
        let anyone = Actor::anyone(format!("http://{}", self.running.addr));
        if name == "public" {
            return anyone;
        }
        let token = template().tokens.get(name);
        anyone.with_token(token.unwrap_or_else(|| panic!("there is no {name}")), name)
    }
    /// The token by which mails of a notice's kind are stopped.
    pub(crate) fn link_of(&self, notice: &str) -> String {
        let key = self.running.app.auth.mac_key().expect("a key");
        let notice = notice.parse().expect("a notice");
        api::auth::secrets::unsubscribe_token(key, notice).expect("a token")
    }
    /// The token of a mail that it sends, ten seconds at most.
    pub(crate) async fn mailed_token(&self) -> String {
        for _ in 0..1000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let Ok(mails) = std::fs::read_dir(self.data.path().join("mail")) else { continue };
            let mut texts =
                mails.filter_map(|mail| std::fs::read_to_string(mail.ok()?.path()).ok());
            let token =
                |text: String| Some(text.split_once("Token: ")?.1.lines().next()?.to_owned());
            if let Some(token) = texts.find_map(token) {
                return token;
            }
        }
        panic!("no mail was sent");
    }
    /// Ends it.
    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}
