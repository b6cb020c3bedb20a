//! Who follows: one connection that asks for page after page, or for lines that are counted while they come.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{
    Outcome,
    load::{self, Load},
};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Drained {
    /// How many events.
    pub(crate) events: usize,
    /// In how many bytes.
    pub(crate) bytes: usize,
    /// In which time.
    pub(crate) took: Duration,
    /// What the pages came to.
    pub(crate) pages: Load,
}

/// Asks for one page after the other up to the last one.
pub(crate) async fn pages(addr: SocketAddr, token: String, limit: i64) -> Outcome<Drained> {
    let mut connection = Connection::open(addr).await?;
    let (mut events, mut bytes, mut latencies) = (0, 0, Vec::new());
    let (mut after, started) = (0, Instant::now());
    loop {
        let path = format!("/v1/changes?limit={limit}&after={after}");
        let sent = Instant::now();
        let body = connection.page(&load::get(&path, Some(&token))).await?;
        latencies.push(u64::try_from(sent.elapsed().as_micros())?);
        let page = Page::of(&body)?;
        events += page.events;
        bytes += body.len();
        after = page.next_after;
        if !page.has_more {
            let took = started.elapsed();
            return Ok(Drained { events, bytes, took, pages: Load::of(latencies, took)? });
        }
    }
}

/// A page of the feed, looked at and not parsed: that would be a measure of the parser.
struct Page {
    events: usize,
    next_after: i64,
    has_more: bool,
}

impl Page {
    fn of(body: &str) -> Outcome<Self> {
        let (items, rest) =
            body.rsplit_once(r#""next_after":"#).ok_or("a page tells no place to go on from")?;
        let (place, rest) = rest.split_once(',').ok_or("a page tells not whether there is more")?;
        Ok(Self {
            events: items.matches(r#""position":"#).count(),
            next_after: place.trim().parse()?,
            has_more: rest.contains("true"),
        })
    }
}

/// Lines that came.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// How many.
    pub(crate) count: usize,
    /// In how many bytes.
    pub(crate) bytes: usize,
    /// In which time.
    pub(crate) took: Duration,
    /// The last one.
    pub(crate) last: Vec<u8>,
    /// What has no end yet.
    open: Vec<u8>,
}

impl Lines {
    fn take(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len();
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.count += 1;
                std::mem::swap(&mut self.last, &mut self.open);
                self.open.clear();
            }
        }
    }
}

/// Reads lines to their end, a chunk of them in memory at a time.
pub(crate) async fn lines(addr: SocketAddr, request: Vec<u8>) -> Outcome<Lines> {
    let mut connection = Connection::open(addr).await?;
    let started = Instant::now();
    let mut lines = connection.lines(&request).await?;
    lines.took = started.elapsed();
    Ok(lines)
}

/// How an answer is sent.
enum Body {
    /// At once: so many bytes.
    Whole(usize),
    /// Chunk after chunk.
    Chunks,
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn open(addr: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(64 * 1024, stream)))
    }

    /// A line without its end.
    async fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Sends a request and reads the head of its answer. One that is no success ends the run.
    async fn ask(&mut self, request: &[u8]) -> Outcome<Body> {
        self.0.write_all(request).await?;
        let status = self.line().await?;
        let mut body = None;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(length) = line.strip_prefix("content-length:") {
                body = Some(Body::Whole(length.trim().parse()?));
            }
            if line.starts_with("transfer-encoding:") && line.ends_with("chunked") {
                body = Some(Body::Chunks);
            }
        }
        let body = body.ok_or("an answer does not tell how long it is")?;
        if status.starts_with("HTTP/1.1 2") {
            return Ok(body);
        }
        let told = match body {
            Body::Whole(length) => self.whole(length).await?,
            Body::Chunks => String::new(),
        };
        Err(format!("an answer was no success: {status} {told}").into())
    }

    async fn whole(&mut self, length: usize) -> Outcome<String> {
        let mut body = vec![0_u8; length];
        self.0.read_exact(&mut body).await?;
        Ok(String::from_utf8(body)?)
    }

    async fn page(&mut self, request: &[u8]) -> Outcome<String> {
        match self.ask(request).await? {
            Body::Whole(length) => self.whole(length).await,
            Body::Chunks => Err("a page came in chunks".into()),
        }
    }

    async fn lines(&mut self, request: &[u8]) -> Outcome<Lines> {
        let Body::Chunks = self.ask(request).await? else {
            return Err("lines came all at once".into());
        };
        let (mut lines, mut chunk) = (Lines::default(), Vec::<u8>::new());
        loop {
            let size = usize::from_str_radix(&self.line().await?, 16)?;
            // An end of line follows each chunk.
            chunk.resize(size + 2, 0);
            self.0.read_exact(&mut chunk).await?;
            if size == 0 {
                return Ok(lines);
            }
            lines.take(chunk.get(..size).unwrap_or_default());
        }
    }
}
