//! Colleges.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    OrganisationId, PersonId, agreement::College, organisation::OrganisationStanding,
    program::ProgramCode, text,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
    conn::{each_backend, get_row},
    json,
    schema::colleges,
    types::V,
};

/// The repository of colleges.
pub struct Colleges<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Colleges.
    pub fn colleges(&mut self) -> Colleges<'_, 'c> {
        Colleges(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = colleges, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<OrganisationId>,
    program: String,
    name: String,
    name_folded: String,
    place: Option<String>,
    website: Option<String>,
    contact_email: Option<String>,
    primary_contact_id: Option<V<PersonId>>,
    deactivated_on: Option<NaiveDate>,
    deactivation_reason: Option<String>,
    version: i64,
}

impl TryFrom<&College> for Row {
    type Error = Error;
    fn try_from(college: &College) -> Result<Self, Error> {
        Ok(Self {
            id: V(college.id),
            program: college.program.to_string(),
            name: college.name.clone(),
            name_folded: text::fold(&college.name),
            place: college.place.clone(),
            website: college.website.clone(),
            contact_email: college.contact_email.clone(),
            primary_contact_id: college.standing.primary_contact.map(V),
            deactivated_on: college.standing.deactivated_on,
            deactivation_reason: college.standing.deactivation_reason.clone(),
            version: college.version,
        })
    }
}

impl TryFrom<Row> for College {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
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

aggregate!(Colleges, colleges, College, OrganisationId);
bulk!(Colleges, colleges, College, OrganisationId);

/// What a list of colleges is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CollegeFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Words of its name.
    pub text: Option<String>,
    /// Those that act on this day.
    pub active_on: Option<NaiveDate>,
}

impl Colleges<'_, '_> {
    /// A page of colleges, oldest record first.
    pub fn list(
        &mut self,
        filter: &CollegeFilter,
        page: Page<OrganisationId>,
    ) -> Result<Vec<College>, Error> {
        page!(self.0, colleges, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(colleges::program.eq(program.as_str().to_owned()));
            }
            for word in text::fold(filter.text.as_deref().unwrap_or_default()).split_whitespace() {
                query = query.filter(colleges::name_folded.like(format!("%{word}%")));
            }
            if let Some(day) = filter.active_on {
                query = query.filter(
                    colleges::deactivated_on.is_null().or(colleges::deactivated_on.gt(day)),
                );
            }
        })
    }
}
