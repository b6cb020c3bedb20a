//! Account subscriptions: what happens to them by the passing of days.

use domain::calendar::add_days;
use persistence::Tx;

use super::{money::subscription_event, program::InForce};
use crate::problem::Problem;

/// Announces, once each, subscriptions of a program whose last day is near; `limit` of them. How many.
pub fn remind(tx: &mut Tx<'_>, rules: &InForce, limit: i64) -> Result<usize, Problem> {
    let days = rules.policy.accounts.reminder_days;
    let until = add_days(rules.today, days.into());
    let mut announced = 0;
    for near in tx.subscriptions().ending(&rules.program.code, until, limit)? {
        if let Some((mut told, fact)) = near.remind(rules.today, days) {
            tx.subscriptions().save(&mut told)?;
            tx.record(subscription_event(&told, fact))?;
            announced += 1;
        }
    }
    Ok(announced)
}
