//! Enrollment assistance: the acts that reach beyond a request, to its round and the fee that it pays.

use std::collections::BTreeMap;

use domain::{
    PersonId,
    application::ApplicationState,
    award::{Assistance, AssistanceEvent, AwardRound, AwardRoundEvent, ranks, ticket_text},
    decision,
    event::Event,
};
use persistence::{ApplicationFilter, Constraint, Error, Page, Tx};
use sha2::{Digest, Sha256};

use super::{
    money::{self, assistance_event},
    program::InForce,
};
use crate::problem::Problem;

/// An event of a round.
#[must_use]
pub fn round_event(round: &AwardRound, fact: AwardRoundEvent) -> Event<AwardRoundEvent> {
    Event {
        program: Some(round.program.clone()),
        subject: round.id.to_string(),
        person: None,
        fact,
    }
}

/// Stores a round: 422 where it is worth nothing.
pub fn open(tx: &mut Tx<'_>, round: &AwardRound) -> Result<(), Problem> {
    decision::by_rule(vec![round.worth_finding()])?;
    tx.award_rounds().insert(round)?;
    tx.record(round_event(round, AwardRoundEvent::Opened { after: round.clone() }))?;
    Ok(())
}

/// The hash that places a ticket in the draw of a seed.
#[must_use]
pub fn hash(seed: &str, ticket: impl std::fmt::Display) -> [u8; 32] {
    Sha256::digest(ticket_text(seed, ticket)).into()
}

fn save(
    tx: &mut Tx<'_>,
    (mut request, fact): (Assistance, AssistanceEvent),
) -> Result<Assistance, Problem> {
    tx.assistance().save(&mut request).map_err(|error| match error {
        Error::Conflict(Constraint::AssistanceOnce) => {
            Problem::conflict("Another draw helps one of these people at this moment. Draw again.")
        }
        other => other.into(),
    })?;
    tx.record(assistance_event(&request, fact))?;
    Ok(request)
}

/// Somebody asks for assistance in a round that is held: 409 where they have asked, or were helped before.
pub fn request(
    tx: &mut Tx<'_>,
    rules: &InForce,
    round: &AwardRound,
    person: PersonId,
) -> Result<Assistance, Problem> {
    let helped = tx.assistance().helped(&round.program, person)?;
    decision::by_state(round.request_findings(rules.today, helped))?;
    let request = Assistance {
        id: tx.new_id(),
        program: round.program.clone(),
        round: round.id,
        person,
        amount_cents: round.amount_cents,
        requested_on: rules.today,
        withdrawn_on: None,
        rank: None,
        granted_on: None,
        invoice: None,
        version: 1,
    };
    tx.assistance().insert(&request).map_err(|error| match error {
        Error::Conflict(Constraint::AssistanceOneRequest) => {
            Problem::conflict("One request per person and round: there is one already.")
        }
        other => other.into(),
    })?;
    tx.record(assistance_event(&request, AssistanceEvent::Requested { round: round.id }))?;
    Ok(request)
}

/// Somebody withdraws their request before the draw.
pub fn withdraw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    request: Assistance,
) -> Result<Assistance, Problem> {
    save(tx, request.withdraw(rules.today)?)
}

/// Holds the draw of a round that is held. Tickets of people whom another round helped meanwhile are taken
/// out first: nobody is helped twice, and every place helps somebody. What is granted pays an open
/// application's fee at once.
pub fn draw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    round: AwardRound,
    seed: String,
) -> Result<AwardRound, Problem> {
    decision::by_state(vec![round.draw_finding(rules.today)])?;
    let mut hashes = BTreeMap::new();
    let mut tickets = BTreeMap::new();
    for found in tx.assistance().tickets(round.id)? {
        // Held one by one: somebody may withdraw at this moment.
        let ticket = tx.assistance().get(found.id)?;
        if ticket.withdrawn_on.is_some() {
            continue;
        }
        if tx.assistance().helped(&round.program, ticket.person)? {
            withdraw(tx, rules, ticket)?;
        } else {
            hashes.insert(ticket.id, hash(&seed, ticket.id));
            tickets.insert(ticket.id, ticket);
        }
    }
    let mut granted = Vec::new();
    let mut helped = Vec::new();
    for (rank, id) in ranks(&hashes) {
        let Some(ticket) = tickets.remove(&id) else { continue };
        let ticket = save(tx, ticket.drawn(rank, round.places, rules.today))?;
        if ticket.granted_on.is_some() {
            granted.push(id);
            helped.push(ticket.person);
        }
    }
    let (mut round, fact) = round.draw(seed, granted, rules.today)?;
    tx.award_rounds().save(&mut round)?;
    tx.record(round_event(&round, fact))?;
    for person in helped {
        pay(tx, rules, person)?;
    }
    Ok(round)
}

/// Pays the fee of a person's open application with what was just granted, where nothing else is going
/// to; otherwise it pays the next one.
fn pay(tx: &mut Tx<'_>, rules: &InForce, person: PersonId) -> Result<(), Problem> {
    let filter = ApplicationFilter {
        program: Some(rules.program.code.clone()),
        person: Some(person),
        ..ApplicationFilter::default()
    };
    let page = Page { after: None, limit: 1_000 };
    for found in tx.applications().list(&filter, page)? {
        // The application before its invoice, as everywhere.
        let application = tx.applications().get(found.id)?;
        if !ApplicationState::OPEN.contains(&application.state) {
            continue;
        }
        if let Some(invoice) = application.invoice {
            let invoice = tx.invoices().load(invoice)?;
            money::use_assistance(tx, rules, invoice)?;
        }
    }
    Ok(())
}
