//! Bodies that are files of rows, and bodies that are JSON or rows.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE};
use domain::BadFact;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::body;
use crate::{
    app::App,
    call::Call,
    csv::{self, Row},
    problem::{Kind, Problem},
};

/// A `text/csv` body of rows, or what is wrong with it: asked for as [`super::Body`] is, after
/// `call.allow`. [`csv`] says what a file is and how its faults are pointed at. It may be twice as large as
/// a JSON body. Declare it by `request_body(content = String, content_type = "text/csv", description =
/// "Columns: ...")`.
#[derive(Debug, Clone)]
pub struct Rows<T>(Result<Vec<Row<T>>, Problem>);

impl<T> Rows<T> {
    /// The rows, one at least, or 408, 413, 415 or 422.
    pub fn get(&self) -> Result<&[Row<T>], Problem> {
        self.0.as_deref().map_err(Problem::clone)
    }
    /// The rows by value.
    pub fn take(self) -> Result<Vec<Row<T>>, Problem> {
        self.0
    }
}

/// A body that is `application/json` of `J` or `text/csv` of rows of `R`, or what is wrong with it. What a
/// file cannot say beside its rows is asked for in the query. JSON may be four times as large as another body. Declare it by
/// `request_body(content((OrderBody = "application/json"), (String = "text/csv")), description = "...")`.
#[derive(Debug, Clone)]
pub struct JsonOrRows<J, R>(Result<Either<J, R>, Problem>);

#[derive(Debug, Clone)]
enum Either<J, R> {
    Json(J),
    Csv(Vec<Row<R>>),
}

/// What a [`JsonOrRows`] turned out to be.
#[derive(Debug)]
pub enum Given<'a, J, R> {
    /// One JSON object.
    Json(&'a J),
    /// Rows, one at least.
    Csv(&'a [Row<R>]),
}

impl<J, R> JsonOrRows<J, R> {
    /// The body, or 400, 408, 413, 415 or 422.
    pub fn get(&self) -> Result<Given<'_, J, R>, Problem> {
        match &self.0 {
            Ok(Either::Json(value)) => Ok(Given::Json(value)),
            Ok(Either::Csv(rows)) => Ok(Given::Csv(rows)),
            Err(problem) => Err(problem.clone()),
        }
    }
}

/// A [`JsonOrRows`] of which each row of a file stands for itself: what is wrong with one row is told of that
/// row ([`csv::each`]), and the others are taken.
#[derive(Debug, Clone)]
pub struct JsonOrEachRow<J, R>(JsonOrRows<J, Result<R, Vec<BadFact>>>);

impl<J, R> JsonOrEachRow<J, R> {
    /// The body, or 400, 408, 413, 415 or 422.
    pub fn get(&self) -> Result<Given<'_, J, Result<R, Vec<BadFact>>>, Problem> {
        self.0.get()
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Rows<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let media = Media::of(&request);
            let bytes = read(&request, payload, Media::Csv).await?;
            Ok(Self(bytes.and_then(|bytes| match media {
                Media::Csv => csv::parse(&bytes),
                Media::Json | Media::Other => Err(unsupported("text/csv")),
            })))
        })
    }
}

impl<J, R> FromRequest for JsonOrRows<J, R>
where
    J: DeserializeOwned + 'static,
    R: DeserializeOwned + 'static,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(either(request.clone(), payload.take(), csv::parse))
    }
}

impl<J, R> FromRequest for JsonOrEachRow<J, R>
where
    J: DeserializeOwned + 'static,
    R: DeserializeOwned + 'static,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = either(request.clone(), payload.take(), csv::each);
        Box::pin(async { read.await.map(Self) })
    }
}

async fn either<J: DeserializeOwned, R>(
    request: HttpRequest,
    payload: Payload,
    parse: impl FnOnce(&[u8]) -> Result<Vec<Row<R>>, Problem>,
) -> Result<JsonOrRows<J, R>, Problem> {
    let media = Media::of(&request);
    let bytes = read(&request, payload, media).await?;
    Ok(JsonOrRows(bytes.and_then(|bytes| match media {
        Media::Json => body::parse(&bytes).map(Either::Json),
        Media::Csv => parse(&bytes).map(Either::Csv),
        Media::Other => Err(unsupported("application/json, text/csv")),
    })))
}

/// The bytes within the limits, their digest noted for the idempotency key. The outer result is a fault of
/// the server, the inner one waits until the handler asks.
async fn read(
    request: &HttpRequest,
    payload: Payload,
    media: Media,
) -> Result<Result<actix_web::web::Bytes, Problem>, Problem> {
    let call = Call::of(request)?;
    let config = &App::of(request)?.config;
    // Rows of JSON name their columns over and over: the most rows that are taken fit either way.
    let limit_bytes = config.body_limit_bytes.saturating_mul(match media {
        Media::Csv => 2,
        Media::Json => 4,
        Media::Other => 1,
    });
    let read = body::read(request, payload, limit_bytes, config.body_timeout_ms).await;
    if let Ok(bytes) = &read {
        let _ = call.digest.set(Sha256::digest(bytes).into());
    }
    Ok(read)
}

fn unsupported(accepted: &str) -> Problem {
    let detail = format!("Send the body with one of these Content-Types: {accepted}.");
    Problem::new(Kind::UnsupportedMediaType, detail).with_header("Accept", accepted)
}

/// What the sender says the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    Json,
    Csv,
    Other,
}

impl Media {
    fn of(request: &HttpRequest) -> Self {
        let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self::named(value.unwrap_or_default())
    }
    /// Of a `Content-Type`. A file in another encoding or without a header is another thing.
    fn named(value: &str) -> Self {
        let value = value.to_ascii_lowercase();
        let mut parts = value.split(';').map(str::trim);
        match parts.next() {
            Some("application/json") => Self::Json,
            Some("text/csv") => {
                let fits = |parameter: &str| match parameter.split_once('=') {
                    Some(("charset", set)) => {
                        matches!(set.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")
                    }
                    Some(("header", header)) => header == "present",
                    _ => true,
                };
                if parts.all(fits) { Self::Csv } else { Self::Other }
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
