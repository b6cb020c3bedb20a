//! Reports of renewals: terms that end, and hours that were logged.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use domain::{
    program::ProgramCode,
    renewal::{ActivityKind, Amount, RenewalState},
};

use super::Reports;
use crate::{
    Error,
    conn::each_backend,
    schema::{activities, certifications, renewals},
    types::V,
};

/// How many terms end on a day, and how many of them were renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ending {
    /// How many end.
    pub terms: i64,
    /// How many of them were renewed.
    pub renewed: i64,
}

/// Activities of one kind and amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// What they were.
    pub kind: ActivityKind,
    /// Whether they were in technology.
    pub technology: bool,
    /// How much each was.
    pub amount: Amount,
    /// How many.
    pub count: i64,
}

impl Reports<'_, '_> {
    /// The terms of a program's certifications that end in a period, by their last day, as known on a day: a term
    /// that a renewal added later is not known yet.
    pub fn terms_ending(
        &mut self,
        program: &ProgramCode,
        (from, until): (NaiveDate, NaiveDate),
        as_of: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, Ending>, Error> {
        let granted = || V(RenewalState::Granted);
        let present: Vec<(NaiveDate, i64)> = each_backend!(self.0.conn, |c| {
            let added_later = renewals::table
                .filter(renewals::certification_id.eq(certifications::id))
                .filter(renewals::state.eq(granted()))
                .filter(renewals::renewed_until.eq(certifications::expires_on.nullable()))
                .filter(renewals::decided_on.gt(as_of));
            certifications::table
                .filter(certifications::program.eq(program.as_str()))
                .filter(certifications::expires_on.between(from, until))
                .filter(certifications::awarded_on.le(as_of))
                .filter(not(exists(added_later)))
                .group_by(certifications::expires_on)
                .select((certifications::expires_on, count_star()))
                .load(c)
        })?;
        let mut ending: BTreeMap<NaiveDate, Ending> = BTreeMap::new();
        for (day, terms) in present {
            ending.entry(day).or_default().terms += terms;
        }
        for renewed_by_then in [true, false] {
            let followed: Vec<(NaiveDate, i64)> = each_backend!(self.0.conn, |c| {
                let before = diesel::alias!(renewals as before);
                let added_later = before
                    .filter(before.field(renewals::certification_id).eq(renewals::certification_id))
                    .filter(before.field(renewals::state).eq(granted()))
                    .filter(
                        before
                            .field(renewals::renewed_until)
                            .eq(renewals::term_expires_on.nullable()),
                    )
                    .filter(before.field(renewals::decided_on).gt(as_of));
                let awarded = certifications::table
                    .filter(certifications::id.eq(renewals::certification_id))
                    .filter(certifications::awarded_on.le(as_of));
                let query = renewals::table
                    .filter(renewals::program.eq(program.as_str()))
                    .filter(renewals::state.eq(granted()))
                    .filter(renewals::term_expires_on.between(from, until))
                    .filter(exists(awarded))
                    .filter(not(exists(added_later)))
                    .group_by(renewals::term_expires_on)
                    .select((renewals::term_expires_on, count_star()))
                    .into_boxed();
                let query = if renewed_by_then {
                    query.filter(renewals::decided_on.le(as_of))
                } else {
                    query.filter(renewals::decided_on.gt(as_of))
                };
                query.load(c)
            })?;
            for (day, terms) in followed {
                let ending = ending.entry(day).or_default();
                ending.terms += terms;
                ending.renewed += if renewed_by_then { terms } else { 0 };
            }
        }
        Ok(ending)
    }

    /// The activities of a program that are dated in a period, as they were logged until a day, by kind and amount.
    pub fn logged(
        &mut self,
        program: &ProgramCode,
        (from, until): (NaiveDate, NaiveDate),
        as_of: NaiveDate,
    ) -> Result<Vec<Logged>, Error> {
        type Row = (V<ActivityKind>, bool, Option<i64>, Option<i64>, i64);
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            activities::table
                .filter(activities::program.eq(program.as_str()))
                .filter(activities::dated_on.between(from, until))
                .filter(activities::logged_on.le(as_of))
                .filter(activities::removed_on.is_null().or(activities::removed_on.gt(as_of)))
                .group_by((
                    activities::kind,
                    activities::technology,
                    activities::minutes,
                    activities::quantity,
                ))
                .select((
                    activities::kind,
                    activities::technology,
                    activities::minutes,
                    activities::quantity,
                    count_star(),
                ))
                .load(c)
        })?;
        let read = |(kind, technology, minutes, quantity, count): Row| {
            let amount = minutes.map(Amount::Minutes).or(quantity.map(Amount::Quantity));
            let amount =
                amount.ok_or_else(|| Error::Broken("an activity of no amount".to_owned()))?;
            Ok(Logged { kind: kind.0, technology, amount, count })
        };
        rows.into_iter().map(read).collect()
    }
}
