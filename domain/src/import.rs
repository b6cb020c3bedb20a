//! Imports: files of records that a worker takes row by row, each by the act that the API has for one of them.
//!
//! A row that is refused stores nothing of itself, and the others go on. What a row made is known by its id, so
//! that the import can be undone while nothing later depends on it.

use chrono::{DateTime, Utc};

use crate::{
    Finding, ImportId,
    decision::{self, Refused},
    facts, words,
};

/// The most rows of a file.
pub const MOST_ROWS: usize = 250_000;
/// The most bytes of a file: 64 MiB.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// The most files of one sender that wait: each is stored until its last row was taken.
pub const MOST_WAITING: i64 = 20;

words! {
    /// What the rows of a file are, both ways.
    pub enum RecordKind {
        /// People.
        People = "people",
        /// Applications.
        Applications = "applications",
        /// Completions of courses.
        Completions = "completions",
        /// Activities toward renewals.
        Activities = "activities",
        /// ALA memberships.
        Memberships = "memberships",
    }
}

words! {
    /// How rows are written.
    pub enum RowForm {
        /// Comma-separated, the first row the header.
        Csv = "csv",
        /// A JSON object on each line.
        Ndjson = "ndjson",
    }
}

words! {
    /// Where an import stands, computed from what is stored.
    pub enum ImportState {
        /// It waits for its turn.
        Queued = "queued",
        /// Its rows are being taken.
        Running = "running",
        /// Every row was taken or told why not.
        Done = "done",
        /// It ended before its last row; what was taken by then stands.
        Failed = "failed",
        /// What it made is being taken back.
        Undoing = "undoing",
        /// What it made was taken back, but for what is kept for a reason.
        Undone = "undone",
    }
}

words! {
    /// What became of a row.
    pub enum RowState {
        /// It was taken.
        Accepted = "accepted",
        /// Nothing was to be done: it is there already, or it has ended where it comes from.
        Skipped = "skipped",
        /// It was not taken.
        Refused = "refused",
    }
}

words! {
    /// What an undo made of a row.
    pub enum UndoState {
        /// What it made was taken back.
        Undone = "undone",
        /// What it made stays.
        Kept = "kept",
    }
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Accepted.
    pub accepted: i64,
    /// Skipped.
    pub skipped: i64,
    /// Refused.
    pub refused: i64,
}

impl Tally {
    /// The rows in all.
    #[must_use]
    pub fn rows(self) -> i64 {
        self.accepted.saturating_add(self.skipped).saturating_add(self.refused)
    }
    /// One row more.
    pub fn add(&mut self, state: RowState) {
        let count = match state {
            RowState::Accepted => &mut self.accepted,
            RowState::Skipped => &mut self.skipped,
            RowState::Refused => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            accepted: self.accepted.saturating_add(other.accepted),
            skipped: self.skipped.saturating_add(other.skipped),
            refused: self.refused.saturating_add(other.refused),
        }
    }
}

/// An undo that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// When.
    pub requested_at: DateTime<Utc>,
    /// By whom, as the log names them.
    pub requested_by: String,
    /// Rows whose making was taken back so far.
    pub undone: i64,
    /// Rows whose making stays.
    pub kept: i64,
    /// When every row was seen to.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Identity.
    pub id: ImportId,
    /// What its rows are.
    pub kind: RecordKind,
    /// How they are written.
    pub form: RowForm,
    /// Whether it only tells what the rows would come to.
    pub dry_run: bool,
    /// Where `source_id`s come from: ids of two sources never meet.
    pub source: String,
    /// Who asked for it, as the log names them.
    pub requested_by: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// How many rows the file has.
    pub rows_total: i64,
    /// What became of the rows so far.
    pub tally: Tally,
    /// When its first rows were taken.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last rows were taken.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it ended before its time, and why.
    pub failed: Option<(DateTime<Utc>, String)>,
    /// The undo, once asked for.
    pub undo: Option<Undo>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What became of a row, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its line of the file; a CSV file's header is 1.
    pub line: i64,
    /// What became of it.
    pub state: RowState,
    /// The same as a stable code.
    pub code: String,
    /// Which column, as a JSON Pointer into the row.
    pub pointer: Option<String>,
    /// The same in one sentence.
    pub message: String,
    /// The id of what it made, or of what is there already.
    pub made: Option<String>,
    /// The version of what it made; none where it made nothing new.
    pub made_version: Option<i64>,
    /// Its `source_id`, with the source before it.
    pub source_key: Option<String>,
    /// What an undo made of it, and why.
    pub undo: Option<(UndoState, Option<String>)>,
}

