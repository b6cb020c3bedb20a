//! A person's e-mail addresses: several, one of them primary.

use actix_web::{delete, post};
use chrono::TimeDelta;
use domain::{
    ClientId, EmailId, PersonId,
    access::{Action, Facts},
    event::Fact,
    person::{Email, PersonEvent},
};
use persistence::Tx;

use super::{AddEmail, ConfirmEmail, PersonView, answer, event, insert_email};
use crate::{
    answer::Reply,
    app::App,
    auth::secrets,
    call::Call,
    extract::{Body, IfMatch, PathOf},
    flows::{graduate, notice::bounce},
    problem::Problem,
};

/// The most addresses of one person.
const MOST: usize = 10;

/// The address of a person that the path names.
fn find(tx: &mut Tx<'_>, person: PersonId, email: EmailId) -> Result<(Vec<Email>, Email), Problem> {
    let emails = tx.people().emails(person)?;
    let found = emails.iter().find(|one| one.id == email).cloned();
    found.map(|one| (emails, one)).ok_or_else(Problem::not_found)
}

/// Moves the person's version on, since their addresses are part of them, and answers with them.
fn touched(tx: &mut Tx<'_>, call: &Call, person: PersonId) -> Result<Reply, Problem> {
    let mut person = tx.people().get(person)?;
    tx.people().save(&mut person)?;
    answer(tx, call, person)
}

/// Adds an address that nobody has to a person, unverified; a mail goes to it. The person is the root: two
/// additions wait for each other.
pub(crate) fn add(tx: &mut Tx<'_>, person: PersonId, address: String) -> Result<(), Problem> {
    tx.people().get(person)?;
    if tx.people().emails(person)?.len() >= MOST {
        let detail = format!("A person has at most {MOST} e-mail addresses.");
        return Err(Problem::state(detail));
    }
    let id = tx.new_id();
    let (address, told) = (address.clone(), address);
    let email = Email { id, person, address, is_primary: false, verified_at: None };
    insert_email(tx, &email)?;
    Ok(tx.record(event(person, PersonEvent::EmailAdded { email: id, address: told }))?)
}

/// Add an e-mail address
///
/// An address belongs to one person, however it is written. The answer is the person, who has it now: an
/// address has no resource of its own, hence 200. A mail with a token goes to the address, which
/// `POST /v1/email-verifications` takes; until then it is for signing in only. The primary address is told.
#[utoipa::path(tag = "Candidates", request_body = AddEmail,
    responses((status = 200, body = PersonView)))]
#[post("/v1/people/{person_id}/emails")]
pub(crate) async fn add_email(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<AddEmail>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::AddEmail, &Facts::of_person(*id))?;
        let address = body.get()?.email.to_string();
        add(tx, *id, address)?;
        touched(tx, call, *id)
    })
    .await
}

/// Make an e-mail address the primary one
///
/// The address must be verified: 409 otherwise. The address that was the primary one is told. Nothing
/// changes, the version neither, when it is the primary one already.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = PersonView)))]
#[post("/v1/people/{person_id}/emails/{email_id}/primary")]
pub(crate) async fn make_email_primary(
    app: App,
    call: Call,
    path: PathOf<(PersonId, EmailId)>,
) -> Result<Reply, Problem> {
    let (id, email) = path.0;
    app.change(&call, move |tx, call| {
        call.allow(Action::MakeEmailPrimary, &Facts::of_person(id))?;
        let person = tx.people().get(id)?;
        let (emails, mut chosen) = find(tx, id, email)?;
        if chosen.is_primary {
            return answer(tx, call, person);
        }
        chosen.may_be_primary()?;
        let mut told = String::new();
        for mut before in emails.into_iter().filter(|one| one.is_primary) {
            before.is_primary = false;
            tx.people().save_email(&before)?;
            told = before.address;
        }
        chosen.is_primary = true;
        tx.people().save_email(&chosen)?;
        let (email, address) = (chosen.id, chosen.address);
        tx.record(event(id, PersonEvent::EmailMadePrimary { email, address, before: told }))?;
        touched(tx, call, id)
    })
    .await
}

/// Remove an e-mail address
///
/// Any but the primary one. Needs `If-Match` with the person's entity tag.
#[utoipa::path(tag = "Candidates", responses((status = 200, body = PersonView)))]
#[delete("/v1/people/{person_id}/emails/{email_id}")]
pub(crate) async fn remove_email(
    app: App,
    call: Call,
    path: PathOf<(PersonId, EmailId)>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    let (id, email) = path.0;
    app.change(&call, move |tx, call| {
        call.allow(Action::RemoveEmail, &Facts::of_person(id))?;
        let person = tx.people().get(id)?;
        let (_, chosen) = find(tx, id, email)?;
        seen.check(person.version)?;
        if chosen.is_primary {
            return Err(Problem::state("Make another address the primary one first."));
        }
        tx.people().remove_email(chosen.id)?;
        // A reset that was mailed there goes with it.
        tx.resets().use_all_of(id)?;
        let (email, address) = (chosen.id, chosen.address);
        tx.record(event(id, PersonEvent::EmailRemoved { email, address }))?;
        touched(tx, call, id)
    })
    .await
}

/// Minutes between two mails that were asked for.
const PAUSE_MINUTES: i64 = 10;

