//! Certifications by status: ranges of dates, each list in the order of the index that serves it.

use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use domain::{
    CertificationId,
    certificate::{
        Certification,
        selection::{Days, Order, Selection},
    },
};

use super::{CertificationFilter, Certifications, Row};
use crate::{
    Error, Page, Place,
    conn::each_backend,
    schema::{certification_suspensions as suspensions, certifications},
    types::V,
};

#[derive(Insertable)]
#[diesel(table_name = suspensions)]
struct Suspension {
    certification_id: V<CertificationId>,
    number: i64,
    program: String,
    from_on: chrono::NaiveDate,
    through_on: Option<chrono::NaiveDate>,
}

macro_rules! within {
    ($query:ident, $column:expr, $days:expr) => {
        let Days { from, through } = $days;
        if let Some(day) = from {
            $query = $query.filter($column.ge(day));
        }
        if let Some(day) = through {
            $query = $query.filter($column.le(day));
        }
    };
}

/// Orders by a date and the id, and goes on after a place; [`Selection::after`] begins its range there.
macro_rules! in_order {
    ($query:ident, $column:expr, $after:expr) => {{
        if let Some(Place { day: Some(day), id }) = $after {
            $query = $query.filter($column.gt(day).or(certifications::id.gt(V(id))));
        }
        $query = $query.order(($column.asc(), certifications::id.asc()));
    }};
}

/// The suspensions in force on a day: few, whatever the number of certifications.
macro_rules! in_force {
    ($query:expr, $day:expr) => {
        $query
            .filter(suspensions::from_on.le($day))
            .filter(suspensions::through_on.is_null().or(suspensions::through_on.ge($day)))
    };
}

/// The ranges and marks of a selection, but for suspensions.
macro_rules! narrowed {
    ($query:ident, $filter:expr, $selection:expr) => {{
        if let Some(person) = $filter.person {
            $query = $query.filter(certifications::person_id.eq(V(person)));
        }
        within!($query, certifications::completed_on, $selection.completed);
        within!($query, certifications::expires_on, $selection.expires);
        within!($query, certifications::renewal_opens_on, $selection.opens);
        within!($query, certifications::stands_through, $selection.stands_through);
        within!($query, certifications::provisional_until, $selection.condition_ends);
        within!($query, certifications::revoked_on, $selection.revoked);
        let day = $selection.day;
        let (met, until) = (certifications::condition_met_on, certifications::provisional_until);
        match $selection.condition_open {
            Some(true) => $query = $query.filter(met.is_null().or(met.gt(day))),
            Some(false) => $query = $query.filter(until.is_null().or(met.le(day))),
            None => {}
        }
        let revoked = certifications::revoked_on;
        if $selection.unrevoked {
            $query = $query.filter(revoked.is_null().or(revoked.gt(day)));
        }
        if $selection.renewal_closed {
            let outside = certifications::renewal_opens_on
                .gt(day)
                .or(certifications::stands_through.lt(day))
                .or(certifications::completed_on.gt(day));
            $query = $query.filter(outside.or(revoked.le(day)));
        }
    }};
}

