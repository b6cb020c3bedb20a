//! Bodies of rows as they come through the door.
#![expect(clippy::unwrap_used, reason = "tests")]

use actix_web::{
    http::StatusCode,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web,
};

use super::*;
use crate::{answer::Reply, config::Config, door, serve};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    hours: u8,
}

#[test]
fn media_types_are_told_apart() {
    for (value, media) in [
        ("application/json; charset=utf-8", Media::Json),
        ("text/csv", Media::Csv),
        ("Text/CSV; charset=\"UTF-8\"; header=present", Media::Csv),
        ("text/csv;charset=utf-8", Media::Csv),
        ("text/csv; charset=latin1", Media::Other),
        ("text/csv; header=absent", Media::Other),
        ("text/plain", Media::Other),
        ("", Media::Other),
    ] {
        assert_eq!(Media::named(value), media, "{value}");
    }
}

/// Adds up the hours, and says whether the key's fingerprint will know the body.
fn sum(call: &Call, hours: impl Iterator<Item = u8>) -> Reply {
    Reply::ok(&(hours.map(u32::from).sum::<u32>(), call.digest.get().is_some()))
}

async fn rows(call: Call, rows: Rows<Line>) -> Result<Reply, Problem> {
    Ok(sum(&call, rows.get()?.iter().map(|row| row.value.hours)))
}

async fn either(call: Call, body: JsonOrRows<Line, Line>) -> Result<Reply, Problem> {
    Ok(match body.get()? {
        Given::Json(line) => sum(&call, std::iter::once(line.hours)),
        Given::Csv(rows) => sum(&call, rows.iter().map(|row| row.value.hours)),
    })
}

/// Nobody may do this, whatever the body.
async fn never(_body: Rows<Line>) -> Result<Reply, Problem> {
    Err(Problem::unauthenticated())
}

#[actix_web::test]
async fn bodies_are_read_by_their_media_type_and_judged_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        Config { data_dir: folder.path().to_owned(), body_limit_bytes: 100, ..Config::default() };
    let app = serve::prepare(config, serve::Deps::default(), String::new()).await.unwrap();
    let service = actix_web::App::new()
        .app_data(web::Data::new(app))
        .route("/rows", web::post().to(rows))
        .route("/either", web::post().to(either))
        .route("/never", web::post().to(never))
        .wrap(from_fn(door::pass));
    let service = init_service(service).await;
    let file = "hours\n1\n2\n".to_owned();
    let (large, too_large) = (format!("hours\n{}", "1\n".repeat(90)), "x".repeat(401));
    for (path, kind, body, status, said) in [
        ("/rows", "text/csv", file.clone(), 200, "[3,true]"),
        ("/rows", "text/csv", large, 200, "[90,true]"),
        ("/rows", "text/csv", too_large.clone(), 413, "body-too-large"),
        ("/rows", "text/csv", "hours\nx\n".to_owned(), 422, "#/2/hours"),
        ("/rows", "application/json", r#"{"hours":1}"#.to_owned(), 415, "text/csv"),
        ("/either", "application/json", r#"{"hours":4}"#.to_owned(), 200, "[4,true]"),
        ("/either", "application/json", r#"{"hours":"x"}"#.to_owned(), 422, "#/hours"),
        ("/either", "application/json", too_large.clone(), 413, "body-too-large"),
        ("/either", "text/csv", file.clone(), 200, "[3,true]"),
        ("/either", "text/plain", file, 415, "application/json, text/csv"),
        ("/never", "text/csv", too_large, 401, "unauthenticated"),
        ("/never", "text/plain", String::new(), 401, "unauthenticated"),
    ] {
        let request = TestRequest::post().uri(path).insert_header(("Content-Type", kind));
        let answer = call_service(&service, request.set_payload(body).to_request()).await;
        assert_eq!(answer.status(), StatusCode::from_u16(status).unwrap(), "{path} {kind}");
        let answer = actix_web::test::read_body(answer).await;
        let answer = String::from_utf8(answer.to_vec()).unwrap();
        assert!(answer.contains(said), "{path} {kind}: {answer}");
    }
}
