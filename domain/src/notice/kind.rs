//! What notices tell, and of which events.

use crate::words;

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
        /// A certification was renewed.
        RenewalGranted = "renewal_granted",
        /// A renewal was refused.
        RenewalRefused = "renewal_refused",
        /// A renewal was drawn for audit: documents are asked for.
        AuditOpened = "audit_opened",
        /// An audited renewal was judged.
        AuditDecided = "audit_decided",
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
    ("renewal.granted", NoticeKind::RenewalGranted),
    ("renewal.refused", NoticeKind::RenewalRefused),
    ("audit.opened", NoticeKind::AuditOpened),
    ("audit.passed", NoticeKind::AuditDecided),
    ("audit.failed", NoticeKind::AuditDecided),
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
                | Self::RenewalGranted
                | Self::RenewalRefused
                | Self::AuditOpened
                | Self::AuditDecided
                | Self::AppealDecided
        )
    }
}
