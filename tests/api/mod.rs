//! Tests over HTTP: a file a capability.

mod access;
mod applications;
mod awards;
mod bodies;
mod candidacies;
mod completions;
mod conditional;
mod contract;
mod evaluations;
mod events;
mod examples;
mod headers;
mod idempotency;
mod invoices;
mod lists;
mod machines;
mod passwords;
mod paths;
mod people;
mod policies;
mod races;
mod sessions;
mod story;
mod tokens;
mod verifications;
