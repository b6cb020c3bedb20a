//! Invoices and the payments recorded against them (FAQ 21).

mod views;

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    Finding, InvoiceId,
    access::{Action, Facts},
    decision,
    event::Event,
    invoice::{Invoice, InvoiceEvent, InvoiceState, Payment, check_payment},
};
use persistence::{Constraint, Error, InvoiceFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::program,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_invoices).service(get_invoice).service(record_payment);
}

/// Whether a payment can be recorded at all, whatever its amount.
fn state_findings(invoice: &Invoice) -> Vec<Finding> {
    let owed = [InvoiceState::Open, InvoiceState::PartPaid];
    vec![decision::state_finding("invoice.state", "record a payment", invoice.state(), &owed)]
}

fn facts(invoice: &Invoice) -> Facts {
    Facts::of_person(invoice.person)
}

/// An event of an invoice.
pub(crate) fn event(invoice: &Invoice, fact: InvoiceEvent) -> Event<InvoiceEvent> {
    Event {
        program: Some(invoice.program.clone()),
        subject: invoice.id.to_string(),
        person: Some(invoice.person),
        fact,
    }
}

/// Saves what the end of an application makes of its invoice, if anything.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    settled: Option<(Invoice, InvoiceEvent)>,
) -> Result<(), Problem> {
    if let Some((mut invoice, fact)) = settled {
        tx.invoices().save(&mut invoice)?;
        tx.record(event(&invoice, fact))?;
    }
    Ok(())
}

/// Records a payment of an invoice: 409 where its reference is recorded already.
pub(crate) fn pay(
    tx: &mut Tx<'_>,
    invoice: Invoice,
    payment: &Payment,
) -> Result<Invoice, Problem> {
    let (mut invoice, fact) = invoice.pay(payment.clone())?;
    tx.invoices().insert_payment(&invoice, payment).map_err(|error| match error {
        Error::Conflict(Constraint::PaymentsReference | Constraint::PaymentsOnce) => {
            Problem::conflict(format!(
                "A payment by {} with the reference {} is recorded already.",
                payment.method, payment.reference
            ))
        }
        other => other.into(),
    })?;
    tx.invoices().save(&mut invoice)?;
    tx.record(event(&invoice, fact))?;
    Ok(invoice)
}

/// List invoices
///
/// Staff see everybody's, oldest first; others their own.
#[utoipa::path(tag = "Candidates", params(ListInvoices),
    responses((status = 200, body = Listing<InvoiceView>)))]
#[get("/v1/invoices")]
pub(crate) async fn list_invoices(
    app: App,
    call: Call,
    query: Query<ListInvoices>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListInvoices)?;
        let mut filter = InvoiceFilter { program: query.program.clone(), person: query.person_id };
        let page = Page::<InvoiceId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.invoices().list(&filter, page.rows())?;
        let view = |row| InvoiceView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an invoice
#[utoipa::path(tag = "Candidates", responses((status = 200, body = InvoiceView)))]
#[get("/v1/invoices/{invoice_id}")]
pub(crate) async fn get_invoice(
    app: App,
    call: Call,
    id: PathOf<InvoiceId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let invoice = tx.invoices().load(*id)?;
        call.allow(Action::GetInvoice, &facts(&invoice))?;
        let version = invoice.version;
        let view = InvoiceView::of(invoice, call.caller());
        Ok(seen.answer(Reply::ok(&view).etag(version).private()))
    })
    .await
}

/// Record a payment
///
/// A payment is never changed. The same reference of the same method is taken once: a second one is
/// 409. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = RecordPayment,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = InvoiceView)))]
#[post("/v1/invoices/{invoice_id}/payments")]
pub(crate) async fn record_payment(
    app: App,
    call: Call,
    id: PathOf<InvoiceId>,
    body: Body<RecordPayment>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().load(*id)?;
            call.allow(Action::RecordPayment, &facts(&invoice))?;
            let today = program::today(&app, tx, &invoice.program)?;
            let payment = payment(tx, call, body.get()?, today)?;
            let invoice = pay(tx, invoice, &payment)?;
            let version = invoice.version;
            let location = format!("/v1/invoices/{}", invoice.id);
            Ok(Reply::created(location, &InvoiceView::of(invoice, call.caller())).etag(version))
        })
        .await
}

fn payment(
    tx: &Tx<'_>,
    call: &Call,
    body: &RecordPayment,
    today: NaiveDate,
) -> Result<Payment, Problem> {
    let received_on = body.received_on.unwrap_or(today);
    let mut bad = check_payment(&body.reference, received_on, today);
    if !(1..=1_000_000_000).contains(&body.amount_cents) {
        let detail = "A payment is from 1 cent to 1,000,000,000 cents.";
        bad.push(domain::BadFact::at("/amount_cents", "out_of_range", detail));
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    Ok(Payment {
        id: tx.new_id(),
        method: body.method,
        reference: body.reference.to_string(),
        amount_cents: body.amount_cents,
        received_on,
        recorded_by: call.actor(),
        recorded_at: tx.now(),
    })
}
