//! Sessions: one sign-in of a person, and the family of refresh tokens that follows it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{PersonId, SessionId, facts, words};

words! {
    /// Why a session ended.
    pub enum SessionEnd {
        /// The person signed out.
        SignedOut = "signed_out",
        /// A refresh token was used twice: somebody else has it.
        TokenReused = "token_reused",
        /// The password was changed or reset.
        PasswordChanged = "password_changed",
        /// The person was merged into another one.
        Merged = "merged",
        /// The person died, or was erased.
        PersonGone = "person_gone",
        /// Its token was revoked.
        Revoked = "revoked",
    }
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identity.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// When the person signed in.
    pub started_at: DateTime<Utc>,
    /// When it ends, however often it is refreshed.
    pub expires_at: DateTime<Utc>,
    /// When and why it ended before.
    pub ended: Option<(DateTime<Utc>, SessionEnd)>,
}

impl Session {
    /// Whether it is in force at `now`.
    #[must_use]
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        self.ended.is_none() && now < self.expires_at
    }
}

/// One refresh token of a session; the token itself is known to its holder only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Its session.
    pub session: SessionId,
    /// When it was given out.
    pub issued_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it was used: it works once.
    pub used_at: Option<DateTime<Utc>>,
}

/// What the use of a refresh token comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// The session goes on with a new token.
    Granted,
    /// The token has ended, or its session has: sign in again.
    Ended,
    /// The token was used before: whoever holds it, its session must end.
    Reused,
}

impl RefreshToken {
    /// What its use at `now` comes to (RFC 9700 section 4.14.2: a reused token ends its family).
    #[must_use]
    pub fn judge(&self, session: &Session, now: DateTime<Utc>) -> Refresh {
        if !session.stands(now) {
            Refresh::Ended
        } else if self.used_at.is_some() {
            Refresh::Reused
        } else if now < self.expires_at {
            Refresh::Granted
        } else {
            Refresh::Ended
        }
    }
}

/// How long an address is locked after its `failures`-th failed sign-in in a row: nothing before
/// `after`, then `first`, doubled by each further one, an hour at most.
#[must_use]
pub fn lock(failures: u32, after: u32, first: TimeDelta) -> Option<TimeDelta> {
    let doublings = failures.checked_sub(after)?;
    let most = TimeDelta::hours(1);
    let factor = 1_i32.checked_shl(doublings.min(30)).filter(|factor| *factor > 0);
    Some(factor.and_then(|factor| first.checked_mul(factor)).map_or(most, |lock| lock.min(most)))
}

facts! {
    /// What happens to sessions.
    pub enum SessionEvent {
        /// Somebody signed in.
        Started = "session.started" { session: SessionId },
        /// A session ended.
        Ended = "session.ended" { session: SessionId, reason: SessionEnd },
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn locks_grow_to_an_hour() {
        let lock =
            |failures| lock(failures, 5, TimeDelta::seconds(30)).map(|lock| lock.num_seconds());
        assert_eq!(lock(4), None);
        assert_eq!(lock(5), Some(30));
        assert_eq!(lock(6), Some(60));
        assert_eq!(lock(11), Some(1920));
        assert_eq!(lock(12), Some(3600));
        assert_eq!(lock(u32::MAX), Some(3600));
    }

    #[test]
    fn a_refresh_token_works_once() {
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut session = Session {
            id: SessionId::from_bits(1),
            person: PersonId::from_bits(2),
            started_at: now,
            expires_at: now + TimeDelta::days(90),
            ended: None,
        };
        let mut token = RefreshToken {
            hash: [0; 32],
            session: session.id,
            issued_at: now,
            expires_at: now + TimeDelta::days(14),
            used_at: None,
        };
        assert_eq!(token.judge(&session, now), Refresh::Granted);
        assert_eq!(token.judge(&session, now + TimeDelta::days(14)), Refresh::Ended);
        token.used_at = Some(now);
        assert_eq!(token.judge(&session, now), Refresh::Reused);
        session.ended = Some((now, SessionEnd::SignedOut));
        assert_eq!(token.judge(&session, now), Refresh::Ended);
    }
}
