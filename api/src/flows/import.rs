//! Imports: files that a worker takes row by row, each by the same act as the API's.
//!
//! A kind of file is a [`Subject`] in a module of its own. [`work`] takes rows in transactions of some hundreds,
//! the progress in each; [`undoing`] takes back what was made.

mod activities;
mod applications;
mod completions;
mod memberships;
mod people;
mod records;
mod sheet;
mod told;
mod undo;
mod undoing;
mod work;

use std::collections::BTreeMap;

use domain::{
    ClientId, ImportId, PersonId,
    client::Client,
    event::Event,
    import::{Import, ImportEvent, ImportRow, MOST_WAITING, RecordKind, RowForm, Tally},
    program::ProgramCode,
};
use persistence::{Optional, Tx};
use serde::de::DeserializeOwned;

use super::program::{self, InForce};
use crate::{app::App, problem::Problem, v1::people as v1_people};

pub(crate) use records::{columns, page};
pub(crate) use sheet::{count, count_rows, decoded, read as read_rows};
use told::{accepted, already, passes, refused, refused_in, row, unreadable};
pub(crate) use work::{Round, at_once, round, stays};

/// Does something with the subject of a kind of file.
macro_rules! each_kind {
    ($kind:expr, |$subject:ident| $body:expr) => {
        match $kind {
            domain::import::RecordKind::People => {
                type $subject = super::people::People;
                $body
            }
            domain::import::RecordKind::Applications => {
                type $subject = super::applications::Applications;
                $body
            }
            domain::import::RecordKind::Completions => {
                type $subject = super::completions::Completions;
                $body
            }
            domain::import::RecordKind::Activities => {
                type $subject = super::activities::Activities;
                $body
            }
            domain::import::RecordKind::Memberships => {
                type $subject = super::memberships::Memberships;
                $body
            }
        }
    };
}
use each_kind;

/// What the rows of a kind of file are, both ways.
trait Subject {
    /// One row as it comes in.
    type Row: DeserializeOwned + Send + Sync + 'static;

    /// What a row touches, as it names it: rows that touch the same are seen to together.
    fn keys(row: &Self::Row) -> Vec<String>;

    /// Takes rows, each for itself: one that is refused stores nothing.
    fn take(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        rows: &[(i64, &Self::Row)],
    ) -> Result<Vec<ImportRow>, Problem>;

    /// Takes back what a row made. Tells the keys of files that nobody names any more, or why it stays.
    fn undo(
        desk: &mut Desk<'_>,
        tx: &mut Tx<'_>,
        made: &str,
        row: &ImportRow,
    ) -> Result<Vec<String>, Problem>;
}

/// What the rows of a chunk share.
struct Desk<'a> {
    app: &'a App,
    import: &'a Import,
    programs: Vec<ProgramCode>,
    rules: BTreeMap<ProgramCode, InForce>,
    sources: BTreeMap<String, PersonId>,
}

impl<'a> Desk<'a> {
    fn of(app: &'a App, tx: &mut Tx<'_>, import: &'a Import) -> Result<Self, Problem> {
        let programs = sender(tx, import)?.map(|client| client.programs).unwrap_or_default();
        Ok(Self { app, import, programs, rules: BTreeMap::new(), sources: BTreeMap::new() })
    }

    /// What is in force in a program; 422 at `/program` where there is none, and for a machine that is confined to
    /// others.
    fn rules(&mut self, tx: &mut Tx<'_>, code: &ProgramCode) -> Result<InForce, Problem> {
        if !self.programs.is_empty() && !self.programs.contains(code) {
            return Err(Problem::input(
                "/program",
                "unknown",
                format!("There is no program {code}."),
            ));
        }
        if let Some(rules) = self.rules.get(code) {
            return Ok(rules.clone());
        }
        let program = program::named(tx, code)?;
        let today = self.app.today(&program);
        let rules = program::in_force_on(tx, program, today)?;
        self.rules.insert(code.clone(), rules.clone());
        Ok(rules)
    }

    /// Who imports, if it is a person.
    fn importer(&self) -> Option<PersonId> {
        self.import.requested_by.parse().ok()
    }

    /// A `source_id` with the source before it.
    fn source_key(&self, id: &str) -> String {
        format!("{} {id}", self.import.source)
    }

