//! Bodies that are files of rows and are kept as they are.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web::Bytes};
use domain::import::{MOST_BYTES, RowForm};
use sha2::{Digest, Sha256};

use super::body;
use crate::{
    app::App,
    call::Call,
    problem::{Kind, Problem},
};

/// What a file of rows may be sent as.
const TAKEN: &str = "text/csv, application/x-ndjson";

/// The file of a request, not read yet: [`Self::receive`] reads it, after the caller was let in. Declare it by
/// `request_body(content((String = "text/csv"), (String = "application/x-ndjson")))`.
pub struct RowFile {
    request: HttpRequest,
    payload: Payload,
}

impl RowFile {
    /// The file and how its rows are written: 408 when it does not arrive in time, 413 when it is too large, 415
    /// when it is neither CSV nor JSON lines. Notes its digest for the `Idempotency-Key`.
    pub async fn receive(self) -> Result<(RowForm, Bytes), Problem> {
        let form = form(&self.request)?;
        let call = Call::of(&self.request)?;
        let timeout_ms = App::of(&self.request)?.config.file_timeout_ms;
        let bytes = body::read(&self.request, self.payload, MOST_BYTES, timeout_ms).await?;
        let _ = call.digest.set(Sha256::digest(&bytes).into());
        Ok((form, bytes))
    }
}

/// How the sender says that the rows are written.
fn form(request: &HttpRequest) -> Result<RowForm, Problem> {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let named = value.unwrap_or_default().split(';').next().unwrap_or_default();
    match named.trim().to_ascii_lowercase().as_str() {
        "text/csv" => Ok(RowForm::Csv),
        "application/x-ndjson" => Ok(RowForm::Ndjson),
        _ => {
            let detail = format!("Send the file with one of these Content-Types: {TAKEN}.");
            Err(Problem::new(Kind::UnsupportedMediaType, detail).with_header("Accept", TAKEN))
        }
    }
}

impl FromRequest for RowFile {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}
