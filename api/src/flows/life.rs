//! What follows when somebody retires, dies, comes back, or is erased.

use chrono::NaiveDate;
use domain::{
    PersonId,
    appeal::AppealStatus,
    application::ApplicationState,
    candidacy::CandidacyAct,
    ledger::Payer,
    life::{PersonState, Unfinished},
    payout::PayoutState,
    person::{Person, PersonEvent},
    portfolio::PortfolioState,
    renewal::{RenewalState, audit::AuditCaseState},
    session::SessionEnd,
};
use persistence::{
    AppealFilter, ApplicationFilter, AuditCaseFilter, CandidacyFilter, InvoiceFilter, Page,
    PayoutFilter, PortfolioFilter, RenewalFilter, Tx,
};

use super::{account, admission, money, program};
use crate::{
    app::App,
    problem::Problem,
    v1::{candidacies, people, sessions},
};

/// The most of a kind that is looked at: nobody has more.
const MOST: i64 = 1_000;

/// Saves a person with what became of them.
fn save(tx: &mut Tx<'_>, (mut person, fact): (Person, PersonEvent)) -> Result<Person, Problem> {
    tx.people().save(&mut person)?;
    tx.record(people::event(person.id, fact))?;
    Ok(person)
}

/// Whether notices go to somebody: to who is active alone.
pub fn is_written_to(tx: &mut Tx<'_>, person: PersonId) -> Result<bool, Problem> {
    Ok(tx.people().get(person)?.life.state() == PersonState::Active)
}

/// Every open application of a person.
fn open_applications(
    tx: &mut Tx<'_>,
    person: PersonId,
) -> Result<Vec<domain::application::Application>, Problem> {
    let filter = ApplicationFilter { person: Some(person), ..ApplicationFilter::default() };
    let mut found = tx.applications().list(&filter, Page { after: None, limit: MOST })?;
    found.retain(|one| ApplicationState::OPEN.contains(&one.state));
    Ok(found)
}

/// Retires somebody, or records their death: open applications are withdrawn; who died has no sessions.
pub fn leave(app: &App, tx: &mut Tx<'_>, left: (Person, PersonEvent)) -> Result<Person, Problem> {
    let person = save(tx, left)?;
    let state = person.life.state();
    for application in open_applications(tx, person.id)? {
        let rules = program::in_force(app, tx, &application.program)?;
        let reason = Some(format!("The person is {state}."));
        admission::withdraw(tx, &rules, application, reason)?;
    }
    if state == PersonState::Deceased {
        sessions::end_others(tx, person.id, None, SessionEnd::PersonGone)?;
    }
    Ok(person)
}

/// Makes somebody active again.
pub fn restore(tx: &mut Tx<'_>, restored: (Person, PersonEvent)) -> Result<Person, Problem> {
    save(tx, restored)
}

/// What stands in the way of an erasure.
pub fn unfinished(
    tx: &mut Tx<'_>,
    person: PersonId,
    today: NaiveDate,
) -> Result<Unfinished, Problem> {
    let payer = Payer::Person(person);
    let mut found = Unfinished::default();
    let filter = InvoiceFilter { payers: Some(vec![payer]), ..InvoiceFilter::default() };
    let invoices = tx.invoices().list(&filter, Page { after: None, limit: MOST })?;
    let owed = invoices.into_iter().filter(|one| one.balance_cents() != 0);
    found.money.extend(owed.map(|one| one.number));
    for program in tx.programs().list()? {
        let cents = money::credit_of(tx, &program.code, payer)?;
        found.money.extend((cents != 0).then(|| format!("{cents} cents of credit")));
    }
    let state = Some(PayoutState::Due);
    let filter = PayoutFilter { payers: Some(vec![payer]), state, ..PayoutFilter::default() };
    let due = tx.payouts().list(&filter, Page { after: None, limit: MOST })?;
    found.money.extend(due.into_iter().map(|one| one.id.to_string()));
    let open = open_applications(tx, person)?;
    found.applications.extend(open.into_iter().map(|one| one.id.to_string()));
    let filter = PortfolioFilter { person: Some(person), ..PortfolioFilter::default() };
    let judged = [
        PortfolioState::InEvaluation,
        PortfolioState::MoreInformation,
        PortfolioState::InSecondEvaluation,
    ];
    let portfolios = tx.portfolios().list(&filter, Page { after: None, limit: MOST })?;
    let portfolios = portfolios.into_iter().filter(|one| judged.contains(&one.state));
    found.applications.extend(portfolios.map(|one| one.id.to_string()));
    let state = Some(RenewalState::Submitted);
    let filter = RenewalFilter { person: Some(person), state, ..RenewalFilter::default() };
    let renewals = tx.renewals().list(&filter, Page { after: None, limit: MOST })?;
    found.applications.extend(renewals.into_iter().map(|one| one.id.to_string()));
    let filter = AuditCaseFilter { person: Some(person), ..AuditCaseFilter::default() };
    let audited = tx.audit_cases().list(&filter, Page { after: None, limit: MOST })?;
    let open = [AuditCaseState::Open, AuditCaseState::Documented];
    let audited = audited.into_iter().filter(|one| open.contains(&one.state));
    found.applications.extend(audited.map(|one| one.id.to_string()));
    let filter = AppealFilter { person: Some(person), ..AppealFilter::default() };
    let appeals = tx.appeals().list(&filter, Page { after: None, limit: MOST })?;
    let ended = [
        AppealStatus::Upheld,
        AppealStatus::Remanded,
        AppealStatus::Withdrawn,
        AppealStatus::Forfeited,
    ];
    let appeals = appeals.into_iter().filter(|one| !ended.contains(&one.status(today)));
    found.appeals.extend(appeals.map(|one| one.id.to_string()));
    let roles = tx.grants().of(person)?;
    let roles = roles.into_iter().filter(|one| one.ended_at.is_none());
    found.roles.extend(roles.map(|one| one.role.to_string()));
    Ok(found)
}

/// Erases somebody: candidacies end, sessions end, what is personal is removed. Tells the keys of the bytes that
/// nobody names any more.
pub fn erase(
    app: &App,
    tx: &mut Tx<'_>,
    person: Person,
    today: NaiveDate,
) -> Result<(Person, Vec<String>), Problem> {
    let unfinished = unfinished(tx, person.id, today)?;
    let erased = person.erase(&unfinished, today)?;
    let person = erased.0.id;
    let filter = CandidacyFilter { person: Some(person), ..CandidacyFilter::default() };
    for candidacy in tx.candidacies().list(&filter, Page { after: None, limit: MOST })? {
        let day = program::in_force(app, tx, &candidacy.program)?.today;
        if candidacy.state_finding(CandidacyAct::Withdraw, day).satisfied {
            let (mut candidacy, fact) = candidacy.withdraw(None, day)?;
            tx.candidacies().save(&mut candidacy)?;
            tx.record(candidacies::event(&candidacy, fact))?;
        }
    }
    sessions::end_others(tx, person, None, SessionEnd::PersonGone)?;
    // Each partner is told of its own account, whatever else its scopes show.
    for known in tx.external_ids().of_people(&[person])? {
        account::unlink_one(tx, &known)?;
    }
    let keys = tx.erasures().erase(person)?;
    Ok((save(tx, erased)?, keys))
}
