//! Parts of a bundle: whether a course can still count as one of them.

use chrono::NaiveDate;

use super::{Bundle, BundleState};
use crate::{CourseId, Finding, course::Course, text};

impl Bundle {
    /// The finding on giving it up: a course that is approved as its part could never count.
    #[must_use]
    pub fn no_parts_finding(&self, parts: &[Course]) -> Finding {
        let count = u64::try_from(parts.len()).unwrap_or(u64::MAX);
        Finding::new(
            "bundle.no_parts",
            "FAQ 10",
            parts.is_empty(),
            "no approved course that is its part",
            text::counted(count, "course"),
            "A bundle is given up after the approvals of its courses ended: alone they count for nothing.",
        )
    }

    /// The finding on a completion of a course that is its part: whether the bundle can achieve its set with
    /// it. A draft may yet be approved; a bundle that ended counts what was completed until its last day.
    #[must_use]
    pub fn part_finding(&self, course: CourseId, completed_on: NaiveDate) -> Finding {
        let last = self.last_day().filter(|_| self.courses.contains(&course));
        let (open, actual) = match (self.state, last) {
            (BundleState::Draft, _) => (true, "a bundle that is not approved yet".to_owned()),
            (BundleState::Withdrawn, _) => (false, "a bundle that was given up".to_owned()),
            (BundleState::Approved, None) => (false, "a bundle without the course".to_owned()),
            (BundleState::Approved, Some(last)) => (
                completed_on <= last,
                format!("completed on {completed_on}, of a bundle approved until {last}"),
            ),
        };
        let hint =
            if open { "" } else { " What was learned there may be used in a portfolio instead." };
        Finding::new(
            "credit.bundle_open",
            "FAQ 10",
            open,
            "a part of a bundle that can achieve its set",
            actual.clone(),
            format!("The course counts together with the others of its bundle: {actual}.{hint}"),
        )
    }
}
