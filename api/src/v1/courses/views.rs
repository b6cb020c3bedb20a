//! Courses as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    BadFact, BundleId, CourseId, OrganisationId,
    access::{Action, Caller},
    competency::SetCode,
    course::{Course, CourseDetails, Ending, EndingKind, Mode},
    id::{BundleKind, CourseKind, OrganisationKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts;
use crate::{
    answer::ActionView,
    openapi::words::{id_of, id_of_or_null, one_of, some_of},
    v1::{
        actions,
        fields::{Line, Name, WebAddress, given, patched},
    },
};

/// A course that the program approved for one competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CourseView {
    /// Its id.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub id: CourseId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
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
    /// Last day of the approval, unless it ended before.
    pub ends_on: NaiveDate,
    /// How often the approval was renewed.
    pub renewals: u32,
    /// Its end before `ends_on`: what was completed by then keeps counting.
    pub ended: Option<EndingView>,
    /// The bundle of which it is a part: alone it achieves nothing then.
    #[schema(schema_with = id_of_or_null::<BundleKind>)]
    pub bundle_id: Option<BundleId>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// The end of an approval before its last day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EndingView {
    /// The last day that counts.
    pub on: NaiveDate,
    /// Whether the office ended it or the provider withdrew the course.
    #[schema(schema_with = one_of::<EndingKind>)]
    pub kind: EndingKind,
    /// Why.
    pub reason: String,
}

impl From<Ending> for EndingView {
    fn from(ending: Ending) -> Self {
        Self { on: ending.on, kind: ending.kind, reason: ending.reason }
    }
}

impl CourseView {
    /// The course as `caller` sees it today.
    #[must_use]
    pub fn of(course: Course, caller: &Caller, today: NaiveDate) -> Self {
        let own = format!("/v1/courses/{}", course.id);
        let at = |segment: &str| format!("{own}/{segment}");
        let end = || vec![course.end_finding(today, today)];
        let offered = [
            (Action::UpdateCourse, "PATCH", own.clone(), vec![course.in_force_finding(today)]),
            (Action::EndCourse, "POST", at("end"), end()),
            (Action::WithdrawCourse, "POST", at("withdraw"), end()),
            (Action::CreateOffering, "POST", at("offerings"), Vec::new()),
            (Action::PostRoster, "POST", at("roster"), Vec::new()),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| caller.may(*action, &facts(&course)).is_ok())
            .map(|(action, method, href, findings)| actions::view(action, method, href, findings))
            .collect();
        Self {
            id: course.id,
            program: course.program,
            provider_id: course.provider,
            set: course.set,
            title: course.details.title,
            modes: course.details.modes,
            place: course.details.place,
            price: course.details.price,
            website: course.details.website,
            approved_on: course.approved_on,
            ends_on: course.ends_on,
            renewals: course.renewals,
            ended: course.ended.map(EndingView::from),
            bundle_id: course.bundle,
            version: course.version,
            actions,
        }
    }
}

/// An approved course to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCourse {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The competency set that it covers.
    #[schema(value_type = String, example = "FND", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: SetCode,
    /// Its title.
    pub title: Name,
    /// How it is taught, each mode once.
    #[schema(schema_with = some_of::<Mode>)]
    pub modes: Vec<Mode>,
    /// City and state, when it is taught in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// The provider's own price, as the provider words it.
    #[serde(default)]
    pub price: Option<Line>,
    /// The provider's page on it.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// First day of the approval; today when left out.
    #[serde(default)]
    pub approved_on: Option<NaiveDate>,
    /// Last day of the approval; by the policy's years when left out.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
}

/// What changes of a course; what is left out stays, and null clears place, price and website.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCourse {
    /// Its title.
    #[serde(default)]
    pub title: Option<Name>,
    /// How it is taught, each mode once.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub modes: Option<Vec<Mode>>,
    /// City and state.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub place: Option<Option<Line>>,
    /// The provider's own price.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub price: Option<Option<Line>>,
    /// The provider's page on it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<WebAddress>)]
    pub website: Option<Option<WebAddress>>,
}

impl UpdateCourse {
    pub(super) fn details(&self, before: &CourseDetails) -> Result<CourseDetails, Vec<BadFact>> {
        let mut after = before.clone();
        if let Some(title) = &self.title {
            after.title = title.to_string();
        }
        if let Some(given) = &self.modes {
            after.modes = modes(given)?;
        }
        after.place = patched(self.place.as_ref(), before.place.as_ref());
        after.price = patched(self.price.as_ref(), before.price.as_ref());
        after.website = patched(self.website.as_ref(), before.website.as_ref());
        Ok(after)
    }
}

/// Modes: at least one, each once.
pub(super) fn modes(given: &[Mode]) -> Result<Vec<Mode>, Vec<BadFact>> {
    if given.is_empty() {
        return Err(vec![BadFact::at("/modes", "length", "Say at least one mode.")]);
    }
    let twice = given
        .iter()
        .enumerate()
        .find(|(place, mode)| given.iter().take(*place).any(|one| one == *mode));
    match twice {
        Some((place, mode)) => {
            let detail = format!("{mode} is there already.");
            Err(vec![BadFact::at(format!("/modes/{place}"), "duplicate", detail)])
        }
        None => Ok(given.to_vec()),
    }
}
