//! Exports: records in the columns of imports, streamed.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Bytes,
};
use domain::{
    access::{Action, Facts},
    event::Event,
    import::{ExportEvent, RecordKind, RowForm},
};
use futures_util::{
    StreamExt, TryStreamExt,
    future::ready,
    stream::{self, Stream},
};
use persistence::Tx;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    call::Call,
    csv::Cell,
    disclosure,
    extract::{PathOf, Query},
    flows::import,
    openapi::words::one_of,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(export_records);
}

/// Records of one read: no more of them are in memory at a time.
const CHUNK: i64 = 500;

/// How records are exported.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// How rows are written: `csv`, unless said otherwise, or `ndjson`.
    #[param(schema_with = one_of::<RowForm>, required = false)]
    pub format: Option<RowForm>,
}

/// Export records
///
/// Every record of a kind in the columns that imports take, the oldest first, as a download that is written while
/// it is read. Chunks are reads of their own: what was there all the time is in it exactly once, as it was when
/// its chunk was read; what came or went meanwhile may be in it or not. A connection that breaks off tells that
/// the file is not whole. In a CSV file an apostrophe stands before a text that a spreadsheet would take for a
/// formula; an import leaves it out again. That records left is an event, written before the first of them.
///
/// A machine is told of the programs to which it is confined. It needs a quota of people in which every record has room:
/// else it is 429 before the first line.
///
/// People who were erased, memberships that were rejected and completions that do not count are left out.
#[utoipa::path(tag = "Imports", params(ExportQuery),
    responses((status = 200, description = "The records.",
        content((String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/v1/exports/{record_kind}")]
pub(crate) async fn export_records(
    app: App,
    call: Call,
    kind: PathOf<RecordKind>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let (kind, form) = (*kind, query.format.unwrap_or(RowForm::Csv));
    call.allow(Action::ExportRecords, &Facts::default())?;
    if call.caller().client().is_some() {
        let programs = call.caller().programs_of(None);
        let count = move |tx: &mut Tx<'_>| {
            tx.exports().count(kind, programs.as_deref()).map_err(Problem::from)
        };
        let records = app.store.read(count).await?;
        disclosure::has_room(&app, &call, records).await?;
    }
    app.write(&call, move |tx, call| {
        call.allow(Action::ExportRecords, &Facts::default())?;
        let fact = ExportEvent::Made { kind, form };
        let subject = format!("exports/{kind}");
        Ok(tx.record(Event { program: None, subject, person: None, fact })?)
    })
    .await?;
    let (media_type, end) = match form {
        RowForm::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        RowForm::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let header = stream::once(ready(header(kind, form)));
    let body = header
        .chain(records(app.clone(), call.clone(), kind, form))
        .try_filter(|bytes| ready(!bytes.is_empty()))
        .map_ok(Bytes::from);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}.{end}\"")))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Content-Security-Policy", "sandbox; default-src 'none'"))
        .streaming(body))
}

/// The rows in chunks, each read when it is asked for.
fn records(
    app: App,
    call: Call,
    kind: RecordKind,
    form: RowForm,
) -> impl Stream<Item = Result<Vec<u8>, Problem>> {
    stream::try_unfold(Some(None), move |place: Option<Option<u128>>| {
        let (app, call) = (app.clone(), call.clone());
        async move {
            let Some(after) = place else { return Ok(None) };
            // What each chunk tells a machine is counted before it is sent.
            let read = app.read(&call, move |tx, call| {
                let programs = call.caller().programs_of(None);
                let found = import::page(tx, (kind, programs.as_deref()), after, CHUNK)?;
                call.discloses(found.people.iter().copied());
                Ok(found)
            });
            let import::Records { rows, last, .. } = read.await?;
            let mut bytes = Vec::new();
            for cells in rows {
                bytes.extend(written(kind, form, cells)?);
            }
            Ok(Some((bytes, last.map(Some))))
        }
    })
}

/// What stands before the rows.
pub(crate) fn header(kind: RecordKind, form: RowForm) -> Result<Vec<u8>, Problem> {
    match form {
        RowForm::Csv => csv(import::columns(kind).iter().map(|name| Cell::text(name)).collect()),
        RowForm::Ndjson => Ok(Vec::new()),
    }
}

/// One row as it is written.
pub(crate) fn written(
    kind: RecordKind,
    form: RowForm,
    cells: Vec<Value>,
) -> Result<Vec<u8>, Problem> {
    match form {
        RowForm::Csv => csv(cells.into_iter().map(cell).collect()),
        RowForm::Ndjson => {
            let said = import::columns(kind).iter().zip(cells);
            let said = said.filter(|(_, value)| !value.is_null());
            let row: Map<String, Value> =
                said.map(|(name, value)| ((*name).to_owned(), value)).collect();
            let mut line = serde_json::to_vec(&row)
                .map_err(|error| Problem::internal(format!("a row cannot be written: {error}")))?;
            line.push(b'\n');
            Ok(line)
        }
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::empty(),
        Value::Bool(truth) => truth.into(),
        Value::Number(number) => Cell::Number(number.to_string()),
        Value::String(text) => Cell::Text(text),
        nested @ (Value::Array(_) | Value::Object(_)) => Cell::text(nested),
    }
}

fn csv(cells: Vec<Cell>) -> Result<Vec<u8>, Problem> {
    let failed = |error: String| Problem::internal(format!("a row cannot be written: {error}"));
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer
        .write_record(cells.into_iter().map(Cell::written))
        .map_err(|error| failed(error.to_string()))?;
    writer.into_inner().map_err(|error| failed(error.to_string()))
}
