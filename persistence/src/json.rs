//! Nested values as JSON documents, and words read back from text.

use domain::program::ProgramCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Error, types::V};

/// A value as a document.
pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<V<Value>, Error> {
    serde_json::to_value(value).map(V).map_err(|error| Error::Broken(error.to_string()))
}

/// A document read back.
pub(crate) fn read<T: DeserializeOwned>(document: V<Value>) -> Result<T, Error> {
    serde_json::from_value(document.0).map_err(|error| Error::Broken(error.to_string()))
}

/// A word or code read back.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|error: T::Err| Error::Broken(error.to_string()))
}

/// A program's code read back.
pub(crate) fn program(text: &str) -> Result<ProgramCode, Error> {
    parsed(text)
}
