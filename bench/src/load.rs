//! The load generator: keep-alive connections on one thread, each sending its next request when the answer
//! before has come. The same for everything that is compared.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Outcome;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// After a time; the requests are sent again and again.
    Time(Duration),
    /// When every request was sent once.
    Done,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Half of the answers came within this many microseconds.
    pub(crate) p50_us: u64,
    /// All but one in a hundred came within this many microseconds.
    pub(crate) p99_us: u64,
}

impl Load {
    /// What these answers come to: the microseconds of each, and the time of all together.
    pub(crate) fn of(mut latencies: Vec<u64>, took: Duration) -> Outcome<Self> {
        latencies.sort_unstable();
        let count = latencies.len();
        let at = |share: usize| latencies.get(count * share / 100).copied().unwrap_or(0);
        let rate = f64::from(u32::try_from(count)?) / took.as_secs_f64();
        Ok(Self { rate, p50_us: at(50), p99_us: at(99) })
    }
}

/// Requests that are sent in turn.
pub(crate) type Requests = Arc<Vec<Vec<u8>>>;

/// A GET request for lines of JSON.
pub(crate) fn lines(path: &str, token: &str) -> Vec<u8> {
    let accept = "Accept: application/x-ndjson";
    format!(
        "GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{accept}\r\n\r\n"
    )
    .into_bytes()
}

/// A GET request.
pub(crate) fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    request("GET", path, token, "")
}

/// A request with a body of JSON, or none.
pub(crate) fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = if method == "GET" {
        String::new()
    } else {
        // Each path is posted to once, so its own text is its key.
        let length = body.len();
        format!(
            "Content-Type: application/json\r\nContent-Length: {length}\r\nIdempotency-Key: {path}\r\n"
        )
    };
    format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n{token}{length}\r\n{body}").into_bytes()
}

/// Sends requests over `clients` connections. An answer that is no success ends the run: what fails must not
/// look fast.
pub(crate) async fn run(
    addr: SocketAddr,
    clients: u64,
    until: Until,
    requests: Requests,
) -> Outcome<Load> {
    apart(async move { drive(addr, clients, until, &requests).await }).await
}

/// Does `work` on a thread of its own: what measures shares none with what is measured.
pub(crate) async fn apart<T, F>(work: F) -> Outcome<T>
where
    T: Send + 'static,
    F: Future<Output = Outcome<T>> + Send + 'static,
{
    let (reply, done) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(work),
            Err(error) => Err(error.into()),
        };
        drop(reply.send(result));
    })?;
    done.await?
}

async fn drive(addr: SocketAddr, clients: u64, until: Until, requests: &Requests) -> Outcome<Load> {
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (next, requests) = (Arc::clone(&next), Arc::clone(requests));
        tasks.push(tokio::spawn(client(addr, until, started, next, requests)));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Load::of(latencies, started.elapsed())
}

async fn client(
    addr: SocketAddr,
    until: Until,
    started: Instant,
    next: Arc<AtomicU64>,
    requests: Requests,
) -> Outcome<Vec<u64>> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut latencies = Vec::new();
    loop {
        let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed))?;
        let request = match until {
            Until::Time(window) if started.elapsed() < window => {
                requests.get(index % requests.len())
            }
            Until::Time(_) => None,
            Until::Done => requests.get(index),
        };
        let Some(request) = request else { return Ok(latencies) };
        let sent = Instant::now();
        stream.write_all(request).await?;
        answer(&mut stream, &mut buffer).await?;
        latencies.push(u64::try_from(sent.elapsed().as_micros())?);
    }
}

/// Reads one answer with a `Content-Length`.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Outcome<()> {
    buffer.clear();
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
    };
    let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or_default()).to_ascii_lowercase();
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .ok_or("an answer has no Content-Length")?
        .trim()
        .parse()?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
    }
    if text.starts_with("http/1.1 2") {
        Ok(())
    } else {
        Err(format!("an answer was no success: {}", String::from_utf8_lossy(buffer)).into())
    }
}
