//! Renewal: the window, the contact hours and the hours in technology (FAQ 19).

mod activity;
pub mod audit;
mod life;
mod log;
mod progress;
mod submission;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, all_satisfied, calendar, calendar::Faults, certification::term,
    competency::Framework, policy::Policy, text, words,
};

pub use activity::{
    Activity, ActivityKind, Amount, MAX_MINUTES, MAX_QUANTITY, NotCounted, Verdict,
};
pub use life::{Grant, Renewal, RenewalEvent, RenewalLine, RenewalState};
pub use log::{ActivityEvent, ActivityFacts, ActivityState, LoggedActivity};
pub use progress::{RenewalProgress, progress};
pub use submission::{Submission, judge};

words! {
    /// What becomes of a renewal that is submitted on the day.
    pub enum RenewalResult {
        /// The window has not opened.
        NotYetOpen = "not_yet_open",
        /// The grace period is over.
        TooLate = "too_late",
        /// It can be granted.
        Ready = "ready",
        /// Hours are missing.
        Short = "short",
    }
}
/// The most activities of one renewal.
pub const MAX_ACTIVITIES: usize = 500;

/// What a renewal is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalFacts {
    /// The first day of the term.
    pub term_started_on: NaiveDate,
    /// The last day of the term.
    pub expires_on: NaiveDate,
    /// The day on which the renewal is submitted.
    pub submitted_on: NaiveDate,
    /// The day on which the renewal before was submitted; none in the first term.
    pub previous_submitted_on: Option<NaiveDate>,
    /// The activities.
    pub activities: Vec<Activity>,
}

/// A closed period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its first day.
    pub opens_on: NaiveDate,
    /// Its last.
    pub closes_on: NaiveDate,
}

/// What a renewal comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenewalOutcome {
    /// Whether it can be granted.
    pub satisfied: bool,
    /// What becomes of it.
    pub outcome: RenewalResult,
    /// Minutes that count.
    pub counted_minutes: i64,
    /// Minutes of them in technology.
    pub technology_minutes: i64,
    /// When it may be submitted.
    pub window: Window,
    /// The first day of an activity that counts.
    pub activities_from: NaiveDate,
    /// The last.
    pub activities_through: NaiveDate,
    /// One verdict for each activity, in order.
    pub activities: Vec<Verdict>,
    /// Why.
    pub findings: Vec<Finding>,
}

/// Decides a renewal (FAQ 19). Bad facts: a term that ends before it starts, a renewal before the one
/// before it, unknown or repeated sets in an activity, dates out of range.
pub fn evaluate(
    facts: &RenewalFacts,
    framework: &Framework,
    policy: &Policy,
) -> Result<RenewalOutcome, Vec<BadFact>> {
    let (opens_on, closes_on) = term::renewal_window(facts.expires_on, policy);
    evaluate_in(facts, Window { opens_on, closes_on }, framework, policy)
}

/// [`evaluate`] in the window of a certification, which its holder was told when the term began, whatever
/// another policy says of windows since.
pub fn evaluate_in(
    facts: &RenewalFacts,
    window: Window,
    framework: &Framework,
    policy: &Policy,
) -> Result<RenewalOutcome, Vec<BadFact>> {
    check(facts, framework)?;
    let Window { opens_on, closes_on } = window;
    let previous = facts.previous_submitted_on;
    let from = previous.map_or(facts.term_started_on, |day| calendar::add_days(day, 1));
    let through = facts.submitted_on.min(closes_on);
    let verdicts: Vec<Verdict> =
        facts.activities.iter().map(|one| one.verdict(from, through, &policy.renewal)).collect();
    let minutes = verdicts.iter().map(|one| one.counted_minutes).sum();
    let in_technology = facts.activities.iter().zip(&verdicts).filter(|(one, _)| one.technology);
    let technology_minutes = in_technology.map(|(_, verdict)| verdict.counted_minutes).sum();
    let findings = vec![
        window_finding(facts.submitted_on, window),
        hours_finding("renewal.contact_hours", minutes, policy.renewal.contact_minutes),
        hours_finding(
            "renewal.technology_hours",
            technology_minutes,
            policy.renewal.technology_minutes,
        ),
    ];
    let satisfied = all_satisfied(&findings);
    let outcome = if facts.submitted_on < opens_on {
        RenewalResult::NotYetOpen
    } else if facts.submitted_on > closes_on {
        RenewalResult::TooLate
    } else if satisfied {
        RenewalResult::Ready
    } else {
        RenewalResult::Short
    };
    Ok(RenewalOutcome {
        satisfied,
        outcome,
        counted_minutes: minutes,
        technology_minutes,
        window,
        activities_from: from,
        activities_through: through,
        activities: verdicts,
        findings,
    })
}

fn check(facts: &RenewalFacts, framework: &Framework) -> Result<(), Vec<BadFact>> {
    let mut faults = Faults::default();
    for (pointer, day) in [
        ("/term_started_on", facts.term_started_on),
        ("/expires_on", facts.expires_on),
        ("/submitted_on", facts.submitted_on),
    ] {
        faults.date(pointer, day);
    }
    let term_start = (facts.term_started_on, "The start of the term");
    faults.order("/expires_on", term_start, (facts.expires_on, "its end"));
    if let Some(previous) = facts.previous_submitted_on {
        faults.date("/previous_submitted_on", previous);
        let submitted = (facts.submitted_on, "this one");
        faults.order("/previous_submitted_on", (previous, "The renewal before"), submitted);
    }
    if facts.activities.len() > MAX_ACTIVITIES {
        faults.add("/activities", "length", format!("At most {MAX_ACTIVITIES} are read."));
    }
    for (index, activity) in facts.activities.iter().enumerate() {
        faults.date(&format!("/activities/{index}/dated_on"), activity.dated_on);
        framework.read_sets(&format!("/activities/{index}/sets"), &activity.sets, &mut faults);
    }
    faults.none()
}

pub(crate) fn window_finding(submitted_on: NaiveDate, window: Window) -> Finding {
    let Window { opens_on, closes_on } = window;
    Finding {
        rule: "renewal.window".into(),
        satisfied: (opens_on..=closes_on).contains(&submitted_on),
        required: format!("submitted from {opens_on} to {closes_on}"),
        actual: format!("submitted on {submitted_on}"),
        message: format!(
            "A renewal may be submitted from {opens_on} to {closes_on}; the day is {submitted_on}."
        ),
        source: "FAQ 19".into(),
    }
}

fn hours_finding(rule: &'static str, minutes: i64, needed: u32) -> Finding {
    let required = text::hours(needed.into());
    let actual = text::hours(minutes.unsigned_abs());
    let what = if rule == "renewal.technology_hours" { "in technology" } else { "of activities" };
    Finding {
        rule: rule.into(),
        satisfied: minutes >= needed.into(),
        message: format!("Found {actual} {what} that count, needed {required}."),
        required: format!("at least {required}"),
        actual,
        source: "FAQ 19".into(),
    }
}
