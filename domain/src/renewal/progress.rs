//! Running totals: how far a certification is from its next renewal, and by when.

use chrono::NaiveDate;

use super::{LoggedActivity, RenewalOutcome, judge};
use crate::{BadFact, certificate::Certification, competency::Framework, policy::Policy};

/// How far a certification is from its next renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalProgress {
    /// What a renewal of every free activity would come to on the day.
    pub outcome: RenewalOutcome,
    /// Minutes that are asked for.
    pub needed_minutes: i64,
    /// Minutes of them in technology.
    pub needed_technology_minutes: i64,
    /// Minutes still missing.
    pub missing_minutes: i64,
    /// Minutes in technology still missing.
    pub missing_technology_minutes: i64,
    /// Days until the last one on which a renewal can be submitted; negative after it.
    pub days_left: i64,
}

/// Where the free activities of a certification stand on a day, as if they were submitted on it.
pub fn progress(
    certification: &Certification,
    free: &[LoggedActivity],
    day: NaiveDate,
    (framework, policy): (&Framework, &Policy),
) -> Result<RenewalProgress, Vec<BadFact>> {
    let outcome = judge(certification, free, day, (framework, policy))?;
    let needed_minutes = i64::from(policy.renewal.contact_minutes);
    let needed_technology_minutes = i64::from(policy.renewal.technology_minutes);
    let missing = |needed: i64, counted: i64| needed.saturating_sub(counted).max(0);
    Ok(RenewalProgress {
        needed_minutes,
        needed_technology_minutes,
        missing_minutes: missing(needed_minutes, outcome.counted_minutes),
        missing_technology_minutes: missing(needed_technology_minutes, outcome.technology_minutes),
        days_left: outcome.window.closes_on.signed_duration_since(day).num_days(),
        outcome,
    })
}
