//! The name under which a file is handed in.

use std::{borrow::Cow, ops::Deref};

use domain::attachment::MAX_NAME;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The name of a file, without folders: what a download is saved as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// The name.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl Deref for FileName {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// Whether a letter turns the direction of what follows: `cod.exe` can be shown as `exe.doc` with it.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = <Cow<'de, str>>::deserialize(deserializer)?;
        let name = given.trim();
        if !(1..=MAX_NAME).contains(&name.chars().count()) {
            return Err(D::Error::custom("invalid length: from 1 to 200 characters"));
        }
        let bad = |c: char| c.is_control() || "/\\\"".contains(c) || turns(c);
        if name.starts_with('.') || name.chars().any(bad) {
            return Err(D::Error::custom(
                "a name has no folders, quotes or control characters, and no dot first",
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl PartialSchema for FileName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_NAME))
            .pattern(Some("^[^./\\\\\"\\x00-\\x1f\\x7f][^/\\\\\"\\x00-\\x1f\\x7f]*$"))
            .into()
    }
}
impl ToSchema for FileName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_a_file_and_of_nothing_else() {
        let read = |name: &str| serde_json::from_value::<FileName>(name.into());
        for name in ["syllabus.pdf", "Zeugnis Größe (2).docx", "a..b", "成绩单.pdf"] {
            assert_eq!(read(name).ok().map(FileName::into_inner).as_deref(), Some(name));
        }
        let long = "x".repeat(201);
        for name in [
            "",
            " ",
            ".",
            "..",
            ".profile",
            "../x",
            "a/b",
            "a\\b",
            "a\"b",
            "a\r\nb",
            "a\u{0}",
            "a\u{202e}fdp.exe",
            long.as_str(),
        ] {
            assert!(read(name).is_err(), "{name:?}");
        }
    }
}
