//! Purchase orders: the acts that reach beyond them, to the invoices of their people and to their own
//! (FAQ 22). Acts lock in this order: the order's invoice, the order, the people's invoices by id.

mod check;

use std::collections::BTreeMap;

use domain::{
    InvoiceId,
    decision::{self, Refused},
    event::Event,
    institution::Institution,
    invoice::{Invoice, InvoiceLine, OWED, PaymentMethod},
    ledger::{self, Payer, PostingKind},
    policy::FeeCode,
    purchase_order::{LineOutcome, OrderEvent, OrderLine, OrderState, PlacedLine, PurchaseOrder},
};
use persistence::{Constraint, Error, Tx};

pub use check::*;

use super::{
    money::{self, About, NewInvoice, Receipt},
    program::InForce,
    rehearsal::rehearse,
};
use crate::problem::Problem;

/// An event of an order.
fn event(order: &PurchaseOrder, fact: OrderEvent) -> Event<OrderEvent> {
    Event {
        program: Some(order.program.clone()),
        subject: order.id.to_string(),
        person: None,
        fact,
    }
}

fn save(
    tx: &mut Tx<'_>,
    (mut order, fact): (PurchaseOrder, OrderEvent),
) -> Result<PurchaseOrder, Problem> {
    tx.purchase_orders().save(&mut order).map_err(taken)?;
    tx.record(event(&order, fact))?;
    Ok(order)
}

/// Two orders at the same moment for one application, or of one number.
fn taken(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::PurchaseOrdersNumber) => {
            Problem::conflict("The institution has an order of this number.")
        }
        Error::Conflict(Constraint::PurchaseOrderLinesStanding) => {
            Problem::conflict("Another order is going to pay for one of these people.")
        }
        other => other.into(),
    }
}

/// Takes an order: all of it, or the problem with what every line came to. Its people's invoices wait for
/// it from now on, and the institution gets an invoice of its own.
pub fn place(
    tx: &mut Tx<'_>,
    rules: &InForce,
    institution: &Institution,
    new: &NewOrder,
) -> Result<PurchaseOrder, Problem> {
    let checked = check(tx, rules, new)?;
    if !checked.check.accepted {
        return Err(refusal(new, &checked));
    }
    accept(tx, rules, institution, new, checked)
}

/// What handing the order in would come to; nothing of it is stored. A refusal is the same problem.
pub fn try_out(
    tx: &mut Tx<'_>,
    rules: &InForce,
    institution: &Institution,
    new: &NewOrder,
) -> Result<Checked, Problem> {
    let checked = check(tx, rules, new)?;
    if !checked.check.accepted {
        return Err(refusal(new, &checked));
    }
    let again = checked.clone();
    rehearse(tx, |tx| accept(tx, rules, institution, new, again).map(drop))?;
    Ok(checked)
}

fn accept(
    tx: &mut Tx<'_>,
    rules: &InForce,
    institution: &Institution,
    new: &NewOrder,
    checked: Checked,
) -> Result<PurchaseOrder, Problem> {
    let mut order = PurchaseOrder {
        id: tx.new_id(),
        program: rules.program.code.clone(),
        institution: institution.id,
        number: new.number.clone(),
        invoice: tx.new_id(),
        total_cents: checked.check.expected_total_cents,
        currency: rules.policy.fees.currency.clone(),
        placed_on: rules.today,
        settled_on: None,
        cancelled_on: None,
        cancel_reason: None,
        lines: placed(&new.lines, &checked)?,
        version: 1,
    };
    order.invoice = bill(tx, rules, &order, &checked.invoices)?;
    tx.purchase_orders().insert(&order).map_err(taken)?;
    for (_, invoice) in checked.invoices {
        if order.lines.iter().any(|line| line.invoice == invoice.id) {
            let (ordered, fact) = invoice.put_on(order.id)?;
            money::save(tx, ordered, fact)?;
        }
    }
    let fact = OrderEvent::Placed {
        institution: order.institution,
        number: order.number.clone(),
        invoice: order.invoice,
        total_cents: order.total_cents,
        lines: order.lines.clone(),
    };
    tx.record(event(&order, fact))?;
    Ok(order)
}

