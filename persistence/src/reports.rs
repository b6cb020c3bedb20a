//! What reports count: aggregates of the database over dates that were handed in.

mod renewals;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::{count_star, exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    CandidacyId, Word,
    application::ApplicationState,
    candidacy::CandidacyStatus,
    certificate::selection::{Selection, Window},
    certification::{Method, term::CertificationStatus},
    competency::SetCode,
    program::ProgramCode,
};
use serde_json::json;

use crate::{
    CertificationFilter, Error, Tx,
    aggregate::CHUNK,
    conn::each_backend,
    json,
    schema::{achievements, candidacies},
    schema_house::events,
    types::V,
};

pub use renewals::{Ending, Logged};

/// What reports count.
pub struct Reports<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What reports count.
    pub fn reports(&mut self) -> Reports<'_, 'c> {
        Reports(self)
    }
}

/// How many of something there are.
pub type Counted<T> = Vec<(T, i64)>;

/// From when to when something took.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The candidacies of a program whose deadline never moved: their status on a day is a matter of columns.
macro_rules! plain {
    ($program:expr, $day:ident) => {
        candidacies::table
            .filter(candidacies::program.eq($program.as_str()))
            .filter(candidacies::admitted_on.le($day))
            .filter(candidacies::holds.eq(V(json!([]))))
            .filter(candidacies::extensions.eq(V(json!([]))))
            .into_boxed()
    };
}

impl Reports<'_, '_> {
    /// The applications of a program by the state that they had before an instant: that of the last event
    /// until then which leads to one.
    pub fn applications(
        &mut self,
        program: &ProgramCode,
        before: DateTime<Utc>,
    ) -> Result<Counted<ApplicationState>, Error> {
        let reached = ApplicationState::REACHED_BY;
        let types: Vec<&str> = reached.iter().map(|(event, _)| *event).collect();
        let rows: Vec<(String, i64)> = each_backend!(self.0.conn, |c| {
            let later = diesel::alias!(events as later);
            let followed = later
                .filter(later.field(events::subject).eq(events::subject))
                .filter(later.field(events::kind).eq_any(types.iter().copied()))
                .filter(later.field(events::at).lt(V(before)))
                .filter(sql::<Bool>("(later.at, later.id) > (events.at, events.id)"));
            events::table
                .filter(events::program.eq(V(program.clone())))
                .filter(events::kind.eq_any(types.iter().copied()))
                .filter(events::at.lt(V(before)))
                .filter(not(exists(followed)))
                .group_by(events::kind)
                .select((events::kind, count_star()))
                .load(c)
        })?;
        let count = |state: ApplicationState| {
            let leads = |event: &str| reached.contains(&(event, state));
            rows.iter().filter(|(event, _)| leads(event)).map(|(_, count)| count).sum::<i64>()
        };
        Ok(ApplicationState::ALL.iter().map(|state| (*state, count(*state))).collect())
    }

    /// The candidacies of a program by their status on a day. Those whose deadline moved are judged one by one.
    pub fn candidacies(
        &mut self,
        program: &ProgramCode,
        day: NaiveDate,
    ) -> Result<Counted<CandidacyStatus>, Error> {
        let mut counts: HashMap<CandidacyStatus, i64> = HashMap::new();
        for status in CandidacyStatus::ALL {
            let counted: i64 = each_backend!(self.0.conn, |c| {
                let query = plain!(program, day);
                let done = candidacies::completed_on.le(day);
                let open =
                    candidacies::completed_on.is_null().or(candidacies::completed_on.gt(day));
                let left = candidacies::withdrawn_on.le(day);
                let stays =
                    candidacies::withdrawn_on.is_null().or(candidacies::withdrawn_on.gt(day));
                let query = match status {
                    CandidacyStatus::Completed => query.filter(done),
                    CandidacyStatus::Withdrawn => query.filter(open).filter(left),
                    CandidacyStatus::Active => {
                        query.filter(open).filter(stays).filter(candidacies::deadline.ge(day))
                    }
                    CandidacyStatus::Expired => {
                        query.filter(open).filter(stays).filter(candidacies::deadline.lt(day))
                    }
                    // Without a hold none is on hold.
                    CandidacyStatus::OnHold => query.filter(candidacies::version.lt(0)),
                };
                query.count().get_result(c)
            })?;
            counts.insert(*status, counted);
        }
        let moved: Vec<V<CandidacyId>> = each_backend!(self.0.conn, |c| {
            candidacies::table
                .filter(candidacies::program.eq(program.as_str()))
                .filter(candidacies::admitted_on.le(day))
                .filter(
                    candidacies::holds
                        .ne(V(json!([])))
                        .or(candidacies::extensions.ne(V(json!([])))),
                )
                .select(candidacies::id)
                .load(c)
        })?;
        let moved: Vec<CandidacyId> = moved.into_iter().map(|id| id.0).collect();
        for chunk in moved.chunks(CHUNK) {
            for candidacy in self.0.candidacies().by_ids(chunk)? {
                *counts.entry(candidacy.status(day)).or_default() += 1;
            }
        }
        let count = |status: &CandidacyStatus| counts.get(status).copied().unwrap_or_default();
        Ok(CandidacyStatus::ALL.iter().map(|status| (*status, count(status))).collect())
    }

