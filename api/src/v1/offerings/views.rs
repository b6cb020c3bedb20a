//! Offerings as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    CourseId, OfferingId, OrganisationId,
    access::{Action, Caller, Facts},
    competency::SetCode,
    course::{
        Course, Mode,
        offering::{MAX_SEATS, Offering, OfferingDetails},
    },
    id::{CourseKind, OfferingKind, OrganisationKind},
    program::ProgramCode,
};
use persistence::OfferingFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    csv::{Cell, Format},
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, one_of, one_of_or_null},
    v1::{
        actions,
        fields::{Line, Term, WebAddress, folds, given, patched},
    },
};

/// When and where a course is offered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedView {
    /// Its id.
    #[schema(schema_with = id_of::<OfferingKind>)]
    pub id: OfferingId,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// How it is taught.
    #[schema(schema_with = one_of::<Mode>)]
    pub mode: Mode,
    /// City and state, where it is taught in a room.
    pub place: Option<String>,
    /// Where it is taught on line.
    pub link: Option<String>,
    /// How many can take part; as many as come where it is null.
    pub seats: Option<u32>,
    /// The provider's own price (FAQ 21).
    pub price: Option<String>,
    /// Where to ask.
    pub contact: Option<String>,
    /// Where to register.
    pub registration_url: Option<String>,
}

impl From<Offering> for OfferedView {
    fn from(offering: Offering) -> Self {
        let details = offering.details;
        Self {
            id: offering.id,
            starts_on: details.starts_on,
            ends_on: details.ends_on,
            mode: details.mode,
            place: details.place,
            link: details.link,
            seats: details.seats,
            price: details.price,
            contact: details.contact,
            registration_url: details.registration_url,
        }
    }
}

/// One offering of an approved course.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferingView {
    /// When and where.
    #[serde(flatten)]
    pub offered: OfferedView,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The course.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub course_id: CourseId,
    /// The title of the course.
    pub course_title: String,
    /// The competency set that the course covers.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The day on which it was cancelled.
    pub cancelled_on: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why. Lists, which everybody may keep, hold none.
    pub actions: Vec<ActionView>,
}

/// The columns of the offerings as a file.
pub(super) const COLUMNS: [&str; 14] = [
    "id",
    "course_id",
    "set",
    "course_title",
    "starts_on",
    "ends_on",
    "mode",
    "place",
    "link",
    "seats",
    "price",
    "contact",
    "registration_url",
    "cancelled_on",
];

impl OfferingView {
    pub(super) fn cells(self) -> Vec<Cell> {
        let OfferedView { id, starts_on, ends_on, mode, .. } = self.offered;
        vec![
            Cell::text(id),
            Cell::text(self.course_id),
            Cell::text(self.set),
            self.course_title.into(),
            Cell::text(starts_on),
            Cell::text(ends_on),
            Cell::text(mode),
            self.offered.place.into(),
            self.offered.link.into(),
            self.offered.seats.map(|seats| seats.to_string()).into(),
            self.offered.price.into(),
            self.offered.contact.into(),
            self.offered.registration_url.into(),
            self.cancelled_on.map(|day| day.to_string()).into(),
        ]
    }

    /// The offering as everybody sees it.
    #[must_use]
    pub fn of(offering: Offering, course: &Course) -> Self {
        Self {
            program: offering.program.clone(),
            course_id: course.id,
            course_title: course.details.title.clone(),
            set: course.set.clone(),
            provider_id: course.provider,
            cancelled_on: offering.cancelled_on,
            cancel_reason: offering.cancel_reason.clone(),
            version: offering.version,
            offered: offering.into(),
            actions: Vec::new(),
        }
    }

    /// The offering as `caller` sees it.
    #[must_use]
    pub fn of_caller(offering: Offering, course: &Course, caller: &Caller) -> Self {
        let own = format!("/v1/offerings/{}", offering.id);
        let cancel = format!("{own}/cancel");
        let facts = Facts::of_organisation(course.provider);
        let offered = [
            (Action::UpdateOffering, "PATCH", own, "change the offering"),
            (Action::CancelOffering, "POST", cancel, "cancel the offering"),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
            .map(|(action, method, href, act)| {
                actions::view(action, method, href, vec![offering.state_finding(act)])
            })
            .collect();
        Self { actions, ..Self::of(offering, course) }
    }
}

/// An offering to announce. In a room it needs a place; on line a link, or where to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOffering {
    /// Its first day, while the course is approved.
    pub starts_on: NaiveDate,
    /// Its last day; its first one when left out.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// How it is taught: one of the modes of the course.
    #[schema(schema_with = one_of::<Mode>)]
    pub mode: Mode,
    /// City and state, where it is taught in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// Where it is taught on line.
    #[serde(default)]
    pub link: Option<WebAddress>,
    /// How many can take part; as many as come when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: Option<u32>,
    /// The provider's own price.
    #[serde(default)]
    pub price: Option<Line>,
    /// Where to ask.
    #[serde(default)]
    pub contact: Option<Line>,
    /// Where to register.
    #[serde(default)]
    pub registration_url: Option<WebAddress>,
}

