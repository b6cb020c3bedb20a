//! The clock of a sandbox: how far it is ahead of its machine's. It goes forward only, as time does.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use crate::{
    BadFact, Finding, calendar,
    decision::{Refused, by_state},
    facts,
};

/// The last year into which a sandbox's clock is moved: terms that begin then end on dates that can be told.
pub const LAST_YEAR: i32 = calendar::LAST_YEAR - 10;

/// The subject of its events: there is one.
pub const SUBJECT: &str = "sandbox";

/// How far the clock is ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxClock {
    /// How far, never negative.
    pub ahead: TimeDelta,
    /// When it was moved last, by the machine's clock.
    pub moved_at: Option<DateTime<Utc>>,
    /// Its version, from 1 on.
    pub version: i64,
}

facts! {
    /// What happened to the clock.
    pub enum SandboxEvent {
        /// It was moved ahead.
        ClockMoved = "sandbox.clock_moved" { from: DateTime<Utc>, to: DateTime<Utc> },
    }
}

/// Why the clock was not moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMoved {
    /// The instant cannot be one of it.
    Bad(BadFact),
    /// It is not later.
    Refused(Refused),
}

impl SandboxClock {
    /// What it shows while the machine shows `machine`.
    #[must_use]
    pub fn shows(&self, machine: DateTime<Utc>) -> DateTime<Utc> {
        machine.checked_add_signed(self.ahead).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Moves it to `to`, an instant later than the one that it shows.
    pub fn move_to(
        self,
        to: DateTime<Utc>,
        machine: DateTime<Utc>,
    ) -> Result<(Self, SandboxEvent), NotMoved> {
        let from = self.shows(machine);
        if to.year() > LAST_YEAR {
            let detail = format!("The clock is moved to the end of {LAST_YEAR} at most.");
            return Err(NotMoved::Bad(BadFact::at("/now", "out_of_range", detail)));
        }
        by_state(vec![Finding::new(
            "sandbox.clock_forward",
            "life cycle",
            to > from,
            format!("later than {from}"),
            to.to_string(),
            "A sandbox's clock goes forward only.",
        )])
        .map_err(NotMoved::Refused)?;
        let ahead = to.signed_duration_since(machine);
        Ok((Self { ahead, moved_at: Some(machine), ..self }, SandboxEvent::ClockMoved { from, to }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn it_goes_forward_only_and_runs_on() {
        let clock = SandboxClock { ahead: TimeDelta::zero(), moved_at: None, version: 1 };
        let machine = at("2026-03-01T12:00:00Z");
        assert!(matches!(clock.move_to(machine, machine), Err(NotMoved::Refused(_))));
        let to = at("2030-02-28T12:00:00Z");
        let (moved, event) = clock.move_to(to, machine).unwrap();
        assert_eq!(event, SandboxEvent::ClockMoved { from: machine, to });
        let later = machine + TimeDelta::hours(1);
        assert_eq!(moved.shows(later), to + TimeDelta::hours(1));
        let back = moved.move_to(to, later).unwrap_err();
        let NotMoved::Refused(refused) = back else { unreachable!() };
        assert_eq!(refused.findings().first().unwrap().rule, "sandbox.clock_forward");
        assert!(moved.move_to(to + TimeDelta::hours(2), later).is_ok());
    }

    #[test]
    fn it_stays_in_the_calendar() {
        let clock = SandboxClock { ahead: TimeDelta::zero(), moved_at: None, version: 1 };
        let machine = at("2026-03-01T12:00:00Z");
        assert!(clock.move_to(at("2190-12-31T23:59:59Z"), machine).is_ok());
        let beyond = clock.move_to(at("2191-01-01T00:00:00Z"), machine);
        assert!(matches!(beyond, Err(NotMoved::Bad(bad)) if bad.code == "out_of_range"));
    }
}
