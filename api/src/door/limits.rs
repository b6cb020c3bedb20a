//! Limits of requests, counted for each caller in this server's memory.

use std::{net::IpAddr, num::NonZeroU32};

use actix_web::dev::ServiceRequest;
use domain::access::Who;
use governor::{
    RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use crate::{
    app::App,
    call::Call,
    config::{Config, RateLimit},
};

type Limiter =
    RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What is left to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The policy's name.
    pub policy: &'static str,
    /// How many requests a minute it grants.
    pub per_minute: u32,
    /// How many are left now.
    pub remaining: u32,
    /// In how many seconds one more is granted.
    pub reset_s: u64,
    /// Whether this request is within it.
    pub granted: bool,
}

struct Policy {
    name: &'static str,
    per_minute: u32,
    limiter: Limiter,
    clock: DefaultClock,
}

/// The limits; none when they are off.
pub struct Limits(Option<Classes>);

struct Classes {
    general: Policy,
    sign_in: Policy,
    evaluations: Policy,
}

/// Operations where somebody guesses, or writes unasked: counted by address, strictly.
const SIGN_IN: &[&str] = &[
    "sign_in",
    "refresh_session",
    "request_password_reset",
    "confirm_password_reset",
    "confirm_email",
    "register_person",
    "request_course",
    "issue_token",
    "change_password",
];

impl Policy {
    fn of(name: &'static str, per_minute: u32) -> Self {
        let quota =
            governor::Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { name, per_minute, limiter, clock: DefaultClock::default() }
    }
    fn take(&self, key: &String) -> Quota {
        let quota = |remaining, reset_s, granted| Quota {
            policy: self.name,
            per_minute: self.per_minute,
            remaining,
            reset_s,
            granted,
        };
        match self.limiter.check_key(key) {
            Ok(state) => quota(
                state.remaining_burst_capacity(),
                60_u64.div_ceil(u64::from(self.per_minute)),
                true,
            ),
            Err(not_yet) => {
                let wait = not_yet.wait_time_from(self.clock.now());
                quota(0, wait.as_secs().saturating_add(1), false)
            }
        }
    }
}

impl Limits {
    /// The limits that are configured.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        match config.rate_limit {
            RateLimit::Off => Self(None),
            RateLimit::On => Self(Some(Classes {
                general: Policy::of("default", config.rate_limit_per_minute),
                sign_in: Policy::of("sign-in", config.rate_limit_sign_in_per_minute),
                evaluations: Policy::of("evaluations", config.rate_limit_evaluations_per_minute),
            })),
        }
    }
    /// Counts a request; none when it is not limited.
    pub(super) fn take(&self, app: &App, call: &Call, request: &ServiceRequest) -> Option<Quota> {
        let classes = self.0.as_ref()?;
        if matches!(request.path(), "/livez" | "/readyz") {
            return None;
        }
        let address = || address(app, request);
        let id =
            call.operation.as_deref().map(|operation| operation.id.as_str()).unwrap_or_default();
        if SIGN_IN.contains(&id) {
            return Some(classes.sign_in.take(&address()));
        }
        let key = match call.caller().who {
            Who::Anonymous | Who::System => address(),
            Who::Person(person, _) => person.to_string(),
            Who::Client(client) => client.to_string(),
        };
        if id.starts_with("evaluate_") {
            return Some(classes.evaluations.take(&key));
        }
        Some(classes.general.take(&key))
    }
    /// Forgets callers whose quota is whole again, so that the tables do not grow for ever.
    pub fn forget_idle(&self) {
        if let Some(classes) = &self.0 {
            for policy in [&classes.general, &classes.sign_in, &classes.evaluations] {
                policy.limiter.retain_recent();
            }
        }
    }
}

/// The caller's address; IPv6 by its /64, which is what one customer is given.
fn address(app: &App, request: &ServiceRequest) -> String {
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .last()
        .filter(|_| app.config.trust_forwarded_for)
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse::<IpAddr>().ok());
    match forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip())) {
        Some(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_canonical().to_string(),
        None => "unknown".to_owned(),
    }
}
