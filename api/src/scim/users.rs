//! The users of SCIM: a partner's accounts, by the acts of every other door.

use actix_web::{HttpRequest, web};
use domain::{
    AccountId, AccountRequestId, ClientId,
    access::Action,
    account::{
        AccountEvent, ExternalId,
        matching::Asked,
        request::{AccountRequest, AccountRequestState},
    },
    person::{Names, fold_email},
    program::ProgramCode,
    scim::ScimUser,
};
use persistence::Tx;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    answer, body,
    draft::Draft,
    error,
    found::{Found, found},
    machine,
    query::{Asked as Listed, Start, wanted},
    user::{User, location},
};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    flows::account::{self, AccountRules},
    hex,
    problem::{Kind, Problem},
};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The account that a path names; what can be none is 404.
fn id(path: &web::Path<String>) -> Result<AccountId, Problem> {
    path.parse().map_err(|_wrong| Problem::not_found())
}

/// The tags of a precondition, if it is there. SCIM's tags are weak, and compared as what they are.
fn tags(request: &HttpRequest, name: &str) -> Option<Vec<String>> {
    let value = request.headers().get(name)?.to_str().ok()?.to_owned();
    Some(value.split(',').map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect())
}

fn matches(tags: &[String], tag: &str) -> bool {
    tags.iter().any(|one| one == "*" || one == tag.trim_start_matches("W/"))
}

/// 412 where `If-Match` names another version.
fn unchanged(seen: Option<&Vec<String>>, app: &App, user: &User) -> Result<(), Problem> {
    let (_, tag) = user.resource(app);
    match seen {
        Some(seen) if !matches(seen, &tag) => {
            Err(Problem::new(Kind::Stale, "Somebody changed it since you read it."))
        }
        _ => Ok(()),
    }
}

/// A user as it is answered.
fn told(app: &App, call: &Call, user: &User, status: u16) -> Reply {
    let (resource, tag) = user.resource(app);
    answer(status, &wanted(&call.query).of_resource(resource)).header("ETag", tag)
}

/// `GET /Users`.
pub(super) async fn list(app: App, call: Call) -> Result<Reply, Problem> {
    machine(&call, Action::ListAccounts)?;
    let asked = Listed::of_query(&call.query)?;
    page(&app, &call, asked).await
}

/// `POST /.search`.
pub(super) async fn search(
    app: App,
    call: Call,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    machine(&call, Action::ListAccounts)?;
    let body = body(&app, &request, payload).await?;
    super::draft::is_of(&body, SEARCH)?;
    let asked = Listed::of_search(&body)?;
    page(&app, &call, asked).await
}

