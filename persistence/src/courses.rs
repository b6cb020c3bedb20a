//! Approved courses.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    CourseId, OrganisationId, Word,
    competency::SetCode,
    course::{Course, CourseDetails, Mode},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::courses,
    types::V,
};

/// The repository of courses.
pub struct Courses<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Courses.
    pub fn courses(&mut self) -> Courses<'_, 'c> {
        Courses(self)
    }
}

/// `modes` holds the words with a space around each, so that `LIKE '% online %'` finds one.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = courses, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<CourseId>,
    program: String,
    provider_id: V<OrganisationId>,
    set_code: String,
    title: String,
    modes: String,
    place: Option<String>,
    price: Option<String>,
    website: Option<String>,
    approved_on: NaiveDate,
    ends_on: NaiveDate,
    version: i64,
}

impl TryFrom<&Course> for Row {
    type Error = Error;
    fn try_from(course: &Course) -> Result<Self, Error> {
        let details = &course.details;
        let modes: Vec<_> = details.modes.iter().map(|mode| mode.as_str()).collect();
        Ok(Self {
            id: V(course.id),
            program: course.program.to_string(),
            provider_id: V(course.provider),
            set_code: course.set.to_string(),
            title: details.title.clone(),
            modes: format!(" {} ", modes.join(" ")),
            place: details.place.clone(),
            price: details.price.clone(),
            website: details.website.clone(),
            approved_on: course.approved_on,
            ends_on: course.ends_on,
            version: course.version,
        })
    }
}

impl TryFrom<Row> for Course {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            provider: row.provider_id.0,
            set: json::parsed(&row.set_code)?,
            details: CourseDetails {
                title: row.title,
                modes: row.modes.split_whitespace().map(json::parsed).collect::<Result<_, _>>()?,
                place: row.place,
                price: row.price,
                website: row.website,
            },
            approved_on: row.approved_on,
            ends_on: row.ends_on,
            renewals: 0,
            ended: None,
            bundle: None,
            proposal: None,
            version: row.version,
        })
    }
}

aggregate!(Courses, courses, Course, CourseId);

/// What the catalog is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CourseFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// A mode of teaching.
    pub mode: Option<Mode>,
    /// A provider.
    pub provider: Option<OrganisationId>,
    /// A day on which the approval is in force.
    pub approved_on: Option<NaiveDate>,
}

impl Courses<'_, '_> {
    /// A page of courses, oldest record first.
    pub fn list(
        &mut self,
        filter: &CourseFilter,
        page: Page<CourseId>,
    ) -> Result<Vec<Course>, Error> {
        page!(self.0, courses, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(courses::program.eq(program.as_str().to_owned()));
            }
            if let Some(set) = &filter.set {
                query = query.filter(courses::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(mode) = filter.mode {
                query = query.filter(courses::modes.like(format!("% {mode} %")));
            }
            if let Some(provider) = filter.provider {
                query = query.filter(courses::provider_id.eq(V(provider)));
            }
            if let Some(day) = filter.approved_on {
                query = query.filter(courses::approved_on.le(day)).filter(courses::ends_on.ge(day));
            }
        })
    }
}
