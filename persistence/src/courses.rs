//! Approved courses.

use chrono::NaiveDate;
use diesel::{dsl::exists, prelude::*, sql_types::Bool};
use domain::{
    BundleId, CourseId, OrganisationId, ProposalId, Word, calendar,
    competency::SetCode,
    course::{Course, CourseDetails, Ending, EndingKind, Mode, ProviderKind, price_cents},
    program::ProgramCode,
    text,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
    conn::{each_backend, get_row},
    json,
    providers::search_text,
    schema::{courses, offerings, providers},
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
    search_text: String,
    place_folded: String,
    price_cents: Option<i64>,
    renewals: i64,
    ended_on: Option<NaiveDate>,
    ending: Option<V<EndingKind>>,
    end_reason: Option<String>,
    bundle_id: Option<V<BundleId>>,
    proposal_id: Option<V<ProposalId>>,
    version: i64,
}

/// The three columns of an early end.
pub(crate) fn ending(
    on: Option<NaiveDate>,
    kind: Option<V<EndingKind>>,
    reason: Option<String>,
) -> Option<Ending> {
    on.zip(kind).map(|(on, kind)| Ending { on, kind: kind.0, reason: reason.unwrap_or_default() })
}

/// A count that is stored as a whole number.
pub(crate) fn count(stored: i64) -> Result<u32, Error> {
    u32::try_from(stored).map_err(|error| Error::Broken(error.to_string()))
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
            search_text: search_text(&details.title, details.place.as_deref()),
            place_folded: text::fold(details.place.as_deref().unwrap_or_default()),
            price_cents: details.price.as_deref().and_then(price_cents),
            renewals: course.renewals.into(),
            ended_on: course.ended.as_ref().map(|ending| ending.on),
            ending: course.ended.as_ref().map(|ending| V(ending.kind)),
            end_reason: course.ended.as_ref().map(|ending| ending.reason.clone()),
            bundle_id: course.bundle.map(V),
            proposal_id: course.proposal.map(V),
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
            renewals: count(row.renewals)?,
            ended: ending(row.ended_on, row.ending, row.end_reason),
            bundle: row.bundle_id.map(|id| id.0),
            proposal: row.proposal_id.map(|id| id.0),
            version: row.version,
        })
    }
}

aggregate!(Courses, courses, Course, CourseId);
bulk!(Courses, courses, Course, CourseId);

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
    /// A day on which the provider acts.
    pub acting_on: Option<NaiveDate>,
    /// With a place or days of starting: offerings that ended before this day do not count.
    pub offered_from: Option<NaiveDate>,
    /// A kind of provider.
    pub provider_kind: Option<ProviderKind>,
    /// A part of its place, or of the place of an offering in a room that is not cancelled.
    pub place: Option<String>,
    /// Words of its title, its place, or its provider's name and place: all of them.
    pub text: Option<String>,
    /// An offering that is not cancelled starts on this day or later.
    pub starts_from: Option<NaiveDate>,
    /// An offering that is not cancelled starts on this day or before.
    pub starts_until: Option<NaiveDate>,
    /// The first amount of its price, or of the price of an offering that is not cancelled, is at most this;
    /// a course whose prices name none is left out.
    pub max_price_cents: Option<i64>,
    /// The bundle of which it is a part.
    pub bundle: Option<BundleId>,
}

/// The offerings of the course that are not cancelled, have not ended, start in the days that are asked for,
/// and are taught in the mode that is: in a room, where a place is asked for.
macro_rules! offered {
    ($filter:ident) => {{
        let first = $filter.starts_from.unwrap_or_default();
        let last = $filter.starts_until.unwrap_or_else(|| calendar::add_years(first, 200));
        let placed = $filter.place.is_some();
        let modes = Mode::ALL.iter().copied();
        let modes = modes.filter(|mode| $filter.mode.is_none_or(|asked| asked == *mode));
        let modes = modes.filter(|mode| !placed || *mode != Mode::Online).map(V);
        offerings::table
            .filter(offerings::course_id.eq(courses::id))
            .filter(offerings::cancelled_on.is_null())
            .filter(offerings::ends_on.ge($filter.offered_from.unwrap_or_default()))
            .filter(offerings::starts_on.between(first, last))
            .filter(offerings::mode.eq_any(modes.collect::<Vec<_>>()))
    }};
}

/// What the catalog is searched by beyond its own columns: providers and offerings.
macro_rules! searched {
    ($query:ident, $filter:ident) => {
        if let Some(kind) = $filter.provider_kind {
            let of_kind = providers::table.filter(providers::kind.eq(V(kind)));
            $query = $query.filter(courses::provider_id.eq_any(of_kind.select(providers::id)));
        }
        for word in text::fold($filter.text.as_deref().unwrap_or_default()).split_whitespace() {
            let like = format!("%{word}%");
            let theirs = providers::table.filter(providers::search_text.like(like.clone()));
            let theirs = courses::provider_id.eq_any(theirs.select(providers::id));
            $query = $query.filter(courses::search_text.like(like).or(theirs));
        }
        let place = $filter.place.as_ref().map(|place| format!("%{}%", text::fold(place)));
        if $filter.starts_from.is_some() || $filter.starts_until.is_some() {
            // One offering fits all that is asked for. One that names no place or amount of its own is where
            // its course is, for what that costs.
            let (like, anywhere) = (place.clone().unwrap_or_default(), place.is_none());
            let there = offerings::place_folded.like(like.clone());
            let here = offerings::place_folded.eq("").and(courses::place_folded.like(like));
            let most = $filter.max_price_cents;
            let (cents, whatever) = (most.unwrap_or_default(), most.is_none());
            let own = offerings::price_cents.le(cents);
            let same = offerings::price_cents.is_null().and(courses::price_cents.le(cents));
            let fits = offered!($filter)
                .filter(anywhere.into_sql::<Bool>().or(there).or(here))
                .filter(whatever.into_sql::<Bool>().or(own).or(same));
            $query = $query.filter(exists(fits));
        } else {
            if let Some(like) = place {
                let there = offered!($filter).filter(offerings::place_folded.like(like.clone()));
                $query = $query.filter(courses::place_folded.like(like).or(exists(there)));
            }
            if let Some(most) = $filter.max_price_cents {
                let cheap = offered!($filter).filter(offerings::price_cents.le(most));
                $query = $query.filter(courses::price_cents.le(most).or(exists(cheap)));
            }
        }
        if let Some(bundle) = $filter.bundle {
            $query = $query.filter(courses::bundle_id.eq(V(bundle)));
        }
    };
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
                query = query
                    .filter(courses::approved_on.le(day))
                    .filter(courses::ends_on.ge(day))
                    .filter(courses::ended_on.is_null().or(courses::ended_on.ge(day)));
            }
            if let Some(day) = filter.acting_on {
                let acting = providers::table.filter(
                    providers::deactivated_on.is_null().or(providers::deactivated_on.gt(day)),
                );
                query = query.filter(courses::provider_id.eq_any(acting.select(providers::id)));
            }
            searched!(query, filter);
        })
    }
}
