//! Configuration: one struct; defaults < `lssc.toml` < `DATABASE_URL`, `LSSC_*` < flags.

mod checks;
mod shown;

use std::path::{Path, PathBuf};

use domain::{access::Role, words};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

words! {
    /// Whether requests are counted against limits.
    pub enum RateLimit {
        /// Counted.
        On = "on",
        /// Not counted: tests and benchmarks.
        Off = "off",
    }
}

words! {
    /// How log lines are written.
    pub enum LogFormat {
        /// For people at a terminal.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

/// Everything that can be configured. Times carry their unit in their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address to serve on; port 0 takes a free one.
    pub bind: String,
    /// Address of `/metrics`; none = no metrics.
    pub metrics_bind: Option<String>,
    /// Where the `SQLite` file, attached files without S3 and mails without SMTP go.
    pub data_dir: PathBuf,
    /// `sqlite:PATH` or `postgres://...`; none = a `SQLite` file in `data_dir`.
    pub database_url: Option<String>,
    /// The URL by which others reach this server; none = `http://` and the bound address. Issuer of tokens.
    pub public_url: Option<String>,
    /// Origins whose pages may call the API; empty = none.
    pub cors_origins: Vec<String>,
    /// Whether requests are counted against limits.
    pub rate_limit: RateLimit,
    /// Requests a minute of one caller.
    pub rate_limit_per_minute: u32,
    /// Attempts a minute of one address at signing in, registering and the like.
    pub rate_limit_sign_in_per_minute: u32,
    /// Stateless evaluations a minute of one caller.
    pub rate_limit_evaluations_per_minute: u32,
    /// Take the caller's address from the last `X-Forwarded-For` entry: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// Largest body of a request, bytes.
    pub body_limit_bytes: usize,
    /// A body must have arrived within this.
    pub body_timeout_ms: u64,
    /// An attached file must have arrived within this.
    pub file_timeout_ms: u64,
    /// Request headers must have arrived within this.
    pub header_timeout_ms: u64,
    /// How long a stop waits for requests that run.
    pub drain_timeout_s: u64,
    /// Worker threads; none = one a core.
    pub threads: Option<usize>,
    /// Database threads that read (`SQLite`) or do everything (PostgreSQL); none = the store's default.
    pub database_threads: Option<usize>,
    /// Life of an access token.
    pub access_token_s: i64,
    /// Life of a refresh token that is not used.
    pub refresh_token_s: i64,
    /// Life of a session however often it is refreshed.
    pub session_s: i64,
    /// Life of a password reset.
    pub reset_token_s: i64,
    /// Life of a stored answer of an idempotency key.
    pub idempotency_s: i64,
    /// How long a new signing key is published before it signs.
    pub key_lead_s: i64,
    /// Failed sign-ins of one address before the lock.
    pub lockout_after: u32,
    /// The first lock; each further failure doubles it, up to an hour.
    pub lockout_first_s: i64,
    /// How long an old secret of a machine is taken beside the one that replaces it.
    pub client_secret_grace_s: i64,
    /// Of how many people a machine may read in a day, unless an admin said otherwise.
    pub client_people_a_day: i64,
    /// argon2id memory, KiB.
    pub argon2_memory_kib: u32,
    /// argon2id passes.
    pub argon2_passes: u32,
    /// argon2id lanes.
    pub argon2_lanes: u32,
    /// Passwords hashed at the same time.
    pub argon2_at_once: usize,
    /// An endpoint of a webhook must have answered within this.
    pub webhook_timeout_ms: u64,
    /// How long the secret of a webhook signs on after another took its place.
    pub webhook_overlap_s: i64,
    /// The S3 bucket of attached files; none = the folder `files` in `data_dir`.
    pub s3_bucket: Option<String>,
    /// The bucket's region; not needed beside `s3_endpoint`.
    pub s3_region: Option<String>,
    /// The URL of another store that speaks S3.
    pub s3_endpoint: Option<String>,
    /// The access key's id; none = the role that the machine has.
    pub s3_access_key_id: Option<String>,
    /// The access key's secret.
    pub s3_secret_access_key: Option<String>,
    /// `smtp://` or `smtps://` URL; none = mails are files in `data_dir/mail`.
    pub smtp_url: Option<String>,
    /// Sender of mails.
    pub mail_from: String,
    /// Outside issuers whose tokens are taken.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// Log filter, as `tracing` writes it.
    pub log: String,
    /// How log lines are written.
    pub log_format: LogFormat,
}

/// An outside issuer whose access tokens are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// `iss` of its tokens, exactly.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// `aud` that names this API in its tokens.
    pub audience: String,
    /// `typ` that its tokens must carry; RFC 9068 unless said otherwise.
    #[serde(default = "at_jwt")]
    pub typ: String,
    /// Whether every address in its tokens is verified, so that they may lack `email_verified`.
    #[serde(default)]
    pub email_is_verified: bool,
    /// The claim, a list of strings, that names groups.
    #[serde(default = "groups")]
    pub roles_claim: String,
    /// Roles for its groups: staff, admin and auditor may be mapped.
    #[serde(default)]
    pub roles: std::collections::BTreeMap<String, Role>,
}

