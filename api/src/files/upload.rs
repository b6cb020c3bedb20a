//! A request whose body is a file.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web::Bytes};
use domain::attachment::{AttachmentPurpose, MAX_BYTES, MEDIA_TYPES};
use sha2::{Digest, Sha256};

use super::{FileKey, kind};
use crate::{
    app::App,
    call::Call,
    extract::read_body,
    problem::{Kind, Problem},
};

/// The file of a request, not read yet: [`Self::receive`] reads it, after the caller was let in.
pub struct Upload {
    request: HttpRequest,
    payload: Payload,
}

/// A file that arrived whole and is what it says it is.
#[derive(Debug, Clone)]
pub struct Received {
    /// The name of its bytes.
    pub key: FileKey,
    /// One that its purpose takes.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Upload {
    /// The file: 408 when it does not arrive in time, 413 when it is too large, 415 when its media type is not
    /// taken for `purpose`, 422 when it is empty or its bytes are of another type. Notes its digest for the
    /// `Idempotency-Key`.
    pub async fn receive(self, purpose: AttachmentPurpose) -> Result<Received, Problem> {
        let media_type = media_type(&self.request, purpose)?;
        let call = Call::of(&self.request)?;
        let app = App::of(&self.request)?;
        let limit_bytes = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
        let timeout_ms = app.config.file_timeout_ms;
        let bytes = read_body(&self.request, self.payload, limit_bytes, timeout_ms).await?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let _ = call.digest.set(digest);
        kind::check(&media_type, &bytes)?;
        Ok(Received {
            key: FileKey(crate::hex::of(&digest)),
            media_type,
            size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            bytes,
        })
    }
}

/// The media type that the sender names, if it is one that is taken for the purpose.
fn media_type(request: &HttpRequest, purpose: AttachmentPurpose) -> Result<String, Problem> {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let named = value.unwrap_or_default().split(';').next().unwrap_or_default();
    let named = named.trim().to_ascii_lowercase();
    if purpose.takes(&named) {
        return Ok(named);
    }
    Err(Problem::new(
        Kind::UnsupportedMediaType,
        "Send the file as the body, its media type in Content-Type; Accept lists those that are taken.",
    )
    .with_header("Accept", MEDIA_TYPES.join(", ")))
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}
