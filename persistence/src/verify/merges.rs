//! Merged people: nothing is theirs any more, and what hangs together belongs to one person.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I11",
        sentence: "nobody who was merged away owns anything, or is a person of their own",
        rows: |tx| tx.merges().owning(),
    },
    Check {
        id: "I11",
        sentence: "who an old id is now was not merged away",
        rows: |tx| tx.merges().chained(),
    },
    Check {
        id: "I11",
        sentence: "everybody who was merged away is so by one merge that stands",
        rows: |tx| tx.merges().unmerged(),
    },
    Check {
        id: "I11",
        sentence: "what hangs together belongs to one person",
        rows: |tx| tx.merges().torn(),
    },
];
