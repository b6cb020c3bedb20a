//! What a body must be: JSON, in time, not too large, of the right shape.

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    actor::{Actor, Answer, send},
    database::each_database,
    story::job,
    world::{World, each_world},
};

async fn sends(ada: &Actor, kind: &str, body: impl Into<String>) -> Answer {
    let request = ada.request(Method::POST, "/v1/applications");
    let request = if kind.is_empty() { request } else { request.header("Content-Type", kind) };
    send(request.body(body.into())).await
}

each_world! {
    async fn what_is_no_json_is_400_and_changes_nothing(world) {
        let ada = world.register("Ada").await;
        let before = world.events();
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{'jobs':[]}", "{\"jobs\":[],}", "{} {}", "nonsense", "\u{feff}{}", deep.as_str()] {
            sends(&ada, "application/json", text).await.refused(400, "malformed-body");
        }
        let mut latin = b"{\"education\":\"".to_vec();
        latin.extend([0xfc, b'"', b'}']);
        let request = ada.request(Method::POST, "/v1/applications").header("Content-Type", "application/json");
        send(request.body(latin)).await.refused(400, "malformed-body");
        assert_eq!(world.events(), before);
    }

    async fn a_fault_of_shape_is_pointed_at(world) {
        let ada = world.register("Ada").await;
        let before = world.events();
        let jobs = |change: fn(&mut serde_json::Value)| {
            let mut second = job();
            change(&mut second);
            json!({"jobs": [job(), second]})
        };
        for (body, pointer, code) in [
            (json!({"jobs": 7}), "#/jobs", "type"),
            (json!({"colour": "red"}), "#/colour", "unknown"),
            (json!({"jobs": [{}]}), "#/jobs/0/library", "required"),
            (json!({"education": "wizard"}), "#/education", "unknown"),
            (json!({"program": "nope"}), "#/program", "unknown"),
            (json!({"program": "Not a code"}), "#/program", "format"),
            (json!({"person_id": "app_00000000000000000000000000000000"}), "#/person_id", "format"),
            (jobs(|job| job["started_on"] = json!("2023-02-30")), "#/jobs/1/started_on", "format"),
            (jobs(|job| job["hours_per_week"] = json!(0)), "#/jobs/1/hours_per_week", "out_of_range"),
            (jobs(|job| job["hours_per_week"] = json!(169)), "#/jobs/1/hours_per_week", "out_of_range"),
            (jobs(|job| job["total_hours"] = json!(10)), "#/jobs/1/total_hours", "exclusive"),
            (jobs(|job| job["ended_on"] = json!("2023-05-31")), "#/jobs/1/ended_on", "order"),
            (jobs(|job| job["library"] = json!("a\u{0}b")), "#/jobs/1/library", "format"),
            (jobs(|job| job["library"] = json!("")), "#/jobs/1/library", "length"),
            (jobs(|job| job["pay"] = json!(1)), "#/jobs/1/pay", "unknown"),
            (json!({"attachments": [{"title": "Proof", "url": "http://example.org"}]}), "#/attachments/0/url", "format"),
        ] {
            ada.post("/v1/applications", body).await.faulty(pointer, code);
        }
        assert_eq!(world.events(), before);
    }

    async fn a_body_is_json_by_its_media_type(world) {
        let ada = world.register("Ada").await;
        for kind in ["", "text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            sends(&ada, kind, "{}").await.refused(415, "unsupported-media-type");
        }
        sends(&ada, "application/json; charset=utf-8", "{}").await.expect(201);
    }

    async fn a_body_that_is_too_large_is_413_however_it_comes(world) {
        let ada = world.register("Ada").await;
        let large = format!("{{\"colour\":\"{}\"}}", "x".repeat(1 << 20));
        sends(&ada, "application/json", large).await.refused(413, "body-too-large");

        let token = ada.token.clone().unwrap();
        let head = format!(
            "POST /v1/applications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let mut connection = connect(world).await;
        connection.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, " ".repeat(1 << 16));
        for _ in 0..17 {
            // The server may close before it has read everything: it has said enough then.
            if connection.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        let answer = until_answered(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

        let lie = format!(
            "POST /v1/applications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n"
        );
        let mut connection = connect(world).await;
        connection.write_all(lie.as_bytes()).await.unwrap();
        let answer = until_answered(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert_eq!(world.count("application.drafted"), 0);
    }
}

each_database! {
    async fn a_body_that_drips_is_408_and_others_are_served(db) {
        let world = World::configured(db, |config| config.body_timeout_ms = 100).await;
        let mut connection = connect(&world).await;
        let head = "POST /v1/evaluations/eligibility HTTP/1.1\r\nHost: x\r\n\
                    Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
        connection.write_all(head.as_bytes()).await.unwrap();
        world.anyone().get("/v1/programs").await.expect(200);
        let answer = until_answered(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("/problems/slow-body"), "{answer}");
        world.stop().await;
    }
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.base().trim_start_matches("http://")).await.unwrap()
}

/// What the server sent until the connection paused or ended.
async fn until_answered(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = connection.read(&mut buffer).await {
        bytes.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}')) {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
