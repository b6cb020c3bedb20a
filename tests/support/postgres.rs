//! A private PostgreSQL cluster for the test process, or the server at `LSSC_TEST_DATABASE_URL`.
//!
//! The cluster lives in a temp directory, on a free port, and ends with the test process even when
//! that is killed: a shell waits for the end of its standard input, stops the server and cleans up.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection};

/// A server that makes databases.
pub(crate) struct Server {
    /// `postgres://user@host:port`, without a database.
    base: String,
    /// Connection parameters, from `?` on; often empty.
    parameters: String,
    /// A database that is there, to make others from.
    maintenance: String,
    /// Holds the pipe whose end tells the shell that this process is gone.
    _watchdog: Option<Child>,
}

impl Server {
    /// The URL of a database on this server.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}{}", self.base, self.parameters)
    }
    /// A connection from which databases are made and dropped.
    pub(crate) fn admin(&self) -> PgConnection {
        PgConnection::establish(&self.url(&self.maintenance)).expect("the test server answers")
    }
    fn at(url: &str, watchdog: Option<Child>) -> Self {
        let (address, parameters) = match url.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (url, String::new()),
        };
        let (base, maintenance) = address.rsplit_once('/').expect("the URL names a database");
        Self {
            base: base.to_owned(),
            parameters,
            maintenance: maintenance.to_owned(),
            _watchdog: watchdog,
        }
    }
}

/// The server of this test process, if there can be one.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(find_or_start).as_ref()
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but these variables")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn find_or_start() -> Option<Server> {
    if let Some(url) = variable("LSSC_TEST_DATABASE_URL") {
        return Some(Server::at(&url, None));
    }
    if let Some(binaries) = find_binaries() {
        return Some(start(&binaries));
    }
    assert!(
        variable("LSSC_REQUIRE_POSTGRES").is_none_or(|value| value == "0"),
        "LSSC_REQUIRE_POSTGRES is set, but there are no PostgreSQL server binaries and no \
         LSSC_TEST_DATABASE_URL"
    );
    eprintln!("PostgreSQL is left out: no server binaries, no LSSC_TEST_DATABASE_URL");
    None
}

/// A folder with `initdb` and `postgres`: of the PATH, or where distributions put them.
fn find_binaries() -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"] {
        let mut versions: Vec<PathBuf> = fs::read_dir(parent)
            .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    folders.push("/usr/pgsql/bin".into());
    folders.push("/usr/local/pgsql/bin".into());
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// PostgreSQL refuses to run as root: the user and group to run it as, when this process is root.
fn unprivileged() -> Option<(u32, u32)> {
    let uid = Command::new("id").arg("-u").output().ok()?.stdout;
    if String::from_utf8_lossy(&uid).trim() != "0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|wanted| {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let is_wanted = fields.first() == Some(wanted);
            let ids = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
            is_wanted.then_some(ids)
        })
    })
}

// fsync is off: the cluster does not outlive the process, and what is tested is the store.
const SCRIPT: &str = r#"
cd "$DIR" || exit 1
"$BIN/initdb" -D data -U lssc --auth=trust --no-sync -E UTF8 --locale=C >log 2>&1 || exit 1
"$BIN/postgres" -D data -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c max_connections=300 -c shared_buffers=64MB \
    -c lc_messages=C -c deadlock_timeout=50ms >>log 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
cd / && rm -rf "$DIR"
"#;

fn start(binaries: &Path) -> Server {
    let dir = tempfile::Builder::new()
        .prefix("lssc-postgres-")
        .tempdir()
        .expect("a temp directory")
        .keep();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", SCRIPT])
        .env("BIN", binaries)
        .env("DIR", &dir)
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Of its own group: an interrupt at the terminal must not end the shell before it has tidied.
        .process_group(0);
    if let Some((uid, gid)) = unprivileged() {
        let owner = format!("{uid}:{gid}");
        let changed = Command::new("chown").arg(owner).arg(&dir).status();
        assert!(changed.is_ok_and(|status| status.success()), "chown of the temp directory");
        shell.uid(uid).gid(gid);
    }
    let mut watchdog = shell.spawn().expect("sh runs");
    let url = format!("postgres://lssc@127.0.0.1:{port}/postgres");
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Err(error) = PgConnection::establish(&url) {
        let ended = watchdog.try_wait().expect("a child can be asked").is_some();
        if ended || Instant::now() > deadline {
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            panic!("the private PostgreSQL did not start: {error}\n{log}");
        }
        #[expect(clippy::disallowed_methods, reason = "the server tells nobody that it is ready")]
        std::thread::sleep(Duration::from_millis(30));
    }
    Server::at(&url, Some(watchdog))
}
