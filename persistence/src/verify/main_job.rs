//! Invariants of the way from application to certificate.

use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};
use domain::{
    CandidacyId, PersonId,
    application::ApplicationState,
    certificate::Certification,
    certification::Requirement,
    competency::{Framework, SetMask},
    policy::Policy,
};

use super::{Check, PAGE, courses};
use crate::{
    ApplicationFilter, CertificationFilter, Error, Page, Tx,
    conn::each_backend,
    schema::{achievements, applications, certifications},
    types::V,
};

pub(super) const CHECKS: &[Check] = &[
    Check { id: "I6", sentence: "certificate numbers are unique", rows: repeated_numbers },
    Check {
        id: "I7",
        sentence: "every certification that is not revoked has its standing achievements, each with its evidence",
        rows: groundless_certifications,
    },
    Check {
        id: "I8",
        sentence: "a person has at most one open application to a program",
        rows: repeated_applications,
    },
    Check {
        id: "I8",
        sentence: "a candidate has at most one standing achievement of a set",
        rows: repeated_achievements,
    },
    Check {
        id: "I9",
        sentence: "every application's state was reached by legal edges",
        rows: illegal_histories,
    },
];

fn repeated_numbers(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    Ok(each_backend!(tx.conn, |c| certifications::table
        .group_by(certifications::number)
        .having(count_star().gt(1))
        .select(certifications::number)
        .limit(PAGE)
        .load(c))?)
}

fn repeated_applications(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let open = ApplicationState::OPEN.iter().map(|state| V(*state));
    let found: Vec<(String, V<PersonId>)> = each_backend!(tx.conn, |c| applications::table
        .filter(applications::state.eq_any(open.clone()))
        .group_by((applications::program, applications::person_id))
        .having(count_star().gt(1))
        .select((applications::program, applications::person_id))
        .limit(PAGE)
        .load(c))?;
    Ok(found.into_iter().map(|(program, person)| format!("{program} {}", person.0)).collect())
}

fn repeated_achievements(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let found: Vec<(V<CandidacyId>, String)> = each_backend!(tx.conn, |c| achievements::table
        .filter(achievements::voided_on.is_null())
        .group_by((achievements::candidacy_id, achievements::set_code))
        .having(count_star().gt(1))
        .select((achievements::candidacy_id, achievements::set_code))
        .limit(PAGE)
        .load(c))?;
    Ok(found.into_iter().map(|(candidacy, set)| format!("{} {set}", candidacy.0)).collect())
}

/// The rules that candidacies pinned, read once each.
#[derive(Default)]
struct Rules(HashMap<(String, i64, i64), (Policy, Framework)>);

fn groundless_certifications(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rules = Rules::default();
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let filter = CertificationFilter::default();
        let page = tx.certifications().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for certification in page.into_iter().filter(|one| one.revocation().is_none()) {
            if let Some(fault) = groundless(tx, &mut rules, &certification)? {
                rows.push(format!("{} {}: {fault}", certification.id, certification.number));
            }
        }
    }
}

fn groundless(
    tx: &mut Tx<'_>,
    rules: &mut Rules,
    certification: &Certification,
) -> Result<Option<String>, Error> {
    let candidacy = tx.candidacies().get(certification.candidacy)?;
    let program = candidacy.program.clone();
    let key = (program.to_string(), candidacy.policy_version, candidacy.framework_version);
    if !rules.0.contains_key(&key) {
        let policy = tx.programs().policy(&program, candidacy.policy_version)?.policy;
        let sets = tx.programs().framework(&program, candidacy.framework_version)?.framework;
        rules.0.insert(key.clone(), (policy, sets));
    }
    let Some((policy, framework)) = rules.0.get(&key) else { return Ok(None) };
    let held = tx.achievements().of(candidacy.id)?;
    let mut sets = SetMask::default();
    for ground in &certification.achievements {
        let standing =
            held.iter().find(|one| one.id == ground.achievement && one.voided_on.is_none());
        let Some(one) = standing.filter(|one| one.set == ground.set) else {
            return Ok(Some(format!("{} does not stand", ground.achievement)));
        };
        if !courses::evident(tx, one)? {
            return Ok(Some(format!("{} has no evidence", one.id)));
        }
        if let Some(index) = framework.index_of(&ground.set) {
            sets = sets.with(index);
        }
    }
    let met = Requirement::of(framework, &policy.certification).is_met(sets);
    Ok((!met).then(|| "its achievements do not meet the requirement".to_owned()))
}

/// Replays the events of every application along the legal edges.
fn illegal_histories(tx: &mut Tx<'_>) -> Result<Vec<String>, Error> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let filter = ApplicationFilter::default();
        let page = tx.applications().list(&filter, Page { after, limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.id);
        for application in page {
            let events = tx.events().history(&application.id.to_string())?;
            let types = events.iter().map(|event| event.event_type.as_str());
            if ApplicationState::replay(types) != Some(application.state) {
                rows.push(format!("{} is {}", application.id, application.state));
            }
        }
    }
}
