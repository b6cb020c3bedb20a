//! What a caller may do next to a resource.

use domain::{Finding, Word, access::Action, all_satisfied};

use crate::answer::{ActionView, FindingView};

/// One action: allowed when its findings are all satisfied.
#[must_use]
pub fn view(
    action: Action,
    method: &'static str,
    href: String,
    findings: Vec<Finding>,
) -> ActionView {
    ActionView {
        name: action.as_str().to_owned(),
        method,
        href,
        allowed: all_satisfied(&findings),
        findings: findings.into_iter().map(FindingView::from).collect(),
    }
}
