//! Payouts: what the program returns or reimburses. Due by a decision, made by the office once.

use chrono::NaiveDate;

use crate::{
    InvoiceId, PaymentId, PayoutId, SubsidyId,
    decision::{self, Refused},
    facts,
    invoice::Tender,
    ledger::Payer,
    program::ProgramCode,
    words,
};

words! {
    /// What a payout is for.
    pub enum PayoutKind {
        /// A payment that is returned.
        Refund = "refund",
        /// Credit that is paid out.
        CreditRefund = "credit_refund",
        /// A course subsidy: a reimbursement.
        CourseSubsidy = "course_subsidy",
    }
}

words! {
    /// Where a payout stands.
    pub enum PayoutState {
        /// Waits in the office's queue.
        Due = "due",
        /// Made.
        Paid = "paid",
    }
}

/// How a payout was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutProof {
    /// How.
    pub tender: Tender,
    /// The outside reference: the processor's, the check's number.
    pub reference: String,
    /// The day.
    pub paid_on: NaiveDate,
}

/// Money that the program pays out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Identity.
    pub id: PayoutId,
    /// The program.
    pub program: ProgramCode,
    /// To whom.
    pub payee: Payer,
    /// What it is for.
    pub kind: PayoutKind,
    /// Cents.
    pub amount_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// The invoice of the payment that is returned.
    pub invoice: Option<InvoiceId>,
    /// The payment that is returned.
    pub payment: Option<PaymentId>,
    /// The subsidy that is reimbursed.
    pub subsidy: Option<SubsidyId>,
    /// Why.
    pub reason: String,
    /// From when on it is due.
    pub due_on: NaiveDate,
    /// How it was made.
    pub made: Option<PayoutProof>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Payout {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> PayoutState {
        if self.made.is_some() { PayoutState::Paid } else { PayoutState::Due }
    }
    /// The finding on making it.
    #[must_use]
    pub fn make_finding(&self) -> crate::Finding {
        let due = [PayoutState::Due];
        decision::state_finding("payout.state", "make the payout", self.state(), &due)
    }
    /// The office made it.
    pub fn make(mut self, proof: PayoutProof) -> Result<(Self, PayoutEvent), Refused> {
        decision::by_state(vec![self.make_finding()])?;
        let fact = PayoutEvent::Made {
            tender: proof.tender,
            reference: proof.reference.clone(),
            paid_on: proof.paid_on,
        };
        self.made = Some(proof);
        Ok((self, fact))
    }
    /// The event of its becoming due.
    #[must_use]
    pub fn due(&self) -> PayoutEvent {
        PayoutEvent::Due {
            payee: self.payee,
            kind: self.kind,
            amount_cents: self.amount_cents,
            payment: self.payment,
            reason: self.reason.clone(),
        }
    }
}

facts! {
    /// What happens to payouts.
    pub enum PayoutEvent {
        /// It became due.
        Due = "payout.due" { payee: Payer, kind: PayoutKind, amount_cents: i64, payment: Option<PaymentId>, reason: String },
        /// It was made.
        Made = "payout.made" { tender: Tender, reference: String, paid_on: NaiveDate },
    }
}
