//! Appeals as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AppealId, AttachmentId, EventId, Finding, OrganisationId, PersonId,
    access::{Action, Reach},
    appeal::{
        Appeal, AppealAct, AppealOutcome, AppealState, AppealStatus, Deadlines, DecisionKind,
        Documents, Subject,
    },
    id::{AppealKind, EventKind, OrganisationKind, PersonKind},
    program::ProgramCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{facts, subject};
use crate::{
    answer::{ActionView, FindingView},
    call::Call,
    flows::appeal::Contested,
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::actions,
};

/// The last days of an appeal, each still in time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealDeadlines {
    /// Of the notice of intent.
    pub notice_by: NaiveDate,
    /// Of the documents: without any by then the appeal is forfeited.
    pub documents_by: NaiveDate,
    /// Of the committee's response: the latest, until documents are in.
    pub response_by: NaiveDate,
    /// Of the meeting: the latest, until the response is there.
    pub meeting_by: NaiveDate,
}

impl From<Deadlines> for AppealDeadlines {
    fn from(last: Deadlines) -> Self {
        Self {
            notice_by: last.notice_by,
            documents_by: last.documents_by,
            response_by: last.response_by,
            meeting_by: last.meeting_by,
        }
    }
}

/// Until when a decision can be appealed, and whether it can today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealTermsView {
    /// What was decided on.
    #[schema(schema_with = subject)]
    pub decision: Subject,
    /// What was decided; null when nothing stands that can be appealed.
    #[schema(schema_with = one_of_or_null::<DecisionKind>)]
    pub kind: Option<DecisionKind>,
    /// The day of the decision, in the program's zone.
    pub decided_on: Option<NaiveDate>,
    /// The day of its receipt: it can be read as soon as it is made.
    pub received_on: Option<NaiveDate>,
    /// The last days, as they are from the start.
    pub deadlines: Option<AppealDeadlines>,
    /// The appeal against it, where there is one.
    #[schema(schema_with = id_of_or_null::<AppealKind>)]
    pub appeal_id: Option<AppealId>,
    /// Whether notice of intent can be given today, and why.
    pub findings: Vec<FindingView>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl AppealTermsView {
    /// The terms of what was decided on `decision`.
    #[must_use]
    pub fn of(
        decision: Subject,
        contested: &Contested,
        appeal: Option<Appeal>,
        call: &Call,
    ) -> Self {
        let told = contested.notice.decision.as_ref();
        let findings = contested.notice.findings(&contested.policy, contested.today);
        let action = Action::CreateAppeal;
        let may = call.caller().may(action, &contested.appellant.facts()).is_ok();
        let offered = || actions::view(action, "POST", "/v1/appeals".to_owned(), findings.clone());
        Self {
            decision,
            kind: told.map(|one| one.kind),
            decided_on: told.map(|one| one.decided_on),
            received_on: told.map(|one| one.received_on),
            deadlines: told.map(|one| one.deadlines(&contested.policy).into()),
            appeal_id: appeal.map(|one| one.id),
            actions: may.then(offered).into_iter().collect(),
            findings: views(findings),
        }
    }
}

/// What was handed in on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealDocuments {
    /// The day.
    pub handed_in_on: NaiveDate,
    /// In words.
    pub text: String,
    /// The files.
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<AttachmentId>,
}

impl From<Documents> for AppealDocuments {
    fn from(documents: Documents) -> Self {
        let Documents { handed_in_on, text, attachments } = documents;
        Self { handed_in_on, text, attachment_ids: attachments }
    }
}

/// The committee's response.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealResponse {
    /// The day.
    pub responded_on: NaiveDate,
    /// In words.
    pub text: String,
    /// Whether it came in time, from somebody who did not decide.
    pub findings: Vec<FindingView>,
}

/// The meeting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealMeeting {
    /// The day.
    pub meets_on: NaiveDate,
    /// Where, or by what means.
    pub place: Option<String>,
    /// Whether it is in time.
    pub findings: Vec<FindingView>,
}

/// How an appeal was decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealVerdict {
    /// Whether the decision stands.
    #[schema(schema_with = one_of::<AppealOutcome>)]
    pub outcome: AppealOutcome,
    /// The day.
    pub decided_on: NaiveDate,
    /// Why.
    pub reason: Option<String>,
    /// What it rests on, the committee's own deadlines included.
    pub findings: Vec<FindingView>,
}

