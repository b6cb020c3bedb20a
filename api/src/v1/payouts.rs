//! Payouts: what the program returns or reimburses, due by a decision and made by the office once.

mod views;

use actix_web::{get, post};
use domain::{
    PayoutId,
    access::Action,
    invoice::check_receipt,
    payout::{Payout, PayoutProof},
};
use persistence::PayoutFilter;
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use super::payers::Listed;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{money, program},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_payouts).service(get_payout).service(record_payout);
}

fn answer(call: &Call, payout: Payout) -> Reply {
    let version = payout.version;
    Reply::ok(&PayoutView::of(payout, call.caller())).etag(version).private()
}

/// List payouts
///
/// Oldest first. Staff see everybody's: with `state=due` it is the office's queue. People see their own,
/// and those who act for an institution its too.
#[utoipa::path(tag = "Money", params(ListPayouts),
    responses((status = 200, body = Listing<PayoutView>)))]
#[get("/v1/payouts")]
pub(crate) async fn list_payouts(
    app: App,
    call: Call,
    query: Query<ListPayouts>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListPayouts)?;
        let page = Page::<PayoutId>::of(query.limit, query.cursor.as_ref())?;
        let listed = Listed::of(&reach, query.person_id, query.institution_id);
        let mut filter = PayoutFilter {
            program: query.program.clone(),
            payers: None,
            state: query.state,
            invoice: query.invoice_id,
        };
        if !listed.narrow(&mut filter.payers) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.payouts().list(&filter, page.rows())?;
        let view = |row| PayoutView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a payout
///
/// What is to be paid, to whom and why, and how it was paid. Amounts are integer cents.
#[utoipa::path(tag = "Money", responses((status = 200, body = PayoutView)))]
#[get("/v1/payouts/{payout_id}")]
pub(crate) async fn get_payout(
    app: App,
    call: Call,
    id: PathOf<PayoutId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let payout = tx.payouts().get(*id)?;
        call.allow(Action::GetPayout, &payout.payee.facts())?;
        Ok(seen.answer(answer(call, payout)))
    })
    .await
}

/// Record that a payout was made
///
/// By card, with the processor's reference, or by check, with its number; once: a second time is 409.
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = RecordPayout,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PayoutView)))]
#[post("/v1/payouts/{payout_id}/record")]
pub(crate) async fn record_payout(
    app: App,
    call: Call,
    id: PathOf<PayoutId>,
    body: Body<RecordPayout>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let payout = tx.payouts().get(*id)?;
            call.allow(Action::RecordPayout, &payout.payee.facts())?;
            let body = body.get()?;
            let rules = program::in_force(&app, tx, &payout.program)?;
            let paid_on = body.paid_on.unwrap_or(rules.today);
            let on = ("/paid_on", paid_on);
            let bad = check_receipt(&body.reference, payout.amount_cents, on, rules.today);
            if !bad.is_empty() {
                return Err(bad.into());
            }
            let reference = body.reference.to_string();
            let proof = PayoutProof { tender: body.tender, reference, paid_on };
            let payout = money::make_payout(tx, &rules, payout, proof)?;
            Ok(answer(call, payout))
        })
        .await
}
