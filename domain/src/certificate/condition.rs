//! The public condition of a provisional certification (FAQ 12), and how a certification follows the
//! correction of what it rests on.

use chrono::NaiveDate;

use super::{Certification, CertificationEvent, Ground};
use crate::{
    Finding,
    certification::term::CertificationStatus,
    decision::{self, Refused},
    policy::Policy,
};

impl Certification {
    /// The last day of its condition, where the condition is open on `as_of`.
    #[must_use]
    pub fn open_condition(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        self.provisional_until.filter(|_| self.condition_met_on.is_none_or(|met| as_of < met))
    }

    /// The finding on whether the condition can be met today.
    #[must_use]
    pub fn condition_finding(&self, today: NaiveDate) -> Finding {
        let open = self.open_condition(today);
        let status = self.status(today);
        let lapsed = status == Some(CertificationStatus::Lapsed);
        let required = self
            .provisional_until
            .map_or_else(|| "a condition".to_owned(), |last| format!("shown by {last}"));
        let actual = match (open, lapsed) {
            (None, _) => "no open condition",
            (Some(_), true) => "lapsed",
            (Some(_), false) => "open",
        };
        Finding::new(
            "certification.condition_open",
            "FAQ 12",
            open.is_some() && !lapsed,
            required,
            actual,
            "The condition of a provisional certification is met before it lapses.",
        )
    }

    /// The hours of work are shown: `eligibility` holds its findings as of today, all satisfied. The
    /// certification is provisional no more.
    pub fn meet_condition(
        mut self,
        eligibility: Vec<Finding>,
        today: NaiveDate,
    ) -> Result<(Self, CertificationEvent), Refused> {
        decision::by_state(vec![self.condition_finding(today)])?;
        let findings = decision::by_rule(eligibility)?;
        self.condition_met_on = Some(today);
        Ok((self, CertificationEvent::ConditionMet { met_on: today, findings }))
    }

    /// The finding on a correction by which the requirement was first met on `completed_on`: nothing is
    /// awarded before it is met.
    #[must_use]
    pub fn met_finding(&self, completed_on: NaiveDate) -> Finding {
        let awarded_on = self.awarded_on;
        Finding::new(
            "certification.met_before_award",
            "FAQ 8",
            completed_on <= awarded_on,
            format!("met by {awarded_on}, the day of the award"),
            format!("met on {completed_on}"),
            "A requirement that was met after the award was not met then: the office revokes the certification first.",
        )
    }

    /// Follows the correction of an achievement on which it rests: the day on which the requirement was
    /// first met, its terms and its grounds. None where nothing of that changes.
    #[must_use]
    pub fn follow(
        mut self,
        completed_on: NaiveDate,
        achievements: Vec<Ground>,
        policy: &Policy,
        reason: String,
    ) -> Option<(Self, CertificationEvent)> {
        if self.completed_on == completed_on && self.achievements == achievements {
            return None;
        }
        let before = self.completed_on;
        self.begin_on(completed_on, policy);
        self.achievements.clone_from(&achievements);
        let event =
            CertificationEvent::Corrected { before, after: completed_on, achievements, reason };
        Some((self, event))
    }
}
