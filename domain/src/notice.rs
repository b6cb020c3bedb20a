//! Notices: what people are told in time, and what became of what they asked for (FAQ 18, 19).
//!
//! A notice is due once for each fact: a date that comes nearer ([`milestone`]), or an event. It is made in the
//! transaction that finds it due, and told to one person by mail, unless it is true no more by then, or they do
//! not want it, or cannot be written to. The log tells all three.

pub mod bounce;
pub mod milestone;
pub mod preference;
pub mod template;

pub use bounce::{Bounce, BounceEvent, BounceSort, BounceState};
pub use milestone::{Milestone, Reach, Window};
pub use preference::{NoticePreferences, PreferenceEvent};
pub use template::{NoticeTemplate, TemplateEvent, TemplateText, Values};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    EmailId, FactId, Finding, NoticeId, PersonId,
    decision::{self, Refused},
    facts,
    id::{Id, Kind},
    program::ProgramCode,
    words,
};

words! {
    /// What a notice tells.
    pub enum NoticeKind {
        /// The candidacy's deadline comes nearer (FAQ 18).
        CandidacyDeadline = "candidacy_deadline",
        /// The certification can be renewed from now on (FAQ 19).
        RenewalOpens = "renewal_opens",
        /// The certification's expiry comes nearer (FAQ 19).
        ExpiryAhead = "expiry_ahead",
        /// The certification's term ends; it can still be renewed for a while (FAQ 19).
        Expiry = "expiry",
        /// The grace period ends (FAQ 19).
        GraceEnd = "grace_end",
        /// The office asks for information on an application.
        InformationRequested = "information_requested",
        /// An application was accepted.
        ApplicationAccepted = "application_accepted",
        /// An application was refused.
        ApplicationRefused = "application_refused",
        /// A completion of a course was refused.
        CompletionRefused = "completion_refused",
        /// The evaluators of a portfolio ask for more information.
        MoreInformation = "portfolio_more_information",
        /// A portfolio achieved its set.
        PortfolioAchieved = "portfolio_achieved",
        /// A portfolio did not achieve its set.
        PortfolioNotAchieved = "portfolio_not_achieved",
        /// The one chance of a portfolio passed: it is judged as it was submitted.
        PortfolioAsItIs = "portfolio_as_it_is",
        /// What was decided on a portfolio was set aside: it is judged again.
        PortfolioAgain = "portfolio_again",
        /// A certification was awarded.
        CertificationAwarded = "certification_awarded",
        /// A certification was suspended.
        CertificationSuspended = "certification_suspended",
        /// A suspension ends before its time.
        CertificationReinstated = "certification_reinstated",
        /// A certification was revoked.
        CertificationRevoked = "certification_revoked",
        /// A suspension or revocation was wrong.
        MeasureReversed = "measure_reversed",
        /// An appeal was decided.
        AppealDecided = "appeal_decided",
        /// An invoice was issued.
        InvoiceIssued = "invoice_issued",
        /// The account subscription began.
        SubscriptionActivated = "subscription_activated",
        /// The account subscription ends soon.
        SubscriptionEndsSoon = "subscription_ends_soon",
        /// A portfolio is to be rated.
        AssignmentMade = "assignment_made",
        /// The ratings of a portfolio are due soon.
        AssignmentDueSoon = "assignment_due_soon",
        /// A request for help was answered.
        HelpAnswered = "help_answered",
        /// A support event was cancelled.
        SupportEventCancelled = "support_event_cancelled",
    }
}

/// The events that are told, each to the person whom it concerns.
pub const BY_EVENT: &[(&str, NoticeKind)] = &[
    ("application.information_requested", NoticeKind::InformationRequested),
    ("application.accepted", NoticeKind::ApplicationAccepted),
    ("application.refused", NoticeKind::ApplicationRefused),
    ("completion.refused", NoticeKind::CompletionRefused),
    ("portfolio.more_information_requested", NoticeKind::MoreInformation),
    ("portfolio.achieved", NoticeKind::PortfolioAchieved),
    ("portfolio.not_achieved", NoticeKind::PortfolioNotAchieved),
    ("portfolio.chance_ran_out", NoticeKind::PortfolioAsItIs),
    ("portfolio.first_outcome_set_aside", NoticeKind::PortfolioAgain),
    ("portfolio.second_outcome_set_aside", NoticeKind::PortfolioAgain),
    ("certification.awarded", NoticeKind::CertificationAwarded),
    ("certification.suspended", NoticeKind::CertificationSuspended),
    ("certification.reinstated", NoticeKind::CertificationReinstated),
    ("certification.revoked", NoticeKind::CertificationRevoked),
    ("certification.measure_reversed", NoticeKind::MeasureReversed),
    ("appeal.upheld", NoticeKind::AppealDecided),
    ("appeal.remanded", NoticeKind::AppealDecided),
    ("invoice.issued", NoticeKind::InvoiceIssued),
    ("subscription.activated", NoticeKind::SubscriptionActivated),
    ("subscription.ends_soon", NoticeKind::SubscriptionEndsSoon),
    ("assignment.assigned", NoticeKind::AssignmentMade),
    ("assignment.due_soon", NoticeKind::AssignmentDueSoon),
    ("help_request.answered", NoticeKind::HelpAnswered),
    ("support_registration.event_cancelled", NoticeKind::SupportEventCancelled),
];

