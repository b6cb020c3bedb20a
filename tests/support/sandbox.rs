//! Sentences of a sandbox: its clock is moved.

use reqwest::Method;
use serde_json::{Value, json};

use super::actor::{Actor, Answer, send};

/// Where the clock is.
pub(crate) const CLOCK: &str = "/v1/sandbox/clock";

impl Actor {
    /// Asks to move the clock that was read with this entity tag.
    pub(crate) async fn sets_clock(&self, etag: Option<&str>, body: &Value) -> Answer {
        let request = self.request(Method::PUT, CLOCK).json(body);
        send(match etag {
            Some(etag) => request.header("If-Match", etag),
            None => request,
        })
        .await
    }
    /// Moves the clock to noon of a day.
    pub(crate) async fn goes_to(&self, day: &str) -> Answer {
        let etag = self.get(CLOCK).await.expect(200).etag();
        let body = json!({"now": format!("{day}T18:00:00Z")});
        self.sets_clock(Some(&etag), &body).await.expect(200)
    }
}
