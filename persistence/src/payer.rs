//! Payers in rows: a column each for people and organisations, or one text where a row has two of them.

use domain::{OrganisationId, PersonId, ledger::Payer};

use crate::{Error, types::V};

/// The payer of a row with two columns, of which exactly one is filled.
pub(crate) fn payer(
    person: Option<V<PersonId>>,
    organisation: Option<V<OrganisationId>>,
) -> Result<Payer, Error> {
    match (person, organisation) {
        (Some(person), None) => Ok(Payer::Person(person.0)),
        (None, Some(organisation)) => Ok(Payer::Organisation(organisation.0)),
        _ => Err(Error::Broken("a row has no payer, or two".to_owned())),
    }
}

/// The people and the organisations among payers, for a filter of two columns.
pub(crate) fn split(payers: &[Payer]) -> (Vec<V<PersonId>>, Vec<V<OrganisationId>>) {
    let people = payers.iter().filter_map(|payer| payer.person().map(V)).collect();
    let organisations = payers.iter().filter_map(|payer| payer.organisation().map(V)).collect();
    (people, organisations)
}

/// The id of a payer, which tells what it is by its prefix.
pub(crate) fn text(payer: Payer) -> String {
    match payer {
        Payer::Person(person) => person.to_string(),
        Payer::Organisation(organisation) => organisation.to_string(),
    }
}

/// The payer that an id names.
pub(crate) fn of_text(text: &str) -> Result<Payer, Error> {
    let person = text.parse().map(Payer::Person);
    person
        .or_else(|_not_a_person| text.parse().map(Payer::Organisation))
        .map_err(|_not_one| Error::Broken(format!("{text:?} is the id of no payer")))
}
