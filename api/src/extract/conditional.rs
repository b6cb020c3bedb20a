//! Conditional requests (RFC 9110 section 13): strong entity tags only.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH},
};

use super::parameters::refusal;
use crate::{
    answer::{Reply, etag},
    problem::{Kind, Problem},
};

/// What a list of entity tags says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// The header is not there.
    Absent,
    /// `*`.
    Any,
    /// Tags; whether weak, and the quoted rest.
    List(Vec<(bool, String)>),
    /// Not a list of entity tags.
    Malformed,
}

impl Tags {
    fn of(headers: &HeaderMap, name: &HeaderName) -> Self {
        let mut joined = String::new();
        for value in headers.get_all(name) {
            let Ok(value) = value.to_str() else { return Self::Malformed };
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(value);
        }
        if headers.contains_key(name) { Self::parse(&joined) } else { Self::Absent }
    }

    fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::Any;
        }
        let mut tags = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let weak = rest.starts_with("W/");
            let quoted = if weak { rest.get(2..).unwrap_or_default() } else { rest };
            let Some(inner) = quoted.strip_prefix('"') else { return Self::Malformed };
            let Some((tag, after)) = inner.split_once('"') else { return Self::Malformed };
            tags.push((weak, format!("\"{tag}\"")));
            rest = after.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more.trim_start(),
                None if rest.is_empty() => {}
                None => return Self::Malformed,
            }
        }
        if tags.is_empty() { Self::Malformed } else { Self::List(tags) }
    }
}

/// `If-Match`: which version the caller has seen.
#[derive(Debug, Clone)]
pub struct IfMatch(Tags);

impl IfMatch {
    /// `Ok` when the caller has seen this version; 428 when they did not say, 412 when it is another. What
    /// else a tag tells after the version, as of what is shown with it, is not asked for.
    pub fn check(&self, version: i64) -> Result<(), Problem> {
        let current = etag(version);
        let begins = format!("\"v{version}-");
        let same = |tag: &str| tag == current || tag.starts_with(&begins);
        match &self.0 {
            Tags::Absent => Err(Problem::new(
                Kind::PreconditionRequired,
                "Send the entity tag of the version that you read in If-Match.",
            )),
            Tags::Any => Ok(()),
            // A weak tag never matches here: the comparison is strong.
            Tags::List(tags) if tags.iter().any(|(weak, tag)| !weak && same(tag)) => Ok(()),
            Tags::List(_) => {
                Err(Problem::new(Kind::Stale, "It has another version than the one in If-Match.")
                    .with_header("ETag", current))
            }
            Tags::Malformed => {
                Err(Problem::bad_header("If-Match", "not a list of entity tags such as \"v7\"."))
            }
        }
    }
}

/// `If-None-Match`: which versions the caller has already.
#[derive(Debug, Clone)]
pub struct IfNoneMatch(Tags);

impl IfNoneMatch {
    /// The answer, or 304 without a body when the caller has it already. A tag is compared weakly.
    #[must_use]
    pub fn answer(&self, reply: Reply) -> Reply {
        let Some(current) = reply.header_value("ETag") else { return reply };
        let has = match &self.0 {
            Tags::Absent | Tags::Malformed => false,
            Tags::Any => true,
            Tags::List(tags) => tags.iter().any(|(_, tag)| tag == current),
        };
        if !has || reply.status != 200 {
            return reply;
        }
        let kept = ["ETag", "Cache-Control", "Vary", "Content-Location", "Link"];
        let headers = reply
            .headers
            .into_iter()
            .filter(|(name, _)| kept.iter().any(|kept| kept.eq_ignore_ascii_case(name)))
            .collect();
        Reply { status: 304, headers, body: Vec::new() }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Tags::of(request.headers(), &IF_MATCH))))
    }
}

/// What is no list of entity tags is 400, after 401.
impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match Tags::of(request.headers(), &IF_NONE_MATCH) {
            Tags::Malformed => {
                let detail = "not a list of entity tags such as \"v7\".";
                Err(refusal(request, Problem::bad_header("If-None-Match", detail)))
            }
            tags => Ok(Self(tags)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        IfMatch(Tags::parse(text)).check(7).err().map_or(200, |problem| problem.kind().status())
    }

    #[test]
    fn lists_and_the_star_are_understood() {
        assert_eq!(status("\"v7\""), 200);
        assert_eq!(status("\"v6\", \"v7\""), 200);
        assert_eq!(status("\"a,b\" ,\"v7\""), 200);
        assert_eq!(status("*"), 200);
        assert_eq!(status("\"v6\""), 412);
        assert_eq!(status("W/\"v7\""), 412);
        assert_eq!(
            (status("\"v7-0a\""), status("\"v70-0a\""), status("\"v8-0a\"")),
            (200, 412, 412)
        );
        for malformed in ["v7", "\"v7", "\"v7\" \"v8\"", "", "W/v7", "\u{fc}"] {
            assert_eq!(status(malformed), 400, "{malformed}");
        }
        assert_eq!(
            IfMatch(Tags::Absent).check(7).err().map(|problem| problem.kind().status()),
            Some(428)
        );
    }

    #[test]
    fn who_has_it_gets_304() {
        let answer =
            |text: &str| IfNoneMatch(Tags::parse(text)).answer(Reply::ok(&1).etag(7)).status;
        assert_eq!(answer("\"v7\""), 304);
        assert_eq!(answer("W/\"v7\""), 304);
        assert_eq!(answer("\"v8\""), 200);
        assert_eq!(answer("nonsense"), 200);
    }
}