/// The lines of an accepted order, each with whom it pays for.
fn placed(lines: &[OrderLine], checked: &Checked) -> Result<Vec<PlacedLine>, Problem> {
    let mut all = Vec::with_capacity(lines.len());
    for ((line, judged), place) in lines.iter().zip(&checked.check.lines).zip(1..) {
        let found = judged.application.and_then(|application| checked.payees.get(&application));
        let matched = found.and_then(|payee| Some((payee, payee.invoice?)));
        let Some((payee, invoice)) = matched else {
            return Err(Problem::internal("a line of an accepted order is for nobody"));
        };
        all.push(PlacedLine {
            place,
            name: line.name.clone(),
            email: line.email.clone(),
            amount_cents: line.amount_cents,
            person: payee.person,
            application: payee.application,
            invoice,
            outcome: None,
        });
    }
    Ok(all)
}

/// Issues the invoice to the institution for the lines that stand, people of the same fee on one line.
fn bill(
    tx: &mut Tx<'_>,
    rules: &InForce,
    order: &PurchaseOrder,
    invoices: &BTreeMap<InvoiceId, Invoice>,
) -> Result<InvoiceId, Problem> {
    let mut fees: BTreeMap<(i64, bool), i64> = BTreeMap::new();
    for line in order.standing() {
        let member = invoices
            .get(&line.invoice)
            .is_some_and(|invoice| invoice.lines.iter().any(|line| line.member_price));
        let quantity = fees.entry((line.amount_cents, member)).or_default();
        *quantity = quantity.saturating_add(1);
    }
    let line = |((unit_cents, member_price), quantity): ((i64, bool), i64)| InvoiceLine {
        code: FeeCode::Application,
        quantity,
        unit_cents,
        member_unit_cents: None,
        // No more than the total of the order, which was checked.
        amount_cents: unit_cents.saturating_mul(quantity),
        member_price,
    };
    let new = NewInvoice {
        id: tx.new_id(),
        payer: Payer::Organisation(order.institution),
        application: None,
        order: Some(order.id),
        lines: fees.into_iter().rev().map(line).collect(),
        due_on: None,
    };
    Ok(money::issue(tx, rules, new)?.id)
}

/// Swaps the person at `place` of an unpaid order for another one. A new amount, possible while nothing
/// of the order's invoice is paid, voids that invoice and issues a new one.
pub fn swap(
    tx: &mut Tx<'_>,
    rules: &InForce,
    order: PurchaseOrder,
    place: i64,
    line: OrderLine,
) -> Result<PurchaseOrder, Problem> {
    decision::by_state(vec![order.open_finding("swap a person")])?;
    let amount_cents = line.amount_cents;
    let new = NewOrder::of_one(order.number.clone(), line);
    let bill_before = tx.invoices().load(order.invoice)?;
    let checked = check(tx, rules, &new)?;
    let Some(judged) = checked.check.lines.first() else {
        return Err(Problem::internal("a line was not judged"));
    };
    if checked.is_taken(judged) {
        return Err(Refused::State(judged.findings.clone()).into());
    }
    let findings = order.swap_findings(place, judged, bill_before.paid_cents());
    let stands = findings.iter().filter(|one| one.rule == "purchase_order.line_stands");
    decision::by_state(stands.cloned().collect())?;
    decision::by_rule(findings.clone())?;
    let Some(after) = placed(&new.lines, &checked)?.pop() else {
        return Err(Problem::internal("a line that was judged pays for nobody"));
    };
    let before = order.lines.iter().find(|line| line.place == place).cloned();
    let (mut order, fact) = order.swap(place, after.clone(), findings)?;
    let mut invoices = checked.invoices;
    if let Some(before) = &before {
        release(tx, rules, &order, &[before.invoice])?;
    }
    if let Some(invoice) = invoices.remove(&after.invoice) {
        let (ordered, fact) = invoice.put_on(order.id)?;
        money::save(tx, ordered, fact)?;
    }
    if before.is_some_and(|before| before.amount_cents != amount_cents) {
        let reason = "A person on the order was swapped for one with another fee.".to_owned();
        money::void(tx, rules, bill_before, reason)?;
        let ids: Vec<_> = order.standing().map(|line| line.invoice).collect();
        let invoices = loaded(tx, &ids)?;
        order.invoice = bill(tx, rules, &order, &invoices)?;
    }
    save(tx, (order, fact))
}

