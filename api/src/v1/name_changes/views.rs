//! Name changes as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    AttachmentId, NameChangeId, PersonId,
    access::{Action, Caller, Facts},
    id::{AttachmentKind, NameChangeKind, PersonKind},
    name_change::{NameChange, NameChangeState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, fields::Name},
};

/// What asks for a name change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestNameChange {
    /// Given names.
    pub given_name: Name,
    /// Family name.
    pub family_name: Name,
    /// The file that proves it: a court's order, a certificate of marriage, a passport.
    #[schema(schema_with = id_of::<AttachmentKind>)]
    pub proof_id: AttachmentId,
}

/// A change of a person's names.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NameChangeView {
    /// Its id.
    #[schema(schema_with = id_of::<NameChangeKind>)]
    pub id: NameChangeId,
    /// Whose names.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<NameChangeState>)]
    pub state: NameChangeState,
    /// Given names when it was asked for.
    pub given_name_before: String,
    /// Family name when it was asked for.
    pub family_name_before: String,
    /// Given names asked for.
    pub given_name: String,
    /// Family name asked for.
    pub family_name: String,
    /// The file that proves it; null once it was erased.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub proof_id: Option<AttachmentId>,
    /// The day on which it was asked for.
    pub requested_on: NaiveDate,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The version.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl NameChangeView {
    /// The name change as `caller` sees it.
    pub(super) fn of(change: NameChange, caller: &Caller) -> Self {
        let facts = Facts::of_person(change.person);
        let actions =
            [(Action::ApproveNameChange, "approve"), (Action::DeclineNameChange, "decline")]
                .into_iter()
                .filter(|(action, _)| caller.may(*action, &facts).is_ok())
                .map(|(action, segment)| {
                    let href = format!("/v1/name-changes/{}/{segment}", change.id);
                    actions::view(action, "POST", href, vec![change.open_finding()])
                })
                .collect();
        Self {
            id: change.id,
            person_id: change.person,
            state: change.state,
            given_name_before: change.before.given_name,
            family_name_before: change.before.family_name,
            given_name: change.names.given_name,
            family_name: change.names.family_name,
            proof_id: change.proof,
            requested_on: change.requested_on,
            decided_on: change.decided_on,
            reason: change.reason,
            version: change.version,
            actions,
        }
    }
}

/// Which name changes are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListNameChanges {
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a state.
    #[param(schema_with = one_of::<NameChangeState>, required = false)]
    pub state: Option<NameChangeState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
