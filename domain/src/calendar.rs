//! The calendar: business days are dates in the program's zone, periods are closed, and adding
//! months or years clamps to the month's last day.

use chrono::{Datelike, Months, NaiveDate, Weekday};

use crate::BadFact;

/// The first year that a date handed in may lie in.
pub const FIRST_YEAR: i32 = 1900;
/// The last year that a date handed in may lie in.
pub const LAST_YEAR: i32 = 2200;

/// `date` plus `months` (which may be negative), clamped to the month's last day:
/// 2025-12-31 + 2 months = 2026-02-28.
///
/// Total: beyond the end of the calendar (years that [`check_date`] refuses by far) it stays there.
#[must_use]
pub fn add_months(date: NaiveDate, months: i32) -> NaiveDate {
    let distance = Months::new(months.unsigned_abs());
    if months < 0 {
        date.checked_sub_months(distance).unwrap_or(NaiveDate::MIN)
    } else {
        date.checked_add_months(distance).unwrap_or(NaiveDate::MAX)
    }
}

/// `date` plus `years` (which may be negative), clamped: 2024-02-29 + 1 year = 2025-02-28.
#[must_use]
pub fn add_years(date: NaiveDate, years: i32) -> NaiveDate {
    add_months(date, years.saturating_mul(12))
}

/// The end of the `n`-th term of `years` years, counted from the anchor and not from the clamped
/// end of the term before: from 2096-02-29, four years each, 2100-02-28 and then 2104-02-29.
#[must_use]
pub fn nth_term(anchor: NaiveDate, years: i32, n: u32) -> NaiveDate {
    add_years(anchor, years.saturating_mul(i32::try_from(n).unwrap_or(i32::MAX)))
}

/// `date` plus `days` (which may be negative); total like [`add_months`].
#[must_use]
pub fn add_days(date: NaiveDate, days: i64) -> NaiveDate {
    let end = if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    chrono::TimeDelta::try_days(days)
        .and_then(|delta| date.checked_add_signed(delta))
        .unwrap_or(end)
}

/// The days of the closed period from `first` through `last`: 1 where they are equal, 0 where the
/// period is empty.
#[must_use]
pub fn days_in(first: NaiveDate, last: NaiveDate) -> u32 {
    let days = last.signed_duration_since(first).num_days().saturating_add(1);
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

/// The working days, Monday to Friday, after `from` and up to `day`: 0 on the day itself and where `day` is
/// earlier, 1 from a Friday to the Monday after.
#[must_use]
pub fn working_days(from: NaiveDate, day: NaiveDate) -> u32 {
    let days = day.signed_duration_since(from).num_days().max(0);
    let (weeks, rest) = (days / 7, days % 7);
    let works =
        |ahead: &i64| !matches!(add_days(from, *ahead).weekday(), Weekday::Sat | Weekday::Sun);
    let odd = i64::try_from((1..=rest).filter(works).count()).unwrap_or(0);
    u32::try_from(weeks.saturating_mul(5).saturating_add(odd)).unwrap_or(u32::MAX)
}

/// Refuses a date outside the years that the product reckons with, so that no later arithmetic can
/// leave the calendar. `out_of_range` at `pointer`.
pub fn check_date(pointer: &str, date: NaiveDate) -> Result<NaiveDate, BadFact> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        Ok(date)
    } else {
        let detail = format!("The date must lie in the years {FIRST_YEAR} to {LAST_YEAR}.");
        Err(BadFact::at(pointer, "out_of_range", detail))
    }
}

/// Collects bad facts while an input is read: what every evaluation starts with.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<BadFact>);

impl Faults {
    pub(crate) fn add(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) {
        self.0.push(BadFact::at(pointer, code, detail));
    }
    pub(crate) fn date(&mut self, pointer: &str, date: NaiveDate) {
        self.0.extend(check_date(pointer, date).err());
    }
    /// `first` may not lie after `last`; the fault is told at `pointer`.
    pub(crate) fn order(
        &mut self,
        pointer: impl Into<String>,
        (first, first_name): (NaiveDate, &str),
        (last, last_name): (NaiveDate, &str),
    ) {
        if first > last {
            let detail = format!("{first_name} ({first}) lies after {last_name} ({last}).");
            self.add(pointer, "order", detail);
        }
    }
    pub(crate) fn none(self) -> Result<(), Vec<BadFact>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
