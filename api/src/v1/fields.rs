//! Texts as they come in: parsed at the door, so that inside there are only ones that fit.

use std::{borrow::Cow, ops::Deref};

use domain::{
    BadFact,
    invoice::{check_no_card, check_no_card_number},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// Declares a text type: its bounds, and a check with the sentence that refuses.
macro_rules! text {
    ($(#[$meta:meta])* $name:ident, $least:literal..=$most:literal, $format:expr, |$text:ident| $fits:expr, $refusal:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn into_inner(self) -> String {
                self.0
            }
        }
        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let given = <Cow<'de, str>>::deserialize(deserializer)?;
                let $text = given.trim();
                let length = given.chars().count();
                if !($least..=$most).contains(&length) || $text.is_empty() {
                    return Err(D::Error::custom(concat!(
                        "invalid length: from ", $least, " to ", $most, " characters, not all of them spaces"
                    )));
                }
                if !$fits {
                    return Err(D::Error::custom($refusal));
                }
                Ok(Self($text.to_owned()))
            }
        }
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some($least))
                    .max_length(Some($most))
                    .description(Some($refusal));
                let schema = match $format {
                    Some(format) => schema.format(Some(format)),
                    None => schema,
                };
                schema.into()
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    };
}

fn one_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn lines(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn segment(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "._~:-".contains(c))
        && text.parse::<domain::AccountRequestId>().is_err()
}

fn https(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty()
        && !host.contains('@')
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\"\\^`{|}".contains(c))
}

fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    (1..=64).contains(&local.len())
        && !text.chars().any(|c| {
            c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"@".contains(c) && c != '@'
        })
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !text.contains("..")
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

text! {
    /// A name of a person, an organisation or a course.
    Name, 1..=200, None::<SchemaFormat>, |text| one_line(text), "one line without control characters"
}
text! {
    /// A short line: a place, a price, a reference.
    Line, 1..=200, None::<SchemaFormat>, |text| one_line(text), "one line without control characters"
}
text! {
    /// A text of several lines: a reason, a message.
    Prose, 1..=4000, None::<SchemaFormat>, |text| lines(text), "text without control characters"
}
text! {
    /// A web address.
    WebAddress, 9..=2000, Some(SchemaFormat::Custom("uri".to_owned())), |text| https(text),
    "an address that begins with https://, without user information"
}
text! {
    /// A partner's own id of a request, which may stand in a path.
    RequestKey, 1..=64, None::<SchemaFormat>, |text| segment(text),
    "letters, digits and the characters . _ ~ : and -, and not the form of an id of this system"
}
text! {
    /// What a partner calls a person: compared letter for letter.
    ExternalKey, 1..=200, None::<SchemaFormat>, |text| one_line(text), "one line without control characters"
}
text! {
    /// An e-mail address.
    EmailAddress, 3..=254, Some(SchemaFormat::KnownFormat(KnownFormat::Email)), |text| email(text),
    "an e-mail address like ada@example.org"
}

/// A new password. Its length counts, classes of characters do not; it is neither trimmed nor shown.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 15, max_length = 200)]
pub struct Password(String);

impl Deref for Password {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

/// What is looked for: up to 254 characters, compared as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term(String);

impl Term {
    /// The most characters.
    const MOST: usize = 254;
    /// The text.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}
impl Deref for Term {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().count() > Self::MOST {
            return Err(D::Error::custom("invalid length: at most 254 characters"));
        }
        Ok(Self(text))
    }
}
/// A term of which something is left when case, accents and punctuation are: 400 where nothing is, since it
/// would find everything.
pub(crate) fn folds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Term>, D::Error> {
    let term = Term::deserialize(deserializer)?;
    if domain::text::fold(&term).is_empty() {
        return Err(D::Error::custom("it has no letter and no digit"));
    }
    Ok(Some(term))
}
impl PartialSchema for Term {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(Self::MOST)).into()
    }
}
impl ToSchema for Term {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Term")
    }
}

/// A field of a PATCH: what is left out stays, null clears. Needs `#[serde(default)]`.
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// What a field is after a PATCH: `before` where it was left out.
pub(crate) fn patched<T: Clone + Into<String>>(
    given: Option<&Option<T>>,
    before: Option<&String>,
) -> Option<String> {
    match given {
        Some(given) => given.clone().map(Into::into),
        None => before.cloned(),
    }
}

/// Refuses texts that look like card data, which the system does not hold: each with its pointer.
pub(crate) fn no_cards<'t>(
    texts: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> Result<(), Vec<BadFact>> {
    let faults = texts.into_iter().filter_map(|(pointer, text)| check_no_card(pointer, text));
    let bad: Vec<BadFact> = faults.collect();
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

/// The same of identifiers, such as the number of an order: a long one is not refused for some of its digits.
pub(crate) fn no_card_numbers<'t>(
    texts: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> Result<(), Vec<BadFact>> {
    let faults =
        texts.into_iter().filter_map(|(pointer, text)| check_no_card_number(pointer, text));
    let bad: Vec<BadFact> = faults.collect();
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

/// A reason that must be given.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for the people concerned and for the record.
    pub reason: Prose,
}

/// A reason that may be given.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionalReason {
    /// Why, for the record.
    #[serde(default)]
    pub reason: Option<Prose>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads<T: for<'de> Deserialize<'de>>(text: &str) -> bool {
        serde_json::from_value::<T>(text.into()).is_ok()
    }

    #[test]
    fn what_fits_is_taken_and_the_rest_refused() {
        for good in ["ada@example.org", "o'neil+lssc@library.example.edu", "zoë@bücher.example"] {
            assert!(reads::<EmailAddress>(good), "{good}");
        }
        for bad in [
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a b@example.org",
            "a@b@example.org",
            "a..b@example.org",
        ] {
            assert!(!reads::<EmailAddress>(bad), "{bad}");
        }
        for good in ["https://example.org/a?b=c#d", "https://example.org"] {
            assert!(reads::<WebAddress>(good), "{good}");
        }
        for bad in [
            "http://example.org",
            "https://",
            "https://user@example.org",
            "https://exa mple.org",
            "javascript:alert(1)",
        ] {
            assert!(!reads::<WebAddress>(bad), "{bad}");
        }
        assert!(reads::<Name>("Zoë O'Neil-Nguyễn"));
        for bad in ["", "   ", "a\nb", "a\u{7}b"] {
            assert!(!reads::<Name>(bad), "{bad:?}");
        }
        assert!(reads::<Prose>("one\ntwo"));
        assert!(!reads::<Name>(&"x".repeat(201)));
    }
}
