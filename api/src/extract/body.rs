//! The JSON body: read under a limit of size and time, parsed once, asked for when it is its turn.

use std::time::Duration;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    web::Bytes,
};
use domain::BadFact;
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::shape;
use crate::{
    app::App,
    call::Call,
    problem::{Kind, Problem},
};

/// A JSON body, or what is wrong with it.
#[derive(Debug, Clone)]
pub struct Body<T>(Result<T, Problem>);

impl<T> Body<T> {
    /// The body, or 400, 408, 413, 415 or 422.
    pub fn get(&self) -> Result<&T, Problem> {
        self.0.as_ref().map_err(Problem::clone)
    }
    /// The body by value.
    pub fn take(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let call = Call::of(&request)?;
            let app = App::of(&request)?;
            let read =
                read(&request, payload, app.config.body_limit_bytes, app.config.body_timeout_ms)
                    .await;
            Ok(Self(read.and_then(|bytes| {
                let _ = call.digest.set(Sha256::digest(&bytes).into());
                typed(&request)?;
                parse(&bytes)
            })))
        })
    }
}

/// The bytes of a body within the limits.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    limit_bytes: usize,
    timeout_ms: u64,
) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(Kind::BodyTooLarge, format!("The server takes at most {limit_bytes} bytes."))
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse::<usize>().ok())
        .is_some_and(|length| length > limit_bytes)
    {
        return Err(too_large());
    }
    let whole = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| {
                Problem::new(Kind::MalformedBody, "The body did not arrive whole.")
                    .with_cause(error.to_string())
            })?;
            if bytes.len().saturating_add(chunk.len()) > limit_bytes {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(bytes))
    };
    tokio::time::timeout(Duration::from_millis(timeout_ms), whole).await.unwrap_or_else(|_| {
        Err(Problem::new(Kind::SlowBody, format!("The body must arrive within {timeout_ms} ms."))
            .with_header("Connection", "close"))
    })
}

fn typed(request: &HttpRequest) -> Result<(), Problem> {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/json" {
        return Ok(());
    }
    Err(Problem::new(
        Kind::UnsupportedMediaType,
        "Send the body with Content-Type: application/json.",
    )
    .with_header("Accept", "application/json"))
}

/// The value of a JSON text: 400 when it is no JSON, 422 with a pointer when it has another shape.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    refuse_nul(bytes)?;
    refuse_array(bytes)?;
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut text).map_err(|error| {
        let message = error.inner().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => {
                // A shape error stops the parser early: what follows must still be JSON.
                match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
                    Ok(_) => Problem::from(shape::fault(error.path(), strip(&message))),
                    Err(broken) => malformed(&broken),
                }
            }
            _ => malformed(error.inner()),
        }
    })?;
    text.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn strip(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(bare, _)| bare)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::MalformedBody, shape::sentence(&error.to_string()))
}

/// A derived shape would also be read from an array of its fields' values; every body is an object.
fn refuse_array(bytes: &[u8]) -> Result<(), Problem> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let array =
        first == Some(&b'[') && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    if array {
        Err(BadFact::at("", "type", "The body is an object, not an array.").into())
    } else {
        Ok(())
    }
}

/// PostgreSQL keeps no NUL in a text, and no name or sentence has one: 422 wherever it stands.
fn refuse_nul(bytes: &[u8]) -> Result<(), Problem> {
    if !bytes.windows(6).any(|window| window == b"\\u0000") {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    match nul_at(&value, String::new()) {
        None => Ok(()),
        Some(pointer) => {
            Err(BadFact::at(pointer, "format", "A text cannot hold the character NUL.").into())
        }
    }
}

fn nul_at(value: &Value, pointer: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(pointer),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| nul_at(item, format!("{pointer}/{index}"))),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            if name.contains('\0') {
                Some(pointer.clone())
            } else {
                nul_at(field, format!("{pointer}/{name}"))
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        name: String,
        #[serde(default)]
        jobs: Vec<Job>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Job {
        hours: u8,
    }

    fn refused(text: &str) -> (u16, Option<String>, Option<String>) {
        let problem = parse::<Outer>(text.as_bytes()).unwrap_err();
        let document = serde_json::to_value(problem.document("r")).unwrap();
        let text = |name: &str| document["errors"][0][name].as_str().map(str::to_owned);
        (problem.kind().status(), text("pointer"), text("code"))
    }

    #[test]
    fn faults_of_shape_are_pointed_at() {
        let at = |pointer: &str, code: &str| (422, Some(pointer.to_owned()), Some(code.to_owned()));
        assert_eq!(refused(r#"{"jobs":[]}"#), at("#/name", "required"));
        assert_eq!(refused(r#"{"name":"a","nick":1}"#), at("#/nick", "unknown"));
        assert_eq!(
            refused(r#"{"name":"a","jobs":[{"hours":1},{"hours":"x"}]}"#),
            at("#/jobs/1/hours", "type")
        );
        assert_eq!(refused(r#"{"name":"a","jobs":[{}]}"#), at("#/jobs/0/hours", "required"));
        assert_eq!(
            refused(r#"{"name":"a","jobs":[{"hours":1,"pay":2}]}"#),
            at("#/jobs/0/pay", "unknown")
        );
        assert_eq!(refused(r#"{"name":"a","name":"b"}"#), at("#/name", "duplicate"));
        assert_eq!(refused(r#"{"name":"a\u0000b"}"#), at("#/name", "format"));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for text in ["", "{", r#"{"name":"a"} x"#, r#"{"name":1,}"#, "\u{feff}{}", "{'name':1}"] {
            assert_eq!(refused(text).0, 400, "{text}");
        }
        assert_eq!(refused(&"[".repeat(10_000)).0, 400);
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_text() {
        assert!(parse::<Outer>(br#"{"name":"a\\u0000b"}"#).is_ok());
    }
}
