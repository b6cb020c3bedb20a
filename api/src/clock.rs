//! Time, handed in: the one file that asks the machine what time it is.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use domain::program::Program;

/// Tells the time, in microseconds: what both databases keep.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
    /// Moves the clock by `by` and tells the new time. A real clock cannot be moved: `None`.
    fn advance(&self, by: TimeDelta) -> Option<DateTime<Utc>> {
        let _ = by;
        None
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until it is moved: for tests and the sandbox.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self(Mutex::new(start.trunc_subsecs(6)))
    }
    /// Sets the clock.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to.trunc_subsecs(6);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn advance(&self, by: TimeDelta) -> Option<DateTime<Utc>> {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add_signed(by)?;
        Some(*now)
    }
}

/// The machine's clock, moved by an offset: it runs on, and the sandbox can send it ahead.
#[derive(Debug, Default)]
pub struct ShiftedClock(Mutex<TimeDelta>);

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        let offset = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        SystemClock.now().checked_add_signed(offset).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
    fn advance(&self, by: TimeDelta) -> Option<DateTime<Utc>> {
        {
            let mut offset = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *offset = offset.checked_add(&by)?;
        }
        Some(self.now())
    }
}

/// The date of an instant in the program's own time zone. An unknown zone counts as UTC; programs
/// are validated when they are loaded.
#[must_use]
pub fn business_day(instant: DateTime<Utc>, program: &Program) -> NaiveDate {
    let zone: chrono_tz::Tz = program.zone.parse().unwrap_or(chrono_tz::UTC);
    instant.with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_evening_in_chicago_is_still_the_same_day() {
        let lssc = Program {
            code: domain::program::ProgramCode::lssc(),
            name: "LSSC".to_owned(),
            zone: "America/Chicago".to_owned(),
            parent: None,
        };
        let instant = "2026-03-02T04:30:00Z".parse().unwrap();
        assert_eq!(business_day(instant, &lssc), NaiveDate::from_ymd_opt(2026, 3, 1).unwrap());
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), clock.now());
        let later = clock.advance(TimeDelta::days(31)).unwrap();
        assert_eq!(later, "2026-02-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(clock.now(), later);
    }
}
