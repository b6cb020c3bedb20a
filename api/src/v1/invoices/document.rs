//! An invoice as a PDF document.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    InvoiceId,
    access::Action,
    invoice::{Invoice, InvoiceState},
    ledger::Payer,
    payout::{Payout, PayoutKind},
    policy::FeeCode,
};
use persistence::{Optional, PayoutFilter, Tx};
use sha2::{Digest, Sha256};

use crate::{
    answer::{FileBody, Reply},
    app::App,
    call::Call,
    document::{self, DocumentError, InvoiceSheet, SheetLine, SheetPayment, Tone},
    extract::{IfNoneMatch, PathOf},
    hex,
    problem::Problem,
};

/// The most returns that one document lists.
const MOST_RETURNS: i64 = 200;

/// What a document is made of.
struct Papers {
    invoice: Invoice,
    program: String,
    payer: String,
    payer_lines: Vec<String>,
    order: Option<String>,
    returns: Vec<Payout>,
}

/// Read an invoice as a PDF document
///
/// A letter page with the payer, the lines, the payments and what is still owed. The same invoice gives
/// the same bytes; its entity tag changes with them.
#[utoipa::path(tag = "Money", responses((status = 200, body = FileBody,
    content_type = "application/pdf", description = "The document.",
    headers(("ETag" = String, description = "Changes with the document.")))))]
#[get("/v1/invoices/{invoice_id}/document")]
pub(crate) async fn get_invoice_document(
    app: App,
    call: Call,
    id: PathOf<InvoiceId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    let papers = app
        .read(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().load(*id)?;
            let facts = invoice.payer.facts();
            call.allow_in(Action::GetInvoiceDocument, &facts, &invoice.program)?;
            call.discloses(invoice.person());
            papers(tx, invoice)
        })
        .await?;
    let name = format!("{}.pdf", papers.invoice.number);
    // Setting pages takes its time: no connection waits for it.
    let bytes = made(&papers)?;
    let digest = hex::of(Sha256::digest(&bytes).get(..12).unwrap_or_default());
    let reply = Reply::file("application/pdf", &name, bytes);
    Ok(seen.answer(reply.header("ETag", format!("\"{digest}\""))))
}

fn papers(tx: &mut Tx<'_>, invoice: Invoice) -> Result<Papers, Problem> {
    let program = tx.programs().get(&invoice.program)?.name;
    let (payer, payer_lines) = match invoice.payer {
        Payer::Person(person) => {
            let primary = tx.people().emails(person)?.into_iter().find(|email| email.is_primary);
            let lines = primary.into_iter().map(|email| email.address).collect();
            (tx.people().get(person)?.full_name(), lines)
        }
        Payer::Organisation(id) => {
            if let Some(institution) = tx.institutions().get(id).found()? {
                let lines = institution.address.into_iter().chain([institution.email]).collect();
                (institution.name, lines)
            } else {
                let provider = tx.providers().get(id)?;
                (provider.name, provider.place.into_iter().chain(provider.contact_email).collect())
            }
        }
    };
    let order = invoice.order.map(|order| tx.purchase_orders().load(order)).transpose()?;
    let filter = PayoutFilter { invoice: Some(invoice.id), ..PayoutFilter::default() };
    let page = persistence::Page { after: None, limit: MOST_RETURNS };
    let mut returns = tx.payouts().list(&filter, page)?;
    returns.retain(|payout| payout.kind == PayoutKind::Refund);
    let order = order.map(|order| order.number);
    Ok(Papers { invoice, program, payer, payer_lines, order, returns })
}

