//! Invariants of renewals: what they use, what they brought, how they came to where they stand.

use domain::{
    ActivityId,
    certificate::Certification,
    renewal::{Renewal, RenewalState},
};

use super::{Check, PAGE};
use crate::{ActivityFilter, Error, Page, RenewalFilter, Tx};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I9",
        sentence: "every renewal's state was reached by legal edges",
        rows: illegal_renewals,
    },
    Check {
        id: "I10",
        sentence: "every activity is consumed at most once, by a renewal that stands",
        rows: wrong_consumptions,
    },
    Check {
        id: "I10",
        sentence: "a certification has the terms that its granted renewals brought",
        rows: wrong_terms,
    },
];

fn every(
    tx: &mut Tx<'_>,
    wrong: fn(&mut Tx<'_>, &Renewal) -> Result<Option<String>, Error>,
) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = tx.renewals().list(&RenewalFilter::default(), Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for renewal in page {
            if let Some(fault) = wrong(tx, &renewal)? {
                rows.push(format!("{} {fault}", renewal.id));
            }
        }
    }
}

/// Replays the events of every renewal along the legal edges.
fn illegal_renewals(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every(tx, |tx, renewal| {
        let events = tx.events().history(&renewal.id.to_string())?;
        let types = events.iter().map(|event| event.event_type.as_str());
        let legal = RenewalState::replay(types) == Some(renewal.state);
        Ok((!legal).then(|| format!("is {}", renewal.state)))
    })
}

/// A renewal that stands uses the lines that count, and its activities say so; another one uses nothing.
fn wrong_consumptions(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    every(tx, |tx, renewal| {
        let stands = matches!(renewal.state, RenewalState::Submitted | RenewalState::Granted);
        let mut expected: Vec<ActivityId> =
            renewal.consumed().filter(|_| stands).map(|line| line.activity).collect();
        expected.sort();
        let used = tx.renewals().used(renewal.id)?;
        let filter = ActivityFilter { renewal: Some(renewal.id), ..ActivityFilter::default() };
        let most = i64::try_from(expected.len()).unwrap_or(i64::MAX).saturating_add(1);
        let saying = tx.activities().list(&filter, Page { after: None, limit: most })?;
        let saying: Vec<_> = saying.iter().map(|one| one.id).collect();
        Ok(if used != expected {
            Some("does not use what counts in it".to_owned())
        } else if saying != expected {
            Some("is not what its activities say".to_owned())
        } else {
            None
        })
    })
}

/// From the renewals to the certifications and back: the same renewals, on the same days, without a gap.
fn wrong_terms(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = every(tx, |tx, renewal| {
        let certification = tx.certifications().get(renewal.certification)?;
        let held = certification.renewed.iter().find(|one| one.renewal == renewal.id);
        let agrees = match (renewal.state, held) {
            (RenewalState::Granted, Some(held)) => {
                held.submitted_on == renewal.submitted_on
                    && Some(held.granted_on) == renewal.decided_on
                    && certification
                        .terms()
                        .iter()
                        .any(|term| term.renewal == Some(renewal.id) && term.number == renewal.term)
            }
            (RenewalState::Granted, None) => false,
            (_, held) => held.is_none(),
        };
        Ok((!agrees)
            .then(|| format!("is {}, unlike the terms of its certification", renewal.state)))
    })?;
    let mut after = None;
    loop {
        let page = tx.certifications().renewed(Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for held in page {
            if let Some(fault) = wrong_dates(tx, &held)? {
                rows.push(format!("{} {}: {fault}", held.id, held.number));
            }
        }
    }
}

fn wrong_dates(tx: &mut Tx<'_>, held: &Certification) -> Result<Option<String>, Error> {
    let filter = RenewalFilter {
        certification: Some(held.id),
        state: Some(RenewalState::Granted),
        ..RenewalFilter::default()
    };
    let granted = tx.renewals().list(&filter, Page { after: None, limit: PAGE })?;
    let terms = held.terms();
    let ends_follow = terms.windows(2).all(|pair| match pair {
        [before, after] => before.to < after.to && before.to < after.from,
        _ => true,
    });
    let agrees = usize::try_from(held.renewals) == Ok(granted.len())
        && held.renewed.len() == granted.len()
        && ends_follow
        && held.renewal_opens_on <= held.expires_on
        && held.expires_on <= held.grace_ends_on;
    Ok((!agrees).then(|| format!("{} renewals, {} granted", held.renewals, granted.len())))
}
