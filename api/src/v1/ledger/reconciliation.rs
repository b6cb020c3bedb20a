//! The ledger held against the invoices, payments and payouts, which are summed on their own.

use domain::{
    invoice::{PaymentMethod, Tender},
    ledger::{AccountKind, PostingKind},
    payout::PayoutKind,
    word::Word,
    words,
};
use persistence::{Moved, Records};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::words::one_of;

words! {
    /// What the ledger is held against the records in.
    pub enum Reconciled {
        /// The totals of invoices issued in the period.
        Issued = "issued",
        /// The totals of invoices voided in the period.
        Voided = "voided",
        /// What came in by card in the period.
        ReceivedByCard = "received_by_card",
        /// What came in by check in the period.
        ReceivedByCheck = "received_by_check",
        /// Payments by card that were reversed in the period.
        ReversedByCard = "reversed_by_card",
        /// Payments by check that were reversed in the period.
        ReversedByCheck = "reversed_by_check",
        /// What came in by card for invoices that take none, and was taken as credit in the period.
        ReceiptsCredited = "receipts_credited",
        /// What purchase orders paid for people in the period.
        PaidByOrder = "paid_by_order",
        /// What credit paid in the period.
        PaidByCredit = "paid_by_credit",
        /// What enrollment assistance paid in the period.
        PaidByAward = "paid_by_award",
        /// Payments that became due to be returned in the period.
        RefundsDue = "refunds_due",
        /// Credit that became due to be paid out in the period.
        CreditRefundsDue = "credit_refunds_due",
        /// Course subsidies that became due in the period.
        SubsidiesDue = "subsidies_due",
        /// Payouts made by card in the period.
        PaidOutByCard = "paid_out_by_card",
        /// Payouts made by check in the period.
        PaidOutByCheck = "paid_out_by_check",
        /// What is owed on invoices at the end of the period.
        OpenBalances = "open_balances",
        /// What is to be paid out at the end of the period.
        PayoutsDue = "payouts_due",
    }
}

/// One sum of the ledger beside the same sum of invoices, payments and payouts. Amounts are integer cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LedgerReconciliationView)]
pub struct ReconciliationView {
    /// What is summed.
    #[schema(schema_with = one_of::<Reconciled>)]
    pub item: Reconciled,
    /// By the ledger.
    pub ledger_cents: i64,
    /// By the invoices, payments and payouts alone.
    pub records_cents: i64,
    /// The ledger less the records: 0.
    #[schema(example = 0)]
    pub difference_cents: i64,
}

/// Every sum of the ledger beside that of the records. `ends` is what is owed and what is to be paid out
/// at the end, by the ledger.
pub(super) fn reconciliation(
    moved: &[Moved],
    ends: (i64, i64),
    records: &Records,
) -> Vec<ReconciliationView> {
    let sum = |holds: &dyn Fn(&Moved) -> bool| {
        let found = moved.iter().filter(|one| holds(one));
        found.fold(0_i64, |sum, one| sum.saturating_add(one.cents))
    };
    let debited = |kind, account| sum(&|one| one.kind == kind && one.debit == account);
    let credited = |kind, account| sum(&|one| one.kind == kind && one.credit == account);
    let received = |method: PaymentMethod| of(&records.received, method);
    let item = |item: Reconciled| {
        use AccountKind::{CashCard, CashCheck, Payable, Receivable};
        use PostingKind as P;
        let (ledger_cents, records_cents) = match item {
            Reconciled::Issued => (debited(P::InvoiceIssued, Receivable), records.issued_cents),
            Reconciled::Voided => (credited(P::InvoiceVoided, Receivable), records.voided_cents),
            Reconciled::ReceivedByCard => {
                (debited(P::PaymentReceived, CashCard), received(PaymentMethod::Card))
            }
            Reconciled::ReceivedByCheck => {
                (debited(P::PaymentReceived, CashCheck), received(PaymentMethod::Check))
            }
            Reconciled::ReversedByCard => {
                (credited(P::PaymentReversed, CashCard), of(&records.reversed, PaymentMethod::Card))
            }
            Reconciled::ReversedByCheck => (
                credited(P::PaymentReversed, CashCheck),
                of(&records.reversed, PaymentMethod::Check),
            ),
            Reconciled::ReceiptsCredited => {
                (debited(P::ReceiptCredited, CashCard), records.credited_cents)
            }
            Reconciled::PaidByOrder => {
                (credited(P::OrderApplied, Receivable), received(PaymentMethod::PurchaseOrder))
            }
            Reconciled::PaidByCredit => {
                (credited(P::CreditApplied, Receivable), received(PaymentMethod::Credit))
            }
            Reconciled::PaidByAward => {
                (credited(P::AssistanceApplied, Receivable), received(PaymentMethod::Award))
            }
            Reconciled::RefundsDue => {
                (credited(P::RefundDue, Payable), of(&records.due, PayoutKind::Refund))
            }
            Reconciled::CreditRefundsDue => {
                (credited(P::CreditRefundDue, Payable), of(&records.due, PayoutKind::CreditRefund))
            }
            Reconciled::SubsidiesDue => {
                (credited(P::SubsidyGranted, Payable), of(&records.due, PayoutKind::CourseSubsidy))
            }
            Reconciled::PaidOutByCard => {
                (credited(P::PayoutMade, CashCard), of(&records.made, Tender::Card))
            }
            Reconciled::PaidOutByCheck => {
                (credited(P::PayoutMade, CashCheck), of(&records.made, Tender::Check))
            }
            Reconciled::OpenBalances => (ends.0, records.open_cents),
            Reconciled::PayoutsDue => (ends.1, records.payable_cents),
        };
        let difference_cents = ledger_cents.saturating_sub(records_cents);
        ReconciliationView { item, ledger_cents, records_cents, difference_cents }
    };
    Reconciled::ALL.iter().copied().map(item).collect()
}

/// The sum of a word; 0 where there is none.
fn of<W: Word>(sums: &[(W, i64)], word: W) -> i64 {
    sums.iter()
        .filter(|(one, _)| *one == word)
        .fold(0, |sum, (_, cents)| sum.saturating_add(*cents))
}
