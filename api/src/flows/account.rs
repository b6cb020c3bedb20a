//! Accounts at partners: what every door to them does, so that each does the same.

use chrono::NaiveDate;
use domain::{
    ClientId, Finding, PersonId,
    account::{
        Account, AccountEvent, AccountState, ExternalId,
        matching::{Asked, Match},
        request::{AccountOutcome, AccountRequest, AccountRequestEvent},
    },
    decision,
    event::Event,
    life::Life,
    person::{Email, Names, Person, PersonEvent},
    program::ProgramCode,
};
use persistence::{AccountFilter, Constraint, Error, Optional, Page, Tx};

use super::{naming, program};
use crate::{
    app::App,
    problem::{Kind, Problem},
    v1::people,
};

/// The day of an account and how long before its end a subscription is ending. An account is of no program, as
/// people are not: the house's own tells both.
#[derive(Debug, Clone, Copy)]
pub struct AccountRules {
    /// Today.
    pub today: NaiveDate,
    /// How many days before its last one a subscription is ending.
    pub reminder_days: u32,
}

impl AccountRules {
    /// Those in force.
    pub fn of(app: &App, tx: &mut Tx<'_>) -> Result<Self, Problem> {
        let rules = program::in_force(app, tx, &ProgramCode::lssc())?;
        let reminder_days = rules.policy.accounts.reminder_days;
        Ok(Self { today: rules.today, reminder_days })
    }
    /// Where an account stands today.
    #[must_use]
    pub fn state(self, account: &Account) -> AccountState {
        account.state(self.today, self.reminder_days)
    }
}

/// An event of an account.
pub(crate) fn event(known: &ExternalId, fact: AccountEvent) -> Event<AccountEvent> {
    let person = Some(known.person);
    Event { program: None, subject: known.id.to_string(), person, fact }
}

/// An event of an account request.
fn request_event(
    request: &AccountRequest,
    fact: AccountRequestEvent,
) -> Event<AccountRequestEvent> {
    Event { program: None, subject: request.id.to_string(), person: request.person, fact }
}

/// The account of a person as a partner knows it: 404 where there is none for it to know of. Of who was erased
/// nothing is left by which to tell; that they were is told.
/// A machine that is confined to programs knows of whom it holds and of who applied in one of them.
pub fn known_to(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    person: PersonId,
    (client, programs): (ClientId, Option<Vec<ProgramCode>>),
) -> Result<Account, Problem> {
    let account = tx.accounts().get(person, Some(client))?;
    if account.is_erased() && programs.is_none() {
        return Ok(account);
    }
    let filter = AccountFilter {
        client: Some(client),
        person: Some(person),
        external_id: None,
        programs,
        state: None,
        day: rules.today,
        reminder_days: rules.reminder_days,
    };
    let listed = tx.accounts().people(&filter, Page { after: None, limit: 1 })?;
    if listed.is_empty() { Err(Problem::not_found()) } else { Ok(account) }
}

/// Takes a partner's request for somebody's account; the same request again is answered by the first one.
pub fn request(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    (client, request_id): (ClientId, String),
    asked: Asked,
) -> Result<AccountRequest, Problem> {
    // The client is the root: its requests wait for each other.
    tx.clients().get(client)?;
    if let Some(known) = tx.account_requests().find(client, &request_id)? {
        let differences = known.differences(&asked);
        return if differences.is_empty() { Ok(known) } else { Err(differences.into()) };
    }
    let today = rules.today;
    if let Some(person) = asked.person {
        people::named(tx, "/person_id", person)?;
    }
    let mut found = tx.savepoint(|tx| whose(tx, client, &asked, today));
    if found.as_ref().is_err_and(|problem| problem.kind() == Kind::Conflict) {
        // Another system made the same person meanwhile: now they are somebody who is there.
        found = whose(tx, client, &asked, today);
    }
    let (person, findings) = found?;
    let new = tx.new_id();
    let Some((outcome, person)) = person else {
        let (waiting, fact) =
            AccountRequest::receive(new, (client, request_id), asked, findings, today);
        tx.account_requests().insert(&waiting)?;
        tx.record(request_event(&waiting, fact))?;
        return Ok(waiting);
    };
    link(tx, (client, &asked.external_id), person)?;
    let (came, _) = AccountRequest::receive(new, (client, request_id), asked, findings, today);
    let (completed, fact) = came.complete(outcome, person, today)?;
    tx.account_requests().insert(&completed)?;
    tx.record(request_event(&completed, fact))?;
    Ok(completed)
}

