//! Somebody to whom webhooks are sent: a listener that writes down what it is told, and behaves as it is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::Duration,
};

use super::{
    actor::{Actor, Answer},
    world::World,
};

/// How it behaves.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// It answers with this status and these header lines.
    Says(u16, &'static str),
    /// It answers 500 where the body holds this, else 204.
    Refuses(String),
    /// It never answers.
    Hangs,
    /// It sends a byte of a body in a while, without end.
    Trickles,
    /// It answers what is no HTTP.
    Garbage,
    /// It answers 200 and a body without end.
    Endless,
    /// It answers 200 and headers without end.
    Shouts,
}

/// What it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The headers, by their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: String,
}

impl Seen {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body of JSON")
    }
}

/// The listener.
pub(crate) struct Hooks {
    /// Where it listens.
    pub(crate) url: String,
    manner: Arc<Mutex<Manner>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Hooks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hooks {
    /// One that answers 204.
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let manner = Arc::new(Mutex::new(Manner::Says(204, "")));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (how, told) = (Arc::clone(&manner), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, Arc::clone(&how), Arc::clone(&told)));
            }
        });
        Self { url, manner, seen, task }
    }
    /// From now on it behaves so.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().expect("a lock") = manner;
    }
    /// What it was sent so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a lock").clone()
    }
    /// Forgets it.
    pub(crate) fn forget(&self) {
        self.seen.lock().expect("a lock").clear();
    }
    /// What it was sent once it was sent so much.
    pub(crate) async fn hears(&self, world: &World, count: usize) -> Vec<Seen> {
        world.until("it is sent", || self.seen().len() >= count).await;
        self.seen()
    }
}

async fn hear(
    mut stream: TcpStream,
    manner: Arc<Mutex<Manner>>,
    told: Arc<Mutex<Vec<Seen>>>,
) -> Option<()> {
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    let seen = loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: BTreeMap<_, _> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers.get("content-length").and_then(|text| text.parse().ok())?;
        if body.len() >= length {
            break Seen { headers, body: body.to_owned() };
        }
    };
    let manner = manner.lock().expect("a lock").clone();
    let refuses = matches!(&manner, Manner::Refuses(text) if seen.body.contains(text));
    told.lock().expect("a lock").push(seen);
    match manner {
        Manner::Says(status, headers) => {
            let answer = format!("HTTP/1.1 {status} So\r\n{headers}content-length: 2\r\n\r\nhi");
            let bare = format!("HTTP/1.1 {status} So\r\n{headers}\r\n");
            let answer = if matches!(status, 204 | 304) { bare } else { answer };
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
        Manner::Refuses(_) => {
            let status = if refuses { 500 } else { 200 };
            let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
        Manner::Hangs => tokio::time::sleep(Duration::from_mins(5)).await,
        Manner::Trickles => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(b"a").await.ok()?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Manner::Shouts => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await.ok()?;
            let line = [b"x-more: ".as_slice(), &[b'a'; 0x2000], b"\r\n"].concat();
            loop {
                stream.write_all(&line).await.ok()?;
            }
        }
        Manner::Garbage => stream.write_all(b"\x00\xff what is that\r\n\r\n").await.ok()?,
        Manner::Endless => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .await
                .ok()?;
            let chunk = [b"2000\r\n".as_slice(), &[b'a'; 0x2000], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).await.ok()?;
            }
        }
    }
    stream.shutdown().await.ok()
}

/// Where endpoints are.
pub(crate) const ENDPOINTS: &str = "/v1/webhook-endpoints";

impl Actor {
    /// Makes an endpoint that is sent these types, all without any.
    pub(crate) async fn is_sent(&self, hooks: &Hooks, types: &[&str]) -> Answer {
        let body = json!({"url": hooks.url, "types": types});
        self.post_bare(ENDPOINTS, body).await.expect(201)
    }
    /// Adds an address, so that something happens to them.
    pub(crate) async fn adds(&self, address: &str) {
        let path = format!("/v1/people/{}/emails", self.id);
        self.post(&path, json!({"email": address})).await.expect(200);
    }
    /// Changes an endpoint as it is now.
    pub(crate) async fn changes_endpoint(&self, id: &str, body: Value) -> Answer {
        let path = format!("{ENDPOINTS}/{id}");
        let etag = self.get(&path).await.expect(200).etag();
        self.patch(&path, &etag, body).await
    }
    /// The deliveries of an endpoint in a state.
    pub(crate) async fn deliveries(&self, id: &str, state: &str) -> Vec<Value> {
        let path = format!("{ENDPOINTS}/{id}/deliveries?limit=200&state={state}");
        self.get(&path).await.expect(200)["items"].as_array().expect("a list").clone()
    }
}