fn at_jwt() -> String {
    "at+jwt".to_owned()
}
fn groups() -> String {
    "groups".to_owned()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8080".to_owned(),
            metrics_bind: None,
            data_dir: PathBuf::from("lssc-data"),
            database_url: None,
            public_url: None,
            cors_origins: Vec::new(),
            rate_limit: RateLimit::On,
            rate_limit_per_minute: 600,
            rate_limit_sign_in_per_minute: 30,
            rate_limit_evaluations_per_minute: 120,
            trust_forwarded_for: false,
            body_limit_bytes: 1 << 20,
            body_timeout_ms: 10_000,
            file_timeout_ms: 60_000,
            header_timeout_ms: 5_000,
            drain_timeout_s: 10,
            threads: None,
            database_threads: None,
            access_token_s: 15 * 60,
            refresh_token_s: 14 * 24 * 3600,
            session_s: 90 * 24 * 3600,
            reset_token_s: 3600,
            idempotency_s: 24 * 3600,
            key_lead_s: 600,
            lockout_after: 10,
            lockout_first_s: 30,
            client_secret_grace_s: 24 * 3600,
            client_people_a_day: 10_000,
            argon2_memory_kib: 19_456,
            argon2_passes: 2,
            argon2_lanes: 1,
            argon2_at_once: 2,
            webhook_timeout_ms: 15_000,
            webhook_overlap_s: domain::webhook::OVERLAP_S,
            s3_bucket: None,
            s3_region: None,
            s3_endpoint: None,
            s3_access_key_id: None,
            s3_secret_access_key: None,
            smtp_url: None,
            mail_from: "LSSC <no-reply@localhost>".to_owned(),
            trusted_issuers: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// Configuration that cannot be served with: one sentence.
#[derive(Debug, thiserror::Error)]
#[error("The configuration is wrong: {0}")]
pub struct Misconfigured(pub String);

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The file to read; `lssc.toml`, when it is there, without one.
    pub file: Option<PathBuf>,
    /// `--bind`.
    pub bind: Option<String>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
}

impl Config {
    /// Reads the configuration of this process.
    pub fn load(flags: &Flags) -> Result<Self, Misconfigured> {
        let file = match &flags.file {
            Some(file) if !file.is_file() => {
                return Err(Misconfigured(format!("there is no file {}.", file.display())));
            }
            Some(file) => file.as_path(),
            None => Path::new("lssc.toml"),
        };
        let mut figment = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(Env::raw().only(&["DATABASE_URL"]))
            .merge(
                Env::prefixed("LSSC_")
                    .filter(|key| !key.starts_with("test_") && !key.starts_with("require_")),
            );
        if let Some(bind) = &flags.bind {
            figment = figment.merge(Serialized::default("bind", bind));
        }
        if let Some(data_dir) = &flags.data_dir {
            figment = figment.merge(Serialized::default("data_dir", data_dir));
        }
        let config: Self = figment.extract().map_err(|error| Misconfigured(sentence(&error)))?;
        config.checked()
    }

    /// The database's URL, the default one included.
    #[must_use]
    pub fn database(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("lssc.sqlite3").display()))
    }
}

fn sentence(error: &figment::Error) -> String {
    let from = |from: &figment::Metadata| match &from.source {
        Some(source) => format!(" (in {source})"),
        None => format!(" (in {})", from.name),
    };
    let place = error.metadata.as_ref().map(from).unwrap_or_default();
    let path =
        if error.path.is_empty() { String::new() } else { format!("{}: ", error.path.join(".")) };
    // A fault of TOML draws the place under the line: the sentence has its number already.
    let kind = error.kind.to_string();
    let said: Vec<_> = kind
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.contains('|'))
        .collect();
    format!("{path}{}{place}.", said.join(": "))
}
