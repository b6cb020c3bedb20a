//! What is kept from somebody of the office who is part of a portfolio: its candidate never learns who judges
//! it, and who judges it reads nothing of what the others find before both are done (FAQ 10).

use super::{Assignment, AssignmentState, Portfolio, PortfolioAct, SEATS};
use crate::PersonId;

/// How somebody is part of a portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is their own.
    Candidate,
    /// They judge it, and not all is known yet that they find by themselves.
    Evaluator,
}

impl Assignment {
    /// Whether its evaluator may read what the others found: their own ratings are final, and those of
    /// both seats.
    #[must_use]
    pub fn sees_others(&self, all: &[Assignment]) -> bool {
        let done = |one: &Assignment| one.state == AssignmentState::Final;
        let seat_is_done = |seat: &i64| {
            all.iter().any(|one| one.attempt == self.attempt && one.seat == *seat && done(one))
        };
        done(self) && SEATS.iter().all(seat_is_done)
    }
}

impl Portfolio {
    /// How `reader` is part of it; none for who only looks at it.
    #[must_use]
    pub fn part_of(&self, reader: PersonId, assignments: &[Assignment]) -> Option<Part> {
        if reader == self.person {
            return Some(Part::Candidate);
        }
        let judges = |one: &Assignment| {
            one.evaluator == reader
                && Some(one.attempt) == self.attempt
                && matches!(one.state, AssignmentState::Open | AssignmentState::Final)
                && !one.sees_others(assignments)
        };
        let goes_on = PortfolioAct::Rate.from().contains(&self.state);
        (goes_on && assignments.iter().any(judges)).then_some(Part::Evaluator)
    }
}
