//! Bundles of courses.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    BundleId, OrganisationId,
    competency::SetCode,
    course::{
        EndingKind,
        bundle::{Bundle, BundleState},
    },
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
    conn::{each_backend, get_row},
    courses::{count, ending},
    json,
    schema::bundles,
    types::V,
};

/// The repository of bundles of courses.
pub struct Bundles<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Bundles of courses.
    pub fn bundles(&mut self) -> Bundles<'_, 'c> {
        Bundles(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bundles, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<BundleId>,
    program: String,
    provider_id: V<OrganisationId>,
    set_code: String,
    title: String,
    state: V<BundleState>,
    courses: V<Value>,
    approved_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    renewals: i64,
    ended_on: Option<NaiveDate>,
    ending: Option<V<EndingKind>>,
    end_reason: Option<String>,
    version: i64,
}

impl TryFrom<&Bundle> for Row {
    type Error = Error;
    fn try_from(bundle: &Bundle) -> Result<Self, Error> {
        Ok(Self {
            id: V(bundle.id),
            program: bundle.program.to_string(),
            provider_id: V(bundle.provider),
            set_code: bundle.set.to_string(),
            title: bundle.title.clone(),
            state: V(bundle.state),
            courses: json::of(&bundle.courses)?,
            approved_on: bundle.approved_on,
            ends_on: bundle.ends_on,
            renewals: bundle.renewals.into(),
            ended_on: bundle.ended.as_ref().map(|ending| ending.on),
            ending: bundle.ended.as_ref().map(|ending| V(ending.kind)),
            end_reason: bundle.ended.as_ref().map(|ending| ending.reason.clone()),
            version: bundle.version,
        })
    }
}

impl TryFrom<Row> for Bundle {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            provider: row.provider_id.0,
            set: json::parsed(&row.set_code)?,
            title: row.title,
            state: row.state.0,
            courses: json::read(row.courses)?,
            approved_on: row.approved_on,
            ends_on: row.ends_on,
            renewals: count(row.renewals)?,
            ended: ending(row.ended_on, row.ending, row.end_reason),
            version: row.version,
        })
    }
}

aggregate!(Bundles, bundles, Bundle, BundleId);
bulk!(Bundles, bundles, Bundle, BundleId);

/// What a list of bundles is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct BundleFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// Providers whose bundles these are.
    pub providers: Option<Vec<OrganisationId>>,
    /// A state.
    pub state: Option<BundleState>,
    /// A day on which the approval is in force.
    pub approved_on: Option<NaiveDate>,
    /// Where not everything is shown: the providers whose drafts are.
    pub drafts_of: Option<Vec<OrganisationId>>,
}

impl Bundles<'_, '_> {
    /// A page of bundles, oldest record first.
    pub fn list(
        &mut self,
        filter: &BundleFilter,
        page: Page<BundleId>,
    ) -> Result<Vec<Bundle>, Error> {
        page!(self.0, bundles, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(bundles::program.eq(program.as_str().to_owned()));
            }
            if let Some(set) = &filter.set {
                query = query.filter(bundles::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(providers) = &filter.providers {
                let providers = providers.iter().map(|id| V(*id));
                query = query.filter(bundles::provider_id.eq_any(providers));
            }
            if let Some(own) = &filter.drafts_of {
                let own = bundles::provider_id.eq_any(own.iter().map(|id| V(*id)));
                query = query.filter(bundles::approved_on.is_not_null().or(own));
            }
            if let Some(state) = filter.state {
                query = query.filter(bundles::state.eq(V(state)));
            }
            if let Some(day) = filter.approved_on {
                query = query
                    .filter(bundles::approved_on.le(day))
                    .filter(bundles::ends_on.ge(day))
                    .filter(bundles::ended_on.is_null().or(bundles::ended_on.ge(day)));
            }
        })
    }
}
