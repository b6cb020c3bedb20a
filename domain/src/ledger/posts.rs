//! The transfers of everything that happens to money. Each is a list for one posting; amounts of 0 move
//! nothing and are left out.

use super::{Account, AccountKind, Payer, Transfer};
use crate::{
    OrganisationId,
    invoice::{Invoice, InvoiceLine, Payment, PaymentMethod, Tender},
};

fn transfer(debit: Account, credit: Account, amount_cents: i64) -> Option<Transfer> {
    (amount_cents > 0).then_some(Transfer { debit, credit, amount_cents })
}

/// Where the other side of an invoice's line is: income, or the order that will pay for people.
fn earned(invoice: &Invoice, line: &InvoiceLine) -> Account {
    match invoice.payer {
        Payer::Organisation(_) if invoice.order.is_some() => {
            Account::owned(AccountKind::OrdersPending, invoice.payer)
        }
        Payer::Organisation(_) | Payer::Person(_) => Account::of(AccountKind::revenue(line.code)),
    }
}

/// The transfers that undo others.
fn reversed(transfers: Vec<Transfer>) -> impl Iterator<Item = Transfer> {
    let back = |one: Transfer| Transfer { debit: one.credit, credit: one.debit, ..one };
    transfers.into_iter().map(back)
}

/// Issues an invoice: its payer owes every line.
#[must_use]
pub fn issue(invoice: &Invoice) -> Vec<Transfer> {
    let owed = Account::owned(AccountKind::Receivable, invoice.payer);
    let lines = invoice.lines.iter();
    lines.filter_map(|line| transfer(owed, earned(invoice, line), line.amount_cents)).collect()
}

/// Voids an invoice: the reversal of its issue. What was paid of it becomes credit of who paid; what was
/// returned of that already was then no fee that was returned. What goes back follows by [`give_back`],
/// out of that credit.
#[must_use]
pub fn void(invoice: &Invoice) -> Vec<Transfer> {
    let reversal = reversed(issue(invoice));
    let owed = Account::owned(AccountKind::Receivable, invoice.payer);
    let paid = invoice.payments.iter().filter_map(|payment| {
        let credit = Account::owned(AccountKind::CustomerCredit, payment.paid_by);
        transfer(owed, credit, payment.refundable_cents())
    });
    let returned = Account::of(AccountKind::FeesReturned);
    reversal.chain(paid).chain(transfer(owed, returned, invoice.refunded_cents())).collect()
}

/// Where money of a tender is.
#[must_use]
pub fn cash(tender: Tender) -> Account {
    Account::of(match tender {
        Tender::Card => AccountKind::CashCard,
        Tender::Check => AccountKind::CashCheck,
    })
}

/// Where a payment comes from. An order's payment and credit are those of who paid.
#[must_use]
pub fn source(payment: &Payment) -> Account {
    match payment.method {
        PaymentMethod::Card => cash(Tender::Card),
        PaymentMethod::Check => cash(Tender::Check),
        PaymentMethod::Award => Account::of(AccountKind::EnrollmentAssistance),
        PaymentMethod::Credit => Account::owned(AccountKind::CustomerCredit, payment.paid_by),
        PaymentMethod::PurchaseOrder => Account::owned(AccountKind::OrdersPending, payment.paid_by),
    }
}

/// A payment of an invoice of `payer`: what is more than the balance becomes credit of who paid.
#[must_use]
pub fn pay(payer: Payer, payment: &Payment) -> Vec<Transfer> {
    let from = source(payment);
    let owed = Account::owned(AccountKind::Receivable, payer);
    let credit = Account::owned(AccountKind::CustomerCredit, payment.paid_by);
    [transfer(from, owed, payment.amount_cents), transfer(from, credit, payment.credited_cents())]
        .into_iter()
        .flatten()
        .collect()
}

/// A payment of an invoice of `payer` is taken back as never received: what it paid is owed again, and
/// what of it became credit is gone.
#[must_use]
pub fn reverse_payment(payer: Payer, payment: &Payment) -> Vec<Transfer> {
    reversed(pay(payer, payment)).collect()
}

/// What was paid goes back to where it came from: money to who paid it, as something to pay out; credit
/// to credit; assistance to the program. Of a void invoice it comes out of the credit that the voiding
/// made, of a paid one out of the fees.
#[must_use]
pub fn give_back(invoice: &Invoice, payment: &Payment, amount_cents: i64) -> Option<Transfer> {
    let from = if invoice.voided_on.is_some() {
        Account::owned(AccountKind::CustomerCredit, payment.paid_by)
    } else {
        Account::of(AccountKind::FeesReturned)
    };
    let to = if payment.method.is_returned_in_money() {
        Account::owned(AccountKind::Payable, payment.paid_by)
    } else {
        source(payment)
    };
    transfer(from, to, amount_cents).filter(|one| one.debit != one.credit)
}

/// An order is paid in full, but this line's invoice is owed no more: the amount becomes credit of the
/// institution.
#[must_use]
pub fn unused_line(institution: OrganisationId, amount_cents: i64) -> Vec<Transfer> {
    let payer = Payer::Organisation(institution);
    transfer(
        Account::owned(AccountKind::OrdersPending, payer),
        Account::owned(AccountKind::CustomerCredit, payer),
        amount_cents,
    )
    .into_iter()
    .collect()
}

/// The member price is credited after the fact.
#[must_use]
pub fn member_difference(payer: Payer, amount_cents: i64) -> Vec<Transfer> {
    transfer(
        Account::of(AccountKind::MemberDifferences),
        Account::owned(AccountKind::CustomerCredit, payer),
        amount_cents,
    )
    .into_iter()
    .collect()
}

/// The member price that was credited is taken back with the fee that it belonged to.
#[must_use]
pub fn take_back_difference(payer: Payer, amount_cents: i64) -> Vec<Transfer> {
    transfer(
        Account::owned(AccountKind::CustomerCredit, payer),
        Account::of(AccountKind::MemberDifferences),
        amount_cents,
    )
    .into_iter()
    .collect()
}

/// Money came in for an invoice that takes none: it is credit of its payer.
#[must_use]
pub fn take_as_credit(payer: Payer, tender: Tender, amount_cents: i64) -> Vec<Transfer> {
    let credit = Account::owned(AccountKind::CustomerCredit, payer);
    transfer(cash(tender), credit, amount_cents).into_iter().collect()
}

/// Credit of a payer is to be paid out.
#[must_use]
pub fn refund_credit(payee: Payer, amount_cents: i64) -> Vec<Transfer> {
    transfer(
        Account::owned(AccountKind::CustomerCredit, payee),
        Account::owned(AccountKind::Payable, payee),
        amount_cents,
    )
    .into_iter()
    .collect()
}

/// A course subsidy was granted: it is to be paid out.
#[must_use]
pub fn subsidy(payee: Payer, amount_cents: i64) -> Vec<Transfer> {
    transfer(
        Account::of(AccountKind::CourseSubsidies),
        Account::owned(AccountKind::Payable, payee),
        amount_cents,
    )
    .into_iter()
    .collect()
}

/// A payout was made.
#[must_use]
pub fn pay_out(payee: Payer, tender: Tender, amount_cents: i64) -> Vec<Transfer> {
    transfer(Account::owned(AccountKind::Payable, payee), cash(tender), amount_cents)
        .into_iter()
        .collect()
}
