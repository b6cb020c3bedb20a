//! A served application of a test's own: real HTTP on a free port, a fresh database, a clock that
//! stands still until the test moves it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use api::{
    clock::{Clock, ManualClock},
    config::{Config, RateLimit},
    ids::{SystemChance, TimeIds},
    serve::{self, Deps, Running, StartError},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{PersonId, access::Role, credential::GrantRecord};
use serde_json::{Value, json};

use super::{
    actor::Actor,
    database::{Db, noon},
};

/// Runs a test on a served application on both databases: `each_world! { async fn name(world) {...} }`
/// makes the tests `name::sqlite` and `name::postgres`.
macro_rules! each_world {
    ($($test:tt)+) => { $crate::support::world::worlds! { on $($test)+ } };
}
pub(crate) use each_world;

/// The same for races: with so many connections that contenders meet inside the database.
macro_rules! each_race {
    ($($test:tt)+) => { $crate::support::world::worlds! { crowded $($test)+ } };
}
pub(crate) use each_race;

/// The same where whoever answers webhooks has half a second.
macro_rules! each_hasty {
    ($($test:tt)+) => { $crate::support::world::worlds! { hasty $($test)+ } };
}
pub(crate) use each_hasty;

macro_rules! worlds {
    ($make:ident $($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name($world: &$crate::support::world::World) $body

        mod $name {
            use $crate::support::{database::{Db, block_on}, world::World};

            #[test]
            fn sqlite() {
                let db = Db::sqlite();
                block_on(async {
                    let world = World::$make(db).await;
                    super::$name(&world).await;
                    world.stop().await;
                });
            }
            #[test]
            fn postgres() {
                if let Some(db) = Db::postgres() {
                    block_on(async {
                        let world = World::$make(db).await;
                        super::$name(&world).await;
                        world.stop().await;
                    });
                }
            }
        }
    )+};
}
pub(crate) use worlds;

/// The issuer of tokens in tests, wherever the server listens.
pub(crate) const ISSUER: &str = "https://lssc.example.org";
/// The password of everybody in tests.
pub(crate) const PASSWORD: &str = "a shelf of seven books";

/// One served application.
pub(crate) struct World {
    running: Option<Running>,
    config: Config,
    clock: Arc<ManualClock>,
    data: tempfile::TempDir,
    db: Db,
}

