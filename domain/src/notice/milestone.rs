//! Dates that come nearer: which notice is due today about a candidacy or a certification.
//!
//! The notices about one date are the rungs of a ladder, each with the day from which it is due. Told is the
//! last rung that was reached, until the next one is: whoever was not told of six months, because nothing ran on
//! that day, is told then, but not when only three are left. What is past is told for some days more where it
//! ends something for good (the grace period), else not at all.

use chrono::NaiveDate;

use super::NoticeKind;
use crate::{
    calendar,
    candidacy::{Candidacy, CandidacyStatus},
    certificate::Certification,
    certification::term::CertificationStatus,
    policy::NoticePolicy,
};

/// A notice about a date, before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// What it tells.
    pub kind: NoticeKind,
    /// How many months before the date, where the kind is told several times; 0 otherwise.
    pub months: i32,
    /// The date of the fact: the deadline, or the last day of the term.
    pub fact_on: NaiveDate,
    /// The day from which it is due.
    pub due_on: NaiveDate,
}

impl Milestone {
    /// The notice of an event of a day: due on it.
    #[must_use]
    pub fn of_event(kind: NoticeKind, day: NaiveDate) -> Self {
        Self { kind, months: 0, fact_on: day, due_on: day }
    }
    fn ahead(kind: NoticeKind, months: i32, fact_on: NaiveDate) -> Self {
        let due_on = calendar::add_months(fact_on, months.saturating_neg());
        Self { kind, months, fact_on, due_on }
    }
}

/// The last rung that was reached by `today`; of two on the same day the later one.
fn reached(ladder: impl Iterator<Item = Milestone>, today: NaiveDate) -> Option<Milestone> {
    ladder.filter(|rung| rung.due_on <= today).max_by_key(|rung| rung.due_on)
}

/// What is due today about a candidacy's deadline (FAQ 18): only while it is active. A hold moves the
/// deadline, and another deadline is another fact.
#[must_use]
pub fn of_candidacy(
    candidacy: &Candidacy,
    policy: &NoticePolicy,
    today: NaiveDate,
) -> Option<Milestone> {
    if candidacy.status(today) != CandidacyStatus::Active {
        return None;
    }
    let deadline = candidacy.deadline(today);
    let rung = |months| Milestone::ahead(NoticeKind::CandidacyDeadline, months, deadline);
    reached(descending(&policy.candidacy_deadline_months).into_iter().map(rung), today)
}

/// What is due today about the end of a certification's term (FAQ 19).
#[must_use]
pub fn of_certification(
    held: &Certification,
    policy: &NoticePolicy,
    today: NaiveDate,
) -> Option<Milestone> {
    let expires_on = held.expires_on;
    let at = |kind, due_on| Milestone { kind, months: 0, fact_on: expires_on, due_on };
    let ahead = descending(&policy.expiry_months);
    let ahead = ahead
        .into_iter()
        .map(|months| Milestone::ahead(NoticeKind::ExpiryAhead, months, expires_on));
    let ladder = std::iter::once(at(NoticeKind::RenewalOpens, held.renewal_opens_on))
        .chain(ahead)
        .chain([at(NoticeKind::Expiry, expires_on), at(NoticeKind::GraceEnd, held.grace_ends_on)]);
    let rung = reached(ladder, today)?;
    let last = match rung.kind {
        NoticeKind::GraceEnd => calendar::add_days(rung.due_on, policy.late_days.into()),
        _ => held.grace_ends_on,
    };
    let standing = held.status(today.min(held.grace_ends_on));
    let untrue = match standing {
        None | Some(CertificationStatus::Lapsed | CertificationStatus::Revoked) => true,
        // No renewal is taken meanwhile.
        Some(CertificationStatus::Suspended) => rung.kind == NoticeKind::RenewalOpens,
        Some(_) => false,
    };
    Some(rung).filter(|_| today <= last && !untrue)
}

/// The months in the order in which they come, each once.
fn descending(months: &[i32]) -> Vec<i32> {
    let mut months = months.to_vec();
    months.sort_unstable_by(|one, other| other.cmp(one));
    months.dedup();
    months
}

