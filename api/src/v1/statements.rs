//! Statements: what a person, an institution or a provider owes and has paid, reckoned from the ledger.

mod reckoning;
mod views;

use std::collections::BTreeMap;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    InvoiceId, OrganisationId, PersonId,
    access::{Action, Facts},
    invoice::Invoice,
    ledger::Payer,
    program::Program,
};
use persistence::Tx;
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use super::{ledger, people};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{AsOf, PathOf, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(get_person_statement)
        .service(get_institution_statement)
        .service(get_provider_statement);
}

/// Read a person's statement
///
/// What the person owes and has paid in a program, as of a day: one entry for each posting that moves
/// the person's money, oldest first, with the running balance. Everything is recomputed from the ledger
/// and equals the invoices to the cent: `owed_cents` is the sum of their balances and `paid_cents` the
/// sum of what was paid of them, whoever paid. `balance_cents` is `owed_cents` less `credit_cents` less
/// `payable_cents`; below 0 the program owes the person. With `from`, entries before it are summed up in
/// `opening_balance_cents`. Amounts are integer cents (FAQ 21, 22).
#[utoipa::path(tag = "Money", params(GetPersonStatement),
    responses((status = 200, body = StatementView)))]
#[get("/v1/people/{person_id}/statement")]
pub(crate) async fn get_person_statement(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<GetPersonStatement>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let facts = Facts::of_person(*id);
            call.allow(Action::GetPersonStatement, &facts)?;
            tx.people().get(*id)?;
            people::is_told_of(tx, call, *id)?;
            let usual = call.caller().program_of(query.program.as_ref());
            let program = ledger::asked(tx, query.program.as_ref().or(usual.as_ref()))?;
            call.allow_in(Action::GetPersonStatement, &facts, &program.code)?;
            call.discloses([*id]);
            let period = (query.from, query.until);
            answer(&app, tx, &program, Payer::Person(*id), period)
        })
        .await
}

/// Read an institution's statement
///
/// What the institution owes and has paid, as of a day: one entry for each posting that moves its money,
/// oldest first, with the running balance. Everything is recomputed from the ledger and equals the
/// institution's invoices to the cent. What it pays of a person's invoice is on that person's statement;
/// what of it was too much is credit here. Amounts are integer cents (FAQ 22).
#[utoipa::path(tag = "Money", params(GetOrganisationStatement),
    responses((status = 200, body = StatementView)))]
#[get("/v1/institutions/{institution_id}/statement")]
pub(crate) async fn get_institution_statement(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    query: Query<GetOrganisationStatement>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetInstitutionStatement, &Facts::of_organisation(*id))?;
            let institution = tx.institutions().get(*id)?;
            let program = tx.programs().get(&institution.program)?;
            let period = (query.from, query.until);
            answer(&app, tx, &program, Payer::Organisation(*id), period)
        })
        .await
}

/// Read a provider's statement
///
/// What the provider of courses owes and has paid, as of a day, as an institution's statement tells it:
/// the fees for the review of its courses, credit and payouts. `institution_id` is the provider. Amounts are
/// integer cents (FAQ 21).
#[utoipa::path(tag = "Money", params(GetOrganisationStatement),
    responses((status = 200, body = StatementView)))]
#[get("/v1/providers/{provider_id}/statement")]
pub(crate) async fn get_provider_statement(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    query: Query<GetOrganisationStatement>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let provider = tx.providers().get(*id)?;
            call.allow(Action::GetProviderStatement, &Facts::of_organisation(*id))?;
            let program = tx.programs().get(&provider.program)?;
            let period = (query.from, query.until);
            answer(&app, tx, &program, Payer::Organisation(*id), period)
        })
        .await
}

fn answer(
    app: &App,
    tx: &mut Tx<'_>,
    program: &Program,
    payer: Payer,
    (from, until): (Option<AsOf>, Option<AsOf>),
) -> Result<Reply, Problem> {
    let today = app.today(program);
    let as_of = AsOf::or(until, today);
    let (from, _) = ledger::period(from, Some(AsOf(as_of)))?;
    let currency = tx.programs().policy_on(&program.code, today)?.policy.fees.currency;
    let view = statement(tx, program, payer, currency, (from, as_of))?;
    Ok(Reply::ok(&view).private())
}

fn statement(
    tx: &mut Tx<'_>,
    program: &Program,
    payer: Payer,
    currency: String,
    (from, as_of): (Option<NaiveDate>, NaiveDate),
) -> Result<StatementView, Problem> {
    let postings = tx.ledger().entries(&program.code, payer, Some(as_of))?;
    let about: Vec<InvoiceId> = postings.iter().filter_map(|posting| posting.invoice).collect();
    let invoices: BTreeMap<InvoiceId, Invoice> =
        tx.invoices().load_all(&about)?.into_iter().map(|one| (one.id, one)).collect();
    let reckoned = reckoning::reckon(&postings, payer)
        .ok_or_else(|| Problem::internal("a sum of a statement leaves 64 bits"))?;
    let before =
        |entry: &&reckoning::Entry<'_>| from.is_some_and(|day| entry.posting.posted_on < day);
    let opening = reckoned.entries.iter().take_while(before).last();
    let opening = opening.map_or(0, |entry| entry.balance_cents);
    let sums = reckoned.sums;
    Ok(StatementView {
        program: program.code.clone(),
        person_id: payer.person(),
        institution_id: payer.organisation(),
        currency,
        from,
        as_of,
        balance_cents: sums.balance_cents,
        owed_cents: sums.owed_cents,
        paid_cents: sums.paid_cents,
        credit_cents: sums.credit_cents,
        payable_cents: sums.payable_cents,
        invoices: reckoned.invoices.into(),
        opening_balance_cents: from.map(|_| opening),
        entries: reckoned
            .entries
            .iter()
            .skip_while(before)
            .map(|entry| {
                EntryView::of(entry, entry.posting.invoice.and_then(|id| invoices.get(&id)))
            })
            .collect(),
    })
}
