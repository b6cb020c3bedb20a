//! Invoices and payments, in cents.

use domain::{InvoiceId, OrganisationId, PersonId, invoice::Invoice, ledger::Payer};
use persistence::{InvoiceFilter, Page, Tx};
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
