//! Identifiers: a type prefix and 128 bits (a `UUIDv7` made outside, where time and chance are).
//!
//! `app_0192f3c46e8a7b31a5d4c3b2a1908070` says what it names, so an id of the wrong kind cannot be
//! taken for another, and logs explain themselves.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

/// What kind of thing an id names.
pub trait Kind: 'static {
    /// The prefix before the underscore, lower-case letters.
    const PREFIX: &'static str;
}

/// The identifier of one thing of kind `K`.
pub struct Id<K> {
    bits: u128,
    kind: PhantomData<fn() -> K>,
}

/// Not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {0}_ and 32 hexadecimal digits")]
pub struct NotAnId(pub &'static str);

impl<K: Kind> Id<K> {
    /// An id from 128 bits that the id source handed out.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self { bits, kind: PhantomData }
    }
    /// The 128 bits, as the databases store them.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.bits
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{:032x}", K::PREFIX, self.bits)
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let hex = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|hex| {
                hex.len() == 32
                    && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            })
            .ok_or(NotAnId(K::PREFIX))?;
        u128::from_str_radix(hex, 16)
            .map(Self::from_bits)
            .map_err(|_unreachable| NotAnId(K::PREFIX))
    }
}
impl<K: Kind> serde::Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> serde::Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident, $alias:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        #[doc = concat!("`", $prefix, "_...`")]
        pub type $alias = Id<$kind>;
    )+};
}

kinds! {
    /// A person, one record whatever e-mail addresses and roles they have.
    PersonKind, PersonId = "person";
    /// An application for entry to a program.
    ApplicationKind, ApplicationId = "app";
    /// A candidacy: one admission of one person to one program.
    CandidacyKind, CandidacyId = "cand";
    /// An invoice.
    InvoiceKind, InvoiceId = "inv";
    /// A payment recorded against an invoice.
    PaymentKind, PaymentId = "pay";
    /// An organisation: a provider of courses, a college or a paying institution.
    OrganisationKind, OrganisationId = "org";
    /// A course of a provider.
    CourseKind, CourseId = "course";
    /// A completion of a course by a candidate.
    CompletionKind, CompletionId = "compl";
    /// An achievement of one competency set.
    AchievementKind, AchievementId = "ach";
    /// A certification.
    CertificationKind, CertificationId = "cert";
    /// An activity that somebody logged toward a renewal.
    LoggedActivityKind, ActivityId = "act";
    /// A renewal of a certification.
    RenewalKind, RenewalId = "ren";
    /// An audit of renewals.
    RenewalAuditKind, RenewalAuditId = "audit";
    /// A renewal that an audit drew.
    AuditCaseKind, AuditCaseId = "acase";
    /// An ALA membership claim.
    MembershipKind, MembershipId = "ala";
    /// An e-mail address of a person.
    EmailKind, EmailId = "email";
    /// A change of a person's names.
    NameChangeKind, NameChangeId = "name";
    /// An event of the log.
    EventKind, EventId = "evt";
    /// A policy version.
    PolicyKind, PolicyId = "pol";
    /// A machine client (OAuth client credentials).
    ClientKind, ClientId = "client";
    /// What a machine client proves itself by: a secret or a public key.
    ClientCredentialKind, ClientCredentialId = "ccred";
    /// An answer to a machine with personal data in it.
    ClientReadKind, ClientReadId = "cread";
    /// A session: one sign-in and the family of refresh tokens that follows it.
    SessionKind, SessionId = "ses";
    /// A merge of two people.
    MergeKind, MergeId = "merge";
    /// A request to reset a password.
    ResetKind, ResetId = "reset";
    /// A role granted to a person.
    GrantKind, GrantId = "grant";
    /// A purchase order of an institution.
    PurchaseOrderKind, PurchaseOrderId = "po";
    /// Money that the program pays out: a refund or a reimbursement.
    PayoutKind, PayoutId = "payout";
    /// One posting of the ledger: transfers that belong together.
    PostingKind, PostingId = "post";
    /// An account subscription of a person.
    SubscriptionKind, SubscriptionId = "subs";
    /// A round of enrollment assistance.
    AwardRoundKind, AwardRoundId = "round";
    /// A request for enrollment assistance: the ticket of a round's draw.
    AssistanceKind, AssistanceId = "assist";
    /// A course subsidy that somebody asked for.
    SubsidyKind, SubsidyId = "subsidy";
    /// A callback of a payment provider that does not agree with what is recorded.
    DiscrepancyKind, DiscrepancyId = "discr";
    /// A portfolio of a candidate for a competency set.
    PortfolioKind, PortfolioId = "port";
    /// An attempt: what of a portfolio was submitted.
    AttemptKind, AttemptId = "patt";
    /// An evaluator's assignment to an attempt.
    AssignmentKind, AssignmentId = "asgn";
    /// A proposal of a course.
    ProposalKind, ProposalId = "prop";
    /// A review of a course proposal.
    ReviewKind, ReviewId = "rev";
    /// A bundle: courses that cover one competency set together.
    BundleKind, BundleId = "bundle";
    /// An offering of an approved course, with its dates.
    OfferingKind, OfferingId = "off";
    /// Somebody's request to have a course offered near them.
    CourseRequestKind, CourseRequestId = "creq";
    /// A completion that matches nobody yet.
    WaitingKind, WaitingId = "wait";
    /// A recognition agreement with a college.
    AgreementKind, AgreementId = "agr";
    /// A graduate under a recognition agreement.
    GraduateKind, GraduateId = "grad";
    /// A file that somebody handed in.
    AttachmentKind, AttachmentId = "att";
    /// An invitation to act for an organisation.
    InvitationKind, InvitationId = "invite";
    /// The guidance for a competency set.
    GuidanceKind, GuidanceId = "guide";
    /// A support event: a webinar, a preconference, a presentation.
    SupportEventKind, SupportEventId = "sev";
    /// Somebody's registration for a support event.
    SupportRegistrationKind, SupportRegistrationId = "sreg";
    /// A request for help.
    HelpRequestKind, HelpRequestId = "help";
    /// An appeal against a decision.
    AppealKind, AppealId = "appeal";
    /// A notice to somebody.
    NoticeIdKind, NoticeId = "notice";
    /// What a notice is about: the bits of the id of a thing with a date, or of an event.
    FactKind, FactId = "fact";
    /// A mail that came back.
    BounceKind, BounceId = "bounce";
    /// What a partner system calls a person: the account there.
    AccountKind, AccountId = "acct";
    /// A partner's request for somebody's account.
    AccountRequestKind, AccountRequestId = "areq";
}
