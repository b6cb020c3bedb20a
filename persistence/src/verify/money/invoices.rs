//! Invoices, their payments and what their settlement activated, against the ledger.

use std::collections::HashMap;

use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use domain::{
    InvoiceId,
    invoice::{Invoice, InvoiceState, Payment, PaymentMethod},
    ledger::{self, AccountKind, Payer, Posting, PostingKind},
    subscription::Subscription,
};

use super::{MOST_ROWS, PAGE};
use crate::{
    Error, InvoiceFilter, LedgerFilter, Page, Tx,
    conn::each_backend,
    payer,
    schema::{ledger_postings, ledger_transfers},
    types::V,
};

/// Every invoice with its payments, a page at a time, until enough is known to be broken.
fn each_page(
    tx: &mut Tx<'_>,
    mut judge: impl FnMut(&mut Tx<'_>, &[Invoice], &mut Vec<String>) -> Result<(), Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = tx.invoices().list(&InvoiceFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        judge(tx, &page, &mut rows)?;
        if rows.len() >= MOST_ROWS {
            return Ok(rows);
        }
    }
}

fn named(invoice: &Invoice) -> String {
    format!("{} {}", invoice.id, invoice.number)
}

pub(super) fn unbalanced(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_page(tx, |_, page, rows| {
        for invoice in page {
            let sum = invoice.lines.iter().try_fold(0_i64, |sum, line| {
                let amount = line.quantity.checked_mul(line.unit_cents)?;
                sum.checked_add(amount).filter(|_| amount == line.amount_cents)
            });
            if sum != Some(invoice.total_cents) || invoice.paid_cents() > invoice.total_cents {
                rows.push(named(invoice));
            }
        }
        Ok(())
    })
}

/// Series of numbers, a program and a year each, that are not 1, 2, 3 and so on.
pub(super) fn gaps_in_numbers(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut series: HashMap<String, (i64, i64)> = HashMap::new();
    let mut rows = each_page(tx, |_, page, rows| {
        for invoice in page {
            let read = invoice.number.rsplit_once('-');
            let Some((of, sequence)) = read.and_then(|(of, n)| Some((of, n.parse().ok()?))) else {
                rows.push(format!("{} has no number of a series", named(invoice)));
                continue;
            };
            let (count, last): &mut (i64, i64) = series.entry(of.to_owned()).or_default();
            *count = count.saturating_add(1);
            *last = (*last).max(sequence);
        }
        Ok(())
    })?;
    // Numbers are unique by an index: as many as the last one says is without a gap.
    let gaps = series.into_iter().filter(|(_, (count, last))| count != last);
    rows.extend(gaps.map(|(of, (count, last))| format!("{of} has {count} invoices up to {last}")));
    Ok(rows)
}

/// The sums of one side of the receivables of some invoices, by invoice and payer.
macro_rules! receivable {
    ($tx:expr, $ids:expr, $account:ident, $payer:ident) => {{
        let sums: Result<Vec<(Option<V<InvoiceId>>, Option<String>, i64)>, Error> =
            each_backend!($tx.conn, |c| ledger_transfers::table
                .inner_join(ledger_postings::table)
                .filter(ledger_postings::invoice_id.eq_any($ids))
                .filter(ledger_transfers::$account.eq(V(AccountKind::Receivable)))
                .group_by((ledger_postings::invoice_id, ledger_transfers::$payer))
                .select((
                    ledger_postings::invoice_id,
                    ledger_transfers::$payer,
                    sql::<BigInt>("CAST(sum(ledger_transfers.amount_cents) AS bigint)"),
                ))
                .load(c))
            .map_err(Error::from);
        sums
    }};
}

pub(super) fn unequal_receivables(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let aliases = tx.merges().aliases()?;
    each_page(tx, |tx, page, rows| {
        let ids: Vec<_> = page.iter().map(|invoice| V(invoice.id)).collect();
        let mut owed: HashMap<InvoiceId, HashMap<Payer, i64>> = HashMap::new();
        let debits = receivable!(tx, ids.clone(), debit_account, debit_payer)?;
        let credits = receivable!(tx, ids, credit_account, credit_payer)?;
        let credits = credits.into_iter().map(|(id, payer, cents)| (id, payer, -cents));
        for (invoice, payer, cents) in debits.into_iter().chain(credits) {
            let (Some(V(invoice)), Some(payer)) = (invoice, payer) else { continue };
            let payer = aliases.of(payer::of_text(&payer)?);
            *owed.entry(invoice).or_default().entry(payer).or_default() += cents;
        }
        for invoice in page {
            let mut of_payers = owed.remove(&invoice.id).unwrap_or_default();
            let own = of_payers.remove(&invoice.payer).unwrap_or_default();
            if own != invoice.balance_cents() || of_payers.values().any(|cents| *cents != 0) {
                let balance = invoice.balance_cents();
                rows.push(format!("{} owes {balance}, the ledger has {own}", named(invoice)));
            }
        }
        Ok(())
    })
}

