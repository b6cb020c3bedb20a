//! Filters (RFC 7644 section 3.4.2.2) over the attributes by which accounts are looked for.

mod parse;

use chrono::{DateTime, Utc};

/// Longest filter, bytes.
const LONGEST: usize = 1000;

/// What can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `id`, letter for letter.
    Id,
    /// `userName`, however it is written.
    UserName,
    /// `externalId`, letter for letter.
    ExternalId,
    /// Any of `emails.value`, however it is written.
    Email,
    /// `active`.
    Active,
    /// `meta.lastModified`.
    LastModified,
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Text(String),
    Bool(bool),
    At(DateTime<Utc>),
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Present(Attribute),
    Compares(Attribute, Comparison, Wanted),
}

/// What every account that a filter takes has: by it the few that may be meant are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// This `id`.
    Id(&'a str),
    /// This `userName`, however it is written.
    UserName(&'a str),
    /// This `externalId`.
    ExternalId(&'a str),
    /// This address, however it is written.
    Email(&'a str),
}

/// Why a text is no filter that is understood: one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAFilter(pub String);

/// What of an account is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// `id`.
    pub id: &'a str,
    /// `userName`.
    pub user_name: &'a str,
    /// `externalId`.
    pub external_id: Option<&'a str>,
    /// `emails.value`.
    pub emails: &'a [&'a str],
    /// `active`.
    pub active: Option<bool>,
    /// `meta.lastModified`.
    pub last_modified: DateTime<Utc>,
}

impl Filter {
    /// The filter of a text.
    pub fn parse(text: &str) -> Result<Self, NotAFilter> {
        if text.len() > LONGEST {
            return Err(NotAFilter(format!("A filter has at most {LONGEST} bytes.")));
        }
        // No store takes a text with it, and what is looked for is looked up there.
        if text.contains('\0') {
            return Err(NotAFilter("A filter has no NUL.".to_owned()));
        }
        parse::filter(text).map(Self)
    }
    /// Whether an account is one that is looked for.
    #[must_use]
    pub fn takes(&self, seen: &Seen<'_>) -> bool {
        self.0.takes(seen)
    }
    /// What every account that it takes has; none where it takes accounts that have nothing in common.
    #[must_use]
    pub fn key(&self) -> Option<Key<'_>> {
        self.0.key()
    }
}

impl Node {
    fn key(&self) -> Option<Key<'_>> {
        match self {
            Self::And(one, other) => one.key().or_else(|| other.key()),
            Self::Compares(attribute, Comparison::Equal, Wanted::Text(text)) => match attribute {
                Attribute::Id => Some(Key::Id(text)),
                Attribute::UserName => Some(Key::UserName(text)),
                Attribute::ExternalId => Some(Key::ExternalId(text)),
                Attribute::Email => Some(Key::Email(text)),
                Attribute::Active | Attribute::LastModified => None,
            },
            Self::Or(..) | Self::Not(_) | Self::Present(_) | Self::Compares(..) => None,
        }
    }
    fn takes(&self, seen: &Seen<'_>) -> bool {
        match self {
            Self::And(one, other) => one.takes(seen) && other.takes(seen),
            Self::Or(one, other) => one.takes(seen) || other.takes(seen),
            Self::Not(node) => !node.takes(seen),
            Self::Present(attribute) => match attribute {
                Attribute::Id | Attribute::UserName | Attribute::LastModified => true,
                Attribute::ExternalId => seen.external_id.is_some(),
                Attribute::Email => !seen.emails.is_empty(),
                Attribute::Active => seen.active.is_some(),
            },
            Self::Compares(attribute, comparison, wanted) => {
                compares(*attribute, *comparison, wanted, seen)
            }
        }
    }
}

fn compares(
    attribute: Attribute,
    comparison: Comparison,
    wanted: &Wanted,
    seen: &Seen<'_>,
) -> bool {
    let any = |values: &[&str], fold: bool, text: &str| {
        let folded = |text: &str| if fold { text.to_lowercase() } else { text.to_owned() };
        let text = folded(text);
        let hit = |value: &&str| in_text(&folded(value), comparison, &text);
        // Of several values one that fits is enough; that none is equal is another thing.
        if comparison == Comparison::NotEqual {
            values.iter().all(hit)
        } else {
            values.iter().any(hit)
        }
    };
    match (attribute, wanted) {
        (Attribute::Id, Wanted::Text(text)) => any(&[seen.id], false, text),
        (Attribute::UserName, Wanted::Text(text)) => any(&[seen.user_name], true, text),
        (Attribute::ExternalId, Wanted::Text(text)) => {
            any(seen.external_id.as_slice(), false, text)
        }
        (Attribute::Email, Wanted::Text(text)) => any(seen.emails, true, text),
        (Attribute::Active, Wanted::Bool(active)) => {
            (seen.active == Some(*active)) == (comparison == Comparison::Equal)
        }
        (Attribute::LastModified, Wanted::At(at)) => in_order(seen.last_modified, comparison, *at),
        _ => false,
    }
}

