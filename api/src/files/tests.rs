//! Files as they are handed in, stored and fetched.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::os::unix::fs::PermissionsExt;

use actix_web::{
    http::StatusCode,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use domain::attachment::{AttachmentPurpose, MAX_BYTES, MEDIA_TYPES};

use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header_regex, method, path},
};

use super::*;
use crate::{answer::Reply, app::App, call::Call, door, serve};

fn configured(folder: &tempfile::TempDir) -> Config {
    Config { data_dir: folder.path().join("data"), ..Config::default() }
}

#[actix_web::test]
async fn what_was_put_comes_back_until_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(&configured(&folder)).unwrap();
    files.check().await.unwrap();
    let bytes = Bytes::from_static(b"#!/bin/sh\necho no\n");
    let key = FileKey::of(&bytes);
    assert!(matches!(files.get(&key).await, Err(FilesError::Broken(_))));
    for _ in 0..2 {
        files.put(&key, bytes.clone()).await.unwrap();
    }
    assert_eq!(files.get(&key).await.unwrap(), bytes);
    let name = key.to_string();
    let path = folder.path().join("data/files").join(&name[..2]).join(&name);
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0, "{mode:o}: it could be executed");
    assert_eq!(name.parse::<FileKey>().unwrap(), key);

    std::fs::write(&path, b"changed behind our back").unwrap();
    assert!(matches!(files.get(&key).await, Err(FilesError::Broken(_))));
    for _ in 0..2 {
        files.delete(&key).await.unwrap();
    }
    assert!(!path.exists());
}

#[test]
fn a_key_is_a_digest_and_no_path() {
    for text in ["", "..", "../../etc/passwd", &"A".repeat(64), &"a".repeat(63), &"/".repeat(64)] {
        assert!(text.parse::<FileKey>().is_err(), "{text}");
    }
}

#[actix_web::test]
async fn a_store_that_cannot_be_used_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(&folder);
    std::fs::write(&config.data_dir, b"a file where a folder should be").unwrap();
    let sentence = Files::open(&config).unwrap_err();
    assert!(sentence.starts_with("Files cannot be stored in "), "{sentence}");
    assert!(sentence.ends_with('.') && sentence.lines().count() == 1, "{sentence}");

    // Nobody listens there.
    let given = |text: &str| Some(text.to_owned());
    let s3 = Config {
        s3_bucket: given("files"),
        s3_endpoint: given("http://127.0.0.1:1"),
        s3_access_key_id: given("id"),
        s3_secret_access_key: given("hunter2"),
        ..Config::default()
    };
    let files = Files::open(&s3).unwrap();
    let sentence = files.check().await.unwrap_err();
    assert!(sentence.starts_with("Files cannot be stored: "), "{sentence}");
    assert!(sentence.lines().count() == 1 && !sentence.contains("hunter2"), "{sentence}");
    let lost = files.put(&FileKey::of(b"x"), Bytes::from_static(b"x")).await.unwrap_err();
    assert_eq!(Problem::from(lost).kind().status(), 503);
}

#[actix_web::test]
async fn a_bucket_is_asked_by_its_key_and_with_a_signature() {
    let bytes = Bytes::from_static(b"hello");
    let key = FileKey::of(&bytes);
    let bucket = MockServer::start().await;
    let address = format!("/files/{}", key.path());
    let signed =
        || header_regex("authorization", "^AWS4-HMAC-SHA256 Credential=id/.*/eu-west-1/s3/");
    let found = ResponseTemplate::new(200).insert_header("ETag", "\"e\"");
    for (verb, answer) in [
        ("PUT", found.clone()),
        (
            "GET",
            found
                .set_body_bytes(bytes.to_vec())
                .insert_header("Last-Modified", "Mon, 02 Mar 2026 00:00:00 GMT"),
        ),
        ("DELETE", ResponseTemplate::new(204)),
    ] {
        Mock::given(method(verb))
            .and(path(&address))
            .and(signed())
            .respond_with(answer)
            .expect(1)
            .mount(&bucket)
            .await;
    }
    let given = |text: &str| Some(text.to_owned());
    let config = Config {
        s3_bucket: given("files"),
        s3_region: given("eu-west-1"),
        s3_endpoint: Some(bucket.uri()),
        s3_access_key_id: given("id"),
        s3_secret_access_key: given("secret"),
        ..Config::default()
    };
    let files = Files::open(&config).unwrap();
    files.put(&key, bytes.clone()).await.unwrap();
    assert_eq!(files.get(&key).await.unwrap(), bytes);
    files.delete(&key).await.unwrap();
    // What else is asked for is not there.
    assert!(matches!(files.get(&FileKey::of(b"x")).await, Err(FilesError::Broken(_))));
}

