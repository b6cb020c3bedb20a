//! Course credit: when a completed course achieves a competency set (FAQ 10, 16).

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, all_satisfied, calendar,
    calendar::Faults,
    competency::{Framework, SetCode},
    policy::CoursePolicy,
    text,
};

/// What course credit is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditFacts {
    /// The day on which the course was approved.
    pub approved_on: NaiveDate,
    /// The last day of the approval; where absent the policy's years after `approved_on`.
    pub ends_on: Option<NaiveDate>,
    /// The day on which the candidate completed the course.
    pub completed_on: NaiveDate,
    /// The candidate's deadline.
    pub deadline: NaiveDate,
    /// The set that the course was approved for.
    pub course_set: SetCode,
    /// The set that the candidate claims.
    pub claimed_set: SetCode,
    /// Whether the provider signed the completion, or staff verified its form.
    pub proof: bool,
}

/// Whether the course counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditOutcome {
    /// Whether it achieves the set.
    pub satisfied: bool,
    /// The first day on which the course could have been completed.
    pub window_opens_on: NaiveDate,
    /// The last.
    pub window_closes_on: NaiveDate,
    /// Why.
    pub findings: Vec<Finding>,
}

/// The last day of an approval that is given on `approved_on`.
#[must_use]
pub fn approval_ends_on(approved_on: NaiveDate, policy: &CoursePolicy) -> NaiveDate {
    calendar::add_years(approved_on, policy.approval_years)
}

/// Decides course credit (FAQ 16: up to two years before the approval). Bad facts: an unknown set,
/// an approval that ends before it starts, dates out of range.
pub fn evaluate(
    facts: &CreditFacts,
    framework: &Framework,
    policy: &CoursePolicy,
) -> Result<CreditOutcome, Vec<BadFact>> {
    let closes = facts.ends_on.unwrap_or_else(|| approval_ends_on(facts.approved_on, policy));
    check(facts, framework)?;
    let opens = calendar::add_years(facts.approved_on, -policy.credit_window_years);
    let findings = vec![
        approved_finding(facts),
        window_finding(facts, opens, closes),
        deadline_finding(facts),
        proof_finding(facts),
    ];
    Ok(CreditOutcome {
        satisfied: all_satisfied(&findings),
        window_opens_on: opens,
        window_closes_on: closes,
        findings,
    })
}

fn check(facts: &CreditFacts, framework: &Framework) -> Result<(), Vec<BadFact>> {
    let mut faults = Faults::default();
    faults.date("/approved_on", facts.approved_on);
    faults.date("/completed_on", facts.completed_on);
    faults.date("/deadline", facts.deadline);
    if let Some(ends_on) = facts.ends_on {
        faults.date("/ends_on", ends_on);
        let approved = (facts.approved_on, "The day of approval");
        faults.order("/ends_on", approved, (ends_on, "its last day"));
    }
    framework.read_set("/course_set", &facts.course_set, &mut faults);
    framework.read_set("/claimed_set", &facts.claimed_set, &mut faults);
    faults.none()
}

/// FAQ 16, 17: what does not count directly may still feed a portfolio, and the refusal says so.
const PORTFOLIO_HINT: &str = "What was learned there may be used in a portfolio instead.";

fn approved_finding(facts: &CreditFacts) -> Finding {
    let satisfied = facts.course_set == facts.claimed_set;
    let (course, claimed) = (&facts.course_set, &facts.claimed_set);
    Finding {
        rule: "credit.course_approved".into(),
        satisfied,
        required: format!("a course approved for {claimed}"),
        actual: format!("a course approved for {course}"),
        message: if satisfied {
            format!("The course is approved for {claimed}.")
        } else {
            format!("The course is approved for {course}, not for {claimed}. {PORTFOLIO_HINT}")
        },
        source: "FAQ 10".into(),
    }
}

fn window_finding(facts: &CreditFacts, opens: NaiveDate, closes: NaiveDate) -> Finding {
    let satisfied = (opens..=closes).contains(&facts.completed_on);
    let completed = facts.completed_on;
    let told = format!("The course counts when completed from {opens} to {closes}");
    Finding {
        rule: "credit.completion_window".into(),
        satisfied,
        required: format!("completed from {opens} to {closes}"),
        actual: format!("completed on {completed}"),
        message: if satisfied {
            format!("{told}; it was completed on {completed}.")
        } else {
            format!("{told}; it was completed on {completed}. {PORTFOLIO_HINT}")
        },
        source: "FAQ 16".into(),
    }
}

fn deadline_finding(facts: &CreditFacts) -> Finding {
    let (completed, deadline) = (facts.completed_on, facts.deadline);
    Finding {
        rule: "credit.completed_by_deadline".into(),
        satisfied: completed <= deadline,
        required: format!("completed by {deadline}"),
        actual: format!("completed on {completed}"),
        message: format!(
            "The candidate's deadline is {deadline}; the course was completed on {completed}."
        ),
        source: "FAQ 18".into(),
    }
}

fn proof_finding(facts: &CreditFacts) -> Finding {
    let actual = if facts.proof { "shown" } else { "missing" };
    Finding {
        rule: "credit.proof".into(),
        satisfied: facts.proof,
        required: "a completion that the provider signed or staff verified".to_owned(),
        actual: actual.to_owned(),
        message: format!(
            "A completion needs the provider's signature or a form that staff verified; it is {actual}."
        ),
        source: "FAQ 10".into(),
    }
}

/// The finding on a course that is not in the catalog (FAQ 16, 17): it never counts directly.
#[must_use]
pub fn unapproved_finding() -> Finding {
    Finding {
        rule: "credit.course_approved".into(),
        satisfied: false,
        required: "an approved course".to_owned(),
        actual: "not approved".to_owned(),
        message: format!("The course is not an approved one. {PORTFOLIO_HINT}"),
        source: "FAQ 16".into(),
    }
}

/// Several courses that cover one set together: all of them are needed.
#[must_use]
pub fn bundle_finding(credited: usize, needed: usize) -> Finding {
    let count =
        |courses: usize| text::counted(u64::try_from(courses).unwrap_or(u64::MAX), "course");
    let (required, actual) = (count(needed), count(credited));
    Finding {
        rule: "credit.bundle_complete".into(),
        satisfied: credited >= needed,
        message: format!("The set is covered by {required} together; {actual} credited."),
        required,
        actual,
        source: "FAQ 10".into(),
    }
}
