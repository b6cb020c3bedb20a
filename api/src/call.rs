//! The call: who asks, under which request id, at which path; what every handler takes first.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use domain::{
    access::{Action, Caller, Facts, Reach, Who},
    program::ProgramCode,
};
use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::{Arc, OnceLock},
};

use crate::{
    disclosure::Disclosed, extract::IdempotencyKey, openapi::routes::Operation, problem::Problem,
};

/// One request, without its body. Cheap to clone: one pointer.
#[derive(Debug, Clone)]
pub struct Call(Arc<Inner>);

/// What a [`Call`] is made of; the door makes it.
#[derive(Debug)]
pub struct Inner {
    /// The request's id, echoed as `X-Request-Id`.
    pub request_id: String,
    /// The method, a HEAD already turned into GET.
    pub method: String,
    /// The path as it was asked for.
    pub path: String,
    /// The query string, without the question mark.
    pub query: String,
    /// The operation that the route serves, if it is one of the document.
    pub operation: Option<Arc<Operation>>,
    /// Who asks, or why their token does not hold.
    pub caller: Result<Caller, Problem>,
    /// The `Idempotency-Key`, or what is wrong with it.
    pub key: Result<Option<IdempotencyKey>, Problem>,
    /// SHA-256 of the body, once it was read.
    pub digest: OnceLock<[u8; 32]>,
    /// Of whom the answer tells, when a machine asks.
    pub disclosed: Disclosed,
}

static ANONYMOUS: OnceLock<Caller> = OnceLock::new();

impl Call {
    /// A call of what the door found out.
    #[must_use]
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
    /// Who asks; nobody when they did not sign in.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        self.0.caller.as_ref().unwrap_or_else(|_| ANONYMOUS.get_or_init(Caller::anonymous))
    }
    /// Who asks, or 401 when nobody signed in.
    pub fn signed(&self) -> Result<&Caller, Problem> {
        match &self.0.caller {
            Ok(caller) if caller.who == Who::Anonymous => Err(Problem::unauthenticated()),
            Ok(caller) => Ok(caller),
            Err(problem) => Err(problem.clone()),
        }
    }
    /// `Ok` when the caller may do `action` to what `facts` describe; else 401, 403 or 404.
    pub fn allow(&self, action: Action, facts: &Facts) -> Result<(), Problem> {
        match &self.0.caller {
            Ok(caller) => caller.may(action, facts).map_err(Problem::from),
            Err(problem) => Err(problem.clone()),
        }
    }
    /// [`allow`](Self::allow) for what is of a program: 404 for a machine that is confined to others.
    pub fn allow_in(
        &self,
        action: Action,
        facts: &Facts,
        program: &ProgramCode,
    ) -> Result<(), Problem> {
        match &self.0.caller {
            Ok(caller) => caller.may_in(action, facts, program).map_err(Problem::from),
            Err(problem) => Err(problem.clone()),
        }
    }
    /// How far the caller's right to list by `action` reaches; 401 when nobody signed in.
    pub fn reach(&self, action: Action) -> Result<Reach, Problem> {
        match &self.0.caller {
            Ok(caller) => caller.reach(action).map_err(Problem::from),
            Err(problem) => Err(problem.clone()),
        }
    }
    /// The caller as the event log names them: `person_...`, `client_...`, `anonymous` or `system`.
    #[must_use]
    pub fn actor(&self) -> String {
        match self.caller().who {
            Who::Anonymous => "anonymous".to_owned(),
            Who::Person(person, _) => person.to_string(),
            Who::Client(client) => client.to_string(),
            Who::System => "system".to_owned(),
        }
    }
    /// Path and query with another `cursor`: the next page's address.
    #[must_use]
    pub fn path_with_cursor(&self, cursor: &str) -> String {
        let mut query: Vec<_> = self
            .0
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
            .collect();
        let cursor = format!("cursor={cursor}");
        query.push(&cursor);
        format!("{}?{}", self.0.path, query.join("&"))
    }
    /// `Ok` unless the caller is one that the operation does not let in at all: what a request whose
    /// path or query cannot be read is asked first, so that 401 comes before 400 and 404.
    pub fn before_shape(&self) -> Result<(), Problem> {
        let secured = self.0.operation.as_ref().is_some_and(|operation| operation.secured);
        if secured || self.0.caller.is_err() { self.signed().map(drop) } else { Ok(()) }
    }
    /// The call of a request that came through the door.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            Problem::internal("a request reached its handler without passing the door")
        })
    }
}

impl Deref for Call {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// A token that does not hold is 401 on every operation, public ones too: its bearer believes to be
/// signed in.
impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).and_then(|call| match &call.0.caller {
            Ok(_) => Ok(call),
            Err(problem) => Err(problem.clone()),
        }))
    }
}
