//! Tests over HTTP: a file a capability.

mod bodies;
mod conditional;
mod headers;
mod idempotency;
mod lists;
mod passwords;
mod paths;
mod sessions;
mod story;
