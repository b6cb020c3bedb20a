//! Invoices and the payments recorded against them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    ApplicationId, InvoiceId, PaymentId, PersonId,
    invoice::{Invoice, Payment, PaymentMethod},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{invoices, payments},
    types::V,
};

/// The repository of invoices. [`Invoices::load`] brings the payments; `get` alone does not.
pub struct Invoices<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Invoices.
    pub fn invoices(&mut self) -> Invoices<'_, 'c> {
        Invoices(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invoices, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<InvoiceId>,
    program: String,
    number: String,
    person_id: V<PersonId>,
    application_id: Option<V<ApplicationId>>,
    lines: V<Value>,
    total_cents: i64,
    currency: String,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    voided_on: Option<NaiveDate>,
    refund_due_on: Option<NaiveDate>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
struct PaymentRow {
    id: V<PaymentId>,
    program: String,
    invoice_id: V<InvoiceId>,
    method: V<PaymentMethod>,
    reference: String,
    amount_cents: i64,
    received_on: NaiveDate,
    recorded_by: String,
    recorded_at: V<DateTime<Utc>>,
}

impl TryFrom<&Invoice> for Row {
    type Error = Error;
    fn try_from(invoice: &Invoice) -> Result<Self, Error> {
        Ok(Self {
            id: V(invoice.id),
            program: invoice.program.to_string(),
            number: invoice.number.clone(),
            person_id: V(invoice.person),
            application_id: invoice.application.map(V),
            lines: json::of(&invoice.lines)?,
            total_cents: invoice.total_cents,
            currency: invoice.currency.clone(),
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            voided_on: invoice.voided_on,
            refund_due_on: invoice.refund_due_on,
            version: invoice.version,
        })
    }
}

impl TryFrom<Row> for Invoice {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            number: row.number,
            person: row.person_id.0,
            application: row.application_id.map(|id| id.0),
            lines: json::read(row.lines)?,
            total_cents: row.total_cents,
            currency: row.currency,
            issued_on: row.issued_on,
            due_on: row.due_on,
            voided_on: row.voided_on,
            refund_due_on: row.refund_due_on,
            payments: Vec::new(),
            version: row.version,
        })
    }
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        Self {
            id: row.id.0,
            method: row.method.0,
            reference: row.reference,
            amount_cents: row.amount_cents,
            received_on: row.received_on,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.0,
        }
    }
}

aggregate!(Invoices, invoices, Invoice, InvoiceId);

/// What a list of invoices is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Who owes.
    pub person: Option<PersonId>,
}

impl Invoices<'_, '_> {
    /// The invoice with its payments, held until the end of a write.
    pub fn load(&mut self, id: InvoiceId) -> Result<Invoice, Error> {
        let mut invoice = self.get(id)?;
        self.with_payments(std::slice::from_mut(&mut invoice))?;
        Ok(invoice)
    }

    /// A page of invoices with their payments, oldest first.
    pub fn list(
        &mut self,
        filter: &InvoiceFilter,
        page: Page<InvoiceId>,
    ) -> Result<Vec<Invoice>, Error> {
        let found: Result<Vec<Invoice>, Error> = page!(self.0, invoices, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(invoices::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(invoices::person_id.eq(V(person)));
            }
        });
        let mut found = found?;
        self.with_payments(&mut found)?;
        Ok(found)
    }

    /// Stores a payment of an invoice.
    pub fn insert_payment(&mut self, invoice: &Invoice, payment: &Payment) -> Result<(), Error> {
        let row = PaymentRow {
            id: V(payment.id),
            program: invoice.program.to_string(),
            invoice_id: V(invoice.id),
            method: V(payment.method),
            reference: payment.reference.clone(),
            amount_cents: payment.amount_cents,
            received_on: payment.received_on,
            recorded_by: payment.recorded_by.clone(),
            recorded_at: V(payment.recorded_at),
        };
        each_backend!(self.0.conn, |c| diesel::insert_into(payments::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    fn with_payments(&mut self, found: &mut [Invoice]) -> Result<(), Error> {
        let ids: Vec<_> = found.iter().map(|invoice| V(invoice.id)).collect();
        let rows: Vec<PaymentRow> = each_backend!(self.0.conn, |c| payments::table
            .filter(payments::invoice_id.eq_any(ids))
            .order(payments::id.asc())
            .select(PaymentRow::as_select())
            .load(c))?;
        for row in rows {
            let owner = found.iter_mut().find(|invoice| invoice.id == row.invoice_id.0);
            if let Some(invoice) = owner {
                invoice.payments.push(row.into());
            }
        }
        Ok(())
    }
}
