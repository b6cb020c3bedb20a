//! Benchmarks of the served application: ratios inside one run, medians of interleaved rounds.
//!
//! `cargo run --release -p bench -- --candidates 10000,100000,1000000`: for each size and database it makes
//! seeded data, starts the application and a hello-world of the same server stack in this process, and
//! measures every scenario once a round, in turn. The load generator shares the machine with both, the same
//! for all that is compared. Prints a Markdown table; see `bench/RESULTS.md`.

mod accounts;
mod courses;
mod data;
mod dialect;
mod drain;
mod feed;
mod jobs;
mod load;
mod money;
mod notices;
mod portfolios;
mod postgres;
mod raw;
mod report;
mod rules;
mod scenarios;
mod served;

use std::{error::Error, time::Duration};

use clap::Parser;

use crate::{dialect::Dialect, report::Report, scenarios::Bench};

/// What anything here may fail with: it ends the run.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the application.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Args {
    /// How many candidates; several sizes are measured one after the other.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    candidates: Vec<u64>,
    /// The same on PostgreSQL; none with an empty list.
    #[arg(long, value_delimiter = ',', default_value = "100000")]
    postgres_candidates: Vec<u64>,
    /// How many certificates are looked through for what is due; measured alone when given.
    #[arg(long, value_delimiter = ',')]
    look: Vec<u64>,
    /// How many rows the files have that are imported and reconciled; measured alone when given.
    #[arg(long, value_delimiter = ',')]
    files: Vec<u64>,
    /// How many accounts the feed tells of that is drained and copied, 10,000 unless said otherwise; measured alone
    /// when given.
    #[arg(long, value_delimiter = ',', num_args = 0..=1, default_missing_value = "10000")]
    accounts: Vec<u64>,
    /// A PostgreSQL database to use instead of a private server: it must be empty.
    #[arg(long)]
    postgres_url: Option<String>,
    /// Seconds of each scenario in each round.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Connections of the load generator.
    #[arg(long, default_value_t = 64)]
    clients: u64,
    /// Drafts that a round submits.
    #[arg(long, default_value_t = 3000)]
    drafts: u64,
}

impl Args {
    fn window(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

fn main() -> Outcome<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut report = Report::default();
    if !args.look.is_empty() {
        return runtime.block_on(look(&args));
    }
    if !args.files.is_empty() {
        return runtime.block_on(files(&args));
    }
    if !args.accounts.is_empty() {
        return runtime.block_on(follow(&args));
    }
    report.rules(rules::measure(args.rounds)?);
    for candidates in &args.candidates {
        let dir = tempfile::tempdir()?;
        let url = format!("sqlite:{}", dir.path().join("bench.sqlite3").display());
        runtime.block_on(one(&args, Dialect::Sqlite, url, *candidates, &mut report))?;
    }
    for candidates in &args.postgres_candidates {
        let private = match &args.postgres_url {
            Some(url) => Some((url.clone(), None)),
            None => postgres::start()?.map(|server| (server.url.clone(), Some(server))),
        };
        let Some((url, _server)) = private else {
            eprintln!("PostgreSQL is left out: no server binaries, no --postgres-url");
            break;
        };
        runtime.block_on(one(&args, Dialect::Postgres, url, *candidates, &mut report))?;
    }
    println!("{}", report.markdown());
    Ok(())
}

/// The look through dates, on both databases.
async fn look(args: &Args) -> Outcome<()> {
    let mut report = Report::default();
    for holders in &args.look {
        both(async |dialect, url| notices::measure(&mut report, dialect, url, *holders).await)
            .await?;
    }
    println!("{}", report.markdown());
    Ok(())
}

/// Files in the background, on both databases.
async fn files(args: &Args) -> Outcome<()> {
    let mut report = Report::default();
    for rows in &args.files {
        both(async |dialect, url| jobs::measure(args, &mut report, dialect, &url, *rows).await)
            .await?;
    }
    println!("{}", report.markdown());
    Ok(())
}

/// The feed and the copy of accounts, on both databases.
async fn follow(args: &Args) -> Outcome<()> {
    let mut report = Report::default();
    for accounts in &args.accounts {
        both(async |dialect, url| feed::measure(args, &mut report, dialect, &url, *accounts).await)
            .await?;
    }
    println!("{}", report.markdown());
    Ok(())
}

/// Measures on a new database of each kind.
async fn both(mut measure: impl AsyncFnMut(Dialect, String) -> Outcome<()>) -> Outcome<()> {
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite:{}", dir.path().join("bench.sqlite3").display());
    measure(Dialect::Sqlite, url).await?;
    if let Some(server) = postgres::start()? {
        measure(Dialect::Postgres, server.url.clone()).await?;
    }
    Ok(())
}

/// One database of one size.
async fn one(
    args: &Args,
    dialect: Dialect,
    url: String,
    candidates: u64,
    report: &mut Report,
) -> Outcome<()> {
    let bench = Bench::start(args, dialect, url, candidates).await?;
    for round in 0..args.rounds {
        bench.round(round, report).await?;
        eprintln!("{dialect} {candidates}: round {} of {}", round + 1, args.rounds);
    }
    bench.stop().await
}
