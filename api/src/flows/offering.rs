//! Offerings of approved courses: announced, changed and cancelled by their providers.

use chrono::NaiveDate;
use domain::{
    course::{
        Course,
        offering::{CourseRequest, Offering, OfferingDetails, OfferingEvent},
    },
    event::Event,
};
use persistence::Tx;

use crate::problem::Problem;

fn event(offering: &Offering, fact: OfferingEvent) -> Event<OfferingEvent> {
    Event {
        program: Some(offering.program.clone()),
        subject: offering.id.to_string(),
        person: None,
        fact,
    }
}

/// Announces an offering of a course. 409 while its provider is not active, 422 where it does not fit the
/// course.
pub fn announce(
    tx: &mut Tx<'_>,
    course: &Course,
    details: OfferingDetails,
    today: NaiveDate,
) -> Result<Offering, Problem> {
    let active = tx.providers().get(course.provider)?.standing.active_finding(today);
    let (offering, fact) = Offering::announce(tx.new_id(), course, details, active)?;
    tx.offerings().insert(&offering)?;
    tx.record(event(&offering, fact))?;
    Ok(offering)
}

/// Changes when and where. 409 while the provider is not active, 422 where it does not fit the course.
pub fn update(
    tx: &mut Tx<'_>,
    course: &Course,
    offering: Offering,
    after: OfferingDetails,
    today: NaiveDate,
) -> Result<Offering, Problem> {
    let active = tx.providers().get(course.provider)?.standing.active_finding(today);
    let same = offering.details == after;
    let updated = offering.clone().update(course, after, active)?;
    if same { Ok(offering) } else { save(tx, updated) }
}

/// Saves an offering with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut offering, fact): (Offering, OfferingEvent),
) -> Result<Offering, Problem> {
    tx.offerings().save(&mut offering)?;
    tx.record(event(&offering, fact))?;
    Ok(offering)
}

/// Takes a request for a course near somebody.
pub fn request(tx: &mut Tx<'_>, request: &CourseRequest) -> Result<(), Problem> {
    tx.course_requests().insert(request)?;
    tx.record(Event {
        program: Some(request.program.clone()),
        subject: request.id.to_string(),
        person: request.person,
        fact: request.made(),
    })?;
    Ok(())
}
