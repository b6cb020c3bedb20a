//! Bundles: a competency set that several courses cover together, all of them needed, in any order
//! (FAQ 10). Real case: youth services by a children's and a teen course.

mod parts;

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    Course, Ending,
    approval::{end_finding, renewal_window_finding, renewed_ends_on},
    map::{self, MapEntry},
};
use crate::{
    BundleId, CourseId, Finding, OrganisationId, calendar,
    competency::{CompetencySet, SetCode},
    course_credit,
    decision::{self, Refused},
    facts,
    policy::CoursePolicy,
    program::ProgramCode,
    text, words,
};

words! {
    /// Where a bundle stands.
    pub enum BundleState {
        /// Its courses are proposed one by one.
        Draft = "draft",
        /// It achieves its set.
        Approved = "approved",
        /// It was given up before its approval.
        Withdrawn = "withdrawn",
    }
}

/// Courses that cover one competency set together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bundle {
    /// Identity.
    pub id: BundleId,
    /// The program.
    pub program: ProgramCode,
    /// Its provider.
    pub provider: OrganisationId,
    /// The set.
    pub set: SetCode,
    /// Its name.
    pub title: String,
    /// Where it stands.
    pub state: BundleState,
    /// Its courses, all of them needed; from the approval on.
    pub courses: Vec<CourseId>,
    /// First day of the approval.
    pub approved_on: Option<NaiveDate>,
    /// Last day of the approval, unless it ended before.
    pub ends_on: Option<NaiveDate>,
    /// How often the approval was renewed.
    pub renewals: u32,
    /// Its end before `ends_on`.
    pub ended: Option<Ending>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What a bundle is approved on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleGrounds<'a> {
    /// Its approved courses.
    pub courses: &'a [Course],
    /// The maps of the proposals that led to them.
    pub maps: &'a [&'a [MapEntry]],
    /// Its set.
    pub set: &'a CompetencySet,
    /// Staff attest that the courses cover the set, for this reason, where proposals do not show it.
    pub override_reason: Option<String>,
}

/// A bundle's completed courses, and whether they achieve its set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleCredit {
    /// The day of the last completion, when every course is completed.
    pub completed_on: Option<NaiveDate>,
    /// Why.
    pub findings: Vec<Finding>,
}

impl Bundle {
    /// A new bundle, to which courses can be proposed.
    #[must_use]
    pub fn draft(
        id: BundleId,
        program: ProgramCode,
        provider: OrganisationId,
        set: SetCode,
        title: String,
    ) -> (Self, BundleEvent) {
        let draft = Self {
            id,
            program,
            provider,
            set,
            title,
            state: BundleState::Draft,
            courses: Vec::new(),
            approved_on: None,
            ends_on: None,
            renewals: 0,
            ended: None,
            version: 1,
        };
        let event = BundleEvent::Drafted { after: draft.clone() };
        (draft, event)
    }

