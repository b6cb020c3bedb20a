//! How a filter is read.

use super::{Attribute, Comparison, Node, NotAFilter, Wanted};

/// Deepest nesting.
const DEEPEST: usize = 10;

/// The node of a whole text.
pub(super) fn filter(text: &str) -> Result<Node, NotAFilter> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let node = parser.either(0)?;
    match parser.next() {
        None => Ok(node),
        Some(token) => Err(NotAFilter(format!("Nothing is expected at {}.", told(&token)))),
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
