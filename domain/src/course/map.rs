//! The map of a course: from every competency of its set to where the course teaches and tests it.

use serde::{Deserialize, Serialize};

use crate::{
    BadFact, Finding,
    calendar::Faults,
    competency::{CompetencyCode, CompetencySet},
    text,
};

/// Where a course teaches and tests one competency. An empty text is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapEntry {
    /// The competency.
    pub competency: CompetencyCode,
    /// The content that teaches it.
    pub content: String,
    /// What is read for it.
    pub reading: String,
    /// What is done for it.
    pub assignment: String,
    /// How it is tested.
    pub assessment: String,
}

impl MapEntry {
    /// What the entry does not say.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        [
            ("content", &self.content),
            ("reading", &self.reading),
            ("assignment", &self.assignment),
            ("assessment", &self.assessment),
        ]
        .into_iter()
        .filter(|(_, text)| text.trim().is_empty())
        .map(|(part, _)| part)
        .collect()
    }
}

/// What is wrong with a map: competencies that the set does not have, or that come twice. At `/map/0`.
#[must_use]
pub fn check(map: &[MapEntry], set: &CompetencySet) -> Vec<BadFact> {
    let mut faults = Faults::default();
    for (place, entry) in map.iter().enumerate() {
        let pointer = format!("/map/{place}/competency");
        if !set.competencies.iter().any(|one| one.code == entry.competency) {
            let detail = format!("{} has no competency {}.", set.code, entry.competency);
            faults.add(pointer, "unknown", detail);
        } else if map.iter().take(place).any(|other| other.competency == entry.competency) {
            let detail = format!("{} is mapped already.", entry.competency);
            faults.add(pointer, "duplicate", detail);
        }
    }
    faults.none().err().unwrap_or_default()
}

/// One finding a competency on whether the maps say all of it (FAQ 13). Of several maps, those of a
/// bundle's courses, one that says all is enough.
#[must_use]
pub fn findings(maps: &[&[MapEntry]], set: &CompetencySet) -> Vec<Finding> {
    set.competencies.iter().map(|one| finding(maps, &one.code)).collect()
}

/// The findings on the part of a bundle: what it maps it maps completely, and it maps something. The
/// bundle as a whole maps every competency.
#[must_use]
pub fn part_findings(map: &[MapEntry]) -> Vec<Finding> {
    if map.is_empty() {
        return vec![Finding::new(
            "proposal.map_complete",
            "FAQ 13",
            false,
            "at least 1 competency",
            "none",
            "A course of a bundle maps the competencies of its part.",
        )];
    }
    map.iter().map(|entry| finding(&[map], &entry.competency)).collect()
}

fn finding(maps: &[&[MapEntry]], code: &CompetencyCode) -> Finding {
    const PARTS: &str = "content, reading, assignment and assessment";
    let entries = maps.iter().flat_map(|map| map.iter().filter(|one| one.competency == *code));
    let missing = entries.map(MapEntry::missing).min_by_key(Vec::len);
    let satisfied = missing.as_ref().is_some_and(Vec::is_empty);
    let actual = match &missing {
        None => "not mapped".to_owned(),
        Some(parts) if parts.is_empty() => "complete".to_owned(),
        Some(parts) => format!("missing: {}", text::list(parts)),
    };
    Finding::new(
        "proposal.map_complete",
        "FAQ 13",
        satisfied,
        PARTS,
        actual.clone(),
        format!("The map names {PARTS} for {code}: {actual}."),
    )
}
