//! What a renewal is submitted with, and how it is judged.

use chrono::NaiveDate;

use super::{LoggedActivity, Renewal, RenewalFacts, RenewalOutcome, evaluate_in};
use crate::{
    BadFact, Finding, RenewalId, certificate::Certification, competency::Framework, policy::Policy,
};

/// Judges the renewal of a certification by activities on a day: by [`super::evaluate`], in the window of
/// its present term.
pub fn judge(
    certification: &Certification,
    activities: &[LoggedActivity],
    day: NaiveDate,
    (framework, policy): (&Framework, &Policy),
) -> Result<RenewalOutcome, Vec<BadFact>> {
    let facts = RenewalFacts {
        term_started_on: certification.term_started_on(),
        expires_on: certification.expires_on,
        submitted_on: day,
        previous_submitted_on: certification.renewed.last().map(|one| one.submitted_on),
        activities: activities.iter().map(|one| one.facts.activity()).collect(),
    };
    evaluate_in(&facts, certification.window(), framework, policy)
}

/// What a renewal is submitted with.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// Its identity.
    pub id: RenewalId,
    /// The certification.
    pub certification: &'a Certification,
    /// The last day of the term that the holder means to renew, where they say so.
    pub expected: Option<NaiveDate>,
    /// Whether another one of the same term waits for its decision.
    pub waiting: bool,
    /// The activities that were chosen.
    pub activities: &'a [LoggedActivity],
    /// What they come to.
    pub outcome: RenewalOutcome,
    /// The version of the policy that judged them.
    pub policy_version: i64,
    /// The day.
    pub today: NaiveDate,
}

impl Submission<'_> {
    /// The findings by state: what must hold before the rules are asked.
    #[must_use]
    pub fn state_findings(&self) -> Vec<Finding> {
        let mut findings = vec![
            self.certification.renewable_finding(self.today),
            Renewal::once_finding(self.waiting),
        ];
        if let Some(expected) = self.expected {
            let expires_on = self.certification.expires_on;
            findings.push(Finding::new(
                "renewal.term",
                "FAQ 19",
                expected == expires_on,
                format!("the term that ends on {expires_on}"),
                format!("the term that ends on {expected}"),
                "The present term is renewed, and no other.",
            ));
        }
        let used: Vec<_> = self
            .activities
            .iter()
            .filter(|one| one.renewal.is_some())
            .map(|one| one.id.to_string())
            .collect();
        findings.push(Renewal::activities_finding(&used.join(", ")));
        findings
    }
}
