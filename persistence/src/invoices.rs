//! Invoices and the payments recorded against them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PaymentId, PersonId, PurchaseOrderId,
    invoice::{Invoice, InvoiceState, Payment, PaymentMethod},
    ledger::Payer,
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row, get_rows},
    json,
    payer::{payer, split},
    schema::{invoices, payments},
    types::V,
};

/// The repository of invoices. `get` alone does not bring the payments, everything else does.
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
    person_id: Option<V<PersonId>>,
    organisation_id: Option<V<OrganisationId>>,
    application_id: Option<V<ApplicationId>>,
    purchase_order_id: Option<V<PurchaseOrderId>>,
    lines: V<Value>,
    total_cents: i64,
    currency: String,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    voided_on: Option<NaiveDate>,
    void_reason: Option<String>,
    member_credit: Option<V<Value>>,
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
    paid_by_person_id: Option<V<PersonId>>,
    paid_by_organisation_id: Option<V<OrganisationId>>,
    amount_cents: i64,
    received_cents: i64,
    refunded_cents: i64,
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
            person_id: invoice.payer.person().map(V),
            organisation_id: invoice.payer.organisation().map(V),
            application_id: invoice.application.map(V),
            purchase_order_id: invoice.order.map(V),
            lines: json::of(&invoice.lines)?,
            total_cents: invoice.total_cents,
            currency: invoice.currency.clone(),
            issued_on: invoice.issued_on,
            due_on: invoice.due_on,
            voided_on: invoice.voided_on,
            void_reason: invoice.void_reason.clone(),
            member_credit: invoice.member_credit.as_ref().map(json::of).transpose()?,
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
            payer: payer(row.person_id, row.organisation_id)?,
            application: row.application_id.map(|id| id.0),
            order: row.purchase_order_id.map(|id| id.0),
            lines: json::read(row.lines)?,
            total_cents: row.total_cents,
            currency: row.currency,
            issued_on: row.issued_on,
            due_on: row.due_on,
            voided_on: row.voided_on,
            void_reason: row.void_reason,
            member_credit: row.member_credit.map(json::read).transpose()?,
            payments: Vec::new(),
            version: row.version,
        })
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Error;
    fn try_from(row: PaymentRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            method: row.method.0,
            reference: row.reference,
            paid_by: payer(row.paid_by_person_id, row.paid_by_organisation_id)?,
            amount_cents: row.amount_cents,
            received_cents: row.received_cents,
            refunded_cents: row.refunded_cents,
            received_on: row.received_on,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.0,
        })
    }
}

aggregate!(Invoices, invoices, Invoice, InvoiceId);

/// What a list of invoices is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Who owes: one of these.
    pub payers: Option<Vec<Payer>>,
    /// The person who owes.
    pub person: Option<PersonId>,
    /// The application whose fee it is.
    pub application: Option<ApplicationId>,
    /// Where it stands.
    pub state: Option<InvoiceState>,
    /// Its number.
    pub number: Option<String>,
}

/// What the domain computes of an invoice's payments, for lists.
fn in_state(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Void => "invoices.voided_on IS NOT NULL",
        InvoiceState::Paid => {
            "invoices.voided_on IS NULL AND invoices.total_cents <= (SELECT coalesce(sum(p.amount_cents), 0) \
             FROM payments p WHERE p.invoice_id = invoices.id)"
        }
        InvoiceState::Open => {
            "invoices.voided_on IS NULL AND invoices.total_cents > 0 AND NOT EXISTS (SELECT 1 \
             FROM payments p WHERE p.invoice_id = invoices.id)"
        }
        InvoiceState::PartPaid => {
            "invoices.voided_on IS NULL AND (SELECT coalesce(sum(p.amount_cents), 0) FROM payments p \
             WHERE p.invoice_id = invoices.id) BETWEEN 1 AND invoices.total_cents - 1"
        }
    }
}

impl Invoices<'_, '_> {
    /// The invoice with its payments, held until the end of a write.
    pub fn load(&mut self, id: InvoiceId) -> Result<Invoice, Error> {
        let mut invoice = self.get(id)?;
        self.with_payments(std::slice::from_mut(&mut invoice))?;
        Ok(invoice)
    }

    /// The invoices of `ids` with their payments, in order of their ids, held until the end of a
    /// write: whoever needs several takes them in the same order. What is not there is left out.
    pub fn load_all(&mut self, ids: &[InvoiceId]) -> Result<Vec<Invoice>, Error> {
        let mut ids: Vec<_> = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(1_000) {
            let some: Vec<_> = some.iter().copied().map(V).collect();
            let rows: Vec<Row> = get_rows!(
                self.0,
                invoices::table
                    .filter(invoices::id.eq_any(some))
                    .order(invoices::id.asc())
                    .select(Row::as_select())
            )?;
            let mut page =
                rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, Error>>()?;
            self.with_payments(&mut page)?;
            found.append(&mut page);
        }
        Ok(found)
    }

