//! Institutions that pay for their people.

use diesel::prelude::*;
use domain::{OrganisationId, institution::Institution, program::ProgramCode};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::institutions,
    types::V,
};

/// The repository of institutions.
pub struct Institutions<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Institutions.
    pub fn institutions(&mut self) -> Institutions<'_, 'c> {
        Institutions(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = institutions)]
struct Row {
    id: V<OrganisationId>,
    program: String,
    name: String,
    name_folded: String,
    address: V<Value>,
    email: String,
    version: i64,
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

impl TryFrom<&Institution> for Row {
    type Error = Error;
    fn try_from(institution: &Institution) -> Result<Self, Error> {
        Ok(Self {
            id: V(institution.id),
            program: institution.program.to_string(),
            name: institution.name.clone(),
            name_folded: fold(&institution.name),
            address: json::of(&institution.address)?,
            email: institution.email.clone(),
            version: institution.version,
        })
    }
}

impl TryFrom<Row> for Institution {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            name: row.name,
            address: json::read(row.address)?,
            email: row.email,
            version: row.version,
        })
    }
}

aggregate!(Institutions, institutions, Institution, OrganisationId);

/// What a list of institutions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct InstitutionFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Only these.
    pub ids: Option<Vec<OrganisationId>>,
    /// A part of the name, however it is written.
    pub q: Option<String>,
}

impl Institutions<'_, '_> {
    /// A page of institutions, the first recorded first.
    pub fn list(
        &mut self,
        filter: &InstitutionFilter,
        page: Page<OrganisationId>,
    ) -> Result<Vec<Institution>, Error> {
        page!(self.0, institutions, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(institutions::program.eq(program.as_str().to_owned()));
            }
            if let Some(ids) = &filter.ids {
                let ids: Vec<_> = ids.iter().copied().map(V).collect();
                query = query.filter(institutions::id.eq_any(ids));
            }
            if let Some(part) = &filter.q {
                let part = fold(part).replace('!', "!!").replace('%', "!%").replace('_', "!_");
                query =
                    query.filter(institutions::name_folded.like(format!("%{part}%")).escape('!'));
            }
        })
    }
}
