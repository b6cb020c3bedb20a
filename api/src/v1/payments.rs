//! Payments: what comes in for an invoice, and what of it goes back (FAQ 21, 22).

mod refunds;
mod views;

use actix_web::post;
use domain::{
    InvoiceId,
    access::Action,
    invoice::{Invoice, check_receipt},
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use refunds::{refund_credit, refund_payment, reverse_payment};
pub use views::*;

use super::{invoices::InvoiceView, payers};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{
        money::{self, Receipt},
        program::{self, InForce},
    },
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(record_payment)
        .service(refund_payment)
        .service(reverse_payment)
        .service(refund_credit);
}

/// Record a payment
///
/// By card, with the reference of the outside processor, or by check, with its number; of the whole
/// balance or a part of it. Several payers and methods may pay one invoice: an institution that pays for
/// a person is named in `paid_by_institution_id`. What is more than the balance becomes credit of who
/// paid: `credited_cents` of the payment and of the invoice. A payment is never changed. A card's
/// reference is taken once in a program, a check's once for an invoice: a second time is 409. An invoice
/// that is paid or void, or that a purchase order is going to pay, takes none: 409 with the findings
/// (FAQ 21, 22). When it is paid in full, what it is for follows in the same transaction. Amounts are
/// integer cents. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = RecordPayment,
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
            call.allow_in(Action::RecordPayment, &invoice.payer.facts(), &invoice.program)?;
            call.discloses(invoice.person());
            let rules = program::in_force(&app, tx, &invoice.program)?;
            let payment = receipt(tx, &rules, &invoice, body.get()?)?.payment(tx);
            let invoice = money::receive(tx, &rules, invoice, payment)?;
            let (location, version) = (format!("/v1/invoices/{}", invoice.id), invoice.version);
            Ok(Reply::created(location, &InvoiceView::of(invoice, call.caller())).etag(version))
        })
        .await
}

fn receipt(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: &Invoice,
    body: &RecordPayment,
) -> Result<Receipt, Problem> {
    let received_on = body.received_on.unwrap_or(rules.today);
    let on = ("/received_on", received_on);
    let bad = check_receipt(&body.reference, body.amount_cents, on, rules.today);
    if !bad.is_empty() {
        return Err(bad.into());
    }
    let paid_by = match body.paid_by_institution_id {
        None => invoice.payer,
        Some(institution) => payers::organisation_named(
            tx,
            "/paid_by_institution_id",
            &invoice.program,
            institution,
        )?,
    };
    Ok(Receipt {
        method: body.tender.into(),
        reference: body.reference.to_string(),
        paid_by,
        cents: body.amount_cents,
        received_on,
    })
}
