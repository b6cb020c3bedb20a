//! The ledger as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    InvoiceId, OrganisationId, PersonId, PostingId,
    id::{InvoiceKind, OrganisationKind, PersonKind, PostingKind as PostingIdKind},
    ledger::{Account, AccountKind, Posting, PostingKind, Transfer},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
};

/// One side of a transfer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LedgerSideView {
    /// The account.
    #[schema(schema_with = one_of::<AccountKind>)]
    pub account: AccountKind,
    /// Whose, if a person's.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Whose, if an institution's.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub institution_id: Option<OrganisationId>,
}

impl From<Account> for LedgerSideView {
    fn from(account: Account) -> Self {
        Self {
            account: account.kind,
            person_id: account.payer.and_then(domain::ledger::Payer::person),
            institution_id: account.payer.and_then(domain::ledger::Payer::organisation),
        }
    }
}

/// One amount from one account to another.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TransferView {
    /// The account that is debited.
    pub debit: LedgerSideView,
    /// The account that is credited.
    pub credit: LedgerSideView,
    /// Cents, more than 0.
    #[schema(example = 35000)]
    pub amount_cents: i64,
}

impl From<Transfer> for TransferView {
    fn from(transfer: Transfer) -> Self {
        Self {
            debit: transfer.debit.into(),
            credit: transfer.credit.into(),
            amount_cents: transfer.amount_cents,
        }
    }
}

/// One posting. It is never changed: a correction is another one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostingView {
    /// Its id.
    #[schema(schema_with = id_of::<PostingIdKind>)]
    pub id: PostingId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// What it is about.
    #[schema(schema_with = one_of::<PostingKind>)]
    pub kind: PostingKind,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The day to which it belongs, in the program's time zone.
    pub posted_on: NaiveDate,
    /// The invoice that it is about.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// The id of what made it: an invoice, a payment, a payout, a purchase order, a membership.
    pub source: String,
    /// What is moved.
    pub transfers: Vec<TransferView>,
    /// Who caused it.
    pub recorded_by: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl From<Posting> for PostingView {
    fn from(posting: Posting) -> Self {
        Self {
            id: posting.id,
            program: posting.program,
            kind: posting.kind,
            currency: posting.currency,
            posted_on: posting.posted_on,
            invoice_id: posting.invoice,
            source: posting.source,
            transfers: posting.transfers.into_iter().map(TransferView::from).collect(),
            recorded_by: posting.recorded_by,
            recorded_at: posting.recorded_at,
        }
    }
}

/// Which postings are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLedgerPostings {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those that touch an account of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those that touch an account of an institution; not together with `person_id`.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub institution_id: Option<OrganisationId>,
    /// Only those that touch an account of this kind.
    #[param(schema_with = one_of::<AccountKind>, required = false)]
    pub account: Option<AccountKind>,
    /// Only those about an invoice.
    #[param(schema_with = id_of::<InvoiceKind>, required = false)]
    pub invoice_id: Option<InvoiceId>,
    /// Only those of this day and later ones.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// Only those of this day and earlier ones.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
