//! Callbacks of payment providers: idempotent by the provider's own reference. What does not agree with
//! what is recorded is refused and kept for the office.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact, DiscrepancyId, Finding, InvoiceId, PaymentId,
    access::{Action, Facts},
    all_satisfied,
    decision::Refused,
    discrepancy::{Discrepancy, DiscrepancyEvent},
    event::Event,
    id::{InvoiceKind, PaymentKind},
    invoice::{Invoice, Payment, PaymentMethod, check_receipt},
    program::ProgramCode,
    words,
};
use persistence::{Constraint, Error, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::Body,
    flows::{
        money::{self, Receipt},
        program::{self, InForce},
    },
    openapi::words::{id_of, one_of},
    problem::{Kind, Problem},
    v1::fields::Line,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(receive_payment_callback);
}

/// What a payment provider says came in by card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentCallback {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The provider's own reference of the payment: what the callback is told from others by. A card
    /// number is refused: the system holds no card data.
    pub reference: Line,
    /// The number of the invoice that is paid.
    #[schema(example = "LSSC-2026-000001")]
    pub invoice_number: Line,
    /// What came in, in cents. More than what is owed becomes credit.
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 35000)]
    pub amount_cents: i64,
    /// ISO 4217, three capital letters; it must be the invoice's.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: String,
    /// The day on which it was received; today when left out, and never later.
    #[serde(default)]
    pub received_on: Option<NaiveDate>,
}

words! {
    /// What became of a callback.
    pub enum CallbackOutcome {
        /// The payment was recorded now.
        Recorded = "recorded",
        /// The same callback came before: nothing was changed.
        AlreadyRecorded = "already_recorded",
    }
}

/// What became of a callback.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CallbackView {
    /// Whether it was recorded now or before.
    #[schema(schema_with = one_of::<CallbackOutcome>)]
    pub outcome: CallbackOutcome,
    /// The payment.
    #[schema(schema_with = id_of::<PaymentKind>)]
    pub payment_id: PaymentId,
    /// The invoice that it pays.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub invoice_id: InvoiceId,
    /// What of it was more than was owed and became credit of the payer, in cents.
    pub credited_cents: i64,
}

impl CallbackView {
    fn of(outcome: CallbackOutcome, invoice_id: InvoiceId, payment: &Payment) -> Self {
        let credited_cents = payment.credited_cents();
        Self { outcome, payment_id: payment.id, invoice_id, credited_cents }
    }
}

/// Take a payment provider's callback
///
/// The provider's own `reference` makes it safe to repeat, with or without an `Idempotency-Key`: the
/// first time the payment is recorded (201), again with the same invoice, amount and currency nothing
/// changes (200 `already_recorded`). The same reference with another amount or another invoice, another
/// currency, an invoice that takes no payment, or a reference whose money was taken as credit is 409 with
/// the findings, and is kept as a payment discrepancy that staff see and resolve, once until they do. No card data is held: only the reference. Amounts are integer
/// cents (FAQ 21, 22).
#[utoipa::path(tag = "Money", request_body = PaymentCallback,
    responses(
        (status = 201, body = CallbackView, description = "The payment is recorded; `Location` is its invoice."),
        (status = 200, body = CallbackView, description = "It was recorded before: nothing changed.")))]
#[post("/v1/payment-callbacks")]
pub(crate) async fn receive_payment_callback(
    app: App,
    call: Call,
    body: Body<PaymentCallback>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::ReceivePaymentCallback, &Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let (action, nobody) = (Action::ReceivePaymentCallback, Facts::default());
            call.allow_in(action, &nobody, &program.code)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            check(body, &rules)?;
            let found = tx.invoices().by_number(&program.code, &body.invoice_number)?;
            let Some(found) = found else {
                let detail = "There is no invoice of this number.";
                return Err(Problem::input("/invoice_number", "unknown", detail));
            };
            // Held from here on: the same callback twice at once waits for itself.
            let invoice = tx.invoices().load(found)?;
            call.allow(Action::ReceivePaymentCallback, &invoice.payer.facts())?;
            take(tx, call, &rules, &invoice, body)
        })
        .await
}

fn check(body: &PaymentCallback, rules: &InForce) -> Result<(), Vec<BadFact>> {
    let on = ("/received_on", body.received_on.unwrap_or(rules.today));
    let mut bad = check_receipt(&body.reference, body.amount_cents, on, rules.today);
    let currency = body.currency.as_bytes();
    if currency.len() != 3 || !currency.iter().all(u8::is_ascii_uppercase) {
        let detail = "A currency is three capital letters, such as USD.";
        bad.push(BadFact::at("/currency", "format", detail));
    }
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}

