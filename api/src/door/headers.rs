//! The headers that every answer carries.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_TYPE, HeaderName,
        HeaderValue,
    },
};

use super::limits::Quota;
use crate::{call::Call, extract::TraceParent};

/// Sets request id, trace context, security headers and limits; what a handler set stays.
pub(super) fn dress(
    call: &Call,
    trace: Option<TraceParent>,
    quota: Option<&Quota>,
    response: &mut HttpResponse<BoxBody>,
) {
    let page = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    let mut set = |name: &'static str, value: &str| {
        let name = HeaderName::from_static(name);
        if let Ok(value) = HeaderValue::from_str(value)
            && !response.headers().contains_key(&name)
        {
            response.headers_mut().insert(name, value);
        }
    };
    set("x-request-id", &call.request_id);
    if let Some(trace) = trace {
        set("traceparent", &trace.to_string());
    }
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "no-referrer");
    set("cross-origin-resource-policy", "same-origin");
    set("strict-transport-security", "max-age=31536000; includeSubDomains");
    set("permissions-policy", "interest-cohort=()");
    // Pages are Swagger UI, verification and problem pages: their own scripts and styles only.
    let policy = if page {
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    set("content-security-policy", policy);
    set("cache-control", "private, no-cache");
    set("vary", "Authorization, Origin, Accept-Encoding");
    if let Some(quota) = quota {
        set("ratelimit-policy", &format!("\"{}\";q={};w=60", quota.policy, quota.per_minute));
        set(
            "ratelimit",
            &format!("\"{}\";r={};t={}", quota.policy, quota.remaining, quota.reset_s),
        );
    }
}

/// Lets the pages of an allowed origin read an answer that no other layer has let them read.
pub(super) fn share(origin: Option<&str>, response: &mut HttpResponse<BoxBody>) {
    let headers = response.headers_mut();
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    if let Some(Ok(origin)) = origin.map(HeaderValue::from_str) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("Retry-After, RateLimit, RateLimit-Policy, X-Request-Id"),
        );
    }
}
