//! Credit: money of a payer that belongs to no invoice yet.

use chrono::NaiveDate;
use domain::{
    Finding,
    decision::{self, Refused},
    discrepancy::Discrepancy,
    invoice::{Invoice, PaymentMethod, Tender},
    ledger::{self, Account, AccountKind, Payer, PostingKind},
    person::Membership,
    program::ProgramCode,
};
use persistence::{Constraint, Error, Tx};

use super::{About, Receipt, end_subscription, post, receive, save};
use crate::{clock, flows::program::InForce, problem::Problem};

/// The credit of a payer, in cents. To act on it, hold the payer first.
pub fn credit_of(tx: &mut Tx<'_>, program: &ProgramCode, payer: Payer) -> Result<i64, Problem> {
    let account = Account::owned(AccountKind::CustomerCredit, payer);
    // Credit is a liability: credits less debits.
    Ok(tx.ledger().balance(program, account)?.saturating_neg())
}

/// The finding on taking `amount_cents` out of credit.
pub(super) fn available(credit_cents: i64, amount_cents: i64) -> Finding {
    Finding::new(
        "credit.available",
        "FAQ 22",
        amount_cents > 0 && amount_cents <= credit_cents,
        format!("1 to {credit_cents} cents of credit"),
        format!("{amount_cents} cents"),
        "No more is taken out of a payer's credit than there is.",
    )
}

/// Pays an invoice with credit of its payer: `amount_cents`, or as much as there is and is owed.
pub fn apply_credit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    amount_cents: Option<i64>,
) -> Result<Invoice, Problem> {
    decision::by_state(invoice.payment_findings())?;
    tx.ledger().hold(invoice.payer)?;
    let credit = credit_of(tx, &invoice.program, invoice.payer)?;
    let balance = invoice.balance_cents();
    let cents = amount_cents.unwrap_or_else(|| credit.min(balance));
    let within = Finding::new(
        "payment.within_balance",
        "FAQ 21",
        cents <= balance,
        format!("at most {balance} cents"),
        format!("{cents} cents"),
        "Credit pays no more than what is still owed.",
    );
    decision::by_state(vec![available(credit, cents), within])?;
    let receipt = Receipt {
        method: PaymentMethod::Credit,
        reference: String::new(),
        paid_by: invoice.payer,
        cents,
        received_on: rules.today,
    };
    // Credit has no reference from outside: each use of it is told by its own id.
    let mut payment = receipt.payment(tx);
    payment.reference = payment.id.to_string();
    receive(tx, rules, invoice, payment)
}

/// Credits the member price for what a membership covers that was verified after the invoice (FAQ 21):
/// once an invoice, within the days of the policy. It pays what is owed first. Tells the cents credited.
pub fn credit_member(
    tx: &mut Tx<'_>,
    rules: &InForce,
    membership: &Membership,
) -> Result<i64, Problem> {
    let mut sum = 0_i64;
    let mut invoices = tx.invoices().of_person(membership.person)?;
    invoices.retain(|invoice| invoice.program == rules.program.code);
    for invoice in invoices {
        let (_, cents) = credit_difference(tx, rules, invoice, membership, rules.today)?;
        sum = sum.checked_add(cents).ok_or_else(|| Problem::internal("credits overflow"))?;
    }
    Ok(sum)
}

/// Credits what memberships brought while an order was going to pay the invoice: it has paid it now, or
/// pays it no more.
pub fn catch_up_member(
    tx: &mut Tx<'_>,
    rules: &InForce,
    mut invoice: Invoice,
) -> Result<Invoice, Problem> {
    let Some(person) = invoice.person() else { return Ok(invoice) };
    for membership in tx.memberships().of(person)? {
        let Some(decided_at) = membership.decided_at else { continue };
        if membership.program == invoice.program {
            let verified_on = clock::business_day(decided_at, &rules.program);
            invoice = credit_difference(tx, rules, invoice, &membership, verified_on)?.0;
        }
    }
    Ok(invoice)
}

