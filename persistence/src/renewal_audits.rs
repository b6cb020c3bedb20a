//! Audits of renewals and their tickets.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{RenewalAuditId, RenewalId, program::ProgramCode, renewal::audit::RenewalAudit};

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, page},
    conn::{each_backend, get_row},
    courses::count,
    json,
    schema::{renewal_audit_tickets, renewal_audits},
    types::V,
};

/// The repository of audits of renewals.
pub struct RenewalAudits<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Audits of renewals.
    pub fn renewal_audits(&mut self) -> RenewalAudits<'_, 'c> {
        RenewalAudits(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = renewal_audits, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<RenewalAuditId>,
    program: String,
    granted_from: NaiveDate,
    granted_until: NaiveDate,
    seed: String,
    seed_source: String,
    share_percent: Option<i64>,
    tickets: i64,
    drawn: i64,
    drawn_on: NaiveDate,
    documents_by: NaiveDate,
    version: i64,
}

impl TryFrom<&RenewalAudit> for Row {
    type Error = Error;
    fn try_from(audit: &RenewalAudit) -> Result<Self, Error> {
        Ok(Self {
            id: V(audit.id),
            program: audit.program.to_string(),
            granted_from: audit.granted_from,
            granted_until: audit.granted_until,
            seed: audit.seed.clone(),
            seed_source: audit.seed_source.clone(),
            share_percent: audit.share_percent.map(i64::from),
            tickets: audit.tickets,
            drawn: audit.drawn,
            drawn_on: audit.drawn_on,
            documents_by: audit.documents_by,
            version: audit.version,
        })
    }
}

impl TryFrom<Row> for RenewalAudit {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            granted_from: row.granted_from,
            granted_until: row.granted_until,
            seed: row.seed,
            seed_source: row.seed_source,
            share_percent: row.share_percent.map(count).transpose()?,
            tickets: row.tickets,
            drawn: row.drawn,
            drawn_on: row.drawn_on,
            documents_by: row.documents_by,
            version: row.version,
        })
    }
}

aggregate!(RenewalAudits, renewal_audits, RenewalAudit, RenewalAuditId);

/// What a list of audits is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct RenewalAuditFilter {
    /// A program.
    pub program: Option<ProgramCode>,
}

impl RenewalAudits<'_, '_> {
    /// A page of audits, the first one held first.
    pub fn list(
        &mut self,
        filter: &RenewalAuditFilter,
        page: Page<RenewalAuditId>,
    ) -> Result<Vec<RenewalAudit>, Error> {
        page!(self.0, renewal_audits, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(renewal_audits::program.eq(program.as_str().to_owned()));
            }
        })
    }

    /// Stores the tickets of an audit with their ranks.
    pub fn insert_tickets(
        &mut self,
        audit: RenewalAuditId,
        ranks: &[(i64, RenewalId)],
    ) -> Result<(), Error> {
        use renewal_audit_tickets::dsl;
        for chunk in ranks.chunks(CHUNK) {
            let rows: Vec<_> = chunk
                .iter()
                .map(|(rank, renewal)| {
                    (
                        dsl::audit_id.eq(V(audit)),
                        dsl::renewal_id.eq(V(*renewal)),
                        dsl::rank.eq(rank),
                    )
                })
                .collect();
            each_backend!(self.0.conn, |c| diesel::insert_into(dsl::renewal_audit_tickets)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }

    /// The tickets of an audit with their ranks, in the order of these.
    pub fn tickets(&mut self, audit: RenewalAuditId) -> Result<Vec<(i64, RenewalId)>, Error> {
        let rows: Vec<(i64, V<RenewalId>)> =
            each_backend!(self.0.conn, |c| renewal_audit_tickets::table
                .filter(renewal_audit_tickets::audit_id.eq(V(audit)))
                .order(renewal_audit_tickets::rank.asc())
                .select((renewal_audit_tickets::rank, renewal_audit_tickets::renewal_id))
                .load(c))?;
        Ok(rows.into_iter().map(|(rank, renewal)| (rank, renewal.0)).collect())
    }
}
