//! Exports: records as files, streamed; what can be imported in the columns of imports.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Bytes,
};
use domain::{
    access::{Action, Facts},
    event::Event,
    export::{ExportEvent, ExportKind},
    import::RowForm,
};
use futures_util::{
    StreamExt, TryStreamExt,
    future::ready,
    stream::{self, Stream},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    app::App,
    call::Call,
    csv::Cell,
    extract::{PathOf, Query},
    flows::export::{self, Cells, Sight},
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
/// Every record of a kind, the oldest first, as a download that is written while it is read; people, applications,
/// completions, activities and memberships in the columns that imports take. Chunks are reads of their own: what was
/// there all the time is in it exactly once, as it was when its chunk was read; what came or went meanwhile may be in
/// it or not. A connection that breaks off tells that the file is not whole. In a CSV file an apostrophe stands before
/// a text that a spreadsheet would take for a formula; an import leaves it out again. That records left is an event,
/// written before the first of them.
///
/// People who were erased, memberships that were rejected and completions that do not count are left out. A machine
/// is told of its programs and of its own accounts alone, and of no more people than its quota lets it read of: 429,
/// or where that shows on the way the file breaks off.
#[utoipa::path(tag = "Imports", params(ExportQuery),
    responses((status = 200, description = "The records.",
        content((String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/v1/exports/{record_kind}")]
pub(crate) async fn export_records(
    app: App,
    call: Call,
    kind: PathOf<ExportKind>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    call.allow(Action::ExportRecords, &Facts::default())?;
    let (kind, form) = (*kind, query.format.unwrap_or(RowForm::Csv));
    // What cannot even begin is refused as any other read, and nothing is said to have left.
    let (first, after) = chunk(&app, &call, (kind, form), None).await?;
    let header = header(kind, form)?;
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
    let body = stream::iter([Ok::<_, Problem>(header), Ok(first)])
        .chain(records(app.clone(), call.clone(), (kind, form), after))
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

/// Some rows and the place after them. What they tell a machine of people is counted as that of any other read.
async fn chunk(
    app: &App,
    call: &Call,
    (kind, form): (ExportKind, RowForm),
    after: Option<u128>,
) -> Result<(Vec<u8>, Option<u128>), Problem> {
    let there = app.clone();
    let chunk = app
        .read(call, move |tx, call| {
            let sight = Sight::of(call.caller());
            let chunk = export::page(&there, tx, kind, &sight, (after, CHUNK))?;
            call.discloses(chunk.people());
            Ok(chunk)
        })
        .await?;
    let mut bytes = Vec::new();
    for record in chunk.records {
        bytes.extend(written(kind, form, record.cells)?);
    }
    Ok((bytes, chunk.last))
}

/// The rows after a place in chunks, each read when it is asked for.
fn records(
    app: App,
    call: Call,
    what: (ExportKind, RowForm),
    after: Option<u128>,
) -> impl Stream<Item = Result<Vec<u8>, Problem>> {
    stream::try_unfold(after, move |place| {
        let (app, call) = (app.clone(), call.clone());
        async move {
            if place.is_none() {
                return Ok(None);
            }
            chunk(&app, &call, what, place).await.map(Some)
        }
    })
}

/// What stands before the rows.
pub(crate) fn header(kind: ExportKind, form: RowForm) -> Result<Vec<u8>, Problem> {
    match form {
        RowForm::Csv => csv(export::columns(kind).iter().map(Cell::text).collect()),
        RowForm::Ndjson => Ok(Vec::new()),
    }
}

/// One row as it is written.
pub(crate) fn written(kind: ExportKind, form: RowForm, cells: Cells) -> Result<Vec<u8>, Problem> {
    match form {
        RowForm::Csv => csv(cells.into_iter().map(cell).collect()),
        RowForm::Ndjson => {
            let said = export::columns(kind).iter().zip(cells);
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