/// Ask for a mail by which control of an address is shown
///
/// With another token for `POST /v1/email-verifications`: while the address is not verified, and after a mail came
/// back from it, which is the one way to have mails sent there again. Once in ten minutes: 409 before.
#[utoipa::path(tag = "Candidates",
    responses((status = 202, body = PersonView, description = "It will be sent.")))]
#[post("/v1/people/{person_id}/emails/{email_id}/verification")]
pub(crate) async fn request_email_verification(
    app: App,
    call: Call,
    path: PathOf<(PersonId, EmailId)>,
) -> Result<Reply, Problem> {
    let (id, email) = path.0;
    app.change(&call, move |tx, call| {
        call.allow(Action::RequestEmailVerification, &Facts::of_person(id))?;
        let person = tx.people().get(id)?;
        let (_, chosen) = find(tx, id, email)?;
        let bounced = tx.bounces().standing(&chosen.address)?.is_some();
        if chosen.verified_at.is_some() && !bounced {
            return Err(Problem::state(
                "Control of the address was shown, and mails arrive there.",
            ));
        }
        let fact = PersonEvent::VerificationRequested { email, address: chosen.address };
        let since = tx.now() - TimeDelta::minutes(PAUSE_MINUTES);
        let asked = tx
            .events()
            .history(&id.to_string())?
            .into_iter()
            .any(|event| event.at > since && event.event_type == fact.event_type());
        if asked {
            let detail = format!("A mail is sent once in {PAUSE_MINUTES} minutes.");
            return Err(Problem::state(detail));
        }
        tx.record(event(id, fact))?;
        let reply = answer(tx, call, person)?;
        Ok(Reply { status: 202, ..reply })
    })
    .await
}

/// Whether an address that is not the primary one came from a machine: it added it, or made somebody with it who was
/// merged into the person. Who reads the mail that goes there may be the machine's own people: the token alone must not
/// open the account to them.
fn is_a_machines(tx: &mut Tx<'_>, person: PersonId, email: EmailId) -> Result<bool, Problem> {
    // What happened to who was merged away stays theirs.
    let mut whose = tx.merges().parts_of(person)?;
    whose.push(person);
    let (wanted, mut made_by_one) = (email.to_string(), false);
    for one in whose {
        for event in tx.events().history(&one.to_string())? {
            let by_one = event.actor.parse::<ClientId>().is_ok();
            let added = event.data.get("email").and_then(|id| id.as_str());
            match event.event_type.as_str() {
                "person.email_added" if added == Some(wanted.as_str()) => return Ok(by_one),
                "person.registered" => made_by_one |= by_one,
                _ => {}
            }
        }
    }
    // The first address of somebody is told with their registration.
    Ok(made_by_one)
}

/// Confirm an e-mail address
///
/// With the token of the mail that went to it when it was registered or added. The address may then become
/// the primary one and gets mails that reset the password. A token may come twice; the second time nothing
/// changes. An address that a partner added is confirmed by its person alone, signed in: 422, code
/// `not_signed_in`, for everybody else.
#[utoipa::path(tag = "Candidates", request_body = ConfirmEmail,
    responses((status = 204, description = "The address is verified.")))]
#[post("/v1/email-verifications")]
pub(crate) async fn confirm_email(
    app: App,
    call: Call,
    body: Body<ConfirmEmail>,
) -> Result<Reply, Problem> {
    call.allow(Action::ConfirmEmail, &Facts::default())?;
    let token = body.take()?.token;
    let key = app.auth.mac_key()?.to_vec();
    let void = || Problem::input("/token", "void", "The token is unknown, or its address is gone.");
    let named = secrets::email_named(&token).ok_or_else(void)?;
    app.clone()
        .write(&call, move |tx, call| {
            let owner = tx.people().email(named)?.ok_or_else(void)?.person;
            // The person is the root: read first, so that the address stays while it is judged.
            let mut person = tx.people().get(owner)?;
            let mut email = tx.people().email(named)?.ok_or_else(void)?;
            let bounced = tx.bounces().standing(&email.address)?;
            let since = bounced.as_ref().map(|bounce| bounce.id);
            if !secrets::is_email_token(&key, &token, email.id, &email.address, since)? {
                return Err(void());
            }
            if email.verified_at.is_none()
                && !email.is_primary
                && call.caller().person() != Some(owner)
                && is_a_machines(tx, owner, email.id)?
            {
                let detail = "A partner added this address: sign in as its person to confirm it.";
                return Err(Problem::input("/token", "not_signed_in", detail));
            }
            if let Some(bounce) = bounced {
                let reason = "Control of the address was shown anew.".to_owned();
                bounce::lift(tx, bounce, reason)?;
            }
            if email.verified_at.is_some() {
                return Ok(());
            }
            email.verified_at = Some(tx.now());
            tx.people().save_email(&email)?;
            tx.people().save(&mut person)?;
            let fact = PersonEvent::EmailVerified { email: email.id, address: email.address };
            tx.record(event(owner, fact))?;
            // What a college posted or a provider signed under this address is theirs from now on.
            graduate::arrive_everywhere(
                tx,
                app.chance.as_ref(),
                |program| app.today(program),
                owner,
            )
        })
        .await?;
    Ok(Reply::no_content())
}
