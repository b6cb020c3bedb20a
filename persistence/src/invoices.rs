//! Invoices and the payments recorded against them.

mod payments;

use chrono::NaiveDate;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    invoice::{Invoice, InvoiceState},
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
    schema::invoices,
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

aggregate!(Invoices, invoices, Invoice, InvoiceId);

/// What a list of invoices is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// One of these programs; none = every one.
    pub programs: Option<Vec<ProgramCode>>,
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
             FROM payments p WHERE p.invoice_id = invoices.id AND p.reversed_on IS NULL)"
        }
        InvoiceState::Open => {
            "invoices.voided_on IS NULL AND invoices.total_cents > 0 AND NOT EXISTS (SELECT 1 \
             FROM payments p WHERE p.invoice_id = invoices.id AND p.reversed_on IS NULL)"
        }
        InvoiceState::PartPaid => {
            "invoices.voided_on IS NULL AND (SELECT coalesce(sum(p.amount_cents), 0) FROM payments p \
             WHERE p.invoice_id = invoices.id AND p.reversed_on IS NULL) BETWEEN 1 AND invoices.total_cents - 1"
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
            if let Some(programs) = &filter.programs {
                let codes = programs.iter().map(ToString::to_string);
                query = query.filter(invoices::program.eq_any(codes.collect::<Vec<_>>()));
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
}
