//! The access table: one line an operation, the operation's id its name.

use super::Role::{
    self, Admin, Auditor, Candidate, College, Evaluator, Institution, Partner, Provider, Staff,
};
use crate::{Word, words};

/// Who may do one action.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The action.
    pub action: Action,
    /// Everyone, signed in or not.
    pub public: bool,
    /// Roles that may do it to every resource of the kind.
    pub any: &'static [Role],
    /// Roles that may do it to what is their own.
    pub own: &'static [Role],
    /// Roles that may do it to what is their organisation's.
    pub member: &'static [Role],
    /// The scope that a machine's token needs; none = no machine may.
    pub scope: Option<&'static str>,
    /// The action that shows the resource: who may not do that is told 404, not 403.
    pub seen_by: Option<Action>,
}

impl Rule {
    /// Whether it is an act of the office alone: nobody does it to what is their own.
    #[must_use]
    pub fn is_of_the_office(&self) -> bool {
        self.any.contains(&Staff) && self.own.is_empty() && self.member.is_empty()
    }
    /// Whether it is a decision of the office on something that others see.
    #[must_use]
    pub fn is_office_decision(&self) -> bool {
        self.is_of_the_office() && self.seen_by.is_some()
    }
}

impl Action {
    /// The rule of this action.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        RULES.iter().find(|rule| rule.action == self).unwrap_or(&CLOSED)
    }
}

/// What an action without a line would be: nobody's. A test shows that every action has its line.
const CLOSED: Rule = Rule {
    action: Action::GetMe,
    public: false,
    any: &[],
    own: &[],
    member: &[],
    scope: None,
    seen_by: None,
};

const OFFICE: &[Role] = &[Staff, Admin];
const OFFICE_AND_PARTNERS: &[Role] = &[Staff, Admin, Partner];
const READERS: &[Role] = &[Staff, Admin, Auditor];
const READERS_AND_PARTNERS: &[Role] = &[Staff, Admin, Auditor, Partner];
const PARTNERS: &[Role] = &[Partner];
const ADMINS: &[Role] = &[Admin];
const ADMIN_READERS: &[Role] = &[Admin, Auditor];
const SELF: &[Role] = &[Candidate];
const INSTITUTIONS: &[Role] = &[Institution];
const PROVIDERS: &[Role] = &[Provider];
const COLLEGES: &[Role] = &[College];
const ORGANISATIONS: &[Role] = &[Provider, College, Institution];
const PROPOSERS: &[Role] = &[Provider, College];
const REVIEWERS: &[Role] = &[Evaluator, Staff];
const EVALUATORS: &[Role] = &[Evaluator];
const NONE: &[Role] = &[];

