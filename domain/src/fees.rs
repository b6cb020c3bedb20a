//! Fees: what something costs a person, by the schedule in force (FAQ 21). Integer cents.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding,
    calendar::Faults,
    person::{Membership, MembershipState},
    policy::{FeeCode, FeePolicy},
};

/// The most of one item in one quote.
pub const MAX_QUANTITY: i64 = 10_000;
/// The most items in one quote.
pub const MAX_ITEMS: usize = 100;

/// Something to be paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub code: FeeCode,
    /// How many, 1 to 10,000.
    pub quantity: i64,
}

/// One line of a quote. Cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct QuoteLine {
    /// What.
    pub code: FeeCode,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_cents: i64,
    /// The price of all of them.
    pub amount_cents: i64,
}

/// What the items cost together. Cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// ISO 4217 code.
    pub currency: String,
    /// One line for each item, in the order of the items.
    pub lines: Vec<QuoteLine>,
    /// The sum of the lines.
    pub total_cents: i64,
}

/// Quotes items by the schedule (FAQ 21); `member` where an ALA membership is verified for the date.
/// Bad facts: no items or too many, a quantity out of range, an item without a price, a sum beyond 64 bits.
pub fn quote(member: bool, items: &[Item], policy: &FeePolicy) -> Result<Quote, Vec<BadFact>> {
    let mut faults = Faults::default();
    if items.is_empty() || items.len() > MAX_ITEMS {
        faults.add("/items", "length", format!("A quote has 1 to {MAX_ITEMS} items."));
    }
    let mut lines = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        lines.extend(quote_line(&format!("/items/{index}"), member, *item, policy, &mut faults));
    }
    let total = sum(lines.iter().map(|line| line.amount_cents));
    if total.is_none() {
        faults.add("/items", "out_of_range", "The total is too large.");
    }
    faults.none()?;
    let currency = policy.currency.clone();
    Ok(Quote { currency, lines, total_cents: total.unwrap_or_default() })
}

fn quote_line(
    pointer: &str,
    member: bool,
    item: Item,
    policy: &FeePolicy,
    faults: &mut Faults,
) -> Option<QuoteLine> {
    if !(1..=MAX_QUANTITY).contains(&item.quantity) {
        let detail = format!("A quantity is from 1 to {MAX_QUANTITY}.");
        faults.add(format!("{pointer}/quantity"), "out_of_range", detail);
        return None;
    }
    let Some(fee) = policy.schedule.get(&item.code) else {
        let detail = format!("The schedule has no price for {}.", item.code);
        faults.add(format!("{pointer}/code"), "unknown", detail);
        return None;
    };
    let unit_cents = fee.price(member);
    let Some(amount_cents) = unit_cents.checked_mul(item.quantity) else {
        faults.add(format!("{pointer}/quantity"), "out_of_range", "The amount is too large.");
        return None;
    };
    Some(QuoteLine { code: item.code, quantity: item.quantity, unit_cents, amount_cents })
}

/// The sum of amounts, or nothing where it leaves 64 bits: money never wraps.
#[must_use]
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add)
}

/// Why the member price holds on a day or does not (FAQ 21): an ALA membership must be verified for that
/// day. One that is claimed only does not bring it yet; verified within `member_credit_days` of an
/// invoice, the difference is credited.
#[must_use]
pub fn member_finding(memberships: &[Membership], on: NaiveDate) -> Finding {
    let covering = memberships.iter().find(|one| one.covers(on));
    let claimed = memberships.iter().any(|one| one.state == MembershipState::Claimed);
    let verified = memberships.iter().any(|one| one.state == MembershipState::Verified);
    let (actual, message) = match covering {
        Some(one) => (
            format!("membership {} is valid on {on}", one.number),
            "The member price holds: an ALA membership is verified for the day.",
        ),
        None if claimed => (
            "a membership that is claimed, not verified".to_owned(),
            "The full price holds while the claimed membership is not verified; verified in time, the \
             difference is credited.",
        ),
        None if verified => (
            format!("no membership that is valid on {on}"),
            "The full price holds: the verified membership is not valid on the day.",
        ),
        None => (
            "no membership".to_owned(),
            "The full price holds: no ALA membership was claimed. None is needed to take part.",
        ),
    };
    let satisfied = covering.is_some();
    Finding::new(
        "fees.member_price",
        "FAQ 21",
        satisfied,
        "an ALA membership verified for the day",
        actual,
        message,
    )
}

/// What is taken off a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deductions {
    /// Granted enrollment assistance, for the application fee only. Cents.
    pub assistance_cents: i64,
    /// The person's credit. Cents.
    pub credit_cents: i64,
}

/// What is left to pay of a quote, and what of the offered deductions is taken off: assistance first, no
/// more than the application fee; then credit, no more than the rest.
#[must_use]
pub fn deduct(quote: &Quote, offered: Deductions) -> (Deductions, i64) {
    let application = quote
        .lines
        .iter()
        .filter(|line| line.code == FeeCode::Application)
        .fold(0_i64, |sum, line| sum.saturating_add(line.amount_cents));
    let assistance_cents = offered.assistance_cents.clamp(0, application.max(0));
    let rest = quote.total_cents.saturating_sub(assistance_cents);
    let credit_cents = offered.credit_cents.clamp(0, rest.max(0));
    (Deductions { assistance_cents, credit_cents }, rest.saturating_sub(credit_cents))
}
