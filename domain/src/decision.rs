//! Decisions that explain themselves: what a refused one says, and which acts are open.

use crate::{Finding, Word};

/// Why a decision was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The resource is not in a state in which this can be done (409).
    #[error("the state does not allow this")]
    State(Vec<Finding>),
    /// The facts do not satisfy the program's rules (422).
    #[error("the rules are not satisfied")]
    Rule(Vec<Finding>),
}

impl Refused {
    /// The findings of the refusal.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::State(findings) | Self::Rule(findings) => findings,
        }
    }
}

/// The finding on whether `state` is one of `allowed`, for an act on a life cycle.
#[must_use]
pub fn state_finding<S: Word + std::fmt::Display>(
    rule: &'static str,
    act: &str,
    state: S,
    allowed: &[S],
) -> Finding {
    let satisfied = allowed.contains(&state);
    let wanted: Vec<_> = allowed.iter().map(|state| state.as_str()).collect();
    let message = if satisfied {
        format!("{act}: possible while {state}.")
    } else {
        format!("{act}: not possible while {state}, only while {}.", wanted.join(" or "))
    };
    Finding::new(rule, "life cycle", satisfied, wanted.join(" or "), state.as_str(), message)
}

/// `Ok` with the findings when all are satisfied, else a refusal by state.
pub fn by_state(findings: Vec<Finding>) -> Result<Vec<Finding>, Refused> {
    if crate::all_satisfied(&findings) { Ok(findings) } else { Err(Refused::State(findings)) }
}

/// `Ok` with the findings when all are satisfied, else a refusal by rule.
pub fn by_rule(findings: Vec<Finding>) -> Result<Vec<Finding>, Refused> {
    if crate::all_satisfied(&findings) { Ok(findings) } else { Err(Refused::Rule(findings)) }
}
