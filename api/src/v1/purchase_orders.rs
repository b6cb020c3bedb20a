//! Purchase orders: an institution pays for its people (FAQ 22).

mod bodies;
mod views;

use std::collections::BTreeMap;

use actix_web::{get, post};
use domain::{
    InvoiceId, PurchaseOrderId,
    access::{Action, Facts, Reach},
    invoice::Invoice,
    purchase_order::PurchaseOrder,
};
use persistence::{OrderFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use bodies::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, JsonOrRows, Page, PathOf, Query},
    flows::{order, program},
    problem::Problem,
    v1::fields::{Reason, no_cards},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_purchase_order)
        .service(list_purchase_orders)
        .service(get_purchase_order)
        .service(swap_purchase_order_line)
        .service(cancel_purchase_order);
}

fn facts(order: &PurchaseOrder) -> Facts {
    Facts::of_organisation(order.institution)
}

/// The order as the caller sees it, with what of its invoice is paid.
fn answer(tx: &mut Tx<'_>, call: &Call, order: PurchaseOrder) -> Result<Reply, Problem> {
    let version = order.version;
    let bill = tx.invoices().load(order.invoice)?;
    let view = PurchaseOrderView::of(order, &bill, call.caller());
    // Payments of its invoice change what it shows: its own version would not tell.
    Ok(Reply::ok(&view).etag(version.saturating_add(bill.version)).private())
}

/// Hand in a purchase order
///
/// Each person applied before, choosing to pay by check; the order lists every person's name, e-mail
/// address and amount, and the total (FAQ 22). Every line must match a submitted, unpaid application and
/// the fee quoted for that person, and the total must be the sum; otherwise nothing is stored, and `lines`
/// of the problem tells what each line came to, with expected and actual amounts: 422, or 409 where only
/// other orders for the same people are in the way. An accepted order is invoiced to the institution.
///
/// Send JSON, or a file of `text/csv` with the columns `name`, `email` and `amount_cents` and the rest in
/// the query. `dry_run=true` answers the same and stores nothing: the same problem, or 200 with what every
/// line of an order that would be accepted comes to. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", params(PlaceQuery),
    request_body(content((CreatePurchaseOrder = "application/json"), (String = "text/csv")),
        description = "The order, or its lines as a file with the columns name, email and amount_cents."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = PurchaseOrderView, description = "Accepted."),
        (status = 200, body = OrderCheckView, description = "The dry run of an order that would be accepted.")))]
#[post("/v1/purchase-orders")]
pub(crate) async fn create_purchase_order(
    app: App,
    call: Call,
    query: Query<PlaceQuery>,
    body: JsonOrRows<CreatePurchaseOrder, OrderRow>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            if call.reach(Action::CreatePurchaseOrder).is_err() {
                call.allow(Action::CreatePurchaseOrder, &Facts::default())?;
            }
            let asked = Asked::of(&query, &body.get()?)?;
            let of_institution = Facts::of_organisation(asked.institution);
            call.allow(Action::CreatePurchaseOrder, &of_institution)?;
            let institution = asked.institution(tx)?;
            let rules = program::in_force(&app, tx, &institution.program)?;
            if query.dry_run == Some(true) {
                let checked = order::try_out(tx, &rules, &institution, &asked.order)?;
                let currency = rules.policy.fees.currency;
                let view = OrderCheckView::of(&asked.order, &checked.check, currency);
                return Ok(Reply::ok(&view).private());
            }
            let placed = order::place(tx, &rules, &institution, &asked.order)?;
            let location = format!("/v1/purchase-orders/{}", placed.id);
            let reply = answer(tx, call, placed)?;
            Ok(Reply { status: 201, ..reply }.header("Location", location))
        })
        .await
}

/// List purchase orders
///
/// Oldest first, without their lines. Staff see all of them, those who act for institutions theirs.
#[utoipa::path(tag = "Money", params(ListPurchaseOrders),
    responses((status = 200, body = Listing<PurchaseOrderSummary>)))]
