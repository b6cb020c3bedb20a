//! Files of people: each is registered, without a password.

use domain::{
    PersonId,
    import::ImportRow,
    person::{Email, Names, Person, fold_email},
    program::ProgramCode,
    text::fold,
};
use persistence::{Optional, Tx};
use serde::Deserialize;

use super::{Desk, Subject, accepted, already, each, undo};
use crate::{
    flows::{life, program, registration},
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name},
};

/// Files of people.
pub(super) struct People;

/// One row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    source_id: Option<Line>,
    given_name: Name,
    family_name: Name,
    email: EmailAddress,
}

impl Subject for People {
    type Row = Row;

    fn keys(row: &Row) -> Vec<String> {
        let address = format!("email {}", fold_email(&row.email));
        row.source_id.iter().map(|id| format!("source {}", &**id)).chain([address]).collect()
    }

    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Row)],
    ) -> Result<Vec<ImportRow>, Problem> {
        each(tx, rows, |tx, line, row| {
            let key = row.source_id.as_ref().map(|id| desk.source_key(id));
            let known = key.as_ref().map(|key| desk.of_source(tx, key)).transpose()?.flatten();
            let taken = one(tx, line, row, known)?;
            let made = taken.made.as_deref().and_then(|made| made.parse().ok());
            if let Some((key, made)) = key.clone().zip(made) {
                desk.sources.insert(key, made);
            }
            Ok(ImportRow { source_key: key, ..taken })
        })
    }

    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem> {
        let id: PersonId = undo::id(made)?;
        let person = undo::there(tx.people().get(id).found()?)?;
        undo::unchanged(row, person.version)?;
        undo::alone(desk, tx, &[id.to_string()], Some(id))?;
        let today = program::today(desk.app, tx, &ProgramCode::lssc())?;
        life::erase(desk.app, tx, person, today).map(|(_, keys)| keys)
    }
}

/// Registers somebody, unless they are there.
fn one(
    tx: &mut Tx<'_>,
    line: i64,
    row: &Row,
    known: Option<PersonId>,
) -> Result<ImportRow, Problem> {
    if let Some(person) = known.map(|id| tx.people().get(id).found()).transpose()?.flatten()
        && person.life.erased_on.is_none()
    {
        let emails = tx.people().emails(person.id)?;
        return if tells(row, &person) && emails.iter().any(|one| is_theirs(row, one)) {
            Ok(already(line, person.id.to_string()))
        } else {
            let detail =
                format!("It is the source_id of {}, who has another name or address.", person.id);
            Err(Problem::input("/source_id", "differs", detail))
        };
    }
    if let Some(holder) = tx.people().by_email(&row.email)? {
        return if tells(row, &tx.people().get(holder)?) {
            Ok(already(line, holder.to_string()))
        } else {
            let detail = "Somebody of another name is registered with this e-mail address.";
            Err(Problem::input("/email", "conflict", detail))
        };
    }
    let names =
        Names { given_name: row.given_name.to_string(), family_name: row.family_name.to_string() };
    let (person, _) = registration::register(tx, names, &row.email, None)?;
    let made = (person.id.to_string(), Some(person.version));
    Ok(accepted(line, "registered", "The person is registered.", made))
}

/// Whether a row gives the names of a person.
fn tells(row: &Row, person: &Person) -> bool {
    fold(&row.given_name) == fold(&person.given_name)
        && fold(&row.family_name) == fold(&person.family_name)
}

fn is_theirs(row: &Row, email: &Email) -> bool {
    fold_email(&email.address) == fold_email(&row.email)
}
