//! Filters (RFC 7644 section 3.4.2.2) over the attributes by which accounts are looked for.

use chrono::{DateTime, Utc};

/// Longest filter, bytes.
const LONGEST: usize = 1000;
/// Deepest nesting.
const DEEPEST: usize = 10;

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
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let node = parser.either(0)?;
        match parser.next() {
            None => Ok(Self(node)),
            Some(token) => Err(NotAFilter(format!("Nothing is expected at {}.", told(&token)))),
        }
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

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn told(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        Token::Text(text) => format!("{text:?}"),
        Token::Mark(mark) => mark.to_string(),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, NotAFilter> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' => {}
            '(' | ')' | '[' | ']' => tokens.push(Token::Mark(c)),
            '"' => tokens.push(Token::Text(quoted(&mut rest)?)),
            c if c.is_alphanumeric() || "$_".contains(c) => {
                let mut word = c.to_string();
                while let Some(more) = rest.next_if(|c| c.is_alphanumeric() || ".:-_$".contains(*c))
                {
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
            c => return Err(NotAFilter(format!("{c:?} is not expected in a filter."))),
        }
    }
    Ok(tokens)
}

/// The rest of a JSON string after its first quote.
fn quoted(rest: &mut impl Iterator<Item = char>) -> Result<String, NotAFilter> {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => return Ok(text),
            '\\' => match rest.next() {
                Some(c @ ('"' | '\\' | '/')) => text.push(c),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                _ => return Err(NotAFilter("A text of the filter cannot be read.".to_owned())),
            },
            c => text.push(c),
        }
    }
    Err(NotAFilter("A text of the filter does not end.".to_owned()))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        token
    }
    /// Takes a word, if it is the next one.
    fn word(&mut self, wanted: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        if is {
            self.at = self.at.saturating_add(1);
        }
        is
    }
    fn mark(&mut self, wanted: char) -> bool {
        let is = self.tokens.get(self.at) == Some(&Token::Mark(wanted));
        if is {
            self.at = self.at.saturating_add(1);
        }
        is
    }

    fn either(&mut self, depth: usize) -> Result<Node, NotAFilter> {
        if depth > DEEPEST {
            return Err(NotAFilter(format!("A filter is nested {DEEPEST} deep at most.")));
        }
        let mut node = self.both(depth)?;
        while self.word("or") {
            node = Node::Or(Box::new(node), Box::new(self.both(depth)?));
        }
        Ok(node)
    }
    fn both(&mut self, depth: usize) -> Result<Node, NotAFilter> {
        let mut node = self.one(depth)?;
        while self.word("and") {
            node = Node::And(Box::new(node), Box::new(self.one(depth)?));
        }
        Ok(node)
    }
    fn one(&mut self, depth: usize) -> Result<Node, NotAFilter> {
        if self.word("not") {
            if !self.mark('(') {
                return Err(NotAFilter("not is followed by a bracket.".to_owned()));
            }
            return Ok(Node::Not(Box::new(self.grouped(depth)?)));
        }
        if self.mark('(') {
            return self.grouped(depth);
        }
        let Some(Token::Word(name)) = self.next() else {
            return Err(NotAFilter("An attribute is expected.".to_owned()));
        };
        if bare(&name) == "emails" && self.mark('[') {
            // One comparison of the value: nothing else of an address is looked for.
            let Some(Token::Word(name)) = self.next() else {
                return Err(NotAFilter("An attribute is expected.".to_owned()));
            };
            let node = self.compared(attribute(&format!("emails.{name}"))?)?;
            return if self.mark(']') {
                Ok(node)
            } else {
                Err(NotAFilter("In emails[] is one comparison of value.".to_owned()))
            };
        }
        self.compared(attribute(&name)?)
    }
    fn grouped(&mut self, depth: usize) -> Result<Node, NotAFilter> {
        let node = self.either(depth.saturating_add(1))?;
        if self.mark(')') {
            Ok(node)
        } else {
            Err(NotAFilter("A bracket is not closed.".to_owned()))
        }
    }
    fn compared(&mut self, attribute: Attribute) -> Result<Node, NotAFilter> {
        let Some(Token::Word(operator)) = self.next() else {
            return Err(NotAFilter("An operator is expected.".to_owned()));
        };
        let comparison = match operator.to_ascii_lowercase().as_str() {
            "pr" => return Ok(Node::Present(attribute)),
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "co" => Comparison::Contains,
            "sw" => Comparison::StartsWith,
            "ew" => Comparison::EndsWith,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            other => return Err(NotAFilter(format!("There is no operator {other}."))),
        };
        let wanted = wanted(attribute, self.next())?;
        let fits = match attribute {
            Attribute::Id | Attribute::UserName | Attribute::ExternalId | Attribute::Email => {
                !matches!(
                    comparison,
                    Comparison::Greater
                        | Comparison::GreaterOrEqual
                        | Comparison::Less
                        | Comparison::LessOrEqual
                )
            }
            Attribute::Active => matches!(comparison, Comparison::Equal | Comparison::NotEqual),
            Attribute::LastModified => !matches!(
                comparison,
                Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith
            ),
        };
        if fits {
            Ok(Node::Compares(attribute, comparison, wanted))
        } else {
            Err(NotAFilter(format!("{operator} does not compare such an attribute.")))
        }
    }
}

fn wanted(attribute: Attribute, token: Option<Token>) -> Result<Wanted, NotAFilter> {
    let expected = |what: &str| Err(NotAFilter(format!("{what} is expected.")));
    match (attribute, token) {
        (Attribute::Active, Some(Token::Word(word))) => match word.as_str() {
            "true" => Ok(Wanted::Bool(true)),
            "false" => Ok(Wanted::Bool(false)),
            _ => expected("true or false"),
        },
        (Attribute::Active, _) => expected("true or false"),
        (Attribute::LastModified, Some(Token::Text(text))) => match text.parse() {
            Ok(at) => Ok(Wanted::At(at)),
            Err(_) => expected("an instant, such as \"2026-03-01T12:00:00Z\","),
        },
        (Attribute::LastModified, _) => expected("an instant in quotes"),
        (_, Some(Token::Text(text))) => Ok(Wanted::Text(text)),
        _ => expected("a text in quotes"),
    }
}

/// The name of an attribute without the schema's, in small letters.
fn bare(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let prefix = "urn:ietf:params:scim:schemas:core:2.0:user:";
    lower.strip_prefix(prefix).unwrap_or(&lower).to_owned()
}

fn attribute(name: &str) -> Result<Attribute, NotAFilter> {
    Ok(match bare(name).as_str() {
        "id" => Attribute::Id,
        "username" => Attribute::UserName,
        "externalid" => Attribute::ExternalId,
        "emails" | "emails.value" => Attribute::Email,
        "active" => Attribute::Active,
        "meta.lastmodified" => Attribute::LastModified,
        _ => {
            return Err(NotAFilter(format!(
                "{name} cannot be looked for: id, userName, externalId, emails.value, active and meta.lastModified can."
            )));
        }
    })
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
            r#"userName eq ada"#,
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
            "not active pr",
            r#"emails[value eq "a" and type eq "work"]"#,
            &deep,
            &"a".repeat(2000),
        ] {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
