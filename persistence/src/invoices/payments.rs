//! What came in for invoices.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    InvoiceId, OrganisationId, PaymentId, PersonId, PurchaseOrderId,
    invoice::{Invoice, Payment, PaymentMethod, Reversal},
    program::ProgramCode,
};

use super::Invoices;
use crate::{
    Error,
    conn::each_backend,
    payer::payer,
    schema::{card_references, payments},
    types::V,
};

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
    reversed_on: Option<NaiveDate>,
    reversal_reason: Option<String>,
    purchase_order_id: Option<V<PurchaseOrderId>>,
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
            reversed: row
                .reversed_on
                .zip(row.reversal_reason)
                .map(|(on, reason)| Reversal { on, reason }),
            order: row.purchase_order_id.map(|id| id.0),
        })
    }
}

impl Invoices<'_, '_> {
    /// Stores a payment of an invoice. A card's uses its reference up in the program, which money that was
    /// taken as credit may have done.
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
            reversed_on: None,
            reversal_reason: None,
            purchase_order_id: payment.order.map(V),
        };
        each_backend!(self.0.conn, |c| diesel::insert_into(payments::table)
            .values(&row)
            .execute(c))?;
        if payment.method == PaymentMethod::Card {
            each_backend!(self.0.conn, |c| diesel::insert_into(card_references::table)
                .values((
                    card_references::program.eq(&row.program),
                    card_references::reference.eq(&row.reference),
                    card_references::payment_id.eq(Some(row.id)),
                ))
                .execute(c))?;
        }
        Ok(())
    }

    /// Stores what of a payment was given back, or that it was reversed, which frees a card's reference;
    /// nothing else of a payment ever changes. Hold its invoice.
    pub fn save_payment(&mut self, payment: &Payment) -> Result<(), Error> {
        let changed =
            each_backend!(self.0.conn, |c| diesel::update(payments::table.find(V(payment.id)))
                .set((
                    payments::refunded_cents.eq(payment.refunded_cents),
                    payments::reversed_on.eq(payment.reversed.as_ref().map(|one| one.on)),
                    payments::reversal_reason
                        .eq(payment.reversed.as_ref().map(|one| one.reason.clone())),
                ))
                .execute(c))?;
        if payment.reversed.is_some() {
            each_backend!(self.0.conn, |c| diesel::delete(
                card_references::table.filter(card_references::payment_id.eq(Some(V(payment.id))))
            )
            .execute(c))?;
        }
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

    /// The payment of a program that a processor's reference names, and its invoice: the one that stands,
    /// otherwise the one that was reversed last.
    pub fn card_payment(
        &mut self,
        program: &ProgramCode,
        reference: &str,
    ) -> Result<Option<(InvoiceId, Payment)>, Error> {
        let row: Option<PaymentRow> = each_backend!(self.0.conn, |c| payments::table
            .filter(payments::program.eq(program.as_str()))
            .filter(payments::method.eq(V(PaymentMethod::Card)))
            .filter(payments::reference.eq(reference))
            .order((payments::reversed_on.is_not_null().asc(), payments::id.desc()))
            .select(PaymentRow::as_select())
            .first(c)
            .optional())?;
        row.map(|row| Ok((row.invoice_id.0, row.try_into()?))).transpose()
    }

    pub(super) fn with_payments(&mut self, found: &mut [Invoice]) -> Result<(), Error> {
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