async fn upload(app: App, call: Call, upload: Upload) -> Result<Reply, Problem> {
    let file = upload.receive(AttachmentPurpose::Syllabus).await?;
    app.files.put(&file.key, file.bytes).await?;
    let known = call.digest.get().is_some();
    Ok(Reply::ok(&(file.key.to_string(), file.media_type, file.size_bytes, known)))
}

async fn download(app: App, key: web::Path<String>) -> Result<Reply, Problem> {
    let bytes = app.files.get(&key.parse()?).await?;
    Ok(Reply::file("text/plain", "Größe.txt", bytes.to_vec()))
}

async fn never(_upload: Upload) -> Result<Reply, Problem> {
    Err(Problem::unauthenticated())
}

#[actix_web::test]
async fn files_are_taken_by_type_size_and_content_and_come_back_as_downloads() {
    let folder = tempfile::tempdir().unwrap();
    let deps = serve::Deps::default();
    let app = serve::prepare(configured(&folder), deps, String::new()).await.unwrap();
    let service = actix_web::App::new()
        .app_data(web::Data::new(app))
        .route("/upload", web::post().to(upload))
        .route("/never", web::post().to(never))
        .route("/files/{key}", web::get().to(download))
        .wrap(from_fn(door::pass));
    let service = init_service(service).await;
    let limit = usize::try_from(MAX_BYTES).unwrap();
    let ask = |path: &str, kind: &str, body: Vec<u8>| {
        TestRequest::post()
            .uri(path)
            .insert_header(("Content-Type", kind.to_owned()))
            .set_payload(body)
    };
    for media_type in MEDIA_TYPES {
        let body = kind::samples::of(media_type);
        let answer = call_service(&service, ask("/upload", media_type, body).to_request()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{media_type}");
    }
    for (path, kind, body, status) in [
        ("/upload", "text/plain; charset=utf-8", vec![b'x'; limit], 200),
        ("/upload", "text/plain", vec![b'x'; limit + 1], 413),
        ("/upload", "text/plain", Vec::new(), 422),
        ("/upload", "application/pdf", b"MZ".to_vec(), 422),
        ("/upload", "application/zip", b"PK\x03\x04".to_vec(), 415),
        ("/upload", "text/html", b"<p>".to_vec(), 415),
        ("/upload", "", b"x".to_vec(), 415),
        // Nothing is read for those who may not.
        ("/never", "text/html", vec![b'x'; limit + 1], 401),
    ] {
        let answer = call_service(&service, ask(path, kind, body).to_request()).await;
        assert_eq!(answer.status().as_u16(), status, "{path} {kind}");
    }

    let sent = call_service(&service, ask("/upload", "text/plain", b"hello".to_vec()).to_request());
    let said = String::from_utf8(read_body(sent.await).await.to_vec()).unwrap();
    let key = FileKey::of(b"hello");
    assert_eq!(said, format!("[\"{key}\",\"text/plain\",5,true]"));
    let fetch = TestRequest::get().uri(&format!("/files/{key}")).to_request();
    let answer = call_service(&service, fetch).await;
    for (name, value) in [
        ("content-type", "text/plain"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        (
            "content-disposition",
            "attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt",
        ),
    ] {
        assert_eq!(answer.headers().get(name).unwrap(), value);
    }
    assert_eq!(read_body(answer).await, "hello");
}