const _: () = assert!(MAX_SEATS == 100_000, "what the schemas say");

impl CreateOffering {
    pub(super) fn details(&self) -> OfferingDetails {
        OfferingDetails {
            starts_on: self.starts_on,
            ends_on: self.ends_on.unwrap_or(self.starts_on),
            mode: self.mode,
            place: self.place.clone().map(String::from),
            link: self.link.clone().map(String::from),
            seats: self.seats,
            price: self.price.clone().map(String::from),
            contact: self.contact.clone().map(String::from),
            registration_url: self.registration_url.clone().map(String::from),
        }
    }
}

/// What changes of an offering; what is left out stays, and null clears what may be missing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateOffering {
    /// Its first day.
    #[serde(default)]
    pub starts_on: Option<NaiveDate>,
    /// Its last day.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// How it is taught.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Mode>)]
    pub mode: Option<Mode>,
    /// City and state.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub place: Option<Option<Line>>,
    /// Where it is taught on line.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<WebAddress>)]
    pub link: Option<Option<WebAddress>>,
    /// How many can take part.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    pub seats: Option<Option<u32>>,
    /// The provider's own price.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub price: Option<Option<Line>>,
    /// Where to ask.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub contact: Option<Option<Line>>,
    /// Where to register.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<WebAddress>)]
    pub registration_url: Option<Option<WebAddress>>,
}

impl UpdateOffering {
    pub(super) fn details(&self, before: &OfferingDetails) -> OfferingDetails {
        OfferingDetails {
            starts_on: self.starts_on.unwrap_or(before.starts_on),
            ends_on: self.ends_on.unwrap_or(before.ends_on),
            mode: self.mode.unwrap_or(before.mode),
            place: patched(self.place.as_ref(), before.place.as_ref()),
            link: patched(self.link.as_ref(), before.link.as_ref()),
            seats: self.seats.unwrap_or(before.seats),
            price: patched(self.price.as_ref(), before.price.as_ref()),
            contact: patched(self.contact.as_ref(), before.contact.as_ref()),
            registration_url: patched(
                self.registration_url.as_ref(),
                before.registration_url.as_ref(),
            ),
        }
    }
}

/// Which offerings are listed: those to which everything that is given applies.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOfferings {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a course.
    #[param(schema_with = id_of::<CourseKind>, required = false)]
    pub course_id: Option<CourseId>,
    /// Only those of a provider.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those of courses for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those taught in a mode.
    #[param(schema_with = one_of::<Mode>, required = false)]
    pub mode: Option<Mode>,
    /// Only those whose place holds this.
    #[serde(default, deserialize_with = "folds")]
    pub place: Option<Term>,
    /// Only those that start on this day or later; when left out today, and for the calendar a year ago.
    #[param(value_type = Option<String>, format = Date)]
    pub starting_from: Option<AsOf>,
    /// Only those that start on this day or before.
    #[param(value_type = Option<String>, format = Date)]
    pub starting_until: Option<AsOf>,
    /// Whether those that were cancelled are there as well. The calendar always has them, as cancelled.
    pub cancelled: Option<bool>,
    /// How it is answered: as CSV without pages, unless `limit` is given. The calendar is always one.
    pub format: Option<Format>,
    /// How many, 50 unless said otherwise. The calendar has no pages.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

impl ListOfferings {
    /// Narrows the offerings to those asked for, from `from` on unless it says otherwise.
    pub(super) fn filter(&self, program: ProgramCode, from: NaiveDate) -> OfferingFilter {
        OfferingFilter {
            program: Some(program),
            course: self.course_id,
            provider: self.provider_id,
            set: self.set.clone(),
            mode: self.mode,
            place: self.place.clone().map(Term::into_inner),
            starts_from: Some(AsOf::or(self.starting_from, from)),
            starts_until: self.starting_until.map(|day| day.0),
            standing: self.cancelled != Some(true),
            in_catalog_on: None,
        }
    }
}