    /// Every invoice of a person with its payments, oldest first, held until the end of a write.
    pub fn of_person(&mut self, person: PersonId) -> Result<Vec<Invoice>, Error> {
        let ids: Vec<V<InvoiceId>> = each_backend!(self.0.conn, |c| invoices::table
            .filter(invoices::person_id.eq(V(person)))
            .select(invoices::id)
            .load(c))?;
        let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
        self.load_all(&ids)
    }

    /// The invoice of a program that has a number.
    pub fn by_number(
        &mut self,
        program: &ProgramCode,
        number: &str,
    ) -> Result<Option<InvoiceId>, Error> {
        let found: Option<V<InvoiceId>> = each_backend!(self.0.conn, |c| invoices::table
            .filter(invoices::program.eq(program.as_str()))
            .filter(invoices::number.eq(number))
            .select(invoices::id)
            .first(c)
            .optional())?;
        Ok(found.map(|id| id.0))
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
            if let Some(payers) = &filter.payers {
                let (people, organisations) = split(payers);
                query = query.filter(
                    invoices::person_id
                        .eq_any(people)
                        .or(invoices::organisation_id.eq_any(organisations)),
                );
            }
            if let Some(person) = filter.person {
                query = query.filter(invoices::person_id.eq(V(person)));
            }
            if let Some(application) = filter.application {
                query = query.filter(invoices::application_id.eq(V(application)));
            }
            if let Some(number) = &filter.number {
                query = query.filter(invoices::number.eq(number.clone()));
            }
            if let Some(state) = filter.state {
                query = query.filter(sql::<Bool>(in_state(state)));
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
            paid_by_person_id: payment.paid_by.person().map(V),
            paid_by_organisation_id: payment.paid_by.organisation().map(V),
            amount_cents: payment.amount_cents,
            received_cents: payment.received_cents,
            refunded_cents: payment.refunded_cents,
            received_on: payment.received_on,
            recorded_by: payment.recorded_by.clone(),
            recorded_at: V(payment.recorded_at),
        };
        each_backend!(self.0.conn, |c| diesel::insert_into(payments::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Stores what of a payment was given back; nothing else of a payment ever changes. Hold its
    /// invoice.
    pub fn save_refund(&mut self, payment: &Payment) -> Result<(), Error> {
        let changed =
            each_backend!(self.0.conn, |c| diesel::update(payments::table.find(V(payment.id)))
                .set(payments::refunded_cents.eq(payment.refunded_cents))
                .execute(c))?;
        if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The invoice that a payment pays. [`Error::NotFound`] when there is no such payment.
    pub fn invoice_of(&mut self, payment: PaymentId) -> Result<InvoiceId, Error> {
        let invoice: V<InvoiceId> = each_backend!(self.0.conn, |c| payments::table
            .find(V(payment))
            .select(payments::invoice_id)
            .first(c))?;
        Ok(invoice.0)
    }

    /// The payment of a program that a processor's reference names, and its invoice.
    pub fn card_payment(
        &mut self,
        program: &ProgramCode,
        reference: &str,
    ) -> Result<Option<(InvoiceId, Payment)>, Error> {
        let row: Option<PaymentRow> = each_backend!(self.0.conn, |c| payments::table
            .filter(payments::program.eq(program.as_str()))
            .filter(payments::method.eq(V(PaymentMethod::Card)))
            .filter(payments::reference.eq(reference))
            .select(PaymentRow::as_select())
            .first(c)
            .optional())?;
        row.map(|row| Ok((row.invoice_id.0, row.try_into()?))).transpose()
    }

    fn with_payments(&mut self, found: &mut [Invoice]) -> Result<(), Error> {
        let ids: Vec<_> = found.iter().map(|invoice| V(invoice.id)).collect();
        let rows: Vec<PaymentRow> = each_backend!(self.0.conn, |c| payments::table
            .filter(payments::invoice_id.eq_any(ids))
            .order((payments::invoice_id.asc(), payments::id.asc()))
            .select(PaymentRow::as_select())
            .load(c))?;
        let mut places: HashMap<InvoiceId, &mut Invoice> =
            found.iter_mut().map(|invoice| (invoice.id, invoice)).collect();
        for row in rows {
            if let Some(invoice) = places.get_mut(&row.invoice_id.0) {
                invoice.payments.push(row.try_into()?);
            }
        }
        Ok(())
    }
}
