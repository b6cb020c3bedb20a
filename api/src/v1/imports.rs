//! Imports: files of records, taken row by row in the background, and undone.

mod views;

use actix_web::{get, post};
use domain::{
    ImportId,
    access::{Action, Facts, Who},
    import::Import,
};
use persistence::ImportFilter;
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{IfNoneMatch, Page, PathOf, Query, RowFile},
    flows::import::{self, Asked},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_import)
        .service(list_imports)
        .service(get_import)
        .service(list_import_rows)
        .service(undo_import);
}

/// Of whom a machine's imports are: other machines do not know of them.
pub(crate) fn hidden(call: &Call, requested_by: &str) -> bool {
    matches!(call.caller().who, Who::Client(_)) && call.actor() != requested_by
}

/// Where the ids of a caller's list come from: a machine's are its own, the office's are one source.
pub(crate) fn source(call: &Call) -> String {
    call.caller().client().map_or_else(|| "office".to_owned(), |client| client.to_string())
}

fn seen(call: &Call, import: Import) -> Result<Import, Problem> {
    if hidden(call, &import.requested_by) { Err(Problem::not_found()) } else { Ok(import) }
}

fn answer(call: &Call, import: &Import) -> Reply {
    let reply = Reply::ok(&ImportView::of(import, call.caller())).etag(import.version).private();
    if import.is_open() { reply.header("Retry-After", "1") } else { reply }
}

/// Import a file of records
///
/// Takes `text/csv` with a header, or `application/x-ndjson` with one object on each line: up to 250,000 rows and
/// 64 MiB. The file is stored at once and taken in the background, each row by the act that the API has for one
/// of its kind, with its rules, events and notices: a row that is refused stores nothing, and the others go on.
/// `GET` the import for its progress and its rows for what became of each. A file whose columns are not those
/// of its kind is 422 as a whole; everything else is told of the row.
///
/// Sent again, what is there already is `skipped`. `dry_run=true` tells the same of every row and stores nothing
/// but that. Rows of another program than a machine is confined to are refused. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Imports", params(CreateImportQuery),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson")),
        description = "The rows. People: source_id, given_name, family_name, email. Applications: person, program, \
            state, education, payment_choice, jobs, attachments. Completions: course_id, completed_on, \
            candidate_number, email, name. Activities: certificate, title, kind, started_on, dated_on, minutes, \
            quantity, technology, sets, provider, documentation_url. Memberships: number, person, program, \
            valid_from, valid_until, family_name."),
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 202, body = ImportView)))]
#[post("/v1/imports")]
pub(crate) async fn create_import(
    app: App,
    call: Call,
    query: Query<CreateImportQuery>,
    file: RowFile,
) -> Result<Reply, Problem> {
    call.allow(Action::CreateImport, &Facts::default())?;
    let (form, bytes) = file.receive().await?;
    let counted = import::count(query.kind, form, &import::decoded(&bytes));
    let reply = app
        .change(&call, move |tx, call| {
            call.allow(Action::CreateImport, &Facts::default())?;
            let asked = Asked {
                kind: query.kind,
                form,
                dry_run: query.dry_run == Some(true),
                source: source(call),
                rows_total: counted.clone()?,
            };
            let import = import::request(tx, &asked, &bytes)?;
            let view = ImportView::of(&import, call.caller());
            Ok(Reply::accepted(&view)
                .header("Location", format!("/v1/imports/{}", import.id))
                .header("Retry-After", "1")
                .etag(import.version)
                .private())
        })
        .await;
    app.jobs.notify_waiters();
    reply
}

/// List imports
///
/// The first one asked for first. A machine sees its own.
#[utoipa::path(tag = "Imports", params(ListImports),
    responses((status = 200, body = Listing<ImportView>)))]
#[get("/v1/imports")]
pub(crate) async fn list_imports(
    app: App,
    call: Call,
    query: Query<ListImports>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListImports, &Facts::default())?;
        let page = Page::<ImportId>::of(query.limit, query.cursor.as_ref())?;
        let requested_by = call.caller().client().map(|client| client.to_string());
        let filter = ImportFilter { kind: query.kind, requested_by };
        let rows = tx.imports().list(&filter, page.rows())?;
        let view = |row: Import| ImportView::of(&row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an import
///
/// Its state, and how many rows came to what so far.
#[utoipa::path(tag = "Imports", responses((status = 200, body = ImportView)))]
#[get("/v1/imports/{import_id}")]
pub(crate) async fn get_import(
    app: App,
    call: Call,
    id: PathOf<ImportId>,
    if_none_match: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetImport, &Facts::default())?;
        let import = seen(call, tx.imports().get(*id)?)?;
        Ok(if_none_match.answer(answer(call, &import)))
    })
    .await
}

/// Read what became of the rows of an import
///
/// In the order of their lines; while it runs, those that were seen to so far.
#[utoipa::path(tag = "Imports", params(ListImportRows),
    responses((status = 200, body = Listing<ImportRowView>)))]
#[get("/v1/imports/{import_id}/rows")]
pub(crate) async fn list_import_rows(
    app: App,
    call: Call,
    id: PathOf<ImportId>,
    query: Query<ListImportRows>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListImportRows, &Facts::default())?;
        let import = seen(call, tx.imports().get(*id)?)?;
        let page = Page::<i64>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.imports().rows(import.id, query.state, page.rows())?;
        Ok(page.listing(rows, |row| row.line, ImportRowView::from).reply(call))
    })
    .await
}

/// Undo an import
///
/// Takes back, in the background, what its accepted rows made, by the acts that the API has for that: people are
/// erased, applications and completions withdrawn, activities removed, memberships rejected, or claimed again where
/// the claim was there before. What was changed since, or on which something later rests, is kept, and its row says why. 409 while it runs, once it was
/// undone, and of a dry run. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Imports", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 202, body = ImportView)))]
#[post("/v1/imports/{import_id}/undo")]
pub(crate) async fn undo_import(
    app: App,
    call: Call,
    id: PathOf<ImportId>,
) -> Result<Reply, Problem> {
    let reply = app
        .change(&call, move |tx, call| {
            call.allow(Action::UndoImport, &Facts::default())?;
            let import = seen(call, tx.imports().get(*id)?)?;
            let (asked, fact) = import.request_undo(call.actor(), tx.now())?;
            let import = import::save(tx, (asked, Some(fact)))?;
            let view = ImportView::of(&import, call.caller());
            Ok(Reply::accepted(&view)
                .header("Location", format!("/v1/imports/{}", import.id))
                .header("Retry-After", "1")
                .etag(import.version)
                .private())
        })
        .await;
    app.jobs.notify_waiters();
    reply
}