fn made(papers: &Papers) -> Result<Vec<u8>, DocumentError> {
    let invoice = &papers.invoice;
    let (stamp, tone) = match invoice.state() {
        InvoiceState::Open => ("OPEN", Tone::Due),
        InvoiceState::PartPaid => ("PART PAID", Tone::Due),
        InvoiceState::Paid => ("PAID", Tone::Settled),
        InvoiceState::Void => ("VOID", Tone::Void),
    };
    let order = papers.order.iter().map(|number| ("Purchase order", number.clone()));
    let credit = invoice.member_credit.map(|credit| {
        let cents = domain::text::money(credit.amount_cents, &invoice.currency);
        ("Member price", format!("{cents} credited on {}", credit.on))
    });
    document::invoice(&InvoiceSheet {
        title: "Invoice",
        number: &invoice.number,
        program: &papers.program,
        payer: &papers.payer,
        payer_lines: papers.payer_lines.clone(),
        issued_on: invoice.issued_on,
        due_on: invoice.due_on,
        facts: order.chain(credit).collect(),
        stamp,
        tone,
        lines: lines(invoice),
        total_cents: invoice.total_cents,
        paid_cents: invoice.paid_cents(),
        balance_cents: invoice.balance_cents(),
        currency: &invoice.currency,
        payments: payments(invoice, &papers.returns),
        note: &note(invoice),
        footer: &papers.program,
    })
}

/// What a fee is called on paper.
fn fee(code: FeeCode) -> &'static str {
    match code {
        FeeCode::Application => "Application fee, with the account subscription",
        FeeCode::Portfolio => "Portfolio fee",
        FeeCode::CourseApproval => "Review of a course",
        FeeCode::CourseApprovalRenewal => "Review of a course whose approval ends",
        FeeCode::Renewal => "Renewal of the certification",
        FeeCode::LateRenewal => "Late renewal of the certification",
    }
}

fn lines(invoice: &Invoice) -> Vec<SheetLine> {
    let line = |line: &domain::invoice::InvoiceLine| SheetLine {
        description: format!(
            "{}{}",
            fee(line.code),
            if line.member_price { ", ALA member price" } else { "" }
        ),
        quantity: line.quantity,
        unit_cents: line.unit_cents,
        amount_cents: line.amount_cents,
    };
    invoice.lines.iter().map(line).collect()
}

fn payments(invoice: &Invoice, returns: &[Payout]) -> Vec<SheetPayment> {
    let paid = invoice.payments.iter().map(|payment| SheetPayment {
        on: payment.received_on,
        method: capital(&payment.method.to_string().replace('_', " ")),
        reference: payment.reference.clone(),
        amount_cents: payment.amount_cents,
    });
    let reversed = invoice.payments.iter().filter_map(|payment| {
        let reversal = payment.reversed.as_ref()?;
        Some(SheetPayment {
            on: reversal.on,
            method: "Reversed".to_owned(),
            reference: payment.reference.clone(),
            amount_cents: payment.amount_cents.saturating_neg(),
        })
    });
    let returned = returns.iter().map(|payout| SheetPayment {
        on: payout.made.as_ref().map_or(payout.due_on, |made| made.paid_on),
        method: if payout.made.is_some() { "Returned" } else { "To be returned" }.to_owned(),
        reference: payout.made.as_ref().map_or(String::new(), |made| made.reference.clone()),
        amount_cents: payout.amount_cents.saturating_neg(),
    });
    paid.chain(reversed).chain(returned).collect()
}

fn note(invoice: &Invoice) -> String {
    match invoice.state() {
        InvoiceState::Void => {
            let day = invoice.voided_on.unwrap_or(NaiveDate::MIN);
            let why = invoice.void_reason.as_deref().unwrap_or_default();
            format!("Void since {day}: nothing is owed. {why}")
        }
        InvoiceState::Paid => "Paid in full. Thank you.".to_owned(),
        InvoiceState::Open | InvoiceState::PartPaid if invoice.is_ordered() => {
            "A purchase order is going to pay this invoice.".to_owned()
        }
        InvoiceState::Open | InvoiceState::PartPaid => {
            format!(
                "Pay by card or by check until {}, and name the invoice's number.",
                invoice.due_on
            )
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}