fn credit_difference(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    membership: &Membership,
    verified_on: NaiveDate,
) -> Result<(Invoice, i64), Problem> {
    // The prices are those of the schedule by which the invoice was issued.
    let policy = tx.programs().policy_on(&invoice.program, invoice.issued_on)?.policy;
    let difference = invoice.member_difference(membership, verified_on, &policy.fees);
    let Some(amount_cents) = difference else { return Ok((invoice, 0)) };
    let payer = credited_to(tx, &invoice)?;
    let (invoice, fact) = invoice.credit_member(amount_cents, payer, rules.today);
    let invoice = save(tx, invoice, fact)?;
    let source = membership.id.to_string();
    let about = About::invoice(PostingKind::MemberDifference, &invoice, source);
    post(tx, rules, about, ledger::member_difference(payer, amount_cents))?;
    if invoice.is_returned() {
        end_subscription(tx, rules, invoice.id, "The application fee was returned.")?;
    }
    let owed = payer == invoice.payer && domain::all_satisfied(&invoice.payment_findings());
    if !owed {
        return Ok((invoice, amount_cents));
    }
    let cents = amount_cents.min(invoice.balance_cents());
    Ok((apply_credit(tx, rules, invoice, Some(cents))?, amount_cents))
}

/// To whom the member price of an invoice is credited: the institution whose order paid the last of it, or
/// its payer.
fn credited_to(tx: &mut Tx<'_>, invoice: &Invoice) -> Result<Payer, Problem> {
    Ok(match invoice.order.filter(|_| invoice.balance_cents() == 0) {
        Some(order) => Payer::Organisation(tx.purchase_orders().institution_of(order)?),
        None => invoice.payer,
    })
}

/// Takes back what of an invoice's credited member price is still there as credit of whom it was credited
/// to: it goes with the fee that it belonged to.
pub(super) fn take_back_what_is_left(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
) -> Result<Invoice, Problem> {
    let Some((payer, left)) = invoice.member_credit_left() else { return Ok(invoice) };
    tx.ledger().hold(payer)?;
    let cents = credit_of(tx, &invoice.program, payer)?.clamp(0, left);
    take_back(tx, rules, invoice, cents)
}

/// Takes some of the credited member price back: 409 where it was used.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    amount_cents: i64,
) -> Result<Invoice, Problem> {
    let Some((payer, _)) = invoice.member_credit_left().filter(|_| amount_cents > 0) else {
        return Ok(invoice);
    };
    hold_credit(tx, &invoice.program, payer, amount_cents)?;
    let (invoice, fact) = invoice.take_member_credit_back(amount_cents);
    let invoice = save(tx, invoice, fact)?;
    let kind = PostingKind::MemberDifferenceTakenBack;
    let about = About::invoice(kind, &invoice, invoice.id.to_string());
    post(tx, rules, about, ledger::take_back_difference(payer, amount_cents))?;
    Ok(invoice)
}

/// Money came in for an invoice that takes none: it becomes credit of its payer, which uses the reference
/// up. 409 where somebody used it at the same moment.
pub fn take_as_credit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: &Invoice,
    discrepancy: &Discrepancy,
) -> Result<(), Problem> {
    tx.discrepancies().use_reference(discrepancy).map_err(|error| match error {
        Error::Conflict(Constraint::CardReferencesOnce) => Problem::conflict(format!(
            "The money of the reference {} is recorded already.",
            discrepancy.reference
        )),
        other => other.into(),
    })?;
    let about = About::invoice(PostingKind::ReceiptCredited, invoice, discrepancy.id.to_string());
    let cents = discrepancy.actual_cents;
    post(tx, rules, about, ledger::take_as_credit(invoice.payer, Tender::Card, cents))
}

/// The refusal of more credit than there is.
pub(super) fn hold_credit(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    payer: Payer,
    amount_cents: i64,
) -> Result<(), Problem> {
    tx.ledger().hold(payer)?;
    let credit = credit_of(tx, program, payer)?;
    let finding = available(credit, amount_cents);
    if finding.satisfied { Ok(()) } else { Err(Refused::State(vec![finding]).into()) }
}
