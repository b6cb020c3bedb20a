//! The rules, by golden case, by example and by property.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot read its own facts has failed"
)]

mod accounts;
mod agreements;
mod appeals;
mod bad_facts;
mod books;
mod clients;
mod courses;
mod examples;
mod golden;
mod merges;
mod money;
mod notices;
mod orders;
mod portfolios;
mod program;
mod properties;
mod renewals;
mod rosters;
mod standing;
mod support;
mod windows;