impl NoticeKind {
    /// The kind that tells of an event.
    #[must_use]
    pub fn of_event(event_type: &str) -> Option<Self> {
        BY_EVENT.iter().find(|(told, _)| *told == event_type).map(|(_, kind)| *kind)
    }
    /// Whether it is told whatever its reader prefers: decisions, and what asks for an answer in time.
    #[must_use]
    pub fn is_mandatory(self) -> bool {
        matches!(
            self,
            Self::InformationRequested
                | Self::ApplicationAccepted
                | Self::ApplicationRefused
                | Self::CompletionRefused
                | Self::MoreInformation
                | Self::PortfolioAchieved
                | Self::PortfolioNotAchieved
                | Self::PortfolioAsItIs
                | Self::PortfolioAgain
                | Self::CertificationAwarded
                | Self::CertificationSuspended
                | Self::CertificationReinstated
                | Self::CertificationRevoked
                | Self::MeasureReversed
                | Self::AppealDecided
        )
    }
}

words! {
    /// Where a notice stands.
    pub enum NoticeState {
        /// It is due, and waits for the mail.
        Due = "due",
        /// It was sent.
        Sent = "sent",
        /// It was not sent, and never will be.
        Dropped = "dropped",
    }
}

words! {
    /// Why a notice was not sent.
    pub enum DropReason {
        /// What it would tell is not true any more.
        NoLongerTrue = "no_longer_true",
        /// The person does not want notices of this kind.
        Muted = "muted",
        /// The person has no address.
        NoAddress = "no_address",
        /// Mails to the person's address come back.
        Undeliverable = "undeliverable",
    }
}

/// The fact that is a thing with a date, or an event.
#[must_use]
pub fn fact_of<K: Kind>(id: Id<K>) -> FactId {
    FactId::from_bits(id.bits())
}

/// A notice to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Identity.
    pub id: NoticeId,
    /// The program.
    pub program: ProgramCode,
    /// What it tells.
    pub kind: NoticeKind,
    /// To whom.
    pub person: PersonId,
    /// The id of what it is about, prefix included.
    pub subject: String,
    /// The fact: the bits of the subject's id, or of the event's.
    pub fact: FactId,
    /// The date of the fact: a deadline, the last day of a term, the day of the event.
    pub fact_on: NaiveDate,
    /// Months before that date, where the kind is told several times; 0 otherwise.
    pub months: i32,
    /// The day on which it is due.
    pub due_on: NaiveDate,
    /// When it was found due.
    pub made_at: DateTime<Utc>,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was sent or dropped.
    pub settled_at: Option<DateTime<Utc>>,
    /// The version of the template by which it was written.
    pub template_version: Option<i64>,
    /// The address to which it was sent.
    pub email: Option<EmailId>,
    /// Why it was dropped.
    pub reason: Option<DropReason>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Notice {
    /// A notice that is due, with its event.
    #[must_use]
    pub fn due(
        id: NoticeId,
        (program, person, subject): (ProgramCode, PersonId, String),
        fact: FactId,
        milestone: Milestone,
        now: DateTime<Utc>,
    ) -> (Self, NoticeEvent) {
        let Milestone { kind, months, fact_on, due_on } = milestone;
        let event = NoticeEvent::Due { kind, subject: subject.clone(), fact_on, months, due_on };
        let notice = Self {
            id,
            program,
            kind,
            person,
            subject,
            fact,
            fact_on,
            months,
            due_on,
            made_at: now,
            state: NoticeState::Due,
            settled_at: None,
            template_version: None,
            email: None,
            reason: None,
            version: 1,
        };
        (notice, event)
    }

    /// The finding on whether its mail can have come back.
    #[must_use]
    pub fn bounce_finding(&self) -> Finding {
        let sent = [NoticeState::Sent];
        decision::state_finding("notice.state", "record its bounce", self.state, &sent)
    }

    fn settle(&mut self, act: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let open = [NoticeState::Due];
        let finding = decision::state_finding("notice.state", act, self.state, &open);
        decision::by_state(vec![finding])?;
        self.settled_at = Some(now);
        Ok(())
    }

    /// It was sent to an address.
    pub fn sent(
        mut self,
        template_version: i64,
        email: EmailId,
        now: DateTime<Utc>,
    ) -> Result<(Self, NoticeEvent), Refused> {
        self.settle("send the notice", now)?;
        self.state = NoticeState::Sent;
        self.template_version = Some(template_version);
        self.email = Some(email);
        let event = NoticeEvent::Sent { kind: self.kind, template_version, email };
        Ok((self, event))
    }

    /// It is not sent.
    pub fn drop_for(
        mut self,
        reason: DropReason,
        now: DateTime<Utc>,
    ) -> Result<(Self, NoticeEvent), Refused> {
        self.settle("drop the notice", now)?;
        self.state = NoticeState::Dropped;
        self.reason = Some(reason);
        let event = NoticeEvent::Dropped { kind: self.kind, reason };
        Ok((self, event))
    }
}

facts! {
    /// What happens to notices.
    pub enum NoticeEvent {
        /// It is due.
        Due = "notice.due" { kind: NoticeKind, subject: String, fact_on: NaiveDate, months: i32, due_on: NaiveDate },
        /// It was sent.
        Sent = "notice.sent" { kind: NoticeKind, template_version: i64, email: EmailId },
        /// It was not sent.
        Dropped = "notice.dropped" { kind: NoticeKind, reason: DropReason },
    }
}
