//! What turns into a problem by `?`: bad facts, refusals of access, refused decisions, the store's errors.

use domain::{BadFact, access::Refusal, decision::Refused};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use persistence::Constraint;

use super::{FieldError, Kind, Problem};

impl From<Vec<BadFact>> for Problem {
    fn from(facts: Vec<BadFact>) -> Self {
        let detail = match facts.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            several => format!("The input has {} faults; errors lists them.", several.len()),
        };
        let mut problem = Self::new(Kind::InvalidInput, detail);
        problem.0.errors = facts
            .into_iter()
            .map(|fact| FieldError {
                pointer: Some(format!("#{}", fragment(&fact.pointer))),
                parameter: None,
                code: fact.code.to_owned(),
                detail: fact.detail,
            })
            .collect();
        problem
    }
}

impl From<BadFact> for Problem {
    fn from(fact: BadFact) -> Self {
        vec![fact].into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::unauthenticated(),
            Refusal::Hidden => Self::not_found(),
            Refusal::Forbidden => Self::new(Kind::Forbidden, "Your roles do not allow this here."),
            Refusal::ScopeMissing(scope) => {
                Self::new(Kind::InsufficientScope, format!("The token lacks the scope {scope}."))
                    .with_header(
                        "WWW-Authenticate",
                        format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""),
                    )
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let unmet: Vec<_> = refused
            .findings()
            .iter()
            .filter(|finding| !finding.satisfied)
            .map(|finding| finding.message.as_str())
            .collect();
        let detail = unmet.join(" ");
        match refused {
            Refused::State(findings) => {
                Self::new(Kind::StateConflict, detail).with_findings(findings)
            }
            Refused::Rule(findings) => Self::new(Kind::RuleNotMet, detail).with_findings(findings),
        }
    }
}

impl From<persistence::Error> for Problem {
    fn from(error: persistence::Error) -> Self {
        use persistence::Error;
        match error {
            Error::NotFound => Self::not_found(),
            Error::Stale => Self::new(Kind::Stale, "Somebody changed it since you read it."),
            Error::Conflict(constraint) => Self::conflict(taken(constraint)),
            Error::Busy => Self::new(Kind::Busy, "The server has too much to do right now.")
                .with_header("Retry-After", "1"),
            Error::Unavailable(cause) => Self::unavailable(cause),
            Error::Broken(cause) => Self::internal(cause),
        }
    }
}

/// The sentence for a unique constraint that was hit; handlers that know better say it themselves.
fn taken(constraint: Constraint) -> String {
    format!("It is there already ({constraint:?}).")
}

/// What RFC 3986 allows in a fragment as it is.
const BARE: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/')
    .remove(b'?');

/// A JSON Pointer as a URI fragment.
fn fragment(pointer: &str) -> PercentEncode<'_> {
    utf8_percent_encode(pointer, &BARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_uri_fragments() {
        assert_eq!(fragment("/jobs/0/hours_per_week").to_string(), "/jobs/0/hours_per_week");
        assert_eq!(fragment("/a b/ü").to_string(), "/a%20b/%C3%BC");
    }
}
