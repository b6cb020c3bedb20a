//! Invoices and what is paid of them. Amounts are integer cents, checked.

mod acts;
mod card;
mod payment;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use card::*;
pub use payment::*;

use crate::{
    ApplicationId, Finding, InvoiceId, PaymentId, PersonId, PurchaseOrderId, decision, facts,
    ledger::Payer, policy::FeeCode, program::ProgramCode, words,
};

words! {
    /// Where an invoice stands, computed from its payments.
    pub enum InvoiceState {
        /// Nothing was paid.
        Open = "open",
        /// Something was paid, not all.
        PartPaid = "part_paid",
        /// Paid in full: what it is for is settled.
        Paid = "paid",
        /// Void: nothing is owed.
        Void = "void",
    }
}

/// The states in which something is owed.
pub const OWED: &[InvoiceState] = &[InvoiceState::Open, InvoiceState::PartPaid];

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The fee's code in the schedule: `application`.
    pub code: FeeCode,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents.
    pub unit_cents: i64,
    /// The price of all, in cents.
    pub amount_cents: i64,
    /// Whether the member price was taken.
    pub member_price: bool,
    /// The member price of one on the day of issue, in cents, where there is one: what a membership that
    /// is verified later brings follows from it, whatever policy is published meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_unit_cents: Option<i64>,
}

/// The member price that was credited after the fact, once for an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCredit {
    /// The day of the credit.
    pub on: NaiveDate,
    /// Cents.
    pub amount_cents: i64,
    /// Who was credited, whoever pays the invoice later; none in records of before: its payer.
    #[serde(default)]
    pub to: Option<Payer>,
    /// What of it was taken back with the fee, in cents.
    #[serde(default)]
    pub taken_back_cents: i64,
}

impl MemberCredit {
    /// What of it was not taken back, in cents.
    #[must_use]
    pub fn left_cents(&self) -> i64 {
        self.amount_cents.saturating_sub(self.taken_back_cents)
    }
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Identity.
    pub id: InvoiceId,
    /// The program.
    pub program: ProgramCode,
    /// Its number, without gaps per program and year: `LSSC-2026-000001`.
    pub number: String,
    /// Who owes it.
    pub payer: Payer,
    /// The application whose fee it is.
    pub application: Option<ApplicationId>,
    /// The purchase order: of an institution's invoice, whose it is; of a person's, which one will pay it.
    pub order: Option<PurchaseOrderId>,
    /// What is owed.
    pub lines: Vec<InvoiceLine>,
    /// The sum of the lines, in cents.
    pub total_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// The day on which it was voided.
    pub voided_on: Option<NaiveDate>,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// The member price credited after the fact.
    pub member_credit: Option<MemberCredit>,
    /// What came in.
    pub payments: Vec<Payment>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// The number of the `sequence`th invoice of a program's year.
#[must_use]
pub fn invoice_number(program: &ProgramCode, year: i32, sequence: i64) -> String {
    format!("{}-{year}-{sequence:06}", program.as_str().to_uppercase())
}

impl Invoice {
    /// The person who owes it, if a person does.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.payer.person()
    }
    /// What was paid of it, in cents: never more than the total.
    #[must_use]
    pub fn paid_cents(&self) -> i64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.paid_cents()))
    }
    /// What is still owed, in cents.
    #[must_use]
    pub fn balance_cents(&self) -> i64 {
        if self.voided_on.is_some() {
            0
        } else {
            self.total_cents.saturating_sub(self.paid_cents())
        }
    }
    /// What was or is to be returned of it, in cents.
    #[must_use]
    pub fn refunded_cents(&self) -> i64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.refunded_cents))
    }
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> InvoiceState {
        match (self.voided_on, self.paid_cents()) {
            (Some(_), _) => InvoiceState::Void,
            (None, paid) if paid >= self.total_cents => InvoiceState::Paid,
            (None, 0) => InvoiceState::Open,
            (None, _) => InvoiceState::PartPaid,
        }
    }
    /// Whether a purchase order that is not paid yet will pay this person's invoice. One that has paid its
    /// part goes to pay no more, even where another payment was reversed since.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        let paid = |order| self.payments.iter().any(|payment| payment.order == Some(order));
        self.order.is_some_and(|order| !paid(order))
            && self.person().is_some()
            && OWED.contains(&self.state())
    }

    /// What of it can be returned without taking the credited member price back, in cents.
    #[must_use]
    pub fn kept_cents(&self) -> i64 {
        let credited = self.member_credit.map_or(0, |credit| credit.amount_cents);
        self.paid_cents().saturating_sub(credited)
    }
    /// Whether the fee was or is to be returned in full, the credited member price aside.
    #[must_use]
    pub fn is_returned(&self) -> bool {
        self.refunded_cents() > 0 && self.refunded_cents() >= self.kept_cents()
    }

    /// The finding on whether the invoice is settled. A fee that was returned in full is not.
    #[must_use]
    pub fn settled(&self, rule: &'static str) -> Finding {
        let satisfied = self.state() == InvoiceState::Paid && !self.is_returned();
        let returned = if self.is_returned() { " and was returned" } else { "" };
        Finding::new(
            rule,
            "FAQ 21",
            satisfied,
            format!("{} cents paid", self.total_cents),
            format!("{} cents paid", self.paid_cents()),
            format!("Invoice {} is {}{returned}.", self.number, self.state()),
        )
    }

    /// The findings on paying: something is owed, and no order is going to pay it.
    #[must_use]
    pub fn payment_findings(&self) -> Vec<Finding> {
        vec![
            decision::state_finding("invoice.state", "record a payment", self.state(), OWED),
            self.order_finding(),
        ]
    }

    pub(super) fn order_finding(&self) -> Finding {
        let actual = match self.order.filter(|_| self.is_ordered()) {
            Some(order) => format!("on {order}"),
            None => "on no order".to_owned(),
        };
        Finding::new(
            "invoice.not_ordered",
            "FAQ 22",
            !self.is_ordered(),
            "on no unpaid purchase order",
            actual,
            "While a purchase order is going to pay an invoice, nobody else does: swap the person or \
             cancel the order first.",
        )
    }
}

facts! {
    /// What happens to invoices.
    pub enum InvoiceEvent {
        /// It was issued.
        Issued = "invoice.issued" { number: String, payer: Payer, total_cents: i64, currency: String, lines: Vec<InvoiceLine>, due_on: NaiveDate },
        /// A payment was recorded.
        PaymentRecorded = "invoice.payment_recorded" { payment: Payment, state: InvoiceState },
        /// It was voided.
        Voided = "invoice.voided" { on: NaiveDate, reason: String },
        /// A payment was taken back as never received.
        PaymentReversed = "invoice.payment_reversed" { payment: PaymentId, on: NaiveDate, reason: String, state: InvoiceState },
        /// What was paid goes back to where it came from.
        Returned = "invoice.returned" { payment: PaymentId, amount_cents: i64, reason: String },
        /// A purchase order will pay it.
        Ordered = "invoice.ordered" { order: PurchaseOrderId },
        /// The purchase order will not pay it any more.
        Released = "invoice.released" { order: PurchaseOrderId },
        /// The member price was credited after the fact.
        MemberCredited = "invoice.member_credited" { on: NaiveDate, amount_cents: i64, to: Payer },
        /// Some of the credited member price was taken back with the fee.
        MemberCreditTakenBack = "invoice.member_credit_taken_back" { amount_cents: i64 },
    }
}
