//! Course subsidies: part of a course's price, reimbursed after its completion, with proof of payment.

use chrono::NaiveDate;

use crate::{
    BadFact, CompletionId, Finding, PayoutId, PersonId, SubsidyId,
    completion::{Completion, CompletionState},
    decision::{self, Refused},
    facts,
    policy::AwardPolicy,
    program::ProgramCode,
    words,
};

words! {
    /// Where a subsidy stands.
    pub enum SubsidyState {
        /// Waits for the office.
        Requested = "requested",
        /// Granted: a payout is due.
        Granted = "granted",
        /// Declined.
        Declined = "declined",
    }
}

/// A course subsidy that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsidy {
    /// Identity.
    pub id: SubsidyId,
    /// The program.
    pub program: ProgramCode,
    /// Who asks.
    pub person: PersonId,
    /// The completion of the course: one subsidy of it is requested or granted.
    pub completion: CompletionId,
    /// What the course cost, in cents.
    pub paid_cents: i64,
    /// Where the receipt is, an `https` address.
    pub receipt_url: String,
    /// Where it stands.
    pub state: SubsidyState,
    /// The day of the request.
    pub requested_on: NaiveDate,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// What was granted, in cents.
    pub granted_cents: Option<i64>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The payout of a granted one.
    pub payout: Option<PayoutId>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What is wrong with a request's facts.
#[must_use]
pub fn check_subsidy(paid_cents: i64) -> Vec<BadFact> {
    let most = crate::invoice::MAX_PAYMENT_CENTS;
    if (1..=most).contains(&paid_cents) {
        return Vec::new();
    }
    let detail = format!("A course cost 1 to {most} cents.");
    vec![BadFact::at("/paid_cents", "out_of_range", detail)]
}

/// The findings on asking: the course was completed, and that was verified.
#[must_use]
pub fn subsidy_findings(completion: &Completion) -> Vec<Finding> {
    let verified = completion.state == CompletionState::Verified;
    vec![Finding::new(
        "subsidy.completed",
        "program awards",
        verified,
        "a verified completion",
        format!("a completion that is {}", completion.state),
        "A course subsidy is a reimbursement: it follows the verified completion of the course.",
    )]
}

impl Subsidy {
    /// What would be granted: what the course cost, at most the policy's amount.
    #[must_use]
    pub fn most_cents(&self, policy: &AwardPolicy) -> i64 {
        self.paid_cents.min(policy.course_subsidy_cents)
    }
    /// The finding on deciding.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        decision::state_finding("subsidy.state", act, self.state, &[SubsidyState::Requested])
    }
    /// The findings on granting `amount_cents`.
    #[must_use]
    pub fn grant_findings(&self, amount_cents: i64, policy: &AwardPolicy) -> Vec<Finding> {
        let most = self.most_cents(policy);
        vec![Finding::new(
            "subsidy.amount",
            "program awards",
            (1..=most).contains(&amount_cents),
            format!("1 to {most} cents"),
            format!("{amount_cents} cents"),
            "A subsidy is no more than the course cost, and no more than the program gives.",
        )]
    }
    /// Grants it; `completion` holds the findings on the completion as it stands now.
    pub fn grant(
        mut self,
        amount_cents: i64,
        mut findings: Vec<Finding>,
        payout: PayoutId,
        (policy, today): (&AwardPolicy, NaiveDate),
    ) -> Result<(Self, SubsidyEvent), Refused> {
        decision::by_state(vec![self.state_finding("grant the subsidy")])?;
        findings.extend(self.grant_findings(amount_cents, policy));
        decision::by_rule(findings)?;
        self.state = SubsidyState::Granted;
        self.decided_on = Some(today);
        self.granted_cents = Some(amount_cents);
        self.payout = Some(payout);
        Ok((self, SubsidyEvent::Granted { amount_cents, payout }))
    }
    /// Declines it.
    pub fn decline(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, SubsidyEvent), Refused> {
        decision::by_state(vec![self.state_finding("decline the subsidy")])?;
        self.state = SubsidyState::Declined;
        self.decided_on = Some(today);
        self.reason = Some(reason.clone());
        Ok((self, SubsidyEvent::Declined { reason }))
    }
}

facts! {
    /// What happens to course subsidies.
    pub enum SubsidyEvent {
        /// Somebody asked.
        Requested = "subsidy.requested" { completion: CompletionId, paid_cents: i64 },
        /// It was granted.
        Granted = "subsidy.granted" { amount_cents: i64, payout: PayoutId },
        /// It was declined.
        Declined = "subsidy.declined" { reason: String },
    }
}
