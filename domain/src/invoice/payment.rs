//! Payments: what came in, by which method, from whom.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::check_no_card_number;
use crate::{BadFact, PaymentId, PurchaseOrderId, ledger::Payer, words};

words! {
    /// How a payment came in.
    pub enum PaymentMethod {
        /// By card: the reference of an outside processor. No card data is held here.
        Card = "card",
        /// By check: its number.
        Check = "check",
        /// By a purchase order of an institution that is paid in full: its number (FAQ 22).
        PurchaseOrder = "purchase_order",
        /// By enrollment assistance: the id of its request.
        Award = "award",
        /// By credit of the payer.
        Credit = "credit",
    }
}

words! {
    /// How money itself comes in and goes out.
    pub enum Tender {
        /// By card, at an outside processor.
        Card = "card",
        /// By check.
        Check = "check",
    }
}

impl From<Tender> for PaymentMethod {
    fn from(tender: Tender) -> Self {
        match tender {
            Tender::Card => Self::Card,
            Tender::Check => Self::Check,
        }
    }
}

impl PaymentMethod {
    /// Whether what was paid this way is returned in money, to who paid it.
    #[must_use]
    pub fn is_returned_in_money(self) -> bool {
        matches!(self, Self::Card | Self::Check | Self::PurchaseOrder)
    }
}

/// A payment. What came in is never changed; what is returned of it is a payout or a posting of its own,
/// and its reversal stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Identity.
    pub id: PaymentId,
    /// How it came in.
    pub method: PaymentMethod,
    /// The outside reference: unique per program for cards, per invoice otherwise.
    pub reference: String,
    /// Who paid: the invoice's payer, or an institution that pays for a person.
    pub paid_by: Payer,
    /// What of it pays the invoice, in cents.
    pub amount_cents: i64,
    /// What came in, in cents; more than `amount_cents` where it was more than the balance.
    pub received_cents: i64,
    /// What was or is to be returned of it, in cents.
    pub refunded_cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// Who recorded it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// That it was taken back as never received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversed: Option<Reversal>,
    /// The purchase order that paid it, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<PurchaseOrderId>,
}

/// That a payment was taken back: a check bounced, a card was charged back, or it was recorded by mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reversal {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub reason: String,
}

impl Payment {
    /// What of it counts as paid, in cents: nothing of one that was reversed.
    #[must_use]
    pub fn paid_cents(&self) -> i64 {
        if self.reversed.is_some() { 0 } else { self.amount_cents }
    }
    /// What of it became credit of who paid, in cents.
    #[must_use]
    pub fn credited_cents(&self) -> i64 {
        self.received_cents.saturating_sub(self.amount_cents)
    }
    /// What of it can still be returned, in cents.
    #[must_use]
    pub fn refundable_cents(&self) -> i64 {
        self.paid_cents().saturating_sub(self.refunded_cents)
    }
}

/// The most of one payment, in cents.
pub const MAX_PAYMENT_CENTS: i64 = 100_000_000_000;

/// What is wrong with money that came in or went out, before it meets what it is for.
#[must_use]
pub fn check_receipt(
    reference: &str,
    amount_cents: i64,
    on: (&str, NaiveDate),
    today: NaiveDate,
) -> Vec<BadFact> {
    let (pointer, day) = on;
    let mut bad: Vec<_> = check_no_card_number("/reference", reference).into_iter().collect();
    if !(1..=MAX_PAYMENT_CENTS).contains(&amount_cents) {
        let detail = format!("An amount is from 1 cent to {MAX_PAYMENT_CENTS} cents.");
        bad.push(BadFact::at("/amount_cents", "out_of_range", detail));
    }
    bad.extend(crate::calendar::check_date(pointer, day).err());
    if day > today {
        bad.push(BadFact::at(pointer, "order", format!("is after today, {today}")));
    }
    bad
}
