//! The ledger: postings of transfers, only ever added.

mod rows;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use domain::{
    InvoiceId, OrganisationId, PersonId, PostingId,
    ledger::{Account, AccountKind, Balances, Payer, Posting},
    program::ProgramCode,
};
use rows::{PostingRow, TransferRow, account};

use crate::{
    Error, Optional, Page, Tx,
    conn::{each_backend, get_row},
    schema::{institutions, ledger_postings, ledger_transfers, people, providers},
    types::V,
};

/// The repository of the ledger.
pub struct Ledger<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// The ledger.
    pub fn ledger(&mut self) -> Ledger<'_, 'c> {
        Ledger(self)
    }
}

/// What postings and balances are narrowed to.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Postings that touch an account of this payer; balances of the payer's accounts.
    pub payer: Option<Payer>,
    /// Postings that touch an account of this kind; balances of such accounts.
    pub account: Option<AccountKind>,
    /// The invoice that they are about.
    pub invoice: Option<InvoiceId>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
}

/// Adds what a filter says of postings.
macro_rules! of_postings {
    ($query:ident, $filter:expr) => {
        if let Some(program) = &$filter.program {
            $query = $query.filter(ledger_postings::program.eq(program.as_str().to_owned()));
        }
        if let Some(invoice) = $filter.invoice {
            $query = $query.filter(ledger_postings::invoice_id.eq(V(invoice)));
        }
        if let Some(day) = $filter.from {
            $query = $query.filter(ledger_postings::posted_on.ge(day));
        }
        if let Some(day) = $filter.until {
            $query = $query.filter(ledger_postings::posted_on.le(day));
        }
    };
}

/// Adds what a filter says of one side of transfers. Accounts of the program have no payer: to say so
/// lets the index find them.
macro_rules! of_side {
    ($query:ident, $filter:expr, $names:expr, $account:ident, $payer:ident) => {
        if $filter.payer.is_some() {
            $query = $query.filter(ledger_transfers::$payer.eq_any($names));
        } else if $filter.account.is_some_and(|account| !account.is_of_a_payer()) {
            $query = $query.filter(ledger_transfers::$payer.is_null());
        }
        if let Some(account) = $filter.account {
            $query = $query.filter(ledger_transfers::$account.eq(V(account)));
        }
    };
}

/// The postings that a filter leaves, after one of them, in order of their ids, for one database.
macro_rules! narrowed {
    ($filter:expr, $names:expr, $after:expr) => {{
        let filter = $filter;
        let names: Option<&[String]> = filter.payer.map(|_| ($names).as_slice());
        let after: Option<PostingId> = $after;
        let mut query = ledger_postings::table.select(PostingRow::as_select()).into_boxed();
        of_postings!(query, filter);
        if filter.payer.is_some() || filter.account.is_some() {
            use ledger_transfers::{credit_account, credit_payer, debit_account, debit_payer};
            // One subquery with both sides in it: the planners join the two indexes for it.
            let mut sides =
                ledger_transfers::table.select(ledger_transfers::posting_id).into_boxed();
            sides = match (names, filter.account.map(V)) {
                (Some(names), Some(account)) => sides.filter(
                    (debit_payer.eq_any(names).and(debit_account.eq(account)))
                        .or(credit_payer.eq_any(names).and(credit_account.eq(account))),
                ),
                (Some(names), None) => {
                    sides.filter(debit_payer.eq_any(names).or(credit_payer.eq_any(names)))
                }
                (None, Some(account)) if account.0.is_of_a_payer() => {
                    sides.filter(debit_account.eq(account).or(credit_account.eq(account)))
                }
                (None, Some(account)) => sides.filter(
                    (debit_payer.is_null().and(debit_account.eq(account)))
                        .or(credit_payer.is_null().and(credit_account.eq(account))),
                ),
                (None, None) => sides,
            };
            // Asked of the postings, it would draw SQLite to the program's index.
            if let Some(after) = after {
                sides = sides.filter(ledger_transfers::posting_id.gt(V(after)));
            }
            query = query.filter(ledger_postings::id.eq_any(sides));
        } else if let Some(after) = after {
            query = query.filter(ledger_postings::id.gt(V(after)));
        }
        query.order(ledger_postings::id.asc())
    }};
}

