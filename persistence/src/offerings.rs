//! Offerings of approved courses.

use chrono::NaiveDate;
use diesel::{dsl::exists, prelude::*};
use domain::{
    CourseId, OfferingId, OrganisationId,
    competency::SetCode,
    course::{
        Mode,
        offering::{Offering, OfferingDetails},
        price_cents,
    },
    program::ProgramCode,
    text,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, of_any, page},
    conn::{each_backend, get_row},
    courses::count,
    json,
    schema::{courses, offerings, providers},
    types::V,
};

/// The repository of offerings of approved courses.
pub struct Offerings<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Offerings of approved courses.
    pub fn offerings(&mut self) -> Offerings<'_, 'c> {
        Offerings(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offerings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<OfferingId>,
    program: String,
    course_id: V<CourseId>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    mode: V<Mode>,
    place: Option<String>,
    place_folded: String,
    link: Option<String>,
    seats: Option<i64>,
    price: Option<String>,
    price_cents: Option<i64>,
    contact: Option<String>,
    registration_url: Option<String>,
    cancelled_on: Option<NaiveDate>,
    cancel_reason: Option<String>,
    version: i64,
}

impl TryFrom<&Offering> for Row {
    type Error = Error;
    fn try_from(offering: &Offering) -> Result<Self, Error> {
        let details = &offering.details;
        Ok(Self {
            id: V(offering.id),
            program: offering.program.to_string(),
            course_id: V(offering.course),
            starts_on: details.starts_on,
            ends_on: details.ends_on,
            mode: V(details.mode),
            place: details.place.clone(),
            place_folded: text::fold(details.place.as_deref().unwrap_or_default()),
            link: details.link.clone(),
            seats: details.seats.map(i64::from),
            price: details.price.clone(),
            price_cents: details.price.as_deref().and_then(price_cents),
            contact: details.contact.clone(),
            registration_url: details.registration_url.clone(),
            cancelled_on: offering.cancelled_on,
            cancel_reason: offering.cancel_reason.clone(),
            version: offering.version,
        })
    }
}

impl TryFrom<Row> for Offering {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            course: row.course_id.0,
            details: OfferingDetails {
                starts_on: row.starts_on,
                ends_on: row.ends_on,
                mode: row.mode.0,
                place: row.place,
                link: row.link,
                seats: row.seats.map(count).transpose()?,
                price: row.price,
                contact: row.contact,
                registration_url: row.registration_url,
            },
            cancelled_on: row.cancelled_on,
            cancel_reason: row.cancel_reason,
            version: row.version,
        })
    }
}

aggregate!(Offerings, offerings, Offering, OfferingId);

/// What a list of offerings is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct OfferingFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A course.
    pub course: Option<CourseId>,
    /// A provider.
    pub provider: Option<OrganisationId>,
    /// The competency set of its course.
    pub set: Option<SetCode>,
    /// A mode of teaching.
    pub mode: Option<Mode>,
    /// A part of its place.
    pub place: Option<String>,
    /// Those that start on this day or later.
    pub starts_from: Option<NaiveDate>,
    /// Those that start on this day or before.
    pub starts_until: Option<NaiveDate>,
    /// Whether those that were cancelled are left out.
    pub standing: bool,
    /// A day on which the catalog has their course, which is approved when they start.
    pub in_catalog_on: Option<NaiveDate>,
}

/// Narrows a query of offerings to a filter.
macro_rules! narrowed {
    ($query:ident, $filter:ident) => {
        if let Some(program) = &$filter.program {
            $query = $query.filter(offerings::program.eq(program.as_str().to_owned()));
        }
        if let Some(course) = $filter.course {
            $query = $query.filter(offerings::course_id.eq(V(course)));
        }
        if let Some(provider) = $filter.provider {
            let theirs = courses::table.filter(courses::provider_id.eq(V(provider)));
            $query = $query.filter(offerings::course_id.eq_any(theirs.select(courses::id)));
        }
        if let Some(set) = &$filter.set {
            let of_set = courses::table.filter(courses::set_code.eq(set.as_str().to_owned()));
            $query = $query.filter(offerings::course_id.eq_any(of_set.select(courses::id)));
        }
        if let Some(mode) = $filter.mode {
            $query = $query.filter(offerings::mode.eq(V(mode)));
        }
        if let Some(place) = &$filter.place {
            let like = format!("%{}%", text::fold(place));
            $query = $query.filter(offerings::place_folded.like(like));
        }
        if let Some(day) = $filter.starts_from {
            $query = $query.filter(offerings::starts_on.ge(day));
        }
        if let Some(day) = $filter.starts_until {
            $query = $query.filter(offerings::starts_on.le(day));
        }
        if let Some(day) = $filter.in_catalog_on {
            let acting = providers::table
                .filter(providers::deactivated_on.is_null().or(providers::deactivated_on.gt(day)));
            let lasting = courses::table
                .filter(courses::id.eq(offerings::course_id))
                .filter(courses::ends_on.ge(day).and(courses::ends_on.ge(offerings::starts_on)))
                .filter(
                    courses::ended_on.is_null().or(courses::ended_on
                        .ge(day)
                        .and(courses::ended_on.ge(offerings::starts_on.nullable()))),
                )
                .filter(courses::provider_id.eq_any(acting.select(providers::id)));
            $query = $query.filter(exists(lasting));
        }
        if $filter.standing {
            $query = $query.filter(offerings::cancelled_on.is_null());
        }
    };
}

impl Offerings<'_, '_> {
    /// A page of offerings, the first announced first.
    pub fn list(
        &mut self,
        filter: &OfferingFilter,
        page: Page<OfferingId>,
    ) -> Result<Vec<Offering>, Error> {
        page!(self.0, offerings, page, |query| {
            narrowed!(query, filter);
        })
    }

    /// As many offerings as `most`, the first announced first: where there are more, those that start last.
    pub fn latest(&mut self, filter: &OfferingFilter, most: i64) -> Result<Vec<Offering>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            let mut query = offerings::table.select(Row::as_select()).into_boxed();
            narrowed!(query, filter);
            query.order((offerings::starts_on.desc(), offerings::id.desc())).limit(most).load(c)
        })?;
        let found: Result<Vec<Offering>, Error> = rows.into_iter().map(TryInto::try_into).collect();
        let mut found = found?;
        found.sort_by_key(|one| one.id);
        Ok(found)
    }

    /// The offerings of several courses that end on `from` or later and are not cancelled.
    pub fn of_courses(
        &mut self,
        courses: &[CourseId],
        from: NaiveDate,
    ) -> Result<Vec<Offering>, Error> {
        of_any!(self.0, offerings, courses, |query, chunk| query
            .filter(offerings::cancelled_on.is_null())
            .filter(offerings::ends_on.ge(from))
            .filter(offerings::course_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }
}
