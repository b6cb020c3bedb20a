//! Activities as JSON.

use chrono::NaiveDate;
use domain::{
    ActivityId, AttachmentId, CertificationId, PersonId, RenewalId,
    access::{Action, Caller},
    certificate::Certification,
    competency::SetCode,
    id::{AttachmentKind, CertificationKind, LoggedActivityKind, PersonKind, RenewalKind},
    program::ProgramCode,
    renewal::{ActivityKind, ActivityState, Amount, LoggedActivity, NotCounted},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts;
use crate::{
    answer::ActionView,
    flows::program::InForce,
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::actions,
};

/// What an activity comes to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActivityHours {
    /// What its facts are worth, in minutes.
    pub minutes: i64,
    /// What counts, in minutes: all of it or nothing.
    pub counted_minutes: i64,
    /// Why nothing counts in the present term as of today; null where it counts.
    #[schema(schema_with = one_of_or_null::<NotCounted>)]
    pub not_counted: Option<NotCounted>,
    /// How the minutes follow from the facts.
    #[schema(example = "2 conference days of 6 hours each: 12 hours.")]
    pub explanation: String,
}

/// An activity in somebody's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActivityView {
    /// Its id.
    #[schema(schema_with = id_of::<LoggedActivityKind>)]
    pub id: ActivityId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Whose it is.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The certification that it is to renew.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub certification_id: CertificationId,
    /// Its title.
    pub title: String,
    /// What it was.
    #[schema(schema_with = one_of::<ActivityKind>)]
    pub kind: ActivityKind,
    /// Its first day, where it took several.
    pub started_on: Option<NaiveDate>,
    /// Its day, of several the last one: it counts by that.
    pub dated_on: NaiveDate,
    /// Minutes of a workshop or of self-directed learning.
    pub minutes: Option<i64>,
    /// Credits or conference days.
    pub quantity: Option<i64>,
    /// Whether it was in technology.
    pub technology: bool,
    /// The competency sets that it relates to.
    #[schema(value_type = Vec<String>)]
    pub sets: Vec<SetCode>,
    /// Who held it.
    pub provider: Option<String>,
    /// Its documentation, as a file.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub documentation_id: Option<AttachmentId>,
    /// Where its documentation is.
    pub documentation_url: Option<String>,
    /// What it comes to.
    pub hours: ActivityHours,
    /// Whether a renewal uses it.
    #[schema(schema_with = one_of::<ActivityState>)]
    pub state: ActivityState,
    /// The renewal that uses it.
    #[schema(schema_with = id_of_or_null::<RenewalKind>)]
    pub renewal_id: Option<RenewalId>,
    /// The day on which it was logged.
    pub logged_on: NaiveDate,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// What an activity comes to today in the present term of its certification, or came to in its renewal.
pub(super) fn hours(
    activity: &LoggedActivity,
    certification: &Certification,
    rules: &InForce,
) -> ActivityHours {
    let facts = activity.facts.activity();
    let policy = &rules.policy.renewal;
    let (from, through) = certification.activity_period(rules.today);
    let verdict = facts.verdict(from, through, policy);
    let not_counted = verdict.not_counted.filter(|_| activity.renewal.is_none());
    ActivityHours {
        minutes: activity.counted_minutes.unwrap_or(verdict.minutes),
        counted_minutes: activity.counted_minutes.unwrap_or(verdict.counted_minutes),
        not_counted,
        explanation: facts.explanation(policy),
    }
}

impl ActivityView {
    /// The activity as `caller` sees it today.
    pub(super) fn of(
        activity: LoggedActivity,
        certification: &Certification,
        rules: &InForce,
        caller: &Caller,
    ) -> Self {
        let href = format!("/v1/activities/{}", activity.id);
        let offered = [
            (Action::UpdateActivity, "PATCH", "change the activity"),
            (Action::RemoveActivity, "DELETE", "remove the activity"),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| caller.may(*action, &facts(&activity)).is_ok())
            .map(|(action, method, act)| {
                actions::view(action, method, href.clone(), vec![activity.free_finding(act)])
            })
            .collect();
        let (minutes, quantity) = match activity.facts.amount {
            Amount::Minutes(minutes) => (Some(minutes), None),
            Amount::Quantity(quantity) => (None, Some(quantity)),
        };
        Self {
            hours: hours(&activity, certification, rules),
            state: activity.state(),
            actions,
            minutes,
            quantity,
            id: activity.id,
            program: activity.program,
            person_id: activity.person,
            certification_id: activity.certification,
            title: activity.facts.title,
            kind: activity.facts.kind,
            started_on: activity.facts.started_on,
            dated_on: activity.facts.dated_on,
            technology: activity.facts.technology,
            sets: activity.facts.sets,
            provider: activity.facts.provider,
            documentation_id: activity.facts.document,
            documentation_url: activity.facts.document_url,
            renewal_id: activity.renewal,
            logged_on: activity.logged_on,
            version: activity.version,
        }
    }
}
