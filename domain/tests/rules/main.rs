//! The rules, by golden case, by example and by property.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot read its own facts has failed"
)]

mod bad_facts;
mod examples;
mod golden;
mod money;
mod orders;
mod program;
mod properties;
mod support;
