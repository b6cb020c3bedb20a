//! The door: what every request passes on its way in and out.
//!
//! In: request id and trace context, the caller, the limits. Out: problems from every path, the
//! headers that every answer carries, one log line, the metrics. A panic costs its own request only.

mod headers;
pub mod limits;
mod merged;
pub mod metrics;

use std::{
    panic::AssertUnwindSafe,
    sync::OnceLock,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{Method, header::CONTENT_TYPE},
    middleware::Next,
};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::{
    app::App,
    call::{Call, Inner},
    disclosure::Disclosed,
    extract::{IdempotencyKey, TraceParent, request_id},
    problem::{Kind, Problem},
    scim,
};
use limits::{Limits, Quota};
use metrics::Metrics;

/// Limits and metrics of one server.
pub struct Door {
    /// The limits of requests.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Metrics,
}

/// The outermost middleware of the application.
pub async fn pass(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let app = match App::of(request.request()) {
        Ok(app) => app,
        Err(problem) => return Err(problem.into()),
    };
    // HTTP wants HEAD wherever GET is; the server leaves the body out by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let template = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let (call, trace) = arrive(&app, &request, &template).await;
    let span = tracing::info_span!(
        "request",
        request_id = call.request_id,
        trace_id = trace.map(|trace| format!("{:032x}", trace.trace)),
        operation = call.operation.as_deref().map(|operation| operation.id.as_str()),
    );
    let quota = app.door.limits.take(&app, &call, &request);
    request.extensions_mut().insert(call.clone());
    let route = template.clone();
    let origin = allowed_origin(&app, &request);
    let finish = |response: HttpResponse<BoxBody>| {
        let mut response = span.in_scope(|| told(&app, &call, response));
        headers::dress(&call, trace, quota.as_ref(), &mut response);
        headers::share(origin.as_deref(), &mut response);
        let status = response.status().as_u16();
        span.in_scope(|| counted(&app, &call, &route, status, began.elapsed()));
        response
    };
    if let Some(problem) = refused(&app, &template, quota.as_ref()) {
        let (request, _) = request.into_parts();
        return Ok(ServiceResponse::new(request, finish(HttpResponse::from_error(problem))));
    }
    // The router needs the request for itself: no clone of it may live while the rest of the way runs.
    let rest = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind();
    match rest.instrument(span.clone()).await {
        Ok(Ok(response)) => {
            let (request, response) = response.into_parts();
            let response = response.map_into_boxed_body();
            let response = merged::resolved(&app, &call, &route, response).await;
            Ok(ServiceResponse::new(request, finish(response)))
        }
        Ok(Err(error)) => {
            let response = error.error_response();
            Err(answered(finish(merged::resolved(&app, &call, &route, response).await)))
        }
        Err(_panic) => {
            let problem = Problem::internal("the handler panicked");
            Err(answered(finish(HttpResponse::from_error(problem))))
        }
    }
}

/// A response as the error that carries it: what is left when the request is gone.
fn answered(response: HttpResponse<BoxBody>) -> Error {
    InternalError::from_response("answered", response).into()
}

fn counted(app: &App, call: &Call, route: &str, status: u16, took: Duration) {
    app.door.metrics.observe(&call.method, route, status, took);
    if !matches!(route, "/livez" | "/readyz") {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let actor = call.actor();
        tracing::info!(method = call.method, route, status, took_us, actor, "answered");
    }
}

async fn arrive(
    app: &App,
    request: &ServiceRequest,
    template: &str,
) -> (Call, Option<TraceParent>) {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let trace = header("traceparent").and_then(TraceParent::parse);
    let id = header("x-request-id").and_then(request_id).map(str::to_owned);
    let request_id = id.unwrap_or_else(|| format!("{:032x}", app.ids.next(app.now())));
    let method = request.method().as_str().to_owned();
    let operation = app.document.routes.operation(&method, template);
    let call = Call::new(Inner {
        request_id,
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        operation,
        caller: crate::auth::authenticate(app, request.headers()).await,
        key: IdempotencyKey::of(request.headers()),
        digest: OnceLock::new(),
        disclosed: Disclosed::default(),
        method,
    });
    (call, trace)
}

/// The origin that asks, when it is one of the allow-list: the door's own refusals never reach the
/// layer that knows CORS, and a front-end must be able to read them.
fn allowed_origin(app: &App, request: &ServiceRequest) -> Option<String> {
    let origin = request.headers().get("origin").and_then(|value| value.to_str().ok())?;
    app.config.cors_origins.iter().find(|allowed| *allowed == origin).cloned()
}

/// Why a request is not let in at all.
fn refused(app: &App, template: &str, quota: Option<&Quota>) -> Option<Problem> {
    if !app.is_open() && !matches!(template, "/livez" | "/readyz") {
        return Some(Problem::unavailable("the server is stopping"));
    }
    quota.filter(|quota| !quota.granted).map(|quota| {
        Problem::new(Kind::TooManyRequests, format!("The limit {:?} is used up.", quota.policy))
            .with_header("Retry-After", quota.reset_s.max(1).to_string())
    })
}

/// Every refusal as a problem with this request's id, whoever refused; its cause to the log.
fn told(app: &App, call: &Call, response: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
    let status = response.status().as_u16();
    let problem = response.extensions().get::<Problem>().cloned();
    let problem = match problem {
        Some(problem) => problem,
        None if status < 400 || has_page(&response) => return response,
        None => bare(app, call, status),
    };
    match (problem.kind().status(), problem.cause()) {
        (500.., cause) => {
            tracing::error!(problem = problem.kind().slug(), cause, "the server failed a request");
        }
        (_, Some(cause)) => tracing::debug!(problem = problem.kind().slug(), cause, "refused"),
        (_, None) => {}
    }
    let told = if scim::is_asked(&call.path) {
        scim::error(&problem)
    } else {
        problem.reply(&call.request_id)
    };
    let mut told = told.into_response();
    // What other layers said stays: CORS above all.
    for (name, value) in response.headers() {
        if !told.headers().contains_key(name) && !OF_THE_BODY.contains(&name.as_str()) {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    told
}

/// Headers that describe a body, which a problem replaces.
const OF_THE_BODY: &[&str] =
    &["content-length", "content-encoding", "content-type", "transfer-encoding", "etag"];

/// Whether an error answer says for itself what is wrong: OAuth's own errors, health, a page.
fn has_page(response: &HttpResponse<BoxBody>) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    kind.contains("json") || kind.contains("html")
}

/// The problem for a status that the framework answered without one.
fn bare(app: &App, call: &Call, status: u16) -> Problem {
    match (status, app.document.routes.allow(&call.path)) {
        // The framework answers 404 for a method that a path does not take.
        (404 | 405, Some(allow)) if !listed(&allow, &call.method) => {
            Problem::new(Kind::MethodNotAllowed, format!("Here is {allow} only."))
                .with_header("Allow", allow)
        }
        (404, _) => Problem::not_found(),
        _ => {
            let kind = Kind::of_status(status);
            Problem::new(kind, kind.title())
        }
    }
}

fn listed(allow: &str, method: &str) -> bool {
    allow.split(", ").any(|allowed| allowed == method)
}
