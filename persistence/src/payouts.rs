//! What the program pays out.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    InvoiceId, OrganisationId, PaymentId, PayoutId, PersonId, SubsidyId,
    invoice::Tender,
    ledger::Payer,
    payout::{Payout, PayoutKind, PayoutProof, PayoutState},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    payer::{payer, split},
    schema::payouts,
    types::V,
};

/// The repository of payouts.
pub struct Payouts<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Payouts.
    pub fn payouts(&mut self) -> Payouts<'_, 'c> {
        Payouts(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payouts, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<PayoutId>,
    program: String,
    person_id: Option<V<PersonId>>,
    organisation_id: Option<V<OrganisationId>>,
    kind: V<PayoutKind>,
    amount_cents: i64,
    currency: String,
    invoice_id: Option<V<InvoiceId>>,
    payment_id: Option<V<PaymentId>>,
    subsidy_id: Option<V<SubsidyId>>,
    reason: String,
    due_on: NaiveDate,
    tender: Option<V<Tender>>,
    reference: Option<String>,
    paid_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Payout> for Row {
    type Error = Error;
    fn try_from(payout: &Payout) -> Result<Self, Error> {
        Ok(Self {
            id: V(payout.id),
            program: payout.program.to_string(),
            person_id: payout.payee.person().map(V),
            organisation_id: payout.payee.organisation().map(V),
            kind: V(payout.kind),
            amount_cents: payout.amount_cents,
            currency: payout.currency.clone(),
            invoice_id: payout.invoice.map(V),
            payment_id: payout.payment.map(V),
            subsidy_id: payout.subsidy.map(V),
            reason: payout.reason.clone(),
            due_on: payout.due_on,
            tender: payout.made.as_ref().map(|made| V(made.tender)),
            reference: payout.made.as_ref().map(|made| made.reference.clone()),
            paid_on: payout.made.as_ref().map(|made| made.paid_on),
            version: payout.version,
        })
    }
}

impl TryFrom<Row> for Payout {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            payee: payer(row.person_id, row.organisation_id)?,
            kind: row.kind.0,
            amount_cents: row.amount_cents,
            currency: row.currency,
            invoice: row.invoice_id.map(|one| one.0),
            payment: row.payment_id.map(|one| one.0),
            subsidy: row.subsidy_id.map(|one| one.0),
            reason: row.reason,
            due_on: row.due_on,
            made: proof(row.tender, row.reference, row.paid_on),
            version: row.version,
        })
    }
}

aggregate!(Payouts, payouts, Payout, PayoutId);

fn proof(
    tender: Option<V<Tender>>,
    reference: Option<String>,
    paid_on: Option<NaiveDate>,
) -> Option<PayoutProof> {
    Some(PayoutProof { tender: tender?.0, reference: reference?, paid_on: paid_on? })
}

/// What a list of payouts is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct PayoutFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// To whom: one of these.
    pub payers: Option<Vec<Payer>>,
    /// Where they stand.
    pub state: Option<PayoutState>,
    /// The invoice of the payment that is returned.
    pub invoice: Option<InvoiceId>,
}

impl Payouts<'_, '_> {
    /// A page of payouts, the first that became due first.
    pub fn list(
        &mut self,
        filter: &PayoutFilter,
        page: Page<PayoutId>,
    ) -> Result<Vec<Payout>, Error> {
        page!(self.0, payouts, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(payouts::program.eq(program.as_str().to_owned()));
            }
            if let Some(payers) = &filter.payers {
                let (people, organisations) = split(payers);
                query = query.filter(
                    payouts::person_id
                        .eq_any(people)
                        .or(payouts::organisation_id.eq_any(organisations)),
                );
            }
            query = match filter.state {
                Some(PayoutState::Due) => query.filter(payouts::paid_on.is_null()),
                Some(PayoutState::Paid) => query.filter(payouts::paid_on.is_not_null()),
                None => query,
            };
            if let Some(invoice) = filter.invoice {
                query = query.filter(payouts::invoice_id.eq(V(invoice)));
            }
        })
    }
}
