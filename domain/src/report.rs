//! Reports for the office: what is counted on a day, and how long things take.

use serde::Serialize;

use crate::words;

words! {
    /// What the office decides on, and is asked how long it takes.
    pub enum Turnaround {
        /// From the submission of an application to its acceptance or refusal.
        Application = "application",
        /// From the submission of a portfolio to the outcome of that round.
        Portfolio = "portfolio",
        /// From the submission of a course proposal to its approval or decline.
        CourseReview = "course_review",
    }
}

impl Turnaround {
    /// The events with which the clock starts: the last of them before the end counts.
    #[must_use]
    pub fn starts(self) -> &'static [&'static str] {
        match self {
            Self::Application => &["application.submitted", "application.reopened"],
            Self::Portfolio => &[
                "portfolio.submitted",
                "portfolio.resubmitted",
                "portfolio.chance_ran_out",
                "portfolio.first_outcome_set_aside",
                "portfolio.second_outcome_set_aside",
            ],
            Self::CourseReview => &["proposal.submitted", "proposal.reopened"],
        }
    }
    /// The events with which it ends.
    #[must_use]
    pub fn ends(self) -> &'static [&'static str] {
        match self {
            Self::Application => &["application.accepted", "application.refused"],
            Self::Portfolio => &[
                "portfolio.achieved",
                "portfolio.more_information_requested",
                "portfolio.not_achieved",
            ],
            Self::CourseReview => &["proposal.approved", "proposal.declined"],
        }
    }
}

/// How long several things took, in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// Half of them took so long at most; none of none.
    pub median: Option<u32>,
    /// Nine in ten took so long at most.
    pub ninetieth: Option<u32>,
    /// The longest.
    pub longest: Option<u32>,
}

impl Spread {
    /// The spread of these, in any order. A percentile is the smallest one that so many do not exceed (nearest
    /// rank): always one that was taken.
    #[must_use]
    pub fn of(mut days: Vec<u32>) -> Self {
        days.sort_unstable();
        let rank = |percent: usize| {
            let rank = days.len().saturating_mul(percent).div_ceil(100);
            days.get(rank.saturating_sub(1)).copied()
        };
        Self { count: days.len(), median: rank(50), ninetieth: rank(90), longest: rank(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Word;

    #[test]
    fn every_event_is_one_that_happens() {
        let known = [
            crate::application::ApplicationEvent::TYPES,
            crate::portfolio::PortfolioEvent::TYPES,
            crate::course::proposal::ProposalEvent::TYPES,
        ]
        .concat();
        for what in Turnaround::ALL {
            for event in what.starts().iter().chain(what.ends()) {
                assert!(known.contains(event), "{event}");
            }
        }
    }

    fn told(days: &[u32]) -> (usize, Option<u32>, Option<u32>, Option<u32>) {
        let spread = Spread::of(days.to_vec());
        (spread.count, spread.median, spread.ninetieth, spread.longest)
    }

    #[test]
    fn a_percentile_is_one_that_was_taken() {
        assert_eq!(told(&[]), (0, None, None, None));
        assert_eq!(told(&[7]), (1, Some(7), Some(7), Some(7)));
        assert_eq!(told(&[9, 1]), (2, Some(1), Some(9), Some(9)));
        assert_eq!(told(&[3, 1, 2]), (3, Some(2), Some(3), Some(3)));
        let ten: Vec<u32> = (1..=10).rev().collect();
        assert_eq!(told(&ten), (10, Some(5), Some(9), Some(10)));
        let eleven: Vec<u32> = (1..=11).collect();
        assert_eq!(told(&eleven), (11, Some(6), Some(10), Some(11)));
    }
}
