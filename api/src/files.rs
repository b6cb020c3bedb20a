//! Attached files: their bytes, in a folder of the data directory or in an S3 bucket.
//!
//! An object is named by the SHA-256 of its bytes: the same file is stored once, a stored one never changes,
//! and what comes back is what was put in. What the system knows of a file is a row of its own
//! ([`domain::attachment`]). Files are never executed, and come back as downloads only.
//!
//! # Uploading
//!
//! The file is the body, its media type the `Content-Type`, its name a parameter of the query. The body is not
//! read before the handler asks: who may not upload is refused first. The bytes are put before the row that
//! names them is committed; a row that does not come about leaves bytes that nobody refers to.
//!
//! ```ignore
//! #[derive(Deserialize, IntoParams)]
//! #[serde(deny_unknown_fields)]
//! #[into_params(parameter_in = Query)]
//! pub struct UploadQuery { file_name: FileName }
//!
//! #[utoipa::path(tag = "Candidates", params(UploadQuery),
//!     // Stands for every media type that is taken.
//!     request_body(content = FileBody, content_type = "application/octet-stream"),
//!     responses((status = 201, body = AttachmentView)))]
//! #[post("/v1/attachments")]
//! async fn upload_attachment(app: App, call: Call, query: Query<UploadQuery>, upload: Upload)
//! -> Result<Reply, Problem> {
//!     app.read(&call, move |_, call| call.allow(Action::UploadAttachment, &Facts::none())).await?;
//!     let file = upload.receive(purpose).await?;               // 408, 413, 415, 422; notes the digest
//!     app.files.put(&file.key, file.bytes.clone()).await?;
//!     app.change(&call, move |tx, call| {
//!         call.allow(..)?;                                     // again: the right may have ended
//!         // record: file.key.to_string(), file.media_type, file.size_bytes, query.file_name
//!     }).await
//! }
//! ```
//!
//! # Downloading
//!
//! ```ignore
//! let row = app.read(&call, move |tx, call| { .. }).await?;    // load, allow
//! let bytes = app.files.get(&row.sha256.parse()?).await?;
//! Ok(Reply::file(&row.media_type, &row.file_name, bytes.to_vec()))
//! // responses((status = 200, body = FileBody, content_type = "application/octet-stream"))
//! ```
//!
//! # Removing
//!
//! After the commit, and only when no other row names the same bytes: `app.files.delete(&key).await?`.

mod kind;
mod name;
mod upload;

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use actix_web::web::Bytes;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};
use sha2::{Digest, Sha256};

pub use name::FileName;
pub use upload::{Received, Upload};

use crate::{config::Config, problem::Problem};

/// How long one request to a bucket may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The name of a file's bytes: their SHA-256, 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

impl FileKey {
    /// The name of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(crate::hex::of(&Sha256::digest(bytes)))
    }
    /// Where it lies: `ab/abcdef...`, so that no folder grows too long.
    fn path(&self) -> Path {
        Path::from(format!("{}/{}", self.0.get(..2).unwrap_or_default(), self.0))
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileKey {
    type Err = FilesError;
    fn from_str(text: &str) -> Result<Self, FilesError> {
        let digits = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(digits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FilesError::Broken(format!("{text:?} is no SHA-256")))
        }
    }
}

/// Why bytes could not be stored or had.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The store does not answer, or refuses: try again.
    #[error("the store of files: {0}")]
    Unavailable(String),
    /// What is stored is not what it should be.
    #[error("the store of files is broken: {0}")]
    Broken(String),
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        match &error {
            FilesError::Unavailable(_) => Self::unavailable(error.to_string()),
            FilesError::Broken(_) => Self::internal(error.to_string()),
        }
    }
}

/// The store of files. Cheap to clone: one pointer.
#[derive(Debug, Clone)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// The store that the configuration names; one sentence when it cannot be used. A folder is made, a bucket
    /// is not asked yet: see [`Self::check`].
    pub fn open(config: &Config) -> Result<Self, String> {
        match &config.s3_bucket {
            Some(bucket) => s3(config, bucket),
            None => folder(config),
        }
    }

    /// Whether something can be put there: one sentence when it cannot.
    pub async fn check(&self) -> Result<(), String> {
        let done = self.0.put(&Path::from("probe"), Bytes::from_static(b"lssc\n").into()).await;
        done.map(drop).map_err(|error| format!("Files cannot be stored: {}.", chain(&error)))
    }

    /// Stores bytes under their name; when it returns they are on the disk, or in the bucket.
    pub async fn put(&self, key: &FileKey, bytes: Bytes) -> Result<(), FilesError> {
        let done = self.0.put(&key.path(), bytes.into()).await;
        done.map(drop).map_err(|error| FilesError::Unavailable(chain(&error)))
    }

    /// The bytes of a name, which are those that were put: their digest is compared.
    pub async fn get(&self, key: &FileKey) -> Result<Bytes, FilesError> {
        let failed = |error: object_store::Error| match error {
            object_store::Error::NotFound { .. } => FilesError::Broken(format!("{key} is missing")),
            other => FilesError::Unavailable(chain(&other)),
        };
        let bytes = self.0.get(&key.path()).await.map_err(failed)?.bytes().await.map_err(failed)?;
        if FileKey::of(&bytes) == *key {
            Ok(bytes)
        } else {
            Err(FilesError::Broken(format!("the bytes of {key} have another digest")))
        }
    }

    /// Removes bytes; nothing happens when they are not there.
    pub async fn delete(&self, key: &FileKey) -> Result<(), FilesError> {
        match self.0.delete(&key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(FilesError::Unavailable(chain(&error))),
        }
    }
}

fn folder(config: &Config) -> Result<Files, String> {
    let folder = config.data_dir.join("files");
    let refused = |cause: String| {
        format!("Files cannot be stored in {}: {}.", folder.display(), cause.trim_end_matches('.'))
    };
    std::fs::create_dir_all(&folder).map_err(|error| refused(error.to_string()))?;
    let store =
        LocalFileSystem::new_with_prefix(&folder).map_err(|error| refused(chain(&error)))?;
    // The row that names a file is durable when it is committed; so must the file be.
    Ok(Files(Arc::new(store.with_fsync(true))))
}

fn s3(config: &Config, bucket: &str) -> Result<Files, String> {
    let endpoint = config.s3_endpoint.as_deref();
    let client = ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_allow_http(endpoint.is_some_and(|url| url.starts_with("http://")));
    let retry =
        RetryConfig { max_retries: 2, retry_timeout: REQUEST_TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(config.s3_region.as_deref().unwrap_or("us-east-1"))
        .with_client_options(client)
        // One file at a time; not every store takes many at once.
        .with_disable_bulk_delete(true)
        .with_retry(retry);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let (Some(id), Some(secret)) = (&config.s3_access_key_id, &config.s3_secret_access_key) {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    let store =
        builder.build().map_err(|error| format!("s3_bucket cannot be used: {}.", chain(&error)))?;
    Ok(Files(Arc::new(store)))
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_said = inner.to_string();
        if !said.contains(&inner_said) {
            said = format!("{said}: {inner_said}");
        }
        cause = inner.source();
    }
    said.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