/// How it was found whose account it is, and whose.
type Settled = (AccountOutcome, PersonId);

/// Whose account it is: somebody's who is there or was made for it, with what was found; nobody's where the office
/// decides.
fn whose(
    tx: &mut Tx<'_>,
    client: ClientId,
    asked: &Asked,
    today: NaiveDate,
) -> Result<(Option<Settled>, Vec<Finding>), Problem> {
    let evidence = tx.account_requests().evidence(client, asked, today)?;
    if asked.candidate_number.is_some() && evidence.numbered.is_none() {
        let detail = "The program has no candidate of this number.";
        return Err(Problem::input("/candidate_number", "unknown", detail));
    }
    Ok(match evidence.decide(asked)? {
        Match::One(person, findings) => (Some((AccountOutcome::Linked, person)), findings),
        Match::Nobody(findings) => {
            let person = register(tx, asked, evidence.free_addresses(asked))?;
            (Some((AccountOutcome::Created, person)), findings)
        }
        Match::Unclear(findings) => (None, findings),
    })
}

/// The office decides that the account is that of a person.
pub fn link_requested(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    request: AccountRequest,
    person: PersonId,
) -> Result<AccountRequest, Problem> {
    decision::by_state(vec![request.open_finding()])?;
    tx.clients().get(request.client)?;
    people::named(tx, "/person_id", person)?;
    let asked = Asked { person: Some(person), ..request.asked.clone() };
    let today = rules.today;
    let evidence = tx.account_requests().evidence(request.client, &asked, today)?;
    decision::by_state(evidence.linkable_findings(&asked, person))?;
    complete(tx, request, (AccountOutcome::Linked, person), today)
}

/// The office decides that it is nobody's whom the program knows: a person is made.
pub fn create_requested(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    request: AccountRequest,
) -> Result<AccountRequest, Problem> {
    decision::by_state(vec![request.open_finding()])?;
    tx.clients().get(request.client)?;
    let today = rules.today;
    let evidence = tx.account_requests().evidence(request.client, &request.asked, today)?;
    decision::by_state(evidence.creatable_findings(&request.asked))?;
    let person = register(tx, &request.asked, evidence.free_addresses(&request.asked))?;
    complete(tx, request, (AccountOutcome::Created, person), today)
}

fn complete(
    tx: &mut Tx<'_>,
    request: AccountRequest,
    (outcome, person): (AccountOutcome, PersonId),
    today: NaiveDate,
) -> Result<AccountRequest, Problem> {
    link(tx, (request.client, &request.asked.external_id), person)?;
    let (mut completed, fact) = request.complete(outcome, person, today)?;
    tx.account_requests().save(&mut completed)?;
    tx.record(request_event(&completed, fact))?;
    Ok(completed)
}

/// The office rejects a request.
pub fn reject_requested(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    request: AccountRequest,
    reason: String,
) -> Result<AccountRequest, Problem> {
    let today = rules.today;
    let (mut rejected, fact) = request.reject(reason, today)?;
    tx.account_requests().save(&mut rejected)?;
    tx.record(request_event(&rejected, fact))?;
    Ok(rejected)
}