impl Import {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> ImportState {
        match (&self.undo, &self.failed) {
            (Some(undo), _) if undo.finished_at.is_some() => ImportState::Undone,
            (Some(_), _) => ImportState::Undoing,
            (None, Some(_)) => ImportState::Failed,
            (None, None) if self.finished_at.is_some() => ImportState::Done,
            (None, None) if self.started_at.is_some() => ImportState::Running,
            (None, None) => ImportState::Queued,
        }
    }

    /// Whether rows wait to be taken.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state(), ImportState::Queued | ImportState::Running)
    }

    /// What became of some more rows; the last ones finish it.
    #[must_use]
    pub fn take(mut self, more: Tally, now: DateTime<Utc>) -> (Self, Option<ImportEvent>) {
        self.tally = self.tally.and(more);
        self.started_at.get_or_insert(now);
        if self.tally.rows() < self.rows_total {
            return (self, None);
        }
        self.finished_at = Some(now);
        let Tally { accepted, skipped, refused } = self.tally;
        (self, Some(ImportEvent::Finished { accepted, skipped, refused }))
    }

    /// It cannot go on.
    #[must_use]
    pub fn fail(mut self, reason: String, now: DateTime<Utc>) -> (Self, ImportEvent) {
        self.failed = Some((now, reason.clone()));
        (self, ImportEvent::Failed { reason })
    }

    /// The findings on undoing it.
    #[must_use]
    pub fn undo_findings(&self) -> Vec<Finding> {
        let over = [ImportState::Done, ImportState::Failed];
        let stored = !self.dry_run;
        vec![
            decision::state_finding("import.state", "undo the import", self.state(), &over),
            Finding::new(
                "import.stored",
                "house rule",
                stored,
                "an import in earnest",
                if stored { "in earnest" } else { "a dry run" },
                "A dry run made nothing that could be undone.",
            ),
        ]
    }

    /// Somebody asks to take back what it made.
    pub fn request_undo(
        mut self,
        by: String,
        now: DateTime<Utc>,
    ) -> Result<(Self, ImportEvent), Refused> {
        decision::by_state(self.undo_findings())?;
        self.undo = Some(Undo {
            requested_at: now,
            requested_by: by,
            undone: 0,
            kept: 0,
            finished_at: None,
        });
        Ok((self, ImportEvent::UndoRequested {}))
    }

    /// What became of some more rows by the undo; the last ones finish it.
    #[must_use]
    pub fn undone(
        mut self,
        (undone, kept): (i64, i64),
        now: DateTime<Utc>,
    ) -> (Self, Option<ImportEvent>) {
        let accepted = self.tally.accepted;
        let Some(undo) = &mut self.undo else { return (self, None) };
        undo.undone = undo.undone.saturating_add(undone);
        undo.kept = undo.kept.saturating_add(kept);
        if undo.undone.saturating_add(undo.kept) < accepted {
            return (self, None);
        }
        undo.finished_at = Some(now);
        let fact = ImportEvent::Undone { undone: undo.undone, kept: undo.kept };
        (self, Some(fact))
    }
}

facts! {
    /// What happens to imports. What their rows do is told by the events of the acts, whose request is the
    /// import's id.
    pub enum ImportEvent {
        /// A file was handed in.
        Requested = "import.requested" { kind: RecordKind, dry_run: bool, rows: i64 },
        /// Every row was seen to.
        Finished = "import.finished" { accepted: i64, skipped: i64, refused: i64 },
        /// It could not go on.
        Failed = "import.failed" { reason: String },
        /// Somebody asked to take back what it made.
        UndoRequested = "import.undo_requested" {},
        /// Every accepted row was seen to again.
        Undone = "import.undone" { undone: i64, kept: i64 },
    }
}
