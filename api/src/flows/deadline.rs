//! The days that somebody should not miss, as calendars show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    PersonId,
    candidacy::Candidacy,
    certificate::Certification,
    deadline::{Deadline, DeadlineKind, Firmness},
};
use persistence::{
    AppealFilter, CandidacyFilter, CertificationFilter, Page, PortfolioFilter, SubscriptionFilter,
    Tx,
};

use super::program;
use crate::{
    answer::Reply,
    app::App,
    ics::{self, Entry, EventStatus, Span},
    problem::Problem,
};

/// The most that one person has of one kind.
const MOST: i64 = 1_000;

fn all<T>() -> Page<T> {
    Page { after: None, limit: MOST }
}

/// A day, and when what it belongs to was recorded.
struct Day {
    deadline: Deadline,
    recorded_at: DateTime<Utc>,
}

/// What is collected for one calendar.
struct Days<'a> {
    app: &'a App,
    held: Vec<Day>,
}

impl Days<'_> {
    fn add(&mut self, recorded_at: DateTime<Utc>, deadlines: Vec<Deadline>) {
        self.held.extend(deadlines.into_iter().map(|deadline| Day { deadline, recorded_at }));
    }
    fn candidacy(&mut self, tx: &mut Tx<'_>, candidacy: &Candidacy) -> Result<(), Problem> {
        let today = program::today(self.app, tx, &candidacy.program)?;
        self.add(ics::recorded(candidacy.id), candidacy.calendar_days(today));
        Ok(())
    }
    fn certification(&mut self, tx: &mut Tx<'_>, one: &Certification) -> Result<(), Problem> {
        let today = program::today(self.app, tx, &one.program)?;
        self.add(ics::recorded(one.id), one.calendar_days(today));
        Ok(())
    }

    /// The calendar of it, with when each was changed last from the event log.
    fn calendar(self, tx: &mut Tx<'_>) -> Result<Reply, Problem> {
        let mut subjects: Vec<String> =
            self.held.iter().map(|day| day.deadline.subject.clone()).collect();
        subjects.dedup();
        let changes = tx.events().last_changes(&subjects)?;
        let titles: Vec<_> =
            self.held.iter().map(|day| day.deadline.kind.title(&day.deadline.about)).collect();
        let entries = self.held.iter().zip(&titles);
        let entries = entries.map(|(day, title)| entry(day, title, &changes));
        Ok(ics::calendar(("Deadlines", "LSSC deadlines"), entries).private())
    }
}

fn entry<'a>(day: &Day, title: &'a str, changes: &HashMap<String, DateTime<Utc>>) -> Entry<'a> {
    let deadline = &day.deadline;
    let mut description = deadline.kind.explained().to_owned();
    if deadline.kind == DeadlineKind::CandidacyDeadline && deadline.firmness == Firmness::Tentative
    {
        description.push_str(" The candidacy is on hold: the days of the hold are added.");
    }
    Entry {
        uid: format!("{}-{}@deadlines.lssc", deadline.subject, deadline.kind),
        recorded_at: day.recorded_at,
        changed_at: changes.get(&deadline.subject).copied(),
        version: deadline.version,
        summary: title,
        description,
        span: Span::Days(deadline.on, deadline.on),
        place: None,
        url: None,
        status: match deadline.firmness {
            Firmness::Firm => EventStatus::Confirmed,
            Firmness::Tentative => EventStatus::Tentative,
            Firmness::Void => EventStatus::Cancelled,
        },
    }
}

/// The calendar of a person, over every program.
pub(crate) fn of_person(app: &App, tx: &mut Tx<'_>, person: PersonId) -> Result<Reply, Problem> {
    let mut days = Days { app, held: Vec::new() };
    let own = Some(person);
    let filter = CandidacyFilter { person: own, ..CandidacyFilter::default() };
    for candidacy in tx.candidacies().list(&filter, all())? {
        days.candidacy(tx, &candidacy)?;
    }
    let filter = CertificationFilter { person: own, ..CertificationFilter::default() };
    for certification in tx.certifications().list(&filter, all())? {
        days.certification(tx, &certification)?;
    }
    let filter = PortfolioFilter { person: own, ..PortfolioFilter::default() };
    for portfolio in tx.portfolios().list(&filter, all())? {
        days.add(portfolio.created_at, portfolio.calendar_days());
    }
    let filter = AppealFilter { person: own, ..AppealFilter::default() };
    for appeal in tx.appeals().list(&filter, all())? {
        let today = program::today(app, tx, &appeal.program)?;
        days.add(appeal.created_at, appeal.calendar_days(today));
    }
    let filter = SubscriptionFilter { person: own, ..SubscriptionFilter::default() };
    for subscription in tx.subscriptions().list(&filter, all())? {
        days.add(ics::recorded(subscription.id), subscription.calendar_days());
    }
    days.calendar(tx)
}

/// The calendar of a candidacy and of the certification to which it led.
pub(crate) fn of_candidacy(
    app: &App,
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
) -> Result<Reply, Problem> {
    let mut days = Days { app, held: Vec::new() };
    days.candidacy(tx, candidacy)?;
    if let Some(certification) = tx.certifications().of(candidacy.id)? {
        days.certification(tx, &certification)?;
    }
    let filter = PortfolioFilter { candidacy: Some(candidacy.id), ..PortfolioFilter::default() };
    for portfolio in tx.portfolios().list(&filter, all())? {
        days.add(portfolio.created_at, portfolio.calendar_days());
    }
    days.calendar(tx)
}
