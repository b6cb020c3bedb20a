//! What is judged: portfolios, graduates and appeals, without what they say.

use domain::{AppealId, GraduateId, PortfolioId};
use persistence::{AppealFilter, GraduateFilter, Page, PortfolioFilter, Tx};
use serde_json::json;

use super::{Chunk, Sight};
use crate::problem::Problem;

pub(super) const PORTFOLIOS: &[&str] = &[
    "id",
    "program",
    "person_id",
    "candidacy_id",
    "set",
    "state",
    "attempts",
    "invoice_id",
    "submitted_on",
    "decided_on",
];

pub(super) const GRADUATES: &[&str] = &[
    "id",
    "program",
    "agreement_id",
    "college_id",
    "person_id",
    "candidacy_id",
    "name",
    "email",
    "graduated_on",
    "state",
    "decided_on",
];

pub(super) const APPEALS: &[&str] = &[
    "id",
    "program",
    "person_id",
    "organisation_id",
    "decision",
    "decided_on",
    "noticed_on",
    "state",
];

/// Portfolios.
pub(super) fn portfolios(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<PortfolioId>,
) -> Result<Chunk, Problem> {
    let found = tx.portfolios().list(&PortfolioFilter::default(), page)?;
    Chunk::of(
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
                json!(one.state),
                json!(one.attempts),
                json!(one.invoice),
                json!(one.submitted_on),
                json!(one.decided_on),
            ];
            Ok((one.program.clone(), Some(one.person), cells))
        },
    )
}

/// Graduates of recognised programs.
pub(super) fn graduates(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<GraduateId>,
) -> Result<Chunk, Problem> {
    let found = tx.graduates().list(&GraduateFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(one.agreement),
                json!(one.college),
                json!(one.person),
                json!(one.candidacy),
                json!(one.name),
                json!(one.email),
                json!(one.graduated_on),
                json!(one.state),
                json!(one.decided_on),
            ];
            Ok((one.program.clone(), one.person, cells))
        },
    )
}

/// Appeals.
pub(super) fn appeals(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<AppealId>,
) -> Result<Chunk, Problem> {
    let found = tx.appeals().list(&AppealFilter::default(), page)?;
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| {
            let person = one.appellant.person();
            let cells = vec![
                json!(one.id),
                json!(one.program.as_str()),
                json!(person),
                json!(one.appellant.organisation()),
                json!(one.decision.kind),
                json!(one.decision.decided_on),
                json!(one.noticed_on),
                json!(one.state),
            ];
            Ok((one.program.clone(), person, cells))
        },
    )
}
