//! Requests for courses near somebody, and how many there are where.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, max, min},
    prelude::*,
};
use domain::{
    CourseId, CourseRequestId, PersonId,
    competency::SetCode,
    course::offering::{CourseRequest, Wanted},
    program::ProgramCode,
    text,
};

use crate::{
    Error, Page, Tx, aggregate::page, conn::each_backend, json, schema::course_requests, types::V,
};

/// The repository of course requests.
pub struct CourseRequests<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Course requests.
    pub fn course_requests(&mut self) -> CourseRequests<'_, 'c> {
        CourseRequests(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = course_requests, treat_none_as_default_value = false)]
struct Row {
    id: V<CourseRequestId>,
    program: String,
    course_id: Option<V<CourseId>>,
    set_code: String,
    place: String,
    place_folded: String,
    email: Option<String>,
    note: Option<String>,
    person_id: Option<V<PersonId>>,
    requested_at: V<DateTime<Utc>>,
}

impl From<&CourseRequest> for Row {
    fn from(request: &CourseRequest) -> Self {
        let course = match &request.wanted {
            Wanted::Course(course) => Some(*course),
            Wanted::Set(_) => None,
        };
        Self {
            id: V(request.id),
            program: request.program.to_string(),
            course_id: course.map(V),
            set_code: request.set.to_string(),
            place: request.place.clone(),
            place_folded: text::fold(&request.place),
            email: request.email.clone(),
            note: request.note.clone(),
            person_id: request.person.map(V),
            requested_at: V(request.requested_at),
        }
    }
}

impl TryFrom<Row> for CourseRequest {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let set: SetCode = json::parsed(&row.set_code)?;
        let wanted =
            row.course_id.map_or_else(|| Wanted::Set(set.clone()), |id| Wanted::Course(id.0));
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            wanted,
            set,
            place: row.place,
            email: row.email,
            note: row.note,
            person: row.person_id.map(|id| id.0),
            requested_at: row.requested_at.0,
        })
    }
}

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CourseRequestFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// A course.
    pub course: Option<CourseId>,
    /// A part of the place.
    pub place: Option<String>,
}

/// How many people want a course of a set in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The set.
    pub set: SetCode,
    /// The place, as one of them writes it.
    pub place: String,
    /// How many requests.
    pub requests: i64,
    /// The first of them.
    pub first_at: DateTime<Utc>,
    /// The last.
    pub last_at: DateTime<Utc>,
}

type Counted =
    (String, String, Option<String>, i64, Option<V<DateTime<Utc>>>, Option<V<DateTime<Utc>>>);

impl CourseRequests<'_, '_> {
    /// Stores a new request; it is never changed.
    pub fn insert(&mut self, request: &CourseRequest) -> Result<(), Error> {
        let row = Row::from(request);
        each_backend!(self.0.conn, |c| diesel::insert_into(course_requests::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// A page of requests, oldest first.
    pub fn list(
        &mut self,
        filter: &CourseRequestFilter,
        page: Page<CourseRequestId>,
    ) -> Result<Vec<CourseRequest>, Error> {
        page!(self.0, course_requests, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(course_requests::program.eq(program.as_str().to_owned()));
            }
            if let Some(set) = &filter.set {
                query = query.filter(course_requests::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(course) = filter.course {
                query = query.filter(course_requests::course_id.eq(V(course)));
            }
            if let Some(place) = &filter.place {
                let like = format!("%{}%", text::fold(place));
                query = query.filter(course_requests::place_folded.like(like));
            }
        })
    }

    /// Whether the same address, or without one the same person, asked for the set in the place after
    /// `since`.
    pub fn asked_since(
        &mut self,
        request: &CourseRequest,
        since: DateTime<Utc>,
    ) -> Result<bool, Error> {
        use course_requests::dsl;
        if request.email.is_none() && request.person.is_none() {
            return Ok(false);
        }
        let row = Row::from(request);
        let found: i64 = each_backend!(self.0.conn, |c| {
            let asked = dsl::course_requests
                .filter(dsl::program.eq(&row.program))
                .filter(dsl::set_code.eq(&row.set_code))
                .filter(dsl::place_folded.eq(&row.place_folded))
                .filter(dsl::requested_at.gt(V(since)));
            match (&row.email, row.person_id) {
                (Some(email), _) => asked.filter(dsl::email.eq(email)).count().get_result(c),
                (None, person) => asked.filter(dsl::person_id.eq(person)).count().get_result(c),
            }
        })?;
        Ok(found > 0)
    }

    /// How many requests there are by set and place, however the place is written: the most first, at
    /// most `limit` of them.
    pub fn counts(
        &mut self,
        program: &ProgramCode,
        set: Option<&SetCode>,
        limit: i64,
    ) -> Result<Vec<Demand>, Error> {
        use course_requests::dsl;
        // A set's code is letters and digits: as a pattern it finds itself alone.
        let sets = set.map_or("%", SetCode::as_str);
        let rows: Vec<Counted> = each_backend!(self.0.conn, |c| dsl::course_requests
            .filter(dsl::program.eq(program.as_str()))
            .filter(dsl::set_code.like(sets))
            .group_by((dsl::set_code, dsl::place_folded))
            .select((
                dsl::set_code,
                dsl::place_folded,
                max(dsl::place),
                count_star(),
                min(dsl::requested_at),
                max(dsl::requested_at),
            ))
            .order((count_star().desc(), dsl::set_code.asc(), dsl::place_folded.asc()))
            .limit(limit)
            .load(c))?;
        let demand = |(set, folded, place, requests, first, last): Counted| {
            let missing = || Error::Broken("a group without rows".to_owned());
            Ok(Demand {
                set: json::parsed(&set)?,
                place: place.unwrap_or(folded),
                requests,
                first_at: first.ok_or_else(missing)?.0,
                last_at: last.ok_or_else(missing)?.0,
            })
        };
        rows.into_iter().map(demand).collect()
    }
}
