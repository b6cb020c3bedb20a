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
    scim::{ScimUser, fold_user_name},
};
use persistence::Tx;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    answer, body,
    draft::Draft,
    error, machine,
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
        let mut known = accounts(tx, client)?;
        if let Some(filter) = &asked.filter {
            let users = User::all(&there, tx, client, &known)?;
            let taken: std::collections::HashSet<AccountId> = users
                .iter()
                .filter(|user| user.is_taken_by(filter))
                .map(|user| user.known.id)
                .collect();
            known.retain(|(known, _)| taken.contains(&known.id));
        }
        let total = known.len();
        let (first, by_cursor) = match asked.from {
            Start::Index(index) => (index, false),
            Start::Cursor(None) => (1, true),
            Start::Cursor(Some(after)) => {
                (known.partition_point(|(known, _)| known.id <= after).saturating_add(1), true)
            }
        };
        let rest = known.get(first.saturating_sub(1)..).unwrap_or_default();
        let some = rest.get(..asked.count.min(rest.len())).unwrap_or_default();
        let users = User::all(&there, tx, client, some)?;
        call.discloses(users.iter().map(|user| user.known.person));
        let resources: Vec<Value> =
            users.iter().map(|user| asked.wanted.of_resource(user.resource(&there).0)).collect();
        let mut list = json!({"schemas": [LIST], "totalResults": total,
            "itemsPerPage": resources.len(), "Resources": resources});
        let last = some.last().filter(|_| rest.len() > some.len());
        if let Some(fields) = list.as_object_mut() {
            if by_cursor {
                fields.extend(last.map(|(last, _)| ("nextCursor".to_owned(), json!(last.id))));
            } else {
                fields.insert("startIndex".to_owned(), json!(first));
            }
        }
        Ok(answer(200, &list))
    })
    .await
}

/// A partner's accounts with what it says of them, the first one first.
fn accounts(
    tx: &mut Tx<'_>,
    client: ClientId,
) -> Result<Vec<(ExternalId, Option<ScimUser>)>, Problem> {
    let said = tx.scim_users().of_client(client)?;
    let mut said: std::collections::HashMap<AccountId, ScimUser> =
        said.into_iter().map(|user| (user.account, user)).collect();
    let known = tx.external_ids().of_client(client)?;
    Ok(known.into_iter().map(|known| (known.clone(), said.remove(&known.id))).collect())
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
/// SCIM has no word for it: 409 `uniqueness`, whose detail names the request that waits.
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
        let key = draft.external_id.as_deref().unwrap_or(&draft.user_name);
        is_free(tx, client, &draft.user_name, None)?;
        if tx.external_ids().find(client, key)?.is_some() {
            return Err(taken("externalId"));
        }
        let request = ask(&there, tx, (client, key), &draft)?;
        if request.state == AccountRequestState::Pending {
            // What waits is stored: the refusal must not take it back.
            return Ok(error::reply(&waits(request.id)));
        }
        let known = tx.external_ids().find(client, key)?;
        let known = known.ok_or_else(|| Problem::internal("an account was not linked"))?;
        says(tx, &known, &draft)?;
        let user = User::get(&there, tx, client, known.id)?;
        call.discloses([user.known.person]);
        Ok(told(&there, call, &user, 201).header("Location", location(&there, known.id)))
    })
    .await
}

fn taken(what: &str) -> Problem {
    Problem::conflict(format!("Another user of this system has this {what}."))
}

fn waits(request: AccountRequestId) -> Problem {
    Problem::conflict(format!(
        "It may be somebody whom the program knows: the office decides on the account request {request}. Ask again then."
    ))
}

/// `userName` is one user's, however it is written; where none was given, it is the external id.
fn is_free(
    tx: &mut Tx<'_>,
    client: ClientId,
    name: &str,
    own: Option<AccountId>,
) -> Result<(), Problem> {
    let other = |found: Option<AccountId>| found.is_some_and(|found| Some(found) != own);
    let said = tx.scim_users().named(client, name)?;
    let known = tx.external_ids().of_client(client)?;
    let mut called = None;
    for known in known {
        let same = fold_user_name(&known.external_id) == fold_user_name(name);
        if same && tx.scim_users().of(known.id)?.is_none() {
            called = Some(known.id);
        }
    }
    if other(said) || other(called) { Err(taken("userName")) } else { Ok(()) }
}

/// Asks for the account: the same request while one waits, another one after that.
fn ask(
    app: &App,
    tx: &mut Tx<'_>,
    (client, key): (ClientId, &str),
    draft: &Draft,
) -> Result<AccountRequest, Problem> {
    let asked = Asked {
        external_id: key.to_owned(),
        given_name: draft.given_name.clone(),
        family_name: draft.family_name.clone(),
        emails: draft.emails.clone(),
        candidate_number: None,
        person: None,
        program: ProgramCode::lssc(),
    };
    let digest = Sha256::digest(key.as_bytes());
    let usual = format!("scim:{}", hex::of(digest.get(..16).unwrap_or_default()));
    let before = tx.account_requests().find(client, &usual)?;
    let waits = |one: &AccountRequest| {
        one.state == AccountRequestState::Pending && one.differences(&asked).is_empty()
    };
    let request_id = match before {
        Some(before) if !waits(&before) => {
            let fresh: AccountRequestId = tx.new_id();
            format!("scim:{fresh}")
        }
        _ => usual,
    };
    let rules = AccountRules::of(app, tx)?;
    account::request(tx, rules, (client, request_id), asked)
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

/// `DELETE /Users/{id}`: the partner holds no account of the person any more, by whichever id. The person stays as
/// they are.
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
        account::unlink(tx, &user.account, client)?;
        Ok(Reply::no_content())
    })
    .await
}
