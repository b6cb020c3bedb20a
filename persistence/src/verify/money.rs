//! I4: the money adds up. Everything is recomputed from single transfers, payments and lines, a page at a
//! time, or summed by the database.

mod invoices;
mod orders;
mod records;

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use diesel::{QueryableByName, RunQueryDsl, prelude::*, sql_query, sql_types::Text};
use domain::{
    InvoiceId, PostingId,
    id::EventId,
    ledger::{Account, Balances, LedgerEvent, Posting, PostingKind, Transfer},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Check, MOST_ROWS, PAGE};
use crate::{
    Error, LedgerFilter, Page, Tx, conn::each_backend, schema::ledger_postings,
    schema_house::events, types::V,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I4",
        sentence: "the ledger sums to 0 per currency and per posting, and every transfer moves something",
        rows: unbalanced_postings,
    },
    Check {
        id: "I4",
        sentence: "the events say what was posted, and no entry ever changed",
        rows: changed_postings,
    },
    Check {
        id: "I4",
        sentence: "every posting has as many transfers as it says",
        rows: |tx| lines(tx, records::INCOMPLETE),
    },
    Check {
        id: "I4",
        sentence: "nobody's credit, orders or payouts are overdrawn",
        rows: |tx| lines(tx, OVERDRAWN),
    },
    Check {
        id: "I4",
        sentence: "what is payable to everybody is the sum of the payouts that are due",
        rows: |tx| lines(tx, UNEQUAL_PAYABLES),
    },
    Check {
        id: "I4",
        sentence: "what pends on an institution's orders is the sum of its open ones",
        rows: |tx| lines(tx, UNEQUAL_ORDERS),
    },
    Check {
        id: "I4",
        sentence: "the lines of every invoice sum to its total, and no more than that was paid",
        rows: invoices::unbalanced,
    },
    Check {
        id: "I4",
        sentence: "the numbers of invoices have no gap in a program's year",
        rows: invoices::gaps_in_numbers,
    },
    Check {
        id: "I4",
        sentence: "what the ledger has receivable of every invoice is its balance",
        rows: invoices::unequal_receivables,
    },
    Check {
        id: "I4",
        sentence: "every payment was posted once, what it paid and what of it became credit, posted back \
                   once if it was reversed, and what is returned of it in full",
        rows: invoices::unposted_payments,
    },
    Check {
        id: "I4",
        sentence: "everybody's credit is what payments, late member prices, receipts, orders and payouts \
                   leave of it",
        rows: |tx| lines(tx, records::UNEQUAL_CREDIT),
    },
    Check {
        id: "I4",
        sentence: "credit that is paid out, subsidies and receipts that are taken are posted in full",
        rows: |tx| lines(tx, records::UNPOSTED),
    },
    Check {
        id: "I4",
        sentence: "assistance that paid a fee has its payment, and the payment has it",
        rows: |tx| lines(tx, records::UNUSED_ASSISTANCE),
    },
    Check {
        id: "I4",
        sentence: "the reference of a processor stands for one payment or one credit",
        rows: |tx| lines(tx, records::UNUSED_REFERENCES),
    },
    Check {
        id: "I4",
        sentence: "an account subscription stands for every application fee that is settled and not \
                   returned, and for no other",
        rows: invoices::unequal_subscriptions,
    },
    Check {
        id: "I4",
        sentence: "an order is settled if and only if its invoice is paid, and its lines sum to that",
        rows: orders::unsettled,
    },
    Check {
        id: "I4",
        sentence: "the invoices of the people on an open order wait for it, and no others do",
        rows: orders::unordered,
    },
];

/// Who a payer is now that was recorded as `$payer`.
macro_rules! now {
    ($payer:literal) => {
        concat!(
            "coalesce('person_' || replace(CAST(m.into_person_id AS text), '-', ''), ",
            $payer,
            ")"
        )
    };
}

/// Both sides of the transfers that touch an account of a payer: debits add, credits take away.
macro_rules! sides {
    ($account:literal) => {
        concat!(
            "SELECT p.program, p.currency, t.debit_account AS account, ",
            now!("t.debit_payer"),
            " AS payer, t.amount_cents AS cents FROM ledger_transfers t JOIN ledger_postings p \
             ON p.id = t.posting_id LEFT JOIN merged_people m ON m.payer = t.debit_payer \
             WHERE t.debit_account IN (",
            $account,
            ") UNION ALL SELECT p.program, p.currency, t.credit_account, ",
            now!("t.credit_payer"),
            ", -t.amount_cents FROM ledger_transfers t JOIN ledger_postings p ON p.id = t.posting_id \
             LEFT JOIN merged_people m ON m.payer = t.credit_payer WHERE t.credit_account IN (",
            $account,
            ") "
        )
    };
}

/// What is told of the groups whose sum is `$is`.
macro_rules! sums {
    ($rows:expr, $is:literal) => {
        concat!(
            "SELECT program || ' ' || account || ' ' || payer || ' ' || CAST(sum(cents) AS text) \
             AS line FROM (",
            $rows,
            ") one GROUP BY program, currency, account, payer HAVING sum(cents) ",
            $is,
            " ORDER BY 1 LIMIT 100"
        )
    };
}

const OVERDRAWN: &str = sums!(sides!("'customer_credit', 'orders_pending', 'payable'"), "> 0");

