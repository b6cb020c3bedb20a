//! Purchase orders against their invoices and those of their people.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use domain::{
    InvoiceId, PurchaseOrderId,
    invoice::{Invoice, InvoiceState, OWED},
    purchase_order::{LineOutcome, OrderState, PurchaseOrder},
};

use super::{MOST_ROWS, PAGE};
use crate::{
    Error, InvoiceFilter, OrderFilter, Page, Tx, conn::each_backend, schema::purchase_order_lines,
    types::V,
};

/// Orders have up to a thousand lines each.
const ORDERS: i64 = 50;

/// Every order with its lines, a few at a time, until enough is known to be broken.
fn each_page(
    tx: &mut Tx<'_>,
    rows: &mut Vec<String>,
    mut judge: impl FnMut(&mut Tx<'_>, &[PurchaseOrder], &mut Vec<String>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after = None;
    while rows.len() < MOST_ROWS {
        let page =
            tx.purchase_orders().list(&OrderFilter::default(), Page { after, limit: ORDERS })?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        judge(tx, &page, rows)?;
    }
    Ok(())
}

fn loaded(
    tx: &mut Tx<'_>,
    ids: impl Iterator<Item = InvoiceId>,
) -> Result<HashMap<InvoiceId, Invoice>, Error> {
    let ids: Vec<_> = ids.collect();
    let found = tx.invoices().load_all(&ids)?;
    Ok(found.into_iter().map(|invoice| (invoice.id, invoice)).collect())
}

pub(super) fn unsettled(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    each_page(tx, &mut rows, |tx, page, rows| {
        let bills = loaded(tx, page.iter().map(|order| order.invoice))?;
        for order in page {
            let paid = bills.get(&order.invoice).is_some_and(|bill| agrees(order, bill));
            let kept = order.lines.iter().filter(|line| line.outcome != Some(LineOutcome::Swapped));
            let sum = kept.map(|line| line.amount_cents).try_fold(0_i64, i64::checked_add);
            if !paid || sum != Some(order.total_cents) {
                rows.push(format!("{} {} is {}", order.id, order.number, order.state()));
            }
        }
        Ok(())
    })?;
    Ok(rows)
}

/// Whether an order stands as its invoice does.
fn agrees(order: &PurchaseOrder, bill: &Invoice) -> bool {
    let state = match order.state() {
        OrderState::Open => OWED.contains(&bill.state()),
        // Once paid; a payment that was reversed since is owed again, and its people stay active.
        OrderState::Settled => {
            let reversed = bill.payments.iter().any(|payment| payment.reversed.is_some());
            bill.state() == InvoiceState::Paid || (reversed && OWED.contains(&bill.state()))
        }
        OrderState::Cancelled => bill.state() == InvoiceState::Void,
    };
    let standing = order.standing().next().is_some();
    state
        && standing == (order.state() == OrderState::Open)
        && bill.order == Some(order.id)
        && bill.payer.organisation() == Some(order.institution)
        && bill.total_cents == order.total_cents
}

pub(super) fn unordered(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    each_page(tx, &mut rows, |tx, page, rows| {
        for order in page {
            let invoices = loaded(tx, order.standing().map(|line| line.invoice))?;
            for line in order.standing() {
                let waiting = invoices.get(&line.invoice);
                let waiting = waiting.filter(|invoice| invoice.order == Some(order.id));
                match waiting {
                    None => rows.push(format!("{} does not wait for {}", line.invoice, order.id)),
                    // The fee may end with its application; while it is owed, the line pays it.
                    Some(one) if one.is_ordered() && one.balance_cents() != line.amount_cents => {
                        rows.push(format!("{} owes not what {} pays", line.invoice, order.id));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    })?;
    wait_for_nothing(tx, &mut rows)?;
    Ok(rows)
}

/// People's invoices that an order was going to pay, which has no line for them any more.
fn wait_for_nothing(tx: &mut Tx<'_>, rows: &mut Vec<String>) -> Result<(), Error> {
    let mut after = None;
    while rows.len() < MOST_ROWS {
        let page = tx.invoices().list(&InvoiceFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let waiting: Vec<(InvoiceId, PurchaseOrderId)> = page
            .iter()
            .filter(|invoice| invoice.is_ordered())
            .filter_map(|invoice| Some((invoice.id, invoice.order?)))
            .collect();
        let ids: Vec<_> = waiting.iter().map(|(invoice, _)| V(*invoice)).collect();
        let found: Vec<(V<InvoiceId>, V<PurchaseOrderId>)> =
            each_backend!(tx.conn, |c| purchase_order_lines::table
                .filter(purchase_order_lines::invoice_id.eq_any(ids))
                .filter(purchase_order_lines::outcome.is_null())
                .select((purchase_order_lines::invoice_id, purchase_order_lines::order_id))
                .load(c))?;
        let found: HashSet<_> =
            found.into_iter().map(|(invoice, order)| (invoice.0, order.0)).collect();
        let in_vain = waiting.iter().filter(|pair| !found.contains(pair));
        rows.extend(in_vain.map(|(invoice, order)| format!("{invoice} waits for {order} in vain")));
    }
    Ok(())
}