impl Certifications<'_, '_> {
    /// A page of what is selected, in the order of the selection.
    pub fn select(
        &mut self,
        filter: &CertificationFilter,
        selection: &Selection,
        page: Page<Place<CertificationId>>,
    ) -> Result<Vec<Certification>, Error> {
        let place = page.after.and_then(|place| place.day);
        let selection = place.map_or(*selection, |day| selection.after(day));
        let rows = if selection.suspended == Some(true) {
            self.suspended(filter, &selection, page)?
        } else {
            self.ranged(filter, &selection, page)?
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many are selected.
    pub fn count(
        &mut self,
        filter: &CertificationFilter,
        selection: &Selection,
    ) -> Result<i64, Error> {
        if selection.suspended == Some(true) {
            return Ok(each_backend!(self.0.conn, |c| {
                let of_it = certifications::id.eq(suspensions::certification_id);
                let mut query = suspensions::table
                    .inner_join(certifications::table.on(of_it))
                    .select(count_star())
                    .into_boxed();
                query = in_force!(query, selection.day);
                if let Some(program) = &filter.program {
                    query = query.filter(suspensions::program.eq(program.as_str().to_owned()));
                }
                narrowed!(query, filter, selection);
                query.get_result(c)
            })?);
        }
        Ok(each_backend!(self.0.conn, |c| {
            let mut query = certifications::table.select(count_star()).into_boxed();
            if let Some(program) = &filter.program {
                query = query.filter(certifications::program.eq(program.as_str().to_owned()));
            }
            narrowed!(query, filter, selection);
            if selection.suspended == Some(false) {
                let of_it = suspensions::certification_id.eq(certifications::id);
                let held = in_force!(suspensions::table.filter(of_it), selection.day);
                query = query.filter(not(exists(held)));
            }
            query.get_result(c)
        })?)
    }

    fn ranged(
        &mut self,
        filter: &CertificationFilter,
        selection: &Selection,
        page: Page<Place<CertificationId>>,
    ) -> Result<Vec<Row>, Error> {
        Ok(each_backend!(self.0.conn, |c| {
            let mut query = certifications::table.select(Row::as_select()).into_boxed();
            if let Some(program) = &filter.program {
                query = query.filter(certifications::program.eq(program.as_str().to_owned()));
            }
            narrowed!(query, filter, selection);
            if selection.suspended == Some(false) {
                let of_it = suspensions::certification_id.eq(certifications::id);
                let held = in_force!(suspensions::table.filter(of_it), selection.day);
                query = query.filter(not(exists(held)));
            }
            match selection.order {
                Order::Id => {
                    if let Some(place) = page.after {
                        query = query.filter(certifications::id.gt(V(place.id)));
                    }
                    query = query.order(certifications::id.asc());
                }
                Order::Expiry => in_order!(query, certifications::expires_on, page.after),
                Order::End => in_order!(query, certifications::stands_through, page.after),
                Order::Condition => in_order!(query, certifications::provisional_until, page.after),
                Order::Revocation => in_order!(query, certifications::revoked_on, page.after),
            }
            query.limit(page.limit).load(c)
        })?)
    }

    /// From the few suspensions to their certifications. The program is asked of the suspension alone: SQLite
    /// would begin with an index of certifications that begins with it, and read all of them.
    fn suspended(
        &mut self,
        filter: &CertificationFilter,
        selection: &Selection,
        page: Page<Place<CertificationId>>,
    ) -> Result<Vec<Row>, Error> {
        Ok(each_backend!(self.0.conn, |c| {
            let of_it = certifications::id.eq(suspensions::certification_id);
            let mut query = suspensions::table
                .inner_join(certifications::table.on(of_it))
                .select(Row::as_select())
                .into_boxed();
            query = in_force!(query, selection.day);
            if let Some(program) = &filter.program {
                query = query.filter(suspensions::program.eq(program.as_str().to_owned()));
            }
            narrowed!(query, filter, selection);
            if let Some(place) = page.after {
                query = query.filter(suspensions::certification_id.gt(V(place.id)));
            }
            query.order(suspensions::certification_id.asc()).limit(page.limit).load(c)
        })?)
    }

    /// Stores the days of its suspensions, by which lists find it: after every measure.
    pub fn put_suspensions(&mut self, certification: &Certification) -> Result<(), Error> {
        let of_it = suspensions::certification_id.eq(V(certification.id));
        each_backend!(self.0.conn, |c| diesel::delete(suspensions::table.filter(of_it))
            .execute(c))?;
        let row = |one: &domain::certificate::Measure| Suspension {
            certification_id: V(certification.id),
            number: one.number.into(),
            program: certification.program.to_string(),
            from_on: one.effective_on,
            through_on: one.last_day(),
        };
        let rows: Vec<_> = certification.suspensions().map(row).collect();
        if !rows.is_empty() {
            each_backend!(self.0.conn, |c| diesel::insert_into(suspensions::table)
                .values(&rows)
                .execute(c))?;
        }
        Ok(())
    }
}
