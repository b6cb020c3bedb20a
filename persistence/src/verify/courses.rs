//! Invariants of courses and recognition agreements.

use domain::{
    agreement::{
        AgreementState,
        graduate::{Graduate, GraduateState},
    },
    completion::{Achievement, CompletionState},
    course::proposal::ProposalState,
};

use super::{Check, PAGE, recognition::was_credited};
use crate::{AgreementFilter, Error, GraduateFilter, Optional, Page, ProposalFilter, Tx};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "I7",
        sentence: "every graduate who was credited achieved every covered set, in one way or another",
        rows: uncredited_graduates,
    },
    Check {
        id: "I9",
        sentence: "every course proposal's state was reached by legal edges",
        rows: illegal_proposals,
    },
    Check {
        id: "I9",
        sentence: "every recognition agreement's state was reached by legal edges",
        rows: illegal_agreements,
    },
];

/// Whether the evidence of an achievement is there: of a course a completion that was verified, of a
/// bundle all of them, of recognition a graduate who was credited in this candidacy.
pub(super) fn evident(tx: &mut Tx<'_>, achievement: &Achievement) -> Result<bool, Error> {
    let evidence = achievement.evidence.as_str();
    if let Ok(completion) = evidence.parse() {
        let found = tx.completions().get(completion).found()?;
        return Ok(found.is_some_and(|one| one.state == CompletionState::Verified));
    }
    if let Ok(bundle) = evidence.parse() {
        let Some(bundle) = tx.bundles().get(bundle).found()? else { return Ok(false) };
        let done = tx.completions().of_candidacies(&[achievement.candidacy])?;
        let verified = |course| {
            done.iter().any(|one| one.course == course && one.state == CompletionState::Verified)
        };
        return Ok(bundle.courses.iter().all(|course| verified(*course)));
    }
    if let Ok(graduate) = evidence.parse() {
        let found = tx.graduates().get(graduate).found()?;
        return match found {
            Some(graduate) => was_credited(tx, &graduate, achievement.candidacy),
            None => Ok(false),
        };
    }
    Ok(!evidence.is_empty())
}

fn uncredited_graduates(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    let filter =
        GraduateFilter { state: Some(GraduateState::Verified), ..GraduateFilter::default() };
    loop {
        let page = tx.graduates().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for graduate in page {
            if let Some(fault) = uncredited(tx, &graduate)? {
                rows.push(format!("{}: {fault}", graduate.id));
            }
        }
    }
}

/// A set that was voided later was achieved once: only one that never was is told.
fn uncredited(tx: &mut Tx<'_>, graduate: &Graduate) -> Result<Option<String>, Error> {
    let Some(candidacy) = graduate.candidacy else { return Ok(None) };
    let agreement = tx.agreements().get(graduate.agreement)?;
    let Some(version) = agreement.version_on(graduate.graduated_on) else {
        return Ok(Some(format!("{} is not signed", agreement.id)));
    };
    let held = tx.achievements().of(candidacy)?;
    let covered = version.terms.covered_on(graduate.graduated_on);
    let missing = covered.iter().find(|set| !held.iter().any(|one| one.set == **set));
    Ok(missing.map(|set| format!("{set} was not achieved")))
}

/// Replays the events of every proposal along the legal edges.
fn illegal_proposals(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let filter = ProposalFilter::default();
        let page = tx.proposals().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for proposal in page {
            let told = history(tx, &proposal.id.to_string(), "proposal.")?;
            if ProposalState::replay(told.iter().map(String::as_str)) != Some(proposal.state) {
                rows.push(format!("{} is {}", proposal.id, proposal.state));
            }
        }
    }
}

/// Replays the events of every agreement along the legal edges.
fn illegal_agreements(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let filter = AgreementFilter::default();
        let page = tx.agreements().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for agreement in page {
            let told = history(tx, &agreement.id.to_string(), "agreement.")?;
            if AgreementState::replay(told.iter().map(String::as_str)) != Some(agreement.state) {
                rows.push(format!("{} is {}", agreement.id, agreement.state));
            }
        }
    }
}

/// The types of a subject's own events, in order.
fn history(tx: &mut Tx<'_>, subject: &str, own: &str) -> Result<Vec<String>, Error> {
    let events = tx.events().history(subject)?;
    let types = events.into_iter().map(|event| event.event_type);
    Ok(types.filter(|event_type| event_type.starts_with(own)).collect())
}