async fn page(app: &App, call: &Call, asked: Listed) -> Result<Reply, Problem> {
    let there = app.clone();
    app.read(call, move |tx, call| {
        let client = machine(call, Action::ListAccounts)?;
        let Found { total, users, more } = found(&there, tx, client, &asked)?;
        call.discloses(users.iter().map(|user| user.known.person));
        let resources: Vec<Value> =
            users.iter().map(|user| asked.wanted.of_resource(user.resource(&there).0)).collect();
        let mut list = json!({"schemas": [LIST], "totalResults": total,
            "itemsPerPage": resources.len(), "Resources": resources});
        if let Some(fields) = list.as_object_mut() {
            let (name, value) = match asked.from {
                Start::Index(first) => ("startIndex", Some(json!(first))),
                Start::Cursor(_) => {
                    let end = users.last().filter(|_| more);
                    ("nextCursor", end.map(|user| json!(user.known.id)))
                }
            };
            fields.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(answer(200, &list))
    })
    .await
}

/// `GET /Users/{id}`.
pub(super) async fn get(
    app: App,
    call: Call,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<Reply, Problem> {
    machine(&call, Action::ListAccounts)?;
    let (id, seen) = (id(&path)?, tags(&request, "if-none-match"));
    let there = app.clone();
    app.read(&call, move |tx, call| {
        let client = machine(call, Action::ListAccounts)?;
        let user = User::get(&there, tx, client, id)?;
        call.discloses([user.known.person]);
        let (_, tag) = user.resource(&there);
        if seen.as_ref().is_some_and(|seen| matches(seen, &tag)) {
            let nothing = Reply { status: 304, headers: Vec::new(), body: Vec::new() };
            return Ok(nothing.header("ETag", tag).private());
        }
        Ok(told(&there, call, &user, 200))
    })
    .await
}

/// `POST /Users`.
///
/// By the same act as `POST /v1/account-requests`. Where that leaves the office to decide, there is no user yet, and
/// SCIM has no word for it: 409 `uniqueness`, whose detail names the request that waits. Asked again once it is
/// linked, it makes the user.
pub(super) async fn create(
    app: App,
    call: Call,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    machine(&call, Action::CreateAccountRequest)?;
    let draft = Draft::of_body(&body(&app, &request, payload).await?)?;
    let there = app.clone();
    app.write(&call, move |tx, call| {
        let client = machine(call, Action::CreateAccountRequest)?;
        // The client is the root of what it holds.
        tx.clients().get(client)?;
        let known = match asked_for(&there, tx, client, &draft)? {
            Ok(known) => known,
            // What waits is stored: the refusal must not take it back.
            Err(refused) => return Ok(error::reply(&refused)),
        };
        says(tx, &known, &draft)?;
        let user = User::get(&there, tx, client, known.id)?;
        call.discloses([user.known.person]);
        Ok(told(&there, call, &user, 201).header("Location", location(&there, known.id)))
    })
    .await
}

/// The account of a new user: there at once, decided by the office since it was asked for, or refused with what
/// is stored of the request.
fn asked_for(
    app: &App,
    tx: &mut Tx<'_>,
    client: ClientId,
    draft: &Draft,
) -> Result<Result<ExternalId, Problem>, Problem> {
    let asked = Asked {
        external_id: draft.external_id.as_ref().unwrap_or(&draft.user_name).clone(),
        given_name: draft.given_name.clone(),
        family_name: draft.family_name.clone(),
        emails: draft.emails.clone(),
        candidate_number: None,
        person: None,
        program: ProgramCode::lssc(),
    };
    // SCIM has no ids of requests: those of one external id are told apart by a digest of it.
    let digest = Sha256::digest(asked.external_id.as_bytes());
    let prefix = format!("scim:{}", hex::of(digest.get(..8).unwrap_or_default()));
    let before = tx.account_requests().last_of(client, &prefix)?;
    let before = before.filter(|one| one.differences(&asked).is_empty());
    if let Some(known) = tx.external_ids().find(client, &asked.external_id)? {
        let decided = before.is_some_and(|one| one.person == Some(known.person));
        let is_new = decided && tx.scim_users().of(known.id)?.is_none();
        is_free(tx, client, &draft.user_name, Some(known.id).filter(|_| is_new))?;
        return if is_new { Ok(Ok(known)) } else { Err(taken("externalId")) };
    }
    is_free(tx, client, &draft.user_name, None)?;
    // What waits, and what was rejected, is not put before the office again however often it is sent.
    let before = before.filter(|one| one.state != AccountRequestState::Completed);
    let request = if let Some(before) = before {
        before
    } else {
        let new: AccountRequestId = tx.new_id();
        let rules = AccountRules::of(app, tx)?;
        account::request(tx, rules, (client, format!("{prefix}:{new}")), asked.clone())?
    };
    match request.state {
        AccountRequestState::Pending => Ok(Err(waits(request.id))),
        AccountRequestState::Rejected => Ok(Err(rejected(&request))),
        AccountRequestState::Completed => {
            let known = tx.external_ids().find(client, &asked.external_id)?;
            known.map(Ok).ok_or_else(|| Problem::internal("an account was not linked"))
        }
    }
}

fn taken(what: &str) -> Problem {
    Problem::conflict(format!("Another user of this system has this {what}."))
}

fn waits(request: AccountRequestId) -> Problem {
    Problem::conflict(format!(
        "It may be somebody whom the program knows: the office decides on the account request {request}. Ask again then."
    ))
}

fn rejected(request: &AccountRequest) -> Problem {
    let reason = request.reason.as_deref().unwrap_or_default();
    Problem::conflict(format!("The office rejected the account request {}: {reason}", request.id))
}

/// `userName` is one user's, however it is written; where none was given, it is the external id.
fn is_free(
    tx: &mut Tx<'_>,
    client: ClientId,
    name: &str,
    own: Option<AccountId>,
) -> Result<(), Problem> {
    let other = |found: &AccountId| Some(*found) != own;
    let mut theirs: Vec<AccountId> = tx.scim_users().named(client, name)?.into_iter().collect();
    for known in tx.external_ids().alike(client, name)? {
        if tx.scim_users().of(known.id)?.is_none() {
            theirs.push(known.id);
        }
    }
    if theirs.iter().any(other) { Err(taken("userName")) } else { Ok(()) }
}

/// Stores what the partner says of its account.
fn says(tx: &mut Tx<'_>, known: &ExternalId, draft: &Draft) -> Result<(), Problem> {
    let changed_at = tx.now();
    Ok(tx.scim_users().put(&ScimUser {
        account: known.id,
        client: known.client,
        user_name: draft.user_name.clone(),
        names_itself: draft.external_id.is_none(),
        display_name: draft.display_name.clone(),
        active: draft.active,
        changed_at,
    })?)
}

/// `PUT /Users/{id}`.
pub(super) async fn replace(
    app: App,
    call: Call,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    change(app, call, request, path, payload, Draft::put).await
}

/// `PATCH /Users/{id}`.
pub(super) async fn patch(
    app: App,
    call: Call,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<Reply, Problem> {
    change(app, call, request, path, payload, Draft::patched).await
}

async fn change(
    app: App,
    call: Call,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
    change: fn(Draft, &Value) -> Result<Draft, Problem>,
) -> Result<Reply, Problem> {
    machine(&call, Action::AddAccountEmail)?;
    let (id, seen) = (id(&path)?, tags(&request, "if-match"));
    let body = body(&app, &request, payload).await?;
    let there = app.clone();
    app.write(&call, move |tx, call| {
        let client = machine(call, Action::AddAccountEmail)?;
        tx.clients().get(client)?;
        let user = User::get(&there, tx, client, id)?;
        let before = user.draft();
        let after = change(before.clone(), &body)?;
        unchanged(seen.as_ref(), &there, &user)?;
        if after != before {
            apply(&there, tx, user, (&before, &after))?;
        }
        let user = User::get(&there, tx, client, id)?;
        call.discloses([user.known.person]);
        Ok(told(&there, call, &user, 200))
    })
    .await
}

/// Does what makes one user of the other.
fn apply(
    app: &App,
    tx: &mut Tx<'_>,
    user: User,
    (before, after): (&Draft, &Draft),
) -> Result<(), Problem> {
    let mut known = user.known;
    if after.user_name != before.user_name {
        is_free(tx, known.client, &after.user_name, Some(known.id))?;
    }
    let key = after.external_id.as_ref().unwrap_or(&after.user_name);
    if *key != known.external_id {
        if tx.external_ids().find(known.client, key)?.is_some() {
            return Err(taken("externalId"));
        }
        let client = known.client;
        let old = AccountEvent::Unlinked { client, external_id: known.external_id.clone() };
        tx.record(account::event(&known, old))?;
        tx.external_ids().note_former(&known)?;
        known.external_id.clone_from(key);
        tx.external_ids().save(&mut known)?;
        let new = AccountEvent::Linked { client, external_id: key.clone() };
        tx.record(account::event(&known, new))?;
    }
    let names = |draft: &Draft| Names {
        given_name: draft.given_name.clone(),
        family_name: draft.family_name.clone(),
    };
    if names(after) != names(before) {
        account::rename(app, tx, known.person, names(after))?;
    }
    let is_new =
        |address: &&String| !before.emails.iter().any(|one| fold_email(one) == fold_email(address));
    for address in after.emails.iter().filter(is_new) {
        account::add_email(tx, known.person, address.clone())?;
    }
    says(tx, &known, after)
}

/// `DELETE /Users/{id}`: the partner holds this account no more. The person stays as they are, and so does another
/// user who a merge found to be the same person.
pub(super) async fn delete(
    app: App,
    call: Call,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<Reply, Problem> {
    machine(&call, Action::UnlinkAccount)?;
    let (id, seen) = (id(&path)?, tags(&request, "if-match"));
    let there = app.clone();
    app.write(&call, move |tx, call| {
        let client = machine(call, Action::UnlinkAccount)?;
        tx.clients().get(client)?;
        let user = User::get(&there, tx, client, id)?;
        unchanged(seen.as_ref(), &there, &user)?;
        account::unlink_one(tx, &user.known)?;
        Ok(Reply::no_content())
    })
    .await
}
