//! Reconciliations: a partner's list of accounts compared with what is here.

mod views;

use std::collections::BTreeMap;

use actix_web::{get, post};
use domain::{
    ClientId, ReconciliationId,
    access::{Action, Facts},
    reconciliation::Reconciliation,
};
use persistence::{DifferenceFilter, Error};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use super::imports::hidden;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{IfNoneMatch, Page, PathOf, Query, RowFile},
    flows::{import, reconciliation},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_reconciliation)
        .service(list_reconciliations)
        .service(get_reconciliation)
        .service(list_differences);
}

fn seen(call: &Call, asked: Reconciliation) -> Result<Reconciliation, Problem> {
    if hidden(call, &asked.requested_by) { Err(Problem::not_found()) } else { Ok(asked) }
}

/// Reconcile a list of accounts
///
/// Takes the accounts that a partner holds, as `text/csv` or `application/x-ndjson` with `external_id` and any of
/// `person_id`, `given_name`, `family_name`, `email` and `state`: up to 250,000 rows and 64 MiB. They are compared
/// in the background with the external ids of the machine that sends them; the office says of which machine the
/// list is. What a row leaves out is not compared. Nothing is changed by it. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Imports", params(CreateReconciliationQuery),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson")),
        description = "The accounts: external_id, person_id, given_name, family_name, email, state."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 202, body = ReconciliationView)))]
#[post("/v1/reconciliations")]
pub(crate) async fn create_reconciliation(
    app: App,
    call: Call,
    query: Query<CreateReconciliationQuery>,
    file: RowFile,
) -> Result<Reply, Problem> {
    call.allow(Action::CreateReconciliation, &Facts::default())?;
    let (form, bytes) = file.receive().await?;
    let counted = import::count_rows::<reconciliation::ListRow>(form, &import::decoded(&bytes));
    let reply = app
        .change(&call, move |tx, call| {
            call.allow(Action::CreateReconciliation, &Facts::default())?;
            let client: ClientId = match (call.caller().client(), query.client_id) {
                (Some(own), None) => own,
                (Some(own), Some(asked)) if own == asked => own,
                (Some(_), Some(_)) => {
                    let detail = "a machine reconciles its own accounts.";
                    return Err(Problem::query("client_id", "exclusive", detail));
                }
                (None, Some(asked)) => match tx.clients().get(asked) {
                    Ok(client) => client.id,
                    Err(Error::NotFound) => {
                        return Err(Problem::query(
                            "client_id",
                            "unknown",
                            "there is no such machine.",
                        ));
                    }
                    Err(other) => return Err(other.into()),
                },
                (None, None) => {
                    return Err(Problem::query(
                        "client_id",
                        "required",
                        "say of which machine the list is.",
                    ));
                }
            };
            let asked = reconciliation::request(tx, (form, counted.clone()?), client, &bytes)?;
            Ok(Reply::accepted(&ReconciliationView::from(&asked))
                .header("Location", format!("/v1/reconciliations/{}", asked.id))
                .header("Retry-After", "1")
                .etag(asked.version)
                .private())
        })
        .await;
    app.jobs.notify_waiters();
    reply
}

/// List reconciliations
///
/// The first one asked for first. A machine sees its own.
#[utoipa::path(tag = "Imports", params(ListReconciliations),
    responses((status = 200, body = Listing<ReconciliationView>)))]
#[get("/v1/reconciliations")]
pub(crate) async fn list_reconciliations(
    app: App,
    call: Call,
    query: Query<ListReconciliations>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListReconciliations, &Facts::default())?;
        let page = Page::<ReconciliationId>::of(query.limit, query.cursor.as_ref())?;
        let by = call.caller().client().map(|client| client.to_string());
        let rows = tx.reconciliations().list(by.as_deref(), page.rows())?;
        Ok(page.listing(rows, |row| row.id, |row| ReconciliationView::from(&row)).reply(call))
    })
    .await
}

/// Read a reconciliation
///
/// Its state, and how much was found of what so far.
#[utoipa::path(tag = "Imports", responses((status = 200, body = ReconciliationView)))]
#[get("/v1/reconciliations/{reconciliation_id}")]
pub(crate) async fn get_reconciliation(
    app: App,
    call: Call,
    id: PathOf<ReconciliationId>,
    if_none_match: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetReconciliation, &Facts::default())?;
        let asked = seen(call, tx.reconciliations().get(*id)?)?;
        let reply = Reply::ok(&ReconciliationView::from(&asked)).etag(asked.version).private();
        let reply = if asked.is_open() { reply.header("Retry-After", "1") } else { reply };
        Ok(if_none_match.answer(reply))
    })
    .await
}

/// Read what a reconciliation found
///
/// Each difference with the event that explains it, where the log holds one: the last that changed the field, or
/// that linked, unlinked, merged or erased the account.
#[utoipa::path(tag = "Imports", params(ListDifferences),
    responses((status = 200, body = Listing<DifferenceView>)))]
#[get("/v1/reconciliations/{reconciliation_id}/differences")]
pub(crate) async fn list_differences(
    app: App,
    call: Call,
    id: PathOf<ReconciliationId>,
    query: Query<ListDifferences>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListDifferences, &Facts::default())?;
        let asked = seen(call, tx.reconciliations().get(*id)?)?;
        let page = Page::<i64>::of(query.limit, query.cursor.as_ref())?;
        let filter = DifferenceFilter { kind: query.kind };
        let rows = tx.reconciliations().differences(asked.id, filter, page.rows())?;
        let events: Vec<_> = rows.iter().filter_map(|row| row.event).collect();
        let events: BTreeMap<_, _> =
            tx.events().by_ids(&events)?.into_iter().map(|event| (event.id, event)).collect();
        let listing = page.listing(
            rows,
            |row| row.place,
            |row| {
                call.discloses(row.person);
                let event = row.event.and_then(|id| events.get(&id));
                DifferenceView::of(row, event)
            },
        );
        Ok(listing.reply(call))
    })
    .await
}
