//! `lssc` as a process of its own, as an operator runs it.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::support::{actor::Actor, database::Db};

/// What `lssc` is given to work with: a folder of its own and, perhaps, a database.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// What was printed, if it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
    /// The one sentence of one that did not start.
    #[track_caller]
    pub(crate) fn sentence(&self) -> &str {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{self:?}");
        assert_eq!(self.err.trim_end().lines().count(), 1, "{self:?}");
        let sentence = self.err.trim_end().strip_prefix("lssc: ").expect("it says who speaks");
        assert!(sentence.ends_with('.'), "{self:?}");
        sentence
    }
}

impl Site {
    /// A folder and nothing else.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().expect("a temp directory"), env: Vec::new() }
    }
    /// A folder with the default database, a SQLite file, and what makes tests quick.
    pub(crate) fn new() -> Self {
        Self::bare()
            .with("LSSC_RATE_LIMIT", "off")
            .with("LSSC_LOG", "warn")
            .with("LSSC_THREADS", "1")
            .with("LSSC_ARGON2_MEMORY_KIB", "8")
            .with("LSSC_ARGON2_PASSES", "1")
    }
    /// A folder, and a database that is elsewhere.
    pub(crate) fn on(db: &Db) -> Self {
        Self::new().with("DATABASE_URL", &db.url).with("LSSC_DATABASE_THREADS", "4")
    }
    /// The same with a variable of the environment.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }
    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
    /// Writes a file of the folder; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.file(name);
        std::fs::write(&path, text).expect("the temp directory can be written");
        path.display().to_string()
    }
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lssc-in-tests"));
        command
            .args(arguments)
            // Nothing of who runs the tests: neither their variables nor their lssc.toml.
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }
    /// Runs a command to its end with this on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).spawn().expect("lssc runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that reads nothing may have ended already.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        let output = child.wait_with_output().expect("lssc ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
    /// Starts a server and waits until it says where it serves.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Serving {
        let mut all = vec!["serve", "--bind", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = self
            .command(&all)
            .stdin(Stdio::null())
            // Its log would fill a pipe that nobody reads.
            .stderr(Stdio::inherit())
            .spawn()
            .expect("lssc runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut said = String::new();
        let addr = loop {
            let line = lines.next().expect("it says where it serves").expect("text");
            said.push_str(&line);
            said.push('\n');
            let page = line.strip_prefix("Swagger UI: http://");
            if let Some(addr) = page.and_then(|rest| rest.strip_suffix("/swagger-ui/")) {
                break addr.parse().expect("an address");
            }
        };
        Serving { child, addr, said, lines }
    }
}

/// A server that is killed when the test ends, at the latest.
pub(crate) struct Serving {
    child: Child,
    pub(crate) addr: SocketAddr,
    /// What it printed up to where it serves.
    pub(crate) said: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Serving {
    /// `http://127.0.0.1:port`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.addr)
    }
    /// Somebody who is not signed in.
    pub(crate) fn anyone(&self) -> Actor {
        Actor::anyone(self.base())
    }
    /// The next line that it prints.
    pub(crate) fn next_line(&mut self) -> String {
        self.lines.next().expect("it says more").expect("text")
    }
    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
    /// SIGTERM, as a supervisor asks a server to end.
    pub(crate) fn terminate(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("kill runs").success());
    }
    /// Whether it runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }
    /// Waits for its end; its exit code and what else it printed.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let rest: Vec<_> = self.lines.by_ref().map_while(Result::ok).collect();
        (self.child.wait().expect("it ends").code(), rest.join("\n"))
    }
}
