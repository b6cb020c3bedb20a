//! Tests over HTTP: a file a capability.

mod story;
