//! Eligibility: who may enter the program (FAQ 3, 6).

mod job;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    BadFact, Finding, all_satisfied, calendar,
    calendar::Faults,
    policy::{EligibilityPolicy, Strictness},
    text, words,
};

pub use job::{BadHours, Hours, Job, JobKind, LibraryType, MAX_JOB_MINUTES, WEEK_MINUTES};

words! {
    /// The highest education, in rising order.
    pub enum Education {
        /// No diploma.
        None = "none",
        /// A high-school diploma.
        HighSchoolDiploma = "high_school_diploma",
        /// Its equivalent, for example a GED.
        HighSchoolEquivalency = "high_school_equivalency",
        /// College without a degree.
        SomeCollege = "some_college",
        /// A college certificate.
        Certificate = "certificate",
        /// An associate degree.
        Associate = "associate",
        /// A bachelor's degree.
        Bachelor = "bachelor",
        /// A master's degree.
        Master = "master",
        /// A doctorate.
        Doctorate = "doctorate",
    }
}
/// The most jobs of one person.
pub const MAX_JOBS: usize = 100;

/// What eligibility is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibilityFacts {
    /// The day of reckoning.
    pub as_of: NaiveDate,
    /// The highest education.
    pub education: Education,
    /// Every job in a library.
    pub jobs: Vec<Job>,
}

/// Whether somebody may enter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EligibilityOutcome {
    /// Whether nothing stands in the way.
    pub satisfied: bool,
    /// The minutes of work inside the window.
    pub counted_minutes: u64,
    /// The window: its first day. It ends on the day of reckoning.
    pub window_opens_on: NaiveDate,
    /// Why.
    pub findings: Vec<Finding>,
}

/// Decides eligibility (FAQ 3, 6). Bad facts: end before start, start after `as_of`, dates out of range.
pub fn evaluate(
    facts: &EligibilityFacts,
    policy: &EligibilityPolicy,
) -> Result<EligibilityOutcome, Vec<BadFact>> {
    check(facts)?;
    let opens = calendar::add_years(facts.as_of, -policy.window_years);
    let minutes = facts.jobs.iter().map(|job| job.minutes_within(opens, facts.as_of)).sum();
    let support_staff = facts
        .jobs
        .iter()
        .filter(|job| !job.requires_mlis && job.days_within(opens, facts.as_of) > 0)
        .count();
    let position = position_finding(support_staff, policy);
    let advisory = policy.support_staff_position == Strictness::Advisory;
    let findings = vec![
        education_finding(facts.education, policy),
        hours_finding(minutes, opens, facts.as_of, policy),
    ];
    let satisfied = all_satisfied(&findings) && (advisory || position.satisfied);
    let findings = findings.into_iter().chain([position]).collect();
    Ok(EligibilityOutcome { satisfied, counted_minutes: minutes, window_opens_on: opens, findings })
}

fn check(facts: &EligibilityFacts) -> Result<(), Vec<BadFact>> {
    let mut faults = Faults::default();
    faults.date("/as_of", facts.as_of);
    read_jobs(&facts.jobs, facts.as_of, &mut faults);
    faults.none()
}

/// What is wrong with jobs that are stated on `as_of`, with pointers below `/jobs`.
#[must_use]
pub fn check_jobs(jobs: &[Job], as_of: NaiveDate) -> Vec<BadFact> {
    let mut faults = Faults::default();
    read_jobs(jobs, as_of, &mut faults);
    faults.none().err().unwrap_or_default()
}

fn read_jobs(jobs: &[Job], as_of: NaiveDate, faults: &mut Faults) {
    if jobs.len() > MAX_JOBS {
        faults.add("/jobs", "length", format!("At most {MAX_JOBS} jobs are read."));
    }
    for (index, job) in jobs.iter().enumerate() {
        let started = format!("/jobs/{index}/started_on");
        faults.date(&started, job.started_on);
        faults.order(
            started,
            (job.started_on, "The job's start"),
            (as_of, "the date of reckoning"),
        );
        if let Some(ended_on) = job.ended_on {
            let ended = format!("/jobs/{index}/ended_on");
            faults.date(&ended, ended_on);
            faults.order(ended, (job.started_on, "The job's start"), (ended_on, "its end"));
        }
    }
}

fn education_finding(education: Education, policy: &EligibilityPolicy) -> Finding {
    let satisfied = education >= policy.minimum_education;
    let required = policy.minimum_education.to_string().replace('_', " ");
    let actual = education.to_string().replace('_', " ");
    let verdict = if satisfied { "which is enough" } else { "which is too little" };
    Finding {
        rule: "eligibility.education".into(),
        satisfied,
        message: format!("Entry needs {required} or above; the facts show {actual}, {verdict}."),
        required: format!("{required} or above"),
        actual,
        source: "FAQ 6".into(),
    }
}

fn hours_finding(
    minutes: u64,
    opens: NaiveDate,
    as_of: NaiveDate,
    policy: &EligibilityPolicy,
) -> Finding {
    let required = text::hours(policy.work_minutes.into());
    let actual = text::hours(minutes);
    Finding {
        rule: "eligibility.work_hours".into(),
        satisfied: minutes >= policy.work_minutes.into(),
        message: format!(
            "Found {actual} of library work from {opens} to {as_of}, needed {required}."
        ),
        required,
        actual,
        source: "FAQ 6".into(),
    }
}

fn position_finding(support_staff: usize, policy: &EligibilityPolicy) -> Finding {
    let satisfied = support_staff > 0;
    let (verb, force) = match policy.support_staff_position {
        Strictness::Required => ("must", "required"),
        Strictness::Advisory => ("should", "advisory"),
    };
    let actual = match support_staff {
        0 => "none".to_owned(),
        count => text::counted(u64::try_from(count).unwrap_or(u64::MAX), "position"),
    };
    Finding {
        rule: "eligibility.support_staff_position".into(),
        satisfied,
        required: format!("1 position ({force})"),
        message: format!(
            "At least one job inside the window {verb} be one that requires no MLIS; found {actual}."
        ),
        actual,
        source: "FAQ 3".into(),
    }
}
