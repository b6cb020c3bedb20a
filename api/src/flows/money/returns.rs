//! What becomes of invoices that are voided and of payments that are returned.

use domain::{
    InvoiceId, PaymentId,
    application::ApplicationState,
    decision,
    invoice::{Invoice, InvoiceEvent, InvoiceState, Payment, PaymentMethod},
    ledger::{self, PostingKind},
    payout::{Payout, PayoutKind},
};
use persistence::Tx;

use super::{
    About, assistance_event, credit_of, hold_credit, owed_back, payout_due, post, save,
    subscription_event, take_back, take_back_what_is_left,
};
use crate::{flows::program::InForce, problem::Problem};

/// Voids an invoice: what was paid of it in money or by credit becomes credit of its payer, assistance
/// can pay another.
pub fn void(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    reason: String,
) -> Result<Invoice, Problem> {
    let voided = invoice.void(reason, rules.today)?;
    let mut invoice = reverse(tx, rules, voided)?;
    let awards = |one: &&Payment| one.method == PaymentMethod::Award && one.refundable_cents() > 0;
    let payments: Vec<Payment> = invoice.payments.iter().filter(awards).cloned().collect();
    for payment in payments {
        let (id, cents) = (payment.id, payment.refundable_cents());
        invoice = give_back(tx, rules, invoice, id, cents, "The invoice was voided.".to_owned())?.0;
    }
    take_back_what_is_left(tx, rules, invoice)
}

fn reverse(
    tx: &mut Tx<'_>,
    rules: &InForce,
    (invoice, fact): (Invoice, InvoiceEvent),
) -> Result<Invoice, Problem> {
    let invoice = save(tx, invoice, fact)?;
    let about = About::invoice(PostingKind::InvoiceVoided, &invoice, invoice.id.to_string());
    post(tx, rules, about, ledger::void(&invoice))?;
    Ok(invoice)
}

/// Returns some or all of a payment by hand: what the invoice and its application allow. A late member
/// price goes back with the fee: 409 where it was used since.
pub fn refund(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    payment: PaymentId,
    amount_cents: i64,
    reason: String,
) -> Result<(Invoice, Option<Payout>), Problem> {
    let open = match invoice.application {
        Some(application) => {
            ApplicationState::OPEN.contains(&tx.applications().get(application)?.state)
        }
        None => false,
    };
    decision::by_state(invoice.refund_findings(amount_cents, open))?;
    let (invoice, payout) = give_back(tx, rules, invoice, payment, amount_cents, reason)?;
    // After the return: credit that is credit again can be taken back.
    let due = invoice.member_credit_due_cents();
    Ok((take_back(tx, rules, invoice, due)?, payout))
}

/// Returns some or all of a payment to where it came from: money becomes a payout that is due, credit is
/// credit again, assistance can pay another fee. A fee that is returned in full ends the account
/// subscription that it activated.
fn give_back(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    payment: PaymentId,
    amount_cents: i64,
    reason: String,
) -> Result<(Invoice, Option<Payout>), Problem> {
    let (invoice, payment, fact) = invoice.give_back(payment, amount_cents, reason.clone())?;
    let Some(payment) = payment else { return Err(Problem::not_found()) };
    let transfer = ledger::give_back(&invoice, &payment, amount_cents);
    if transfer.is_some() && invoice.voided_on.is_some() {
        // What was paid of a void invoice became credit, which may have been used since.
        hold_credit(tx, &invoice.program, payment.paid_by, amount_cents)?;
    }
    tx.invoices().save_payment(&payment)?;
    let invoice = save(tx, invoice, fact)?;
    let kind = match payment.method {
        PaymentMethod::Card | PaymentMethod::Check | PaymentMethod::PurchaseOrder => {
            PostingKind::RefundDue
        }
        PaymentMethod::Credit => PostingKind::CreditReturned,
        PaymentMethod::Award => PostingKind::AssistanceReturned,
    };
    let about = About::invoice(kind, &invoice, payment.id.to_string());
    post(tx, rules, about, transfer.into_iter().collect())?;
    let payout = if payment.method.is_returned_in_money() {
        let payout = Payout {
            currency: invoice.currency.clone(),
            invoice: Some(invoice.id),
            payment: Some(payment.id),
            ..owed_back(tx, rules, PayoutKind::Refund, payment.paid_by, amount_cents, reason)
        };
        payout_due(tx, &payout)?;
        Some(payout)
    } else {
        None
    };
    if payment.method == PaymentMethod::Award && payment.refundable_cents() == 0 {
        assistance_is_free(tx, invoice.id)?;
    }
    if invoice.is_returned() {
        end_subscription(tx, rules, invoice.id, "The application fee was returned.")?;
    }
    Ok((invoice, payout))
}

