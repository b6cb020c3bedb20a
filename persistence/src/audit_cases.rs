//! Renewals that audits drew.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    AuditCaseId, CertificationId, PersonId, RenewalAuditId, RenewalId,
    program::ProgramCode,
    renewal::audit::{AuditCase, AuditCaseState, AuditStatus},
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::audit_cases,
    types::V,
};

/// The repository of renewals that audits drew.
pub struct AuditCases<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Renewals that audits drew.
    pub fn audit_cases(&mut self) -> AuditCases<'_, 'c> {
        AuditCases(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = audit_cases, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AuditCaseId>,
    program: String,
    audit_id: V<RenewalAuditId>,
    renewal_id: V<RenewalId>,
    person_id: V<PersonId>,
    certification_id: V<CertificationId>,
    rank: i64,
    documents_by: NaiveDate,
    documents: V<Value>,
    state: V<AuditCaseState>,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<&AuditCase> for Row {
    type Error = Error;
    fn try_from(case: &AuditCase) -> Result<Self, Error> {
        Ok(Self {
            id: V(case.id),
            program: case.program.to_string(),
            audit_id: V(case.audit),
            renewal_id: V(case.renewal),
            person_id: V(case.person),
            certification_id: V(case.certification),
            rank: case.rank,
            documents_by: case.documents_by,
            documents: json::of(&case.documents)?,
            state: V(case.state),
            decided_on: case.decided_on,
            reason: case.reason.clone(),
            version: case.version,
        })
    }
}

impl TryFrom<Row> for AuditCase {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            audit: row.audit_id.0,
            renewal: row.renewal_id.0,
            person: row.person_id.0,
            certification: row.certification_id.0,
            rank: row.rank,
            documents_by: row.documents_by,
            documents: json::read(row.documents)?,
            state: row.state.0,
            decided_on: row.decided_on,
            reason: row.reason,
            version: row.version,
        })
    }
}

aggregate!(AuditCases, audit_cases, AuditCase, AuditCaseId);

/// What a list of audited renewals is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AuditCaseFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// An audit.
    pub audit: Option<RenewalAuditId>,
    /// A holder.
    pub person: Option<PersonId>,
    /// Where they stand on a day.
    pub status: Option<(AuditStatus, NaiveDate)>,
}

impl AuditCases<'_, '_> {
    /// A page of audited renewals, the first one drawn first.
    pub fn list(
        &mut self,
        filter: &AuditCaseFilter,
        page: Page<AuditCaseId>,
    ) -> Result<Vec<AuditCase>, Error> {
        page!(self.0, audit_cases, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(audit_cases::program.eq(program.as_str().to_owned()));
            }
            if let Some(audit) = filter.audit {
                query = query.filter(audit_cases::audit_id.eq(V(audit)));
            }
            if let Some(person) = filter.person {
                query = query.filter(audit_cases::person_id.eq(V(person)));
            }
            if let Some((status, day)) = filter.status {
                let state = match status {
                    AuditStatus::Open | AuditStatus::Overdue => AuditCaseState::Open,
                    AuditStatus::Documented => AuditCaseState::Documented,
                    AuditStatus::Passed => AuditCaseState::Passed,
                    AuditStatus::Failed => AuditCaseState::Failed,
                };
                query = query.filter(audit_cases::state.eq(V(state)));
                query = match status {
                    AuditStatus::Open => query.filter(audit_cases::documents_by.ge(day)),
                    AuditStatus::Overdue => query.filter(audit_cases::documents_by.lt(day)),
                    AuditStatus::Documented | AuditStatus::Passed | AuditStatus::Failed => query,
                };
            }
        })
    }
}