/// The sums of one side of the transfers that a filter leaves, by account.
macro_rules! side_sums {
    ($tx:expr, $filter:expr, $names:expr, $account:ident, $payer:ident) => {{
        let rows: Result<Vec<(V<AccountKind>, Option<String>, i64)>, Error> =
            each_backend!($tx.conn, |c| {
                let mut query = ledger_transfers::table
                    .inner_join(ledger_postings::table)
                    .group_by((ledger_transfers::$account, ledger_transfers::$payer))
                    .select((
                        ledger_transfers::$account,
                        ledger_transfers::$payer,
                        // A sum beyond 64 bits fails; PostgreSQL's own sum would be a numeric.
                        sql::<BigInt>("CAST(sum(ledger_transfers.amount_cents) AS bigint)"),
                    ))
                    .into_boxed();
                of_postings!(query, $filter);
                of_side!(query, $filter, $names, $account, $payer);
                query.load(c)
            })
            .map_err(Error::from);
        rows
    }};
}

impl Ledger<'_, '_> {
    /// Holds a payer until the end of a write: acts that read a balance and post on it wait for each
    /// other. [`Error::NotFound`] when there is no such person, institution or provider.
    pub fn hold(&mut self, payer: Payer) -> Result<(), Error> {
        match payer {
            Payer::Person(person) => {
                let _held: V<PersonId> =
                    get_row!(self.0, people::table.find(V(person)).select(people::id))?;
            }
            Payer::Organisation(id) => {
                let held: Result<V<OrganisationId>, Error> =
                    get_row!(self.0, institutions::table.find(V(id)).select(institutions::id));
                if held.found()?.is_none() {
                    let _held: V<OrganisationId> =
                        get_row!(self.0, providers::table.find(V(id)).select(providers::id))?;
                }
            }
        }
        Ok(())
    }

    /// Adds a posting. The database refuses an amount that is not positive, a transfer from an account to
    /// itself, an account of a payer without one, and every later change.
    pub fn post(&mut self, posting: &Posting) -> Result<(), Error> {
        let row = PostingRow::from(posting);
        let rows: Vec<TransferRow> = (1..)
            .zip(&posting.transfers)
            .map(|(place, transfer)| TransferRow::of(posting.id, place, transfer))
            .collect();
        each_backend!(self.0.conn, |c| diesel::insert_into(ledger_postings::table)
            .values(&row)
            .execute(c))?;
        for some in rows.chunks(1_000) {
            each_backend!(self.0.conn, |c| diesel::insert_into(ledger_transfers::table)
                .values(some)
                .execute(c))?;
        }
        Ok(())
    }

    /// A page of postings with their transfers, the first recorded first. Payers who were merged into
    /// somebody are told as who they are now.
    pub fn postings(
        &mut self,
        filter: &LedgerFilter,
        page: Page<PostingId>,
    ) -> Result<Vec<Posting>, Error> {
        let postings = self.recorded(filter, page)?;
        self.resolved(postings)
    }

    /// The same with the payers that were recorded, whoever they are now.
    pub(crate) fn recorded(
        &mut self,
        filter: &LedgerFilter,
        page: Page<PostingId>,
    ) -> Result<Vec<Posting>, Error> {
        let names = self.names(filter.payer)?;
        let rows: Vec<PostingRow> =
            each_backend!(self.0.conn, |c| narrowed!(filter, &names, page.after)
                .limit(page.limit)
                .load(c))?;
        self.with_transfers(rows)
    }

    /// Every id that the ledger has for a payer; none for everybody.
    fn names(&mut self, payer: Option<Payer>) -> Result<Vec<String>, Error> {
        payer.map_or(Ok(Vec::new()), |payer| self.0.merges().payer_names(payer))
    }

    fn resolved(&mut self, mut postings: Vec<Posting>) -> Result<Vec<Posting>, Error> {
        let aliases = self.0.merges().aliases()?;
        for transfer in postings.iter_mut().flat_map(|posting| &mut posting.transfers) {
            for side in [&mut transfer.debit, &mut transfer.credit] {
                side.payer = side.payer.map(|payer| aliases.of(payer));
            }
        }
        Ok(postings)
    }

