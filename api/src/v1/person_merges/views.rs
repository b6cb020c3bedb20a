//! Merges as JSON, in and out.

use chrono::{DateTime, Utc};
use domain::{
    Finding, MergeId, PersonId,
    access::{Action, Caller, Facts},
    all_satisfied,
    id::{MergeKind, PersonKind},
    merge::{Later, MergeState, MovedKind, PersonMerge, reversal_findings},
    person::Person,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    flows::merge::Preview,
    openapi::words::{id_of, one_of},
    v1::{actions, fields::Prose},
};

/// Two records of one person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergePeople {
    /// The duplicate: this record ends.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub from_person_id: PersonId,
    /// The record that goes on.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub into_person_id: PersonId,
    /// How the office knows that they are one.
    pub reason: Prose,
}

/// How a merge is taken.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MergeQuery {
    /// Answer what it would come to and store nothing.
    pub dry_run: Option<bool>,
}

/// How much of one kind a merge moves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovedView {
    /// What, in the plural.
    #[schema(example = "applications")]
    pub kind: String,
    /// How many records.
    #[schema(example = 1)]
    pub count: i64,
}

impl From<MovedKind> for MovedView {
    fn from(moved: MovedKind) -> Self {
        Self { kind: moved.kind, count: moved.count }
    }
}

/// One of the two.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MergeSideView {
    /// Its id.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
}

impl From<Person> for MergeSideView {
    fn from(person: Person) -> Self {
        Self {
            person_id: person.id,
            given_name: person.given_name,
            family_name: person.family_name,
        }
    }
}

/// What a merge would come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MergePreview)]
pub struct MergePreviewView {
    /// Always true: nothing was stored.
    pub dry_run: bool,
    /// Whether it would be done now.
    pub possible: bool,
    /// The duplicate.
    pub from: MergeSideView,
    /// Who goes on.
    pub into: MergeSideView,
    /// What would be moved.
    pub moves: Vec<MovedView>,
    /// What was checked; what is not satisfied stands in the way.
    pub findings: Vec<FindingView>,
}

impl From<Preview> for MergePreviewView {
    fn from(preview: Preview) -> Self {
        Self {
            dry_run: true,
            possible: all_satisfied(&preview.findings),
            from: preview.from.into(),
            into: preview.into.into(),
            moves: preview.moves.into_iter().map(MovedView::from).collect(),
            findings: preview.findings.into_iter().map(FindingView::from).collect(),
        }
    }
}

/// A merge of two people.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PersonMerge)]
pub struct PersonMergeView {
    /// Its id.
    #[schema(schema_with = id_of::<MergeKind>)]
    pub id: MergeId,
    /// The duplicate; its id answers 308 while the merge stands.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub from_person_id: PersonId,
    /// Who goes on.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub into_person_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<MergeState>)]
    pub state: MergeState,
    /// How the office knew that they are one.
    pub reason: String,
    /// When.
    pub merged_at: DateTime<Utc>,
    /// By whom.
    pub merged_by: String,
    /// What was moved.
    pub moved: Vec<MovedView>,
    /// When it was taken back.
    pub reversed_at: Option<DateTime<Utc>>,
    /// By whom it was taken back.
    pub reversed_by: Option<String>,
    /// Why it was taken back.
    pub reversal_reason: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl PersonMergeView {
    /// The merge as `caller` sees it, with what later depends on it.
    #[must_use]
    pub fn of(merge: PersonMerge, later: &Later, caller: &Caller) -> Self {
        let may = caller.may(Action::ReversePersonMerge, &Facts::of_person(merge.into)).is_ok();
        let href = format!("/v1/person-merges/{}/reverse", merge.id);
        let findings: Vec<Finding> = reversal_findings(&merge, later);
        let reverse = actions::view(Action::ReversePersonMerge, "POST", href, findings);
        let state = merge.state();
        let (reversed_at, reversed_by, reversal_reason) = match merge.reversal {
            Some(one) => (Some(one.at), Some(one.by), Some(one.reason)),
            None => (None, None, None),
        };
        Self {
            id: merge.id,
            from_person_id: merge.from,
            into_person_id: merge.into,
            state,
            reason: merge.reason,
            merged_at: merge.merged_at,
            merged_by: merge.merged_by,
            moved: merge.moved.into_iter().map(MovedView::from).collect(),
            reversed_at,
            reversed_by,
            reversal_reason,
            version: merge.version,
            actions: Some(reverse).filter(|_| may).into_iter().collect(),
        }
    }
}

/// Which merges are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPersonMerges {
    /// Only those of this person, whichever of the two they are.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those in this state.
    #[param(schema_with = one_of::<MergeState>, required = false)]
    pub state: Option<MergeState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
