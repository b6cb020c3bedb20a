//! Answers: status, headers and body, made where the decision is, so that they can be stored and
//! replayed byte for byte.

mod download;

pub use download::FileBody;

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use domain::Finding;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::hex;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers, in order; each name once.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body, empty for none.
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON answer with a status.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(status: u16, view: &T) -> Self {
        match serde_json::to_vec(view) {
            Ok(body) => Self { status, headers: Vec::new(), body }
                .header("Content-Type", "application/json"),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Self { status: 500, headers: Vec::new(), body: Vec::new() }
            }
        }
    }
    /// 200 with a body.
    #[must_use]
    pub fn ok<T: Serialize + ?Sized>(view: &T) -> Self {
        Self::of(200, view)
    }
    /// 201 with a body, at `location`.
    #[must_use]
    pub fn created<T: Serialize + ?Sized>(location: impl Into<String>, view: &T) -> Self {
        Self::of(201, view).header("Location", location)
    }
    /// 202 with a body.
    #[must_use]
    pub fn accepted<T: Serialize + ?Sized>(view: &T) -> Self {
        Self::of(202, view)
    }
    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new() }
    }
    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.into()));
        self
    }
    /// Sets the strong entity tag of a version.
    #[must_use]
    pub fn etag(self, version: i64) -> Self {
        self.header("ETag", etag(version))
    }
    /// Sets a strong entity tag over the bytes of the body: for lists, which have no version.
    #[must_use]
    pub fn etag_of_body(self) -> Self {
        let tag = self.digest();
        self.header("ETag", format!("\"b{tag}\""))
    }
    /// Sets a strong entity tag of a version and of the bytes of the body: for what is shown with things that
    /// change without it. `If-Match` looks at the version.
    #[must_use]
    pub fn etag_of_all(self, version: i64) -> Self {
        let tag = self.digest();
        self.header("ETag", format!("\"v{version}-{tag}\""))
    }
    fn digest(&self) -> String {
        let digest = Sha256::digest(&self.body);
        hex::of(digest.get(..16).unwrap_or_default())
    }
    /// Says that the answer is for this caller alone and must be asked for again.
    #[must_use]
    pub fn private(self) -> Self {
        self.header("Cache-Control", "private, no-cache")
    }
    /// Says that everybody may keep the answer for `seconds`.
    #[must_use]
    pub fn public(self, seconds: u32) -> Self {
        self.header("Cache-Control", format!("public, max-age={seconds}"))
    }
    /// Says that nobody may keep the answer: tokens and secrets.
    #[must_use]
    pub fn no_store(self) -> Self {
        self.header("Cache-Control", "no-store")
    }
    /// The value of a header.
    #[must_use]
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
    /// The same as an actix response.
    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::with_body(status, BoxBody::new(self.body));
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()),
                HeaderValue::from_str(&value),
            ) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl Responder for Reply {
    type Body = BoxBody;
    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}

/// The strong entity tag of a version: `"v7"`.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl Listing<()> {
    /// A list without entries, for callers who may list but have nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self { items: Vec::new(), next_cursor: None }
    }
}

impl<T: Serialize> Listing<T> {
    /// A list that is one page.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
    /// The answer, with `Link: <...>; rel="next"` while there is more. `call` tells path and query.
    #[must_use]
    pub fn reply(&self, call: &crate::call::Call) -> Reply {
        let reply = Reply::ok(self).private();
        match &self.next_cursor {
            None => reply,
            Some(cursor) => {
                reply.header("Link", format!("<{}>; rel=\"next\"", call.path_with_cursor(cursor)))
            }
        }
    }
}

/// The outcome of one rule on the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// Rule id.
    #[schema(example = "eligibility.work_hours")]
    pub rule: String,
    /// Whether the facts satisfy the rule.
    pub satisfied: bool,
    /// What the rule asks for.
    #[schema(example = "1,820 hours")]
    pub required: String,
    /// What the facts show.
    #[schema(example = "1,640 hours")]
    pub actual: String,
    /// One sentence that reads alone.
    pub message: String,
    /// Where the rule comes from.
    #[schema(example = "FAQ 6")]
    pub source: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule.into_owned(),
            satisfied: finding.satisfied,
            required: finding.required,
            actual: finding.actual,
            message: finding.message,
            source: finding.source.into_owned(),
        }
    }
}

/// What this caller may do next to a resource, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Action)]
pub struct ActionView {
    /// The operation's id.
    #[schema(example = "submit_application")]
    pub name: String,
    /// The method.
    #[schema(example = "POST")]
    pub method: &'static str,
    /// Where.
    pub href: String,
    /// Whether it would be done now.
    pub allowed: bool,
    /// Why not, or what was checked.
    pub findings: Vec<FindingView>,
}
