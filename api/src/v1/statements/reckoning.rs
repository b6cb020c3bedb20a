//! How a payer's statement follows from the postings that touch the payer.

use std::collections::BTreeMap;

use domain::{
    InvoiceId,
    ledger::{Account, AccountKind, Payer, Posting, PostingKind, Transfer},
};

/// What a posting does to a payer. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'p> {
    /// The posting.
    pub(super) posting: &'p Posting,
    /// What the payer owes more, or has less in store.
    pub(super) charge_cents: i64,
    /// What the payer owes less, or has more in store.
    pub(super) payment_cents: i64,
    /// What it moves in all, that within the payer's own accounts too.
    pub(super) amount_cents: i64,
    /// What the payer owes after it, less what is in store.
    pub(super) balance_cents: i64,
}

/// What all of it comes to. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_field_names, reason = "amounts name their unit")]
pub(super) struct Sums {
    /// What is owed, less what is in store.
    pub(super) balance_cents: i64,
    /// What is owed on invoices.
    pub(super) owed_cents: i64,
    /// What was paid of invoices.
    pub(super) paid_cents: i64,
    /// Credit.
    pub(super) credit_cents: i64,
    /// What is to be paid out.
    pub(super) payable_cents: i64,
}

/// The payer's invoices. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Invoices {
    /// How many were issued.
    pub(super) issued: u64,
    /// How many of them are void.
    pub(super) void: u64,
    /// Of how many something is owed.
    pub(super) owed: u64,
    /// The totals of those that are not void.
    pub(super) total_cents: i64,
    /// What was paid of those.
    pub(super) paid_cents: i64,
    /// What is owed on them.
    pub(super) balance_cents: i64,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reckoned<'p> {
    /// One entry a posting, in their order.
    pub(super) entries: Vec<Entry<'p>>,
    /// What they come to.
    pub(super) sums: Sums,
    /// The invoices.
    pub(super) invoices: Invoices,
}

#[derive(Debug, Clone, Copy, Default)]
struct One {
    total: i64,
    paid: i64,
    void: bool,
}

/// What an account of `payer` is to the statement: orders that will pay for others are not the payer's
/// own money.
fn own(account: Account, payer: Payer) -> Option<AccountKind> {
    let kinds = [AccountKind::Receivable, AccountKind::CustomerCredit, AccountKind::Payable];
    (account.payer == Some(payer)).then_some(account.kind).filter(|kind| kinds.contains(kind))
}

/// Whether postings of a kind pay invoices.
fn pays(kind: PostingKind) -> bool {
    matches!(
        kind,
        PostingKind::PaymentReceived
            | PostingKind::CreditApplied
            | PostingKind::AssistanceApplied
            | PostingKind::OrderApplied
    )
}

/// The statement of `payer` by the postings of one program, oldest first; none where a sum leaves 64 bits.
pub(super) fn reckon(postings: &[Posting], payer: Payer) -> Option<Reckoned<'_>> {
    let mut entries = Vec::with_capacity(postings.len());
    let mut sums = Sums::default();
    let mut invoices: BTreeMap<InvoiceId, One> = BTreeMap::new();
    for posting in postings {
        let mut entry =
            Entry { posting, charge_cents: 0, payment_cents: 0, amount_cents: 0, balance_cents: 0 };
        for transfer in &posting.transfers {
            add(&mut entry, &mut sums, transfer, payer)?;
            if let Some(invoice) = posting.invoice {
                count(&mut invoices, invoice, posting.kind, transfer, payer)?;
            }
        }
        let moved = entry.charge_cents.checked_sub(entry.payment_cents)?;
        sums.balance_cents = sums.balance_cents.checked_add(moved)?;
        entry.balance_cents = sums.balance_cents;
        if entry.amount_cents > 0 {
            entries.push(entry);
        }
    }
    Some(Reckoned { entries, sums, invoices: summed(&invoices)? })
}

fn add(entry: &mut Entry<'_>, sums: &mut Sums, transfer: &Transfer, payer: Payer) -> Option<()> {
    let cents = transfer.amount_cents;
    let (debit, credit) = (own(transfer.debit, payer), own(transfer.credit, payer));
    match (debit, credit) {
        (None, None) => return Some(()),
        (Some(_), Some(_)) => {}
        (Some(_), None) => entry.charge_cents = entry.charge_cents.checked_add(cents)?,
        (None, Some(_)) => entry.payment_cents = entry.payment_cents.checked_add(cents)?,
    }
    entry.amount_cents = entry.amount_cents.checked_add(cents)?;
    for (account, cents) in [(debit, cents), (credit, cents.checked_neg()?)] {
        let (sum, cents) = match account {
            Some(AccountKind::Receivable) => (&mut sums.owed_cents, cents),
            // What is in store for the payer grows with credits.
            Some(AccountKind::CustomerCredit) => (&mut sums.credit_cents, cents.checked_neg()?),
            Some(AccountKind::Payable) => (&mut sums.payable_cents, cents.checked_neg()?),
            _ => continue,
        };
        *sum = sum.checked_add(cents)?;
    }
    if entry.posting.kind == PostingKind::PaymentReversed && debit == Some(AccountKind::Receivable)
    {
        sums.paid_cents = sums.paid_cents.checked_sub(cents)?;
    }
    if pays(entry.posting.kind) && credit == Some(AccountKind::Receivable) {
        sums.paid_cents = sums.paid_cents.checked_add(cents)?;
    }
    Some(())
}

