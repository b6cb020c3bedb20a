//! Callbacks of payment providers that do not agree with what is recorded: kept for the office, which
//! says what became of them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    DiscrepancyId, Finding, InvoiceId, PaymentId,
    decision::{self, Refused},
    facts,
    invoice::Invoice,
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
    /// What the callback says, in cents of `currency`.
    pub actual_cents: i64,
    /// The currency of the callback, ISO 4217.
    pub currency: String,
    /// Why it was not taken.
    pub findings: Vec<Finding>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The day on which the office resolved it.
    pub resolved_on: Option<NaiveDate>,
    /// What became of it.
    pub resolution: Option<String>,
    /// Whether its money was taken as credit of the invoice's payer.
    pub taken_as_credit: bool,
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
    /// Whether a callback says the same as this one did.
    #[must_use]
    pub fn says(&self, invoice: InvoiceId, actual_cents: i64, currency: &str) -> bool {
        (self.invoice, self.actual_cents, self.currency.as_str())
            == (invoice, actual_cents, currency)
    }
    /// The finding on resolving it.
    #[must_use]
    pub fn resolve_finding(&self) -> Finding {
        let open = [DiscrepancyState::Open];
        decision::state_finding("discrepancy.state", "resolve it", self.state(), &open)
    }
    /// The findings on taking its money as credit of the payer of `invoice`: no payment stands or stood for
    /// its reference, neither when it came nor since (`recorded`), and it is of the invoice's currency.
    #[must_use]
    pub fn credit_findings(&self, invoice: &Invoice, recorded: Option<PaymentId>) -> Vec<Finding> {
        let payment = self.payment.or(recorded);
        let actual = payment.map_or("recorded nowhere".to_owned(), |id| format!("{id}"));
        vec![
            Finding::new(
                "discrepancy.unrecorded",
                "FAQ 22",
                payment.is_none(),
                "recorded nowhere",
                actual,
                "Only money that no payment stands for is taken as credit.",
            ),
            Finding::new(
                "discrepancy.currency",
                "FAQ 21",
                self.currency == invoice.currency,
                invoice.currency.clone(),
                self.currency.clone(),
                "Credit is in the currency of the invoice: money of another goes back at the provider.",
            ),
        ]
    }
    /// The finding on whether the money of a reference was taken as credit already, by `credited`.
    #[must_use]
    pub fn credited_once_finding(credited: Option<DiscrepancyId>) -> Finding {
        Finding::new(
            "discrepancy.credited_once",
            "FAQ 22",
            credited.is_none(),
            "not credited",
            credited.map_or("not credited".to_owned(), |id| format!("credited by {id}")),
            "The money of one reference is taken as credit once.",
        )
    }
    /// The office says what became of it; with `take_as_credit` its money is credit of the invoice's payer.
    pub fn resolve(
        mut self,
        resolution: String,
        take_as_credit: bool,
        today: NaiveDate,
    ) -> Result<(Self, DiscrepancyEvent), Refused> {
        decision::by_state(vec![self.resolve_finding()])?;
        self.resolved_on = Some(today);
        self.resolution = Some(resolution.clone());
        self.taken_as_credit = take_as_credit;
        let fact =
            DiscrepancyEvent::Resolved { on: today, resolution, taken_as_credit: take_as_credit };
        Ok((self, fact))
    }
}

facts! {
    /// What happens to discrepancies.
    pub enum DiscrepancyEvent {
        /// A callback came that does not agree.
        Found = "payment_discrepancy.found" { invoice: InvoiceId, reference: String, expected_cents: i64, actual_cents: i64, currency: String },
        /// The office said what became of it.
        Resolved = "payment_discrepancy.resolved" { on: NaiveDate, resolution: String, taken_as_credit: bool },
    }
}
