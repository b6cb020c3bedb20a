//! Files of records, in and out, without a server: the same work as the API's.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use domain::{
    event::Event,
    export::{ExportEvent, ExportKind},
    import::{ImportState, RecordKind, RowForm, RowState},
};
use persistence::{Page, Tx};

use super::said;
use crate::{
    app::App,
    flows::{
        export::{self as records, Sight},
        import::{self, Asked, Round},
    },
    problem::Problem,
    v1::exports,
};

/// Who imports and exports from the command line, as the log names them.
const ACTOR: &str = "command line";
/// Records of one read.
const CHUNK: i64 = 500;

/// A file to take in.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// What its rows are: people, applications, completions, activities or memberships.
    #[arg(long)]
    kind: RecordKind,
    /// Tell what the file would come to and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// The file: JSON lines where its name ends in .ndjson, else CSV.
    file: PathBuf,
}

/// Records to put out.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// What: people, applications, completions, activities, memberships, accounts, candidacies, achievements,
    /// certifications, renewals, portfolios, graduates, appeals, subscriptions, invoices, payments, `purchase_orders`,
    /// payouts, providers, courses, offerings, institutions, colleges or agreements.
    kind: ExportKind,
    /// How: csv or ndjson.
    #[arg(long, default_value = "csv")]
    format: RowForm,
}

/// Takes a file in, and tells what was not taken; a failure where there is such a row.
pub(super) async fn import(app: &App, command: ImportCommand) -> Result<ExitCode, String> {
    let ImportCommand { kind, dry_run, file } = command;
    let name = file.display();
    let bytes = std::fs::read(&file).map_err(|error| format!("{name} cannot be read: {error}."))?;
    let lines = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("ndjson"));
    let form = if lines { RowForm::Ndjson } else { RowForm::Csv };
    let told = |problem: Problem| format!("{name}: {problem}");
    let rows_total = import::count(kind, form, &import::decoded(&bytes)).map_err(told)?;
    let asked = Asked { kind, form, dry_run, source: "office".to_owned(), rows_total };
    let stamp = app.stamp_of(ACTOR, "import");
    let asked = app.store.write(stamp, move |tx| import::request(tx, &asked, &bytes)).await;
    let id = asked.map_err(|problem| said(&problem))?.id;
    let holder = format!("{:032x}", app.ids.next(app.now()));
    let done = loop {
        let here = import::round(app, &holder).await.map_err(|problem| said(&problem))?;
        let found = app.store.read(move |tx| tx.imports().get(id)).await;
        let found = found.map_err(|error| error.to_string())?;
        if !found.is_open() {
            break found;
        }
        if here != Round::Did {
            // A server is at it.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    refused(app, id).await?;
    let tally = done.tally;
    println!(
        "{id}: {}, {} accepted, {} skipped, {} refused.",
        done.state(),
        tally.accepted,
        tally.skipped,
        tally.refused
    );
    let well = done.state() == ImportState::Done && tally.refused == 0;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the rows that were not taken.
async fn refused(app: &App, id: domain::ImportId) -> Result<(), String> {
    let mut after = None;
    loop {
        let page = Page { after, limit: CHUNK };
        let rows =
            app.store.read(move |tx| tx.imports().rows(id, Some(RowState::Refused), page)).await;
        let rows = rows.map_err(|error| error.to_string())?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.line);
        for row in &rows {
            let pointer = row.pointer.as_deref().unwrap_or_default();
            println!("line {} {pointer} {}: {}", row.line, row.code, row.message);
        }
    }
}

/// Puts records out on the standard output.
pub(super) async fn export(app: &App, command: &ExportCommand) -> Result<(), String> {
    let (kind, form) = (command.kind, command.format);
    let recorded = app.store.write(app.stamp_of(ACTOR, "export"), move |tx| {
        let subject = format!("exports/{kind}");
        let fact = ExportEvent::Made { kind, form };
        tx.record(Event { program: None, subject, person: None, fact })
    });
    recorded.await.map_err(|error| error.to_string())?;
    let mut out = io::stdout().lock();
    let mut put = |bytes: Vec<u8>| {
        out.write_all(&bytes).map_err(|error| format!("It cannot be written: {error}."))
    };
    put(exports::header(kind, form).map_err(|problem| said(&problem))?)?;
    let mut after = None;
    loop {
        let there = app.clone();
        let read = move |tx: &mut Tx<'_>| {
            records::page(&there, tx, kind, &Sight::default(), (after, CHUNK))
        };
        let chunk = app.store.read(read).await.map_err(|problem| said(&problem))?;
        for record in chunk.records {
            put(exports::written(kind, form, record.cells).map_err(|problem| said(&problem))?)?;
        }
        match chunk.last {
            Some(_) => after = chunk.last,
            None => return Ok(()),
        }
    }
}
