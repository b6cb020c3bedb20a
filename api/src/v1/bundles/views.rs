//! Bundles as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    BundleId, CourseId, OrganisationId,
    access::{Action, Caller},
    competency::SetCode,
    course::{
        Ending, EndingKind,
        bundle::{Bundle, BundleState},
    },
    decision,
    id::{BundleKind, OrganisationKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::{
        actions,
        fields::{Name, Prose},
    },
};

/// The end of an approval before its last day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BundleEndingView {
    /// The last day that counts.
    pub on: NaiveDate,
    /// By the office or by the provider.
    #[schema(schema_with = one_of::<EndingKind>)]
    pub kind: EndingKind,
    /// Why.
    pub reason: String,
}

impl From<Ending> for BundleEndingView {
    fn from(ending: Ending) -> Self {
        Self { on: ending.on, kind: ending.kind, reason: ending.reason }
    }
}

/// Courses that cover one competency set together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BundleView {
    /// Its id.
    #[schema(schema_with = id_of::<BundleKind>)]
    pub id: BundleId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The competency set.
    #[schema(value_type = String, example = "YTH")]
    pub set: SetCode,
    /// Its title.
    pub title: String,
    /// Where it stands.
    #[schema(schema_with = one_of::<BundleState>)]
    pub state: BundleState,
    /// Its courses, all of them needed; from the approval on.
    #[schema(value_type = Vec<String>)]
    pub course_ids: Vec<CourseId>,
    /// First day of the approval.
    pub approved_on: Option<NaiveDate>,
    /// Last day of the approval, unless it ended before.
    pub ends_on: Option<NaiveDate>,
    /// Its end before that day.
    pub ended: Option<BundleEndingView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl BundleView {
    /// The bundle as `caller` sees it.
    #[must_use]
    pub fn of(bundle: Bundle, caller: &Caller) -> Self {
        use BundleState::{Approved, Draft};
        let offered: [(_, _, &[BundleState]); 3] = [
            (Action::ApproveBundle, "approve", &[Draft]),
            (Action::RenewBundle, "renew", &[Approved]),
            (Action::EndBundle, "end", &[Draft, Approved]),
        ];
        let may = |action| caller.may(action, &facts(&bundle)).is_ok();
        let actions = offered.into_iter().filter(|(action, ..)| may(*action));
        Self {
            actions: actions
                .map(|(action, segment, states)| {
                    let act = format!("{segment} the bundle");
                    let finding =
                        decision::state_finding("bundle.state", &act, bundle.state, states);
                    let href = format!("/v1/bundles/{}/{segment}", bundle.id);
                    actions::view(action, "POST", href, vec![finding])
                })
                .collect(),
            id: bundle.id,
            program: bundle.program,
            provider_id: bundle.provider,
            set: bundle.set,
            title: bundle.title,
            state: bundle.state,
            course_ids: bundle.courses,
            approved_on: bundle.approved_on,
            ends_on: bundle.ends_on,
            ended: bundle.ended.map(BundleEndingView::from),
            version: bundle.version,
        }
    }
}

/// A bundle to draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBundle {
    /// Its provider.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The competency set.
    #[schema(value_type = String, example = "YTH", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: SetCode,
    /// Its title.
    pub title: Name,
}

/// An approval of a bundle.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBundle {
    /// Staff attest, for this reason, that the courses cover the set where their maps do not show it.
    #[serde(default)]
    pub override_reason: Option<Prose>,
}

/// The end of a bundle.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndBundle {
    /// The last day that counts; today when left out.
    #[serde(default)]
    pub on: Option<NaiveDate>,
    /// Why.
    pub reason: Prose,
}

/// Which bundles are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBundles {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those of a provider.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<BundleState>, required = false)]
    pub state: Option<BundleState>,
    /// Only those whose approval is in force on this day.
    pub approved_on: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