    /// Whom an earlier row made or found under a `source_id`.
    fn of_source(&self, tx: &mut Tx<'_>, key: &str) -> Result<Option<PersonId>, Problem> {
        if let Some(person) = self.sources.get(key) {
            return Ok(Some(*person));
        }
        let made = tx.imports().of_source(key)?;
        Ok(made.and_then(|made| made.parse().ok()))
    }

    /// Whom a row names in the column `person`: by id, by e-mail address, or by the `source_id` of an earlier
    /// import of people. What is neither an id nor an address is a `source_id`.
    fn person(&self, tx: &mut Tx<'_>, named: &str) -> Result<PersonId, Problem> {
        let found = if named.contains('@') {
            tx.people().by_email(named)?
        } else if let Ok(id) = named.parse::<PersonId>()
            && tx.people().get(id).found()?.is_some()
        {
            Some(id)
        } else {
            self.of_source(tx, &self.source_key(named))?
        };
        match found {
            Some(id) => Ok(v1_people::named(tx, "/person", id)?.id),
            None => Err(Problem::input("/person", "unknown", "There is no such person.")),
        }
    }
}

/// The machine that sent a file, if it was one.
fn sender(tx: &mut Tx<'_>, import: &Import) -> Result<Option<Client>, Problem> {
    match import.requested_by.parse::<ClientId>() {
        Ok(client) => Ok(tx.clients().seen(client)?),
        Err(_person) => Ok(None),
    }
}

/// Takes rows one by one, each behind a savepoint of its own.
fn each<R>(
    tx: &mut Tx<'_>,
    rows: &[(i64, &R)],
    mut act: impl FnMut(&mut Tx<'_>, i64, &R) -> Result<ImportRow, Problem>,
) -> Result<Vec<ImportRow>, Problem> {
    let mut taken = Vec::with_capacity(rows.len());
    for (line, given) in rows {
        taken.push(match tx.savepoint(|tx| act(tx, *line, given)) {
            Ok(row) => row,
            Err(problem) if passes(&problem) => return Err(problem),
            Err(problem) => refused(*line, &problem),
        });
    }
    Ok(taken)
}

/// A file as it is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What its rows are.
    pub kind: RecordKind,
    /// How they are written.
    pub form: RowForm,
    /// Whether nothing is to be stored.
    pub dry_run: bool,
    /// Where `source_id`s come from.
    pub source: String,
    /// How many rows it has.
    pub rows_total: i64,
}

/// An event of an import.
#[must_use]
pub fn event(import: ImportId, fact: ImportEvent) -> Event<ImportEvent> {
    Event { program: None, subject: import.to_string(), person: None, fact }
}

/// 409 where as many files of a sender wait as may.
pub(super) fn not_too_many(waiting: i64) -> Result<(), Problem> {
    if waiting < MOST_WAITING {
        return Ok(());
    }
    let detail = format!("{MOST_WAITING} of your files wait: send the next one when one is over.");
    Err(Problem::state(detail))
}

/// Stores a file that is to be taken; 409 where too many of the sender's wait.
pub fn request(tx: &mut Tx<'_>, asked: &Asked, bytes: &[u8]) -> Result<Import, Problem> {
    let by = tx.actor().to_owned();
    not_too_many(tx.imports().open_of(&by)?)?;
    let import = Import {
        id: tx.new_id(),
        kind: asked.kind,
        form: asked.form,
        dry_run: asked.dry_run,
        source: asked.source.clone(),
        requested_by: by,
        requested_at: tx.now(),
        rows_total: asked.rows_total,
        tally: Tally::default(),
        started_at: None,
        finished_at: None,
        failed: None,
        undo: None,
        version: 1,
    };
    tx.imports().insert(&import)?;
    tx.job_bodies().insert(import.id, bytes)?;
    let (kind, dry_run, rows) = (import.kind, import.dry_run, import.rows_total);
    tx.record(event(import.id, ImportEvent::Requested { kind, dry_run, rows }))?;
    Ok(import)
}

/// Saves an import with what happened to it.
pub fn save(
    tx: &mut Tx<'_>,
    (mut import, fact): (Import, Option<ImportEvent>),
) -> Result<Import, Problem> {
    tx.imports().save(&mut import)?;
    if let Some(fact) = fact {
        tx.record(event(import.id, fact))?;
    }
    Ok(import)
}
