//! The ledger: double entry, append only. A posting is a list of transfers, and a transfer moves one
//! amount from one account to another: no posting can be out of balance, and the sum over all accounts
//! is always 0. A correction is a posting that reverses another; nothing is ever changed.

mod posts;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use posts::*;

use crate::{
    InvoiceId, OrganisationId, PersonId, PostingId, access::Facts, facts, policy::FeeCode,
    program::ProgramCode, words,
};

words! {
    /// The accounts. Debits add to what the program has or spends, credits to what it owes or earns.
    pub enum AccountKind {
        /// Asset: money that came in or went out by card, at the outside processor.
        CashCard = "cash_card",
        /// Asset: money that came in or went out by check.
        CashCheck = "cash_check",
        /// Asset, one a payer: what invoices ask for and nobody has paid yet.
        Receivable = "receivable",
        /// Liability, one an institution: what accepted purchase orders will pay for people.
        OrdersPending = "orders_pending",
        /// Liability, one a payer: money that belongs to no invoice yet.
        CustomerCredit = "customer_credit",
        /// Liability, one a payer: what is to be paid out.
        Payable = "payable",
        /// Income: application fees.
        RevenueApplication = "revenue_application",
        /// Income: portfolio fees.
        RevenuePortfolio = "revenue_portfolio",
        /// Income: fees for the review of courses.
        RevenueCourseApproval = "revenue_course_approval",
        /// Income: fees for the review of courses whose approval ends.
        RevenueCourseApprovalRenewal = "revenue_course_approval_renewal",
        /// Income: fees for renewals.
        RevenueRenewal = "revenue_renewal",
        /// Income: fees for renewals within the grace period.
        RevenueLateRenewal = "revenue_late_renewal",
        /// Against income: fees that were returned.
        FeesReturned = "fees_returned",
        /// Against income: member prices that were credited after the fact.
        MemberDifferences = "member_differences",
        /// Expense: enrollment assistance.
        EnrollmentAssistance = "enrollment_assistance",
        /// Expense: subsidies of courses.
        CourseSubsidies = "course_subsidies",
    }
}

impl AccountKind {
    /// Where the income of a fee goes.
    #[must_use]
    pub fn revenue(fee: FeeCode) -> Self {
        match fee {
            FeeCode::Application => Self::RevenueApplication,
            FeeCode::Portfolio => Self::RevenuePortfolio,
            FeeCode::CourseApproval => Self::RevenueCourseApproval,
            FeeCode::CourseApprovalRenewal => Self::RevenueCourseApprovalRenewal,
            FeeCode::Renewal => Self::RevenueRenewal,
            FeeCode::LateRenewal => Self::RevenueLateRenewal,
        }
    }
    /// Whether every payer has one of their own.
    #[must_use]
    pub fn is_of_a_payer(self) -> bool {
        matches!(
            self,
            Self::Receivable | Self::OrdersPending | Self::CustomerCredit | Self::Payable
        )
    }
}

/// Who owes, pays and gets money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// A person.
    Person(PersonId),
    /// An institution, or a provider of courses.
    Organisation(OrganisationId),
}

impl Payer {
    /// The person, if it is one.
    #[must_use]
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Organisation(_) => None,
        }
    }
    /// The organisation, if it is one.
    #[must_use]
    pub fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Person(_) => None,
            Self::Organisation(organisation) => Some(organisation),
        }
    }
    /// What access needs to know of what is this payer's.
    #[must_use]
    pub fn facts(self) -> Facts {
        Facts { owner: self.person(), organisation: self.organisation() }
    }
}

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// Which.
    pub kind: AccountKind,
    /// Whose, for the accounts that every payer has.
    pub payer: Option<Payer>,
}

impl Account {
    /// An account of the program itself.
    #[must_use]
    pub fn of(kind: AccountKind) -> Self {
        Self { kind, payer: None }
    }
    /// An account of a payer.
    #[must_use]
    pub fn owned(kind: AccountKind, payer: Payer) -> Self {
        Self { kind, payer: Some(payer) }
    }
}

