//! Jobs in libraries, and how much of them falls inside a window (FAQ 6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{BadFact, calendar, words};

words! {
    /// The type of a library; work in any of them counts (FAQ 6).
    pub enum LibraryType {
        /// Open to a community.
        Public = "public",
        /// Of a college or university.
        Academic = "academic",
        /// Of a school.
        School = "school",
        /// Of a company, hospital, court and the like.
        Special = "special",
        /// Of a government body.
        Government = "government",
        /// A tribal library.
        Tribal = "tribal",
        /// Of an armed force.
        Military = "military",
        /// Any other.
        Other = "other",
    }
}
words! {
    /// Whether a job is paid; both kinds count (FAQ 6).
    pub enum JobKind {
        /// For pay.
        Paid = "paid",
        /// Without pay.
        Volunteer = "volunteer",
    }
}

/// The minutes of a week: the most that anybody can work in one.
pub const WEEK_MINUTES: u32 = 168 * 60;
/// The most minutes that a job can have in all: 100,000 hours.
pub const MAX_JOB_MINUTES: u32 = 6_000_000;

/// How much work a job is. Whole quarters of an hour, kept as minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hours {
    /// Minutes in each week.
    #[serde(rename = "minutes_per_week")]
    PerWeek(u32),
    /// Minutes over the whole job.
    #[serde(rename = "total_minutes")]
    Total(u32),
}

/// Hours that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    /// Not a multiple of 0.25.
    #[error("Hours are given in quarters of an hour.")]
    NotAQuarter,
    /// 0, negative, or more than `0` hours.
    #[error("Hours are above 0 and at most {0}.")]
    OutOfRange(u32),
}

impl BadHours {
    /// The code of the bad fact.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAQuarter => "format",
            Self::OutOfRange(_) => "out_of_range",
        }
    }
}

impl Hours {
    /// Hours in each week: above 0, at most 168, a multiple of 0.25.
    pub fn per_week(hours: f64) -> Result<Self, BadHours> {
        quarter_hours(hours, WEEK_MINUTES).map(Self::PerWeek)
    }
    /// Hours over the whole job: above 0, at most 100,000, a multiple of 0.25.
    pub fn total(hours: f64) -> Result<Self, BadHours> {
        quarter_hours(hours, MAX_JOB_MINUTES).map(Self::Total)
    }
    /// Reads the two optional forms of one job at `pointer` (`/jobs/0`): exactly one must be given.
    pub fn from_forms(
        pointer: &str,
        hours_per_week: Option<f64>,
        total_hours: Option<f64>,
    ) -> Result<Self, BadFact> {
        let (name, read) = match (hours_per_week, total_hours) {
            (Some(hours), None) => ("hours_per_week", Self::per_week(hours)),
            (None, Some(hours)) => ("total_hours", Self::total(hours)),
            (Some(_), Some(_)) => {
                let detail = "Give hours_per_week or total_hours, not both.";
                return Err(BadFact::at(format!("{pointer}/total_hours"), "exclusive", detail));
            }
            (None, None) => {
                let detail = "Give hours_per_week or total_hours.";
                return Err(BadFact::at(format!("{pointer}/hours_per_week"), "required", detail));
            }
        };
        read.map_err(|bad| BadFact::at(format!("{pointer}/{name}"), bad.code(), bad.to_string()))
    }
    /// The two forms again, in hours: `(hours_per_week, total_hours)`.
    #[must_use]
    pub fn forms(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::PerWeek(minutes) => (Some(f64::from(minutes) / 60.0), None),
            Self::Total(minutes) => (None, Some(f64::from(minutes) / 60.0)),
        }
    }
}

/// Hours to minutes, exactly: quarters of an hour have no rounding in binary.
fn quarter_hours(hours: f64, most_minutes: u32) -> Result<u32, BadHours> {
    let minutes = hours * 60.0;
    // A comparison with NaN is false, so NaN is out of range too.
    if !(minutes > 0.0 && minutes <= f64::from(most_minutes)) {
        return Err(BadHours::OutOfRange(most_minutes / 60));
    }
    let quarters = hours * 4.0;
    if quarters.fract() != 0.0 {
        return Err(BadHours::NotAQuarter);
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 1 and 400,000 by the two checks above"
    )]
    let quarters = quarters as u32;
    Ok(quarters.saturating_mul(15))
}

/// One job in a library. Applications store it in this shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The library's name.
    pub library: String,
    /// Its type.
    pub library_type: LibraryType,
    /// Paid or volunteer.
    pub kind: JobKind,
    /// The first day.
    pub started_on: NaiveDate,
    /// The last day; none while the job lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// Whether the position requires a Master of Library and Information Science (FAQ 3).
    pub requires_mlis: bool,
    /// How much work.
    pub hours: Hours,
}

impl Job {
    /// The job's days inside the closed window, both ends included, 0 where it lies outside.
    pub(super) fn days_within(&self, opens: NaiveDate, as_of: NaiveDate) -> u32 {
        let last = self.ended_on.unwrap_or(as_of).min(as_of);
        calendar::days_in(self.started_on.max(opens), last)
    }
    /// The minutes that count inside the window, rounded down (FAQ 6).
    pub(super) fn minutes_within(&self, opens: NaiveDate, as_of: NaiveDate) -> u64 {
        let days = u64::from(self.days_within(opens, as_of));
        match self.hours {
            Hours::PerWeek(minutes) => u64::from(minutes) * days / 7,
            Hours::Total(minutes) => {
                let all = calendar::days_in(self.started_on, self.ended_on.unwrap_or(as_of));
                // Zero only for a job that starts after it ends, which is a bad fact.
                (u64::from(minutes) * days).checked_div(u64::from(all)).unwrap_or(0)
            }
        }
    }
}
