//! The unique constraints that a request can run into: one line each, the same on both databases.

macro_rules! constraints {
    ($($variant:ident = $name:literal on $columns:literal;)+) => {
        /// A unique constraint or index, whichever database reported it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Constraint {$(
            #[doc = concat!("`", $name, "`: one row for each `", $columns, "`.")]
            $variant
        ),+}
        impl Constraint {
            /// Every registered constraint.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its name, the same in both catalogs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
            /// Its columns as SQLite reports them: `table.column, table.column`.
            #[must_use]
            pub const fn columns(self) -> &'static str {
                match self { $(Self::$variant => $columns),+ }
            }
        }
    };
}

// Primary keys of ids are mostly absent: the id source never repeats, so running into one is a bug.
// An index over expressions has no columns to report; write its name there: `index 'name'`.
constraints! {
    EventsId = "events_pkey" on "events.id";
    EventsPosition = "events_position_key" on "events.position";
    LeasesName = "leases_pkey" on "leases.name";
    CursorsName = "cursors_pkey" on "cursors.name";
    CountersName = "counters_pkey" on "counters.program, counters.name";
    IdempotencyKey = "idempotency_keys_pkey" on "idempotency_keys.scope, idempotency_keys.key";
    EmailsAddress = "emails_one_address" on "emails.address_folded";
    EmailsPrimary = "emails_one_primary" on "emails.person_id";
    CredentialsPerson = "credentials_pk" on "credentials.person_id";
    SignInFailuresAddress = "sign_in_failures_pk" on "sign_in_failures.address_key";
    RefreshTokensHash = "refresh_tokens_pk" on "refresh_tokens.token_hash";
    RevokedTokensId = "revoked_tokens_pk" on "revoked_tokens.token_id";
    ClientCredentialsKid = "client_credentials_kid" on "client_credentials.client_id, client_credentials.kid";
    ScimUsersName = "scim_users_name" on "scim_users.client_id, scim_users.user_name_folded";
    SigningKeysKid = "signing_keys_pk" on "signing_keys.kid";
    SecretsName = "secrets_pk" on "secrets.name";
    CalendarFeedsPerson = "calendar_feeds_pk" on "calendar_feeds.person_id";
    PoliciesVersion = "policies_version" on "policies.program, policies.version";
    PoliciesEffective = "policies_effective" on "policies.program, policies.effective_on";
    ApplicationsOneOpen = "applications_one_open" on "applications.program, applications.person_id";
    InvoicesNumber = "invoices_number" on "invoices.program, invoices.number";
    PaymentsReference = "payments_reference" on "payments.program, payments.method, payments.reference";
    PaymentsOnce = "payments_once" on "payments.invoice_id, payments.method, payments.reference";
    CardReferencesOnce = "card_references_pk" on "card_references.program, card_references.reference";
    InstitutionsName = "institutions_name" on "institutions.program, institutions.name_folded";
    PurchaseOrdersNumber = "purchase_orders_number" on "purchase_orders.institution_id, purchase_orders.number";
    PurchaseOrdersInvoice = "purchase_orders_invoice" on "purchase_orders.invoice_id";
    PurchaseOrderLinesStanding = "purchase_order_lines_standing" on "purchase_order_lines.application_id";
    SubscriptionsInvoice = "subscriptions_invoice" on "subscriptions.invoice_id";
    AssistanceOneRequest = "assistance_one_request" on "assistance_requests.round_id, assistance_requests.person_id";
    AssistanceOnce = "assistance_once" on "assistance_requests.program, assistance_requests.person_id";
    SubsidiesOnce = "subsidies_once" on "subsidies.completion_id";
    DiscrepanciesOnce = "payment_discrepancies_once" on "payment_discrepancies.program, payment_discrepancies.reference, payment_discrepancies.invoice_id, payment_discrepancies.currency, payment_discrepancies.actual_cents";
    CandidaciesApplication = "candidacies_application" on "candidacies.application_id";
    ProvidersName = "providers_name" on "providers.program, providers.name_folded";
    CollegesName = "colleges_name" on "colleges.program, colleges.name_folded";
    PersonMergesStanding = "person_merges_standing" on "person_merges.from_person_id";
    MergedPeoplePayer = "merged_people_payer" on "merged_people.payer";
    InvitationsToken = "invitations_token" on "invitations.token_hash";
    ProposalsOneRenewal = "course_proposals_one_renewal" on "course_proposals.renews_id";
    ReviewsOnce = "course_reviews_once" on "course_reviews.proposal_id, course_reviews.reviewer_id";
    WaitingCompletionsOnce = "waiting_completions_once" on "waiting_completions.course_id, waiting_completions.identity_key";
    GraduatesOnce = "graduates_once" on "graduates.agreement_id, graduates.identity_key";
    PortfoliosOneOpen = "portfolios_one_open" on "portfolios.candidacy_id, portfolios.set_code";
    AttemptsNumber = "portfolio_attempts_number" on "portfolio_attempts.portfolio_id, portfolio_attempts.number";
    EvaluatorsPk = "evaluators_pk" on "evaluators.program, evaluators.person_id";
    AssignmentsOnce = "assignments_once" on "portfolio_assignments.attempt_id, portfolio_assignments.evaluator_id";
    AssignmentsSeat = "assignments_seat" on "portfolio_assignments.attempt_id, portfolio_assignments.seat";
    RenewalsOnce = "renewals_once" on "renewals.certification_id, renewals.term";
    RenewalsInvoice = "renewals_invoice" on "renewals.invoice_id";
    RenewalActivitiesPk = "renewal_activities_pk" on "renewal_activities.activity_id";
    RenewalAuditTicketsPk = "renewal_audit_tickets_pk" on "renewal_audit_tickets.audit_id, renewal_audit_tickets.renewal_id";
    RenewalAuditTicketsRank = "renewal_audit_tickets_rank" on "renewal_audit_tickets.audit_id, renewal_audit_tickets.rank";
    AuditCasesOnce = "audit_cases_once" on "audit_cases.audit_id, audit_cases.renewal_id";
    AppealsOnce = "appeals_once" on "appeals.decision_id";
    GuidanceSet = "guidance_set" on "guidance.program, guidance.set_code";
    NoticesOnce = "notices_once" on "notices.fact_id, notices.kind, notices.months, notices.fact_on";
    NoticeTemplatesVersion = "notice_templates_pk" on "notice_templates.program, notice_templates.kind, notice_templates.version";
    NoticePreferencesPerson = "notice_preferences_pk" on "notice_preferences.person_id";
    BouncesStanding = "bounces_standing" on "bounces.address_folded";
    SupportRegistrationsOnce = "support_registrations_once" on "support_registrations.event_id, support_registrations.person_id";
    CompletionsOnce = "completions_once" on "completions.candidacy_id, completions.course_id";
    AchievementsOneStanding = "achievements_one_standing" on "achievements.candidacy_id, achievements.set_code";
    CertificationsNumber = "certifications_number" on "certifications.number";
    NameChangesOneOpen = "name_changes_one_open" on "name_changes.person_id";
    ImportRowsLine = "import_rows_pk" on "import_rows.import_id, import_rows.line";
    ExternalIdsOnce = "external_ids_once" on "external_ids.client_id, external_ids.external_id";
    AccountRequestsOnce = "account_requests_once" on "account_requests.client_id, account_requests.request_id";
    CertificationsCandidacy = "certifications_candidacy" on "certifications.candidacy_id";
    WebhookDeliveriesTurn = "webhook_deliveries_turn" on "webhook_deliveries.endpoint_id, webhook_deliveries.turn";
    WebhookDeliveriesOnce = "webhook_deliveries_once" on "webhook_deliveries.endpoint_id, webhook_deliveries.event_id";
    WebhookSequencesPk = "webhook_sequences_pk" on "webhook_sequences.endpoint_id, webhook_sequences.person_id";
    WebhookAttemptsPk = "webhook_attempts_pk" on "webhook_attempts.delivery_id, webhook_attempts.number";
}

impl Constraint {
    /// The constraint that PostgreSQL names, or that SQLite tells by its columns.
    pub(crate) fn of(name: Option<&str>, message: &str) -> Option<Self> {
        let all = || Self::ALL.iter().copied();
        if let Some(name) = name {
            return all().find(|constraint| constraint.name() == name);
        }
        let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
        all().find(|constraint| constraint.columns() == columns)
    }
}
