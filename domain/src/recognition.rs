//! Recognition agreements: colleges whose graduates are certified without more (FAQ 12, 16).

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, all_satisfied, calendar,
    calendar::Faults,
    certification::Requirement,
    competency::{Framework, SetCode, SetMask},
    policy::{CertificationPolicy, RecognitionPolicy},
    text, words,
};

words! {
    /// What kind of agreement a college's requirements allow.
    pub enum Coverage {
        /// Everything is covered: graduates only apply.
        Full = "full",
        /// Graduates meet what is missing in another way.
        Partial = "partial",
    }
}

/// What a college's graduation requirements cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageOutcome {
    /// The kind of agreement that may be signed.
    pub outcome: Coverage,
    /// Required sets that are not covered, in the framework's order: conditions of a partial agreement.
    pub missing_required: Vec<SetCode>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// Why.
    pub findings: Vec<Finding>,
}

/// Decides the coverage of an agreement (FAQ 12). Bad facts at `/covered_sets`: unknown or repeated sets.
pub fn coverage(
    covered_sets: &[SetCode],
    framework: &Framework,
    policy: &CertificationPolicy,
) -> Result<CoverageOutcome, Vec<BadFact>> {
    let mut faults = Faults::default();
    let covered = framework.read_sets("/covered_sets", covered_sets, &mut faults);
    faults.none()?;
    let requirement = Requirement::of(framework, policy);
    let missing = framework.codes(requirement.missing_required(covered));
    let electives_missing = requirement.electives_missing(covered);
    let findings = vec![
        required_finding(requirement, covered, &missing),
        electives_finding(requirement, covered),
    ];
    let outcome = if all_satisfied(&findings) { Coverage::Full } else { Coverage::Partial };
    Ok(CoverageOutcome { outcome, missing_required: missing, electives_missing, findings })
}

fn required_finding(needed: Requirement, covered: SetMask, missing: &[SetCode]) -> Finding {
    let held = covered.and(needed.required).count();
    let required = text::counted(needed.required_needed.into(), "required set");
    Finding {
        rule: "recognition.required_covered".into(),
        satisfied: missing.is_empty(),
        message: format!(
            "The requirements cover {held} of the {required}; missing: {}.",
            text::list(missing)
        ),
        required,
        actual: text::counted(held.into(), "required set"),
        source: "FAQ 12".into(),
    }
}

fn electives_finding(needed: Requirement, covered: SetMask) -> Finding {
    let held = text::counted(covered.and(needed.electives).count().into(), "elective set");
    let required = text::counted(needed.electives_needed.into(), "elective set");
    Finding {
        rule: "recognition.electives_covered".into(),
        satisfied: needed.electives_missing(covered) == 0,
        message: format!("The requirements cover {held}, at least {required} are needed."),
        required: format!("at least {required}"),
        actual: held,
        source: "FAQ 12".into(),
    }
}

/// The last day of an agreement signed on `signed_on` (set).
#[must_use]
pub fn agreement_ends_on(signed_on: NaiveDate, policy: &RecognitionPolicy) -> NaiveDate {
    calendar::add_years(signed_on, policy.agreement_years)
}

/// Whether a graduation falls under an agreement: from two years before its signing on (FAQ 16)
/// through its last day.
#[must_use]
pub fn graduate_finding(
    graduated_on: NaiveDate,
    signed_on: NaiveDate,
    ends_on: NaiveDate,
    policy: &RecognitionPolicy,
) -> Finding {
    let opens = calendar::add_years(signed_on, -policy.graduate_window_years);
    Finding {
        rule: "recognition.graduation_window".into(),
        satisfied: (opens..=ends_on).contains(&graduated_on),
        required: format!("graduated from {opens} to {ends_on}"),
        actual: format!("graduated on {graduated_on}"),
        message: format!(
            "The agreement covers graduations from {opens} to {ends_on}; this one was on {graduated_on}."
        ),
        source: "FAQ 16".into(),
    }
}

/// The last day of a provisional certification whose holder has not shown the hours (set).
#[must_use]
pub fn provisional_ends_on(awarded_on: NaiveDate, policy: &RecognitionPolicy) -> NaiveDate {
    calendar::add_years(awarded_on, policy.provisional_years)
}
