//! Invoices and the payments recorded against them (FAQ 21).

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ApplicationId, Finding, InvoiceId, PaymentId, PersonId,
    access::{Action, Caller, Facts},
    decision,
    event::Event,
    id::{ApplicationKind, InvoiceKind, PaymentKind, PersonKind},
    invoice::{Invoice, InvoiceEvent, InvoiceState, Payment, PaymentMethod, check_payment},
    program::ProgramCode,
};
use persistence::{Constraint, Error, InvoiceFilter, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::{actions, fields::Line},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_invoices).service(get_invoice).service(record_payment);
}

/// One line of an invoice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceLineView {
    /// The fee's code in the schedule.
    #[schema(example = "application")]
    pub code: String,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents.
    #[schema(example = 35000)]
    pub unit_cents: i64,
    /// The price of all, in cents.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// Whether the ALA member price was taken.
    pub member_price: bool,
}

/// A payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// Its id.
    #[schema(schema_with = id_of::<PaymentKind>)]
    pub id: PaymentId,
    /// How it came in.
    #[schema(schema_with = one_of::<PaymentMethod>)]
    pub method: PaymentMethod,
    /// The outside reference.
    pub reference: String,
    /// Cents.
    pub amount_cents: i64,
    /// The day on which it was received.
    pub received_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// An invoice. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvoiceView {
    /// Its id.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub id: InvoiceId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its number, without gaps per program and year.
    #[schema(example = "LSSC-2026-000001")]
    pub number: String,
    /// Who owes it.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The application whose fee it is.
    #[schema(schema_with = id_of_or_null::<ApplicationKind>)]
    pub application_id: Option<ApplicationId>,
    /// Where it stands.
    #[schema(schema_with = one_of::<InvoiceState>)]
    pub state: InvoiceState,
    /// What is owed.
    pub lines: Vec<InvoiceLineView>,
    /// The sum of the lines.
    pub total_cents: i64,
    /// What came in.
    pub paid_cents: i64,
    /// What is still owed.
    pub balance_cents: i64,
    /// What is to be returned: all that was paid, once the application was refused.
    pub refund_due_cents: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The day by which it is due.
    pub due_on: NaiveDate,
    /// The payments.
    pub payments: Vec<PaymentView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl InvoiceView {
    /// The invoice as `caller` sees it.
    #[must_use]
    pub fn of(invoice: Invoice, caller: &Caller) -> Self {
        let href = format!("/v1/invoices/{}/payments", invoice.id);
        let findings = state_findings(&invoice);
        let action = actions::view(Action::RecordPayment, "POST", href, findings);
        let may = caller.may(Action::RecordPayment, &facts(&invoice)).is_ok();
        Self {
            id: invoice.id,
            state: invoice.state(),
            paid_cents: invoice.paid_cents(),
            balance_cents: invoice.balance_cents(),
            refund_due_cents: invoice.refund_due_cents(),
            program: invoice.program,
            number: invoice.number,
            person_id: invoice.person,
            application_id: invoice.application,
            lines: invoice
                .lines
                .into_iter()
                .map(|line| InvoiceLineView {
                    code: line.code,
                    quantity: line.quantity,
                    unit_cents: line.unit_cents,
                    amount_cents: line.amount_cents,
                    member_price: line.member_price,
                })
                .collect(),
            total_cents: invoice.total_cents,
            currency: invoice.currency,
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            payments: invoice
                .payments
                .into_iter()
                .map(|payment| PaymentView {
                    id: payment.id,
                    method: payment.method,
                    reference: payment.reference,
                    amount_cents: payment.amount_cents,
                    received_on: payment.received_on,
                    recorded_at: payment.recorded_at,
                })
                .collect(),
            version: invoice.version,
            actions: if may { vec![action] } else { Vec::new() },
        }
    }
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
        Error::Conflict(Constraint::PaymentsReference) => Problem::conflict(format!(
            "A payment by {} with the reference {} is recorded already.",
            payment.method, payment.reference
        )),
        other => other.into(),
    })?;
    tx.invoices().save(&mut invoice)?;
    tx.record(event(&invoice, fact))?;
    Ok(invoice)
}

/// Which invoices are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInvoices {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
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

/// A payment that came in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// How it came in.
    #[schema(schema_with = one_of::<PaymentMethod>)]
    pub method: PaymentMethod,
    /// The outside reference: the processor's, the check's number, the order's number. Unique per
    /// program and method. A card number is refused: the system holds no card data.
    pub reference: Line,
    /// Cents, at most what is still owed.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub amount_cents: i64,
    /// The day on which it was received; today when left out, and never later.
    #[serde(default)]
    pub received_on: Option<NaiveDate>,
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