/// What tells of a payment that came in.
const RECEIPTS: &[PostingKind] = &[
    PostingKind::PaymentReceived,
    PostingKind::CreditApplied,
    PostingKind::AssistanceApplied,
    PostingKind::OrderApplied,
];
/// What tells of a payment that goes back.
const RETURNS: &[PostingKind] =
    &[PostingKind::RefundDue, PostingKind::CreditReturned, PostingKind::AssistanceReturned];

pub(super) fn unposted_payments(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_page(tx, |tx, page, rows| {
        let payments = page.iter().flat_map(|invoice| &invoice.payments);
        let sources: Vec<String> = payments.map(|payment| payment.id.to_string()).collect();
        let mut postings: HashMap<String, Vec<Posting>> = HashMap::new();
        for posting in tx.ledger().by_sources(&sources)? {
            postings.entry(posting.source.clone()).or_default().push(posting);
        }
        for invoice in page {
            for payment in &invoice.payments {
                let found = postings.get(&payment.id.to_string()).map_or(&[][..], Vec::as_slice);
                if !is_posted(invoice, payment, found) {
                    rows.push(format!("{} of {}", payment.id, named(invoice)));
                }
            }
        }
        Ok(())
    })
}

fn is_posted(invoice: &Invoice, payment: &Payment, postings: &[Posting]) -> bool {
    let of = |kinds: &[PostingKind]| -> Vec<&Posting> {
        postings.iter().filter(|one| kinds.contains(&one.kind)).collect()
    };
    let (reversals, receipts) = (of(&[PostingKind::PaymentReversed]), of(RECEIPTS));
    let undone = ledger::reverse_payment(invoice.payer, payment);
    let reversed = match reversals.as_slice() {
        [] => payment.reversed.is_none(),
        [one] => payment.reversed.is_some() && one.transfers == undone,
        _ => false,
    };
    let [posting] = receipts.as_slice() else { return false };
    let moved = |posting: &Posting| {
        posting.transfers.iter().try_fold(0_i64, |sum, one| sum.checked_add(one.amount_cents))
    };
    let sum = moved(posting);
    let returned = of(RETURNS).into_iter().try_fold(0_i64, |sum, one| sum.checked_add(moved(one)?));
    // Credit that paid an invoice which is void became credit with that: its return moves nothing.
    let all_returned = returned == Some(payment.refunded_cents)
        || (invoice.voided_on.is_some()
            && payment.method == PaymentMethod::Credit
            && returned.is_some_and(|cents| cents < payment.refunded_cents));
    reversed
        && all_returned
        && posting.invoice == Some(invoice.id)
        && sum == Some(payment.received_cents)
        && posting.transfers == ledger::pay(invoice.payer, payment)
}

pub(super) fn unequal_subscriptions(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each_page(tx, |tx, page, rows| {
        let ids: Vec<_> = page.iter().map(|invoice| invoice.id).collect();
        let mut found: HashMap<InvoiceId, Subscription> = HashMap::new();
        for one in tx.subscriptions().of_invoices(&ids)? {
            found.insert(one.invoice, one);
        }
        for invoice in page {
            if !is_subscribed(tx, invoice, found.get(&invoice.id))? {
                rows.push(named(invoice));
            }
        }
        Ok(())
    })
}

/// A settled application fee has a subscription; one that is returned in full ends it, unless its years
/// were over by then.
fn is_subscribed(
    tx: &mut Tx<'_>,
    invoice: &Invoice,
    found: Option<&Subscription>,
) -> Result<bool, Error> {
    let (Some(person), Some(_)) = (invoice.person(), invoice.application) else {
        return Ok(found.is_none());
    };
    let settled = invoice.state() == InvoiceState::Paid;
    let Some(subscription) = found else { return Ok(!settled) };
    if subscription.person != person {
        return Ok(false);
    }
    if !settled {
        // Settled once, until a payment was reversed.
        let last =
            invoice.payments.iter().filter_map(|one| one.reversed.as_ref()).map(|one| one.on);
        let last = last.max();
        return Ok(
            last.is_some_and(|day| subscription.ended_on.is_some() || day > subscription.ends_on)
        );
    }
    match (invoice.is_returned(), subscription.ended_on) {
        (false, ended_on) => Ok(ended_on.is_none()),
        (true, Some(_)) => Ok(true),
        (true, None) => {
            let filter = LedgerFilter { invoice: Some(invoice.id), ..LedgerFilter::default() };
            let postings = tx.ledger().postings(&filter, Page { after: None, limit: PAGE })?;
            let last = postings.iter().map(|posting| posting.posted_on).max();
            Ok(last.is_some_and(|day| day > subscription.ends_on))
        }
    }
}
