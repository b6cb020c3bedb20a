//! Invoices: what persons and institutions owe, and what becomes of it (FAQ 21, 22).

mod bodies;
mod document;
mod views;

use actix_web::{get, post};
use domain::{
    BadFact, Finding, InvoiceId,
    access::Action,
    decision,
    fees::{self, Item},
    invoice::{Invoice, InvoiceLine, MAX_PAYMENT_CENTS, check_no_card},
    ledger::Payer,
    policy::FeeCode,
};
use persistence::{InvoiceFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use bodies::*;
pub(crate) use document::get_invoice_document;
pub use views::*;

use super::{
    fields::Reason,
    payers::{self, Listed},
};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        money::{self, NewInvoice},
        program::{self, InForce},
        proposal,
    },
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_invoices)
        .service(get_invoice)
        .service(get_invoice_document)
        .service(issue_invoice)
        .service(void_invoice)
        .service(apply_credit);
}

/// The answer to an act on an invoice.
fn answer(call: &Call, invoice: Invoice) -> Reply {
    let version = invoice.version;
    Reply::ok(&InvoiceView::of(invoice, call.caller())).etag(version).private()
}

/// The findings on voiding by hand: besides what the invoice itself asks, its end must not leave an
/// application or a purchase order without what it waits for.
fn void_findings(invoice: &Invoice) -> Vec<Finding> {
    let mut findings = invoice.void_findings();
    let free = invoice.application.is_none();
    findings.push(Finding::new(
        "invoice.no_application_waits",
        "FAQ 21",
        free,
        "an invoice that no application waits for",
        if free { "no application waits for it" } else { "the fee of an application" },
        "The fee of an application ends with it: withdraw or refuse the application, or return the payment.",
    ));
    let free = invoice.order.is_none() || invoice.person().is_some();
    findings.push(Finding::new(
        "invoice.no_order_waits",
        "FAQ 22",
        free,
        "an invoice that no purchase order waits for",
        if free { "no purchase order waits for it" } else { "the invoice of a purchase order" },
        "The invoice of a purchase order ends with it: cancel the order.",
    ));
    findings
}

/// List invoices
///
/// Oldest first. Staff see everybody's, people their own, and those who act for an institution its
/// invoices too. Amounts are integer cents (FAQ 21, 22).
#[utoipa::path(tag = "Money", params(ListInvoices),
    responses((status = 200, body = Listing<InvoiceView>)))]
#[get("/v1/invoices")]
pub(crate) async fn list_invoices(
    app: App,
    call: Call,
    query: Query<ListInvoices>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListInvoices)?;
        let page = Page::<InvoiceId>::of(query.limit, query.cursor.as_ref())?;
        let listed = Listed::of(&reach, query.person_id, query.institution_id);
        let mut filter = InvoiceFilter {
            program: query.program.clone(),
            programs: call.caller().programs_of(query.program.as_ref()),
            payers: None,
            person: None,
            application: query.application_id,
            state: query.state,
            number: query.number.clone().map(crate::v1::fields::Term::into_inner),
        };
        if !listed.narrow(&mut filter.payers) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.invoices().list(&filter, page.rows())?;
        let view = |row: Invoice| {
            call.discloses(row.person());
            InvoiceView::of(row, call.caller())
        };
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an invoice
///
/// With its lines, its payments and what of them was more than was owed or was returned. Amounts are
/// integer cents.
#[utoipa::path(tag = "Money", responses((status = 200, body = InvoiceView)))]
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
        call.allow_in(Action::GetInvoice, &invoice.payer.facts(), &invoice.program)?;
        call.discloses(invoice.person());
        Ok(seen.answer(answer(call, invoice)))
    })
    .await
}

/// Issue an invoice
///
/// By hand, to a person or an institution, at the prices in force today (FAQ 21): a person whose ALA
/// membership is verified for today gets the member price, an institution never. The invoice of a
/// person's application fee follows from submission and is not issued by hand. The numbers of a program
/// and year have no gaps. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = IssueInvoice,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = InvoiceView)))]
#[post("/v1/invoices")]
pub(crate) async fn issue_invoice(
    app: App,
    call: Call,
    body: Body<IssueInvoice>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::IssueInvoice, &domain::access::Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let payer = payers::named(tx, &program, body.person_id, body.institution_id)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let lines = lines(tx, &rules, payer, body)?;
            let (id, due_on) = (tx.new_id(), body.due_on);
            let new = NewInvoice { id, payer, application: None, order: None, lines, due_on };
            let invoice = money::issue(tx, &rules, new)?;
            let (location, version) = (format!("/v1/invoices/{}", invoice.id), invoice.version);
            Ok(Reply::created(location, &InvoiceView::of(invoice, call.caller())).etag(version))
        })
        .await
}

