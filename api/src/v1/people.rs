//! People: one record each; e-mail is an attribute, never the identity.

mod emails;
mod life;
mod views;

use actix_web::{get, patch, post};
use domain::{
    PersonId,
    access::{Action, Facts},
    credential::password_faults,
    event::Event,
    person::{Email, Names, Person, PersonEvent},
    program::ProgramCode,
};
use persistence::{Constraint, Error, PersonFilter, Tx};

pub use emails::*;
pub use life::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{self, naming, program, registration},
    problem::Problem,
    v1::fields::Term,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(register_person)
        .service(get_me)
        .service(list_people)
        .service(get_person)
        .service(update_person)
        .service(add_email)
        .service(make_email_primary)
        .service(request_email_verification)
        .service(remove_email)
        .service(confirm_email)
        .service(retire_person)
        .service(record_death)
        .service(restore_person)
        .service(erase_person);
}

/// An event of a person.
pub(crate) fn event(person: PersonId, fact: PersonEvent) -> Event<PersonEvent> {
    Event { program: None, subject: person.to_string(), person: Some(person), fact }
}

fn answer(tx: &mut Tx<'_>, call: &Call, person: Person) -> Result<Reply, Problem> {
    let version = person.version;
    let emails = tx.people().emails(person.id)?;
    Ok(Reply::ok(&PersonView::of(person, emails, None, call.caller())).etag(version).private())
}

/// The person as they are read: with what stands in the way of an erasure, for who may ask for one.
fn read(app: &App, tx: &mut Tx<'_>, call: &Call, person: Person) -> Result<Reply, Problem> {
    let version = person.version;
    let emails = tx.people().emails(person.id)?;
    let may = call.caller().may(Action::ErasePerson, &Facts::of_person(person.id)).is_ok();
    let today = program::today(app, tx, &ProgramCode::lssc())?;
    let unfinished = may.then(|| flows::life::unfinished(tx, person.id, today)).transpose()?;
    let view = PersonView::of(person, emails, unfinished.as_ref(), call.caller());
    Ok(Reply::ok(&view).etag(version).private())
}

/// A person who is there: 404 where they were erased.
pub(crate) fn present(tx: &mut Tx<'_>, id: PersonId) -> Result<Person, Problem> {
    let person = tx.people().get(id)?;
    if person.life.erased_on.is_none() { Ok(person) } else { Err(Problem::not_found()) }
}

/// The person that a body names at `pointer`: 422 when there is none.
pub(crate) fn named(tx: &mut Tx<'_>, pointer: &str, id: PersonId) -> Result<Person, Problem> {
    let unknown = || Problem::input(pointer, "unknown", "There is no such person.");
    match tx.people().get(id) {
        Ok(person) if person.life.erased_on.is_some() => Err(unknown()),
        Ok(person) => Ok(person),
        Err(Error::NotFound) => Err(match tx.merges().into_of(id)? {
            Some(into) => {
                let detail = format!("This person was merged into {into}: name that one.");
                Problem::input(pointer, "merged", detail)
            }
            None => unknown(),
        }),
        Err(other) => Err(other.into()),
    }
}

/// Stores an e-mail address: 409 where somebody has it already.
pub(crate) fn insert_email(tx: &mut Tx<'_>, email: &Email) -> Result<(), Problem> {
    tx.people().insert_email(email).map_err(|error| match error {
        Error::Conflict(Constraint::EmailsAddress) => {
            Problem::conflict("Somebody is registered with this e-mail address.")
        }
        other => other.into(),
    })
}

/// Register
///
/// Makes a person with a password. Everyone who registered is a candidate: may apply, and see what is
/// their own. An address is registered once, however it is written. A mail with a token goes to it, which
/// `POST /v1/email-verifications` takes.
#[utoipa::path(tag = "Candidates", request_body = RegisterPerson,
    extensions(("x-idempotency-key" = json!("optional"))),
    responses((status = 201, body = PersonView)))]
