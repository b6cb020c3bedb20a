//! Providers, their courses, and when these are taught.

use domain::{CourseId, OfferingId, OrganisationId};
use persistence::{CourseFilter, OfferingFilter, Page, ProviderFilter, Tx};
use serde_json::json;

use super::{Chunk, Sight};
use crate::problem::Problem;

pub(super) const PROVIDERS: &[&str] =
    &["id", "program", "kind", "name", "place", "website", "contact_email", "deactivated_on"];

pub(super) const COURSES: &[&str] = &[
    "id",
    "program",
    "provider_id",
    "set",
    "title",
    "modes",
    "place",
    "price",
    "website",
    "approved_on",
    "ends_on",
    "renewals",
    "ended_on",
    "end_kind",
    "bundle_id",
];

pub(super) const OFFERINGS: &[&str] = &[
    "id",
    "program",
    "course_id",
    "starts_on",
    "ends_on",
    "mode",
    "place",
    "link",
    "seats",
    "price",
    "contact",
    "registration_url",
    "cancelled_on",
];

/// Providers of courses.
pub(super) fn providers(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<OrganisationId>,
) -> Result<Chunk, Problem> {
    let found = tx.providers().list(&ProviderFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.kind),
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

/// Approved courses.
pub(super) fn courses(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<CourseId>,
) -> Result<Chunk, Problem> {
    let found = tx.courses().list(&CourseFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let modes: Vec<_> = one.details.modes.iter().map(ToString::to_string).collect();
            let ended = one.ended.as_ref();
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.provider),
                json!(one.set.as_str()),
                json!(one.details.title),
                json!(modes.join(" ")),
                json!(one.details.place),
                json!(one.details.price),
                json!(one.details.website),
                json!(one.approved_on),
                json!(one.ends_on),
                json!(one.renewals),
                json!(ended.map(|ending| ending.on)),
                json!(ended.map(|ending| ending.kind)),
                json!(one.bundle),
            ];
            Ok((one.program.clone(), None, cells))
        },
    )
}

/// Offerings of courses.
pub(super) fn offerings(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<OfferingId>,
) -> Result<Chunk, Problem> {
    let found = tx.offerings().list(&OfferingFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.course),
                json!(one.details.starts_on),
                json!(one.details.ends_on),
                json!(one.details.mode),
                json!(one.details.place),
                json!(one.details.link),
                json!(one.details.seats),
                json!(one.details.price),
                json!(one.details.contact),
                json!(one.details.registration_url),
                json!(one.cancelled_on),
            ];
            Ok((one.program.clone(), None, cells))
        },
    )
}
