//! Audits of renewals: a draw that anyone can repeat, and what becomes of the renewals that it took (set).
//!
//! The renewals that were granted in a period are the tickets. They are ordered as in a round of enrollment
//! assistance ([`crate::award::ranks`]): by SHA-256(`seed:renewal`), the smallest first.

mod case;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, RenewalAuditId, RenewalId, calendar, calendar::Faults, facts,
    policy::RenewalPolicy, program::ProgramCode,
};

pub use case::{AuditCase, AuditCaseEvent, AuditCaseState, AuditOutcome, AuditStatus, HandedIn};

/// The most renewals that are drawn by number.
pub const MAX_DRAWN: i64 = 100_000;
/// How often documents may be handed in at most, and how many files each time.
pub const MAX_HANDED_IN: usize = 20;

/// An audit: its draw is held when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenewalAudit {
    /// Identity.
    pub id: RenewalAuditId,
    /// The program.
    pub program: ProgramCode,
    /// First day of the period in which the renewals were granted.
    pub granted_from: NaiveDate,
    /// Last day of it, a day that is over: no ticket is added later.
    pub granted_until: NaiveDate,
    /// The seed, as its source published it.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: String,
    /// The share that was drawn, percent, where it was told so.
    pub share_percent: Option<u32>,
    /// How many renewals were granted in the period.
    pub tickets: i64,
    /// How many were drawn.
    pub drawn: i64,
    /// The day of the draw.
    pub drawn_on: NaiveDate,
    /// The day by which documents are due.
    pub documents_by: NaiveDate,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// How many renewals an audit draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// So many.
    Count(i64),
    /// So many of a hundred, rounded up.
    Percent(u32),
}

impl Sample {
    /// Reads the two optional forms; the policy's share where neither is given.
    pub fn from_forms(
        count: Option<i64>,
        share_percent: Option<u32>,
        policy: &RenewalPolicy,
    ) -> Result<Self, BadFact> {
        match (count, share_percent) {
            (Some(_), Some(_)) => {
                Err(BadFact::at("/share_percent", "exclusive", "Say a count or a share."))
            }
            (Some(count), None) if !(1..=MAX_DRAWN).contains(&count) => {
                let detail = format!("It is from 1 to {MAX_DRAWN}.");
                Err(BadFact::at("/count", "out_of_range", detail))
            }
            (Some(count), None) => Ok(Self::Count(count)),
            (None, Some(share)) if !(1..=100).contains(&share) => {
                Err(BadFact::at("/share_percent", "out_of_range", "It is from 1 to 100."))
            }
            (None, Some(share)) => Ok(Self::Percent(share)),
            (None, None) if policy.audit_percent == 0 => {
                let detail = "The policy draws no share by itself: say a count or a share.";
                Err(BadFact::at("/share_percent", "required", detail))
            }
            (None, None) => Ok(Self::Percent(policy.audit_percent)),
        }
    }

    /// How many that are of so many tickets: never more than there are, one at least of a share.
    #[must_use]
    pub fn of(self, tickets: i64) -> i64 {
        let many = match self {
            Self::Count(count) => count,
            Self::Percent(share) => {
                tickets.saturating_mul(share.into()).saturating_add(99).saturating_div(100)
            }
        };
        many.clamp(0, tickets.max(0))
    }

    /// The share, where it is one.
    #[must_use]
    pub fn percent(self) -> Option<u32> {
        match self {
            Self::Count(_) => None,
            Self::Percent(share) => Some(share),
        }
    }
}

impl RenewalAudit {
    /// What is wrong with its facts as of today: the period is over.
    #[must_use]
    pub fn faults(&self, today: NaiveDate) -> Vec<BadFact> {
        let mut faults = Faults::default();
        faults.date("/granted_from", self.granted_from);
        faults.date("/granted_until", self.granted_until);
        let last = (self.granted_until, "its last day");
        faults.order("/granted_until", (self.granted_from, "The first day of the period"), last);
        if self.granted_until >= today {
            let detail = format!("The period is over before the draw, which is held on {today}.");
            faults.add("/granted_until", "order", detail);
        }
        faults.none().err().unwrap_or_default()
    }

    /// The finding on drawing from so many tickets.
    #[must_use]
    pub fn tickets_finding(tickets: i64) -> Finding {
        Finding::new(
            "audit.tickets",
            "house rule",
            tickets > 0,
            "a renewal that was granted in the period",
            tickets.to_string(),
            "An audit draws from the renewals that were granted in its period.",
        )
    }

    /// The day by which documents are due.
    #[must_use]
    pub fn due(today: NaiveDate, policy: &RenewalPolicy) -> NaiveDate {
        calendar::add_days(today, policy.audit_days.into())
    }
}

facts! {
    /// What happens to audits.
    pub enum AuditEvent {
        /// Its draw was held.
        Drawn = "audit.drawn" { after: RenewalAudit, renewals: Vec<RenewalId> },
    }
}
