//! Accounts: what partner systems may hold of people (FAQ 21, 22), read by them, by the office and by everybody
//! their own.

mod views;

use actix_web::{delete, get, post};
use chrono::NaiveDate;
use domain::{
    ClientId, PersonId,
    access::{Action, Facts},
    account::{Account, AccountState},
};
use persistence::{AccountFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::account::{self, AccountRules},
    problem::{Kind, Problem},
    v1::{fields::Term, people::AddEmail},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_accounts)
        .service(get_account)
        .service(add_account_email)
        .service(unlink_account);
}

/// The names of the partners that hold accounts.
pub(crate) fn names(tx: &mut Tx<'_>, accounts: &[Account]) -> Result<ClientNames, Problem> {
    let mut clients: Vec<_> =
        accounts.iter().flat_map(|one| &one.external_ids).map(|one| one.client).collect();
    clients.sort();
    clients.dedup();
    Ok(tx.clients().names(&clients)?)
}

/// What a caller is shown of an account, which is of no program: a machine that is confined to some is told of no
/// candidacy and no certification of another one.
pub(crate) fn shown(call: &Call, mut account: Account) -> Account {
    account.candidacies.retain(|one| call.caller().is_let_into(&one.program));
    account.certifications.retain(|one| call.caller().is_let_into(&one.program));
    account
}

/// The version of an account: that of what partners call the person, which is what an unlinking looks at.
pub(crate) fn version(account: &Account) -> i64 {
    let linked = account.external_ids.iter().map(|one| one.version);
    linked.fold(0, i64::saturating_add).max(1)
}

/// 410 where the account is deactivated on a day.
fn standing(account: &Account, day: NaiveDate, rules: AccountRules) -> Result<(), Problem> {
    if account.state(day, rules.reminder_days) == AccountState::Deactivated {
        let detail = "The person retired or died, or their personal data was erased.";
        return Err(Problem::new(Kind::AccountDeactivated, detail));
    }
    Ok(())
}

/// List accounts
///
/// Of everybody who ever had a subscription, or whom a partner calls something, in the order of registration.
/// A partner sees them all, with its own external ids and no other's; the office sees every external id, others
/// their own account. `state` is computed for the day asked for: `none` was never activated, `dormant` is one
/// whose subscriptions are over, `deactivated` one whose person retired, died or was erased.
#[utoipa::path(tag = "Partners", params(ListAccounts),
    responses((status = 200, body = Listing<AccountView>)))]
#[get("/v1/accounts")]
pub(crate) async fn list_accounts(
    app: App,
    call: Call,
    query: Query<ListAccounts>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListAccounts)?;
            let page = Page::<PersonId>::of(query.limit, query.cursor.as_ref())?;
            let rules = AccountRules::of(&app, tx)?;
            let client = call.caller().client();
            let mut filter = AccountFilter {
                client,
                person: query.person_id,
                external_id: query.external_id.clone().map(Term::into_inner),
                state: query.state,
                day: AsOf::or(query.as_of, rules.today),
                reminder_days: rules.reminder_days,
            };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.accounts().list(&filter, page.rows())?;
            let names = names(tx, &rows)?;
            let view = |row: Account| {
                call.discloses([row.person.id]);
                AccountView::of(shown(call, row), filter.day, rules, client, &names)
            };
            Ok(page.listing(rows, |row| row.person.id, view).reply(call))
        })
        .await
}

/// Read an account
///
/// 410 where it is deactivated: its person retired, died or was erased. People read their own, and which
/// partners hold it.
#[utoipa::path(tag = "Partners", params(AccountQuery), extensions(("x-problems" = json!([410]))),
    responses((status = 200, body = AccountView)))]
#[get("/v1/accounts/{person_id}")]
pub(crate) async fn get_account(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    query: Query<AccountQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetAccount, &Facts::of_person(*id))?;
            let client = call.caller().client();
            let account = match client {
                Some(client) => account::known_to(tx, *id, client)?,
                None => tx.accounts().get(*id, None)?,
            };
            let rules = AccountRules::of(&app, tx)?;
            let day = AsOf::or(query.as_of, rules.today);
            standing(&account, day, rules)?;
            call.discloses([account.person.id]);
            let version = version(&account);
            let names = names(tx, std::slice::from_ref(&account))?;
            let view = AccountView::of(shown(call, account), day, rules, client, &names);
            Ok(seen.answer(Reply::ok(&view).etag_of_all(version).private()))
        })
        .await
}

/// The account that a partner holds of a person: 404 where it holds none.
fn held(tx: &mut Tx<'_>, person: PersonId, client: ClientId) -> Result<Account, Problem> {
    // The client is the root of what it holds.
    tx.clients().get(client)?;
    let account = tx.accounts().get(person, Some(client))?;
    if account.external_ids.is_empty() { Err(Problem::not_found()) } else { Ok(account) }
}

/// Add an e-mail address to an account
///
/// Of a person whose account the partner holds. An address belongs to one person, however it is written: 409. It
/// is not verified, and never the primary one until its person makes it so; a mail with a token goes to it.
#[utoipa::path(tag = "Partners", request_body = AddEmail,
    extensions(("x-idempotency-key" = json!("optional")), ("x-problems" = json!([410]))),
    responses((status = 200, body = AccountView)))]
#[post("/v1/accounts/{person_id}/emails")]
pub(crate) async fn add_account_email(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<AddEmail>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::AddAccountEmail, &Facts::of_person(*id))?;
            let client = call.caller().client().ok_or_else(Problem::not_found)?;
            let rules = AccountRules::of(&app, tx)?;
            standing(&held(tx, *id, client)?, rules.today, rules)?;
            account::add_email(tx, *id, body.get()?.email.to_string())?;
            call.discloses([*id]);
            let account = held(tx, *id, client)?;
            let names = names(tx, std::slice::from_ref(&account))?;
            let version = version(&account);
            let account = shown(call, account);
            let view = AccountView::of(account, rules.today, rules, Some(client), &names);
            Ok(Reply::ok(&view).etag_of_all(version).private())
        })
        .await
}

/// Unlink an account
///
/// The partner holds no account of the person any more: each of its external ids of theirs is free again. The
/// person stays as they are. Needs `If-Match` with the account's entity tag.
#[utoipa::path(tag = "Partners", responses((status = 204, description = "Unlinked.")))]
#[delete("/v1/accounts/{person_id}/external-id")]
pub(crate) async fn unlink_account(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::UnlinkAccount, &Facts::of_person(*id))?;
        let client = call.caller().client().ok_or_else(Problem::not_found)?;
        let account = held(tx, *id, client)?;
        seen.check(version(&account))?;
        account::unlink(tx, &account, client)?;
        Ok(Reply::no_content())
    })
    .await
}
