//! Applications: draft -> submitted -> in review <-> needs information -> accepted or refused;
//! withdrawn from any open state (FAQ 6, 7).

mod acts;

pub use acts::Acceptance;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AppealId, ApplicationId, CandidacyId, Finding, InvoiceId, PersonId,
    decision::{self, Refused},
    eligibility::{Education, Job},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// Being written by the applicant.
        Draft = "draft",
        /// Submitted; waits in the office's queue.
        Submitted = "submitted",
        /// A member of staff looks at it.
        InReview = "in_review",
        /// The office asked the applicant for more.
        NeedsInformation = "needs_information",
        /// Accepted: the applicant is a candidate.
        Accepted = "accepted",
        /// Refused; a paid fee is returned.
        Refused = "refused",
        /// Withdrawn by the applicant.
        Withdrawn = "withdrawn",
    }
}

impl ApplicationState {
    /// The states in which an application is open: one such per person and program.
    pub const OPEN: &'static [Self] =
        &[Self::Draft, Self::Submitted, Self::InReview, Self::NeedsInformation];
}

words! {
    /// How the applicant means to pay the application fee (FAQ 22).
    pub enum PaymentChoice {
        /// By card, through an outside processor.
        Card = "card",
        /// By check, or by a purchase order of their library.
        Check = "check",
    }
}

words! {
    /// What can be done to an application.
    pub enum ApplicationAct {
        /// Change its facts.
        Update = "update",
        /// Hand it in, or hand in what was asked for.
        Submit = "submit",
        /// Withdraw it.
        Withdraw = "withdraw",
        /// Take it into review.
        Review = "review",
        /// Ask the applicant for information.
        RequestInformation = "request_information",
        /// Accept it.
        Accept = "accept",
        /// Refuse it.
        Refuse = "refuse",
        /// Set its refusal aside, as an appeal asks for.
        Reopen = "reopen",
    }
}

impl ApplicationState {
    /// The state to which the events of an application lead, by their types in order; none when one of
    /// them was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| Self::after(state, event).map(Some))?
    }

    /// The events that lead to a state, each with it, wherever they are legal. What is not here leaves the state.
    pub const REACHED_BY: &'static [(&'static str, Self)] = &[
        ("application.drafted", Self::Draft),
        ("application.submitted", Self::Submitted),
        ("application.resubmitted", Self::InReview),
        ("application.withdrawn", Self::Withdrawn),
        ("application.review_started", Self::InReview),
        ("application.information_requested", Self::NeedsInformation),
        ("application.accepted", Self::Accepted),
        ("application.refused", Self::Refused),
        ("application.reopened", Self::InReview),
    ];

    fn reached_by(event: &str) -> Option<Self> {
        Self::REACHED_BY.iter().find(|(known, _)| *known == event).map(|(_, state)| *state)
    }

    fn after(state: Option<Self>, event: &str) -> Option<Self> {
        let Some(before) = state else {
            return (event == "application.drafted").then_some(Self::Draft);
        };
        let act = match event {
            "application.updated" => ApplicationAct::Update,
            "application.submitted" | "application.resubmitted" => ApplicationAct::Submit,
            "application.withdrawn" => ApplicationAct::Withdraw,
            "application.review_started" => ApplicationAct::Review,
            "application.information_requested" => ApplicationAct::RequestInformation,
            "application.accepted" => ApplicationAct::Accept,
            "application.refused" => ApplicationAct::Refuse,
            "application.reopened" => ApplicationAct::Reopen,
            _ => return None,
        };
        act.from().contains(&before).then(|| Self::reached_by(event).unwrap_or(before))
    }
}

impl ApplicationAct {
    /// The states from which the act is legal. An edge that is not here cannot be taken.
    #[must_use]
    pub fn from(self) -> &'static [ApplicationState] {
        use ApplicationState::{Draft, InReview, NeedsInformation, Refused, Submitted};
        match self {
            Self::Update | Self::Submit => &[Draft, NeedsInformation],
            Self::Withdraw => ApplicationState::OPEN,
            Self::Review => &[Submitted],
            Self::RequestInformation | Self::Accept | Self::Refuse => &[InReview],
            Self::Reopen => &[Refused],
        }
    }
}

