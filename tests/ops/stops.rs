//! A server that is asked to end: what runs is finished, what comes is sent elsewhere.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::Ordering,
    time::Duration,
};

use serde_json::json;

use super::process::{Serving, Site};
use crate::support::{
    actor::Actor,
    database::{Db, block_on, each_database},
    world::each_world,
};

/// A connection that is kept and read by hand.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn to(serving: &Serving) -> Self {
        let stream = TcpStream::connect(serving.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        Self(BufReader::new(stream))
    }
    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }
    /// The status and the body of the next answer.
    fn answer(&mut self) -> (u16, String) {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no status: {line:?}"));
        let status = status.parse().unwrap();
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.0.read_line(&mut header).unwrap();
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }
    /// Waits until the server has closed it.
    fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0; 1]), Ok(0))
    }
    fn get(&mut self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: lssc\r\n\r\n"));
        self.answer()
    }
}

each_world! {
    async fn a_server_that_takes_nothing_new_says_so(world) {
        let anyone = world.anyone();
        anyone.get("/readyz").await.expect(200);
        world.app().open.store(false, Ordering::Release);
        let ready = anyone.get("/readyz").await.expect(503);
        assert_eq!(ready["checks"]["taking_requests"], "fail");
        assert_eq!(ready["checks"]["database"], "pass");
        assert_eq!(ready.header("retry-after"), "1");
        anyone.get("/livez").await.expect(200);
        let refused = anyone.get("/v1/programs").await.refused(503, "unavailable");
        assert!(!refused.header("retry-after").is_empty());
    }
}

const PASSWORD: &str = "a shelf of seven books";

async fn staff(site: &Site, serving: &Serving) -> Actor {
    let names = ["--given-name", "Stella", "--family-name", "Staff", "--role", "staff"];
    let add = ["user", "add", "--email", "stella@example.org", "--password-stdin"];
    site.run_with(&[&add[..], &names].concat(), PASSWORD).ok();
    serving.anyone().signs_in("stella@example.org", PASSWORD).await
}

/// A request whose body is still on its way, and that has passed the door.
fn begun(serving: &Serving, token: &str, length: usize) -> Wire {
    let mut wire = Wire::to(serving);
    wire.send(&format!(
        "POST /v1/providers HTTP/1.1\r\nHost: lssc\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: k1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\n\r\n"
    ));
    assert_eq!(wire.answer().0, 100);
    // One worker and one database thread take turns: whoever comes through the door after it has been
    // asked who it is shows that it is through.
    let mut next = Wire::to(serving);
    let me = format!("GET /v1/me HTTP/1.1\r\nHost: lssc\r\nAuthorization: Bearer {token}\r\n\r\n");
    for _ in 0..3 {
        next.send(&me);
        assert_eq!(next.answer().0, 200);
    }
    wire
}

each_database! {
    async fn a_server_that_is_told_to_stop_finishes_what_runs(db) {
        let site = Site::on(&db).with("LSSC_DRAIN_TIMEOUT_S", "60").with("LSSC_DATABASE_THREADS", "1");
        let serving = site.serve(&[]);
        let staff = staff(&site, &serving).await;
        let mut kept = Wire::to(&serving);
        assert_eq!(kept.get("/readyz").0, 200);
        let body = json!({"kind": "other", "name": "the one that ran"}).to_string();
        let mut running = begun(&serving, staff.token.as_ref().unwrap(), body.len());

        serving.terminate();
        // What is idle is closed, and nobody is let in any more.
        assert!(kept.is_closed());
        let refuses = async {
            while TcpStream::connect(serving.addr).is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), refuses).await.expect("nobody is let in");
        running.send(&body);
        let (status, text) = running.answer();
        assert_eq!(status, 201, "{text}");
        drop(running);
        assert_eq!(serving.ended().0, Some(0));
        assert_eq!(db.lines("SELECT name AS line FROM providers"), ["the one that ran"]);
        assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
    }
}

#[test]
fn a_client_that_never_ends_does_not_hold_a_stop() {
    let site = Site::on(&Db::sqlite())
        .with("LSSC_DRAIN_TIMEOUT_S", "1")
        .with("LSSC_DATABASE_THREADS", "1");
    let serving = site.serve(&[]);
    let token = block_on(staff(&site, &serving)).token.unwrap();
    let _running = begun(&serving, &token, 100);
    let mut idle = Wire::to(&serving);
    assert_eq!(idle.get("/livez").0, 200);
    serving.terminate();
    assert_eq!(serving.ended().0, Some(0));
}