/// The latest date whose notice so many months before is due by `today`. Due days follow dates without ever
/// going back, so everything up to it is due and nothing after it.
#[must_use]
pub fn latest_due(months: i32, today: NaiveDate) -> NaiveDate {
    let mut latest = calendar::add_months(today, months);
    // The last days of a month fall on one day of a shorter one: three more at most.
    while let Some(next) = latest.succ_opt() {
        if calendar::add_months(next, months.saturating_neg()) > today {
            break;
        }
        latest = next;
    }
    latest
}

/// How far the windows of renewal have ever reached by the program's policies: a certification keeps those of
/// its award.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The fewest months before the expiry from which one could renew.
    pub opens_least: i32,
    /// The most.
    pub opens_most: i32,
    /// The most months of grace.
    pub grace_most: i32,
}

/// Dates among which a store looks for what may be due: every fact for which the notice is due lies in it.
/// Most that lie in it are due; [`of_candidacy`] and [`of_certification`] tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The notice.
    pub kind: NoticeKind,
    /// Months before the date, or 0.
    pub months: i32,
    /// The first date.
    pub from: NaiveDate,
    /// The last.
    pub through: NaiveDate,
    /// The window of renewal has opened by this day.
    pub opened_by: Option<NaiveDate>,
    /// The grace period ends on this day or later.
    pub grace_from: Option<NaiveDate>,
    /// The grace period ends on this day or earlier.
    pub grace_through: Option<NaiveDate>,
}

impl Window {
    fn ahead(kind: NoticeKind, months: i32, next: Option<i32>, today: NaiveDate) -> Self {
        let before = next.map_or(today, |next| latest_due(next, today));
        Self {
            kind,
            months,
            from: calendar::add_days(before, 1),
            through: latest_due(months, today),
            opened_by: None,
            grace_from: None,
            grace_through: None,
        }
    }
}

/// Where deadlines lie of which somebody is to be told today.
#[must_use]
pub fn candidacy_windows(policy: &NoticePolicy, today: NaiveDate) -> Vec<Window> {
    let months = descending(&policy.candidacy_deadline_months);
    let next = months.iter().skip(1).map(|next| Some(*next)).chain([None]);
    let windows = months.iter().zip(next).map(|(months, next)| {
        let window = Window::ahead(NoticeKind::CandidacyDeadline, *months, next, today);
        // The deadline itself is the last day of the last rung.
        if next.is_none() { Window { from: today, ..window } } else { window }
    });
    windows.collect()
}

/// Where expiries lie of which somebody is to be told today.
#[must_use]
pub fn certification_windows(
    policy: &NoticePolicy,
    reach: &Reach,
    today: NaiveDate,
) -> Vec<Window> {
    let months = descending(&policy.expiry_months);
    let later = months.iter().copied().find(|months| *months < reach.opens_least);
    let opens = Window::ahead(NoticeKind::RenewalOpens, reach.opens_most, later, today);
    let mut windows = vec![Window { months: 0, opened_by: Some(today), ..opens }];
    let next = months.iter().skip(1).map(|next| Some(*next)).chain([None]);
    windows.extend(
        months
            .iter()
            .zip(next)
            .map(|(months, next)| Window::ahead(NoticeKind::ExpiryAhead, *months, next, today)),
    );
    // A grace period of months ends up to three days nearer to the expiry than it seems from its end.
    let expired = |since: NaiveDate| {
        calendar::add_days(calendar::add_months(since, reach.grace_most.saturating_neg()), -3)
    };
    let past = |kind, first: NaiveDate, grace_from, grace_through| Window {
        kind,
        months: 0,
        from: expired(first),
        through: today,
        opened_by: None,
        grace_from: Some(grace_from),
        grace_through,
    };
    let late = calendar::add_days(today, -i64::from(policy.late_days));
    windows.push(past(NoticeKind::Expiry, today, calendar::add_days(today, 1), None));
    windows.push(past(NoticeKind::GraceEnd, late, late, Some(today)));
    windows
}