/// Cancels an unpaid order: its invoice is voided, what was paid of it becomes credit of the institution,
/// and its people owe their fees themselves again.
pub fn cancel(
    tx: &mut Tx<'_>,
    rules: &InForce,
    order: PurchaseOrder,
    reason: &str,
) -> Result<PurchaseOrder, Problem> {
    let people: Vec<_> = order.standing().map(|line| line.invoice).collect();
    let (order, fact) = order.cancel(reason.to_owned(), rules.today)?;
    let bill = tx.invoices().load(order.invoice)?;
    if OWED.contains(&bill.state()) {
        money::void(tx, rules, bill, format!("The purchase order was cancelled: {reason}"))?;
    }
    let order = save(tx, (order, fact))?;
    release(tx, rules, &order, &people)?;
    Ok(order)
}

/// The invoices of people for whom the order pays no more. What waited for it goes on: granted assistance
/// pays now.
fn release(
    tx: &mut Tx<'_>,
    rules: &InForce,
    order: &PurchaseOrder,
    invoices: &[InvoiceId],
) -> Result<(), Problem> {
    for (_, invoice) in loaded(tx, invoices)? {
        if let Some((free, fact)) = invoice.release(order.id) {
            let free = money::save(tx, free, fact)?;
            let free = money::catch_up_member(tx, rules, free)?;
            money::use_assistance(tx, rules, free)?;
        }
    }
    Ok(())
}

fn loaded(tx: &mut Tx<'_>, ids: &[InvoiceId]) -> Result<BTreeMap<InvoiceId, Invoice>, Problem> {
    let found = tx.invoices().load_all(ids)?;
    Ok(found.into_iter().map(|invoice| (invoice.id, invoice)).collect())
}

/// The order's invoice is paid in full: the order is settled. One that is settled stays as it is: a payment
/// of its invoice was reversed since, and is made good now.
pub fn paid(tx: &mut Tx<'_>, rules: &InForce, bill: &Invoice) -> Result<(), Problem> {
    let order = tx.purchase_orders().of_invoice(bill.id)?;
    if order.state() == OrderState::Settled { Ok(()) } else { settle(tx, rules, bill, order) }
}

/// Every person's invoice is paid and their account activated, in this transaction. What was meant for
/// somebody who owes nothing any more is credit of the institution.
fn settle(
    tx: &mut Tx<'_>,
    rules: &InForce,
    bill: &Invoice,
    order: PurchaseOrder,
) -> Result<(), Problem> {
    decision::by_state(vec![order.open_finding("settle the order")])?;
    let lines: Vec<PlacedLine> = order.standing().cloned().collect();
    let ids: Vec<_> = lines.iter().map(|line| line.invoice).collect();
    let mut invoices = loaded(tx, &ids)?;
    let mut outcomes = Vec::with_capacity(lines.len());
    for line in lines {
        let owed = invoices
            .remove(&line.invoice)
            .filter(|invoice| invoice.order == Some(order.id) && OWED.contains(&invoice.state()));
        let outcome = if let Some(invoice) = owed {
            let receipt = Receipt {
                method: PaymentMethod::PurchaseOrder,
                reference: order.number.clone(),
                paid_by: Payer::Organisation(order.institution),
                cents: line.amount_cents,
                received_on: rules.today,
            };
            let payment = receipt.payment(tx);
            let paid = money::receive_by_order(tx, rules, invoice, order.id, payment)?;
            money::catch_up_member(tx, rules, paid)?;
            LineOutcome::Activated
        } else {
            let about = About::invoice(PostingKind::OrderApplied, bill, order.id.to_string());
            let unused = ledger::unused_line(order.institution, line.amount_cents);
            money::post(tx, rules, about, unused)?;
            LineOutcome::Credited
        };
        outcomes.push((line.place, outcome));
    }
    let settled = order.settle(&outcomes, rules.today)?;
    save(tx, settled).map(drop)
}
