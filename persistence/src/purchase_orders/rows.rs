//! Purchase orders and their lines as rows.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    purchase_order::{LineOutcome, PlacedLine, PurchaseOrder},
};

use crate::{
    Error, json,
    schema::{purchase_order_lines, purchase_orders},
    types::V,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = purchase_orders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) id: V<PurchaseOrderId>,
    pub(super) program: String,
    pub(super) institution_id: V<OrganisationId>,
    pub(super) number: String,
    pub(super) invoice_id: V<InvoiceId>,
    pub(super) total_cents: i64,
    pub(super) currency: String,
    pub(super) placed_on: NaiveDate,
    pub(super) settled_on: Option<NaiveDate>,
    pub(super) cancelled_on: Option<NaiveDate>,
    pub(super) cancel_reason: Option<String>,
    pub(super) version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = purchase_order_lines, treat_none_as_default_value = false)]
pub(super) struct LineRow {
    pub(super) order_id: V<PurchaseOrderId>,
    pub(super) place: i64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) amount_cents: i64,
    pub(super) person_id: V<PersonId>,
    pub(super) application_id: V<ApplicationId>,
    pub(super) invoice_id: V<InvoiceId>,
    pub(super) outcome: Option<V<LineOutcome>>,
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
    pub(super) fn of(order: PurchaseOrderId, line: &PlacedLine) -> Self {
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
