//! Who acts in a test, and what they are answered.

use std::sync::atomic::{AtomicU64, Ordering};

use api::problem::Kind;
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

/// Somebody or some machine at the API's door.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    http: Client,
    base: String,
    /// Who: a person, a client, or nobody.
    pub(crate) id: String,
    /// The access token.
    pub(crate) token: Option<String>,
    /// The refresh token.
    pub(crate) refresh: String,
}

/// A key that nobody has used.
pub(crate) fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Actor {
    /// Somebody who is not signed in.
    pub(crate) fn anyone(base: String) -> Self {
        // Every request has a connection of its own: a server that stops then waits for nobody.
        let http = Client::builder()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { http, base, id: String::new(), token: None, refresh: String::new() }
    }
    /// The same with another token.
    pub(crate) fn with_token(&self, token: &str, id: &str) -> Self {
        Self { token: Some(token.to_owned()), id: id.to_owned(), ..self.clone() }
    }
    /// The same at another server.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }
    /// The person who signs in.
    pub(crate) async fn signs_in(&self, email: &str, password: &str) -> Self {
        let answer = self.tries_to_sign_in(email, password).await.expect(201);
        let mut person = self.with_token(&answer.text("access_token"), &answer.text("person"));
        person.refresh = answer.text("refresh_token");
        person
    }
    /// An attempt to sign in.
    pub(crate) async fn tries_to_sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/v1/sessions", json!({"email": email, "password": password})).await
    }

    /// A request, ready to be changed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }
    /// POST with a fresh `Idempotency-Key`.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_as(&fresh_key(), path, body).await
    }
    /// POST with this `Idempotency-Key`.
    pub(crate) async fn post_as(&self, key: &str, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(&body)).await
    }
    /// POST without a key.
    pub(crate) async fn post_bare(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }
    /// POST without a body.
    pub(crate) async fn post_empty(&self, path: &str) -> Answer {
        send(self.request(Method::POST, path).header("Idempotency-Key", fresh_key())).await
    }
    /// POST of a form.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.request(Method::POST, path).form(fields)).await
    }
    /// PATCH of the version that has this entity tag.
    pub(crate) async fn patch(&self, path: &str, etag: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).header("If-Match", etag).json(&body)).await
    }
    /// DELETE of the version that has this entity tag.
    pub(crate) async fn delete(&self, path: &str, etag: &str) -> Answer {
        send(self.request(Method::DELETE, path).header("If-Match", etag)).await
    }
}

/// Sends a request and checks what holds for every answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.expect("a request");
    let what = format!("{} {}", request.method(), request.url().path());
    let response = client.execute(request).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.expect("a whole body").to_vec();
    let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let answer = Answer { status, headers, bytes, json, what };
    answer.check();
    answer
}

/// What was answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) bytes: Vec<u8>,
    /// The body as JSON, null when it is none.
    pub(crate) json: Value,
    what: String,
}

impl std::ops::Index<&str> for Answer {
    type Output = Value;
    fn index(&self, field: &str) -> &Value {
        &self.json[field]
    }
}

impl Answer {
    /// The answer, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.body());
        self
    }
    /// The answer, if it is a problem of this kind.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, slug: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(
            answer["type"],
            format!("/problems/{slug}"),
            "{}: {}",
            answer.what,
            answer.body()
        );
        answer
    }
    /// The answer, if it is a 422 whose one fault is at this pointer.
    #[track_caller]
    pub(crate) fn faulty(self, pointer: &str, code: &str) -> Self {
        let answer = self.refused(422, "invalid-input");
        let errors = answer["errors"].as_array().expect("errors");
        let found: Vec<_> = errors.iter().map(|one| (&one["pointer"], &one["code"])).collect();
        assert_eq!(found, [(&json!(pointer), &json!(code))], "{}: {}", answer.what, answer.body());
        answer
    }
    /// The answer, if its unsatisfied findings are of exactly these rules.
    #[track_caller]
    pub(crate) fn unmet(self, rules: &[&str]) -> Self {
        let findings = self["findings"].as_array().expect("findings");
        let unmet: Vec<_> = findings
            .iter()
            .filter(|one| one["satisfied"] == json!(false))
            .map(|one| one["rule"].as_str().expect("a rule"))
            .collect();
        assert_eq!(unmet, rules, "{}: {}", self.what, self.body());
        self
    }
    /// A field that is a text.
    #[track_caller]
    pub(crate) fn text(&self, field: &str) -> String {
        match self[field].as_str() {
            Some(text) => text.to_owned(),
            None => panic!("{}: no text {field} in {}", self.what, self.body()),
        }
    }
    /// The resource's id.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.text("id")
    }
    /// A header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("{}: no header {name}", self.what))
            .to_str()
            .expect("a header of visible characters")
    }
    /// The entity tag.
    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        self.header("etag").to_owned()
    }
    /// The body as text.
    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    /// Whether the caller may do an action next.
    #[track_caller]
    pub(crate) fn allows(&self, action: &str) -> bool {
        let actions = self["actions"].as_array().expect("actions");
        let found = actions.iter().find(|one| one["name"] == action);
        found.unwrap_or_else(|| panic!("no action {action} in {}", self.body()))["allowed"] == true
    }

    fn check(&self) {
        let told = format!("{} answered {} {}", self.what, self.status, self.body());
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{told}");
        let request_id = self.header("x-request-id");
        let elsewhere = self.what.contains(" /oauth/")
            || self.what.contains(" /scim/")
            || self.what.contains(" /readyz");
        let page =
            self.headers.get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8");
        if self.status < 400 || elsewhere || page || self.what.starts_with("HEAD") {
            return;
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{told}");
        assert_eq!(self["status"], self.status, "{told}");
        let slug = self["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/"));
        let kind = slug.and_then(Kind::of).unwrap_or_else(|| panic!("{told}: no known type"));
        assert_eq!(kind.status(), self.status, "{told}");
        assert_eq!(self["title"], kind.title(), "{told}");
        // A stored refusal tells of the request that was refused first.
        if !self.headers.contains_key("idempotency-replayed") {
            assert_eq!(self["instance"], format!("urn:request:{request_id}"), "{told}");
        }
        assert!(self["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{told}");
        assert!(self.status != 500, "{told}");
    }
}
