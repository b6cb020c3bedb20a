//! `Idempotency-Key`: quoted as the draft wants it, or bare as clients send it.

use actix_web::http::header::HeaderMap;

use crate::problem::Problem;

/// A caller's name for one request: the same key is done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a request's headers.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all("Idempotency-Key");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                value.to_str().ok().and_then(Self::parse).map(Some).ok_or_else(malformed)
            }
            (Some(_), Some(_)) => Err(malformed()),
        }
    }
    /// The key of a header's value: 1 to 255 visible ASCII characters, quotes taken off.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let key = match value.strip_prefix('"') {
            Some(rest) => unquoted(rest)?,
            None if value.contains('"') => return None,
            None => value.to_owned(),
        };
        let fits =
            (1..=255).contains(&key.len()) && key.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        fits.then_some(Self(key))
    }
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a structured-field string after its first quote.
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty().then_some(text),
            '\\' => text.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            other => text.push(other),
        }
    }
    None
}

fn malformed() -> Problem {
    Problem::bad_header("Idempotency-Key", "one key of 1 to 255 visible ASCII characters.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_bare_are_the_same_key() {
        let parse = |value: &str| IdempotencyKey::parse(value).map(|key| key.0);
        assert_eq!(parse("8e03978e"), Some("8e03978e".to_owned()));
        assert_eq!(parse("\"8e03978e\""), Some("8e03978e".to_owned()));
        assert_eq!(parse(r#""a\"b\\""#), Some(r#"a"b\"#.to_owned()));
        for malformed in ["", "\"\"", "a b", "\"a", "a\"", "\"a\"b", "ü", r#""\a""#] {
            assert_eq!(parse(malformed), None, "{malformed}");
        }
        assert!(parse(&"k".repeat(255)).is_some());
        assert!(parse(&"k".repeat(256)).is_none());
    }
}
