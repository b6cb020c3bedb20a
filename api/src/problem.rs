//! Problems (RFC 9457): the one shape of every "no", and the one place that knows statuses.
//!
//! A 5xx says nothing of its cause outside; the cause goes to the log.

mod from;
pub mod pages;
mod registry;

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use domain::{ApplicationId, BadFact, Finding, id::ApplicationKind};
pub use registry::Kind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::{FindingView, Reply},
    openapi::words::id_of_or_null,
};

/// Why a request was refused. Cheap to pass on: one pointer.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    findings: Vec<Finding>,
    lines: Vec<LineResult>,
    headers: Vec<(&'static str, String)>,
    cause: Option<String>,
}

/// One fault of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body: a JSON Pointer as a URI fragment.
    #[schema(example = "#/jobs/0/hours_per_week")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A stable code.
    #[schema(example = "out_of_range")]
    pub code: String,
    /// One sentence for people.
    pub detail: String,
}

/// What one line of a purchase order came to (FAQ 22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineResult {
    /// Where the line is: a JSON Pointer as a URI fragment; of a file `#/` and the line of the file.
    #[schema(example = "#/lines/0")]
    pub pointer: String,
    /// The name that it gives.
    pub name: String,
    /// The e-mail address that it gives.
    pub email: String,
    /// Whether nothing is wrong with it.
    pub accepted: bool,
    /// The application that it pays, where exactly one was found.
    #[schema(schema_with = id_of_or_null::<ApplicationKind>)]
    pub application_id: Option<ApplicationId>,
    /// The fee quoted for that person. Cents.
    pub expected_cents: Option<i64>,
    /// What the line says. Cents.
    pub actual_cents: i64,
    /// Why.
    pub findings: Vec<FindingView>,
}

/// A refusal as it is sent: RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument<'a> {
    /// The kind of problem, stable; the path answers with a page that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found", format = "uri-reference")]
    pub kind: String,
    /// The same at every occurrence of the kind.
    pub title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong this time.
    pub detail: &'a str,
    /// This occurrence: `urn:request:` and the request id.
    #[schema(example = "urn:request:0192f3c46e8a7b31a5d4c3b2a1908070", format = "uri")]
    pub instance: String,
    /// The faults of the input.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    pub errors: &'a [FieldError],
    /// The findings of a refused decision.
    #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
    #[schema(value_type = Vec<crate::answer::FindingView>)]
    pub findings: &'a [Finding],
    /// What every line of a refused purchase order came to.
    #[serde(skip_serializing_if = "<[LineResult]>::is_empty")]
    pub lines: &'a [LineResult],
}

impl Problem {
    /// A problem of `kind`; `detail` is one sentence for the caller.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            findings: Vec::new(),
            lines: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }
    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here, or nothing that you may know of.")
    }
    /// 404 for a certificate number that names nothing.
    #[must_use]
    pub fn unknown_certificate(detail: impl Into<String>) -> Self {
        Self::new(Kind::UnknownCertificate, detail)
    }
    /// 404 for a day before the first version of what was asked for.
    #[must_use]
    pub fn nothing_in_force(day: chrono::NaiveDate) -> Self {
        Self::new(Kind::NothingInForce, format!("Nothing was in force on {day}."))
    }
    /// 401 with its challenge.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "The operation needs an access token.")
            .with_header("WWW-Authenticate", "Bearer")
    }
    /// 401 for a token that does not hold; `cause` is for the log.
    #[must_use]
    pub fn invalid_token(cause: impl Into<String>) -> Self {
        Self::new(Kind::InvalidToken, "The access token is malformed, expired or revoked.")
            .with_header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
            .with_cause(cause)
    }
    /// 409: something that must be unique is there already.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, detail)
    }
    /// 409: what is there does not allow it now.
    #[must_use]
    pub fn state(detail: impl Into<String>) -> Self {
        Self::new(Kind::StateConflict, detail)
    }
    /// 500; `cause` goes to the log and nowhere else.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::new(Kind::Internal, "The server could not do this. Nothing was changed.")
            .with_cause(cause)
    }
    /// 503 with `Retry-After: 1`.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, "A part that the server needs is not available.")
            .with_header("Retry-After", "1")
            .with_cause(cause)
    }
    /// 422 for one fault at `pointer` (a JSON Pointer without the fragment sign).
    #[must_use]
    pub fn input(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        vec![BadFact::at(pointer, code, detail)].into()
    }
    /// 400 for a query parameter.
    #[must_use]
    pub fn query(parameter: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::parameter(Kind::InvalidQuery, parameter, code, detail)
    }
    /// 400 for a header.
    #[must_use]
    pub fn bad_header(header: &str, detail: impl Into<String>) -> Self {
        Self::parameter(Kind::InvalidHeader, header, "format", detail)
    }
    fn parameter(kind: Kind, name: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError {
            pointer: None,
            parameter: Some(name.to_owned()),
            code: code.to_owned(),
            detail: detail.clone(),
        };
        let mut problem = Self::new(kind, format!("{name}: {detail}"));
        problem.0.errors = vec![error];
        problem
    }

    /// Adds a header of the answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }
    /// Adds the findings of a refused decision.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.0.findings = findings;
        self
    }
    /// Adds what every line of a refused order came to.
    #[must_use]
    pub fn with_lines(mut self, lines: Vec<LineResult>) -> Self {
        self.0.lines = lines;
        self
    }
    /// Adds what the log should say.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What is told of it in a row of a file: a stable code, the place in the row as a JSON Pointer, and a
    /// sentence.
    #[must_use]
    pub fn brief(&self) -> (String, Option<String>, String) {
        if let Some(error) = self.0.errors.first() {
            let pointer = error.pointer.as_deref().map(|at| at.trim_start_matches('#').to_owned());
            return (error.code.clone(), pointer, error.detail.clone());
        }
        match self.0.findings.iter().find(|finding| !finding.satisfied) {
            Some(unmet) => (unmet.rule.to_string(), None, unmet.message.clone()),
            None => (self.0.kind.slug().to_owned(), None, self.0.detail.clone()),
        }
    }
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    /// Its sentence for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
    /// The codes of its faults.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.errors.iter().map(|error| error.code.as_str())
    }
    /// Its headers.
    #[must_use]
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }
    /// What the log should say.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
    /// The document for the request of this id.
    #[must_use]
    pub fn document(&self, request_id: &str) -> ProblemDocument<'_> {
        ProblemDocument {
            kind: format!("/problems/{}", self.0.kind.slug()),
            title: self.0.kind.title(),
            status: self.0.kind.status(),
            detail: &self.0.detail,
            instance: format!("urn:request:{request_id}"),
            errors: &self.0.errors,
            findings: &self.0.findings,
            lines: &self.0.lines,
        }
    }
    /// The answer to the request of this id.
    #[must_use]
    pub fn reply(&self, request_id: &str) -> Reply {
        let mut reply = Reply::of(self.0.kind.status(), &self.document(request_id))
            .header("Content-Type", "application/problem+json")
            .header("Cache-Control", "no-store");
        for (name, value) in &self.0.headers {
            reply = reply.header(*name, value.clone());
        }
        reply
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.slug(), self.0.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    /// The door writes the body, for it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_fault_says_nothing_of_its_cause() {
        let problem = Problem::internal("disk on fire at 0x42");
        let reply = problem.reply("r1");
        assert!(!String::from_utf8_lossy(&reply.body).contains("fire"));
        assert_eq!(problem.cause(), Some("disk on fire at 0x42"));
    }
}