/// Evidence by link; the statements themselves are self-attested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it shows.
    pub title: String,
    /// Where it is, an `https` address.
    pub url: String,
}

/// What the applicant states.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statements {
    /// Highest education.
    pub education: Option<Education>,
    /// Library jobs, paid and volunteer.
    pub jobs: Vec<Job>,
    /// Evidence.
    pub attachments: Vec<Attachment>,
    /// How the fee will be paid.
    pub payment_choice: Option<PaymentChoice>,
}

/// What the office decided, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeDecision {
    /// The day, in the program's zone.
    pub decided_on: NaiveDate,
    /// Who decided.
    pub decided_by: String,
    /// The reason given: of a refusal, or of an override of unmet findings.
    pub reason: Option<String>,
    /// Every finding of the decision.
    pub findings: Vec<Finding>,
}

/// An application for entry to a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Identity.
    pub id: ApplicationId,
    /// The program.
    pub program: ProgramCode,
    /// The applicant.
    pub person: PersonId,
    /// Where it stands.
    pub state: ApplicationState,
    /// What the applicant states.
    pub statements: Statements,
    /// What the office asked for last.
    pub information_requested: Option<String>,
    /// The invoice of the application fee, from submission on.
    pub invoice: Option<InvoiceId>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// The day of submission, in the program's zone: eligibility is judged as of it.
    pub submitted_on: Option<NaiveDate>,
    /// Acceptance or refusal.
    pub decision: Option<OfficeDecision>,
    /// The candidacy that acceptance made.
    pub candidacy: Option<CandidacyId>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Application {
    /// A new draft.
    #[must_use]
    pub fn draft(
        id: ApplicationId,
        program: ProgramCode,
        person: PersonId,
        statements: Statements,
        now: DateTime<Utc>,
    ) -> (Self, ApplicationEvent) {
        let event = ApplicationEvent::Drafted { after: statements.clone() };
        let draft = Self {
            id,
            program,
            person,
            state: ApplicationState::Draft,
            statements,
            information_requested: None,
            invoice: None,
            created_at: now,
            submitted_on: None,
            decision: None,
            candidacy: None,
            version: 1,
        };
        (draft, event)
    }

    /// The finding on whether `act` is legal in the present state.
    #[must_use]
    pub fn state_finding(&self, act: ApplicationAct) -> Finding {
        decision::state_finding("application.state", act.into_words(), self.state, act.from())
    }

    fn legal(&self, act: ApplicationAct) -> Result<(), Refused> {
        decision::by_state(vec![self.state_finding(act)]).map(drop)
    }
}

impl ApplicationAct {
    fn into_words(self) -> &'static str {
        match self {
            Self::Update => "change the application",
            Self::Submit => "submit the application",
            Self::Withdraw => "withdraw the application",
            Self::Review => "take the application into review",
            Self::RequestInformation => "request information",
            Self::Accept => "accept the application",
            Self::Refuse => "refuse the application",
            Self::Reopen => "reopen the application",
        }
    }
}

facts! {
    /// What happens to applications.
    pub enum ApplicationEvent {
        /// A draft was begun.
        Drafted = "application.drafted" { after: Statements },
        /// Its statements changed.
        Updated = "application.updated" { before: Statements, after: Statements },
        /// It was submitted.
        Submitted = "application.submitted" { submitted_on: NaiveDate, invoice: InvoiceId },
        /// What the office asked for was handed in.
        Resubmitted = "application.resubmitted" { on: NaiveDate },
        /// It was withdrawn.
        Withdrawn = "application.withdrawn" { before: ApplicationState, reason: Option<String> },
        /// Staff took it into review.
        ReviewStarted = "application.review_started" {},
        /// The office asked for information.
        InformationRequested = "application.information_requested" { message: String },
        /// It was accepted.
        Accepted = "application.accepted" { candidacy: CandidacyId, decision: OfficeDecision },
        /// It was refused.
        Refused = "application.refused" { decision: OfficeDecision },
        /// Its refusal was set aside by an appeal; the fee is owed anew by `invoice`.
        Reopened = "application.reopened" { appeal: AppealId, invoice: Option<InvoiceId> },
    }
}