fn count(
    invoices: &mut BTreeMap<InvoiceId, One>,
    invoice: InvoiceId,
    kind: PostingKind,
    transfer: &Transfer,
    payer: Payer,
) -> Option<()> {
    let owed = Some(AccountKind::Receivable);
    let (debit, credit) = (own(transfer.debit, payer), own(transfer.credit, payer));
    if kind == PostingKind::InvoiceIssued && debit == owed {
        let one = invoices.entry(invoice).or_default();
        one.total = one.total.checked_add(transfer.amount_cents)?;
    } else if kind == PostingKind::InvoiceVoided && credit == owed {
        invoices.entry(invoice).or_default().void = true;
    } else if pays(kind) && credit == owed {
        let one = invoices.entry(invoice).or_default();
        one.paid = one.paid.checked_add(transfer.amount_cents)?;
    } else if kind == PostingKind::PaymentReversed && debit == owed {
        let one = invoices.entry(invoice).or_default();
        one.paid = one.paid.checked_sub(transfer.amount_cents)?;
    }
    Some(())
}

fn summed(invoices: &BTreeMap<InvoiceId, One>) -> Option<Invoices> {
    let mut sums = Invoices::default();
    for one in invoices.values() {
        sums.issued = sums.issued.saturating_add(1);
        if one.void {
            sums.void = sums.void.saturating_add(1);
            continue;
        }
        let balance = one.total.checked_sub(one.paid)?;
        sums.owed = sums.owed.saturating_add(u64::from(balance > 0));
        sums.total_cents = sums.total_cents.checked_add(one.total)?;
        sums.paid_cents = sums.paid_cents.checked_add(one.paid)?;
        sums.balance_cents = sums.balance_cents.checked_add(balance)?;
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use chrono::{DateTime, NaiveDate};
    use domain::{PersonId, PostingId, Word as _, ledger::Balances, program::ProgramCode};
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn posting(number: u128, kind: PostingKind, transfers: Vec<Transfer>) -> Posting {
        Posting {
            id: PostingId::from_bits(number),
            program: ProgramCode::lssc(),
            kind,
            currency: "USD".to_owned(),
            posted_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
            invoice: Some(InvoiceId::from_bits(1)),
            source: String::new(),
            transfers,
            recorded_by: String::new(),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_paid_too_much_is_in_store_until_it_is_paid_out() {
        let ada = Payer::Person(PersonId::from_bits(7));
        let owed = Account::owned(AccountKind::Receivable, ada);
        let credit = Account::owned(AccountKind::CustomerCredit, ada);
        let payable = Account::owned(AccountKind::Payable, ada);
        let cash = Account::of(AccountKind::CashCheck);
        let income = Account::of(AccountKind::RevenuePortfolio);
        let moved = |debit, credit, amount_cents| Transfer { debit, credit, amount_cents };
        let postings = [
            posting(1, PostingKind::InvoiceIssued, vec![moved(owed, income, 6_000)]),
            posting(
                2,
                PostingKind::PaymentReceived,
                vec![moved(cash, owed, 6_000), moved(cash, credit, 1_500)],
            ),
            posting(3, PostingKind::CreditRefundDue, vec![moved(credit, payable, 1_500)]),
            posting(4, PostingKind::PayoutMade, vec![moved(payable, cash, 500)]),
        ];
        let found = reckon(&postings, ada).unwrap();
        let running: Vec<_> = found.entries.iter().map(|one| one.balance_cents).collect();
        assert_eq!(running, [6_000, -1_500, -1_500, -1_000]);
        let within = found.entries.get(2).unwrap();
        assert_eq!((within.charge_cents, within.payment_cents, within.amount_cents), (0, 0, 1_500));
        let sums = found.sums;
        assert_eq!(
            (sums.owed_cents, sums.paid_cents, sums.credit_cents, sums.payable_cents),
            (0, 6_000, 0, 1_000)
        );
        assert_eq!(sums.balance_cents, sums.owed_cents - sums.credit_cents - sums.payable_cents);
        assert_eq!((found.invoices.issued, found.invoices.owed), (1, 0));
        let other = Payer::Person(PersonId::from_bits(8));
        assert_eq!(reckon(&postings, other).unwrap().entries, []);
    }

    fn account() -> impl Strategy<Value = Account> {
        let whose = (0_u128..3, select(AccountKind::ALL.to_vec()));
        whose.prop_map(|(who, kind)| match (kind.is_of_a_payer(), who) {
            (true, who) => Account::owned(kind, Payer::Person(PersonId::from_bits(who))),
            (false, _) => Account::of(kind),
        })
    }

    proptest! {
        /// Whatever was posted: a statement comes to what the ledger has on the payer's accounts.
        #[test]
        fn a_statement_equals_the_ledger(
            moves in vec((select(PostingKind::ALL.to_vec()), account(), account(), 1_i64..1_000_000), 0..60),
        ) {
            let postings: Vec<_> = (1..)
                .zip(moves)
                .map(|(number, (kind, debit, credit, amount_cents))| {
                    posting(number, kind, vec![Transfer { debit, credit, amount_cents }])
                })
                .collect();
            let transfers = postings.iter().flat_map(|one| &one.transfers);
            let ledger = Balances::default().with(transfers).unwrap();
            for payer in (0..3).map(|who| Payer::Person(PersonId::from_bits(who))) {
                let of = |kind| ledger.of(Account::owned(kind, payer));
                let found = reckon(&postings, payer).unwrap();
                let sums = found.sums;
                prop_assert_eq!(sums.owed_cents, of(AccountKind::Receivable));
                prop_assert_eq!(sums.credit_cents, -of(AccountKind::CustomerCredit));
                prop_assert_eq!(sums.payable_cents, -of(AccountKind::Payable));
                prop_assert_eq!(sums.balance_cents, sums.owed_cents - sums.credit_cents - sums.payable_cents);
                let moved: i64 = found.entries.iter().map(|one| one.charge_cents - one.payment_cents).sum();
                prop_assert_eq!(moved, sums.balance_cents);
            }
        }
    }
}
