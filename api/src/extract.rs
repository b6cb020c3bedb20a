//! Extractors: a request parsed at the door, so that inside there are only values that hold.
//!
//! [`Body`] and [`IfMatch`] never fail by themselves: they hold what is wrong until the handler asks,
//! so that 401, 403, 404, 422, 428 and 412 are told in this order.

mod body;
mod conditional;
mod file;
mod key;
mod page;
mod parameters;
mod rows;
pub(crate) mod shape;
mod trace;

pub use body::Body;
pub(crate) use body::{parse as parse_body, read as read_body};
pub use conditional::{IfMatch, IfNoneMatch};
pub use file::RowFile;
pub use key::IdempotencyKey;
pub use page::{AsOf, Cursor, Limit, Page};
pub use parameters::{PathOf, Query};
pub use rows::{Given, JsonOrEachRow, JsonOrRows, Rows};
pub use trace::{TraceParent, request_id};