const UNEQUAL_PAYABLES: &str = sums!(
    concat!(
        sides!("'payable'"),
        "UNION ALL SELECT program, currency, 'payable', CASE WHEN person_id IS NULL \
         THEN 'org_' || replace(CAST(organisation_id AS text), '-', '') \
         ELSE 'person_' || replace(CAST(person_id AS text), '-', '') END, amount_cents \
         FROM payouts WHERE paid_on IS NULL"
    ),
    "<> 0"
);

const UNEQUAL_ORDERS: &str = sums!(
    concat!(
        sides!("'orders_pending'"),
        "UNION ALL SELECT program, currency, 'orders_pending', \
         'org_' || replace(CAST(institution_id AS text), '-', ''), total_cents \
         FROM purchase_orders WHERE settled_on IS NULL AND cancelled_on IS NULL"
    ),
    "<> 0"
);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(tx: &mut Tx<'_>, query: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<Line> = each_backend!(tx.conn, |c| sql_query(query).load(c))?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

/// Every posting as it was recorded, a page at a time, until enough is known to be broken.
fn each_page(
    tx: &mut Tx<'_>,
    mut judge: impl FnMut(&mut Tx<'_>, &[Posting], &mut Vec<String>) -> Result<(), Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = tx.ledger().recorded(&LedgerFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        judge(tx, &page, &mut rows)?;
        if rows.len() >= MOST_ROWS {
            return Ok(rows);
        }
    }
}

fn unbalanced_postings(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    // By kind of account only: what is held does not grow with the payers.
    let mut totals: BTreeMap<String, Option<Balances>> = BTreeMap::new();
    let mut rows = each_page(tx, |_, page, rows| {
        for posting in page {
            let moves = |one: &Transfer| one.amount_cents > 0 && one.debit != one.credit;
            let sums = Balances::default().with(&posting.transfers);
            let balanced = sums.is_some_and(|sums| sums.total_cents() == 0);
            if !balanced || posting.transfers.is_empty() || !posting.transfers.iter().all(moves) {
                rows.push(posting.id.to_string());
            }
            let by_kind: Vec<Transfer> = posting.transfers.iter().map(without_payers).collect();
            let total =
                totals.entry(posting.currency.clone()).or_insert_with(|| Some(Balances::default()));
            *total = total.take().and_then(|sums| sums.with(&by_kind));
        }
        Ok(())
    })?;
    for (currency, total) in totals {
        if total.is_none_or(|sums| sums.total_cents() != 0) {
            rows.push(format!("the whole in {currency}"));
        }
    }
    Ok(rows)
}

fn without_payers(transfer: &Transfer) -> Transfer {
    Transfer {
        debit: Account::of(transfer.debit.kind),
        credit: Account::of(transfer.credit.kind),
        amount_cents: transfer.amount_cents,
    }
}

/// A posting as its event tells it.
#[derive(Deserialize, PartialEq, Eq)]
struct Told {
    kind: PostingKind,
    currency: String,
    posted_on: NaiveDate,
    invoice: Option<InvoiceId>,
    source: String,
    transfers: Vec<Transfer>,
}

fn event_type() -> &'static str {
    LedgerEvent::TYPES.first().copied().unwrap_or_default()
}

/// Holds every posting against the one event that tells of it, and finds events of no posting: equal one
/// by one, the events replayed give the same balances.
fn changed_postings(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = each_page(tx, |tx, page, rows| {
        let subjects: Vec<String> = page.iter().map(|posting| posting.id.to_string()).collect();
        let events: Vec<(String, V<Value>)> = each_backend!(tx.conn, |c| events::table
            .filter(events::subject.eq_any(subjects))
            .filter(events::kind.eq(event_type()))
            .select((events::subject, events::data))
            .load(c))?;
        let mut told: BTreeMap<String, Vec<Option<Told>>> = BTreeMap::new();
        for (subject, data) in events {
            told.entry(subject).or_default().push(serde_json::from_value(data.0).ok());
        }
        for posting in page {
            let id = posting.id.to_string();
            let is = Told {
                kind: posting.kind,
                currency: posting.currency.clone(),
                posted_on: posting.posted_on,
                invoice: posting.invoice,
                source: posting.source.clone(),
                transfers: posting.transfers.clone(),
            };
            if told.get(&id).map(Vec::as_slice) != Some(&[Some(is)]) {
                rows.push(format!("{id} is not what its event says"));
            }
        }
        Ok(())
    })?;
    rows.append(&mut told_of_nothing(tx)?);
    Ok(rows)
}

/// The events of postings that are not there.
fn told_of_nothing(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = EventId::from_bits(0);
    loop {
        let page: Vec<(V<EventId>, String)> = each_backend!(tx.conn, |c| events::table
            .filter(events::kind.eq(event_type()))
            .filter(events::id.gt(V(after)))
            .order(events::id.asc())
            .limit(PAGE)
            .select((events::id, events::subject))
            .load(c))?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after = last.0;
        let ids: Vec<V<PostingId>> =
            page.iter().filter_map(|(_, subject)| subject.parse().ok().map(V)).collect();
        let found: Vec<V<PostingId>> = each_backend!(tx.conn, |c| ledger_postings::table
            .filter(ledger_postings::id.eq_any(ids))
            .select(ledger_postings::id)
            .load(c))?;
        let found: HashSet<String> = found.into_iter().map(|id| id.0.to_string()).collect();
        let missing = page.iter().filter(|(_, subject)| !found.contains(subject));
        rows.extend(missing.map(|(_, subject)| format!("{subject} is told of, but not there")));
        if rows.len() >= MOST_ROWS {
            return Ok(rows);
        }
    }
}
