//! Recognised graduates who are admitted short of the hours of work (FAQ 12).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Candidacy, CandidacyEvent};
use crate::{
    Finding, GraduateId,
    decision::{self, Refused},
};

/// An admission by recognition before the hours of work were shown (FAQ 12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisional {
    /// The verified graduate of a recognition agreement.
    pub graduate: GraduateId,
    /// The day on which the hours were shown.
    pub hours_shown_on: Option<NaiveDate>,
}

impl Candidacy {
    /// Whether the candidate was admitted short of the hours and has not shown them yet.
    #[must_use]
    pub fn owes_hours(&self) -> bool {
        self.provisional.as_ref().is_some_and(|one| one.hours_shown_on.is_none())
    }

    /// The finding on whether there are hours left to show.
    #[must_use]
    pub fn owes_hours_finding(&self) -> Finding {
        let owes = self.owes_hours();
        Finding::new(
            "candidacy.owes_hours",
            "FAQ 12",
            owes,
            "admitted provisionally, hours not shown yet",
            if owes { "hours not shown yet" } else { "nothing to show" },
            "Hours are shown by a graduate who was admitted provisionally.",
        )
    }

    /// The hours of work are shown: `eligibility` holds its findings as of today, all satisfied.
    pub fn show_hours(
        mut self,
        eligibility: Vec<Finding>,
        today: NaiveDate,
    ) -> Result<(Self, CandidacyEvent), Refused> {
        decision::by_state(vec![self.owes_hours_finding()])?;
        let findings = decision::by_rule(eligibility)?;
        if let Some(one) = &mut self.provisional {
            one.hours_shown_on = Some(today);
        }
        Ok((self, CandidacyEvent::HoursShown { shown_on: today, findings }))
    }
}
