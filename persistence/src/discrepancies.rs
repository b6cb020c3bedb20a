//! Callbacks of payment providers that do not agree with what is recorded.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    DiscrepancyId, InvoiceId, PaymentId,
    discrepancy::{Discrepancy, DiscrepancyState},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{card_references, payment_discrepancies},
    types::V,
};

/// The repository of payment discrepancies.
pub struct Discrepancies<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Payment discrepancies.
    pub fn discrepancies(&mut self) -> Discrepancies<'_, 'c> {
        Discrepancies(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = payment_discrepancies, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<DiscrepancyId>,
    program: String,
    invoice_id: V<InvoiceId>,
    payment_id: Option<V<PaymentId>>,
    reference: String,
    expected_cents: i64,
    actual_cents: i64,
    findings: V<Value>,
    received_at: V<DateTime<Utc>>,
    resolved_on: Option<NaiveDate>,
    resolution: Option<String>,
    version: i64,
    currency: String,
    taken_as_credit: bool,
}

impl TryFrom<&Discrepancy> for Row {
    type Error = Error;
    fn try_from(discrepancy: &Discrepancy) -> Result<Self, Error> {
        Ok(Self {
            id: V(discrepancy.id),
            program: discrepancy.program.to_string(),
            invoice_id: V(discrepancy.invoice),
            payment_id: discrepancy.payment.map(V),
            reference: discrepancy.reference.clone(),
            expected_cents: discrepancy.expected_cents,
            actual_cents: discrepancy.actual_cents,
            findings: json::of(&discrepancy.findings)?,
            received_at: V(discrepancy.received_at),
            resolved_on: discrepancy.resolved_on,
            resolution: discrepancy.resolution.clone(),
            version: discrepancy.version,
            currency: discrepancy.currency.clone(),
            taken_as_credit: discrepancy.taken_as_credit,
        })
    }
}

impl TryFrom<Row> for Discrepancy {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            invoice: row.invoice_id.0,
            payment: row.payment_id.map(|one| one.0),
            reference: row.reference,
            expected_cents: row.expected_cents,
            actual_cents: row.actual_cents,
            currency: row.currency,
            findings: json::read(row.findings)?,
            received_at: row.received_at.0,
            resolved_on: row.resolved_on,
            resolution: row.resolution,
            taken_as_credit: row.taken_as_credit,
            version: row.version,
        })
    }
}

aggregate!(Discrepancies, payment_discrepancies, Discrepancy, DiscrepancyId);

/// What a list of discrepancies is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct DiscrepancyFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Where they stand.
    pub state: Option<DiscrepancyState>,
}

impl Discrepancies<'_, '_> {
    /// Uses the reference of a discrepancy up, whose money is taken as credit: a conflict where a card's
    /// payment stands for it or its money was taken before.
    pub fn use_reference(&mut self, discrepancy: &Discrepancy) -> Result<(), Error> {
        each_backend!(self.0.conn, |c| diesel::insert_into(card_references::table)
            .values((
                card_references::program.eq(discrepancy.program.as_str()),
                card_references::reference.eq(&discrepancy.reference),
                card_references::discrepancy_id.eq(Some(V(discrepancy.id))),
            ))
            .execute(c))?;
        Ok(())
    }

    /// The discrepancy whose money was taken as credit, of a program and a processor's reference. Not held:
    /// nothing of it changes any more.
    pub fn credited(
        &mut self,
        program: &ProgramCode,
        reference: &str,
    ) -> Result<Option<Discrepancy>, Error> {
        let id: Option<Option<V<DiscrepancyId>>> =
            each_backend!(self.0.conn, |c| card_references::table
                .find((program.as_str(), reference))
                .select(card_references::discrepancy_id)
                .first(c)
                .optional())?;
        let Some(id) = id.flatten() else { return Ok(None) };
        let row: Row = each_backend!(self.0.conn, |c| payment_discrepancies::table
            .find(id)
            .select(Row::as_select())
            .first(c))?;
        row.try_into().map(Some)
    }

    /// A page of discrepancies, the first that came first.
    pub fn list(
        &mut self,
        filter: &DiscrepancyFilter,
        page: Page<DiscrepancyId>,
    ) -> Result<Vec<Discrepancy>, Error> {
        page!(self.0, payment_discrepancies, page, |query| {
            if let Some(program) = &filter.program {
                query =
                    query.filter(payment_discrepancies::program.eq(program.as_str().to_owned()));
            }
            query = match filter.state {
                Some(DiscrepancyState::Open) => {
                    query.filter(payment_discrepancies::resolved_on.is_null())
                }
                Some(DiscrepancyState::Resolved) => {
                    query.filter(payment_discrepancies::resolved_on.is_not_null())
                }
                None => query,
            };
        })
    }
}