/// Takes a payment back as never received: what it paid is owed again, what of it became credit is gone
/// (409 where that was used), and an account subscription that it activated ends until the fee is settled.
pub fn reverse_payment(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    payment: PaymentId,
    reason: String,
) -> Result<Invoice, Problem> {
    let (invoice, payment, fact) = invoice.reverse_payment(payment, reason, rules.today)?;
    let Some(payment) = payment else { return Err(Problem::not_found()) };
    if payment.credited_cents() > 0 {
        hold_credit(tx, &invoice.program, payment.paid_by, payment.credited_cents())?;
    }
    tx.invoices().save_payment(&payment)?;
    let invoice = save(tx, invoice, fact)?;
    let about = About::invoice(PostingKind::PaymentReversed, &invoice, payment.id.to_string());
    post(tx, rules, about, ledger::reverse_payment(invoice.payer, &payment))?;
    if invoice.state() != InvoiceState::Paid {
        end_subscription(tx, rules, invoice.id, "A payment of the application fee was reversed.")?;
    }
    Ok(invoice)
}

fn assistance_is_free(tx: &mut Tx<'_>, invoice: InvoiceId) -> Result<(), Problem> {
    let used = tx.assistance().of_invoice(invoice)?;
    if let Some((mut free, fact)) = used.and_then(|one| one.give_back(invoice)) {
        tx.assistance().save(&mut free)?;
        tx.record(assistance_event(&free, fact))?;
    }
    Ok(())
}

pub(super) fn end_subscription(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: InvoiceId,
    reason: &str,
) -> Result<(), Problem> {
    let active = tx.subscriptions().of_invoice(invoice)?;
    let ended = active.and_then(|one| one.end(reason, rules.today));
    if let Some((mut ended, fact)) = ended {
        tx.subscriptions().save(&mut ended)?;
        tx.record(subscription_event(&ended, fact))?;
    }
    Ok(())
}

/// The application of an invoice was refused: nothing is owed any more, and everything that was paid
/// goes back to where it came from.
pub fn refuse(tx: &mut Tx<'_>, rules: &InForce, invoice: InvoiceId) -> Result<(), Problem> {
    return_fee(tx, rules, invoice, "The application was refused.")
}

/// As [`refuse`], for the reason that the payer is told.
pub fn return_fee(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: InvoiceId,
    reason: &str,
) -> Result<(), Problem> {
    let invoice = tx.invoices().load(invoice)?;
    let invoice = match invoice.clone().end(reason, rules.today) {
        Some(voided) => reverse(tx, rules, voided)?,
        None => invoice,
    };
    return_all(tx, rules, invoice, reason)
}

/// The application of an invoice was withdrawn: what is owed is owed no more, and a part that was paid
/// goes back. A fee that was paid in full stays paid: the office may return it.
pub fn withdraw(tx: &mut Tx<'_>, rules: &InForce, invoice: InvoiceId) -> Result<(), Problem> {
    end(tx, rules, invoice, "The application was withdrawn.")
}

/// What an invoice was for came to an end: as [`withdraw`], for the reason that the payer is told.
pub fn end(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: InvoiceId,
    reason: &str,
) -> Result<(), Problem> {
    let invoice = tx.invoices().load(invoice)?;
    match invoice.end(reason, rules.today) {
        Some(voided) => {
            let invoice = reverse(tx, rules, voided)?;
            return_all(tx, rules, invoice, reason)
        }
        None => Ok(()),
    }
}

/// Returns everything that was paid. Credit and assistance first; then the late member price goes back, as
/// far as it is there; then money, less what of the member price was used since, which who was credited
/// bears first.
fn return_all(
    tx: &mut Tx<'_>,
    rules: &InForce,
    mut invoice: Invoice,
    reason: &str,
) -> Result<(), Problem> {
    let payments = invoice.payments.iter().filter(|one| one.refundable_cents() > 0).cloned();
    let (mut money, other): (Vec<Payment>, Vec<Payment>) =
        payments.partition(|one| one.method.is_returned_in_money());
    for payment in other {
        let cents = payment.refundable_cents();
        invoice = give_back(tx, rules, invoice, payment.id, cents, reason.to_owned())?.0;
    }
    invoice = take_back_what_is_left(tx, rules, invoice)?;
    let (credited, mut used) = invoice.member_credit_left().unzip();
    money.sort_by_key(|one| Some(one.paid_by) != credited);
    for payment in money {
        let left = payment.refundable_cents();
        let cents = if invoice.voided_on.is_some() {
            // What was paid became credit, out of which the member price was taken back.
            tx.ledger().hold(payment.paid_by)?;
            left.min(credit_of(tx, &invoice.program, payment.paid_by)?)
        } else {
            let less = left.min(used.unwrap_or_default());
            used = used.map(|used| used.saturating_sub(less));
            left.saturating_sub(less)
        };
        if cents > 0 {
            invoice = give_back(tx, rules, invoice, payment.id, cents, reason.to_owned())?.0;
        }
    }
    Ok(())
}
