//! Guidance, support events and requests for help (FAQ 15).

use chrono::NaiveDate;
use domain::{
    PersonId, SupportEventId, SupportRegistrationId,
    event::Event,
    program::ProgramCode,
    support::{
        Guidance, GuidanceText, HelpRequest, SupportEvent, SupportEventDetails, SupportFact,
        SupportRegistration,
    },
};
use persistence::{Constraint, Error, Page, SupportRegistrationFilter, Tx};

use super::program::InForce;
use crate::problem::Problem;

fn happened(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    (subject, person): (String, Option<PersonId>),
    fact: SupportFact,
) -> Result<(), Problem> {
    tx.record(Event { program: Some(program.clone()), subject, person, fact })?;
    Ok(())
}

/// Writes the guidance for a set anew.
pub fn revise(tx: &mut Tx<'_>, found: Guidance, text: GuidanceText) -> Result<Guidance, Problem> {
    let (by, now) = (tx.actor().to_owned(), tx.now());
    let (mut guidance, fact) = found.revise(text, by, now);
    tx.guidance().save(&mut guidance)?;
    happened(tx, &guidance.program, (guidance.id.to_string(), None), fact)?;
    Ok(guidance)
}

/// Announces an event; 422 with what is wrong with it.
pub fn announce(
    tx: &mut Tx<'_>,
    rules: &InForce,
    details: SupportEventDetails,
) -> Result<SupportEvent, Problem> {
    checked(rules, &details)?;
    let (event, fact) = SupportEvent::announce(tx.new_id(), rules.program.code.clone(), details);
    tx.support_events().insert(&event)?;
    happened(tx, &event.program, (event.id.to_string(), None), fact)?;
    Ok(event)
}

/// 422 with what is wrong with an event.
pub fn checked(rules: &InForce, details: &SupportEventDetails) -> Result<(), Problem> {
    let faults = details.check(&rules.framework);
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

fn save(tx: &mut Tx<'_>, event: &mut SupportEvent, fact: SupportFact) -> Result<(), Problem> {
    tx.support_events().save(event)?;
    happened(tx, &event.program, (event.id.to_string(), None), fact)
}

/// Changes an event.
pub fn update(
    tx: &mut Tx<'_>,
    rules: &InForce,
    found: SupportEvent,
    details: SupportEventDetails,
) -> Result<SupportEvent, Problem> {
    checked(rules, &details)?;
    let (mut event, fact) = found.update(details)?;
    save(tx, &mut event, fact)?;
    Ok(event)
}

/// Cancels an event, and tells everybody who is registered.
pub fn cancel(
    tx: &mut Tx<'_>,
    found: SupportEvent,
    reason: &str,
    today: NaiveDate,
) -> Result<SupportEvent, Problem> {
    let (mut event, fact) = found.cancel(reason.to_owned(), today)?;
    save(tx, &mut event, fact)?;
    let filter = SupportRegistrationFilter {
        event: Some(event.id),
        standing: true,
        ..SupportRegistrationFilter::default()
    };
    let all = Page { after: None, limit: i64::MAX };
    for one in tx.support_registrations().list(&filter, all)? {
        let fact = SupportFact::Released { event: event.id, reason: reason.to_owned() };
        happened(tx, &one.program, (one.id.to_string(), Some(one.person)), fact)?;
    }
    Ok(event)
}

/// Registers somebody for an event, whose row is held: the last seat is given once. 409 when it is full, was
/// cancelled or has begun, and for who is registered already.
pub fn register(
    tx: &mut Tx<'_>,
    event: SupportEventId,
    person: PersonId,
) -> Result<SupportRegistration, Problem> {
    let found = tx.support_events().get(event)?;
    let (id, now) = (tx.new_id(), tx.now());
    let standing = SupportRegistrationFilter {
        event: Some(event),
        person: Some(person),
        standing: true,
        ..SupportRegistrationFilter::default()
    };
    let one = Page { after: None, limit: 1 };
    if !tx.support_registrations().list(&standing, one)?.is_empty() {
        return Err(twice());
    }
    let (mut event, registration, fact) = found.register(id, person, now)?;
    tx.support_events().save(&mut event)?;
    tx.support_registrations().insert(&registration).map_err(|error| match error {
        Error::Conflict(Constraint::SupportRegistrationsOnce) => twice(),
        other => other.into(),
    })?;
    let whose = (registration.id.to_string(), Some(person));
    happened(tx, &registration.program, whose, fact)?;
    Ok(registration)
}

fn twice() -> Problem {
    Problem::conflict("You are registered for this event already.")
}

/// The registration of an id with its event, which is held first: whoever registers waits for it as well.
pub fn held(
    tx: &mut Tx<'_>,
    id: SupportRegistrationId,
) -> Result<(SupportEvent, SupportRegistration), Problem> {
    let event = tx.support_registrations().event_of(id)?;
    Ok((tx.support_events().get(event)?, tx.support_registrations().get(id)?))
}

/// Withdraws a registration: its seat is free again.
pub fn withdraw(
    tx: &mut Tx<'_>,
    (event, registration): (SupportEvent, SupportRegistration),
) -> Result<(SupportEvent, SupportRegistration), Problem> {
    let now = tx.now();
    let (mut event, mut registration, fact) = event.withdraw(registration, now)?;
    tx.support_events().save(&mut event)?;
    tx.support_registrations().save(&mut registration)?;
    let whose = (registration.id.to_string(), Some(registration.person));
    happened(tx, &registration.program, whose, fact)?;
    Ok((event, registration))
}

/// Stores a request for help.
pub fn ask(
    tx: &mut Tx<'_>,
    (request, fact): (HelpRequest, SupportFact),
) -> Result<HelpRequest, Problem> {
    tx.help_requests().insert(&request)?;
    happened(tx, &request.program, (request.id.to_string(), Some(request.person)), fact)?;
    Ok(request)
}

/// Saves a request for help with what happened to it.
pub fn save_help(
    tx: &mut Tx<'_>,
    (mut request, fact): (HelpRequest, SupportFact),
) -> Result<HelpRequest, Problem> {
    tx.help_requests().save(&mut request)?;
    happened(tx, &request.program, (request.id.to_string(), Some(request.person)), fact)?;
    Ok(request)
}
