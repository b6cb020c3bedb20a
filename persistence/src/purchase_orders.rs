//! Purchase orders with their lines.

mod payees;
mod rows;

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use domain::{
    InvoiceId, OrganisationId, PurchaseOrderId,
    program::ProgramCode,
    purchase_order::{LineOutcome, OrderState, PurchaseOrder},
};
use rows::{LineRow, Row};

pub use payees::Payee;

use crate::{
    Error, Page, Tx,
    aggregate::page,
    conn::{each_backend, get_row},
    schema::{invoices, purchase_order_lines, purchase_orders},
    types::V,
};

/// The repository of purchase orders. An order is always read and stored with its lines.
pub struct PurchaseOrders<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Purchase orders.
    pub fn purchase_orders(&mut self) -> PurchaseOrders<'_, 'c> {
        PurchaseOrders(self)
    }
}

/// What a list of purchase orders is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Who ordered: one of these.
    pub institutions: Option<Vec<OrganisationId>>,
    /// Where it stands.
    pub state: Option<OrderState>,
}

impl PurchaseOrders<'_, '_> {
    /// The order with its lines; its invoice, then itself held until the end of a write, as a payment of
    /// the invoice takes them. [`Error::NotFound`] when there is none.
    pub fn load(&mut self, id: PurchaseOrderId) -> Result<PurchaseOrder, Error> {
        let mut invoice: V<InvoiceId> = each_backend!(self.0.conn, |c| purchase_orders::table
            .find(V(id))
            .select(purchase_orders::invoice_id)
            .first(c))?;
        loop {
            let _held: V<InvoiceId> =
                get_row!(self.0, invoices::table.find(invoice).select(invoices::id))?;
            let row: Row =
                get_row!(self.0, purchase_orders::table.find(V(id)).select(Row::as_select()))?;
            if row.invoice_id == invoice {
                return self.one(row);
            }
            // A swap gave it another invoice meanwhile.
            invoice = row.invoice_id;
        }
    }

    /// The order whose invoice this is, with its lines, held until the end of a write; hold the invoice
    /// first. [`Error::NotFound`] when it is no order's.
    pub fn of_invoice(&mut self, invoice: InvoiceId) -> Result<PurchaseOrder, Error> {
        let row: Row = get_row!(
            self.0,
            purchase_orders::table
                .filter(purchase_orders::invoice_id.eq(V(invoice)))
                .select(Row::as_select())
        )?;
        self.one(row)
    }

    /// Who placed an order. [`Error::NotFound`] when there is none.
    pub fn institution_of(&mut self, id: PurchaseOrderId) -> Result<OrganisationId, Error> {
        let institution: V<OrganisationId> =
            each_backend!(self.0.conn, |c| purchase_orders::table
                .find(V(id))
                .select(purchase_orders::institution_id)
                .first(c))?;
        Ok(institution.0)
    }

    /// Stores a new order with its lines.
    pub fn insert(&mut self, order: &PurchaseOrder) -> Result<(), Error> {
        let row = Row::from(order);
        each_backend!(self.0.conn, |c| diesel::insert_into(purchase_orders::table)
            .values(&row)
            .execute(c))?;
        let lines: Vec<_> = order.lines.iter().map(|line| LineRow::of(order.id, line)).collect();
        self.insert_lines(&lines)
    }