fn take(
    tx: &mut Tx<'_>,
    call: &Call,
    rules: &InForce,
    invoice: &Invoice,
    body: &PaymentCallback,
) -> Result<Reply, Problem> {
    let mut known = tx.invoices().card_payment(&invoice.program, &body.reference)?;
    let mut credited = tx.discrepancies().credited(&invoice.program, &body.reference)?;
    if known.is_none()
        && credited.is_none()
        && all_satisfied(&findings(invoice, None, body.amount_cents, &body.currency))
    {
        let receipt = Receipt {
            method: PaymentMethod::Card,
            reference: body.reference.to_string(),
            paid_by: invoice.payer,
            cents: body.amount_cents,
            received_on: body.received_on.unwrap_or(rules.today),
        };
        let payment = receipt.payment(tx);
        let id = payment.id;
        match tx.savepoint(|tx| money::receive(tx, rules, invoice.clone(), payment)) {
            Ok(paid) => return recorded(&paid, id),
            // The reference came for another invoice, or was taken as credit, at the same moment.
            Err(problem) if problem.kind() == Kind::Conflict => {
                known = tx.invoices().card_payment(&invoice.program, &body.reference)?;
                credited = tx.discrepancies().credited(&invoice.program, &body.reference)?;
            }
            Err(problem) => return Err(problem),
        }
    }
    let mut findings = findings(invoice, known.as_ref(), body.amount_cents, &body.currency);
    if let Some(credited) = &credited {
        findings.push(Discrepancy::credited_once_finding(Some(credited.id)));
        if credited.says(invoice.id, body.amount_cents, &body.currency) {
            // The office knows of this very money: nothing more is to be found out.
            return Ok(Problem::from(Refused::State(findings)).reply(&call.request_id));
        }
    }
    match known {
        Some((paid, payment)) if all_satisfied(&findings) => {
            Ok(Reply::ok(&CallbackView::of(CallbackOutcome::AlreadyRecorded, paid, &payment))
                .private())
        }
        known => disagree(tx, call, invoice, known.map(|(_, payment)| payment), body, findings),
    }
}

fn recorded(invoice: &Invoice, id: PaymentId) -> Result<Reply, Problem> {
    let payment = invoice.payments.iter().find(|one| one.id == id);
    let payment = payment.ok_or_else(|| Problem::internal("a payment is not on its invoice"))?;
    let view = CallbackView::of(CallbackOutcome::Recorded, invoice.id, payment);
    Ok(Reply::created(format!("/v1/invoices/{}", invoice.id), &view).private())
}

/// Whether a callback for an invoice agrees with what is recorded under its reference, or with what can be.
pub(crate) fn findings(
    invoice: &Invoice,
    known: Option<&(InvoiceId, Payment)>,
    amount_cents: i64,
    currency: &str,
) -> Vec<Finding> {
    let mut findings = match known {
        None => invoice.payment_findings(),
        Some((paid, payment)) => vec![
            Finding::new(
                "callback.invoice",
                "FAQ 22",
                *paid == invoice.id,
                paid.to_string(),
                invoice.id.to_string(),
                "A reference pays one invoice: the one of its first callback.",
            ),
            Finding::new(
                "callback.amount",
                "FAQ 22",
                payment.received_cents == amount_cents,
                format!("{} cents", payment.received_cents),
                format!("{amount_cents} cents"),
                "A reference stands for one amount: the one of its first callback.",
            ),
        ],
    };
    findings.push(Finding::new(
        "callback.currency",
        "FAQ 21",
        currency == invoice.currency,
        invoice.currency.clone(),
        currency,
        "An invoice is paid in its own currency.",
    ));
    findings
}

/// Refuses a callback with its findings and keeps it for the office, once while it is not resolved.
/// It is an answer, not an error: what is kept commits with it.
fn disagree(
    tx: &mut Tx<'_>,
    call: &Call,
    invoice: &Invoice,
    known: Option<Payment>,
    body: &PaymentCallback,
    findings: Vec<Finding>,
) -> Result<Reply, Problem> {
    let expected = known.as_ref().map_or(invoice.balance_cents(), |one| one.received_cents);
    let discrepancy = Discrepancy {
        id: tx.new_id::<domain::id::DiscrepancyKind>(),
        program: invoice.program.clone(),
        invoice: invoice.id,
        payment: known.map(|payment| payment.id),
        reference: body.reference.to_string(),
        expected_cents: expected,
        actual_cents: body.amount_cents,
        currency: body.currency.clone(),
        findings: findings.clone(),
        received_at: tx.now(),
        resolved_on: None,
        resolution: None,
        taken_as_credit: false,
        version: 1,
    };
    match tx.savepoint(|tx| tx.discrepancies().insert(&discrepancy)) {
        Ok(()) => {
            let fact = DiscrepancyEvent::Found {
                invoice: invoice.id,
                reference: discrepancy.reference.clone(),
                expected_cents: discrepancy.expected_cents,
                actual_cents: discrepancy.actual_cents,
                currency: discrepancy.currency.clone(),
            };
            tx.record(event(&discrepancy.program, discrepancy.id, invoice, fact))?;
        }
        Err(Error::Conflict(Constraint::DiscrepanciesOnce)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Problem::from(Refused::State(findings)).reply(&call.request_id))
}

/// An event of a discrepancy, of the person whose invoice it is about.
pub(crate) fn event(
    program: &ProgramCode,
    id: DiscrepancyId,
    invoice: &Invoice,
    fact: DiscrepancyEvent,
) -> Event<DiscrepancyEvent> {
    Event {
        program: Some(program.clone()),
        subject: id.to_string(),
        person: invoice.person(),
        fact,
    }
}