/// One amount from one account to another: in balance by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The account that is debited.
    pub debit: Account,
    /// The account that is credited.
    pub credit: Account,
    /// Cents, more than 0.
    pub amount_cents: i64,
}

words! {
    /// What a posting is about.
    pub enum PostingKind {
        /// An invoice was issued.
        InvoiceIssued = "invoice_issued",
        /// An invoice was voided: its issue is reversed.
        InvoiceVoided = "invoice_voided",
        /// A payment came in; what is more than the balance becomes credit.
        PaymentReceived = "payment_received",
        /// A payment is taken back as never received: its posting is reversed.
        PaymentReversed = "payment_reversed",
        /// Credit of the payer paid an invoice.
        CreditApplied = "credit_applied",
        /// Enrollment assistance paid an invoice.
        AssistanceApplied = "assistance_applied",
        /// A purchase order that is paid in full paid the invoice of one of its people.
        OrderApplied = "order_applied",
        /// The member price was credited after the fact.
        MemberDifference = "member_difference",
        /// The member price that was credited is taken back with its fee.
        MemberDifferenceTakenBack = "member_difference_taken_back",
        /// Money that came in for an invoice that takes none became credit.
        ReceiptCredited = "receipt_credited",
        /// What was paid is to be returned.
        RefundDue = "refund_due",
        /// Credit that paid a fee which is returned is credit again.
        CreditReturned = "credit_returned",
        /// Assistance that paid a fee which is returned goes back to the program.
        AssistanceReturned = "assistance_returned",
        /// A course subsidy was granted.
        SubsidyGranted = "subsidy_granted",
        /// Credit of a payer is to be paid out.
        CreditRefundDue = "credit_refund_due",
        /// A payout was made.
        PayoutMade = "payout_made",
    }
}

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Identity.
    pub id: PostingId,
    /// The program.
    pub program: ProgramCode,
    /// What it is about.
    pub kind: PostingKind,
    /// ISO 4217.
    pub currency: String,
    /// The day to which it belongs, in the program's zone.
    pub posted_on: NaiveDate,
    /// The invoice that it is about.
    pub invoice: Option<InvoiceId>,
    /// The id of what made it: an invoice, a payment, a payout, an order.
    pub source: String,
    /// What is moved.
    pub transfers: Vec<Transfer>,
    /// Who caused it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// What an account's transfers come to. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sums {
    /// Of the debits.
    pub debit_cents: i64,
    /// Of the credits.
    pub credit_cents: i64,
}

impl Sums {
    /// Debits less credits.
    #[must_use]
    pub fn balance_cents(self) -> i64 {
        self.debit_cents.saturating_sub(self.credit_cents)
    }
}

/// The balances of accounts, recomputed from transfers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances(pub BTreeMap<Account, Sums>);

impl Balances {
    /// Adds transfers; none where a sum leaves 64 bits.
    #[must_use]
    pub fn with<'t>(mut self, transfers: impl IntoIterator<Item = &'t Transfer>) -> Option<Self> {
        for transfer in transfers {
            let debit = self.0.entry(transfer.debit).or_default();
            debit.debit_cents = debit.debit_cents.checked_add(transfer.amount_cents)?;
            let credit = self.0.entry(transfer.credit).or_default();
            credit.credit_cents = credit.credit_cents.checked_add(transfer.amount_cents)?;
        }
        Some(self)
    }
    /// Debits less credits of one account.
    #[must_use]
    pub fn of(&self, account: Account) -> i64 {
        self.0.get(&account).copied().unwrap_or_default().balance_cents()
    }
    /// The sum over all accounts: always 0.
    #[must_use]
    pub fn total_cents(&self) -> i64 {
        self.0.values().fold(0, |sum, one| sum.saturating_add(one.balance_cents()))
    }
}

facts! {
    /// What happens in the ledger.
    pub enum LedgerEvent {
        /// Transfers were posted.
        Posted = "ledger.posted" { kind: PostingKind, currency: String, posted_on: NaiveDate, invoice: Option<InvoiceId>, source: String, transfers: Vec<Transfer> },
    }
}
