//! Time, handed in: the one file that asks the machine what time it is.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc};
use domain::program::Program;

/// Tells the time, in microseconds: what both databases keep.
pub trait Clock: Send + Sync + 'static {
    /// What the machine shows, however far a sandbox's clock is ahead of it. Tokens, sessions, locks, leases
    /// and keys of idempotency end by it: nobody is signed out when a sandbox's clock is moved.
    fn machine(&self) -> DateTime<Utc>;
    /// How far it is ahead of the machine; none for a clock that cannot be moved.
    fn ahead(&self) -> Option<&Ahead> {
        None
    }
    /// Now.
    fn now(&self) -> DateTime<Utc> {
        let ahead = self.ahead().map_or(TimeDelta::zero(), Ahead::get);
        self.machine().checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// How far a clock is ahead of its machine's.
#[derive(Debug, Default)]
pub struct Ahead(Mutex<TimeDelta>);

impl Ahead {
    /// How far.
    #[must_use]
    pub fn get(&self) -> TimeDelta {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Sets how far, as a whole, and tells whether that is news.
    pub fn set(&self, ahead: TimeDelta) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, ahead) != ahead
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn machine(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A sandbox's clock: it runs as the machine's does, as far ahead of it as it was moved.
#[derive(Debug, Default)]
pub struct SandboxClock(Ahead);

impl Clock for SandboxClock {
    fn machine(&self) -> DateTime<Utc> {
        SystemClock.machine()
    }
    fn ahead(&self) -> Option<&Ahead> {
        Some(&self.0)
    }
}

/// A clock that stands still until it is told to go on: for tests.
#[derive(Debug)]
pub struct ManualClock {
    machine: Mutex<DateTime<Utc>>,
    ahead: Ahead,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { machine: Mutex::new(start.trunc_subsecs(6)), ahead: Ahead::default() }
    }
    /// Sets the machine's time.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.machine.lock().unwrap_or_else(PoisonError::into_inner) = to.trunc_subsecs(6);
    }
    /// Lets time pass, and tells what the clock shows then; none where the calendar ends.
    pub fn advance(&self, by: TimeDelta) -> Option<DateTime<Utc>> {
        self.set(self.machine().checked_add_signed(by)?);
        Some(self.now())
    }
}

impl Clock for ManualClock {
    fn machine(&self) -> DateTime<Utc> {
        *self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn ahead(&self) -> Option<&Ahead> {
        Some(&self.ahead)
    }
}

/// The date of an instant in the program's own time zone. An unknown zone counts as UTC; programs
/// are validated when they are loaded.
#[must_use]
pub fn business_day(instant: DateTime<Utc>, program: &Program) -> NaiveDate {
    let zone: chrono_tz::Tz = program.zone.parse().unwrap_or(chrono_tz::UTC);
    instant.with_timezone(&zone).date_naive()
}

/// The instant at which a date begins in the program's own time zone.
#[must_use]
pub fn day_begins(date: NaiveDate, program: &Program) -> DateTime<Utc> {
    let zone: chrono_tz::Tz = program.zone.parse().unwrap_or(chrono_tz::UTC);
    let midnight = date.and_time(NaiveTime::MIN);
    // Where a clock is put forward at midnight, the day begins an hour later.
    let later = midnight.checked_add_signed(TimeDelta::hours(1)).unwrap_or(midnight);
    let found =
        [midnight, later].into_iter().find_map(|at| zone.from_local_datetime(&at).earliest());
    found.map_or(midnight.and_utc(), |at| at.with_timezone(&Utc))
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
        let begins = day_begins(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), &lssc);
        assert_eq!(begins, "2026-03-01T06:00:00Z".parse::<DateTime<Utc>>().unwrap());
        // In Santiago there is no midnight on this day.
        let there = Program { zone: "America/Santiago".to_owned(), ..lssc };
        let begins = day_begins(NaiveDate::from_ymd_opt(2024, 9, 8).unwrap(), &there);
        assert_eq!(begins, "2024-09-08T04:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), clock.now());
        let later = clock.advance(TimeDelta::days(31)).unwrap();
        assert_eq!(later, "2026-02-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(clock.now(), later);
    }

    #[test]
    fn a_clock_that_is_ahead_leaves_the_machine_where_it_is() {
        let start = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let ahead = clock.ahead().unwrap();
        assert!(ahead.set(TimeDelta::days(365)) && !ahead.set(TimeDelta::days(365)));
        assert_eq!((clock.machine(), clock.now()), (start, start + TimeDelta::days(365)));
        clock.advance(TimeDelta::days(1)).unwrap();
        assert_eq!(clock.now(), start + TimeDelta::days(366));
        assert!(SystemClock.ahead().is_none() && SandboxClock::default().ahead().is_some());
    }
}
