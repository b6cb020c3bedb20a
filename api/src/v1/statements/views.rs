//! Statements as JSON.

use chrono::NaiveDate;
use domain::{
    InvoiceId, OrganisationId, PaymentId, PersonId,
    id::{InvoiceKind, OrganisationKind, PersonKind},
    invoice::Invoice,
    ledger::PostingKind,
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reckoning;
use crate::{
    extract::AsOf,
    openapi::words::{id_of_or_null, one_of},
};

/// The payer's invoices. Amounts are integer cents.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct StatementInvoices {
    /// How many were issued.
    pub issued: u64,
    /// How many of them are void.
    pub void: u64,
    /// Of how many something is still owed.
    pub owed: u64,
    /// The totals of those that are not void.
    pub total_cents: i64,
    /// What was paid of those that are not void.
    pub paid_cents: i64,
    /// What is still owed on them.
    pub balance_cents: i64,
}

impl From<reckoning::Invoices> for StatementInvoices {
    fn from(sums: reckoning::Invoices) -> Self {
        Self {
            issued: sums.issued,
            void: sums.void,
            owed: sums.owed,
            total_cents: sums.total_cents,
            paid_cents: sums.paid_cents,
            balance_cents: sums.balance_cents,
        }
    }
}

/// One posting that moves the payer's money. Amounts are integer cents.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryView {
    /// The day of the posting.
    pub posted_on: NaiveDate,
    /// What it is about.
    #[schema(schema_with = one_of::<PostingKind>)]
    pub kind: PostingKind,
    /// The invoice that it is about.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// The number of that invoice.
    #[schema(example = "LSSC-2026-000001")]
    pub invoice_number: Option<String>,
    /// One sentence for people.
    pub description: String,
    /// What is owed more.
    #[schema(example = 35000)]
    pub charge_cents: i64,
    /// What is owed less.
    #[schema(example = 0)]
    pub payment_cents: i64,
    /// What is moved in all, between the payer's own credit and invoices too.
    #[schema(example = 35000)]
    pub amount_cents: i64,
    /// What is owed after it; below 0 the program owes the payer.
    #[schema(example = 35000)]
    pub balance_cents: i64,
}

impl EntryView {
    /// The entry; `invoice` is the one that its posting is about.
    pub(super) fn of(entry: &reckoning::Entry<'_>, invoice: Option<&Invoice>) -> Self {
        Self {
            posted_on: entry.posting.posted_on,
            kind: entry.posting.kind,
            invoice_id: entry.posting.invoice,
            invoice_number: invoice.map(|invoice| invoice.number.clone()),
            description: described(entry, invoice),
            charge_cents: entry.charge_cents,
            payment_cents: entry.payment_cents,
            amount_cents: entry.amount_cents,
            balance_cents: entry.balance_cents,
        }
    }
}

fn described(entry: &reckoning::Entry<'_>, invoice: Option<&Invoice>) -> String {
    let number = invoice.map_or("", |invoice| invoice.number.as_str());
    let source: Option<PaymentId> = entry.posting.source.parse().ok();
    let payment = invoice
        .into_iter()
        .flat_map(|invoice| &invoice.payments)
        .find(|payment| Some(payment.id) == source);
    let by = payment.map_or(String::new(), |one| format!(" by {} {}", one.method, one.reference));
    match entry.posting.kind {
        PostingKind::InvoiceIssued => format!("Invoice {number}."),
        PostingKind::InvoiceVoided => format!("Invoice {number} is void."),
        PostingKind::PaymentReceived => format!("Payment of invoice {number}{by}."),
        PostingKind::PaymentReversed => {
            format!("Payment of invoice {number}{by} was taken back as never received.")
        }
        PostingKind::CreditApplied => format!("Credit pays invoice {number}."),
        PostingKind::AssistanceApplied => format!("Enrollment assistance pays invoice {number}."),
        PostingKind::OrderApplied => format!("Purchase order pays invoice {number}."),
        PostingKind::MemberDifference => format!("Member price credited for invoice {number}."),
        PostingKind::MemberDifferenceTakenBack => {
            format!("Member price of invoice {number} taken back with its fee.")
        }
        PostingKind::ReceiptCredited => {
            format!("Money that came in for invoice {number} is credit.")
        }
        PostingKind::RefundDue => format!("Payment of invoice {number}{by} is to be returned."),
        PostingKind::CreditReturned => {
            format!("Credit that paid invoice {number} is credit again.")
        }
        PostingKind::AssistanceReturned => {
            format!("Enrollment assistance that paid invoice {number} goes back.")
        }
        PostingKind::SubsidyGranted => "Course subsidy granted.".to_owned(),
        PostingKind::CreditRefundDue => "Credit is to be paid out.".to_owned(),
        PostingKind::PayoutMade => "Paid out.".to_owned(),
    }
}

/// What a payer owes and has paid in a program, recomputed from the ledger. Amounts are integer cents of
/// `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatementView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Whose, if a person's.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Whose, if an institution's or a provider's.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The first day of the entries; from the beginning where it is null.
    pub from: Option<NaiveDate>,
    /// The last day that counts.
    pub as_of: NaiveDate,
    /// `owed_cents` less `credit_cents` less `payable_cents`: below 0 the program owes the payer.
    pub balance_cents: i64,
    /// What is owed: the sum of the balances of the payer's invoices.
    #[schema(example = 0)]
    pub owed_cents: i64,
    /// What was paid of the payer's invoices, whoever paid, before anything was returned.
    #[schema(example = 35000)]
    pub paid_cents: i64,
    /// Credit that can pay an invoice or be paid out.
    #[schema(example = 0)]
    pub credit_cents: i64,
    /// What is due to be paid out.
    #[schema(example = 0)]
    pub payable_cents: i64,
    /// The payer's invoices in figures.
    pub invoices: StatementInvoices,
    /// The balance before `from`; null where no `from` was given.
    pub opening_balance_cents: Option<i64>,
    /// The entries, oldest first.
    pub entries: Vec<EntryView>,
}

/// Which program and which days a person's statement is about.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetPersonStatement {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Entries of this day and later ones; those before it are summed up.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day that counts; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
}

/// Which days the statement of an institution or a provider is about. The program is theirs.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetOrganisationStatement {
    /// Entries of this day and later ones; those before it are summed up.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day that counts; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
}
