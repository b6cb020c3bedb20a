//! One attempt: resolved, checked, sent to a checked address only, read up to a bound, within a bound of time.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use domain::{
    BadFact,
    webhook::{
        Answer, Attempt, Delivery, Endpoint, Outcome,
        address::{self, Ground, Target},
    },
};
use persistence::Recorded;
use reqwest::{Client, Url, redirect::Policy};

use super::{ground, message::Message};
use crate::{app::App, problem::Problem};

/// How long a name may take to resolve: who makes an endpoint waits for it too.
const RESOLVING: Duration = Duration::from_secs(5);
/// How much of a body is read and logged.
const LONGEST_BODY: usize = 4096;
/// How many headers of an answer are logged.
const MOST_HEADERS: usize = 50;
/// How much of the value of one.
const LONGEST_HEADER: usize = 500;

/// The address of an endpoint, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    url: Url,
    host: String,
    literal: Option<IpAddr>,
    port: u16,
}

impl Address {
    /// An address that may be one of an endpoint, before its name is resolved.
    pub(crate) fn of(text: &str, ground: Ground) -> Result<Self, BadFact> {
        let wrong = |detail: &str| BadFact::at("/url", "format", detail);
        if !(1..=2000).contains(&text.chars().count()) {
            return Err(BadFact::at("/url", "length", "An address has 1 to 2000 characters."));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong("The address has no spaces and no control characters."));
        }
        let url = Url::parse(text).map_err(|_bad| wrong("It is no address."))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let literal = bare.parse::<IpAddr>().ok();
        let port = url.port_or_known_default().unwrap_or(0);
        let target = Target {
            scheme: url.scheme(),
            name: Some(host.as_str()).filter(|name| !name.is_empty() && literal.is_none()),
            literal,
            port,
            user: !url.username().is_empty() || url.password().is_some(),
            fragment: url.fragment().is_some(),
        };
        match address::fault(&target, ground) {
            Some(fault) => Err(fault),
            None => Ok(Self { url, host, literal, port }),
        }
    }
    /// It as text, in its usual form.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

/// What a name resolves to: every address of it must be outside, or nothing is sent.
pub(crate) async fn resolved(to: &Address, ground: Ground) -> Result<Vec<SocketAddr>, String> {
    let found: Vec<SocketAddr> = if let Some(literal) = to.literal {
        vec![SocketAddr::new(literal, to.port)]
    } else {
        let found = tokio::net::lookup_host((to.host.as_str(), to.port));
        tokio::time::timeout(RESOLVING, found)
            .await
            .map_err(|_late| "the host's name does not resolve in time".to_owned())?
            .map_err(|_unknown| "the host's name does not resolve".to_owned())?
            .collect()
    };
    if found.is_empty() {
        return Err("the host's name does not resolve".to_owned());
    }
    match found.iter().find_map(|one| address::refused(one.ip(), ground)) {
        Some(why) => Err(format!("the host is not outside: {why}")),
        None => Ok(found),
    }
}

/// Sends a delivery once.
pub(super) async fn attempt(
    app: &App,
    endpoint: &Endpoint,
    delivery: &Delivery,
    event: &Recorded,
) -> Result<Attempt, Problem> {
    let message = Message::of(app, endpoint, delivery, event)?;
    let (at, began) = (app.machine(), Instant::now());
    let whole = Duration::from_millis(app.config.webhook_timeout_ms);
    let outcome =
        match tokio::time::timeout(whole, exchange(&endpoint.url, ground(app), &message)).await {
            Ok(Ok(answer)) => Outcome::Answered(answer),
            Ok(Err(why)) => Outcome::Failed(why),
            Err(_elapsed) => {
                Outcome::Failed(format!("no whole answer within {} ms", whole.as_millis()))
            }
        };
    Ok(Attempt {
        delivery: delivery.id,
        number: delivery.attempts.saturating_add(1),
        at,
        took_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
        url: endpoint.url.clone(),
        headers: message.headers,
        body: message.body,
        outcome,
    })
}

async fn exchange(url: &str, ground: Ground, message: &Message) -> Result<Answer, String> {
    // Checked again: an address that was taken in a sandbox is not sent to from a real server.
    let to = Address::of(url, ground).map_err(|fault| fault.detail)?;
    let addresses = resolved(&to, ground).await?;
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .resolve_to_addrs(&to.host, &addresses)
        .build()
        .map_err(|_unusual| "the server cannot send".to_owned())?;
    let mut request = client.post(to.url).body(message.body.clone());
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    let mut response = request.send().await.map_err(|error| {
        let why = if error.is_connect() { "no connection" } else { "no answer that is HTTP" };
        why.to_owned()
    })?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .take(MOST_HEADERS)
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes(), LONGEST_HEADER)))
        .collect();
    let mut body = Vec::new();
    while body.len() < LONGEST_BODY {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_broken) => return Err(format!("the answer {status} broke off")),
        }
    }
    Ok(Answer { status, headers, body: text(&body, LONGEST_BODY) })
}

/// So many bytes as a text that every database keeps.
fn text(bytes: &[u8], most: usize) -> String {
    let cut = bytes.get(..most).unwrap_or(bytes);
    String::from_utf8_lossy(cut).replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn to(host: &str, literal: Option<IpAddr>) -> Address {
        let url = Url::parse(&format!("https://{host}:8443/")).unwrap();
        Address { url, host: host.to_owned(), literal, port: 8443 }
    }

    /// Every machine has this name for itself: it stands for one of a public zone that leads inside.
    #[actix_web::test]
    async fn what_a_name_leads_to_is_checked_and_not_the_name_alone() {
        let inside = to("localhost", None);
        let refused = resolved(&inside, Ground::Real).await.unwrap_err();
        assert!(refused.starts_with("the host is not outside"), "{refused}");
        let found = resolved(&inside, Ground::Sandbox).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|one| one.ip().is_loopback() && one.port() == 8443));
        let private = to("10.0.0.1", Some(IpAddr::from([10, 0, 0, 1])));
        for ground in [Ground::Real, Ground::Sandbox] {
            resolved(&private, ground).await.unwrap_err();
        }
    }
}
