//! Enrollment assistance that pays an application fee.

use domain::{
    award::{Assistance, AssistanceEvent},
    event::Event,
    invoice::{Invoice, PaymentMethod},
};
use persistence::Tx;

use super::{Receipt, receive};
use crate::{flows::program::InForce, problem::Problem};

/// Pays what it can of an application fee with the person's granted enrollment assistance, where there
/// is some and nothing else is going to pay the invoice.
pub fn use_assistance(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
) -> Result<Invoice, Problem> {
    let takes = domain::all_satisfied(&invoice.payment_findings());
    let (Some(person), Some(_), true) = (invoice.person(), invoice.application, takes) else {
        return Ok(invoice);
    };
    let Some(granted) = tx.assistance().granted_of(&invoice.program, person)? else {
        return Ok(invoice);
    };
    // What it paid here was returned by hand: it is kept for another fee.
    let before = granted.id.to_string();
    if invoice.payments.iter().any(|payment| payment.reference == before) {
        return Ok(invoice);
    }
    let cents = granted.amount_cents.min(invoice.balance_cents());
    if cents == 0 {
        return Ok(invoice);
    }
    let payment = Receipt {
        method: PaymentMethod::Award,
        reference: before,
        paid_by: invoice.payer,
        cents,
        received_on: rules.today,
    }
    .payment(tx);
    let (mut used, fact) = granted.apply(invoice.id, cents)?;
    tx.assistance().save(&mut used)?;
    tx.record(assistance_event(&used, fact))?;
    receive(tx, rules, invoice, payment)
}

/// An event of a request for enrollment assistance.
#[must_use]
pub fn assistance_event(request: &Assistance, fact: AssistanceEvent) -> Event<AssistanceEvent> {
    Event {
        program: Some(request.program.clone()),
        subject: request.id.to_string(),
        person: Some(request.person),
        fact,
    }
}