    /// Every posting of a program that touches an account of a payer, by day, with all its transfers.
    pub fn entries(
        &mut self,
        program: &ProgramCode,
        payer: Payer,
        until: Option<NaiveDate>,
    ) -> Result<Vec<Posting>, Error> {
        let filter = LedgerFilter {
            program: Some(program.clone()),
            payer: Some(payer),
            ..LedgerFilter::default()
        };
        let names = self.names(filter.payer)?;
        let mut rows: Vec<PostingRow> =
            each_backend!(self.0.conn, |c| narrowed!(&filter, &names, None).load(c))?;
        // The last day is minded here: in the query it would draw SQLite to the index of days.
        rows.retain(|row| until.is_none_or(|day| row.posted_on <= day));
        rows.sort_by_key(|row| (row.posted_on, row.id.0));
        let postings = self.with_transfers(rows)?;
        self.resolved(postings)
    }

    /// What the transfers come to, by account: sums of the database over what the filter leaves.
    pub fn balances(&mut self, filter: &LedgerFilter) -> Result<Balances, Error> {
        let (names, aliases) = (self.names(filter.payer)?, self.0.merges().aliases()?);
        let of = |kind: V<AccountKind>, payer: Option<String>| -> Result<Account, Error> {
            let found = account(kind, payer.as_deref())?;
            Ok(Account { payer: found.payer.map(|payer| aliases.of(payer)), ..found })
        };
        let too_much = || Error::Broken("a sum of the ledger leaves 64 bits".to_owned());
        let mut balances = Balances::default();
        for (kind, payer, cents) in side_sums!(self.0, filter, &names, debit_account, debit_payer)?
        {
            let sums = balances.0.entry(of(kind, payer)?).or_default();
            sums.debit_cents = sums.debit_cents.checked_add(cents).ok_or_else(too_much)?;
        }
        let credits = side_sums!(self.0, filter, &names, credit_account, credit_payer)?;
        for (kind, payer, cents) in credits {
            let sums = balances.0.entry(of(kind, payer)?).or_default();
            sums.credit_cents = sums.credit_cents.checked_add(cents).ok_or_else(too_much)?;
        }
        Ok(balances)
    }

    /// Debits less credits of one account of a program.
    pub fn balance(&mut self, program: &ProgramCode, account: Account) -> Result<i64, Error> {
        let filter = LedgerFilter {
            program: Some(program.clone()),
            payer: account.payer,
            account: Some(account.kind),
            ..LedgerFilter::default()
        };
        Ok(self.balances(&filter)?.of(account))
    }

    /// The postings that any of these made, with their transfers.
    pub(crate) fn by_sources(&mut self, sources: &[String]) -> Result<Vec<Posting>, Error> {
        let mut found = Vec::new();
        for some in sources.chunks(1_000) {
            let rows: Vec<PostingRow> = each_backend!(self.0.conn, |c| ledger_postings::table
                .filter(ledger_postings::source.eq_any(some))
                .order((ledger_postings::source.asc(), ledger_postings::id.asc()))
                .select(PostingRow::as_select())
                .load(c))?;
            found.append(&mut self.with_transfers(rows)?);
        }
        self.resolved(found)
    }

    fn with_transfers(&mut self, rows: Vec<PostingRow>) -> Result<Vec<Posting>, Error> {
        let mut found: Vec<Posting> =
            rows.into_iter().map(TryInto::try_into).collect::<Result<_, Error>>()?;
        for some in found.chunks_mut(1_000) {
            let ids: Vec<_> = some.iter().map(|posting| V(posting.id)).collect();
            let rows: Vec<TransferRow> = each_backend!(self.0.conn, |c| ledger_transfers::table
                .filter(ledger_transfers::posting_id.eq_any(ids))
                .order((ledger_transfers::posting_id.asc(), ledger_transfers::place.asc()))
                .select(TransferRow::as_select())
                .load(c))?;
            let mut places: HashMap<PostingId, &mut Posting> =
                some.iter_mut().map(|posting| (posting.id, posting)).collect();
            for row in rows {
                if let Some(posting) = places.get_mut(&row.posting_id.0) {
                    posting.transfers.push(row.try_into()?);
                }
            }
        }
        Ok(found)
    }
}
