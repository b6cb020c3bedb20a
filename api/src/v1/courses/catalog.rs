//! The approved course catalog, as everybody searches it.

use std::collections::BTreeMap;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    BundleId, CourseId, OrganisationId,
    access::{Action, Facts},
    competency::SetCode,
    course::{Course, Mode, Provider, ProviderKind, offering::Offering},
    id::{BundleKind, CourseKind, OrganisationKind},
    program::ProgramCode,
};
use persistence::{CourseFilter, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    csv::{Cell, Format},
    extract::{AsOf, Cursor, IfNoneMatch, Limit, Page, Query},
    flows::program,
    openapi::words::{id_of, id_of_or_null, one_of, some_of},
    problem::Problem,
    v1::{
        fields::{Term, folds},
        offerings::OfferedView,
    },
};

/// The most courses of one file.
const MOST_IN_A_FILE: i64 = 10_000;

/// The provider of a course, as the catalog names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogProvider {
    /// Its id.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[schema(schema_with = one_of::<ProviderKind>)]
    pub kind: ProviderKind,
    /// City and state.
    pub place: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Where to ask.
    pub contact_email: Option<String>,
}

/// An approved course with its provider and its coming offerings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogEntry {
    /// Its id.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub id: CourseId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The competency set that it covers.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// Its title.
    pub title: String,
    /// How it is taught.
    #[schema(schema_with = some_of::<Mode>)]
    pub modes: Vec<Mode>,
    /// City and state, when it is taught in a room.
    pub place: Option<String>,
    /// The provider's own price, as the provider words it (FAQ 21).
    pub price: Option<String>,
    /// The provider's page on it.
    pub website: Option<String>,
    /// First day of the approval.
    pub approved_on: NaiveDate,
    /// Last day of the approval, an early end included.
    pub ends_on: NaiveDate,
    /// The bundle of which it is a part: alone it achieves nothing then.
    #[schema(schema_with = id_of_or_null::<BundleKind>)]
    pub bundle_id: Option<BundleId>,
    /// Its provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The same by name.
    pub provider: Option<CatalogProvider>,
    /// Its offerings that have not ended and were not cancelled, the first announced first.
    pub offerings: Vec<OfferedView>,
    /// The version.
    pub version: i64,
}

impl From<&Provider> for CatalogProvider {
    fn from(provider: &Provider) -> Self {
        Self {
            id: provider.id,
            name: provider.name.clone(),
            kind: provider.kind,
            place: provider.place.clone(),
            website: provider.website.clone(),
            contact_email: provider.contact_email.clone(),
        }
    }
}

impl CatalogEntry {
    fn of(course: Course, provider: Option<&Provider>, offerings: Vec<Offering>) -> Self {
        Self {
            ends_on: course.last_day(),
            id: course.id,
            program: course.program,
            set: course.set,
            title: course.details.title,
            modes: course.details.modes,
            place: course.details.place,
            price: course.details.price,
            website: course.details.website,
            approved_on: course.approved_on,
            bundle_id: course.bundle,
            provider_id: course.provider,
            provider: provider.map(CatalogProvider::from),
            offerings: offerings.into_iter().map(OfferedView::from).collect(),
            version: course.version,
        }
    }

    fn cells(self) -> Vec<Cell> {
        let starts = self.offerings.iter().map(|one| one.starts_on.to_string());
        vec![
            Cell::text(self.id),
            Cell::text(self.set),
            self.title.into(),
            self.provider.as_ref().map(|one| one.name.clone()).into(),
            self.provider.as_ref().map(|one| one.kind.to_string()).into(),
            self.modes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into(),
            self.place.into(),
            self.price.into(),
            Cell::text(self.approved_on),
            Cell::text(self.ends_on),
            starts.collect::<Vec<_>>().join(" ").into(),
            self.website.into(),
            self.provider.and_then(|one| one.contact_email).into(),
        ]
    }
}

/// The columns of the catalog as a file.
const COLUMNS: [&str; 13] = [
    "id",
    "set",
    "title",
    "provider",
    "provider_kind",
    "modes",
    "place",
    "price",
    "approved_on",
    "ends_on",
    "offerings_start_on",
    "website",
    "contact_email",
];

