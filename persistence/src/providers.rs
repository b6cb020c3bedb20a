//! Providers of courses.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    OrganisationId, PersonId,
    course::{Provider, ProviderKind},
    organisation::OrganisationStanding,
    program::ProgramCode,
    text,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
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
    search_text: String,
    primary_contact_id: Option<V<PersonId>>,
    deactivated_on: Option<NaiveDate>,
    deactivation_reason: Option<String>,
    version: i64,
}

/// What searches read: folded, so that `LIKE` finds it however it is written.
pub(crate) fn search_text(name: &str, place: Option<&str>) -> String {
    text::fold(&format!("{name} {}", place.unwrap_or_default()))
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
            search_text: search_text(&provider.name, provider.place.as_deref()),
            primary_contact_id: provider.standing.primary_contact.map(V),
            deactivated_on: provider.standing.deactivated_on,
            deactivation_reason: provider.standing.deactivation_reason.clone(),
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
            standing: OrganisationStanding {
                primary_contact: row.primary_contact_id.map(|id| id.0),
                deactivated_on: row.deactivated_on,
                deactivation_reason: row.deactivation_reason,
            },
            version: row.version,
        })
    }
}

aggregate!(Providers, providers, Provider, OrganisationId);
bulk!(Providers, providers, Provider, OrganisationId);

/// What a list of providers is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ProviderFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A kind.
    pub kind: Option<ProviderKind>,
    /// Words of its name and place.
    pub text: Option<String>,
    /// Those that act on this day.
    pub active_on: Option<NaiveDate>,
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
            for word in text::fold(filter.text.as_deref().unwrap_or_default()).split_whitespace() {
                query = query.filter(providers::search_text.like(format!("%{word}%")));
            }
            if let Some(day) = filter.active_on {
                query = query.filter(
                    providers::deactivated_on.is_null().or(providers::deactivated_on.gt(day)),
                );
            }
        })
    }
}