#[post("/v1/people")]
pub(crate) async fn register_person(
    app: App,
    call: Call,
    body: Body<RegisterPerson>,
) -> Result<Reply, Problem> {
    call.allow(Action::RegisterPerson, &Facts::default())?;
    let body = body.take()?;
    let faults = password_faults("/password", &body.password, &[body.email.to_string()]);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    // Hashing is slow by design: it happens before the transaction, which then holds nothing up.
    let hash = app.auth.passwords.hash(app.chance.as_ref(), &body.password).await?;
    app.change(&call, move |tx, call| {
        let names = Names {
            given_name: body.given_name.to_string(),
            family_name: body.family_name.to_string(),
        };
        let (person, email) = registration::register(tx, names, &body.email, Some(&hash))?;
        let location = format!("/v1/people/{}", person.id);
        let view = PersonView::of(person, vec![email], None, call.caller());
        Ok(Reply::created(location, &view).etag(1).private())
    })
    .await
}

/// People are of no program; a machine that is confined to some is told of those who applied there, and 404 of
/// everybody else.
pub(crate) fn is_told_of(tx: &mut Tx<'_>, call: &Call, person: PersonId) -> Result<(), Problem> {
    match call.caller().programs_of(None) {
        Some(programs) if tx.people().applied_in(&[person], &programs)?.is_empty() => {
            Err(Problem::not_found())
        }
        _ => Ok(()),
    }
}

/// Read oneself
#[utoipa::path(tag = "Candidates", responses((status = 200, body = PersonView)))]
#[get("/v1/me")]
pub(crate) async fn get_me(app: App, call: Call, seen: IfNoneMatch) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let person = call.signed()?.person();
            call.allow(Action::GetMe, &Facts { owner: person, organisation: None })?;
            let person = tx.people().get(person.ok_or_else(Problem::not_found)?)?;
            Ok(seen.answer(read(&app, tx, call, person)?))
        })
        .await
}

/// Search people
///
/// By e-mail address, however it is written, or by family name.
#[utoipa::path(tag = "Office", params(ListPeople),
    responses((status = 200, body = Listing<PersonView>)))]
#[get("/v1/people")]
pub(crate) async fn list_people(
    app: App,
    call: Call,
    query: Query<ListPeople>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListPeople, &Facts::default())?;
        let page = Page::<PersonId>::of(query.limit, query.cursor.as_ref())?;
        let filter = PersonFilter {
            email: query.email.clone().map(Term::into_inner),
            family_name: query.family_name.clone().map(Term::into_inner),
            programs: call.caller().programs_of(None),
        };
        let rows = tx.people().list(&filter, page.rows())?;
        let mut found = Vec::with_capacity(rows.len());
        for person in rows {
            let emails = tx.people().emails(person.id)?;
            found.push((person, emails));
        }
        let listing = page.listing(
            found,
            |(person, _)| person.id,
            |(person, emails)| {
                call.discloses([person.id]);
                PersonView::of(person, emails, None, call.caller())
            },
        );
        Ok(listing.reply(call))
    })
    .await
}

/// Read a person
#[utoipa::path(tag = "Candidates", responses((status = 200, body = PersonView)))]
#[get("/v1/people/{person_id}")]
pub(crate) async fn get_person(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetPerson, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            is_told_of(tx, call, person.id)?;
            call.discloses([person.id]);
            Ok(seen.answer(read(&app, tx, call, person)?))
        })
        .await
}

/// Change a person's names
///
/// What is left out stays; where nothing changes, neither does the version. Who holds a certificate that still
/// stands asks for a name change instead, with proof: 409. Needs `If-Match`.
#[utoipa::path(tag = "Candidates", request_body = UpdatePerson,
    responses((status = 200, body = PersonView)))]
#[patch("/v1/people/{person_id}")]
pub(crate) async fn update_person(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<UpdatePerson>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::UpdatePerson, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            let body = body.get()?;
            seen.check(person.version)?;
            let mut names = Names::from(&person);
            if let Some(name) = &body.given_name {
                names.given_name = name.to_string();
            }
            if let Some(name) = &body.family_name {
                names.family_name = name.to_string();
            }
            let person = naming::rename(&app, tx, person, names)?;
            answer(tx, call, person)
        })
        .await
}
