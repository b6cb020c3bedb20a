//! Requests of partners for somebody's account: completed at once, or decided by the office.

mod office;
mod views;

use actix_web::{get, post};
use domain::{
    AccountRequestId, PersonId,
    access::{Action, Facts},
    account::{
        AccountState,
        request::{AccountRequest, AccountRequestState},
    },
};
use persistence::{AccountRequestFilter, Tx};
use std::collections::BTreeMap;
use utoipa_actix_web::service_config::ServiceConfig;

pub use office::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        account::{self, AccountRules},
        program,
    },
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_account_request)
        .service(list_account_requests)
        .service(get_account_request)
        .service(link_account_request)
        .service(create_requested_account)
        .service(reject_account_request);
}

/// Where the accounts of completed requests stand today.
fn states(
    tx: &mut Tx<'_>,
    rules: AccountRules,
    requests: &[AccountRequest],
) -> Result<BTreeMap<PersonId, AccountState>, Problem> {
    let people: Vec<PersonId> = requests.iter().filter_map(|one| one.person).collect();
    let accounts = tx.accounts().of(&people, None)?;
    Ok(accounts.into_iter().map(|one| (one.person.id, rules.state(&one))).collect())
}

/// The request as it is told.
fn view(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    request: AccountRequest,
) -> Result<AccountRequestView, Problem> {
    let rules = AccountRules::of(app, tx)?;
    let states = states(tx, rules, std::slice::from_ref(&request))?;
    let state = request.person.and_then(|person| states.get(&person).copied());
    call.discloses(request.person);
    Ok(AccountRequestView::of(request, rules.today, state, call.caller()))
}

/// Ask for somebody's account
///
/// Completed at once where everything agrees: the external id is known, or a person id, a candidate number or a
/// verified address names somebody of this name (`linked`); or where nobody is known (`created`: a person without
/// a password, which the mail of a reset sets, and with addresses that they verify by the mails that go there, all but
/// the first one signed in). A
/// request changes nothing of somebody who is there. What may be a coincidence waits for the office: another name
/// than that of the address, an address that was not verified, several people, somebody of the same name. 409
/// where identifiers name different people, the person has another external id in this system, or is not active;
/// nothing is stored then. The same `request_id` with the same content is answered by the first request as it
/// stands; with other content 422.
#[utoipa::path(tag = "Partners", request_body = CreateAccountRequest,
    extensions(("x-idempotency-key" = json!("optional"))),
    responses((status = 201, body = AccountRequestView)))]
#[post("/v1/account-requests")]
pub(crate) async fn create_account_request(
    app: App,
    call: Call,
    body: Body<CreateAccountRequest>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateAccountRequest, &Facts::default())?;
            let client = call.caller().client().ok_or_else(Problem::not_found)?;
            let body = body.get()?;
            let mut asked = body.asked()?;
            // To a machine that is confined to others, a program does not exist.
            let unknown = || Problem::input("/program", "unknown", "There is no such program.");
            asked.program = call.caller().program_of(body.program.as_ref()).ok_or_else(unknown)?;
            program::named(tx, &asked.program)?;
            let rules = AccountRules::of(&app, tx)?;
            let own = (client, body.request_id.to_string());
            let request = account::request(tx, rules, own, asked)?;
            let (location, version) =
                (format!("/v1/account-requests/{}", request.id), request.version);
            let view = view(&app, tx, call, request)?;
            Ok(Reply::created(location, &view).etag(version).private())
        })
        .await
}

/// List account requests
///
/// Oldest first: a partner's own; the office sees everybody's, and `state=pending` is its queue.
#[utoipa::path(tag = "Partners", params(ListAccountRequests),
    responses((status = 200, body = Listing<AccountRequestView>)))]
#[get("/v1/account-requests")]
pub(crate) async fn list_account_requests(
    app: App,
    call: Call,
    query: Query<ListAccountRequests>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::ListAccountRequests, &Facts::default())?;
            let page = Page::<AccountRequestId>::of(query.limit, query.cursor.as_ref())?;
            let filter =
                AccountRequestFilter { client: call.caller().client(), state: query.state };
            let rows = tx.account_requests().list(&filter, page.rows())?;
            let rules = AccountRules::of(&app, tx)?;
            let states = states(tx, rules, &rows)?;
            let view = |row: AccountRequest| {
                let state = row.person.and_then(|person| states.get(&person).copied());
                call.discloses(row.person);
                AccountRequestView::of(row, rules.today, state, call.caller())
            };
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read an account request
///
/// By its id, or for the partner whose it is by its own `request_id`. The office is told who may be meant.
#[utoipa::path(tag = "Partners", responses((status = 200, body = AccountRequestView)))]
#[get("/v1/account-requests/{account_request_id}")]
pub(crate) async fn get_account_request(
    app: App,
    call: Call,
    reference: PathOf<RequestReference>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            call.allow(Action::GetAccountRequest, &Facts::default())?;
            let client = call.caller().client();
            let found = match (&*reference, client) {
                (RequestReference::Id(id), _) => Some(tx.account_requests().get(*id)?),
                (RequestReference::Own(own), Some(client)) => {
                    tx.account_requests().find(client, own)?
                }
                (RequestReference::Own(_), None) => None,
            };
            let found = found.filter(|one| client.is_none_or(|client| one.client == client));
            let request = found.ok_or_else(Problem::not_found)?;
            let candidates = if client.is_none() && request.state == AccountRequestState::Pending {
                candidates(&app, tx, &request)?
            } else {
                Vec::new()
            };
            let version = request.version;
            let view = AccountRequestView { candidates, ..view(&app, tx, call, request)? };
            Ok(seen.answer(Reply::ok(&view).etag_of_all(version).private()))
        })
        .await
}

/// Who may be meant by a request that waits.
fn candidates(
    app: &App,
    tx: &mut Tx<'_>,
    request: &AccountRequest,
) -> Result<Vec<CandidateView>, Problem> {
    let today = AccountRules::of(app, tx)?.today;
    let evidence = tx.account_requests().evidence(request.client, &request.asked, today)?;
    let people = evidence.people.into_iter();
    Ok(people
        .map(|one| CandidateView { person_id: one.known.person, name: one.known.name })
        .collect())
}
