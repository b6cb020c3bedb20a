//! The policy: every figure and every setting of a program, as plain data with an effective date.
//!
//! Rules read a [`Policy`]; none of its figures is a constant in code. A figure that no page of the
//! program states is a setting, marked (set).

mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use chrono::NaiveDate;

use crate::{eligibility::Education, facts, words};

words! {
    /// How strictly a rule is taken.
    pub enum Strictness {
        /// Unsatisfied, it stands in the way.
        Required = "required",
        /// Unsatisfied, it is told and no more.
        Advisory = "advisory",
    }
}
words! {
    /// How a certification is awarded once its requirement is met.
    pub enum Award {
        /// At once.
        Automatic = "automatic",
        /// When the candidate asks.
        OnRequest = "on_request",
    }
}
words! {
    /// How a renewal that its rules allow is decided.
    pub enum RenewalDecision {
        /// At once; where there is a fee, when it is settled.
        Automatic = "automatic",
        /// By the office.
        ByOffice = "by_office",
    }
}
words! {
    /// What a fee is for.
    pub enum FeeCode {
        /// Entry to the program, the account subscription included (FAQ 21).
        Application = "application",
        /// The evaluation of one portfolio (FAQ 21).
        Portfolio = "portfolio",
        /// The review of a course.
        CourseApproval = "course_approval",
        /// The review of a course whose approval ends.
        CourseApprovalRenewal = "course_approval_renewal",
        /// A renewal before the expiry (FAQ 19).
        Renewal = "renewal",
        /// A renewal within the grace period (FAQ 19).
        LateRenewal = "late_renewal",
    }
}

macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fmeta])* pub $field: $type),+ }
    };
}

section! {
    /// Everything that a program's rules ask for.
    Policy {
        /// Entry.
        eligibility: EligibilityPolicy,
        /// The years of work toward the certification.
        candidacy: CandidacyPolicy,
        /// Approved courses.
        courses: CoursePolicy,
        /// Portfolios.
        portfolio: PortfolioPolicy,
        /// Recognition agreements.
        recognition: RecognitionPolicy,
        /// The certification itself.
        certification: CertificationPolicy,
        /// Renewal.
        renewal: RenewalPolicy,
        /// What costs how much.
        fees: FeePolicy,
        /// Financial help.
        awards: AwardPolicy,
        /// The account subscription.
        accounts: AccountPolicy,
        /// Appeals against decisions.
        appeals: AppealPolicy,
        /// Notices of dates that come nearer.
        #[serde(default)]
        notices: NoticePolicy,
    }
}
section! {
    /// Entry (FAQ 3, 6).
    EligibilityPolicy {
        /// The least education (FAQ 6).
        minimum_education: Education,
        /// Minutes of library work inside the window (FAQ 6).
        work_minutes: u32,
        /// How many years before the date of reckoning the window opens (FAQ 6).
        window_years: i32,
        /// Whether one job inside the window must need no MLIS (FAQ 3; set).
        support_staff_position: Strictness,
    }
}
section! {
    /// Candidacy (FAQ 18).
    CandidacyPolicy {
        /// Years from admission to the deadline.
        years: i32,
    }
}
section! {
    /// Courses (FAQ 10, 16).
    CoursePolicy {
        /// Years for which an approval holds.
        approval_years: i32,
        /// How many years before its approval a course may have been completed (FAQ 16).
        credit_window_years: i32,
        /// Reviewers of a proposal.
        reviewers: u32,
    }
}
section! {
    /// Portfolios (FAQ 10).
    PortfolioPolicy {
        /// The share of a set's competencies that must be met in round 2, percent, rounded up.
        met_share_percent: u32,
        /// Days for the one chance to complete the portfolio after round 1 (set).
        chance_days: u32,
        /// Whether a new paid portfolio may follow one that was not achieved (set).
        may_repeat: bool,
        /// Days that an evaluator has to rate a portfolio (set).
        #[serde(default = "rating_days")]
        rating_days: u32,
        /// Days before that day from which the evaluator is reminded (set).
        #[serde(default = "rating_reminder_days")]
        reminder_days: u32,
        /// Days after that day until the work goes to another evaluator (set).
        #[serde(default = "lease_grace_days")]
        lease_grace_days: u32,
    }
}
section! {
    /// Recognition agreements (FAQ 12, 16).
    RecognitionPolicy {
        /// Years for which an agreement holds (set).
        agreement_years: i32,
        /// How many years before its signing a graduate may have graduated (FAQ 16).
        graduate_window_years: i32,
        /// Years after which a provisional certification lapses unless the hours are shown (set).
        provisional_years: i32,
    }
}
section! {
    /// Certification and its terms (FAQ 8, 19).
    CertificationPolicy {
        /// Required sets to achieve: all of the framework's.
        required_sets: u32,
        /// Elective sets to achieve, at least.
        elective_sets: u32,
        /// How it is awarded (set).
        award: Award,
        /// Years of a term.
        term_years: i32,
    }
}
section! {
    /// Renewal (FAQ 19).
    RenewalPolicy {
        /// Months before the expiry from which a renewal may be submitted.
        opens_months: i32,
        /// Months after the expiry until which it may.
        grace_months: i32,
        /// Whether the public reads `certified` in the grace period (set).
        grace_is_certified: bool,
        /// Minutes of activities.
        contact_minutes: u32,
        /// Minutes of them that are in technology.
        technology_minutes: u32,
        /// The least minutes for an activity to count.
        minimum_activity_minutes: u32,
        /// Minutes that one semester credit is worth.
        semester_credit_minutes: u32,
        /// Minutes that one quarter credit is worth.
        quarter_credit_minutes: u32,
        /// Minutes that one day at a conference is worth.
        conference_day_minutes: u32,
        /// How a renewal is decided (set).
        #[serde(default = "renewal_decision")]
        decision: RenewalDecision,
        /// The share of renewals drawn for audit, percent (set).
        audit_percent: u32,
        /// Days that whoever is drawn has to hand in documents (set).
        #[serde(default = "audit_days")]
        audit_days: u32,
    }
}
section! {
    /// Fees (FAQ 21). Cents.
    FeePolicy {
        /// ISO 4217 code.
        currency: String,
        /// The schedule.
        schedule: BTreeMap<FeeCode, Fee>,
        /// Days within which a membership verified later still brings its price (set).
        member_credit_days: u32,
        /// Days until an invoice is due (set).
        invoice_due_days: u32,
    }
}
section! {
    /// One fee. Cents.
    Fee {
        /// The price.
        price_cents: i64,
        /// The price for a verified ALA member, where it differs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member_price_cents: Option<i64>,
    }
}
section! {
    /// Financial help. Cents.
    AwardPolicy {
        /// Help with enrollment, once a person.
        enrollment_assistance_cents: i64,
        /// The most that is reimbursed for one course.
        course_subsidy_cents: i64,
    }
}
section! {
    /// The account subscription (FAQ 21).
    AccountPolicy {
        /// Years from activation.
        subscription_years: i32,
        /// Days before its last day from which the end of a subscription is announced (set).
        #[serde(default = "reminder_days")]
        reminder_days: u32,
    }
}
section! {
    /// Appeals.
    AppealPolicy {
        /// Days from the receipt of a decision for the notice of intent.
        notice_days: u32,
        /// Days from the decision for the documents.
        documents_days: u32,
        /// Days from the documents for the committee's response.
        response_days: u32,
        /// Days from the response for the meeting.
        meeting_days: u32,
    }
}

