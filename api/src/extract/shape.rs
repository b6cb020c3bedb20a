//! What serde says about a wrong shape, as pointers and codes.

use domain::BadFact;
use serde_path_to_error::{Path, Segment};

/// The fault that serde met at `path`. An unknown or missing field is pointed at itself, not its owner.
pub(crate) fn fault(path: &Path, message: &str) -> BadFact {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.extend(["/", &index.to_string()]),
            Segment::Map { key } => pointer.extend(["/", &escaped(key)]),
            // A variant's name is not a level of the JSON document with untagged words.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let code = code(message);
    if let Some(field) = named_field(message) {
        let own = format!("/{}", escaped(field));
        if !pointer.ends_with(&own) || code == "required" {
            pointer.push_str(&own);
        }
    }
    BadFact::at(pointer, code, sentence(message))
}

/// The name of the field that serde says is missing or unknown.
pub(crate) fn named_field(message: &str) -> Option<&str> {
    ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split('`').next())
}

/// A stable code for serde's message.
pub(crate) fn code(message: &str) -> &'static str {
    if message.starts_with("missing field") {
        "required"
    } else if message.starts_with("unknown ") || message.contains("is not one of") {
        "unknown"
    } else if message.starts_with("duplicate field") {
        "duplicate"
    } else if message.starts_with("invalid type") {
        "type"
    } else if message.starts_with("invalid length") {
        "length"
    } else if message.starts_with("invalid value") {
        "out_of_range"
    } else {
        "format"
    }
}

/// serde's message without its position in the text, as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let bare = message.rsplit_once(" at line ").map_or(message, |(bare, _)| bare);
    let mut characters = bare.chars();
    let capital =
        characters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{capital}{}.", characters.as_str())
}

/// A name as a segment of a JSON Pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