/// Makes a person whom a partner names: without a password, which they set by the mail of a reset, and with
/// addresses of which they show control by the mails that go to them.
pub fn register(
    tx: &mut Tx<'_>,
    asked: &Asked,
    addresses: Vec<String>,
) -> Result<PersonId, Problem> {
    let person = Person {
        id: tx.new_id(),
        given_name: asked.given_name.clone(),
        family_name: asked.family_name.clone(),
        created_at: tx.now(),
        life: Life::default(),
        version: 1,
    };
    tx.people().insert(&person)?;
    let after = Names::from(&person);
    tx.record(people::event(person.id, PersonEvent::Registered { after }))?;
    for (place, address) in addresses.into_iter().enumerate() {
        let id = tx.new_id();
        let email = Email {
            id,
            person: person.id,
            address: address.clone(),
            is_primary: place == 0,
            verified_at: None,
        };
        people::insert_email(tx, &email)?;
        // The first one is told with the registration.
        if place > 0 {
            tx.record(people::event(person.id, PersonEvent::EmailAdded { email: id, address }))?;
        }
    }
    Ok(person.id)
}

/// A partner's account is that of a person from now on; nothing where it is already.
pub fn link(
    tx: &mut Tx<'_>,
    (client, external_id): (ClientId, &str),
    person: PersonId,
) -> Result<(), Problem> {
    let known = tx.external_ids().find(client, external_id)?;
    if known.is_some_and(|known| known.person == person) {
        return Ok(());
    }
    let (new, now) = (tx.new_id(), tx.now());
    let (known, fact) = ExternalId::link(new, (client, external_id.to_owned()), person, now);
    tx.external_ids().insert(&known).map_err(|error| match error {
        Error::Conflict(Constraint::ExternalIdsOnce) => {
            Problem::conflict("This external id is somebody's in the system already.")
        }
        other => other.into(),
    })?;
    Ok(tx.record(event(&known, fact))?)
}

/// A partner holds no account of a person any more: every external id of theirs in its system goes.
pub fn unlink(tx: &mut Tx<'_>, account: &Account, client: ClientId) -> Result<(), Problem> {
    for known in account.held_by(client) {
        unlink_one(tx, known)?;
    }
    Ok(())
}

/// A partner calls nobody this any more.
pub fn unlink_one(tx: &mut Tx<'_>, known: &ExternalId) -> Result<(), Problem> {
    tx.external_ids().remove(known.id)?;
    Ok(tx.record(event(known, known.clone().unlink()))?)
}

/// Adds an address that nobody has to the person of an account; the partner proves nothing by it.
pub fn add_email(tx: &mut Tx<'_>, person: PersonId, address: String) -> Result<(), Problem> {
    people::add(tx, person, address)?;
    // Addresses are part of the person: their version moves on.
    let mut person = tx.people().get(person)?;
    Ok(tx.people().save(&mut person)?)
}

/// Gives the person of an account other names, as they would themselves: not where a certificate stands, nor where they
/// sign in and so have their names in their own hands (409).
pub fn rename(
    app: &App,
    tx: &mut Tx<'_>,
    person: PersonId,
    names: Names,
) -> Result<Person, Problem> {
    let person = people::present(tx, person)?;
    if tx.credentials().of(person.id)?.is_some() {
        return Err(Problem::conflict("Who signs in here changes their names themselves."));
    }
    naming::rename(app, tx, person, names)
}

/// Tells, once each, that accounts of which it was found untold became dormant or active again. How many.
pub fn tell(tx: &mut Tx<'_>, rules: AccountRules, untold: &[ExternalId]) -> Result<usize, Problem> {
    let today = rules.today;
    let people: Vec<PersonId> = untold.iter().map(|one| one.person).collect();
    let subscriptions = tx.subscriptions().of_people(&people)?;
    let mut told = 0;
    for id in untold.iter().map(|one| one.id) {
        // It may have been unlinked, or told of, meanwhile.
        let Some(known) = tx.external_ids().get(id).found()? else { continue };
        let theirs: Vec<_> =
            subscriptions.iter().filter(|one| one.person == known.person).cloned().collect();
        if let Some((mut known, fact)) = known.tell(&theirs, today) {
            tx.external_ids().save(&mut known)?;
            tx.record(event(&known, fact))?;
            told += 1;
        }
    }
    Ok(told)
}
