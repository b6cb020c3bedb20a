//! Invoices and the payments recorded against them. Amounts are integer cents, checked.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ApplicationId, BadFact, Finding, InvoiceId, PaymentId, PersonId,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
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

words! {
    /// How a payment came in.
    pub enum PaymentMethod {
        /// By card: the reference of an outside processor. No card data is held here.
        Card = "card",
        /// By check: its number.
        Check = "check",
        /// By a purchase order of an institution: its number (FAQ 22).
        PurchaseOrder = "purchase_order",
        /// By an award of the program.
        Award = "award",
    }
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The fee's code in the schedule: `application`.
    pub code: String,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents.
    pub unit_cents: i64,
    /// The price of all, in cents.
    pub amount_cents: i64,
    /// Whether the member price was taken.
    pub member_price: bool,
}

/// A payment. It is never changed; a correction is a reversal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Identity.
    pub id: PaymentId,
    /// How it came in.
    pub method: PaymentMethod,
    /// The outside reference: unique per program and method.
    pub reference: String,
    /// Cents.
    pub amount_cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// An invoice to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Identity.
    pub id: InvoiceId,
    /// The program.
    pub program: ProgramCode,
    /// Its number, without gaps per program and year: `LSSC-2026-000001`.
    pub number: String,
    /// Who owes it.
    pub person: PersonId,
    /// The application whose fee it is.
    pub application: Option<ApplicationId>,
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
    /// From when on what was paid is to be returned (an application that was refused).
    pub refund_due_on: Option<NaiveDate>,
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
    /// What came in, in cents.
    #[must_use]
    pub fn paid_cents(&self) -> i64 {
        self.payments.iter().fold(0, |sum, payment| sum.saturating_add(payment.amount_cents))
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
    /// What is to be returned, in cents.
    #[must_use]
    pub fn refund_due_cents(&self) -> i64 {
        if self.refund_due_on.is_some() { self.paid_cents() } else { 0 }
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

    /// The finding on whether the invoice is settled.
    #[must_use]
    pub fn settled(&self, rule: &'static str) -> Finding {
        let satisfied = self.state() == InvoiceState::Paid;
        Finding::new(
            rule,
            "FAQ 21",
            satisfied,
            format!("{} cents paid", self.total_cents),
            format!("{} cents paid", self.paid_cents()),
            format!("Invoice {} is {}.", self.number, self.state()),
        )
    }

    /// The findings on recording a payment of `amount_cents`.
    #[must_use]
    pub fn payment_findings(&self, amount_cents: i64) -> Vec<Finding> {
        let owed = [InvoiceState::Open, InvoiceState::PartPaid];
        vec![
            decision::state_finding("invoice.state", "record a payment", self.state(), &owed),
            Finding::new(
                "payment.within_balance",
                "FAQ 21",
                amount_cents <= self.balance_cents(),
                format!("at most {} cents", self.balance_cents()),
                format!("{amount_cents} cents"),
                "A payment is no more than what is still owed.",
            ),
        ]
    }

    /// Records a payment.
    pub fn pay(mut self, payment: Payment) -> Result<(Self, InvoiceEvent), Refused> {
        let mut findings = self.payment_findings(payment.amount_cents).into_iter();
        decision::by_state(findings.by_ref().take(1).collect())?;
        decision::by_rule(findings.collect())?;
        self.payments.push(payment.clone());
        let state = self.state();
        Ok((self, InvoiceEvent::PaymentRecorded { payment, state }))
    }

    /// What becomes of the invoice when its application is withdrawn: nothing is owed any more, and a
    /// part that was paid is returned. A fee that was paid in full stays paid.
    #[must_use]
    pub fn withdraw(mut self, today: NaiveDate) -> Option<(Self, InvoiceEvent)> {
        match self.state() {
            InvoiceState::Paid | InvoiceState::Void => None,
            InvoiceState::PartPaid => self.refuse(today),
            InvoiceState::Open => {
                self.voided_on = Some(today);
                Some((self, InvoiceEvent::Voided { on: today }))
            }
        }
    }

    /// What becomes of the invoice when its application is refused: what was paid is returned in full,
    /// and nothing is owed any more.
    #[must_use]
    pub fn refuse(mut self, today: NaiveDate) -> Option<(Self, InvoiceEvent)> {
        if self.paid_cents() == 0 {
            return self.withdraw(today);
        }
        if self.state() == InvoiceState::PartPaid {
            self.voided_on = Some(today);
        }
        self.refund_due_on = Some(today);
        let amount_cents = self.refund_due_cents();
        Some((self, InvoiceEvent::RefundDue { on: today, amount_cents }))
    }
}

/// Whether a payment's reference looks like the number of a payment card, which is never stored:
/// 13 to 19 digits with a valid check digit (Luhn).
#[must_use]
pub fn looks_like_card_number(reference: &str) -> bool {
    let digits: Vec<u32> = reference.chars().filter_map(|c| c.to_digit(10)).collect();
    let only = reference.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    only && (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)
}

/// What is wrong with a payment before it meets its invoice.
#[must_use]
pub fn check_payment(reference: &str, received_on: NaiveDate, today: NaiveDate) -> Vec<BadFact> {
    let mut bad = Vec::new();
    if looks_like_card_number(reference) {
        let detail = "this looks like a card number; give the processor's reference instead";
        bad.push(BadFact::at("/reference", "card_data", detail));
    }
    bad.extend(crate::calendar::check_date("/received_on", received_on).err());
    if received_on > today {
        bad.push(BadFact::at("/received_on", "order", format!("is after today, {today}")));
    }
    bad
}

facts! {
    /// What happens to invoices.
    pub enum InvoiceEvent {
        /// It was issued.
        Issued = "invoice.issued" { number: String, total_cents: i64, currency: String, lines: Vec<InvoiceLine>, due_on: NaiveDate },
        /// A payment was recorded.
        PaymentRecorded = "invoice.payment_recorded" { payment: Payment, state: InvoiceState },
        /// It was voided.
        Voided = "invoice.voided" { on: NaiveDate },
        /// What was paid is to be returned.
        RefundDue = "invoice.refund_due" { on: NaiveDate, amount_cents: i64 },
    }
}