    /// Stores a changed order, the outcomes of its lines and its new lines, and moves its version on.
    /// Nothing else of a line ever changes. [`Error::Stale`] when somebody else changed the order since it
    /// was read.
    pub fn save(&mut self, order: &mut PurchaseOrder) -> Result<(), Error> {
        let before = order.version;
        order.version = before.saturating_add(1);
        let row = Row::from(&*order);
        let changed = each_backend!(self.0.conn, |c| diesel::update(
            purchase_orders::table.find(row.id).filter(purchase_orders::version.eq(before))
        )
        .set(&row)
        .execute(c))?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        let stored: Vec<(i64, Option<V<LineOutcome>>)> =
            each_backend!(self.0.conn, |c| purchase_order_lines::table
                .filter(purchase_order_lines::order_id.eq(row.id))
                .select((purchase_order_lines::place, purchase_order_lines::outcome))
                .load(c))?;
        let stored: HashMap<_, _> = stored.into_iter().collect();
        let mut outcomes: BTreeMap<LineOutcome, Vec<i64>> = BTreeMap::new();
        let mut new = Vec::new();
        for line in &order.lines {
            match (stored.get(&line.place), line.outcome) {
                (None, _) => new.push(LineRow::of(order.id, line)),
                (Some(was), Some(outcome)) if *was != Some(V(outcome)) => {
                    outcomes.entry(outcome).or_default().push(line.place);
                }
                (Some(_), _) => {}
            }
        }
        for (outcome, places) in outcomes {
            each_backend!(self.0.conn, |c| diesel::update(
                purchase_order_lines::table
                    .filter(purchase_order_lines::order_id.eq(row.id))
                    .filter(purchase_order_lines::place.eq_any(places))
            )
            .set(purchase_order_lines::outcome.eq(Some(V(outcome))))
            .execute(c))?;
        }
        self.insert_lines(&new)
    }

    /// A page of orders with their lines, the first accepted first.
    pub fn list(
        &mut self,
        filter: &OrderFilter,
        page: Page<PurchaseOrderId>,
    ) -> Result<Vec<PurchaseOrder>, Error> {
        let found: Result<Vec<PurchaseOrder>, Error> =
            page!(self.0, purchase_orders, page, |query| {
                if let Some(program) = &filter.program {
                    query = query.filter(purchase_orders::program.eq(program.as_str().to_owned()));
                }
                if let Some(institutions) = &filter.institutions {
                    let ids: Vec<_> = institutions.iter().copied().map(V).collect();
                    query = query.filter(purchase_orders::institution_id.eq_any(ids));
                }
                query = match filter.state {
                    Some(OrderState::Open) => query
                        .filter(purchase_orders::cancelled_on.is_null())
                        .filter(purchase_orders::settled_on.is_null()),
                    Some(OrderState::Settled) => {
                        query.filter(purchase_orders::settled_on.is_not_null())
                    }
                    Some(OrderState::Cancelled) => {
                        query.filter(purchase_orders::cancelled_on.is_not_null())
                    }
                    None => query,
                };
            });
        let mut found = found?;
        self.with_lines(&mut found)?;
        Ok(found)
    }

    fn one(&mut self, row: Row) -> Result<PurchaseOrder, Error> {
        let mut order = row.try_into()?;
        self.with_lines(std::slice::from_mut(&mut order))?;
        Ok(order)
    }

    fn insert_lines(&mut self, rows: &[LineRow]) -> Result<(), Error> {
        for some in rows.chunks(1_000) {
            each_backend!(self.0.conn, |c| diesel::insert_into(purchase_order_lines::table)
                .values(some)
                .execute(c))?;
        }
        Ok(())
    }

    fn with_lines(&mut self, found: &mut [PurchaseOrder]) -> Result<(), Error> {
        let ids: Vec<_> = found.iter().map(|order| V(order.id)).collect();
        let rows: Vec<LineRow> = each_backend!(self.0.conn, |c| purchase_order_lines::table
            .filter(purchase_order_lines::order_id.eq_any(ids))
            .order((purchase_order_lines::order_id.asc(), purchase_order_lines::place.asc()))
            .select(LineRow::as_select())
            .load(c))?;
        let mut places: HashMap<PurchaseOrderId, &mut PurchaseOrder> =
            found.iter_mut().map(|order| (order.id, order)).collect();
        for row in rows {
            if let Some(order) = places.get_mut(&row.order_id.0) {
                order.lines.push(row.into());
            }
        }
        Ok(())
    }
}
