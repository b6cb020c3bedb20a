//! The command line of `lssc`.

mod admin;
mod files;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    app::App,
    config::{Config, Flags},
    demo, openapi,
    problem::Problem,
    serve::{self, Deps},
    telemetry,
};
use admin::{ClientCommand, KeysCommand, UserCommand};
use files::{ExportCommand, ImportCommand};

/// The certification backend of the Library Support Staff Certification.
#[derive(Debug, Parser)]
#[command(name = "lssc", version)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Common {
    /// The configuration file; lssc.toml, when it is there, without it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the SQLite file, attached files and mails go.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database and serve the API.
    Serve {
        /// The address to serve on; port 0 takes a free one.
        #[arg(long, value_name = "HOST:PORT")]
        bind: Option<String>,
        /// Serve a sandbox: personas of every role with ready tokens, and about 300 people.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database to this version.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the configuration, secrets hidden.
    Config,
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Machines.
    #[command(subcommand)]
    Client(ClientCommand),
    /// The keys that sign access tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Take in a file of records: exit 1 where a row was refused.
    Import(ImportCommand),
    /// Put records out, in the columns of imports.
    Export(ExportCommand),
    /// Check the invariants of the stored data; exit 1 and what breaks them when one does not hold.
    Verify,
}

/// How long the tokens of a sandbox last: a week.
const DEMO_TOKEN_S: i64 = 7 * 24 * 3600;

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("lssc: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, String> {
    if matches!(cli.command, Command::Openapi) {
        let text = serde_json::to_string_pretty(&openapi::document())
            .map_err(|error| error.to_string())?;
        println!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let (bind, demo) = match &cli.command {
        Command::Serve { bind, demo } => (bind.clone(), *demo),
        _ => (None, false),
    };
    // A sandbox never shares a directory with real data by accident.
    let data_dir = cli.common.data_dir.or_else(|| demo.then(|| PathBuf::from("lssc-demo")));
    let flags = Flags { file: cli.common.config, bind, data_dir };
    let mut config = Config::load(&flags).map_err(|error| error.to_string())?;
    if demo {
        config.access_token_s = DEMO_TOKEN_S;
    }
    if matches!(cli.command, Command::Config) {
        print!("{}", config.shown());
        return Ok(ExitCode::SUCCESS);
    }
    telemetry::start(&config).map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(act(cli.command, config))
}

async fn act(command: Command, config: Config) -> Result<ExitCode, String> {
    match command {
        Command::Serve { demo, .. } => serve(config, demo).await?,
        Command::Migrate => {
            let store = serve::open_store(&config).map_err(|error| error.to_string())?;
            let applied = store.migrate().await.map_err(|error| error.to_string())?;
            for name in &applied {
                println!("{name}");
            }
            println!("{} migrations applied.", applied.len());
        }
        Command::User(command) => admin::user(&prepare(config).await?, command).await?,
        Command::Client(command) => admin::client(&prepare(config).await?, command).await?,
        Command::Keys(command) => admin::keys(&prepare(config).await?, command).await?,
        Command::Import(command) => return files::import(&prepare(config).await?, command).await,
        Command::Export(command) => files::export(&prepare(config).await?, &command).await?,
        Command::Verify => return verify(&config).await,
        Command::Openapi | Command::Config => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The application without a server.
async fn prepare(config: Config) -> Result<App, String> {
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.bind));
    serve::prepare(config, Deps::default(), public_url).await.map_err(|error| error.to_string())
}

async fn serve(config: Config, demo: bool) -> Result<(), String> {
    if demo {
        let app = prepare(config.clone()).await?;
        demo::seed(&app).await.map_err(|problem| said(&problem))?;
    }
    let stop = stop_signal()?;
    let deps = if demo { Deps::sandbox() } else { Deps::default() };
    let running = serve::start(config, deps).await.map_err(|error| error.to_string())?;
    if demo {
        print_personas(&demo::sign_in(&running.app).await.map_err(|problem| said(&problem))?);
    }
    println!("Swagger UI: http://{}/swagger-ui/", running.addr);
    if let Some(addr) = running.metrics_addr {
        println!("Metrics:    http://{addr}/metrics");
    }
    if !admin::anybody(&running.app).await? {
        println!(
            "Nobody is admin yet. Add the first one: lssc user add --data-dir {} --email YOU@EXAMPLE.ORG \
             --given-name YOUR --family-name NAME --role admin",
            running.app.config.data_dir.display()
        );
    }
    stop.await;
    running.stop().await;
    Ok(())
}

/// What went wrong, for the one who started the program.
fn said(problem: &Problem) -> String {
    problem.cause().map_or_else(|| problem.to_string(), str::to_owned)
}

fn print_personas(personas: &[demo::Persona]) {
    println!("Personas (password of the people: {}):", demo::PASSWORD);
    for persona in personas {
        println!("  {:<11} {} <{}>", persona.role.to_string(), persona.name, persona.login);
        println!("              {}", persona.token);
    }
    println!("The partner's client secret: {}", demo::PARTNER_SECRET);
}

async fn verify(config: &Config) -> Result<ExitCode, String> {
    let store = serve::open_store(config).map_err(|error| error.to_string())?;
    let broken = store.verify().await.map_err(|error| error.to_string())?;
    if broken.is_empty() {
        println!("Every invariant holds.");
        return Ok(ExitCode::SUCCESS);
    }
    for invariant in &broken {
        println!("{} does not hold: {}", invariant.id, invariant.sentence);
        for row in &invariant.rows {
            println!("    {row}");
        }
    }
    Ok(ExitCode::FAILURE)
}

/// Listens for SIGTERM and Ctrl-C from now on: a signal that comes while the server starts is kept, and
/// ends it as soon as it can be ended in order. Waits for the first one.
fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    let listen = |kind| signal(kind).map_err(|error| format!("Signals cannot be heard: {error}."));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
