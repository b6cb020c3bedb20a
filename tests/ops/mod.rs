//! What operators do to `lssc` and what happens to it: a file a kind.

mod command_line;
mod files;
mod import_kills;
mod issuers;
mod kills;
mod panics;
mod process;
mod replicas;
mod stops;
mod webhook_kills;