section! {
    /// Notices of dates that come nearer (FAQ 18, 19).
    NoticePolicy {
        /// Months before a candidacy's deadline on which its candidate is told (set).
        candidacy_deadline_months: Vec<i32>,
        /// Months before a certification's expiry on which its holder is told (set).
        expiry_months: Vec<i32>,
        /// Days after the end of a grace period on which it is still told (set).
        late_days: u32,
    }
}

/// The settings of policies that were published before there were notices.
impl Default for NoticePolicy {
    fn default() -> Self {
        Self {
            candidacy_deadline_months: vec![12, 6, 3, 1],
            expiry_months: vec![6, 3, 1],
            late_days: 30,
        }
    }
}

/// The setting of policies that were published before it was one.
const fn rating_days() -> u32 {
    21
}

/// The setting of policies that were published before it was one.
const fn rating_reminder_days() -> u32 {
    7
}

/// The setting of policies that were published before it was one.
const fn lease_grace_days() -> u32 {
    7
}

/// The setting of policies that were published before it was one.
const fn renewal_decision() -> RenewalDecision {
    RenewalDecision::Automatic
}

/// The setting of policies that were published before it was one.
const fn audit_days() -> u32 {
    30
}

/// The setting of policies that were published before it was one.
const fn reminder_days() -> u32 {
    60
}

impl Fee {
    /// The price for a member or for anybody else.
    #[must_use]
    pub fn price(&self, member: bool) -> i64 {
        self.member_price_cents.filter(|_| member).unwrap_or(self.price_cents)
    }
}

facts! {
    /// What happens to policies.
    pub enum PolicyEvent {
        /// A version was published.
        Published = "policy.published" { version: i64, effective_on: NaiveDate, before: Option<Box<Policy>>, after: Box<Policy> },
    }
}
