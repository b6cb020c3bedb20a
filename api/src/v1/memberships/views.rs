//! ALA memberships as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    MembershipId, PersonId,
    access::{Action, Caller},
    decision,
    id::{MembershipKind, PersonKind},
    person::{Membership, MembershipState},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::{
        actions,
        fields::{Line, Prose},
    },
};

/// A claim of an ALA membership.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimMembership {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The membership number.
    pub number: Line,
}

/// What staff found of a claimed membership.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyMembership {
    /// Whether there is such a membership.
    pub valid: bool,
    /// First day of validity; needed when it is valid.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity; needed when it is valid.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
    /// Why not; needed when it is not valid.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// An ALA membership.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MembershipView {
    /// Its id.
    #[schema(schema_with = id_of::<MembershipKind>)]
    pub id: MembershipId,
    /// Whose.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The number, as claimed.
    pub number: String,
    /// Where the claim stands.
    #[schema(schema_with = one_of::<MembershipState>)]
    pub state: MembershipState,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// When staff decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// First day on which the member price holds.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which the member price holds.
    pub valid_until: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl MembershipView {
    /// The membership as `caller` sees it.
    #[must_use]
    pub fn of(membership: Membership, caller: &Caller) -> Self {
        let may = caller.may(Action::VerifyMembership, &facts(&membership)).is_ok();
        let open = [MembershipState::Claimed];
        let finding =
            decision::state_finding("membership.state", "verify", membership.state, &open);
        let href = format!("/v1/memberships/{}/verification", membership.id);
        let verify = actions::view(Action::VerifyMembership, "POST", href, vec![finding]);
        Self {
            id: membership.id,
            person_id: membership.person,
            program: membership.program,
            number: membership.number,
            state: membership.state,
            claimed_at: membership.claimed_at,
            decided_at: membership.decided_at,
            valid_from: membership.valid_from,
            valid_until: membership.valid_until,
            version: membership.version,
            actions: if may { vec![verify] } else { Vec::new() },
        }
    }
}

/// A membership that was decided on, and what that brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecidedMembershipView {
    /// The membership.
    #[serde(flatten)]
    pub membership: MembershipView,
    /// The member price credited for invoices that were issued before: what of the full price was too
    /// much. Cents.
    #[schema(example = 2500)]
    pub credited_cents: i64,
}

/// Which memberships are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMemberships {
    /// Only those in a state.
    #[param(schema_with = one_of::<MembershipState>, required = false)]
    pub state: Option<MembershipState>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
