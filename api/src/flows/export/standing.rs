//! What people are in a program, and what partners call them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    AccountId, CandidacyId, CertificationId, RenewalId, SubscriptionId, program::ProgramCode,
};
use persistence::{
    CandidacyFilter, CertificationFilter, Page, RenewalFilter, SubscriptionFilter, Tx,
};
use serde_json::json;

use super::{Chunk, Record, Sight};
use crate::{app::App, problem::Problem};

pub(super) const ACCOUNTS: &[&str] =
    &["id", "client_id", "external_id", "person_id", "linked_at", "dormancy_told_on"];

pub(super) const CANDIDACIES: &[&str] = &[
    "id",
    "program",
    "person_id",
    "application_id",
    "status",
    "admitted_on",
    "completed_on",
    "withdrawn_on",
    "policy_version",
    "framework_version",
];

pub(super) const ACHIEVEMENTS: &[&str] = &[
    "id",
    "program",
    "person_id",
    "candidacy_id",
    "set",
    "method",
    "achieved_on",
    "evidence",
    "voided_on",
    "void_reason",
];

pub(super) const CERTIFICATIONS: &[&str] = &[
    "id",
    "program",
    "person_id",
    "candidacy_id",
    "number",
    "holder_name",
    "status",
    "completed_on",
    "awarded_on",
    "renewals",
    "expires_on",
    "grace_ends_on",
    "provisional_until",
];

pub(super) const RENEWALS: &[&str] = &[
    "id",
    "program",
    "person_id",
    "certification_id",
    "term",
    "state",
    "submitted_on",
    "counted_minutes",
    "technology_minutes",
    "invoice_id",
    "decided_on",
    "renewed_until",
];

pub(super) const SUBSCRIPTIONS: &[&str] =
    &["id", "program", "person_id", "invoice_id", "activated_on", "ends_on", "ended_on"];

/// What partner systems call people; to a machine its own.
pub(super) fn accounts(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<AccountId>,
) -> Result<Chunk, Problem> {
    let found = tx.external_ids().list(sight.client(), page)?;
    let records = found.iter().map(|one| Record {
        person: Some(one.person),
        cells: vec![
            json!(one.id),
            json!(one.client),
            json!(one.external_id),
            json!(one.person),
            json!(one.linked_at),
            json!(one.dormancy_told_on),
        ],
    });
    Ok(Chunk { records: records.collect(), last: found.last().map(|one| one.id.bits()) })
}

/// Today in each program.
fn days(app: &App, tx: &mut Tx<'_>) -> Result<BTreeMap<ProgramCode, NaiveDate>, Problem> {
    let programs = tx.programs().list()?;
    Ok(programs.into_iter().map(|one| (one.code.clone(), app.today(&one))).collect())
}

/// Candidacies.
pub(super) fn candidacies(
    app: &App,
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<CandidacyId>,
) -> Result<Chunk, Problem> {
    let days = days(app, tx)?;
    let found = tx.candidacies().list(&CandidacyFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let status = days.get(&one.program).map(|day| one.status(*day));
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.person),
                json!(one.application),
                json!(status),
                json!(one.admitted_on),
                json!(one.completed_on),
                json!(one.withdrawn_on),
                json!(one.policy_version),
                json!(one.framework_version),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )
}

/// Achievements, those of one candidacy after those of another.
pub(super) fn achievements(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<CandidacyId>,
) -> Result<Chunk, Problem> {
    let candidacies = tx.candidacies().list(&CandidacyFilter::default(), page)?;
    let ids: Vec<_> = candidacies.iter().map(|one| one.id).collect();
    let found = tx.achievements().of_candidacies(&ids)?;
    let chunk = Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.person),
                json!(one.candidacy),
                json!(one.set.as_str()),
                json!(one.method),
                json!(one.achieved_on),
                json!(one.evidence),
                json!(one.voided_on),
                json!(one.void_reason),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )?;
    Ok(Chunk { last: ids.last().map(|id| id.bits()), ..chunk })
}

/// Certifications.
pub(super) fn certifications(
    app: &App,
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<CertificationId>,
) -> Result<Chunk, Problem> {
    let days = days(app, tx)?;
    let found = tx.certifications().list(&CertificationFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let status = days.get(&one.program).and_then(|day| one.status(*day));
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.person),
                json!(one.candidacy),
                json!(one.number.to_string()),
                json!(one.holder_name),
                json!(status),
                json!(one.completed_on),
                json!(one.awarded_on),
                json!(one.renewals),
                json!(one.expires_on),
                json!(one.grace_ends_on),
                json!(one.provisional_until),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )
}

/// Renewals.
pub(super) fn renewals(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<RenewalId>,
) -> Result<Chunk, Problem> {
    let found = tx.renewals().list(&RenewalFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.person),
                json!(one.certification),
                json!(one.term),
                json!(one.state),
                json!(one.submitted_on),
                json!(one.counted_minutes),
                json!(one.technology_minutes),
                json!(one.invoice),
                json!(one.decided_on),
                json!(one.renewed_until),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )
}

/// Account subscriptions.
pub(super) fn subscriptions(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<SubscriptionId>,
) -> Result<Chunk, Problem> {
    let found = tx.subscriptions().list(&SubscriptionFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.person),
                json!(one.invoice),
                json!(one.activated_on),
                json!(one.ends_on),
                json!(one.ended_on),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )
}
