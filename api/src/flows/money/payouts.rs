//! Payouts: what the program returns or reimburses.

use domain::{
    Finding,
    award::{Subsidy, SubsidyEvent},
    event::Event,
    ledger::{self, Payer, PostingKind},
    payout::{Payout, PayoutEvent, PayoutKind, PayoutProof},
};
use persistence::Tx;

use super::{About, hold_credit, post};
use crate::{flows::program::InForce, problem::Problem};

/// An event of a payout.
fn event(payout: &Payout, fact: PayoutEvent) -> Event<PayoutEvent> {
    Event {
        program: Some(payout.program.clone()),
        subject: payout.id.to_string(),
        person: payout.payee.person(),
        fact,
    }
}

/// A payout that is due from today, of what nothing else is told yet.
pub(super) fn owed_back(
    tx: &Tx<'_>,
    rules: &InForce,
    kind: PayoutKind,
    payee: Payer,
    amount_cents: i64,
    reason: String,
) -> Payout {
    Payout {
        id: tx.new_id(),
        program: rules.program.code.clone(),
        payee,
        kind,
        amount_cents,
        currency: rules.policy.fees.currency.clone(),
        invoice: None,
        payment: None,
        subsidy: None,
        reason,
        due_on: rules.today,
        made: None,
        version: 1,
    }
}

/// Stores a payout that became due.
pub(super) fn payout_due(tx: &mut Tx<'_>, payout: &Payout) -> Result<(), Problem> {
    tx.payouts().insert(payout)?;
    tx.record(event(payout, payout.due()))?;
    Ok(())
}

fn about(kind: PostingKind, payout: &Payout) -> About {
    About {
        kind,
        currency: payout.currency.clone(),
        invoice: payout.invoice,
        source: payout.id.to_string(),
    }
}

/// Pays credit out: 409 where there is not so much.
pub fn refund_credit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    payee: Payer,
    amount_cents: i64,
    reason: String,
) -> Result<Payout, Problem> {
    hold_credit(tx, &rules.program.code, payee, amount_cents)?;
    let payout = owed_back(tx, rules, PayoutKind::CreditRefund, payee, amount_cents, reason);
    payout_due(tx, &payout)?;
    let about = about(PostingKind::CreditRefundDue, &payout);
    post(tx, rules, about, ledger::refund_credit(payee, amount_cents))?;
    Ok(payout)
}

/// Records that a payout was made.
pub fn make_payout(
    tx: &mut Tx<'_>,
    rules: &InForce,
    payout: Payout,
    proof: PayoutProof,
) -> Result<Payout, Problem> {
    let tender = proof.tender;
    let (mut made, fact) = payout.make(proof)?;
    tx.payouts().save(&mut made)?;
    tx.record(event(&made, fact))?;
    let about = about(PostingKind::PayoutMade, &made);
    post(tx, rules, about, ledger::pay_out(made.payee, tender, made.amount_cents))?;
    Ok(made)
}

/// An event of a course subsidy.
#[must_use]
pub fn subsidy_event(subsidy: &Subsidy, fact: SubsidyEvent) -> Event<SubsidyEvent> {
    Event {
        program: Some(subsidy.program.clone()),
        subject: subsidy.id.to_string(),
        person: Some(subsidy.person),
        fact,
    }
}

/// Grants a course subsidy, `amount_cents` of it or the most that the policy gives: its payout is due.
/// `completion` holds the findings on the completion as it stands.
pub fn grant_subsidy(
    tx: &mut Tx<'_>,
    rules: &InForce,
    subsidy: Subsidy,
    amount_cents: Option<i64>,
    completion: Vec<Finding>,
) -> Result<Subsidy, Problem> {
    let policy = &rules.policy.awards;
    let cents = amount_cents.unwrap_or_else(|| subsidy.most_cents(policy));
    let reason = "A course subsidy was granted.".to_owned();
    let payee = Payer::Person(subsidy.person);
    let payout = Payout {
        subsidy: Some(subsidy.id),
        ..owed_back(tx, rules, PayoutKind::CourseSubsidy, payee, cents, reason)
    };
    let (mut granted, fact) = subsidy.grant(cents, completion, payout.id, (policy, rules.today))?;
    tx.subsidies().save(&mut granted)?;
    tx.record(subsidy_event(&granted, fact))?;
    payout_due(tx, &payout)?;
    let about = about(PostingKind::SubsidyGranted, &payout);
    post(tx, rules, about, ledger::subsidy(payout.payee, cents))?;
    Ok(granted)
}
