//! What of payments and of credit goes back to who paid.

use actix_web::post;
use domain::{
    PaymentId,
    access::{Action, Facts},
    invoice::{Payment, check_no_card},
};

use super::{RefundCredit, RefundPayment, RefundView, ReversePayment};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{money, program},
    problem::Problem,
    v1::{
        invoices::{InvoiceView, check_amount},
        payers,
        payouts::PayoutView,
    },
};

/// Return a payment
///
/// Some or all of what a payment paid goes back to where it came from: money as a payout that is due to
/// who paid it, credit as credit, enrollment assistance to the program. What of a payment became credit
/// is paid out as credit. What was paid of a void invoice became credit too, and is returned while it is
/// still there. Not returned is what is still owed (void the invoice instead), the payment of an order's
/// own invoice (return its people's), and the whole fee of an application that is open (refuse or withdraw
/// it): 409 with the findings, as is more than is left of the payment. A fee that is returned in full ends
/// the account subscription, and takes the member price back that was credited late. Amounts are integer
/// cents (FAQ 21). Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = RefundPayment,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = RefundView)))]
#[post("/v1/payments/{payment_id}/refund")]
pub(crate) async fn refund_payment(
    app: App,
    call: Call,
    id: PathOf<PaymentId>,
    body: Body<RefundPayment>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().invoice_of(*id)?;
            let invoice = tx.invoices().load(invoice)?;
            call.allow(Action::RefundPayment, &invoice.payer.facts())?;
            let body = body.get()?;
            let bad: Vec<_> = check_no_card("/reason", &body.reason)
                .into_iter()
                .chain(body.amount_cents.and_then(check_amount))
                .collect();
            if !bad.is_empty() {
                return Err(bad.into());
            }
            let payment = invoice.payments.iter().find(|one| one.id == *id);
            let left = payment.map(Payment::refundable_cents).ok_or_else(Problem::not_found)?;
            let amount_cents = body.amount_cents.unwrap_or(left);
            let rules = program::in_force(&app, tx, &invoice.program)?;
            let reason = body.reason.to_string();
            let (invoice, payout) = money::refund(tx, &rules, invoice, *id, amount_cents, reason)?;
            let view = RefundView {
                payment_id: *id,
                amount_cents,
                payout: payout.map(|payout| PayoutView::of(payout, call.caller())),
                invoice: InvoiceView::of(invoice, call.caller()),
            };
            Ok(Reply::ok(&view).private())
        })
        .await
}

/// Take a payment back as never received
///
/// The check bounced, the card was charged back, or the payment was recorded by mistake: what it paid is
/// owed again, what of it became credit is gone, and the posting in the ledger is reversed. The payment
/// stays on the invoice with its reason, and its reference can be recorded anew. Not reversed is what paid
/// without money coming in (assistance, credit, a purchase order), a payment of which something is
/// returned, that of a void invoice, that of an invoice which an open order is going to pay (swap the person
/// or cancel the order first), and one whose credit was used: 409 with the findings. An account subscription
/// that it activated ends, and goes on when the fee is settled again; an application or a candidacy stays as
/// it is, and its invoice says what is owed. Of a settled order the institution owes the invoice again, and
/// the order's people stay active. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = ReversePayment,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = InvoiceView)))]
#[post("/v1/payments/{payment_id}/reverse")]
pub(crate) async fn reverse_payment(
    app: App,
    call: Call,
    id: PathOf<PaymentId>,
    body: Body<ReversePayment>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let invoice = tx.invoices().invoice_of(*id)?;
            let invoice = tx.invoices().load(invoice)?;
            call.allow(Action::ReversePayment, &invoice.payer.facts())?;
            let reason = body.get()?.reason.to_string();
            if let Some(bad) = check_no_card("/reason", &reason) {
                return Err(bad.into());
            }
            let rules = program::in_force(&app, tx, &invoice.program)?;
            let invoice = money::reverse_payment(tx, &rules, invoice, *id, reason)?;
            let version = invoice.version;
            Ok(Reply::ok(&InvoiceView::of(invoice, call.caller())).etag(version).private())
        })
        .await
}

/// Pay credit out
///
/// Some or all of the credit of a person, an institution or a provider becomes a payout that is due. More than there
/// is is 409; two uses of one credit wait for each other. Amounts are integer cents (FAQ 22). Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = RefundCredit,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = PayoutView)))]
#[post("/v1/credit-refunds")]
pub(crate) async fn refund_credit(
    app: App,
    call: Call,
    body: Body<RefundCredit>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RefundCredit, &Facts::default())?;
            let body = body.get()?;
            let bad: Vec<_> = check_no_card("/reason", &body.reason)
                .into_iter()
                .chain(check_amount(body.amount_cents))
                .collect();
            if !bad.is_empty() {
                return Err(bad.into());
            }
            let program = program::named(tx, &body.program)?;
            let payee = payers::named(tx, &program, body.person_id, body.institution_id)?;
            call.allow(Action::RefundCredit, &payee.facts())?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let reason = body.reason.to_string();
            let payout = money::refund_credit(tx, &rules, payee, body.amount_cents, reason)?;
            let (location, version) = (format!("/v1/payouts/{}", payout.id), payout.version);
            Ok(Reply::created(location, &PayoutView::of(payout, call.caller())).etag(version))
        })
        .await
}
