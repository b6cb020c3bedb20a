//! Every kind of problem: its slug, status, title and the page that explains it.

macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident = $slug:literal, $status:literal, $title:literal, $page:literal;)+) => {
        /// A kind of problem. Its slug is stable; clients switch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$meta])* #[doc = $title] $kind),+ }
        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];
            /// The last segment of the problem's `type`.
            #[must_use]
            pub const fn slug(self) -> &'static str { match self { $(Self::$kind => $slug),+ } }
            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 { match self { $(Self::$kind => $status),+ } }
            /// The title, the same at every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Self::$kind => $title),+ } }
            /// What it means and what to do about it.
            #[must_use]
            pub const fn page(self) -> &'static str { match self { $(Self::$kind => $page),+ } }
        }
    };
}

kinds! {
    MalformedBody = "malformed-body", 400, "The body is not JSON",
        "The request's body could not be read as one JSON document in UTF-8. Send one JSON object.";
    InvalidQuery = "invalid-query", 400, "A query parameter is not valid",
        "A parameter after the question mark is unknown, missing, given twice or has a value that it cannot have; `errors` names it in `parameter`.";
    InvalidCursor = "invalid-cursor", 400, "The cursor is not valid",
        "A cursor is opaque: send back the `next_cursor` of the page before, with the same filters, or none to start again.";
    InvalidHeader = "invalid-header", 400, "A header is not valid",
        "A header of the request does not have the form that its standard asks for.";
    IdempotencyKeyRequired = "idempotency-key-required", 400, "An Idempotency-Key is required",
        "This operation moves money or takes a decision. Send a fresh `Idempotency-Key` (1 to 255 visible ASCII characters) and repeat it when you retry.";
    BadRequest = "bad-request", 400, "The request could not be read",
        "The request does not follow HTTP.";
    Unauthenticated = "unauthenticated", 401, "Sign in first",
        "The operation needs an access token: `Authorization: Bearer ...`. People get one at POST /v1/sessions, machines at POST /oauth/token.";
    InvalidToken = "invalid-token", 401, "The access token is not valid",
        "The token is malformed, expired, revoked or not from an issuer that is trusted here. Get a new one.";
    InvalidCredentials = "invalid-credentials", 401, "E-mail or password is wrong",
        "There is no account with this e-mail address and this password. The answer is the same for unknown addresses.";
    InvalidRefreshToken = "invalid-refresh-token", 401, "The refresh token is not valid",
        "The refresh token is unknown, expired or was used before. A refresh token works once; a second use ends its session. Sign in again.";
    Forbidden = "forbidden", 403, "You may not do that",
        "You may see the resource, but your roles do not allow this operation on it.";
    InsufficientScope = "insufficient-scope", 403, "The token lacks a scope",
        "The machine's access token was not given the scope that this operation needs.";
    UnknownCertificate = "unknown-certificate", 404, "No such certificate",
        "No certificate of this number was awarded, or a character of it is mistyped: the last character checks the others.";
    NothingInForce = "nothing-in-force", 404, "Nothing was in force",
        "The program had no policy or no competency sets on the day asked for: it lies before the first version.";
    NotFound = "not-found", 404, "There is no such thing",
        "Nothing is there, or you may not know of it. An id of another kind is not found either.";
    MethodNotAllowed = "method-not-allowed", 405, "The method is not allowed here",
        "The path exists, the method does not; `Allow` lists those that do.";
    SlowBody = "slow-body", 408, "The body did not arrive in time",
        "The request's body was not complete within the server's time limit.";
    Conflict = "conflict", 409, "It is taken already",
        "Something that must be unique exists already; `detail` says what.";
    StateConflict = "state-conflict", 409, "Its state does not allow this",
        "The resource is not in a state in which this can be done; `findings` says why, its `actions` list what can be done.";
    IdempotencyKeyInUse = "idempotency-key-in-use", 409, "The first request with this key is still running",
        "A request with the same Idempotency-Key has not finished. Wait a moment and retry.";
    AccountDeactivated = "account-deactivated", 410, "The account is deactivated",
        "The person retired or died, or their personal data was erased: deactivate the account in your system. A list of accounts tells the state.";
    Stale = "stale", 412, "It has changed since you read it",
        "The `If-Match` entity tag is not the current one. Read the resource again and decide anew.";
    BodyTooLarge = "body-too-large", 413, "The body is too large",
        "The request's body is larger than the server takes.";
    UnsupportedMediaType = "unsupported-media-type", 415, "The media type is not supported",
        "Send the body with one of the media types that the operation takes, mostly `Content-Type: application/json`; `Accept` lists them.";
    InvalidInput = "invalid-input", 422, "The input is not valid",
        "The body can be read but is not what the operation takes; every entry of `errors` points at one fault. In a CSV file it is `#/LINE/COLUMN`, and the header is line 1.";
    RuleNotMet = "rule-not-met", 422, "The program's rules do not allow this",
        "The facts do not satisfy the program's rules; `findings` names each rule, what it asks for, what was found, and its source.";
    IdempotencyKeyReused = "idempotency-key-reused", 422, "The key was used for another request",
        "The same Idempotency-Key came with another method, path or body. Use a fresh key for a new request.";
    PreconditionRequired = "precondition-required", 428, "An If-Match is required",
        "Send the `ETag` of the resource as you read it in `If-Match`, so that nobody's change is overwritten unseen.";
    TooManyRequests = "too-many-requests", 429, "Too many requests",
        "A limit of requests is used up; `Retry-After` says in how many seconds to come back.";
    QuotaExceeded = "quota-exceeded", 429, "The daily quota of people is used up",
        "The machine would be told of more people than it may read of in a day. Ask for fewer at a time, or come back after `Retry-After` seconds; an admin can change the quota.";
    TooManyAttempts = "too-many-attempts", 429, "Too many failed attempts",
        "Signing in with this address has failed too often. Wait for `Retry-After` seconds; the wait grows with each failure.";
    Internal = "internal", 500, "Something went wrong here",
        "A fault of the server. Nothing was changed. Report the request id of `instance`.";
    Busy = "busy", 503, "The server is busy",
        "The server cannot take the request now. Retry after `Retry-After` seconds with the same Idempotency-Key.";
    Unavailable = "unavailable", 503, "The server is not available",
        "A part that the server needs is not available. Retry after `Retry-After` seconds with the same Idempotency-Key.";
}

impl Kind {
    /// The kind of a slug.
    #[must_use]
    pub fn of(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
    /// The kind that stands for a bare HTTP status that the framework answered.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::SlowBody,
            413 => Self::BodyTooLarge,
            415 => Self::UnsupportedMediaType,
            422 => Self::InvalidInput,
            429 => Self::TooManyRequests,
            503 => Self::Unavailable,
            400..=499 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_found() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.slug()), Some(*kind));
            assert!((400..=599).contains(&kind.status()));
        }
    }
}
