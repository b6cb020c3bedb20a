//! Invoices, payments, purchase orders and payouts, in cents.

use domain::{
    InvoiceId, OrganisationId, PayoutId, PersonId, PurchaseOrderId, invoice::Invoice, ledger::Payer,
};
use persistence::{InvoiceFilter, OrderFilter, Page, PayoutFilter, Tx};
use serde_json::{Value, json};

use super::{Chunk, Record, Sight};
use crate::problem::Problem;

pub(super) const INVOICES: &[&str] = &[
    "id",
    "program",
    "number",
    "person_id",
    "organisation_id",
    "application_id",
    "state",
    "issued_on",
    "due_on",
    "voided_on",
    "currency",
    "total_cents",
    "paid_cents",
    "balance_cents",
    "lines",
];

pub(super) const PAYMENTS: &[&str] = &[
    "id",
    "program",
    "invoice_id",
    "method",
    "reference",
    "person_id",
    "organisation_id",
    "received_on",
    "currency",
    "received_cents",
    "amount_cents",
    "refunded_cents",
    "reversed_on",
];

pub(super) const PURCHASE_ORDERS: &[&str] = &[
    "id",
    "program",
    "number",
    "institution_id",
    "invoice_id",
    "placed_on",
    "settled_on",
    "cancelled_on",
    "currency",
    "total_cents",
    "place",
    "person_id",
    "name",
    "email",
    "amount_cents",
    "application_id",
];

pub(super) const PAYOUTS: &[&str] = &[
    "id",
    "program",
    "kind",
    "person_id",
    "organisation_id",
    "currency",
    "amount_cents",
    "invoice_id",
    "payment_id",
    "reason",
    "due_on",
    "paid_on",
    "reference",
];

/// Who pays: a person, or an organisation.
fn parted(payer: Payer) -> (Option<PersonId>, Option<OrganisationId>) {
    match payer {
        Payer::Person(person) => (Some(person), None),
        Payer::Organisation(organisation) => (None, Some(organisation)),
    }
}

fn lines(invoice: &Invoice) -> Result<Value, Problem> {
    serde_json::to_value(&invoice.lines).map_err(|error| Problem::internal(error.to_string()))
}

/// Invoices.
pub(super) fn invoices(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<InvoiceId>,
) -> Result<Chunk, Problem> {
    let found = tx.invoices().list(&InvoiceFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let (person, organisation) = parted(one.payer);
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.number),
                json!(person),
                json!(organisation),
                json!(one.application),
                json!(one.state()),
                json!(one.issued_on),
                json!(one.due_on),
                json!(one.voided_on),
                json!(one.currency),
                json!(one.total_cents),
                json!(one.paid_cents()),
                json!(one.balance_cents()),
                lines(one)?,
            ];
            Ok((one.program.clone(), person, cells))
        },
    )
}

/// Payments, those of one invoice after those of another.
pub(super) fn payments(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<InvoiceId>,
) -> Result<Chunk, Problem> {
    let filter = InvoiceFilter { programs: sight.programs(), ..InvoiceFilter::default() };
    let invoices = tx.invoices().list(&filter, page)?;
    let mut records = Vec::new();
    for invoice in &invoices {
        for one in &invoice.payments {
            let (person, organisation) = parted(one.paid_by);
            let cells = vec![
                json!(one.id),
                json!(invoice.program.as_str()),
                json!(invoice.id),
                json!(one.method),
                json!(one.reference),
                json!(person),
                json!(organisation),
                json!(one.received_on),
                json!(invoice.currency),
                json!(one.received_cents),
                json!(one.amount_cents),
                json!(one.refunded_cents),
                json!(one.reversed.as_ref().map(|reversal| reversal.on)),
            ];
            // Whose invoice it pays is told too.
            records.push(Record { person: person.or(invoice.person()), cells });
        }
    }
    Ok(Chunk { records, last: invoices.last().map(|one| one.id.bits()) })
}

/// Lines of purchase orders, those of one order after those of another.
pub(super) fn purchase_orders(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<PurchaseOrderId>,
) -> Result<Chunk, Problem> {
    let found = tx.purchase_orders().list(&OrderFilter::default(), page)?;
    let mut records = Vec::new();
    for order in found.iter().filter(|order| sight.sees(&order.program)) {
        for line in &order.lines {
            let cells = vec![
                json!(order.id),
                json!(order.program.as_str()),
                json!(order.number),
                json!(order.institution),
                json!(order.invoice),
                json!(order.placed_on),
                json!(order.settled_on),
                json!(order.cancelled_on),
                json!(order.currency),
                json!(order.total_cents),
                json!(line.place),
                json!(line.person),
                json!(line.name),
                json!(line.email),
                json!(line.amount_cents),
                json!(line.application),
            ];
            records.push(Record { person: Some(line.person), cells });
        }
    }
    Ok(Chunk { records, last: found.last().map(|one| one.id.bits()) })
}

/// What is or was to be paid out.
pub(super) fn payouts(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<PayoutId>,
) -> Result<Chunk, Problem> {
    let found = tx.payouts().list(&PayoutFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let ((person, organisation), made) = (parted(one.payee), one.made.as_ref());
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.kind),
                json!(person),
                json!(organisation),
                json!(one.currency),
                json!(one.amount_cents),
                json!(one.invoice),
                json!(one.payment),
                json!(one.reason),
                json!(one.due_on),
                json!(made.map(|proof| proof.paid_on)),
                json!(made.map(|proof| &proof.reference)),
            ];
            Ok((one.program.clone(), person, cells))
        },
    )
}
