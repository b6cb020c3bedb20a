//! Renewals, and the activities that they use.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    ActivityId, CertificationId, InvoiceId, PersonId, RenewalId,
    program::ProgramCode,
    renewal::{Renewal, RenewalState},
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, page},
    conn::{each_backend, get_row},
    courses::count,
    json,
    schema::{renewal_activities, renewals},
    types::V,
};

/// The repository of renewals.
pub struct Renewals<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Renewals of certifications.
    pub fn renewals(&mut self) -> Renewals<'_, 'c> {
        Renewals(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = renewals, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<RenewalId>,
    program: String,
    person_id: V<PersonId>,
    certification_id: V<CertificationId>,
    term: i64,
    term_expires_on: NaiveDate,
    submitted_on: NaiveDate,
    lines: V<Value>,
    counted_minutes: i64,
    technology_minutes: i64,
    findings: V<Value>,
    policy_version: i64,
    invoice_id: Option<V<InvoiceId>>,
    state: V<RenewalState>,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    renewed_until: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Renewal> for Row {
    type Error = Error;
    fn try_from(renewal: &Renewal) -> Result<Self, Error> {
        Ok(Self {
            id: V(renewal.id),
            program: renewal.program.to_string(),
            person_id: V(renewal.person),
            certification_id: V(renewal.certification),
            term: renewal.term.into(),
            term_expires_on: renewal.term_expires_on,
            submitted_on: renewal.submitted_on,
            lines: json::of(&renewal.lines)?,
            counted_minutes: renewal.counted_minutes,
            technology_minutes: renewal.technology_minutes,
            findings: json::of(&renewal.findings)?,
            policy_version: renewal.policy_version,
            invoice_id: renewal.invoice.map(V),
            state: V(renewal.state),
            decided_on: renewal.decided_on,
            reason: renewal.reason.clone(),
            renewed_until: renewal.renewed_until,
            version: renewal.version,
        })
    }
}

impl TryFrom<Row> for Renewal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            certification: row.certification_id.0,
            term: count(row.term)?,
            term_expires_on: row.term_expires_on,
            submitted_on: row.submitted_on,
            lines: json::read(row.lines)?,
            counted_minutes: row.counted_minutes,
            technology_minutes: row.technology_minutes,
            findings: json::read(row.findings)?,
            policy_version: row.policy_version,
            invoice: row.invoice_id.map(|id| id.0),
            state: row.state.0,
            decided_on: row.decided_on,
            reason: row.reason,
            renewed_until: row.renewed_until,
            version: row.version,
        })
    }
}

aggregate!(Renewals, renewals, Renewal, RenewalId);

/// What a list of renewals is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct RenewalFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A holder.
    pub person: Option<PersonId>,
    /// A certification.
    pub certification: Option<CertificationId>,
    /// Where they stand.
    pub state: Option<RenewalState>,
}

impl Renewals<'_, '_> {
    /// A page of renewals, the first one submitted first.
    pub fn list(
        &mut self,
        filter: &RenewalFilter,
        page: Page<RenewalId>,
    ) -> Result<Vec<Renewal>, Error> {
        page!(self.0, renewals, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(renewals::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(renewals::person_id.eq(V(person)));
            }
            if let Some(certification) = filter.certification {
                query = query.filter(renewals::certification_id.eq(V(certification)));
            }
            if let Some(state) = filter.state {
                query = query.filter(renewals::state.eq(V(state)));
            }
        })
    }

    /// The renewal of a certification that waits for its decision. Hold the certification first.
    pub fn waiting(&mut self, certification: CertificationId) -> Result<Option<RenewalId>, Error> {
        let id: Option<V<RenewalId>> = each_backend!(self.0.conn, |c| renewals::table
            .filter(renewals::certification_id.eq(V(certification)))
            .filter(renewals::state.eq(V(RenewalState::Submitted)))
            .select(renewals::id)
            .first(c)
            .optional())?;
        Ok(id.map(|id| id.0))
    }

    /// The renewals that a program granted in a period, both days included, by id: the tickets of an audit.
    pub fn granted_between(
        &mut self,
        program: &ProgramCode,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<Vec<RenewalId>, Error> {
        let ids: Vec<V<RenewalId>> = each_backend!(self.0.conn, |c| renewals::table
            .filter(renewals::program.eq(program.as_str()))
            .filter(renewals::state.eq(V(RenewalState::Granted)))
            .filter(renewals::decided_on.between(from, until))
            .order(renewals::id.asc())
            .select(renewals::id)
            .load(c))?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }

    /// The renewal whose fee an invoice is, and its certification; nothing is held.
    pub fn of_invoice(
        &mut self,
        invoice: InvoiceId,
    ) -> Result<Option<(RenewalId, CertificationId)>, Error> {
        let found: Option<(V<RenewalId>, V<CertificationId>)> = each_backend!(self.0.conn, |c| {
            renewals::table
                .filter(renewals::invoice_id.eq(V(invoice)))
                .select((renewals::id, renewals::certification_id))
                .first(c)
                .optional()
        })?;
        Ok(found.map(|(renewal, certification)| (renewal.0, certification.0)))
    }

    /// The invoice and the certification of a renewal, which are held before it; nothing is held by this.
    /// [`Error::NotFound`] when there is none.
    pub fn roots(&mut self, id: RenewalId) -> Result<(Option<InvoiceId>, CertificationId), Error> {
        let found: Option<(Option<V<InvoiceId>>, V<CertificationId>)> =
            each_backend!(self.0.conn, |c| {
                renewals::table
                    .find(V(id))
                    .select((renewals::invoice_id, renewals::certification_id))
                    .first(c)
                    .optional()
            })?;
        let (invoice, certification) = found.ok_or(Error::NotFound)?;
        Ok((invoice.map(|id| id.0), certification.0))
    }

    /// A renewal uses activities. [`Error::Conflict`] where another one uses any of them.
    pub fn take(&mut self, renewal: RenewalId, activities: &[ActivityId]) -> Result<(), Error> {
        use renewal_activities::dsl;
        for chunk in activities.chunks(CHUNK) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|activity| (dsl::activity_id.eq(V(*activity)), dsl::renewal_id.eq(V(renewal))))
                .collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(dsl::renewal_activities)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// A renewal uses its activities no more; which they were, by id.
    pub fn give_back(&mut self, renewal: RenewalId) -> Result<Vec<ActivityId>, Error> {
        let used = self.used(renewal)?;
        each_backend!(self.0.conn, |c| diesel::delete(
            renewal_activities::table.filter(renewal_activities::renewal_id.eq(V(renewal)))
        )
        .execute(c))?;
        Ok(used)
    }

    /// The activities that a renewal uses, by id.
    pub fn used(&mut self, renewal: RenewalId) -> Result<Vec<ActivityId>, Error> {
        let ids: Vec<V<ActivityId>> = each_backend!(self.0.conn, |c| renewal_activities::table
            .filter(renewal_activities::renewal_id.eq(V(renewal)))
            .order(renewal_activities::activity_id.asc())
            .select(renewal_activities::activity_id)
            .load(c))?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }
}