    /// The finding on whether `act` is legal while it is a draft.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        decision::state_finding("bundle.state", act, self.state, &[BundleState::Draft])
    }

    /// The last day on which it is approved, an early end included; none before its approval.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        let ends_on = self.ends_on?;
        Some(self.ended.as_ref().map_or(ends_on, |ending| ending.on.min(ends_on)))
    }

    /// The findings on its approval: at least two courses, of its set and part of it, which together
    /// map every competency.
    #[must_use]
    pub fn approval_findings(&self, grounds: &BundleGrounds<'_>) -> Vec<Finding> {
        let count = u64::try_from(grounds.courses.len()).unwrap_or(u64::MAX);
        let fits = |one: &&Course| {
            one.set == self.set && one.bundle == Some(self.id) && one.provider == self.provider
        };
        let strange: Vec<_> =
            grounds.courses.iter().filter(|one| !fits(one)).map(|one| one.id).collect();
        let mut findings = vec![
            Finding::new(
                "bundle.courses",
                "FAQ 10",
                count >= 2,
                "at least 2 courses",
                text::counted(count, "course"),
                "A bundle has at least two approved courses.",
            ),
            Finding::new(
                "bundle.own_courses",
                "FAQ 10",
                strange.is_empty(),
                format!("courses of {}, approved as parts of the bundle", self.set),
                format!("others: {}", text::list(&strange)),
                "Every course of a bundle was approved for its set, as a part of it.",
            ),
        ];
        match &grounds.override_reason {
            Some(reason) => findings.push(Finding::new(
                "bundle.attested",
                "FAQ 10",
                true,
                "every competency covered",
                "attested",
                format!("Staff attest that the courses cover {}: {reason}", self.set),
            )),
            None => findings.extend(map::findings(grounds.maps, grounds.set)),
        }
        findings
    }

    /// Approves it from today on, for the policy's years.
    pub fn approve(
        mut self,
        grounds: &BundleGrounds<'_>,
        policy: &CoursePolicy,
        today: NaiveDate,
    ) -> Result<(Self, BundleEvent), Refused> {
        decision::by_state(vec![self.state_finding("approve the bundle")])?;
        let findings = decision::by_rule(self.approval_findings(grounds))?;
        self.state = BundleState::Approved;
        self.courses = grounds.courses.iter().map(|course| course.id).collect();
        self.approved_on = Some(today);
        self.ends_on = Some(course_credit::approval_ends_on(today, policy));
        let courses = self.courses.clone();
        Ok((self, BundleEvent::Approved { approved_on: today, courses, findings }))
    }

    /// Gives a draft up; `parts` are the courses that are approved as its parts, of which there must be none.
    pub fn withdraw(
        mut self,
        parts: &[Course],
        reason: Option<String>,
    ) -> Result<(Self, BundleEvent), Refused> {
        let state = self.state_finding("withdraw the bundle");
        decision::by_state(vec![state, self.no_parts_finding(parts)])?;
        self.state = BundleState::Withdrawn;
        Ok((self, BundleEvent::Withdrawn { reason }))
    }

    fn approved(&self, act: &str) -> Result<(NaiveDate, NaiveDate), Refused> {
        let open = [BundleState::Approved];
        let finding = decision::state_finding("bundle.state", act, self.state, &open);
        match (self.approved_on, self.ends_on) {
            (Some(approved_on), Some(ends_on)) if finding.satisfied => Ok((approved_on, ends_on)),
            _ => Err(Refused::State(vec![finding])),
        }
    }

    /// Renews the approval from the old last day, without a gap, while it holds and all of its courses
    /// are approved beyond it.
    pub fn renew(
        mut self,
        courses: &[Course],
        policy: &CoursePolicy,
        today: NaiveDate,
    ) -> Result<(Self, BundleEvent), Refused> {
        let (approved_on, before) = self.approved("renew the bundle")?;
        let last = self.last_day().unwrap_or(before);
        let renewed = courses.iter().all(|course| course.last_day() > before);
        decision::by_state(vec![
            super::approval::renewable_finding(approved_on, last, self.ended.is_some(), today),
            renewal_window_finding(last, today),
            Finding::new(
                "bundle.courses_renewed",
                "FAQ 10",
                renewed,
                format!("every course approved beyond {before}"),
                if renewed { "all" } else { "not all" },
                "A bundle is renewed after its courses were.",
            ),
        ])?;
        let after = renewed_ends_on(approved_on, before, self.renewals, policy);
        self.ends_on = Some(after);
        self.renewals = self.renewals.saturating_add(1);
        Ok((self, BundleEvent::Renewed { before, after }))
    }

    /// Ends the approval: `ending.on` is the last day that counts.
    pub fn end(mut self, ending: Ending, today: NaiveDate) -> Result<(Self, BundleEvent), Refused> {
        let (approved_on, ends_on) = self.approved("end the bundle")?;
        let last = self.last_day().unwrap_or(ends_on);
        let ended = self.ended.is_some();
        decision::by_state(vec![end_finding(approved_on, last, ended, ending.on, today)])?;
        self.ended = Some(ending.clone());
        Ok((self, BundleEvent::Ended { ending }))
    }

    /// Whether the completed courses of a candidate achieve the set: `verified` holds those that count
    /// each by the credit rules of its own course, with their days. The set is achieved when every
    /// course of the bundle is there, in any order, dated by the last one, which lies in the bundle's own
    /// window (FAQ 10, 16).
    #[must_use]
    pub fn credit(
        &self,
        verified: &[(CourseId, NaiveDate)],
        policy: &CoursePolicy,
    ) -> BundleCredit {
        let day =
            |course: &CourseId| verified.iter().find(|(done, _)| done == course).map(|(_, on)| *on);
        let days: Vec<_> = self.courses.iter().filter_map(day).collect();
        let mut findings =
            vec![course_credit::bundle_finding(days.len(), self.courses.len().max(2))];
        let last = days.iter().copied().max();
        findings.push(self.window_finding(last, policy));
        let completed_on = last.filter(|_| crate::all_satisfied(&findings));
        BundleCredit { completed_on, findings }
    }

    fn window_finding(&self, last: Option<NaiveDate>, policy: &CoursePolicy) -> Finding {
        let opens =
            self.approved_on.map(|day| calendar::add_years(day, -policy.credit_window_years));
        let window = opens.zip(self.last_day());
        let inside = |on: NaiveDate| window.is_some_and(|(first, end)| (first..=end).contains(&on));
        let told = match window {
            Some((first, end)) => format!("completed from {first} to {end}"),
            None => "an approved bundle".to_owned(),
        };
        let actual =
            last.map_or_else(|| "not completed".to_owned(), |on| format!("completed on {on}"));
        Finding::new(
            "credit.bundle_window",
            "FAQ 16",
            last.is_none_or(inside) && window.is_some(),
            told.clone(),
            actual.clone(),
            format!("The bundle counts when {told}; its last course was {actual}."),
        )
    }
}

facts! {
    /// What happens to bundles.
    pub enum BundleEvent {
        /// One was begun.
        Drafted = "bundle.drafted" { after: Bundle },
        /// It was approved.
        Approved = "bundle.approved" { approved_on: NaiveDate, courses: Vec<CourseId>, findings: Vec<Finding> },
        /// It was given up before its approval.
        Withdrawn = "bundle.withdrawn" { reason: Option<String> },
        /// Its approval was renewed.
        Renewed = "bundle.renewed" { before: NaiveDate, after: NaiveDate },
        /// Its approval ended early.
        Ended = "bundle.ended" { ending: Ending },
    }
}