fn in_text(value: &str, comparison: Comparison, text: &str) -> bool {
    match comparison {
        Comparison::Equal => value == text,
        Comparison::NotEqual => value != text,
        Comparison::Contains => value.contains(text),
        Comparison::StartsWith => value.starts_with(text),
        Comparison::EndsWith => value.ends_with(text),
        Comparison::Greater
        | Comparison::GreaterOrEqual
        | Comparison::Less
        | Comparison::LessOrEqual => false,
    }
}

fn in_order(value: DateTime<Utc>, comparison: Comparison, at: DateTime<Utc>) -> bool {
    match comparison {
        Comparison::Equal => value == at,
        Comparison::NotEqual => value != at,
        Comparison::Greater => value > at,
        Comparison::GreaterOrEqual => value >= at,
        Comparison::Less => value < at,
        Comparison::LessOrEqual => value <= at,
        Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn takes(text: &str) -> bool {
        Filter::parse(text).unwrap().takes(&Seen {
            id: "acct_1",
            user_name: "Ada.Brook",
            external_id: Some("User-7"),
            emails: &["ada@example.org", "brook@work.example.org"],
            active: Some(true),
            last_modified: "2026-03-01T12:00:00Z".parse().unwrap(),
        })
    }

    #[test]
    fn filters_are_read_as_the_standard_has_them() {
        for held in [
            r#"id eq "acct_1""#,
            r#"userName eq "ada.brook""#,
            r#"USERNAME Eq "ADA.BROOK""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#,
            r#"externalId eq "User-7""#,
            r#"emails.value co "work""#,
            r#"emails[value eq "ADA@example.org"]"#,
            "active eq true and not (active eq false)",
            "externalId pr",
            r#"meta.lastModified ge "2026-03-01T12:00:00Z""#,
            r#"userName eq "x" or externalId pr and active eq true"#,
            r#"(userName eq "x" or externalId pr) and active eq true"#,
        ] {
            assert!(takes(held), "{held}");
        }
        for other in [
            r#"id eq "ACCT_1""#,
            r#"externalId eq "user-7""#,
            r#"emails.value eq "work""#,
            "active eq false",
            r#"meta.lastModified gt "2026-03-01T12:00:00Z""#,
            r#"userName ne "ada.brook""#,
            r#"emails.value ne "ada@example.org""#,
            r#"userName eq "x" and externalId pr or active eq false"#,
        ] {
            assert!(!takes(other), "{other}");
        }
    }

    #[test]
    fn what_all_have_that_are_looked_for_is_their_key() {
        for (text, key) in [
            (r#"id eq "7""#, Some(Key::Id("7"))),
            (r#"userName eq "ada""#, Some(Key::UserName("ada"))),
            (r#"active eq true and externalId eq "7""#, Some(Key::ExternalId("7"))),
            (r#"(emails[value eq "a@b.c"]) and active eq true"#, Some(Key::Email("a@b.c"))),
            (r#"userName eq "ada" or externalId eq "7""#, None),
            (r#"not (userName eq "ada")"#, None),
            (r#"userName ne "ada""#, None),
            (r#"userName sw "ada""#, None),
            ("externalId pr", None),
            ("active eq true", None),
        ] {
            assert_eq!(Filter::parse(text).unwrap().key(), key, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_told_so() {
        let deep = "(".repeat(20) + "active pr" + &")".repeat(20);
        for wrong in [
            "",
            "userName",
            r"userName eq ada",
            r#"userName is "ada""#,
            r#"password eq "x""#,
            r#"userName gt "a""#,
            r#"active co "t""#,
            "active eq maybe",
            r#"meta.lastModified eq "yesterday""#,
            r#"userName eq "a" or"#,
            r#"(userName eq "a""#,
            r#"userName eq "a" userName eq "b""#,
            r#"userName eq "unended"#,
            "userName eq \"a\0\"",
            "not active pr",
            r#"emails[value eq "a" and type eq "work"]"#,
            &deep,
            &"a".repeat(2000),
        ] {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
