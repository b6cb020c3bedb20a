//! Fees: what something costs a person, by the schedule in force (FAQ 21). Integer cents.

use serde::Serialize;

use crate::{
    BadFact,
    calendar::Faults,
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
