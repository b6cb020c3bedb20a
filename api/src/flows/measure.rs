//! Suspensions and revocations: what is decided about a certification, and the days by which lists find it.

use domain::certificate::{Certification, CertificationEvent, Reversal};
use persistence::Tx;

use super::award;
use crate::problem::Problem;

/// Saves a certification with what was decided about it.
pub fn save(
    tx: &mut Tx<'_>,
    decided: (Certification, CertificationEvent),
) -> Result<Certification, Problem> {
    let certification = award::save(tx, decided)?;
    tx.certifications().put_suspensions(&certification)?;
    Ok(certification)
}

/// Reverses a measure that was wrong; 404 where there is none of this number.
pub fn reverse(
    tx: &mut Tx<'_>,
    certification: Certification,
    number: u32,
    reversal: Reversal,
) -> Result<Certification, Problem> {
    // The candidacy is the root: a reversal and a voiding of what it rests on wait for each other.
    tx.candidacies().get(certification.candidacy)?;
    let held = tx.achievements().of(certification.candidacy)?;
    let stands = certification.achievements.iter().all(|ground| {
        held.iter().any(|one| one.id == ground.achievement && one.voided_on.is_none())
    });
    let reversed = certification.reverse(number, reversal, stands)?;
    save(tx, reversed.ok_or_else(Problem::not_found)?)
}