impl World {
    /// A world on a database, with the tests' configuration.
    pub(crate) async fn on(db: Db) -> Self {
        Self::configured(db, |_| {}).await
    }
    /// A world in which eight writes are under way at once, where the database can.
    pub(crate) async fn crowded(db: Db) -> Self {
        Self::configured(db, |config| config.database_threads = Some(8)).await
    }
    /// A world that waits half a second for who answers its webhooks.
    pub(crate) async fn hasty(db: Db) -> Self {
        Self::configured(db, |config| config.webhook_timeout_ms = 500).await
    }
    /// A world with a configuration of its own.
    pub(crate) async fn configured(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().expect("a temp directory");
        let a_century = 100 * 366 * 24 * 3600;
        let mut config = Config {
            bind: "127.0.0.1:0".to_owned(),
            data_dir: data.path().to_owned(),
            database_url: Some(db.url.clone()),
            public_url: Some(ISSUER.to_owned()),
            rate_limit: RateLimit::Off,
            threads: Some(1),
            database_threads: Some(2),
            drain_timeout_s: 1,
            argon2_memory_kib: 8,
            argon2_passes: 1,
            // Stories take years: nobody should have to sign in again in the middle of one.
            access_token_s: a_century,
            session_s: a_century,
            ..Config::default()
        };
        change(&mut config);
        let clock = Arc::new(ManualClock::at(noon()));
        let mut world = Self { running: None, config, clock, data, db };
        world.start().await;
        world
    }
    async fn start(&mut self) {
        let deps = Deps {
            clock: self.clock.clone(),
            ids: Arc::new(TimeIds::default()),
            chance: Arc::new(SystemChance),
        };
        let running = serve::start(self.config.clone(), deps).await.expect("the server starts");
        self.running = Some(running);
    }
    /// Stops the server, once every invariant is found to hold: every story ends with that.
    pub(crate) async fn stop(mut self) {
        assert_eq!(self.app().store.verify().await, Ok(Vec::new()), "an invariant is broken");
        self.halt().await;
    }
    async fn halt(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
    /// Stops the server and starts another one on the same database. A minute passes: leases end.
    pub(crate) async fn restart(&mut self) {
        self.halt().await;
        self.advance(TimeDelta::minutes(1));
        self.start().await;
    }
    /// A second server on the same database, with the same clock.
    pub(crate) async fn replica(&self) -> Running {
        let deps = Deps { clock: self.clock.clone(), ..Deps::default() };
        self.starts(deps).await.expect("the replica starts")
    }
    /// A second server on the same database, with time and chance of its own.
    pub(crate) async fn starts(&self, deps: Deps) -> Result<Running, StartError> {
        serve::start(self.config.clone(), deps).await
    }

    /// The application behind the server.
    pub(crate) fn app(&self) -> &api::app::App {
        &self.running.as_ref().expect("the server runs").app
    }
    /// `http://127.0.0.1:port`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.running.as_ref().expect("the server runs").addr)
    }
    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
    /// Moves the clock ahead.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by).expect("a manual clock moves");
    }
    /// Moves the clock to noon of a day.
    pub(crate) fn travel_to(&self, date: &str) {
        self.clock.set(day(date).and_hms_opt(18, 0, 0).expect("an hour").and_utc());
    }
    /// Now, in seconds of the Unix epoch.
    pub(crate) fn seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// Somebody who is not signed in.
    pub(crate) fn anyone(&self) -> Actor {
        Actor::anyone(self.base())
    }
    /// A person who registered and signed in, of a name that nobody else has.
    pub(crate) async fn register(&self, name: &str) -> Actor {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let body = json!({"given_name": name, "family_name": "Example", "email": email, "password": PASSWORD});
        let anyone = self.anyone();
        anyone.post("/v1/people", body).await.expect(201);
        anyone.signs_in(&email, PASSWORD).await
    }
    /// A person with a role that was granted past the API.
    async fn with_role(&self, name: &str, role: Role) -> Actor {
        let person = self.register(name).await;
        self.grant(&person.id, role).await;
        person
    }
    /// Grants a role past the API; the grant's id.
    pub(crate) async fn grant(&self, person: &str, role: Role) -> String {
        let person: PersonId = person.parse().expect("a person's id");
        let app = self.app();
        let granted: Result<_, persistence::Error> = app
            .store
            .write(app.stamp_of("test", "grant"), move |tx| {
                let grant = GrantRecord {
                    id: tx.new_id(),
                    person,
                    role,
                    organisation: None,
                    program: None,
                    granted_at: tx.now(),
                    granted_by: "test".to_owned(),
                    ended_at: None,
                };
                tx.grants().insert(&grant)?;
                Ok(grant.id.to_string())
            })
            .await;
        granted.expect("a role is granted")
    }
    /// Somebody of the office.
    pub(crate) async fn staff(&self) -> Actor {
        self.with_role("Stella Staff", Role::Staff).await
    }
    /// An admin.
    pub(crate) async fn admin(&self) -> Actor {
        self.with_role("Adam Admin", Role::Admin).await
    }
    /// An auditor.
    pub(crate) async fn auditor(&self) -> Actor {
        self.with_role("Audra Auditor", Role::Auditor).await
    }
    /// An evaluator.
    pub(crate) async fn evaluator(&self) -> Actor {
        self.with_role("Eva Evaluator", Role::Evaluator).await
    }
    /// A machine of a partner with scopes, made by an admin.
    pub(crate) async fn partner(&self, admin: &Actor, scopes: &[&str]) -> Actor {
        let (id, secret) = self.client(admin, scopes).await;
        let form =
            [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        let answer = self.anyone().form("/oauth/token", &form).await.expect(200);
        self.anyone().with_token(&answer.text("access_token"), &id)
    }
    /// A machine client, made by an admin: its id and its secret.
    pub(crate) async fn client(&self, admin: &Actor, scopes: &[&str]) -> (String, String) {
        let body = json!({"name": "Partner", "scopes": scopes});
        let made = admin.post("/v1/clients", body).await.expect(201);
        (made.text("id"), made.text("client_secret"))
    }

    /// What happened to a subject, in order.
    pub(crate) fn happened_to(&self, subject: &str) -> Vec<String> {
        let sql =
            format!("SELECT type AS line FROM events WHERE subject = '{subject}' ORDER BY at, id");
        self.db.lines(&sql)
    }
    /// How often something happened.
    pub(crate) fn count(&self, event_type: &str) -> usize {
        let sql = format!("SELECT type AS line FROM events WHERE type = '{event_type}'");
        self.db.lines(&sql).len()
    }
    /// How much happened so far, but for what people are told of it meanwhile.
    pub(crate) fn events(&self) -> usize {
        let sql = "SELECT type AS line FROM events WHERE type NOT LIKE 'notice.%'";
        self.db.lines(sql).len()
    }
    /// The folder in which the server keeps what is no record: files, mails.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.data.path()
    }
    /// The mails so far.
    pub(crate) fn mails(&self) -> Vec<String> {
        let folder: PathBuf = self.data.path().join("mail");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "eml"));
        files.sort();
        files.iter().map(|path| std::fs::read_to_string(path).expect("a mail is text")).collect()
    }
    /// Waits until a worker has made something true, ten seconds at most.
    pub(crate) async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        for _ in 0..1000 {
            if holds() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not come true: {what}");
    }
    /// Looks through the dates that come nearer, as a worker does once an hour.
    pub(crate) async fn look_at_dates(&self) {
        api::flows::notice::dates::look(self.app(), "test").await.expect("dates are looked at");
    }
    /// Waits until every event has its position in the log.
    pub(crate) async fn positioned(&self) {
        let sql = "SELECT type AS line FROM events WHERE position IS NULL";
        self.until("every event has its position", || self.db.lines(sql).is_empty()).await;
    }
}

/// A day.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The values of a field in a list of objects.
pub(crate) fn each<'a>(items: &'a Value, field: &str) -> Vec<&'a str> {
    items
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item[field].as_str().expect("a text"))
        .collect()
}
