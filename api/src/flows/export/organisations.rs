//! Institutions, colleges and their agreements.

use domain::{AgreementId, OrganisationId};
use persistence::{AgreementFilter, CollegeFilter, InstitutionFilter, Page, Tx};
use serde_json::json;

use super::{Chunk, Sight};
use crate::problem::Problem;

pub(super) const INSTITUTIONS: &[&str] = &["id", "program", "name", "address", "email"];

pub(super) const COLLEGES: &[&str] =
    &["id", "program", "name", "place", "website", "contact_email", "deactivated_on"];

pub(super) const AGREEMENTS: &[&str] =
    &["id", "program", "college_id", "state", "signed_on", "ends_on", "ended_on", "end_reason"];

/// Institutions that pay for their people.
pub(super) fn institutions(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<OrganisationId>,
) -> Result<Chunk, Problem> {
    let found = tx.institutions().list(&InstitutionFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.name),
                json!(one.address.join(", ")),
                json!(one.email),
            ];
            Ok((one.program.clone(), None, cells))
        },
    )
}

/// Colleges.
pub(super) fn colleges(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<OrganisationId>,
) -> Result<Chunk, Problem> {
    let found = tx.colleges().list(&CollegeFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.name),
                json!(one.place),
                json!(one.website),
                json!(one.contact_email),
                json!(one.standing.deactivated_on),
            ];
            Ok((one.program.clone(), None, cells))
        },
    )
}

/// Recognition agreements.
pub(super) fn agreements(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<AgreementId>,
) -> Result<Chunk, Problem> {
    let found = tx.agreements().list(&AgreementFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.college),
                json!(one.state),
                json!(one.signed_on),
                json!(one.ends_on),
                json!(one.ended_on),
                json!(one.end_reason),
            ];
            Ok((one.program.clone(), None, cells))
        },
    )
}
