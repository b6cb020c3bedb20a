//! A private PostgreSQL server in a temp directory, with the durability that it ships with.

use std::{
    fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection};

use crate::Outcome;

/// The server; it ends with this value, or with this process.
pub(crate) struct Server {
    /// The URL of its database.
    pub(crate) url: String,
    shell: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}

const SCRIPT: &str = r#"
cd "$DIR" || exit 1
"$BIN/initdb" -D data -U lssc --auth=trust -E UTF8 --locale=C >log 2>&1 || exit 1
"$BIN/postgres" -D data -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=100 -c shared_buffers=512MB >>log 2>&1 &
cat >/dev/null
kill -INT $!
wait
cd / && rm -rf "$DIR"
"#;

/// Starts a server, where its binaries are found.
pub(crate) fn start() -> Outcome<Option<Server>> {
    let Some(binaries) = binaries() else { return Ok(None) };
    let dir = tempfile::Builder::new().prefix("lssc-bench-").tempdir()?.keep();
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", SCRIPT])
        .env("BIN", binaries)
        .env("DIR", &dir)
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    // PostgreSQL refuses to run as root.
    if let Some((uid, gid)) = unprivileged()? {
        Command::new("chown").arg(format!("{uid}:{gid}")).arg(&dir).status()?;
        shell.uid(uid).gid(gid);
    }
    let shell = shell.spawn()?;
    let url = format!("postgres://lssc@127.0.0.1:{port}/postgres");
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Err(error) = PgConnection::establish(&url) {
        if Instant::now() > deadline {
            return Err(format!("the private PostgreSQL did not start: {error}").into());
        }
        #[expect(clippy::disallowed_methods, reason = "the server tells nobody that it is ready")]
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(Some(Server { url, shell }))
}

fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    versions.into_iter().rev().find(|folder| folder.join("initdb").exists())
}

fn unprivileged() -> Outcome<Option<(u32, u32)>> {
    let uid = Command::new("id").arg("-u").output()?.stdout;
    if String::from_utf8_lossy(&uid).trim() != "0" {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    Ok(users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let is_wanted = fields.first() == Some(&"postgres");
        let ids = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        is_wanted.then_some(ids)
    }))
}