#[get("/v1/purchase-orders")]
pub(crate) async fn list_purchase_orders(
    app: App,
    call: Call,
    query: Query<ListPurchaseOrders>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListPurchaseOrders)?;
        let page = Page::<PurchaseOrderId>::of(query.limit, query.cursor.as_ref())?;
        let asked = query.institution_id.map(|one| vec![one]);
        let institutions = match reach {
            Reach::Everything => asked,
            Reach::Own(own) => Some(asked.map_or(own.organisations.clone(), |mut asked| {
                asked.retain(|one| own.organisations.contains(one));
                asked
            })),
        };
        let filter =
            OrderFilter { program: query.program.clone(), institutions, state: query.state };
        let rows = tx.purchase_orders().list(&filter, page.rows())?;
        let ids: Vec<InvoiceId> = rows.iter().map(|order| order.invoice).collect();
        let found = tx.invoices().load_all(&ids)?;
        let bills: BTreeMap<InvoiceId, Invoice> =
            found.into_iter().map(|bill| (bill.id, bill)).collect();
        let view = |order: PurchaseOrder| {
            let bill = bills.get(&order.invoice);
            PurchaseOrderSummary::of(order, bill, call.caller())
        };
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a purchase order
///
/// With its lines, what became of each, and what of its invoice is paid.
#[utoipa::path(tag = "Money", responses((status = 200, body = PurchaseOrderView)))]
#[get("/v1/purchase-orders/{purchase_order_id}")]
pub(crate) async fn get_purchase_order(
    app: App,
    call: Call,
    id: PathOf<PurchaseOrderId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let order = tx.purchase_orders().load(*id)?;
        call.allow(Action::GetPurchaseOrder, &facts(&order))?;
        Ok(seen.answer(answer(tx, call, order)?))
    })
    .await
}

/// Swap a person on an unpaid purchase order
///
/// The person of a line makes way for another one with a submitted, unpaid application; the line stays on
/// record, and the new one gets a place of its own. Another amount voids the order's invoice and issues a
/// new one, which is possible until something was paid. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = OrderRow,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PurchaseOrderView)))]
#[post("/v1/purchase-orders/{purchase_order_id}/lines/{place}/swap")]
pub(crate) async fn swap_purchase_order_line(
    app: App,
    call: Call,
    path: PathOf<(PurchaseOrderId, i64)>,
    body: Body<OrderRow>,
) -> Result<Reply, Problem> {
    let (id, place) = *path;
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.purchase_orders().load(id)?;
            call.allow(Action::SwapPurchaseOrderLine, &facts(&found))?;
            let line = body.get()?;
            no_cards([("/name", &*line.name), ("/email", &*line.email)])?;
            if !found.lines.iter().any(|line| line.place == place) {
                return Err(Problem::not_found());
            }
            let rules = program::in_force(&app, tx, &found.program)?;
            let swapped = order::swap(tx, &rules, found, place, line.into())?;
            answer(tx, call, swapped)
        })
        .await
}

/// Cancel an unpaid purchase order
///
/// It pays for nobody any more: its invoice is voided, what was paid of it becomes credit of the
/// institution, and its people owe their fees themselves again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Money", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PurchaseOrderView)))]
#[post("/v1/purchase-orders/{purchase_order_id}/cancel")]
pub(crate) async fn cancel_purchase_order(
    app: App,
    call: Call,
    id: PathOf<PurchaseOrderId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.purchase_orders().load(*id)?;
            call.allow(Action::CancelPurchaseOrder, &facts(&found))?;
            let reason = body.get()?.reason.to_string();
            no_cards([("/reason", reason.as_str())])?;
            let rules = program::in_force(&app, tx, &found.program)?;
            let cancelled = order::cancel(tx, &rules, found, &reason)?;
            answer(tx, call, cancelled)
        })
        .await
}
