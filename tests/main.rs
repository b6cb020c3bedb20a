//! Every test that runs against a store or the served application, on each database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics fails, which is what it is for"
)]

mod api;
mod docs;
mod ops;
mod store;
mod support;