    /// The certifications of a program by their status on a day, within the widest renewal window of its policies.
    pub fn certifications(
        &mut self,
        program: &ProgramCode,
        day: NaiveDate,
        window: Window,
    ) -> Result<Counted<CertificationStatus>, Error> {
        let filter = CertificationFilter { program: Some(program.clone()), person: None };
        let mut counts = Vec::with_capacity(CertificationStatus::ALL.len());
        for status in CertificationStatus::ALL {
            let selection = Selection::on(day, Some(*status), None, window);
            counts.push((*status, self.0.certifications().count(&filter, &selection)?));
        }
        Ok(counts)
    }

    /// The achievements of a program that are dated in a period and stand on a day, by method and set.
    pub fn achievements(
        &mut self,
        program: &ProgramCode,
        (from, until): (NaiveDate, NaiveDate),
        as_of: NaiveDate,
    ) -> Result<Counted<(Method, SetCode)>, Error> {
        let rows: Vec<(V<Method>, String, i64)> = each_backend!(self.0.conn, |c| {
            achievements::table
                .filter(achievements::program.eq(program.as_str()))
                .filter(achievements::achieved_on.between(from, until))
                .filter(achievements::voided_on.is_null().or(achievements::voided_on.gt(as_of)))
                .group_by((achievements::method, achievements::set_code))
                .select((achievements::method, achievements::set_code, count_star()))
                .order((achievements::method.asc(), achievements::set_code.asc()))
                .load(c)
        })?;
        let read = |(method, set, count): (V<Method>, String, i64)| {
            Ok(((method.0, json::parsed::<SetCode>(&set)?), count))
        };
        rows.into_iter().map(read).collect()
    }

    /// From when to when things of a program took that ended in `[from, until)` by one of the events `ends`: from
    /// the last of the events `starts` before it.
    pub fn spans(
        &mut self,
        program: &ProgramCode,
        (starts, ends): (&[&str], &[&str]),
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Span>, Error> {
        let ended: Vec<(String, V<DateTime<Utc>>)> = each_backend!(self.0.conn, |c| {
            events::table
                .filter(events::program.eq(V(program.clone())))
                .filter(events::kind.eq_any(ends.iter().copied()))
                .filter(events::at.ge(V(from)))
                .filter(events::at.lt(V(until)))
                .order((events::at.asc(), events::id.asc()))
                .select((events::subject, events::at))
                .load(c)
        })?;
        let mut spans = Vec::with_capacity(ended.len());
        for chunk in ended.chunks(CHUNK) {
            let subjects: Vec<&str> = chunk.iter().map(|(subject, _)| subject.as_str()).collect();
            let started: Vec<(String, V<DateTime<Utc>>)> = each_backend!(self.0.conn, |c| {
                events::table
                    .filter(events::subject.eq_any(subjects.iter().copied()))
                    .filter(events::kind.eq_any(starts.iter().copied()))
                    .select((events::subject, events::at))
                    .load(c)
            })?;
            for (subject, end) in chunk {
                let before = started.iter().filter(|(of, at)| of == subject && at.0 <= end.0);
                spans.extend(before.map(|(_, at)| at.0).max().map(|start| (start, end.0)));
            }
        }
        Ok(spans)
    }
}
