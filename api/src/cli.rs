//! The command line of `lssc`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, Flags},
    openapi,
    serve::{self, Deps},
    telemetry,
};

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
    /// Where the SQLite file and mails go.
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
    },
    /// Bring the database to this version.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the configuration, secrets hidden.
    Config,
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("lssc: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, String> {
    let bind = match &cli.command {
        Command::Serve { bind, .. } => bind.clone(),
        Command::Migrate | Command::Openapi | Command::Config => None,
    };
    if matches!(cli.command, Command::Openapi) {
        let text = serde_json::to_string_pretty(&openapi::document()).map_err(|error| error.to_string())?;
        println!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let flags = Flags { file: cli.common.config, bind, data_dir: cli.common.data_dir };
    let config = Config::load(&flags).map_err(|error| error.to_string())?;
    if matches!(cli.command, Command::Config) {
        print!("{}", config.shown());
        return Ok(ExitCode::SUCCESS);
    }
    telemetry::start(&config).map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(act(cli.command, config))
}

async fn act(command: Command, config: Config) -> Result<ExitCode, String> {
    match command {
        Command::Serve { .. } => {
            let running = serve::start(config, Deps::default()).await.map_err(|error| error.to_string())?;
            println!("Swagger UI: http://{}/swagger-ui/", running.addr);
            if let Some(addr) = running.metrics_addr {
                println!("Metrics:    http://{addr}/metrics");
            }
            stop_signal().await;
            running.stop().await;
        }
        Command::Migrate => {
            let store = serve::open_store(&config).map_err(|error| error.to_string())?;
            let applied = store.migrate().await.map_err(|error| error.to_string())?;
            println!("{} migrations applied.", applied.len());
        }
        Command::Openapi | Command::Config => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits for SIGTERM or Ctrl-C.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}