macro_rules! table {
    ($($(#[$meta:meta])* $action:ident = $word:literal: $reach:tt $(, scope $scope:literal)? $(, seen by $seen:ident)?;)+) => {
        words! {
            /// Everything that can be asked of the API, by the operation's id.
            pub enum Action { $($(#[$meta])* $action = $word),+ }
        }
        /// The access table, one rule an action.
        pub const RULES: &[Rule] = &[$(table!(@rule $action $reach [$($scope)?] [$($seen)?])),+];
    };
    (@rule $action:ident public [$($scope:literal)?] [$($seen:ident)?]) => {
        Rule { action: Action::$action, public: true, any: NONE, own: NONE, member: NONE,
            scope: table!(@option $($scope)?), seen_by: table!(@seen $($seen)?) }
    };
    (@rule $action:ident ($any:expr, own $own:expr, member $member:expr) [$($scope:literal)?] [$($seen:ident)?]) => {
        Rule { action: Action::$action, public: false, any: $any, own: $own, member: $member,
            scope: table!(@option $($scope)?), seen_by: table!(@seen $($seen)?) }
    };
    (@rule $action:ident ($any:expr, own $own:expr) [$($scope:literal)?] [$($seen:ident)?]) => {
        table!(@rule $action ($any, own $own, member NONE) [$($scope)?] [$($seen)?])
    };
    (@rule $action:ident ($any:expr, member $member:expr) [$($scope:literal)?] [$($seen:ident)?]) => {
        table!(@rule $action ($any, own NONE, member $member) [$($scope)?] [$($seen)?])
    };
    (@rule $action:ident ($any:expr) [$($scope:literal)?] [$($seen:ident)?]) => {
        table!(@rule $action ($any, own NONE) [$($scope)?] [$($seen)?])
    };
    (@option) => { None };
    (@option $scope:literal) => { Some($scope) };
    (@seen) => { None };
    (@seen $seen:ident) => { Some(Action::$seen) };
}

table! {
    // --- Public: the program, its rules and its catalog -------------------------------------
    /// List the programs.
    ListPrograms = "list_programs": public;
    /// Read one program.
    GetProgram = "get_program": public;
    /// Read the policy in force on a date.
    GetPolicy = "get_policy": public;
    /// List the policy versions.
    ListPolicies = "list_policies": public;
    /// Read the competency sets.
    ListCompetencySets = "list_competency_sets": public;
    /// Read the FAQ.
    GetFaq = "get_faq": public;
    /// Publish a policy version.
    PublishPolicy = "publish_policy": (OFFICE);
    /// Read the sandbox's clock.
    GetSandboxClock = "get_sandbox_clock": (READERS);
    /// Move the sandbox's clock.
    SetSandboxClock = "set_sandbox_clock": (OFFICE), seen by GetSandboxClock;
    /// The stateless evaluations.
    EvaluateEligibility = "evaluate_eligibility": public;
    /// Quote fees.
    EvaluateFees = "evaluate_fees": public;
    /// Judge the credit for a course.
    EvaluateCourseCredit = "evaluate_course_credit": public;
    /// Judge ratings of a portfolio.
    EvaluatePortfolioOutcome = "evaluate_portfolio_outcome": public;
    /// Judge the coverage of a recognition agreement.
    EvaluateRecognitionCoverage = "evaluate_recognition_coverage": public;
    /// Judge the requirement for certification.
    EvaluateCertification = "evaluate_certification": public;
    /// Judge a renewal.
    EvaluateRenewal = "evaluate_renewal": public;
    /// Tell a certification's status on a date.
    EvaluateCertificationStatus = "evaluate_certification_status": public;
    /// The approved course catalog.
    ListCourses = "list_courses": public;
    /// One approved course.
    GetCourse = "get_course": public;
    /// Verify a certificate.
    VerifyCertificate = "verify_certificate": public;
    /// Verify up to a hundred certificates.
    VerifyCertificates = "verify_certificates": public;

    // --- Signing in ------------------------------------------------------------------------
    /// Sign in with e-mail and password.
    SignIn = "sign_in": public;
    /// Trade a refresh token for the next pair.
    RefreshSession = "refresh_session": public;
    /// Sign out.
    SignOut = "sign_out": (NONE, own SELF);
    /// Change one's password.
    ChangePassword = "change_password": (NONE, own SELF);
    /// Ask for a password reset.
    RequestPasswordReset = "request_password_reset": public;
    /// Set a new password with a reset token.
    ConfirmPasswordReset = "confirm_password_reset": public;
    /// Show control of an e-mail address with the token of a mail.
    ConfirmEmail = "confirm_email": public;
    /// Get a machine's access token.
    IssueToken = "issue_token": public;
    /// Revoke a token.
    RevokeToken = "revoke_token": public;
    /// The authorization server's metadata.
    GetAuthorizationServer = "get_authorization_server": public;
    /// The keys that sign access tokens.
    GetJwks = "get_jwks": public;

    // --- People ----------------------------------------------------------------------------
    /// Register.
    RegisterPerson = "register_person": public;
    /// Read oneself.
    GetMe = "get_me": (NONE, own SELF);
    /// Search people.
    ListPeople = "list_people": (READERS_AND_PARTNERS), scope "people:read";
    /// Read a person.
    GetPerson = "get_person": (READERS_AND_PARTNERS, own SELF), scope "people:read", seen by GetPerson;
    /// Get an address for one's calendar.
    MakeCalendarFeed = "make_calendar_feed": (NONE, own SELF), seen by GetPerson;
    /// Read whether a person has an address for their calendar.
    GetCalendarFeed = "get_calendar_feed": (READERS, own SELF), seen by GetPerson;
    /// End the address for a calendar.
    EndCalendarFeed = "end_calendar_feed": (OFFICE, own SELF), seen by GetPerson;
    /// Read a person's calendar of deadlines, by the token of its address.
    GetDeadlinesCalendar = "get_deadlines_calendar": public;
    /// Change a person's names.
    UpdatePerson = "update_person": (OFFICE, own SELF), seen by GetPerson;
    /// Add an e-mail address.
    AddEmail = "add_email": (ADMINS, own SELF), seen by GetPerson;
    /// Make an e-mail address the primary one.
    MakeEmailPrimary = "make_email_primary": (ADMINS, own SELF), seen by GetPerson;
    /// Have a mail sent by which control of an address is shown.
    RequestEmailVerification = "request_email_verification": (ADMINS, own SELF), seen by GetPerson;
    /// Remove an e-mail address.
    RemoveEmail = "remove_email": (ADMINS, own SELF), seen by GetPerson;
    /// Claim an ALA membership.
    ClaimMembership = "claim_membership": (OFFICE, own SELF), seen by GetPerson;
    /// List ALA memberships.
    ListMemberships = "list_memberships": (READERS, own SELF);
    /// Read an ALA membership.
    GetMembership = "get_membership": (READERS, own SELF), seen by GetMembership;
    /// Verify an ALA membership.
    VerifyMembership = "verify_membership": (OFFICE), seen by GetMembership;

    // --- Applications ----------------------------------------------------------------------
    /// Start an application.
    CreateApplication = "create_application": (OFFICE, own SELF);
    /// List applications.
    ListApplications = "list_applications": (READERS_AND_PARTNERS, own SELF), scope "applications:read";
    /// Read an application.
    GetApplication = "get_application": (READERS_AND_PARTNERS, own SELF), scope "applications:read", seen by GetApplication;
    /// Change an application.
    UpdateApplication = "update_application": (OFFICE, own SELF), seen by GetApplication;
    /// Submit an application.
    SubmitApplication = "submit_application": (NONE, own SELF), seen by GetApplication;
    /// Withdraw an application.
    WithdrawApplication = "withdraw_application": (OFFICE, own SELF), seen by GetApplication;
    /// Take an application into review.
    ReviewApplication = "review_application": (OFFICE), seen by GetApplication;
    /// Ask the applicant for information.
    RequestInformation = "request_information": (OFFICE), seen by GetApplication;
    /// Accept an application.
    AcceptApplication = "accept_application": (OFFICE), seen by GetApplication;
    /// Refuse an application.
    RefuseApplication = "refuse_application": (OFFICE), seen by GetApplication;
    /// Read an application's history.
    ListApplicationEvents = "list_application_events": (READERS, own SELF), seen by GetApplication;

    // --- Money -----------------------------------------------------------------------------
    /// List invoices.
    ListInvoices = "list_invoices": (READERS_AND_PARTNERS, own SELF, member ORGANISATIONS), scope "invoices:read";
    /// Read an invoice.
    GetInvoice = "get_invoice": (READERS_AND_PARTNERS, own SELF, member ORGANISATIONS), scope "invoices:read", seen by GetInvoice;
    /// Read an invoice as a PDF document.
    GetInvoiceDocument = "get_invoice_document": (READERS_AND_PARTNERS, own SELF, member ORGANISATIONS), scope "invoices:read", seen by GetInvoice;
    /// Issue an invoice by hand.
    IssueInvoice = "issue_invoice": (OFFICE);
    /// Void an invoice.
    VoidInvoice = "void_invoice": (OFFICE), seen by GetInvoice;
    /// Record a payment.
    RecordPayment = "record_payment": (OFFICE_AND_PARTNERS), scope "payments:write", seen by GetInvoice;
    /// Pay an invoice with the payer's credit.
    ApplyCredit = "apply_credit": (OFFICE, own SELF, member ORGANISATIONS), seen by GetInvoice;
    /// Take a payment provider's callback.
    ReceivePaymentCallback = "receive_payment_callback": (OFFICE_AND_PARTNERS), scope "payments:write";
    /// List callbacks that do not agree with what is recorded.
    ListPaymentDiscrepancies = "list_payment_discrepancies": (READERS);
    /// Read a callback that does not agree.
    GetPaymentDiscrepancy = "get_payment_discrepancy": (READERS), seen by GetPaymentDiscrepancy;
    /// Say what became of a callback that does not agree.
    ResolvePaymentDiscrepancy = "resolve_payment_discrepancy": (OFFICE), seen by GetPaymentDiscrepancy;
    /// Return a payment.
    RefundPayment = "refund_payment": (OFFICE), seen by GetInvoice;
    /// Take a payment back as never received.
    ReversePayment = "reverse_payment": (OFFICE), seen by GetInvoice;
    /// Pay credit out.
    RefundCredit = "refund_credit": (OFFICE);
    /// List payouts.
    ListPayouts = "list_payouts": (READERS, own SELF, member ORGANISATIONS);
    /// Read a payout.
    GetPayout = "get_payout": (READERS, own SELF, member ORGANISATIONS), seen by GetPayout;
    /// Record that a payout was made.
    RecordPayout = "record_payout": (OFFICE), seen by GetPayout;
    /// Quote fees for a person and a day.
    QuoteFees = "quote_fees": (READERS, own SELF), seen by GetPerson;
    /// Read what a person owes and has paid.
    GetPersonStatement = "get_person_statement": (READERS_AND_PARTNERS, own SELF), scope "invoices:read", seen by GetPerson;
    /// Read what an institution owes and has paid.
    GetInstitutionStatement = "get_institution_statement": (READERS, member INSTITUTIONS), seen by GetInstitution;
    /// Read what a provider owes and has paid.
    GetProviderStatement = "get_provider_statement": (READERS, member PROVIDERS), seen by GetProvider;
    /// List the accounts of the ledger with their balances.
    ListLedgerAccounts = "list_ledger_accounts": (READERS);
    /// List the postings of the ledger.
    ListLedgerPostings = "list_ledger_postings": (READERS);
    /// List the reports.
    ListReports = "list_reports": (READERS);
    /// Report who stands where.
    GetPipelineReport = "get_pipeline_report": (READERS);
    /// Report what was achieved.
    GetCompletionsReport = "get_completions_report": (READERS);
    /// Report renewals due.
    GetRenewalsDueReport = "get_renewals_due_report": (READERS);
    /// Report hours by kind.
    GetContactHoursReport = "get_contact_hours_report": (READERS);
    /// Report how long decisions take.
    GetTurnaroundReport = "get_turnaround_report": (READERS);
    /// Report a period of the ledger.
    GetLedgerReport = "get_ledger_report": (READERS);
    /// Import a list of ALA memberships.
    ImportMemberships = "import_memberships": (OFFICE);
    /// List account subscriptions.
    ListSubscriptions = "list_subscriptions": (READERS_AND_PARTNERS, own SELF), scope "subscriptions:read";
    /// Read an account subscription.
    GetSubscription = "get_subscription": (READERS_AND_PARTNERS, own SELF), scope "subscriptions:read", seen by GetSubscription;

    // --- Purchase orders --------------------------------------------------------------------
    /// List institutions.
    ListInstitutions = "list_institutions": (READERS, member INSTITUTIONS);
    /// Read an institution.
    GetInstitution = "get_institution": (READERS, member INSTITUTIONS), seen by GetInstitution;
    /// Record an institution.
    CreateInstitution = "create_institution": (OFFICE);
    /// Change an institution.
    UpdateInstitution = "update_institution": (OFFICE, member INSTITUTIONS), seen by GetInstitution;
    /// Hand in a purchase order.
    CreatePurchaseOrder = "create_purchase_order": (OFFICE, member INSTITUTIONS), seen by GetInstitution;
    /// List purchase orders.
    ListPurchaseOrders = "list_purchase_orders": (READERS, member INSTITUTIONS);
    /// Read a purchase order.
    GetPurchaseOrder = "get_purchase_order": (READERS, member INSTITUTIONS), seen by GetPurchaseOrder;
    /// Swap a person on an unpaid purchase order.
    SwapPurchaseOrderLine = "swap_purchase_order_line": (OFFICE, member INSTITUTIONS), seen by GetPurchaseOrder;
    /// Cancel an unpaid purchase order.
    CancelPurchaseOrder = "cancel_purchase_order": (OFFICE, member INSTITUTIONS), seen by GetPurchaseOrder;

    // --- Awards -----------------------------------------------------------------------------
    /// List rounds of enrollment assistance.
    ListAwardRounds = "list_award_rounds": public;
    /// Read a round of enrollment assistance.
    GetAwardRound = "get_award_round": public;
    /// Read a round's draw: its seed and every ticket in order.
    GetAwardDraw = "get_award_draw": public;
    /// Make a round of enrollment assistance.
    CreateAwardRound = "create_award_round": (OFFICE);
    /// Hold a round's draw.
    DrawAwardRound = "draw_award_round": (OFFICE);
    /// Ask for enrollment assistance.
    RequestAssistance = "request_assistance": (NONE, own SELF);
    /// List requests for enrollment assistance.
    ListAssistance = "list_assistance": (READERS, own SELF);
    /// Read a request for enrollment assistance.
    GetAssistance = "get_assistance": (READERS, own SELF), seen by GetAssistance;
    /// Withdraw a request for enrollment assistance.
    WithdrawAssistance = "withdraw_assistance": (NONE, own SELF), seen by GetAssistance;
    /// Ask for a course subsidy.
    RequestSubsidy = "request_subsidy": (NONE, own SELF), seen by GetCompletion;
    /// List course subsidies.
    ListSubsidies = "list_subsidies": (READERS, own SELF);
    /// Read a course subsidy.
    GetSubsidy = "get_subsidy": (READERS, own SELF), seen by GetSubsidy;
    /// Grant a course subsidy.
    GrantSubsidy = "grant_subsidy": (OFFICE), seen by GetSubsidy;
    /// Decline a course subsidy.
    DeclineSubsidy = "decline_subsidy": (OFFICE), seen by GetSubsidy;

    // --- Notices ----------------------------------------------------------------------------
    /// List notices.
    ListNotices = "list_notices": (READERS, own SELF);
    /// Read a notice.
    GetNotice = "get_notice": (READERS, own SELF), seen by GetNotice;
    /// List the texts of notices.
    ListNoticeTemplates = "list_notice_templates": (READERS);
    /// Read the text of a kind of notice.
    GetNoticeTemplate = "get_notice_template": (READERS);
    /// Write the text of a kind of notice anew.
    PutNoticeTemplate = "put_notice_template": (OFFICE);
    /// Preview the text of a kind of notice.
    PreviewNoticeTemplate = "preview_notice_template": (READERS);
    /// Read which notices a person wants by mail.
    GetNoticePreferences = "get_notice_preferences": (READERS, own SELF), seen by GetNoticePreferences;
    /// Choose which notices a person wants by mail.
    PutNoticePreferences = "put_notice_preferences": (OFFICE, own SELF), seen by GetNoticePreferences;
    /// See what a link in a mail stops.
    GetUnsubscribe = "get_unsubscribe": public;
    /// Stop mails by the link in one of them.
    Unsubscribe = "unsubscribe": public;
    /// Record that a mail came back.
    RecordBounce = "record_bounce": (OFFICE_AND_PARTNERS), scope "bounces:write";
    /// List bounces.
    ListBounces = "list_bounces": (READERS);
    /// Read a bounce.
    GetBounce = "get_bounce": (READERS), seen by GetBounce;
    /// Lift a bounce.
    LiftBounce = "lift_bounce": (OFFICE), seen by GetBounce;

    // --- Candidacies -----------------------------------------------------------------------
    /// List candidacies.
    ListCandidacies = "list_candidacies": (READERS_AND_PARTNERS, own SELF), scope "candidates:read";
    /// Read a candidacy.
    GetCandidacy = "get_candidacy": (READERS_AND_PARTNERS, own SELF), scope "candidates:read", seen by GetCandidacy;
    /// Read a candidacy's calendar of deadlines.
    GetCandidacyDeadlines = "get_candidacy_deadlines": (READERS_AND_PARTNERS, own SELF), scope "candidates:read", seen by GetCandidacy;
    /// Read a candidacy's progress.
    GetProgress = "get_progress": (READERS_AND_PARTNERS, own SELF), scope "candidates:read", seen by GetCandidacy;
    /// Put a candidacy on hold.
    HoldCandidacy = "hold_candidacy": (OFFICE), seen by GetCandidacy;
    /// Take a candidacy off hold.
    ResumeCandidacy = "resume_candidacy": (OFFICE), seen by GetCandidacy;
    /// Show the hours of work of a candidate who was admitted provisionally.
    ShowHours = "show_hours": (OFFICE), seen by GetCandidacy;
    /// Extend a candidacy's deadline.
    ExtendCandidacy = "extend_candidacy": (OFFICE), seen by GetCandidacy;
    /// Withdraw from a candidacy.
    WithdrawCandidacy = "withdraw_candidacy": (OFFICE, own SELF), seen by GetCandidacy;
    /// Ask for the award of a certification whose requirement is met.
    RequestAward = "request_award": (OFFICE, own SELF), seen by GetCandidacy;
    /// Read a candidacy's history.
    ListCandidacyEvents = "list_candidacy_events": (READERS, own SELF), seen by GetCandidacy;
    /// List a candidacy's achievements.
    ListAchievements = "list_achievements": (READERS_AND_PARTNERS, own SELF), scope "candidates:read", seen by GetCandidacy;
    /// Void an achievement.
    VoidAchievement = "void_achievement": (OFFICE), seen by ListAchievements;

    // --- Organisations ----------------------------------------------------------------------
    /// List the people who act for an organisation.
    ListOrganisationUsers = "list_organisation_users": (READERS, member ORGANISATIONS);
    /// End somebody's acting for an organisation.
    RemoveOrganisationUser = "remove_organisation_user": (OFFICE, member ORGANISATIONS), seen by ListOrganisationUsers;
    /// Hand an organisation over to another primary contact.
    HandOverOrganisation = "hand_over_organisation": (OFFICE, member ORGANISATIONS), seen by ListOrganisationUsers;
    /// Invite somebody to act for an organisation.
    InviteUser = "invite_user": (OFFICE, member ORGANISATIONS), seen by ListOrganisationUsers;
    /// List the invitations of an organisation.
    ListInvitations = "list_invitations": (READERS, member ORGANISATIONS), seen by ListOrganisationUsers;
    /// Take an invitation back.
    RevokeInvitation = "revoke_invitation": (OFFICE, member ORGANISATIONS), seen by ListInvitations;
    /// Accept an invitation with the token of its mail.
    AcceptInvitation = "accept_invitation": (NONE, own SELF);
    /// Hand in a file.
    UploadAttachment = "upload_attachment": (OFFICE, own SELF, member PROPOSERS);
    /// Read what is known of a file.
    GetAttachment = "get_attachment": (READERS, own SELF, member PROPOSERS), seen by GetAttachment;
    /// Read a file.
    DownloadAttachment = "download_attachment": (READERS, own SELF, member PROPOSERS), seen by GetAttachment;

    // --- Courses ----------------------------------------------------------------------------
    /// List providers.
    ListProviders = "list_providers": public;
    /// Read a provider.
    GetProvider = "get_provider": public;
    /// Record a provider.
    CreateProvider = "create_provider": (OFFICE), seen by GetProvider;
    /// Change a provider.
    UpdateProvider = "update_provider": (OFFICE, member PROVIDERS), seen by GetProvider;
    /// Deactivate a provider.
    DeactivateProvider = "deactivate_provider": (OFFICE), seen by GetProvider;
    /// Reactivate a provider.
    ReactivateProvider = "reactivate_provider": (OFFICE), seen by GetProvider;
    /// Record an approved course.
    CreateCourse = "create_course": (OFFICE), seen by GetCourse;
    /// Change what the catalog says of a course.
    UpdateCourse = "update_course": (OFFICE, member PROVIDERS), seen by GetCourse;
    /// End the approval of a course.
    EndCourse = "end_course": (OFFICE), seen by GetCourse;
    /// Withdraw one's course from the catalog.
    WithdrawCourse = "withdraw_course": (OFFICE, member PROVIDERS), seen by GetCourse;
    /// Propose a course, or the renewal of one.
    CreateCourseProposal = "create_course_proposal": (OFFICE, member PROVIDERS);
    /// List proposals.
    ListCourseProposals = "list_course_proposals": (READERS, member PROVIDERS);
    /// Read a proposal.
    GetCourseProposal = "get_course_proposal": (READERS, own REVIEWERS, member PROVIDERS), seen by GetCourseProposal;
    /// Change a proposal.
    UpdateCourseProposal = "update_course_proposal": (OFFICE, member PROVIDERS), seen by GetCourseProposal;
    /// Submit a proposal.
    SubmitCourseProposal = "submit_course_proposal": (OFFICE, member PROVIDERS), seen by GetCourseProposal;
    /// Withdraw a proposal.
    WithdrawCourseProposal = "withdraw_course_proposal": (OFFICE, member PROVIDERS), seen by GetCourseProposal;
    /// Assign a reviewer to a proposal.
    AssignCourseReview = "assign_course_review": (OFFICE), seen by GetCourseProposal;
    /// Ask the provider for changes of a proposal.
    RequestProposalChanges = "request_proposal_changes": (OFFICE), seen by GetCourseProposal;
    /// Approve a proposal.
    ApproveCourseProposal = "approve_course_proposal": (OFFICE), seen by GetCourseProposal;
    /// Decline a proposal.
    DeclineCourseProposal = "decline_course_proposal": (OFFICE), seen by GetCourseProposal;
    /// Read a proposal's history.
    ListCourseProposalEvents = "list_course_proposal_events": (READERS, member PROVIDERS), seen by GetCourseProposal;
    /// List reviews of proposals.
    ListCourseReviews = "list_course_reviews": (READERS, own REVIEWERS);
    /// Read a review.
    GetCourseReview = "get_course_review": (READERS, own REVIEWERS), seen by GetCourseReview;
    /// Hand in one's review.
    SubmitCourseReview = "submit_course_review": (NONE, own REVIEWERS), seen by GetCourseReview;
    /// Declare a conflict of interest and give a review back.
    DeclareReviewConflict = "declare_review_conflict": (NONE, own REVIEWERS), seen by GetCourseReview;
    /// Take a review from its reviewer.
    ReleaseCourseReview = "release_course_review": (OFFICE), seen by GetCourseReview;
    /// List bundles.
    ListBundles = "list_bundles": public;
    /// Read a bundle.
    GetBundle = "get_bundle": public;
    /// Draft a bundle of courses.
    CreateBundle = "create_bundle": (OFFICE, member PROVIDERS), seen by GetProvider;
    /// Approve a bundle.
    ApproveBundle = "approve_bundle": (OFFICE), seen by GetBundle;
    /// Renew a bundle.
    RenewBundle = "renew_bundle": (OFFICE), seen by GetBundle;
    /// End a bundle.
    EndBundle = "end_bundle": (OFFICE, member PROVIDERS), seen by GetBundle;
    /// List offerings of courses.
    ListOfferings = "list_offerings": public;
    /// Read the calendar of offerings.
    GetOfferingsCalendar = "get_offerings_calendar": public;
    /// Read an offering.
    GetOffering = "get_offering": public;
    /// Announce an offering of a course.
    CreateOffering = "create_offering": (OFFICE, member PROVIDERS), seen by GetCourse;
    /// Change an offering.
    UpdateOffering = "update_offering": (OFFICE, member PROVIDERS), seen by GetOffering;
    /// Cancel an offering.
    CancelOffering = "cancel_offering": (OFFICE, member PROVIDERS), seen by GetOffering;
    /// Ask for a course to be offered somewhere.
    RequestCourse = "request_course": public;
    /// List the requests for courses, with who asked.
    ListCourseRequests = "list_course_requests": (READERS);
    /// Count the requests for courses by place and set.
    CountCourseRequests = "count_course_requests": (READERS, member PROVIDERS);

    // --- Support ----------------------------------------------------------------------------
    /// List the guidance for competency sets.
    ListGuidance = "list_guidance": public;
    /// Read the guidance for a competency set.
    GetGuidance = "get_guidance": public;
    /// Write the guidance for a competency set anew.
    PutGuidance = "put_guidance": (OFFICE);
    /// List support events.
    ListSupportEvents = "list_support_events": public;
    /// Read a support event.
    GetSupportEvent = "get_support_event": public;
    /// Read the calendar file of a support event.
    GetSupportEventCalendar = "get_support_event_calendar": public;
    /// Announce a support event.
    CreateSupportEvent = "create_support_event": (OFFICE);
    /// Change a support event.
    UpdateSupportEvent = "update_support_event": (OFFICE);
    /// Cancel a support event.
    CancelSupportEvent = "cancel_support_event": (OFFICE);
    /// Register for a support event.
    RegisterForSupportEvent = "register_for_support_event": (NONE, own SELF);
    /// List registrations for support events.
    ListSupportRegistrations = "list_support_registrations": (READERS, own SELF);
    /// Read a registration for a support event.
    GetSupportRegistration = "get_support_registration": (READERS, own SELF), seen by GetSupportRegistration;
    /// Withdraw a registration for a support event.
    WithdrawSupportRegistration = "withdraw_support_registration": (OFFICE, own SELF), seen by GetSupportRegistration;
    /// Ask for help.
    CreateHelpRequest = "create_help_request": (NONE, own SELF);
    /// List requests for help.
    ListHelpRequests = "list_help_requests": (READERS, own SELF);
    /// Read a request for help.
    GetHelpRequest = "get_help_request": (READERS, own SELF), seen by GetHelpRequest;
    /// Answer a request for help.
    AnswerHelpRequest = "answer_help_request": (OFFICE), seen by GetHelpRequest;
    /// Close a request for help.
    CloseHelpRequest = "close_help_request": (OFFICE, own SELF), seen by GetHelpRequest;

    // --- Completions ------------------------------------------------------------------------
    /// Hand in a completion.
    RecordCompletion = "record_completion": (OFFICE, own SELF), seen by GetCandidacy;
    /// Post the roster of a course.
    PostRoster = "post_roster": (OFFICE, member PROVIDERS), seen by GetCourse;
    /// List completions.
    ListCompletions = "list_completions": (READERS, own SELF, member PROVIDERS);
    /// Read a completion.
    GetCompletion = "get_completion": (READERS, own SELF, member PROVIDERS), seen by GetCompletion;
    /// Verify a completion.
    VerifyCompletion = "verify_completion": (OFFICE), seen by GetCompletion;
    /// Refuse a completion.
    RefuseCompletion = "refuse_completion": (OFFICE), seen by GetCompletion;
    /// Correct the day of a completion.
    CorrectCompletion = "correct_completion": (OFFICE, member PROVIDERS), seen by GetCompletion;
    /// Withdraw a completion.
    WithdrawCompletion = "withdraw_completion": (OFFICE, member PROVIDERS), seen by GetCompletion;
    /// List completions of a roster that wait for somebody to enroll.
    ListWaitingCompletions = "list_waiting_completions": (READERS, member PROVIDERS);
    /// Read a completion that waits.
    GetWaitingCompletion = "get_waiting_completion": (READERS, member PROVIDERS), seen by GetWaitingCompletion;
    /// Correct a completion that waits.
    CorrectWaitingCompletion = "correct_waiting_completion": (OFFICE, member PROVIDERS), seen by GetWaitingCompletion;
    /// Withdraw a completion that waits.
    WithdrawWaitingCompletion = "withdraw_waiting_completion": (OFFICE, member PROVIDERS), seen by GetWaitingCompletion;

    // --- Portfolios -------------------------------------------------------------------------
    /// List portfolios.
    ListPortfolios = "list_portfolios": (READERS, own SELF);
    /// Begin a portfolio.
    CreatePortfolio = "create_portfolio": (NONE, own SELF), seen by GetCandidacy;
    /// Read a portfolio.
    GetPortfolio = "get_portfolio": (READERS, own SELF), seen by GetPortfolio;
    /// Change a portfolio.
    UpdatePortfolio = "update_portfolio": (NONE, own SELF), seen by GetPortfolio;
    /// Withdraw a portfolio.
    WithdrawPortfolio = "withdraw_portfolio": (OFFICE, own SELF), seen by GetPortfolio;
    /// Ask staff to look at a portfolio before it is submitted.
    RequestPreReview = "request_pre_review": (NONE, own SELF), seen by GetPortfolio;
    /// Comment on a portfolio before it is submitted.
    CommentPortfolio = "comment_portfolio": (OFFICE), seen by GetPortfolio;
    /// Ask for the invoice of a portfolio's fee.
    InvoicePortfolio = "invoice_portfolio": (OFFICE, own SELF), seen by GetPortfolio;
    /// Submit a portfolio.
    SubmitPortfolio = "submit_portfolio": (NONE, own SELF), seen by GetPortfolio;
    /// List the attempts of a portfolio.
    ListAttempts = "list_attempts": (READERS, own SELF), seen by GetPortfolio;
    /// Read an attempt.
    GetAttempt = "get_attempt": (READERS, own SELF), seen by GetPortfolio;
    /// Read a portfolio's history.
    ListPortfolioEvents = "list_portfolio_events": (READERS), seen by GetPortfolio;
    /// Assign evaluators to a portfolio.
    AssignEvaluator = "assign_evaluator": (OFFICE), seen by GetPortfolio;
    /// Read what waits for somebody.
    GetPortfolioQueue = "get_portfolio_queue": (READERS);
    /// List evaluators.
    ListEvaluators = "list_evaluators": (READERS, own EVALUATORS);
    /// Read an evaluator.
    GetEvaluator = "get_evaluator": (READERS, own EVALUATORS), seen by GetEvaluator;
    /// Take an evaluator on.
    CreateEvaluator = "create_evaluator": (OFFICE);
    /// Change an evaluator's profile.
    UpdateEvaluator = "update_evaluator": (OFFICE, own EVALUATORS), seen by GetEvaluator;
    /// Deactivate an evaluator.
    DeactivateEvaluator = "deactivate_evaluator": (OFFICE), seen by GetEvaluator;
    /// Reactivate an evaluator.
    ReactivateEvaluator = "reactivate_evaluator": (OFFICE), seen by GetEvaluator;
    /// List assignments.
    ListAssignments = "list_assignments": (READERS, own EVALUATORS);
    /// Read an assignment with what is to be judged.
    GetAssignment = "get_assignment": (READERS, own EVALUATORS), seen by GetAssignment;
    /// Keep ratings as a draft.
    SaveRatings = "save_ratings": (NONE, own EVALUATORS), seen by GetAssignment;
    /// Make ratings final.
    FinaliseRatings = "finalise_ratings": (NONE, own EVALUATORS), seen by GetAssignment;
    /// Hand an assignment back.
    HandBackAssignment = "hand_back_assignment": (NONE, own EVALUATORS), seen by GetAssignment;
    /// Take an assignment from its evaluator.
    ReleaseAssignment = "release_assignment": (OFFICE), seen by GetAssignment;
    /// Set final ratings aside.
    VoidRatings = "void_ratings": (OFFICE), seen by GetAssignment;
    /// Read how far evaluators agree.
    GetEvaluatorAgreement = "get_evaluator_agreement": (READERS);

    // --- Recognition agreements ---------------------------------------------------------------
    /// List colleges.
    ListColleges = "list_colleges": public;
    /// Read a college.
    GetCollege = "get_college": public;
    /// Record a college.
    CreateCollege = "create_college": (OFFICE), seen by GetCollege;
    /// Change a college.
    UpdateCollege = "update_college": (OFFICE, member COLLEGES), seen by GetCollege;
    /// List recognition agreements.
    ListAgreements = "list_agreements": public;
    /// Read a recognition agreement.
    GetAgreement = "get_agreement": public;
    /// Draft a recognition agreement.
    CreateAgreement = "create_agreement": (OFFICE, member COLLEGES), seen by GetCollege;
    /// Change a draft.
    UpdateAgreement = "update_agreement": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Hand a draft in for review.
    SubmitAgreement = "submit_agreement": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Withdraw a draft.
    WithdrawAgreement = "withdraw_agreement": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Review an agreement.
    ReviewAgreement = "review_agreement": (OFFICE), seen by GetAgreement;
    /// Send an agreement back to its college.
    SendBackAgreement = "send_back_agreement": (OFFICE), seen by GetAgreement;
    /// Sign an agreement.
    SignAgreement = "sign_agreement": (OFFICE), seen by GetAgreement;
    /// Ask for a change of a signed agreement.
    RequestAgreementChange = "request_agreement_change": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Adopt a change: a new version of the agreement.
    AdoptAgreementChange = "adopt_agreement_change": (OFFICE), seen by GetAgreement;
    /// Drop a change.
    DropAgreementChange = "drop_agreement_change": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Record the yearly review of an agreement.
    ReviewAgreementYearly = "review_agreement_yearly": (OFFICE), seen by GetAgreement;
    /// End an agreement.
    EndAgreement = "end_agreement": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Read an agreement's history.
    ListAgreementEvents = "list_agreement_events": (READERS, member COLLEGES), seen by GetAgreement;
    /// Post graduates of an agreement.
    PostGraduates = "post_graduates": (OFFICE, member COLLEGES), seen by GetAgreement;
    /// Claim one's graduation.
    ClaimGraduation = "claim_graduation": (NONE, own SELF);
    /// List graduates.
    ListGraduates = "list_graduates": (READERS, own SELF, member COLLEGES);
    /// Read a graduate.
    GetGraduate = "get_graduate": (READERS, own SELF, member COLLEGES), seen by GetGraduate;
    /// Verify a graduate.
    VerifyGraduate = "verify_graduate": (OFFICE), seen by GetGraduate;
    /// Refuse a graduate.
    RefuseGraduate = "refuse_graduate": (OFFICE), seen by GetGraduate;
    /// Withdraw a graduate that was posted or claimed.
    WithdrawGraduate = "withdraw_graduate": (OFFICE, own SELF, member COLLEGES), seen by GetGraduate;
    /// End the condition of a provisional certification: the hours are shown.
    MeetCondition = "meet_condition": (OFFICE), seen by GetCertification;

    // --- Appeals ------------------------------------------------------------------------------
    /// Read until when a decision can be appealed.
    GetAppealTerms = "get_appeal_terms": (READERS, own SELF, member PROPOSERS), seen by GetAppealTerms;
    /// List appeals.
    ListAppeals = "list_appeals": (READERS, own SELF, member PROPOSERS);
    /// Read an appeal.
    GetAppeal = "get_appeal": (READERS, own SELF, member PROPOSERS), seen by GetAppeal;
    /// Give notice of intent to appeal.
    CreateAppeal = "create_appeal": (NONE, own SELF, member PROPOSERS), seen by GetAppealTerms;
    /// Hand in what an appeal rests on.
    SubmitAppealDocuments = "submit_appeal_documents": (NONE, own SELF, member PROPOSERS), seen by GetAppeal;
    /// Withdraw an appeal.
    WithdrawAppeal = "withdraw_appeal": (NONE, own SELF, member PROPOSERS), seen by GetAppeal;
    /// Answer an appeal for the committee.
    RespondToAppeal = "respond_to_appeal": (OFFICE), seen by GetAppeal;
    /// Set the meeting of an appeal.
    SetAppealMeeting = "set_appeal_meeting": (OFFICE), seen by GetAppeal;
    /// Uphold or remand the decision of an appeal.
    DecideAppeal = "decide_appeal": (OFFICE), seen by GetAppeal;
    /// Read an appeal's history.
    ListAppealEvents = "list_appeal_events": (READERS, own SELF, member PROPOSERS), seen by GetAppeal;

    // --- Certifications --------------------------------------------------------------------
    /// List certifications.
    ListCertifications = "list_certifications": (READERS_AND_PARTNERS, own SELF), scope "certificates:read";
    /// Read a certification.
    GetCertification = "get_certification": (READERS_AND_PARTNERS, own SELF), scope "certificates:read", seen by GetCertification;
    /// Suspend a certification.
    SuspendCertification = "suspend_certification": (OFFICE), seen by GetCertification;
    /// Read a certificate as a document.
    GetCertificateDocument = "get_certificate_document": (READERS_AND_PARTNERS, own SELF), scope "certificates:read", seen by GetCertification;
    /// End a suspension.
    ReinstateCertification = "reinstate_certification": (OFFICE), seen by GetCertification;
    /// Revoke a certification.
    RevokeCertification = "revoke_certification": (OFFICE), seen by GetCertification;
    /// Reverse a suspension or revocation that was wrong.
    ReverseMeasure = "reverse_measure": (OFFICE), seen by GetCertification;

    /// List the terms of a certification.
    ListTerms = "list_terms": (READERS_AND_PARTNERS, own SELF), scope "certificates:read", seen by GetCertification;

    // --- Renewals ---------------------------------------------------------------------------
    /// List activities.
    ListActivities = "list_activities": (READERS, own SELF);
    /// List the activities of a certification.
    ListCertificationActivities = "list_certification_activities": (READERS, own SELF), seen by GetCertification;
    /// Log an activity.
    LogActivity = "log_activity": (OFFICE, own SELF), seen by GetCertification;
    /// Import a file of activities.
    ImportActivities = "import_activities": (OFFICE, own SELF), seen by GetCertification;
    /// Read an activity.
    GetActivity = "get_activity": (READERS, own SELF), seen by GetActivity;
    /// Correct an activity.
    UpdateActivity = "update_activity": (OFFICE, own SELF), seen by GetActivity;
    /// Take an activity out of the log.
    RemoveActivity = "remove_activity": (OFFICE, own SELF), seen by GetActivity;
    /// Read how far a certification is from its next renewal.
    GetRenewalProgress = "get_renewal_progress": (READERS, own SELF), seen by GetCertification;
    /// Submit the renewal of a certification.
    SubmitRenewal = "submit_renewal": (NONE, own SELF), seen by GetCertification;
    /// List renewals.
    ListRenewals = "list_renewals": (READERS, own SELF);
    /// Read a renewal.
    GetRenewal = "get_renewal": (READERS, own SELF), seen by GetRenewal;
    /// Grant a renewal.
    GrantRenewal = "grant_renewal": (OFFICE), seen by GetRenewal;
    /// Refuse a renewal.
    RefuseRenewal = "refuse_renewal": (OFFICE), seen by GetRenewal;
    /// Withdraw a renewal.
    WithdrawRenewal = "withdraw_renewal": (OFFICE, own SELF), seen by GetRenewal;
    /// List audits of renewals.
    ListRenewalAudits = "list_renewal_audits": (READERS);
    /// Read an audit of renewals.
    GetRenewalAudit = "get_renewal_audit": (READERS);
    /// Draw renewals for an audit.
    CreateRenewalAudit = "create_renewal_audit": (OFFICE);
    /// Read the draw of an audit.
    GetAuditDraw = "get_audit_draw": public;
    /// List renewals that audits drew.
    ListAuditCases = "list_audit_cases": (READERS, own SELF);
    /// Read the audit of a renewal.
    GetAuditCase = "get_audit_case": (READERS, own SELF), seen by GetAuditCase;
    /// Hand in what an audit of one's renewal asks for.
    SubmitAuditDocuments = "submit_audit_documents": (NONE, own SELF), seen by GetAuditCase;
    /// Decide the audit of a renewal.
    DecideAuditCase = "decide_audit_case": (OFFICE), seen by GetAuditCase;
    // --- Names ------------------------------------------------------------------------------
    /// Retire.
    RetirePerson = "retire_person": (OFFICE, own SELF), seen by GetPerson;
    /// Record a death.
    RecordDeath = "record_death": (OFFICE), seen by GetPerson;
    /// Make a person active again.
    RestorePerson = "restore_person": (OFFICE, own SELF), seen by GetPerson;
    /// Erase a person.
    ErasePerson = "erase_person": (OFFICE, own SELF), seen by GetPerson;
    /// Ask for a name change.
    RequestNameChange = "request_name_change": (OFFICE, own SELF), seen by GetPerson;
    /// List name changes.
    ListNameChanges = "list_name_changes": (READERS, own SELF);
    /// Read a name change.
    GetNameChange = "get_name_change": (READERS, own SELF), seen by GetNameChange;
    /// Approve a name change.
    ApproveNameChange = "approve_name_change": (OFFICE), seen by GetNameChange;
    /// Decline a name change.
    DeclineNameChange = "decline_name_change": (OFFICE), seen by GetNameChange;

    // --- Administration --------------------------------------------------------------------
    /// Merge two people who are one.
    MergePeople = "merge_people": (OFFICE);
    /// List the merges of people.
    ListPersonMerges = "list_person_merges": (READERS);
    /// Read a merge of people.
    GetPersonMerge = "get_person_merge": (READERS);
    /// Take a merge of people back.
    ReversePersonMerge = "reverse_person_merge": (OFFICE);
    /// Read the event log.
    ListEvents = "list_events": (READERS);
    /// List machine clients.
    ListClients = "list_clients": (ADMIN_READERS);
    /// Read a machine client.
    GetClient = "get_client": (ADMIN_READERS), seen by GetClient;
    /// Make a machine client.
    CreateClient = "create_client": (ADMINS);
    /// Disable a machine client.
    DisableClient = "disable_client": (ADMINS), seen by GetClient;
    /// Give a machine client a new secret.
    RotateClientSecret = "rotate_client_secret": (ADMINS), seen by GetClient;
    /// List the roles granted to a person.
    ListGrants = "list_grants": (ADMIN_READERS, own SELF), seen by GetPerson;
    /// Grant a role.
    GrantRole = "grant_role": (ADMINS), seen by GetPerson;
    /// End a role.
    EndRole = "end_role": (ADMINS), seen by GetPerson;

    // --- Machine access ----------------------------------------------------------------------
    /// Change what a machine client may.
    UpdateClient = "update_client": (ADMINS), seen by GetClient;
    /// List the secrets and keys of a machine client.
    ListClientCredentials = "list_client_credentials": (ADMIN_READERS), seen by GetClient;
    /// Read a secret or key of a machine client.
    GetClientCredential = "get_client_credential": (ADMIN_READERS), seen by GetClient;
    /// Give a machine client another secret, or a key.
    AddClientCredential = "add_client_credential": (ADMINS), seen by GetClient;
    /// Revoke a secret or key of a machine client.
    RevokeClientCredential = "revoke_client_credential": (ADMINS), seen by GetClient;
    /// List what a machine client was told of people.
    ListClientReads = "list_client_reads": (ADMIN_READERS), seen by GetClient;

    // --- Accounts at partners ---------------------------------------------------------------
    /// List accounts.
    ListAccounts = "list_accounts": (READERS_AND_PARTNERS, own SELF), scope "accounts:read";
    /// Read an account.
    GetAccount = "get_account": (READERS_AND_PARTNERS, own SELF), scope "accounts:read", seen by GetAccount;
    /// Add an e-mail address to an account.
    AddAccountEmail = "add_account_email": (PARTNERS), scope "accounts:write", seen by GetAccount;
    /// Unlink an account.
    UnlinkAccount = "unlink_account": (PARTNERS), scope "accounts:write", seen by GetAccount;
    /// Ask for somebody's account.
    CreateAccountRequest = "create_account_request": (PARTNERS), scope "accounts:write";
    /// List account requests.
    ListAccountRequests = "list_account_requests": (READERS_AND_PARTNERS), scope "accounts:read";
    /// Read an account request.
    GetAccountRequest = "get_account_request": (READERS_AND_PARTNERS), scope "accounts:read", seen by GetAccountRequest;
    /// Link a requested account to a person.
    LinkAccountRequest = "link_account_request": (OFFICE), seen by GetAccountRequest;
    /// Make a person for a requested account.
    CreateRequestedAccount = "create_requested_account": (OFFICE), seen by GetAccountRequest;
    /// Reject an account request.
    RejectAccountRequest = "reject_account_request": (OFFICE), seen by GetAccountRequest;
}

/// The access table as Markdown, for `docs/access-matrix.md`.
#[must_use]
pub fn matrix() -> String {
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let head = format!("| operation | public | {} | machine scope |\n", roles.join(" | "));
    let line = format!("|{}\n", "---|".repeat(Role::ALL.len() + 3));
    [head, line].into_iter().chain(RULES.iter().map(row)).collect()
}

fn row(rule: &Rule) -> String {
    let public = if rule.public { "yes" } else { "401" };
    let cells: Vec<_> = Role::ALL.iter().map(|role| cell(rule, *role)).collect();
    let scope = rule.scope.unwrap_or("-");
    format!("| {} | {public} | {} | {scope} |\n", rule.action, cells.join(" | "))
}

/// What one role may: on every resource, on its own, on its organisation's, or what it is told.
fn cell(of: &Rule, role: Role) -> String {
    let seen = of.seen_by.is_none_or(|read| {
        let read = read.rule();
        read.public || read.any.contains(&role)
    });
    let otherwise = if seen { "403" } else { "404" };
    if of.any.contains(&role) && of.is_office_decision() {
        "yes, not on one's own".to_owned()
    } else if of.public || of.any.contains(&role) {
        "yes".to_owned()
    } else if of.own.contains(&role) {
        format!("own, else {otherwise}")
    } else if of.member.contains(&role) {
        format!("active member, else {otherwise}")
    } else {
        otherwise.to_owned()
    }
}
