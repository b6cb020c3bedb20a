//! Findings: how every decision explains itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The outcome of one rule on one set of facts. A decision carries all of its findings, the
/// satisfied ones too, so that nobody is ever told just "no".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id, for example `eligibility.work_hours`.
    pub rule: Cow<'static, str>,
    /// Whether the facts satisfy the rule.
    pub satisfied: bool,
    /// What the rule asks for, for people: `1,820 hours`.
    pub required: String,
    /// What the facts show: `1,640 hours`.
    pub actual: String,
    /// One sentence that reads alone.
    pub message: String,
    /// Where the rule comes from: `FAQ 6`.
    pub source: Cow<'static, str>,
}

impl Finding {
    /// A finding of `rule`, whose sentence stands in `source`.
    pub fn new(
        rule: &'static str,
        source: &'static str,
        satisfied: bool,
        required: impl Into<String>,
        actual: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: Cow::Borrowed(rule),
            satisfied,
            required: required.into(),
            actual: actual.into(),
            message: message.into(),
            source: Cow::Borrowed(source),
        }
    }
}

/// Whether every finding is satisfied.
#[must_use]
pub fn all_satisfied(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.satisfied)
}

/// A fact that cannot be true, at a place in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadFact {
    /// JSON Pointer into the facts, without the fragment sign: `/jobs/0/hours_per_week`.
    pub pointer: String,
    /// A stable code: `out_of_range`, `order`, `unknown`, `length`, `required`, `exclusive`, `duplicate`, `format`, `fixed`,
    /// `mandatory`, `scope`, `unknown_placeholder`, `unbalanced`.
    pub code: &'static str,
    /// One sentence for people.
    pub detail: String,
}

impl BadFact {
    /// A bad fact at `pointer`.
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}
