//! What the tests stand on: fresh databases of both kinds, and served applications on them.

pub(crate) mod accounts;
pub(crate) mod actor;
pub(crate) mod appeals;
pub(crate) mod colleges;
pub(crate) mod courses;
pub(crate) mod database;
pub(crate) mod demo;
pub(crate) mod machines;
pub(crate) mod mails;
pub(crate) mod merges;
pub(crate) mod money;
pub(crate) mod orders;
pub(crate) mod portfolios;
pub(crate) mod postgres;
pub(crate) mod proposals;
pub(crate) mod race;
pub(crate) mod renewals;
pub(crate) mod sandbox;
pub(crate) mod story;
pub(crate) mod world;
