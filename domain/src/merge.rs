//! Merging: one person who has two records keeps one of them, and everything follows.
//!
//! A merge moves every row of `from` to `into`; what stands in its way is told as findings, never settled
//! silently. It is reversed exactly, as long as nothing later depends on it.

mod conflicts;
mod reversal;

pub use conflicts::{Act, Between, Side, conflicts};
pub use reversal::{Later, reversal_findings};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Finding, MergeId, PersonId,
    decision::{self, Refused},
    facts, words,
};

words! {
    /// Where a merge stands.
    pub enum MergeState {
        /// The two are one.
        Merged = "merged",
        /// It was taken back: they are two again.
        Reversed = "reversed",
    }
}

/// How many rows of a kind a merge moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedKind {
    /// The kind, in the plural: `applications`.
    pub kind: String,
    /// How many.
    pub count: i64,
}

/// How a merge was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeReversal {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, as the event log names them.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A merge of two people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonMerge {
    /// Identity.
    pub id: MergeId,
    /// Whose record was a duplicate.
    pub from: PersonId,
    /// Who goes on.
    pub into: PersonId,
    /// Why the office holds them to be one.
    pub reason: String,
    /// When.
    pub merged_at: DateTime<Utc>,
    /// By whom, as the event log names them.
    pub merged_by: String,
    /// What was moved.
    pub moved: Vec<MovedKind>,
    /// How it was taken back.
    pub reversal: Option<MergeReversal>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl PersonMerge {
    /// Merges two people, unless one of `findings` stands in the way.
    pub fn merge(
        id: MergeId,
        (from, into): (PersonId, PersonId),
        reason: String,
        (merged_at, merged_by): (DateTime<Utc>, String),
        findings: Vec<Finding>,
    ) -> Result<Self, Refused> {
        decision::by_state(findings)?;
        Ok(Self {
            id,
            from,
            into,
            reason,
            merged_at,
            merged_by,
            moved: Vec::new(),
            reversal: None,
            version: 1,
        })
    }

    /// What the log tells of the merge.
    #[must_use]
    pub fn merged(&self) -> MergeEvent {
        MergeEvent::Merged {
            from: self.from,
            into: self.into,
            reason: self.reason.clone(),
            moved: self.moved.clone(),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> MergeState {
        if self.reversal.is_some() { MergeState::Reversed } else { MergeState::Merged }
    }

    /// Takes it back, unless it was taken back before or something later depends on it.
    pub fn reverse(
        mut self,
        reason: String,
        (at, by): (DateTime<Utc>, String),
        later: &Later,
    ) -> Result<(Self, MergeEvent), Refused> {
        decision::by_state(reversal_findings(&self, later))?;
        self.reversal = Some(MergeReversal { at, by, reason: reason.clone() });
        let event = MergeEvent::Reversed { from: self.from, into: self.into, reason };
        Ok((self, event))
    }
}

facts! {
    /// What happens to people who were two.
    pub enum MergeEvent {
        /// A person's record became part of another one.
        Merged = "person.merged" { from: PersonId, into: PersonId, reason: String, moved: Vec<MovedKind> },
        /// The merge was taken back.
        Reversed = "person.merge_reversed" { from: PersonId, into: PersonId, reason: String },
    }
}
