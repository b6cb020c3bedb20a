//! What comes in, before it is known what of it pays the invoice.

use chrono::NaiveDate;
use domain::{
    invoice::{Payment, PaymentMethod},
    ledger::Payer,
};
use persistence::Tx;

/// Something that comes in for an invoice.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// How.
    pub method: PaymentMethod,
    /// The outside reference.
    pub reference: String,
    /// Who pays.
    pub paid_by: Payer,
    /// All of it, in cents.
    pub cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
}

impl Receipt {
    /// The payment of it, recorded now by whoever writes. What of it is more than the balance is told
    /// apart when it meets the invoice.
    #[must_use]
    pub fn payment(self, tx: &Tx<'_>) -> Payment {
        Payment {
            id: tx.new_id(),
            method: self.method,
            reference: self.reference,
            paid_by: self.paid_by,
            amount_cents: self.cents,
            received_cents: self.cents,
            refunded_cents: 0,
            received_on: self.received_on,
            recorded_by: tx.actor().to_owned(),
            recorded_at: tx.now(),
            reversed: None,
            order: None,
        }
    }
}
