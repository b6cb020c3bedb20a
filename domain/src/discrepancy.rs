//! Callbacks of payment providers that do not agree with what is recorded: kept for the office, which
//! says what became of them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    DiscrepancyId, Finding, InvoiceId, PaymentId,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a discrepancy stands.
    pub enum DiscrepancyState {
        /// The office has not looked at it.
        Open = "open",
        /// The office said what became of it.
        Resolved = "resolved",
    }
}

/// A callback that does not agree with what is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Identity.
    pub id: DiscrepancyId,
    /// The program.
    pub program: ProgramCode,
    /// The invoice that the callback names.
    pub invoice: InvoiceId,
    /// The payment that was recorded under the same reference.
    pub payment: Option<PaymentId>,
    /// The provider's reference.
    pub reference: String,
    /// What is recorded, or what could be taken, in cents.
    pub expected_cents: i64,
    /// What the callback says, in cents.
    pub actual_cents: i64,
    /// Why it was not taken.
    pub findings: Vec<Finding>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The day on which the office resolved it.
    pub resolved_on: Option<NaiveDate>,
    /// What became of it.
    pub resolution: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Discrepancy {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> DiscrepancyState {
        match self.resolved_on {
            None => DiscrepancyState::Open,
            Some(_) => DiscrepancyState::Resolved,
        }
    }
    /// The finding on resolving it.
    #[must_use]
    pub fn resolve_finding(&self) -> Finding {
        let open = [DiscrepancyState::Open];
        decision::state_finding("discrepancy.state", "resolve it", self.state(), &open)
    }
    /// The finding on whether its money is recorded nowhere, so that it can be taken as credit.
    #[must_use]
    pub fn unrecorded_finding(&self) -> Finding {
        let actual = self.payment.map_or("recorded nowhere".to_owned(), |id| format!("{id}"));
        Finding::new(
            "discrepancy.unrecorded",
            "FAQ 22",
            self.payment.is_none(),
            "recorded nowhere",
            actual,
            "Only money that no payment stands for is taken as credit.",
        )
    }
    /// The office says what became of it.
    pub fn resolve(
        mut self,
        resolution: String,
        today: NaiveDate,
    ) -> Result<(Self, DiscrepancyEvent), Refused> {
        decision::by_state(vec![self.resolve_finding()])?;
        self.resolved_on = Some(today);
        self.resolution = Some(resolution.clone());
        Ok((self, DiscrepancyEvent::Resolved { on: today, resolution }))
    }
}

facts! {
    /// What happens to discrepancies.
    pub enum DiscrepancyEvent {
        /// A callback came that does not agree.
        Found = "payment_discrepancy.found" { invoice: InvoiceId, reference: String, expected_cents: i64, actual_cents: i64 },
        /// The office said what became of it.
        Resolved = "payment_discrepancy.resolved" { on: NaiveDate, resolution: String },
    }
}
