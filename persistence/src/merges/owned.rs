//! Every column that names a person: what a merge moves, and what stays as it was written, and why. A test
//! reads the schema of both databases and fails when a column is in neither list.

use domain::id::{
    AccountKind, AccountRequestKind, AchievementKind, AppealKind, ApplicationKind, AssignmentKind,
    AssistanceKind, AttachmentKind, AttemptKind, AuditCaseKind, CandidacyKind, CertificationKind,
    CompletionKind, CourseRequestKind, EmailKind, GraduateKind, GrantKind, HelpRequestKind,
    InvitationKind, InvoiceKind, Kind, LoggedActivityKind, MembershipKind, OrganisationKind,
    PaymentKind, PayoutKind, PortfolioKind, ProposalKind, RenewalKind, ReviewKind,
    SubscriptionKind, SubsidyKind, SupportRegistrationKind,
};

/// How a column names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// It holds the id.
    Id,
    /// The id is part of the key to which other rows refer: the row is copied, then dropped.
    Key,
    /// Somewhere in a JSON document, with its prefix.
    Document,
}

/// A column that a merge moves.
#[derive(Debug, Clone, Copy)]
pub struct Owned {
    /// What people call such rows.
    pub kind: &'static str,
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// How it names the person.
    pub holds: Column,
    /// The rest of the row's key, as SQL that gives text.
    pub key: &'static str,
    /// The prefix of the rows' ids in the log, where their key is an id.
    pub prefix: Option<&'static str>,
    /// Whether a later change of the row stands in the way of a reversal.
    pub watched: bool,
}

const ID: &str = "CAST(id AS text)";

const fn rows<K: Kind>(kind: &'static str, table: &'static str) -> Owned {
    by::<K>(kind, table, "person_id")
}

const fn by<K: Kind>(kind: &'static str, table: &'static str, column: &'static str) -> Owned {
    let prefix = Some(K::PREFIX);
    Owned { kind, table, column, holds: Column::Id, key: ID, prefix, watched: true }
}

/// What a merge moves, in the order in which it is told.
pub const OWNED: &[Owned] = &[
    rows::<EmailKind>("e-mail addresses", "emails"),
    Owned { prefix: None, ..by::<EmailKind>("name changes", "name_changes", "person_id") },
    rows::<MembershipKind>("memberships", "memberships"),
    rows::<GrantKind>("roles", "grants"),
    // The sessions of who was merged away have ended; they may be purged at any time.
    Owned { prefix: None, watched: false, ..by::<EmailKind>("sessions", "sessions", "person_id") },
    Owned {
        prefix: None,
        watched: false,
        ..by::<EmailKind>("password resets", "password_resets", "person_id")
    },
    rows::<ApplicationKind>("applications", "applications"),
    rows::<CandidacyKind>("candidacies", "candidacies"),
    rows::<CompletionKind>("completions", "completions"),
    rows::<AchievementKind>("achievements", "achievements"),
    rows::<CertificationKind>("certifications", "certifications"),
    rows::<LoggedActivityKind>("activities", "activities"),
    rows::<RenewalKind>("renewals", "renewals"),
    rows::<AuditCaseKind>("audit cases", "audit_cases"),
    rows::<PortfolioKind>("portfolios", "portfolios"),
    rows::<AttemptKind>("portfolio attempts", "portfolio_attempts"),
    rows::<GraduateKind>("graduates", "graduates"),
    rows::<InvoiceKind>("invoices", "invoices"),
    Owned {
        holds: Column::Document,
        prefix: None,
        ..by::<InvoiceKind>("member prices credited to them", "invoices", "member_credit")
    },
    by::<PaymentKind>("payments", "payments", "paid_by_person_id"),
    rows::<PayoutKind>("payouts", "payouts"),
    rows::<SubscriptionKind>("subscriptions", "subscriptions"),
    rows::<AssistanceKind>("assistance requests", "assistance_requests"),
    rows::<SubsidyKind>("subsidies", "subsidies"),
    Owned {
        key: "CAST(order_id AS text) || ' ' || CAST(place AS text)",
        prefix: None,
        ..by::<EmailKind>("lines of purchase orders", "purchase_order_lines", "person_id")
    },
    rows::<AttachmentKind>("attachments", "attachments"),
    rows::<AppealKind>("appeals", "appeals"),
    rows::<HelpRequestKind>("help requests", "help_requests"),
    rows::<SupportRegistrationKind>("registrations for events", "support_registrations"),
    rows::<CourseRequestKind>("course requests", "course_requests"),
    // What was mailed to them binds nobody.
    Owned { prefix: None, watched: false, ..by::<EmailKind>("notices", "notices", "person_id") },
    Owned { prefix: None, watched: false, ..by::<EmailKind>("bounces", "bounces", "person_id") },
    by::<ProposalKind>("course proposals", "course_proposals", "proposed_by"),
    by::<ReviewKind>("course reviews", "course_reviews", "reviewer_id"),
    Owned {
        holds: Column::Key,
        key: "program",
        prefix: None,
        ..by::<EmailKind>("profiles as evaluator", "evaluators", "person_id")
    },
    by::<AssignmentKind>("assignments", "portfolio_assignments", "evaluator_id"),
    Owned {
        holds: Column::Document,
        key: "CAST(person_id AS text) || ' ' || program",
        prefix: None,
        ..by::<EmailKind>("declared conflicts of interest", "evaluators", "profile")
    },
    by::<OrganisationKind>("providers whose contact they are", "providers", "primary_contact_id"),
    by::<OrganisationKind>("colleges whose contact they are", "colleges", "primary_contact_id"),
    by::<InvitationKind>("invitations", "invitations", "accepted_by"),
    // Two ids of one system stay two: the partner knows both.
    rows::<AccountKind>("accounts at partners", "external_ids"),
    rows::<AccountRequestKind>("account requests", "account_requests"),
    // Who was merged into them before.
    Owned {
        key: "CAST(person_id AS text)",
        prefix: None,
        ..by::<EmailKind>("earlier merges", "merged_people", "into_person_id")
    },
];

