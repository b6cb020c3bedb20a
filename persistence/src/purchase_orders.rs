//! Purchase orders with their lines.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    application::ApplicationState,
    person::fold_email,
    program::ProgramCode,
    purchase_order::{LineOutcome, OrderState, PlacedLine, PurchaseOrder},
};

use crate::{
    Error, Page, Tx,
    aggregate::page,
    conn::{each_backend, get_row},
    json,
    schema::{applications, emails, invoices, people, purchase_order_lines, purchase_orders},
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

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = purchase_orders, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<PurchaseOrderId>,
    program: String,
    institution_id: V<OrganisationId>,
    number: String,
    invoice_id: V<InvoiceId>,
    total_cents: i64,
    currency: String,
    placed_on: NaiveDate,
    settled_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    cancel_reason: Option<String>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = purchase_order_lines, treat_none_as_default_value = false)]
struct LineRow {
    order_id: V<PurchaseOrderId>,
    place: i64,
    name: String,
    email: String,
    amount_cents: i64,
    person_id: V<PersonId>,
    application_id: V<ApplicationId>,
    invoice_id: V<InvoiceId>,
    outcome: Option<V<LineOutcome>>,
}

impl From<&PurchaseOrder> for Row {
    fn from(order: &PurchaseOrder) -> Self {
        Self {
            id: V(order.id),
            program: order.program.to_string(),
            institution_id: V(order.institution),
            number: order.number.clone(),
            invoice_id: V(order.invoice),
            total_cents: order.total_cents,
            currency: order.currency.clone(),
            placed_on: order.placed_on,
            settled_on: order.settled_on,
            cancelled_on: order.cancelled_on,
            cancel_reason: order.cancel_reason.clone(),
            version: order.version,
        }
    }
}

impl TryFrom<Row> for PurchaseOrder {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            institution: row.institution_id.0,
            number: row.number,
            invoice: row.invoice_id.0,
            total_cents: row.total_cents,
            currency: row.currency,
            placed_on: row.placed_on,
            settled_on: row.settled_on,
            cancelled_on: row.cancelled_on,
            cancel_reason: row.cancel_reason,
            lines: Vec::new(),
            version: row.version,
        })
    }
}

impl LineRow {
    fn of(order: PurchaseOrderId, line: &PlacedLine) -> Self {
        Self {
            order_id: V(order),
            place: line.place,
            name: line.name.clone(),
            email: line.email.clone(),
            amount_cents: line.amount_cents,
            person_id: V(line.person),
            application_id: V(line.application),
            invoice_id: V(line.invoice),
            outcome: line.outcome.map(V),
        }
    }
}

impl From<LineRow> for PlacedLine {
    fn from(row: LineRow) -> Self {
        Self {
            place: row.place,
            name: row.name,
            email: row.email,
            amount_cents: row.amount_cents,
            person: row.person_id.0,
            application: row.application_id.0,
            invoice: row.invoice_id.0,
            outcome: row.outcome.map(|outcome| outcome.0),
        }
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

/// An application that somebody on an order could be named for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// The application.
    pub application: ApplicationId,
    /// Its state.
    pub state: ApplicationState,
    /// Who applied.
    pub person: PersonId,
    /// Their full name.
    pub name: String,
    /// Every e-mail address of theirs.
    pub emails: Vec<String>,
    /// The invoice of the application's fee.
    pub invoice: Option<InvoiceId>,
}

/// As [`domain::person::Person::full_name`] has it.
fn person_name(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
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

    /// Every application to a program of the people who have one of these e-mail addresses, however they
    /// are written. A query each for the addresses, the applications, the names.
    pub fn payables(
        &mut self,
        program: &ProgramCode,
        emails: &[String],
    ) -> Result<Vec<Payee>, Error> {
        let mut found = Vec::new();
        for some in emails.chunks(1_000) {
            let folded: Vec<_> = some.iter().map(|address| fold_email(address)).collect();
            let people: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| emails::table
                .filter(emails::address_folded.eq_any(folded))
                .select(emails::person_id)
                .distinct()
                .load(c))?;
            found.append(&mut self.applications_of(program, &people)?);
        }
        found.sort_by_key(|payee| payee.application);
        found.dedup_by_key(|payee| payee.application);
        Ok(found)
    }

    fn applications_of(
        &mut self,
        program: &ProgramCode,
        people: &[V<PersonId>],
    ) -> Result<Vec<Payee>, Error> {
        type Found = (V<ApplicationId>, V<ApplicationState>, V<PersonId>, Option<V<InvoiceId>>);
        let rows: Vec<Found> = each_backend!(self.0.conn, |c| applications::table
            .filter(applications::program.eq(program.as_str()))
            .filter(applications::person_id.eq_any(people))
            .select((
                applications::id,
                applications::state,
                applications::person_id,
                applications::invoice_id,
            ))
            .load(c))?;
        let names: Vec<(V<PersonId>, String, String)> =
            each_backend!(self.0.conn, |c| people::table
                .filter(people::id.eq_any(people))
                .select((people::id, people::given_name, people::family_name))
                .load(c))?;
        let addresses: Vec<(V<PersonId>, String)> = each_backend!(self.0.conn, |c| emails::table
            .filter(emails::person_id.eq_any(people))
            .order((emails::is_primary.desc(), emails::id.asc()))
            .select((emails::person_id, emails::address))
            .load(c))?;
        let names: HashMap<_, _> = names
            .into_iter()
            .map(|(id, given, family)| (id, person_name(&given, &family)))
            .collect();
        let mut emails: HashMap<V<PersonId>, Vec<String>> = HashMap::new();
        for (person, address) in addresses {
            emails.entry(person).or_default().push(address);
        }
        Ok(rows
            .into_iter()
            .map(|(application, state, person, invoice)| Payee {
                application: application.0,
                state: state.0,
                person: person.0,
                name: names.get(&person).cloned().unwrap_or_default(),
                emails: emails.get(&person).cloned().unwrap_or_default(),
                invoice: invoice.map(|id| id.0),
            })
            .collect())
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