/// Which courses are listed: those to which everything that is given applies.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCourses {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those taught in a mode; with `starting_from` or `starting_until` the offering is.
    #[param(schema_with = one_of::<Mode>, required = false)]
    pub mode: Option<Mode>,
    /// Only those of a provider.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those of providers of a kind.
    #[param(schema_with = one_of::<ProviderKind>, required = false)]
    pub provider_kind: Option<ProviderKind>,
    /// Only those whose place, or the place of an offering in a room that has not ended, holds this; with
    /// `starting_from` or `starting_until` the same offering fits both.
    #[serde(default, deserialize_with = "folds")]
    pub place: Option<Term>,
    /// Only those whose title, place or provider hold every word of this, in whatever case and accents.
    #[serde(default, deserialize_with = "folds")]
    pub q: Option<Term>,
    /// Only those with an offering that starts on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    pub starting_from: Option<AsOf>,
    /// Only those with an offering that starts on this day or before.
    #[param(value_type = Option<String>, format = Date)]
    pub starting_until: Option<AsOf>,
    /// Only those whose price, or the price of an offering that has not ended, names an amount that is at most
    /// this; with `starting_from` or `starting_until` the same offering fits, by its own price if it has one.
    /// Cents.
    pub max_price_cents: Option<u32>,
    /// Only the parts of a bundle.
    #[param(schema_with = id_of::<BundleKind>, required = false)]
    pub bundle_id: Option<BundleId>,
    /// The day on which the approval is in force; today when left out.
    pub approved_on: Option<AsOf>,
    /// How it is answered: as CSV without pages, unless `limit` is given.
    pub format: Option<Format>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

impl ListCourses {
    fn filter(&self, program: ProgramCode, today: NaiveDate) -> CourseFilter {
        let text = |term: &Option<Term>| term.clone().map(Term::into_inner);
        CourseFilter {
            program: Some(program),
            set: self.set.clone(),
            mode: self.mode,
            provider: self.provider_id,
            approved_on: Some(AsOf::or(self.approved_on, today)),
            acting_on: Some(AsOf::or(self.approved_on, today)),
            offered_from: Some(AsOf::or(self.approved_on, today)),
            provider_kind: self.provider_kind,
            place: text(&self.place),
            text: text(&self.q),
            starts_from: self.starting_from.map(|day| day.0),
            starts_until: self.starting_until.map(|day| day.0),
            max_price_cents: self.max_price_cents.map(i64::from),
            bundle: self.bundle_id,
        }
    }
}

/// The entries of courses, in their order: three statements for a page.
fn entries(
    tx: &mut Tx<'_>,
    courses: Vec<Course>,
    today: NaiveDate,
) -> Result<Vec<CatalogEntry>, Problem> {
    let ids: Vec<_> = courses.iter().map(|course| course.id).collect();
    let providers: Vec<_> = courses.iter().map(|course| course.provider).collect();
    let providers: BTreeMap<_, _> =
        tx.providers().by_ids(&providers)?.into_iter().map(|one| (one.id, one)).collect();
    let mut offered: BTreeMap<CourseId, Vec<Offering>> = BTreeMap::new();
    for offering in tx.offerings().of_courses(&ids, today)? {
        offered.entry(offering.course).or_default().push(offering);
    }
    let entry = |course: Course| {
        let offerings = offered.remove(&course.id).unwrap_or_default();
        let provider = providers.get(&course.provider);
        CatalogEntry::of(course, provider, offerings)
    };
    Ok(courses.into_iter().map(entry).collect())
}

/// List approved courses
///
/// The approved course catalog: by default the courses whose approval is in force today, each with its
/// provider and its coming offerings. The oldest record comes first. Its entity tag is made of its bytes:
/// send it as `If-None-Match`, and what has not changed is 304.
#[utoipa::path(tag = "Public", params(ListCourses),
    responses((status = 200, description = "The catalog.", headers(("ETag" = String)),
        content((Listing<CatalogEntry> = "application/json"), (String = "text/csv")))))]
#[get("/v1/courses")]
pub(crate) async fn list_courses(
    app: App,
    call: Call,
    query: Query<ListCourses>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::ListCourses, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let page = Page::<CourseId>::of(query.limit, query.cursor.as_ref())?;
            let csv = query.format == Some(Format::Csv);
            let mut rows = page.rows();
            if csv && query.limit.is_none() {
                rows.limit = MOST_IN_A_FILE;
            }
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let (courses, today) = match program::asked(tx, &code)? {
                Some(program) => {
                    let today = app.today(&program);
                    (tx.courses().list(&query.filter(code, today), rows)?, today)
                }
                None => (Vec::new(), NaiveDate::default()),
            };
            let reply = if csv {
                let most = query.limit.map_or(usize::MAX, |_| usize::from(page.limit));
                let mut courses = courses;
                courses.truncate(most);
                let lines = entries(tx, courses, today)?.into_iter().map(CatalogEntry::cells);
                Reply::csv("courses.csv", &COLUMNS, lines)
            } else {
                let Listing { items, next_cursor } = page.listing(courses, |row| row.id, |row| row);
                Listing { items: entries(tx, items, today)?, next_cursor }.reply(call)
            };
            Ok(seen.answer(reply.public(60).etag_of_body()))
        })
        .await
}
