//! Log lines: fields that can be queried, a message that reads alone. Never logged: bodies, passwords,
//! tokens, e-mail addresses.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, LogFormat, Misconfigured};

/// Starts logging to the standard error stream.
pub(crate) fn start(config: &Config) -> Result<(), Misconfigured> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| {
        Misconfigured(format!("log is not a filter that tracing understands: {error}."))
    })?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| Misconfigured(format!("logging was started twice: {error}.")))
}
