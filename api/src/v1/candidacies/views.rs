//! Candidacies as JSON.

use chrono::NaiveDate;
use domain::{
    ApplicationId, CandidacyId, PersonId,
    access::{Action, Caller},
    candidacy::{Candidacy, CandidacyAct, CandidacyStatus},
    id::{ApplicationKind, CandidacyKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{facts, hours_findings};
use crate::{
    answer::ActionView,
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::actions,
};

/// A candidacy as of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidacyView {
    /// Its id.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub id: CandidacyId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The candidate.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The application that was accepted.
    #[schema(schema_with = id_of::<ApplicationKind>)]
    pub application_id: ApplicationId,
    /// The day as of which status, deadline and days are told.
    pub as_of: NaiveDate,
    /// Where it stands; computed, never stored.
    #[schema(schema_with = one_of::<CandidacyStatus>)]
    pub status: CandidacyStatus,
    /// The acceptance date, on which the clock started.
    pub admitted_on: NaiveDate,
    /// The last day on which a set can be achieved (FAQ 18).
    pub deadline: NaiveDate,
    /// Days on hold so far, part of the deadline.
    pub hold_days: i64,
    /// Days of extensions so far, part of the deadline.
    pub extension_days: i64,
    /// The policy version pinned on admission.
    pub policy_version: i64,
    /// The version of the competency sets pinned on admission.
    pub framework_version: i64,
    /// The day on which the requirement was met.
    pub completed_on: Option<NaiveDate>,
    /// The day of withdrawal.
    pub withdrawn_on: Option<NaiveDate>,
    /// Periods on hold.
    pub holds: Vec<HoldView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// A period on hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoldView {
    /// First day on hold.
    pub held_on: NaiveDate,
    /// First day active again; null while on hold.
    pub resumed_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

impl CandidacyView {
    /// The candidacy on `as_of` as `caller` sees it; its actions are those of today.
    #[must_use]
    pub fn of(candidacy: Candidacy, as_of: NaiveDate, today: NaiveDate, caller: &Caller) -> Self {
        Self {
            id: candidacy.id,
            as_of,
            status: candidacy.status(as_of),
            deadline: candidacy.deadline(as_of),
            hold_days: candidacy.hold_days(as_of),
            extension_days: candidacy.extension_days(as_of),
            actions: actions_of(&candidacy, today, caller),
            program: candidacy.program,
            person_id: candidacy.person,
            application_id: candidacy.application,
            admitted_on: candidacy.admitted_on,
            policy_version: candidacy.policy_version,
            framework_version: candidacy.framework_version,
            completed_on: candidacy.completed_on.filter(|day| *day <= as_of),
            withdrawn_on: candidacy.withdrawn_on.filter(|day| *day <= as_of),
            holds: candidacy
                .holds
                .into_iter()
                .filter(|hold| hold.held_on <= as_of)
                .map(|hold| HoldView {
                    held_on: hold.held_on,
                    resumed_on: hold.resumed_on.filter(|day| *day <= as_of),
                    reason: hold.reason,
                })
                .collect(),
            version: candidacy.version,
        }
    }
}

/// The act behind each operation on a candidacy, with the last segment of its path.
const OFFERED: &[(Action, CandidacyAct, &str)] = &[
    (Action::HoldCandidacy, CandidacyAct::Hold, "hold"),
    (Action::ResumeCandidacy, CandidacyAct::Resume, "resume"),
    (Action::ExtendCandidacy, CandidacyAct::Extend, "extend"),
    (Action::WithdrawCandidacy, CandidacyAct::Withdraw, "withdraw"),
    (Action::RecordCompletion, CandidacyAct::RecordCompletion, "completions"),
];

/// What `caller` may do next to a candidacy on `day`.
pub(super) fn actions_of(
    candidacy: &Candidacy,
    day: NaiveDate,
    caller: &Caller,
) -> Vec<ActionView> {
    OFFERED
        .iter()
        .filter(|(action, ..)| caller.may(*action, &facts(candidacy)).is_ok())
        .map(|(action, act, segment)| {
            let href = format!("/v1/candidacies/{}/{segment}", candidacy.id);
            actions::view(*action, "POST", href, vec![candidacy.state_finding(*act, day)])
        })
        .chain(hours_of(candidacy, caller))
        .collect()
}

/// The showing of hours, where some are owed.
fn hours_of(candidacy: &Candidacy, caller: &Caller) -> Option<ActionView> {
    let may = caller.may(Action::ShowHours, &facts(candidacy)).is_ok();
    let href = format!("/v1/candidacies/{}/hours", candidacy.id);
    (may && candidacy.provisional.is_some())
        .then(|| actions::view(Action::ShowHours, "POST", href, hours_findings(candidacy)))
}

/// Which candidacies are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCandidacies {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a status, as of today.
    #[param(schema_with = one_of::<CandidacyStatus>, required = false)]
    pub status: Option<CandidacyStatus>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// The day as of which something is read.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// The day; today when left out.
    pub as_of: Option<AsOf>,
}
