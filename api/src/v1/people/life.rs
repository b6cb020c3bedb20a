//! Retirement, death, coming back, and erasure.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact, PersonId,
    access::{Action, Facts},
    calendar,
    program::ProgramCode,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{answer, present};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{life, program},
    problem::Problem,
    v1::fields::OptionalReason,
};

/// What records a death.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDeath {
    /// The day, today or earlier.
    pub deceased_on: NaiveDate,
}

/// What erases a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasePerson {
    /// `true`: an erasure is not taken back.
    pub confirm: bool,
}

/// Retire
///
/// No notices go to the person any more, open applications are withdrawn, and none can be begun: 409. They sign
/// in as before, and certificates verify as before. Taken back by `restore`. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = super::PersonView)))]
#[post("/v1/people/{person_id}/retire")]
pub(crate) async fn retire_person(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RetirePerson, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            body.get()?;
            let today = program::today(&app, tx, &ProgramCode::lssc())?;
            let person = life::leave(&app, tx, person.retire(today)?)?;
            answer(tx, call, person)
        })
        .await
}

/// Record a death
///
/// The person's sessions end and nobody signs in as them, no notices go to them, open applications are withdrawn.
/// Certificates verify as before. A mistake is taken back by `restore`. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = RecordDeath,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = super::PersonView)))]
#[post("/v1/people/{person_id}/deceased")]
pub(crate) async fn record_death(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<RecordDeath>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RecordDeath, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            let day = calendar::check_date("/deceased_on", body.get()?.deceased_on)?;
            let today = program::today(&app, tx, &ProgramCode::lssc())?;
            if day > today {
                let detail = format!("The day is today, {today}, or an earlier one.");
                return Err(BadFact::at("/deceased_on", "out_of_range", detail).into());
            }
            let person = life::leave(&app, tx, person.die(day)?)?;
            answer(tx, call, person)
        })
        .await
}

/// Make a person active again
///
/// Who retired came back, or a death was recorded by mistake. What was withdrawn stays withdrawn. 409 where the
/// person is active. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = super::PersonView)))]
#[post("/v1/people/{person_id}/restore")]
pub(crate) async fn restore_person(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RestorePerson, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            let reason = body.get()?.reason.clone().map(String::from);
            let person = life::restore(tx, person.restore(reason)?)?;
            answer(tx, call, person)
        })
        .await
}

/// Erase a person
///
/// For good, with `confirm: true`. E-mail addresses, password, sessions, memberships, jobs, drafts and files are
/// removed, names are replaced, running candidacies end, and nobody signs in as them; then they are 404. Money
/// records keep what law needs, decisions and judged work stay without a name, and a certificate stays public
/// with the name that was printed. 409 while money, an application, an appeal or a role is open. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", request_body = ErasePerson,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 204, description = "Erased.")))]
#[post("/v1/people/{person_id}/erase")]
pub(crate) async fn erase_person(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<ErasePerson>,
) -> Result<Reply, Problem> {
    let unnamed = Arc::new(Mutex::new(Vec::new()));
    let (found, files) = (Arc::clone(&unnamed), app.files.clone());
    let reply = app
        .clone()
        .change(&call, move |tx, call| {
            call.allow(Action::ErasePerson, &Facts::of_person(*id))?;
            let person = present(tx, *id)?;
            if !body.get()?.confirm {
                let detail = "An erasure is not taken back: say true.";
                return Err(BadFact::at("/confirm", "required", detail).into());
            }
            let today = program::today(&app, tx, &ProgramCode::lssc())?;
            let (_, keys) = life::erase(&app, tx, person, today)?;
            // A transaction that runs again finds them again.
            *found.lock().unwrap_or_else(PoisonError::into_inner) = keys;
            Ok(Reply::no_content())
        })
        .await?;
    // After the commit: a crash leaves bytes that nobody names, never a row without bytes.
    let keys = std::mem::take(&mut *unnamed.lock().unwrap_or_else(PoisonError::into_inner));
    for key in keys {
        files.delete(&key.parse()?).await?;
    }
    Ok(reply)
}
