//! What later depends on a merge: while there is nothing, it can be taken back.

use super::{MergeState, PersonMerge, conflicts::SOURCE};
use crate::{Finding, PersonId, decision};

/// What happened since a merge to what it moved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Later {
    /// Whom the survivor was merged into since.
    pub merged_on: Option<PersonId>,
    /// Moved records that were changed or are gone.
    pub changed: Vec<String>,
    /// What the log tells of moved records since.
    pub events: Vec<String>,
    /// Accounts of the ledger that would be overdrawn: what was paid with what came along.
    pub overdrawn: Vec<String>,
    /// Newer records of the survivor that hang on moved ones.
    pub hanging: Vec<String>,
}

/// Whether a merge can be taken back, one finding a rule.
#[must_use]
pub fn reversal_findings(merge: &PersonMerge, later: &Later) -> Vec<Finding> {
    let on: Vec<String> = later.merged_on.iter().map(ToString::to_string).collect();
    vec![
        decision::state_finding(
            "merge.state",
            "take the merge back",
            merge.state(),
            &[MergeState::Merged],
        ),
        none("merge.later_merge", "the survivor is not merged on", &on),
        none("merge.later_changes", "no record that came along has changed", &later.changed),
        none("merge.later_acts", "nothing happened to what came along", &later.events),
        none("merge.later_money", "nothing was paid with money that came along", &later.overdrawn),
        none("merge.later_records", "no newer record hangs on what came along", &later.hanging),
    ]
}

fn none(rule: &'static str, required: &str, found: &[String]) -> Finding {
    let clear = found.is_empty();
    let actual = if clear { "nothing".to_owned() } else { found.join(", ") };
    let message = if clear {
        "Nothing later depends on the merge here.".to_owned()
    } else {
        format!("This came after the merge and depends on it: {actual}.")
    };
    Finding::new(rule, SOURCE, clear, required, actual, message)
}
