//! What the tests stand on: fresh databases of both kinds.

pub(crate) mod database;
pub(crate) mod postgres;
