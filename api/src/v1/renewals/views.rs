//! Renewals as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    ActivityId, BadFact, CertificationId, InvoiceId, PersonId, RenewalId,
    access::{Action, Caller},
    id::{CertificationKind, InvoiceKind, LoggedActivityKind, PersonKind, RenewalKind},
    policy::FeeCode,
    program::ProgramCode,
    renewal::{ActivityKind, MAX_ACTIVITIES, NotCounted, RenewalLine, RenewalState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    flows::renewal::{Asked, Held},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::actions,
};

/// A renewal to submit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRenewal {
    /// The activities that it uses, each once.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 500)]
    pub activity_ids: Vec<ActivityId>,
    /// The last day of the term that is to be renewed: said, it must be that of the present one.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

const _: () = assert!(MAX_ACTIVITIES == 500, "what the schema says");

impl SubmitRenewal {
    pub(super) fn asked(&self) -> Result<Asked, BadFact> {
        if !(1..=MAX_ACTIVITIES).contains(&self.activity_ids.len()) {
            let detail = format!("A renewal uses 1 to {MAX_ACTIVITIES} activities.");
            return Err(BadFact::at("/activity_ids", "length", detail));
        }
        Ok(Asked { activities: self.activity_ids.clone(), expires_on: self.expires_on })
    }
}

/// An activity of a renewal, as it was on the day of the submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalLineView {
    /// The activity.
    #[schema(schema_with = id_of::<LoggedActivityKind>)]
    pub activity_id: ActivityId,
    /// Its title.
    pub title: String,
    /// What it was.
    #[schema(schema_with = one_of::<ActivityKind>)]
    pub kind: ActivityKind,
    /// Its day.
    pub dated_on: NaiveDate,
    /// Whether it was in technology.
    pub technology: bool,
    /// What its facts are worth, in minutes.
    pub minutes: i64,
    /// What counts, in minutes; what counts nothing stays free.
    pub counted_minutes: i64,
    /// Why nothing counts.
    #[schema(schema_with = one_of_or_null::<NotCounted>)]
    pub not_counted: Option<NotCounted>,
}

impl From<RenewalLine> for RenewalLineView {
    fn from(line: RenewalLine) -> Self {
        Self {
            activity_id: line.activity,
            title: line.facts.title,
            kind: line.facts.kind,
            dated_on: line.facts.dated_on,
            technology: line.facts.technology,
            minutes: line.minutes,
            counted_minutes: line.counted_minutes,
            not_counted: line.not_counted,
        }
    }
}

/// A renewal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalView {
    /// Its id.
    #[schema(schema_with = id_of::<RenewalKind>)]
    pub id: RenewalId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The holder.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The certification.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub certification_id: CertificationId,
    /// The number of the term that it asks for: 2 at the first renewal.
    pub term: u32,
    /// Where it stands.
    #[schema(schema_with = one_of::<RenewalState>)]
    pub state: RenewalState,
    /// The day of the submission.
    pub submitted_on: NaiveDate,
    /// The last day of the term before.
    pub term_expires_on: NaiveDate,
    /// Whether it came after that day, in the grace period.
    pub late: bool,
    /// Minutes that count.
    pub counted_minutes: i64,
    /// Minutes of them in technology.
    pub technology_minutes: i64,
    /// Its activities, in the order in which they were chosen.
    pub activities: Vec<RenewalLineView>,
    /// What it was judged on, on the day of its submission.
    pub findings: Vec<FindingView>,
    /// The fee that holds for it.
    #[schema(schema_with = one_of::<FeeCode>)]
    pub fee_code: FeeCode,
    /// The invoice of that fee; null where it costs nothing.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// The day of the decision, or on which it was withdrawn.
    pub decided_on: Option<NaiveDate>,
    /// Why it was refused, or withdrawn.
    pub reason: Option<String>,
    /// The last day of the term that it brought.
    pub renewed_until: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl RenewalView {
    /// The renewal as `caller` sees it today.
    pub(super) fn of(held: Held, today: NaiveDate, caller: &Caller) -> Self {
        let actions = actions_of(&held, today, caller);
        let renewal = held.renewal;
        Self {
            actions,
            late: renewal.is_late(),
            fee_code: renewal.fee(),
            id: renewal.id,
            program: renewal.program,
            person_id: renewal.person,
            certification_id: renewal.certification,
            term: renewal.term,
            state: renewal.state,
            submitted_on: renewal.submitted_on,
            term_expires_on: renewal.term_expires_on,
            counted_minutes: renewal.counted_minutes,
            technology_minutes: renewal.technology_minutes,
            activities: renewal.lines.into_iter().map(RenewalLineView::from).collect(),
            findings: renewal.findings.into_iter().map(FindingView::from).collect(),
            invoice_id: renewal.invoice,
            decided_on: renewal.decided_on,
            reason: renewal.reason,
            renewed_until: renewal.renewed_until,
            version: renewal.version,
        }
    }
}

fn actions_of(held: &Held, today: NaiveDate, caller: &Caller) -> Vec<ActionView> {
    let renewal = &held.renewal;
    let state = |act: &str| vec![renewal.state_finding(act)];
    let grant = renewal.grant_findings(&held.grant(today));
    let offered = [
        (Action::GrantRenewal, "grant", grant),
        (Action::RefuseRenewal, "refuse", state("refuse the renewal")),
        (Action::WithdrawRenewal, "withdraw", state("withdraw the renewal")),
    ];
    offered
        .into_iter()
        .filter(|(action, ..)| caller.may(*action, &facts(renewal)).is_ok())
        .map(|(action, path, findings)| {
            let href = format!("/v1/renewals/{}/{path}", renewal.id);
            actions::view(action, "POST", href, findings)
        })
        .collect()
}

/// Which renewals are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRenewals {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<RenewalState>, required = false)]
    pub state: Option<RenewalState>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a certification.
    #[param(schema_with = id_of::<CertificationKind>, required = false)]
    pub certification_id: Option<CertificationId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
