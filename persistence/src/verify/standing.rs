//! Invariants of what was decided about certifications, and of their editions.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    CertificationId, PersonId,
    certificate::{Certification, Measure},
};

use super::{Check, PAGE};
use crate::{
    ApplicationFilter, CertificationFilter, Error, Page, Tx,
    conn::each_backend,
    schema::{certification_suspensions as suspensions, certifications, people},
    schema_access::sessions,
    types::V,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I6",
        sentence: "a certification's editions count from 1 and end with the name in force",
        rows: broken_editions,
    },
    Check {
        id: "I9",
        sentence: "a certification has one standing revocation at most, and one suspension a day",
        rows: clashing_measures,
    },
    Check {
        id: "I9",
        sentence: "an erased person holds no address, external id, password, session, membership or job",
        rows: unerased,
    },
    Check {
        id: "I9",
        sentence: "the dates by which lists find a certification follow from it",
        rows: stale_dates,
    },
];

/// Every certification for which `fault` tells something.
fn each(
    tx: &mut Tx<'_>,
    fault: impl Fn(&mut Tx<'_>, &Certification) -> Result<Option<String>, Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let filter = CertificationFilter::default();
        let page = tx.certifications().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for one in page {
            if let Some(told) = fault(tx, &one)? {
                rows.push(format!("{} {}: {told}", one.id, one.number));
            }
        }
    }
}

fn broken_editions(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each(tx, |_, one| {
        let counted = one.editions.iter().zip(1_u32..).all(|(print, n)| print.edition == n);
        let dated = one.editions.is_sorted_by_key(|print| print.issued_on);
        let named = one.editions.last().is_some_and(|print| print.holder_name == one.holder_name);
        let fault = match (counted, dated, named) {
            (true, true, true) => None,
            (false, ..) => Some("its editions do not count from 1"),
            (_, false, _) => Some("a later edition is older"),
            (_, _, false) => Some("its last edition has another name"),
        };
        Ok(fault.map(str::to_owned))
    })
}

fn clashing_measures(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    each(tx, |_, one| {
        let numbered = one.measures.iter().zip(1_u32..).all(|(measure, n)| measure.number == n);
        let standing = |measure: &&Measure| measure.reversal.is_none();
        let revocations = one
            .measures
            .iter()
            .filter(standing)
            .filter(|measure| measure.kind == domain::certificate::MeasureKind::Revocation)
            .count();
        let twice = one.suspensions().any(|measure| {
            let found = one.suspension(measure.effective_on);
            found.is_some_and(|other| other.number != measure.number)
        });
        let fault = if !numbered {
            Some("its measures do not count from 1")
        } else if revocations > 1 {
            Some("it is revoked twice")
        } else if twice {
            Some("two suspensions share a day")
        } else {
            None
        };
        Ok(fault.map(str::to_owned))
    })
}

/// The columns that are computed when a certification is saved, and the days of its suspensions.
fn stale_dates(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    type Days = (i64, NaiveDate, Option<NaiveDate>);
    each(tx, |tx, one| {
        let (revoked_on, stands_through) = each_backend!(tx.conn, |c| certifications::table
            .find(V(one.id))
            .select((certifications::revoked_on, certifications::stands_through))
            .first::<(Option<NaiveDate>, NaiveDate)>(c))?;
        let stored = if one.measures.is_empty() { Vec::new() } else { days(tx, one.id)? };
        let days: Vec<Days> = one
            .suspensions()
            .map(|measure| (measure.number.into(), measure.effective_on, measure.last_day()))
            .collect();
        let fits = revoked_on == one.revoked_on()
            && stands_through == one.stands_through()
            && stored == days;
        Ok((!fits).then(|| "its dates are stale".to_owned()))
    })
}

/// What an erased person still holds.
fn unerased(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let erased: Vec<(V<PersonId>, Option<NaiveDate>)> = each_backend!(tx.conn, |c| people::table
        .filter(people::erased_on.is_not_null())
        .select((people::id, people::erased_on))
        .order(people::id.asc())
        .load(c))?;
    let mut rows = Vec::new();
    for (V(person), erased_on) in erased {
        // A session that had run out by then was not ended; any other one was.
        let open: Vec<V<DateTime<Utc>>> = each_backend!(tx.conn, |c| sessions::table
            .filter(sessions::person_id.eq(V(person)))
            .filter(sessions::ended_at.is_null())
            .select(sessions::expires_at)
            .load(c))?;
        let stands = |V(until): &V<DateTime<Utc>>| {
            erased_on.and_then(|day| day.succ_opt()).is_some_and(|day| until.date_naive() > day)
        };
        let filter = ApplicationFilter { person: Some(person), ..ApplicationFilter::default() };
        let applications = tx.applications().list(&filter, Page { after: None, limit: PAGE })?;
        let clean = tx.people().emails(person)?.is_empty()
            && tx.external_ids().of_people(&[person])?.is_empty()
            && tx.credentials().of(person)?.is_none()
            && tx.memberships().of(person)?.is_empty()
            && !open.iter().any(stands)
            && applications.iter().all(|one| one.statements.jobs.is_empty());
        if !clean {
            rows.push(person.to_string());
        }
    }
    Ok(rows)
}

fn days(
    tx: &mut Tx<'_>,
    id: CertificationId,
) -> Result<Vec<(i64, NaiveDate, Option<NaiveDate>)>, Error> {
    Ok(each_backend!(tx.conn, |c| suspensions::table
        .filter(suspensions::certification_id.eq(V(id)))
        .order(suspensions::number.asc())
        .select((suspensions::number, suspensions::from_on, suspensions::through_on))
        .load(c))?)
}
