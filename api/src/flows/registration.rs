//! Registration: by oneself, or from a file.

use domain::{
    life::Life,
    person::{Email, Names, Person, PersonEvent},
};
use persistence::Tx;

use crate::{problem::Problem, v1::people};

/// Registers somebody with an address that nobody verified. Without a password they set one by a reset.
pub fn register(
    tx: &mut Tx<'_>,
    names: Names,
    address: &str,
    hash: Option<&str>,
) -> Result<(Person, Email), Problem> {
    let person = Person {
        id: tx.new_id(),
        given_name: names.given_name,
        family_name: names.family_name,
        created_at: tx.now(),
        life: Life::default(),
        version: 1,
    };
    let email = Email {
        id: tx.new_id(),
        person: person.id,
        address: address.to_owned(),
        is_primary: true,
        verified_at: None,
    };
    tx.people().insert(&person)?;
    people::insert_email(tx, &email)?;
    if let Some(hash) = hash {
        tx.credentials().set(person.id, hash)?;
    }
    tx.record(people::event(person.id, PersonEvent::Registered { after: Names::from(&person) }))?;
    Ok((person, email))
}
