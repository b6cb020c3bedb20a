//! Providers of courses.

use diesel::prelude::*;
use domain::{
    OrganisationId,
    course::{Provider, ProviderKind},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::providers,
    types::V,
};

/// The repository of providers.
pub struct Providers<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Providers.
    pub fn providers(&mut self) -> Providers<'_, 'c> {
        Providers(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = providers, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<OrganisationId>,
    program: String,
    kind: V<ProviderKind>,
    name: String,
    name_folded: String,
    place: Option<String>,
    website: Option<String>,
    contact_email: Option<String>,
    version: i64,
}

impl TryFrom<&Provider> for Row {
    type Error = Error;
    fn try_from(provider: &Provider) -> Result<Self, Error> {
        Ok(Self {
            id: V(provider.id),
            program: provider.program.to_string(),
            kind: V(provider.kind),
            name: provider.name.clone(),
            name_folded: provider.name.to_lowercase(),
            place: provider.place.clone(),
            website: provider.website.clone(),
            contact_email: provider.contact_email.clone(),
            version: provider.version,
        })
    }
}

impl TryFrom<Row> for Provider {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            kind: row.kind.0,
            name: row.name,
            place: row.place,
            website: row.website,
            contact_email: row.contact_email,
            standing: domain::organisation::OrganisationStanding::default(),
            version: row.version,
        })
    }
}

aggregate!(Providers, providers, Provider, OrganisationId);

/// What a list of providers is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ProviderFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A kind.
    pub kind: Option<ProviderKind>,
}

impl Providers<'_, '_> {
    /// A page of providers, oldest record first.
    pub fn list(
        &mut self,
        filter: &ProviderFilter,
        page: Page<OrganisationId>,
    ) -> Result<Vec<Provider>, Error> {
        page!(self.0, providers, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(providers::program.eq(program.as_str().to_owned()));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(providers::kind.eq(V(kind)));
            }
        })
    }
}