/// An appeal against a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppealView {
    /// Its id.
    #[schema(schema_with = id_of::<AppealKind>)]
    pub id: AppealId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// What was decided on.
    #[schema(schema_with = subject)]
    pub decision: Subject,
    /// What was decided.
    #[schema(schema_with = one_of::<DecisionKind>)]
    pub kind: DecisionKind,
    /// The event of the log that tells the decision.
    #[schema(schema_with = id_of::<EventKind>)]
    pub decision_event_id: EventId,
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// The day of its receipt.
    pub received_on: NaiveDate,
    /// Who decided and who judged it before, for the office; null for others.
    pub decided_by: Option<Vec<String>>,
    /// The appellant, where it is a person.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The appellant, where it is a provider or a college.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub organisation_id: Option<OrganisationId>,
    /// Where it stands today.
    #[schema(schema_with = one_of::<AppealStatus>)]
    pub status: AppealStatus,
    /// What was unfair, or not by the program's own procedure.
    pub grounds: String,
    /// The day of the notice of intent.
    pub noticed_on: NaiveDate,
    /// When the notice came in.
    pub created_at: DateTime<Utc>,
    /// The last days.
    pub deadlines: AppealDeadlines,
    /// What was handed in, in order.
    pub documents: Vec<AppealDocuments>,
    /// The committee's response.
    pub response: Option<AppealResponse>,
    /// The meeting, as it was set last.
    pub meeting: Option<AppealMeeting>,
    /// How it was decided.
    pub outcome: Option<AppealVerdict>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<String>,
    /// What each deadline came to, or comes to if it is met today; those that are reached.
    pub findings: Vec<FindingView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

fn views(findings: Vec<Finding>) -> Vec<FindingView> {
    findings.into_iter().map(FindingView::from).collect()
}

fn verdict(appeal: &Appeal) -> Option<AppealVerdict> {
    let outcome = match appeal.state {
        AppealState::Upheld => AppealOutcome::Upheld,
        AppealState::Remanded => AppealOutcome::Remanded,
        _ => return None,
    };
    let told = appeal.outcome.clone()?;
    let findings = views(told.findings);
    Some(AppealVerdict { outcome, decided_on: told.decided_on, reason: told.reason, findings })
}

impl AppealView {
    /// The appeal as the caller sees it today.
    #[must_use]
    pub fn of(appeal: Appeal, call: &Call, today: NaiveDate) -> Self {
        let everything = Ok(Reach::Everything);
        let own = appeal.appellant.person().filter(|one| call.caller().person() == Some(*one));
        let office = own.is_none() && call.caller().reach(Action::ListAppeals) == everything;
        Self {
            id: appeal.id,
            decision: appeal.decision.subject,
            kind: appeal.decision.kind,
            decision_event_id: appeal.decision.id,
            decided_on: appeal.decision.decided_on,
            received_on: appeal.decision.received_on,
            decided_by: office.then(|| appeal.decision.decided_by.clone()),
            person_id: appeal.appellant.person(),
            organisation_id: appeal.appellant.organisation(),
            status: appeal.status(today),
            noticed_on: appeal.noticed_on,
            created_at: appeal.created_at,
            deadlines: appeal.deadlines().into(),
            outcome: verdict(&appeal),
            findings: views(appeal.deadline_findings(today)),
            version: appeal.version,
            actions: offered(&appeal, call, today),
            program: appeal.program,
            grounds: appeal.grounds,
            documents: appeal.documents.into_iter().map(AppealDocuments::from).collect(),
            response: appeal.response.map(|one| AppealResponse {
                responded_on: one.responded_on,
                text: one.text,
                findings: views(one.findings),
            }),
            meeting: appeal.meeting.map(|one| AppealMeeting {
                meets_on: one.meets_on,
                place: one.place,
                findings: views(one.findings),
            }),
            withdrawal_reason: appeal.withdrawal,
        }
    }
}

/// The acts that are the caller's, each with what stands in its way today.
fn offered(appeal: &Appeal, call: &Call, today: NaiveDate) -> Vec<ActionView> {
    let by = call.actor();
    let independent = || appeal.decision.independent_finding(&by);
    let acts = [
        (
            Action::SubmitAppealDocuments,
            "documents",
            AppealAct::HandIn,
            appeal.hand_in_findings(today),
        ),
        (Action::WithdrawAppeal, "withdraw", AppealAct::Withdraw, Vec::new()),
        (Action::RespondToAppeal, "response", AppealAct::Respond, vec![independent()]),
        (Action::SetAppealMeeting, "meeting", AppealAct::SetMeeting, vec![independent()]),
        (Action::DecideAppeal, "outcome", AppealAct::Decide, appeal.outcome_findings(&by, today)),
    ];
    let mut views = Vec::new();
    for (action, segment, act, more) in acts {
        if call.caller().may(action, &facts(appeal)).is_ok() {
            let findings = [appeal.state_finding(act, today)].into_iter().chain(more).collect();
            let href = format!("/v1/appeals/{}/{segment}", appeal.id);
            views.push(actions::view(action, "POST", href, findings));
        }
    }
    views
}
