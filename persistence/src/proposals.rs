//! Course proposals.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    BundleId, CourseId, InvoiceId, OrganisationId, PersonId, ProposalId,
    competency::SetCode,
    course::proposal::{CourseProposal, ProposalState},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
    conn::{each_backend, get_row},
    json,
    schema::course_proposals,
    types::V,
};

/// The repository of course proposals.
pub struct Proposals<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Course proposals.
    pub fn proposals(&mut self) -> Proposals<'_, 'c> {
        Proposals(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = course_proposals, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ProposalId>,
    program: String,
    provider_id: V<OrganisationId>,
    proposed_by: V<PersonId>,
    renews_id: Option<V<CourseId>>,
    state: V<ProposalState>,
    set_code: String,
    bundle_id: Option<V<BundleId>>,
    content: V<Value>,
    changes: V<Value>,
    invoice_id: Option<V<InvoiceId>>,
    created_at: V<DateTime<Utc>>,
    submitted_on: Option<NaiveDate>,
    decision: Option<V<Value>>,
    course_id: Option<V<CourseId>>,
    version: i64,
}

impl TryFrom<&CourseProposal> for Row {
    type Error = Error;
    fn try_from(proposal: &CourseProposal) -> Result<Self, Error> {
        Ok(Self {
            id: V(proposal.id),
            program: proposal.program.to_string(),
            provider_id: V(proposal.provider),
            proposed_by: V(proposal.proposed_by),
            renews_id: proposal.renews.map(V),
            state: V(proposal.state),
            set_code: proposal.content.set.to_string(),
            bundle_id: proposal.content.bundle.map(V),
            content: json::of(&proposal.content)?,
            changes: json::of(&proposal.changes)?,
            invoice_id: proposal.invoice.map(V),
            created_at: V(proposal.created_at),
            submitted_on: proposal.submitted_on,
            decision: proposal.decision.as_ref().map(json::of).transpose()?,
            course_id: proposal.course.map(V),
            version: proposal.version,
        })
    }
}

impl TryFrom<Row> for CourseProposal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            provider: row.provider_id.0,
            proposed_by: row.proposed_by.0,
            renews: row.renews_id.map(|id| id.0),
            state: row.state.0,
            content: json::read(row.content)?,
            changes: json::read(row.changes)?,
            invoice: row.invoice_id.map(|id| id.0),
            created_at: row.created_at.0,
            submitted_on: row.submitted_on,
            decision: row.decision.map(json::read).transpose()?,
            course: row.course_id.map(|id| id.0),
            version: row.version,
        })
    }
}

aggregate!(Proposals, course_proposals, CourseProposal, ProposalId);
bulk!(Proposals, course_proposals, CourseProposal, ProposalId);

/// What a list of proposals is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ProposalFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Providers whose proposals these are.
    pub providers: Option<Vec<OrganisationId>>,
    /// A state.
    pub state: Option<ProposalState>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// A bundle.
    pub bundle: Option<BundleId>,
}

impl Proposals<'_, '_> {
    /// Whether an open proposal waits for the payment of an invoice.
    pub fn awaits(&mut self, invoice: InvoiceId) -> Result<bool, Error> {
        let open = ProposalState::OPEN.iter().map(|state| V(*state));
        let found: Option<V<ProposalId>> = each_backend!(self.0.conn, |c| course_proposals::table
            .filter(course_proposals::invoice_id.eq(V(invoice)))
            .filter(course_proposals::state.eq_any(open.clone()))
            .select(course_proposals::id)
            .first(c)
            .optional())?;
        Ok(found.is_some())
    }

    /// A page of proposals, oldest first.
    pub fn list(
        &mut self,
        filter: &ProposalFilter,
        page: Page<ProposalId>,
    ) -> Result<Vec<CourseProposal>, Error> {
        page!(self.0, course_proposals, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(course_proposals::program.eq(program.as_str().to_owned()));
            }
            if let Some(providers) = &filter.providers {
                let providers = providers.iter().map(|id| V(*id));
                query = query.filter(course_proposals::provider_id.eq_any(providers));
            }
            if let Some(state) = filter.state {
                query = query.filter(course_proposals::state.eq(V(state)));
            }
            if let Some(set) = &filter.set {
                query = query.filter(course_proposals::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(bundle) = filter.bundle {
                query = query.filter(course_proposals::bundle_id.eq(V(bundle)));
            }
        })
    }
}