/// The lines of an invoice by hand.
fn lines(
    tx: &mut Tx<'_>,
    rules: &InForce,
    payer: Payer,
    body: &IssueInvoice,
) -> Result<Vec<InvoiceLine>, Problem> {
    let mut bad = Vec::new();
    if let Some(due_on) = body.due_on {
        bad.extend(domain::calendar::check_date("/due_on", due_on).err());
        if due_on < rules.today {
            let detail = format!("lies before today, {}", rules.today);
            bad.push(BadFact::at("/due_on", "order", detail));
        }
    }
    for (place, item) in body.items.iter().enumerate() {
        if payer.person().is_some() && item.code == FeeCode::Application {
            let detail =
                "A person's application fee is invoiced when the application is submitted.";
            bad.push(BadFact::at(format!("/items/{place}/code"), "exclusive", detail));
        }
    }
    if !bad.is_empty() {
        return Err(bad.into());
    }
    let items: Vec<Item> = body
        .items
        .iter()
        .map(|item| Item { code: item.code, quantity: item.quantity.unwrap_or(1) })
        .collect();
    match payer {
        Payer::Person(person) => money::priced(tx, rules, person, &items),
        Payer::Organisation(_) => {
            Ok(money::lines(&fees::quote(false, &items, &rules.policy.fees)?, false))
        }
    }
}

/// Void an invoice
///
/// One that is not paid in full: nothing is owed any more, its issue is reversed in the ledger, and what
/// was paid of it becomes credit of its payer. The fee of an application ends with the application and
/// the invoice of a purchase order with the order, so those are not voided by hand. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = InvoiceView)))]
#[post("/v1/invoices/{invoice_id}/void")]
pub(crate) async fn void_invoice(
    app: App,
    call: Call,
    id: PathOf<InvoiceId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().load(*id)?;
            call.allow(Action::VoidInvoice, &invoice.payer.facts())?;
            let reason = body.get()?.reason.to_string();
            if let Some(bad) = check_no_card("/reason", &reason) {
                return Err(bad.into());
            }
            let mut findings = void_findings(&invoice);
            findings.push(proposal::void_finding(tx, invoice.id)?);
            decision::by_state(findings)?;
            let rules = program::in_force(&app, tx, &invoice.program)?;
            let invoice = money::void(tx, &rules, invoice, reason)?;
            Ok(answer(call, invoice))
        })
        .await
}

/// Pay with credit
///
/// Credit of the invoice's payer pays it: `amount_cents`, or as much as there is and is owed when it is
/// left out. Credit comes from what was paid too much, from a void invoice, or from a member price that
/// was verified late (FAQ 21). Two uses of one credit wait for each other; what is not there is 409.
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = ApplyCredit,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = InvoiceView)))]
#[post("/v1/invoices/{invoice_id}/credit")]
pub(crate) async fn apply_credit(
    app: App,
    call: Call,
    id: PathOf<InvoiceId>,
    body: Body<ApplyCredit>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().load(*id)?;
            call.allow(Action::ApplyCredit, &invoice.payer.facts())?;
            let amount_cents = body.get()?.amount_cents;
            if let Some(bad) = amount_cents.and_then(check_amount) {
                return Err(bad.into());
            }
            let rules = program::in_force(&app, tx, &invoice.program)?;
            let invoice = money::apply_credit(tx, &rules, invoice, amount_cents)?;
            Ok(answer(call, invoice))
        })
        .await
}

/// What is wrong with an amount, before it meets what it is for.
pub(crate) fn check_amount(amount_cents: i64) -> Option<BadFact> {
    let fits = (1..=MAX_PAYMENT_CENTS).contains(&amount_cents);
    let detail = format!("An amount is from 1 cent to {MAX_PAYMENT_CENTS} cents.");
    (!fits).then(|| BadFact::at("/amount_cents", "out_of_range", detail))
}
