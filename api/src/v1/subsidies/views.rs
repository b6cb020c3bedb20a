//! Course subsidies as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    CompletionId, PayoutId, PersonId, SubsidyId,
    access::{Action, Caller},
    award::{Subsidy, SubsidyState},
    id::{CompletionKind, PayoutKind, PersonKind, SubsidyKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, fields::WebAddress},
};

/// A course subsidy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubsidyView {
    /// Its id.
    #[schema(schema_with = id_of::<SubsidyKind>)]
    pub id: SubsidyId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Who asks.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The completion of the course.
    #[schema(schema_with = id_of::<CompletionKind>)]
    pub completion_id: CompletionId,
    /// Where it stands.
    #[schema(schema_with = one_of::<SubsidyState>)]
    pub state: SubsidyState,
    /// What the course cost. Cents.
    #[schema(example = 17500)]
    pub paid_cents: i64,
    /// Where the receipt is.
    #[schema(format = "uri")]
    pub receipt_url: String,
    /// The day of the request.
    pub requested_on: NaiveDate,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// What was granted. Cents.
    pub granted_cents: Option<i64>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The payout of a granted one.
    #[schema(schema_with = id_of_or_null::<PayoutKind>)]
    pub payout_id: Option<PayoutId>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// The decisions on a subsidy, with their words and paths.
const OFFERED: &[(Action, &str, &str)] = &[
    (Action::GrantSubsidy, "grant the subsidy", "grant"),
    (Action::DeclineSubsidy, "decline the subsidy", "decline"),
];

impl SubsidyView {
    /// The subsidy as `caller` sees it.
    #[must_use]
    pub fn of(subsidy: Subsidy, caller: &Caller) -> Self {
        Self {
            actions: OFFERED
                .iter()
                .filter(|(action, ..)| caller.may(*action, &facts(&subsidy)).is_ok())
                .map(|(action, act, path)| {
                    let href = format!("/v1/subsidies/{}/{path}", subsidy.id);
                    actions::view(*action, "POST", href, vec![subsidy.state_finding(act)])
                })
                .collect(),
            id: subsidy.id,
            program: subsidy.program,
            person_id: subsidy.person,
            completion_id: subsidy.completion,
            state: subsidy.state,
            paid_cents: subsidy.paid_cents,
            receipt_url: subsidy.receipt_url,
            requested_on: subsidy.requested_on,
            decided_on: subsidy.decided_on,
            granted_cents: subsidy.granted_cents,
            reason: subsidy.reason,
            payout_id: subsidy.payout,
            version: subsidy.version,
        }
    }
}

/// A request for a course subsidy.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSubsidy {
    /// What the course cost. Cents.
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 17500)]
    pub paid_cents: i64,
    /// Where the receipt is.
    pub receipt_url: WebAddress,
}

/// What is granted of a course subsidy.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSubsidy {
    /// Cents; the most that the program gives when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000_000_000_i64, example = 17500)]
    pub amount_cents: Option<i64>,
}

/// Which course subsidies are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSubsidies {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a completion.
    #[param(schema_with = id_of::<CompletionKind>, required = false)]
    pub completion_id: Option<CompletionId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<SubsidyState>, required = false)]
    pub state: Option<SubsidyState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
