//! What an agreement says: the requirements of a college's program, the sets that they cover, and the
//! conditions under which graduates meet what is missing (FAQ 12).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    BadFact, CourseId, Finding,
    calendar::Faults,
    competency::{Framework, SetCode, SetKind},
    policy::CertificationPolicy,
    recognition::{self, Coverage, CoverageOutcome},
    text, words,
};

/// The most courses of one program's graduation requirements.
pub const MAX_REQUIREMENTS: usize = 100;

words! {
    /// What a college's program ends with.
    pub enum ProgramKind {
        /// An associate degree.
        AssociateDegree = "associate_degree",
        /// A certificate.
        Certificate = "certificate",
        /// A diploma.
        Diploma = "diploma",
    }
}

/// A course that graduation requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraduationCourse {
    /// Its code at the college: `LTA 101`.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The sets that it covers; none where it covers nothing of the program's.
    pub sets: Vec<SetCode>,
}

/// What graduates must add: a set that their program does not cover, or not since a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The set.
    pub set: SetCode,
    /// The condition, for people.
    pub text: String,
    /// The approved course that meets it.
    pub course: Option<CourseId>,
    /// Who must: graduates of this day and later. Everybody, without. (Real case: graduates since spring
    /// 2010 add the communications set by a named course.)
    pub graduated_from: Option<NaiveDate>,
}

impl Condition {
    /// Whether it binds somebody who graduated on `graduated_on`.
    #[must_use]
    pub fn binds(&self, graduated_on: NaiveDate) -> bool {
        self.graduated_from.is_none_or(|from| from <= graduated_on)
    }
}

/// The text of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementTerms {
    /// What the college's program ends with.
    pub program_kind: ProgramKind,
    /// Its title.
    pub program_title: String,
    /// The courses that graduation requires, each mapped to the sets that it covers.
    pub requirements: Vec<GraduationCourse>,
    /// What graduates must add.
    pub conditions: Vec<Condition>,
}

impl AgreementTerms {
    /// What is wrong with it: no requirements, codes that come twice, unknown or repeated sets, two
    /// conditions on one set, a condition without a date on a set that the requirements cover, a dated
    /// one on a set that they do not.
    #[must_use]
    pub fn check(&self, framework: &Framework) -> Vec<BadFact> {
        let mut faults = Faults::default();
        if self.requirements.is_empty() || self.requirements.len() > MAX_REQUIREMENTS {
            let detail = format!("A program requires 1 to {MAX_REQUIREMENTS} courses.");
            faults.add("/requirements", "length", detail);
        }
        for (place, course) in self.requirements.iter().enumerate() {
            let at = format!("/requirements/{place}");
            let folded = text::fold(&course.code);
            if self.requirements.iter().take(place).any(|one| text::fold(&one.code) == folded) {
                let detail = format!("{} is listed already.", course.code);
                faults.add(format!("{at}/code"), "duplicate", detail);
            }
            framework.read_sets(&format!("{at}/sets"), &course.sets, &mut faults);
        }
        for (place, condition) in self.conditions.iter().enumerate() {
            self.check_condition(place, condition, framework, &mut faults);
        }
        faults.none().err().unwrap_or_default()
    }

    fn check_condition(
        &self,
        place: usize,
        condition: &Condition,
        framework: &Framework,
        faults: &mut Faults,
    ) {
        let at = format!("/conditions/{place}");
        let set = &condition.set;
        framework.read_set(&format!("{at}/set"), set, faults);
        if self.conditions.iter().take(place).any(|one| one.set == *set) {
            faults.add(format!("{at}/set"), "duplicate", format!("{set} has a condition already."));
        }
        match (self.maps(set), condition.graduated_from) {
            (true, None) => {
                let detail = format!("The requirements cover {set}; say since when they do not.");
                faults.add(format!("{at}/graduated_from"), "required", detail);
            }
            (false, Some(_)) => {
                let detail = format!("The requirements never cover {set}; everybody must add it.");
                faults.add(format!("{at}/graduated_from"), "exclusive", detail);
            }
            (_, Some(day)) => faults.date(&format!("{at}/graduated_from"), day),
            (false, None) => {}
        }
    }

    fn maps(&self, set: &SetCode) -> bool {
        self.requirements.iter().any(|course| course.sets.contains(set))
    }

    /// The sets that the program of somebody who graduated on `graduated_on` covers, in the order in
    /// which the requirements name them.
    #[must_use]
    pub fn covered_on(&self, graduated_on: NaiveDate) -> Vec<SetCode> {
        let mut covered: Vec<SetCode> = Vec::new();
        let bound = |set: &SetCode| self.conditions_on(graduated_on).any(|one| one.set == *set);
        for set in self.requirements.iter().flat_map(|course| &course.sets) {
            if !covered.contains(set) && !bound(set) {
                covered.push(set.clone());
            }
        }
        covered
    }

    /// What somebody who graduated on `graduated_on` must add.
    pub fn conditions_on(&self, graduated_on: NaiveDate) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |one| one.binds(graduated_on))
    }

    /// Whether the program of somebody who graduates on `day` covers what certification takes (FAQ 12),
    /// and for a partial one whether conditions name what is missing.
    pub fn coverage(
        &self,
        framework: &Framework,
        policy: &CertificationPolicy,
        day: NaiveDate,
    ) -> Result<CoverageOutcome, Vec<BadFact>> {
        let mut outcome = recognition::coverage(&self.covered_on(day), framework, policy)?;
        if outcome.outcome == Coverage::Partial {
            let named = self.named_finding(&outcome, framework, day);
            outcome.findings.push(named);
        }
        Ok(outcome)
    }

    fn named_finding(
        &self,
        outcome: &CoverageOutcome,
        framework: &Framework,
        day: NaiveDate,
    ) -> Finding {
        let named: Vec<_> = self.conditions_on(day).map(|one| &one.set).collect();
        let missing: Vec<_> =
            outcome.missing_required.iter().filter(|set| !named.contains(set)).collect();
        let electives = named
            .iter()
            .filter(|set| framework.set(set).is_some_and(|set| set.kind == SetKind::Elective));
        let electives = u32::try_from(electives.count()).unwrap_or(u32::MAX);
        let enough = electives >= outcome.electives_missing;
        let short = outcome.electives_missing.saturating_sub(electives);
        Finding::new(
            "recognition.conditions_named",
            "FAQ 12",
            missing.is_empty() && enough,
            "a condition for every set that is missing",
            format!(
                "without one: {}; {} more",
                text::list(&missing),
                text::counted(short.into(), "elective set")
            ),
            "A partial agreement names what its graduates add to be certified.",
        )
    }
}
