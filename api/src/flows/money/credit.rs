//! Credit: money of a payer that belongs to no invoice yet.

use domain::{
    Finding,
    decision::{self, Refused},
    invoice::{Invoice, PaymentMethod},
    ledger::{self, Account, AccountKind, Payer, PostingKind},
    person::Membership,
    program::ProgramCode,
};
use persistence::Tx;

use super::{About, own_payment, post, receive, save};
use crate::{flows::program::InForce, problem::Problem};

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
    let id: domain::PaymentId = tx.new_id();
    let mut payment =
        own_payment(tx, rules, &invoice, PaymentMethod::Credit, id.to_string(), cents);
    payment.id = id;
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
    for found in invoices {
        let invoice = tx.invoices().load(found.id)?;
        // The prices are those of the schedule by which the invoice was issued.
        let policy = tx.programs().policy_on(&invoice.program, invoice.issued_on)?.policy;
        let difference = invoice.member_difference(membership, rules.today, &policy.fees);
        let Some(amount_cents) = difference else { continue };
        let payer = match invoice.order {
            Some(order) => Payer::Organisation(tx.purchase_orders().institution_of(order)?),
            None => invoice.payer,
        };
        let (invoice, fact) = invoice.credit_member(amount_cents, rules.today);
        let invoice = save(tx, invoice, fact)?;
        let about =
            About::invoice(PostingKind::MemberDifference, &invoice, membership.id.to_string());
        post(tx, rules, about, ledger::member_difference(payer, amount_cents))?;
        sum = sum.checked_add(amount_cents).ok_or_else(|| Problem::internal("credits overflow"))?;
        if payer == invoice.payer && domain::all_satisfied(&invoice.payment_findings()) {
            let cents = amount_cents.min(invoice.balance_cents());
            apply_credit(tx, rules, invoice, Some(cents))?;
        }
    }
    Ok(sum)
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
