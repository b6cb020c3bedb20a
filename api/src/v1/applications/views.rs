//! Applications as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CandidacyId, Finding, InvoiceId, PersonId, Word,
    access::{Action, Caller, Facts},
    application::{
        Acceptance, Application, ApplicationAct, ApplicationState, Attachment, PaymentChoice,
    },
    eligibility::{Education, Job, JobKind, LibraryType},
    program::ProgramCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::{ActionView, FindingView},
    flows::graduate::Recognised,
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::{actions, graduates::RecognitionView},
};

/// What the office decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionView {
    /// The day of the decision.
    pub decided_on: NaiveDate,
    /// The reason given.
    pub reason: Option<String>,
    /// Every finding of the decision.
    pub findings: Vec<FindingView>,
}

/// An application.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Its id.
    #[schema(schema_with = id_of::<domain::id::ApplicationKind>)]
    pub id: String,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The applicant.
    #[schema(schema_with = id_of::<domain::id::PersonKind>)]
    pub person_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<ApplicationState>)]
    pub state: ApplicationState,
    /// Highest education.
    #[schema(schema_with = one_of_or_null::<Education>)]
    pub education: Option<Education>,
    /// Jobs in libraries.
    pub jobs: Vec<JobView>,
    /// Evidence.
    pub attachments: Vec<AttachmentView>,
    /// How the fee will be paid.
    #[schema(schema_with = one_of_or_null::<PaymentChoice>)]
    pub payment_choice: Option<PaymentChoice>,
    /// What the office asked for last.
    pub information_requested: Option<String>,
    /// The invoice of the application fee, from submission on.
    #[schema(schema_with = id_of_or_null::<domain::id::InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// The day of submission.
    pub submitted_on: Option<NaiveDate>,
    /// Acceptance or refusal.
    pub decision: Option<DecisionView>,
    /// The candidacy that acceptance made.
    #[schema(schema_with = id_of_or_null::<domain::id::CandidacyKind>)]
    pub candidacy_id: Option<CandidacyId>,
    /// What recognition agreements do for the applicant while the application is open: the sets that
    /// graduations achieve on acceptance, and what is added in another way (FAQ 12).
    pub recognition: Vec<RecognitionView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// What an application is judged on beyond what it states.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// What an acceptance would be judged on, where the caller may accept.
    pub acceptance: Option<Acceptance>,
    /// The graduates that the applicant is, while the application is open.
    pub recognised: Vec<Recognised>,
    /// Whether one of them will be credited on acceptance.
    pub counts: bool,
}

/// A job in a library, as stated.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobView {
    /// The library's name.
    pub library: String,
    /// The library's type.
    #[schema(schema_with = one_of::<LibraryType>)]
    pub library_type: LibraryType,
    /// Paid or volunteer.
    #[schema(schema_with = one_of::<JobKind>)]
    pub kind: JobKind,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; null while still there.
    pub ended_on: Option<NaiveDate>,
    /// Whether the position requires a master's degree of library and information science.
    pub requires_mlis: bool,
    /// Hours a week, if stated so.
    pub hours_per_week: Option<f64>,
    /// Hours over the whole job, if stated so.
    pub total_hours: Option<f64>,
}

/// Evidence by link, as stated.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttachmentView {
    /// What it shows.
    pub title: String,
    /// Where it is.
    pub url: String,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let (hours_per_week, total_hours) = job.hours.forms();
        Self {
            library: job.library,
            library_type: job.library_type,
            kind: job.kind,
            started_on: job.started_on,
            ended_on: job.ended_on,
            requires_mlis: job.requires_mlis,
            hours_per_week,
            total_hours,
        }
    }
}

impl ApplicationView {
    /// The application as `caller` sees it.
    #[must_use]
    pub fn of(application: Application, judged: &Judged, caller: &Caller) -> Self {
        let actions = actions_of(&application, judged, caller);
        let attachment = |one: Attachment| AttachmentView { title: one.title, url: one.url };
        Self {
            id: application.id.to_string(),
            program: application.program,
            person_id: application.person,
            state: application.state,
            education: application.statements.education,
            jobs: application.statements.jobs.into_iter().map(JobView::from).collect(),
            attachments: application.statements.attachments.into_iter().map(attachment).collect(),
            payment_choice: application.statements.payment_choice,
            information_requested: application.information_requested,
            invoice_id: application.invoice,
            created_at: application.created_at,
            submitted_on: application.submitted_on,
            decision: application.decision.map(|decision| DecisionView {
                decided_on: decision.decided_on,
                reason: decision.reason,
                findings: decision.findings.into_iter().map(FindingView::from).collect(),
            }),
            candidacy_id: application.candidacy,
            recognition: judged.recognised.iter().filter_map(RecognitionView::of).collect(),
            version: application.version,
            actions,
        }
    }
}

/// The act behind each operation on an application; the view offers those that the caller may use.
const OFFERED: &[(Action, ApplicationAct)] = &[
    (Action::UpdateApplication, ApplicationAct::Update),
    (Action::SubmitApplication, ApplicationAct::Submit),
    (Action::WithdrawApplication, ApplicationAct::Withdraw),
    (Action::ReviewApplication, ApplicationAct::Review),
    (Action::RequestInformation, ApplicationAct::RequestInformation),
    (Action::AcceptApplication, ApplicationAct::Accept),
    (Action::RefuseApplication, ApplicationAct::Refuse),
];

fn actions_of(application: &Application, judged: &Judged, caller: &Caller) -> Vec<ActionView> {
    let facts = Facts::of_person(application.person);
    let base = format!("/v1/applications/{}", application.id);
    let offered = OFFERED.iter().filter(|(action, _)| caller.may(*action, &facts).is_ok());
    let view = |(action, act): &(Action, ApplicationAct)| {
        let mut findings: Vec<Finding> = vec![application.state_finding(*act)];
        if *act == ApplicationAct::Submit {
            findings.extend(application.completeness_of(judged.counts));
        }
        if *act == ApplicationAct::Update {
            return actions::view(*action, "PATCH", base.clone(), findings);
        }
        let acceptance = judged.acceptance.as_ref().filter(|_| *act == ApplicationAct::Accept);
        findings.extend(acceptance.map(Acceptance::findings).unwrap_or_default());
        let href = format!("{base}/{}", act.as_str().replace('_', "-"));
        let view = actions::view(*action, "POST", href, findings);
        // An advisory finding may be unmet and acceptance go ahead.
        let state = application.state_finding(*act).satisfied;
        let allowed = acceptance.map_or(view.allowed, |judged| state && judged.holds());
        ActionView { allowed, ..view }
    };
    offered.map(view).collect()
}
