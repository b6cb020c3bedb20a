//! What the office does with account requests that wait.

use actix_web::post;
use domain::{
    AccountRequestId,
    access::{Action, Facts},
};

use super::{AccountRequestView, LinkAccountRequest, view};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::account,
    problem::Problem,
    v1::fields::Reason,
};

/// Link a requested account to a person
///
/// The office decides who is meant, whatever the name says. 409 where the request was decided, the external id is
/// somebody else's, the person has another one in this system or is not active. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Partners", request_body = LinkAccountRequest,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AccountRequestView)))]
#[post("/v1/account-requests/{account_request_id}/link")]
pub(crate) async fn link_account_request(
    app: App,
    call: Call,
    id: PathOf<AccountRequestId>,
    body: Body<LinkAccountRequest>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::LinkAccountRequest, &Facts::default())?;
            let request = tx.account_requests().get(*id)?;
            let linked = account::link_requested(&app, tx, request, body.get()?.person_id)?;
            let version = linked.version;
            Ok(Reply::ok(&view(&app, tx, call, linked)?).etag(version).private())
        })
        .await
}

/// Make a person for a requested account
///
/// With those of the addresses that nobody has. 409 where the request was decided, the external id is somebody's,
/// or no address is left. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Partners", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AccountRequestView)))]
#[post("/v1/account-requests/{account_request_id}/create")]
pub(crate) async fn create_requested_account(
    app: App,
    call: Call,
    id: PathOf<AccountRequestId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateRequestedAccount, &Facts::default())?;
            let request = tx.account_requests().get(*id)?;
            let created = account::create_requested(&app, tx, request)?;
            let version = created.version;
            Ok(Reply::ok(&view(&app, tx, call, created)?).etag(version).private())
        })
        .await
}

/// Reject an account request
///
/// The partner reads the reason. 409 where it was decided. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Partners", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AccountRequestView)))]
#[post("/v1/account-requests/{account_request_id}/reject")]
pub(crate) async fn reject_account_request(
    app: App,
    call: Call,
    id: PathOf<AccountRequestId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RejectAccountRequest, &Facts::default())?;
            let request = tx.account_requests().get(*id)?;
            let reason = body.get()?.reason.to_string();
            let rejected = account::reject_requested(&app, tx, request, reason)?;
            let version = rejected.version;
            Ok(Reply::ok(&view(&app, tx, call, rejected)?).etag(version).private())
        })
        .await
}
