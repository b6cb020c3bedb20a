//! Postings and transfers as rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    InvoiceId, PostingId,
    ledger::{Account, AccountKind, Posting, PostingKind, Transfer},
};

use crate::{
    Error, json, payer,
    schema::{ledger_postings, ledger_transfers},
    types::V,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_postings, treat_none_as_default_value = false)]
pub(super) struct PostingRow {
    pub(super) id: V<PostingId>,
    pub(super) program: String,
    pub(super) kind: V<PostingKind>,
    pub(super) currency: String,
    pub(super) posted_on: NaiveDate,
    pub(super) invoice_id: Option<V<InvoiceId>>,
    pub(super) source: String,
    pub(super) recorded_by: String,
    pub(super) recorded_at: V<DateTime<Utc>>,
    /// How many transfers belong to it: the database takes no more, ever.
    pub(super) transfer_count: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_transfers, treat_none_as_default_value = false)]
pub(super) struct TransferRow {
    pub(super) posting_id: V<PostingId>,
    pub(super) place: i64,
    pub(super) debit_account: V<AccountKind>,
    pub(super) debit_payer: Option<String>,
    pub(super) credit_account: V<AccountKind>,
    pub(super) credit_payer: Option<String>,
    pub(super) amount_cents: i64,
}

pub(super) fn account(kind: V<AccountKind>, payer: Option<&str>) -> Result<Account, Error> {
    Ok(Account { kind: kind.0, payer: payer.map(payer::of_text).transpose()? })
}

impl TryFrom<TransferRow> for Transfer {
    type Error = Error;
    fn try_from(row: TransferRow) -> Result<Self, Error> {
        Ok(Self {
            debit: account(row.debit_account, row.debit_payer.as_deref())?,
            credit: account(row.credit_account, row.credit_payer.as_deref())?,
            amount_cents: row.amount_cents,
        })
    }
}

impl TryFrom<PostingRow> for Posting {
    type Error = Error;
    fn try_from(row: PostingRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            kind: row.kind.0,
            currency: row.currency,
            posted_on: row.posted_on,
            invoice: row.invoice_id.map(|id| id.0),
            source: row.source,
            transfers: Vec::new(),
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.0,
        })
    }
}

impl From<&Posting> for PostingRow {
    fn from(posting: &Posting) -> Self {
        Self {
            id: V(posting.id),
            program: posting.program.to_string(),
            kind: V(posting.kind),
            currency: posting.currency.clone(),
            posted_on: posting.posted_on,
            invoice_id: posting.invoice.map(V),
            source: posting.source.clone(),
            recorded_by: posting.recorded_by.clone(),
            recorded_at: V(posting.recorded_at),
            transfer_count: i64::try_from(posting.transfers.len()).unwrap_or(i64::MAX),
        }
    }
}

impl TransferRow {
    pub(super) fn of(posting: PostingId, place: i64, transfer: &Transfer) -> Self {
        Self {
            posting_id: V(posting),
            place,
            debit_account: V(transfer.debit.kind),
            debit_payer: transfer.debit.payer.map(payer::text),
            credit_account: V(transfer.credit.kind),
            credit_payer: transfer.credit.payer.map(payer::text),
            amount_cents: transfer.amount_cents,
        }
    }
}
