//! Names: what follows when a person has others.

use domain::{
    certificate::Certification,
    name_change::{self, NameChange},
    person::{Names, Person, PersonEvent},
    program::Program,
};
use persistence::{CertificationFilter, Page, Tx};

use super::{award, graduate};
use crate::{app::App, ids::Chance, problem::Problem, v1::people::event};

/// Every certification of a person: a few at most.
pub fn certifications(tx: &mut Tx<'_>, person: &Person) -> Result<Vec<Certification>, Problem> {
    let filter = CertificationFilter { person: Some(person.id), ..CertificationFilter::default() };
    Ok(tx.certifications().list(&filter, Page { after: None, limit: 1_000 })?)
}

/// Refuses names that change without proof, where a certificate of theirs still stands (409).
pub fn free(tx: &mut Tx<'_>, person: &Person, app: &App) -> Result<(), Problem> {
    for held in certifications(tx, person)? {
        let today = super::program::today(app, tx, &held.program)?;
        let finding = name_change::free_names_finding(std::slice::from_ref(&held), today);
        domain::decision::by_state(vec![finding])?;
    }
    Ok(())
}

/// Gives a person other names without proof; nothing where they are the same.
pub fn rename(
    app: &App,
    tx: &mut Tx<'_>,
    mut person: Person,
    after: Names,
) -> Result<Person, Problem> {
    let before = Names::from(&person);
    if after == before {
        return Ok(person);
    }
    person.given_name.clone_from(&after.given_name);
    person.family_name.clone_from(&after.family_name);
    free(tx, &person, app)?;
    tx.people().save(&mut person)?;
    tx.record(event(person.id, PersonEvent::Renamed { before, after }))?;
    // What a college posted or a provider signed under this name is theirs from now on.
    let today = |program: &Program| app.today(program);
    graduate::arrive_everywhere(tx, app.chance.as_ref(), today, person.id)?;
    Ok(person)
}

/// The office approves a name change: the person has the names, and each of their certificates that still
/// stands is reissued under its number.
pub fn approve(
    tx: &mut Tx<'_>,
    chance: &dyn Chance,
    today: impl Fn(&Program) -> chrono::NaiveDate + Copy,
    wanted: NameChange,
    decided_on: chrono::NaiveDate,
) -> Result<NameChange, Problem> {
    let person = tx.people().get(wanted.person)?;
    let (mut approved, mut person, facts) = wanted.approve(person, decided_on)?;
    tx.name_changes().save(&mut approved)?;
    tx.people().save(&mut person)?;
    for fact in facts {
        tx.record(event(person.id, fact))?;
    }
    let programs = tx.programs().list()?;
    for held in certifications(tx, &person)? {
        // Taken one by one: a renewal or a measure may be on its way.
        let held = tx.certifications().get(held.id)?;
        let program = programs.iter().find(|one| one.code == held.program);
        let day = program.map_or(decided_on, today);
        if let Some(reissued) = held.reissue(person.full_name(), day) {
            award::save(tx, reissued)?;
        }
    }
    graduate::arrive_everywhere(tx, chance, today, person.id)?;
    Ok(approved)
}