/// Tables with one row a person, which is the key: it moves where the survivor has none, else it is set aside.
pub(super) const ONCE: &[&str] = &["calendar_feeds", "credentials", "notice_preferences"];

/// Columns that name people and stay as they were written, and why.
pub const STAYS: &[(&str, &str, &str)] = &[
    ("appeals", "documents_by", "a day"),
    ("audit_cases", "documents_by", "a day"),
    ("attachments", "uploaded_by", "who acted, as the log names them"),
    ("bounces", "recorded_by", "who acted, as the log names them"),
    ("calendar_feeds", "person_id", "one a person, see ONCE"),
    ("client_reads", "first_person_id", "what a machine was told is never rewritten"),
    ("client_reads", "last_person_id", "what a machine was told is never rewritten"),
    ("credentials", "person_id", "one a person, see ONCE"),
    (
        "events",
        "person",
        "what happened is never rewritten; reading adds who became part of somebody",
    ),
    ("former_external_ids", "person_id", "whom a partner called so then"),
    ("graduates", "decided_by", "who acted, as the log names them"),
    ("grants", "granted_by", "who acted, as the log names them"),
    ("guidance", "updated_by", "who acted, as the log names them"),
    ("imports", "requested_by", "who acted, as the log names them"),
    ("imports", "undo_requested_by", "who acted, as the log names them"),
    ("invitations", "invited_by", "who acted, as the log names them"),
    ("ledger_postings", "recorded_by", "who acted, as the log names them"),
    (
        "ledger_transfers",
        "credit_payer",
        "the ledger is append only; reading resolves who it is now",
    ),
    (
        "ledger_transfers",
        "debit_payer",
        "the ledger is append only; reading resolves who it is now",
    ),
    ("merged_people", "payer", "the old id as the ledger writes it"),
    ("merged_people", "person_id", "the old id itself"),
    ("notice_preferences", "person_id", "one a person, see ONCE"),
    ("notice_templates", "made_by", "who acted, as the log names them"),
    ("payments", "recorded_by", "who acted, as the log names them"),
    ("person_merges", "from_person_id", "the merge itself"),
    ("person_merges", "into_person_id", "the merge itself"),
    ("person_merges", "merged_by", "who acted, as the log names them"),
    ("person_merges", "reversed_by", "who acted, as the log names them"),
    ("policies", "published_by", "who acted, as the log names them"),
    ("reconciliation_differences", "found_person_id", "whom it was found of then"),
    ("reconciliations", "requested_by", "who acted, as the log names them"),
    ("renewal_audits", "documents_by", "a day"),
    ("webhook_deliveries", "claimed_by", "a server"),
    (
        "webhook_deliveries",
        "person_id",
        "what was sent is as it was sent: the old id as the log has it",
    ),
    ("webhook_sequences", "person_id", "counts what was sent about the id as the log has it"),
];

/// What hangs together and belongs to one person: a table, its reference, and the table to which that refers.
pub const HANGS: &[(&str, &str, &str)] = &[
    ("candidacies", "application_id", "applications"),
    ("invoices", "application_id", "applications"),
    ("completions", "candidacy_id", "candidacies"),
    ("achievements", "candidacy_id", "candidacies"),
    ("certifications", "candidacy_id", "candidacies"),
    ("renewals", "certification_id", "certifications"),
    ("renewals", "invoice_id", "invoices"),
    ("activities", "certification_id", "certifications"),
    ("activities", "renewal_id", "renewals"),
    ("audit_cases", "certification_id", "certifications"),
    ("portfolios", "candidacy_id", "candidacies"),
    ("portfolio_attempts", "portfolio_id", "portfolios"),
    ("subscriptions", "invoice_id", "invoices"),
    ("portfolios", "invoice_id", "invoices"),
    ("assistance_requests", "invoice_id", "invoices"),
    ("subsidies", "completion_id", "completions"),
    ("purchase_order_lines", "application_id", "applications"),
    ("purchase_order_lines", "invoice_id", "invoices"),
];

/// References between what people own that need not belong to one person, and why.
pub const APART: &[(&str, &str, &str)] = &[
    ("activities", "document_id", "the office may have taken the document"),
    ("bounces", "notice_id", "whose address it is by then"),
    ("candidacies", "graduate_id", "a college posts a graduate before anybody is known for it"),
    ("completions", "form_id", "the form may be a provider's file"),
    ("course_reviews", "proposal_id", "who reviews did not propose"),
    ("course_proposals", "provider_id", "the organisation, whoever its contact is"),
    ("course_reviews", "provider_id", "the organisation, whoever its contact is"),
    ("graduates", "college_id", "the organisation, whoever its contact is"),
    ("graduates", "candidacy_id", "a college posts a graduate before anybody is known for it"),
    ("graduates", "transcript_id", "the transcript may be a college's file"),
    ("name_changes", "proof_id", "the office may have taken the proof"),
    ("payments", "invoice_id", "whoever pays"),
    ("payouts", "invoice_id", "what was paid goes back to who paid"),
    ("payouts", "payment_id", "an organisation's payment has no person"),
    ("payouts", "subsidy_id", "paid to who completed the course"),
    ("portfolio_assignments", "attempt_id", "who judges did not write"),
    ("portfolio_assignments", "evaluator_id", "follows the evaluator's profile"),
    ("portfolio_assignments", "portfolio_id", "who judges did not write"),
    ("portfolios", "attempt_id", "an attempt of the same portfolio"),
];
