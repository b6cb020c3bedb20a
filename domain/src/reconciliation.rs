//! Reconciliation: a partner's list of accounts compared with what is here, each difference with the event that
//! explains it. Nothing is changed by it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    EventId, PersonId, ReconciliationId,
    account::{Account, AccountState},
    facts,
    import::RowForm,
    person::fold_email,
    words,
};

words! {
    /// Where a reconciliation stands, computed from what is stored.
    pub enum ReconciliationState {
        /// It waits for its turn.
        Queued = "queued",
        /// Rows and accounts are being compared.
        Running = "running",
        /// Everything was compared.
        Done = "done",
        /// It ended before that.
        Failed = "failed",
    }
}

words! {
    /// What kind of difference.
    pub enum DifferenceKind {
        /// The list names an account that nobody here has.
        MissingHere = "missing_here",
        /// Somebody has an account here that the list does not name.
        MissingThere = "missing_there",
        /// Both know it, and say different things.
        Differs = "differs",
        /// The row cannot be read, or names what an earlier row names.
        Unreadable = "unreadable",
    }
}

words! {
    /// What is compared.
    pub enum ComparedField {
        /// Whose account it is.
        PersonId = "person_id",
        /// Given names.
        GivenName = "given_name",
        /// Family name.
        FamilyName = "family_name",
        /// The e-mail address.
        Email = "email",
        /// Where the account stands.
        State = "state",
    }
}

impl ComparedField {
    /// The events that change it, by their types.
    #[must_use]
    pub fn changed_by(self) -> &'static [&'static str] {
        match self {
            Self::PersonId => &["account.linked", "person.merged", "person.merge_reversed"],
            Self::GivenName | Self::FamilyName => {
                &["person.registered", "person.renamed", "person.name_change_approved"]
            }
            Self::Email => &[
                "person.registered",
                "person.email_added",
                "person.email_removed",
                "person.email_made_primary",
            ],
            Self::State => &[
                "account.linked",
                "person.retired",
                "person.deceased",
                "person.restored",
                "subscription.activated",
                "subscription.ends_soon",
                "subscription.ended",
                "subscription.resumed",
            ],
        }
    }
}

/// The events by which an account goes away here.
pub const GONE_BY: &[&str] = &["account.unlinked", "person.erased", "person.merged"];
/// The event by which an account comes about here.
pub const LINKED_BY: &[&str] = &["account.linked"];

/// A row of the list, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// Whose account it is there.
    pub person: Option<PersonId>,
    /// Given names.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// Where the account stands.
    pub state: Option<AccountState>,
}

/// What differs: the field, what is here and what is there.
pub type FieldDifference = (ComparedField, Option<String>, Option<String>);

/// Every field in which a row and an account differ. What the row does not say is not compared; an address agrees
/// with any of the person's, however it is written.
#[must_use]
pub fn compare(
    listed: &Listed,
    account: &Account,
    (day, reminder_days): (NaiveDate, u32),
) -> Vec<FieldDifference> {
    let person = &account.person;
    let mut found = Vec::new();
    let mut told = |field, here: String, there: Option<String>, same: bool| {
        if there.is_some() && !same {
            found.push((field, Some(here), there));
        }
    };
    let text = |given: &Option<String>| given.clone();
    let there = listed.person.map(|id| id.to_string());
    told(ComparedField::PersonId, person.id.to_string(), there, listed.person == Some(person.id));
    let same = listed.given_name.as_ref() == Some(&person.given_name);
    told(ComparedField::GivenName, person.given_name.clone(), text(&listed.given_name), same);
    let same = listed.family_name.as_ref() == Some(&person.family_name);
    told(ComparedField::FamilyName, person.family_name.clone(), text(&listed.family_name), same);
    let theirs = |given: &String| {
        account.emails.iter().any(|email| fold_email(&email.address) == fold_email(given))
    };
    let primary = account.emails.first().map(|email| email.address.clone()).unwrap_or_default();
    let same = listed.email.as_ref().is_some_and(theirs);
    told(ComparedField::Email, primary, text(&listed.email), same);
    let state = account.state(day, reminder_days);
    let there = listed.state.map(|state| state.to_string());
    told(ComparedField::State, state.to_string(), there, listed.state == Some(state));
    found
}

/// How much was found of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Rows seen to.
    pub rows_done: i64,
    /// Rows that could not be compared.
    pub refused: i64,
    /// Rows whose account agrees.
    pub matched: i64,
    /// Rows whose account differs, in one field or several.
    pub differing: i64,
    /// Rows of accounts that are not here.
    pub missing_here: i64,
    /// Accounts that the list does not name.
    pub missing_there: i64,
}

impl Found {
    /// Both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            rows_done: self.rows_done.saturating_add(more.rows_done),
            refused: self.refused.saturating_add(more.refused),
            matched: self.matched.saturating_add(more.matched),
            differing: self.differing.saturating_add(more.differing),
            missing_here: self.missing_here.saturating_add(more.missing_here),
            missing_there: self.missing_there.saturating_add(more.missing_there),
        }
    }
}

/// A reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Identity.
    pub id: ReconciliationId,
    /// How the rows of the list are written.
    pub form: RowForm,
    /// The system whose list it is: a machine client's id.
    pub source: String,
    /// Who asked for it, as the log names them.
    pub requested_by: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// How many rows the list has.
    pub rows_total: i64,
    /// What was found so far.
    pub found: Found,
    /// The external id up to which accounts were looked for in the list.
    pub swept_to: Option<String>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When everything was compared.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it ended before its time, and why.
    pub failed: Option<(DateTime<Utc>, String)>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Reconciliation {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> ReconciliationState {
        if self.failed.is_some() {
            ReconciliationState::Failed
        } else if self.finished_at.is_some() {
            ReconciliationState::Done
        } else if self.started_at.is_some() {
            ReconciliationState::Running
        } else {
            ReconciliationState::Queued
        }
    }

    /// Whether something is left to compare.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state(), ReconciliationState::Queued | ReconciliationState::Running)
    }

    /// Some more was compared.
    #[must_use]
    pub fn take(mut self, more: Found, now: DateTime<Utc>) -> Self {
        self.found = self.found.and(more);
        self.started_at.get_or_insert(now);
        self
    }

    /// Everything was compared.
    #[must_use]
    pub fn finish(mut self, now: DateTime<Utc>) -> (Self, ReconciliationEvent) {
        self.finished_at = Some(now);
        let Found { matched, differing, missing_here, missing_there, refused, .. } = self.found;
        let fact = ReconciliationEvent::Finished {
            matched,
            differing,
            missing_here,
            missing_there,
            refused,
        };
        (self, fact)
    }

    /// It cannot go on.
    #[must_use]
    pub fn fail(mut self, reason: String, now: DateTime<Utc>) -> (Self, ReconciliationEvent) {
        self.failed = Some((now, reason.clone()));
        (self, ReconciliationEvent::Failed { reason })
    }
}

/// A difference as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its place among the differences, from 1.
    pub place: i64,
    /// What kind.
    pub kind: DifferenceKind,
    /// The line of the list; none of an account that the list does not name.
    pub line: Option<i64>,
    /// What the partner calls it.
    pub external_id: Option<String>,
    /// Whose account it is here.
    pub person: Option<PersonId>,
    /// What differs; of a row that cannot be read the column.
    pub field: Option<String>,
    /// What is here.
    pub here: Option<String>,
    /// What is there.
    pub there: Option<String>,
    /// Why, as a stable code.
    pub code: String,
    /// The event that explains it.
    pub event: Option<EventId>,
}

facts! {
    /// What happens to reconciliations.
    pub enum ReconciliationEvent {
        /// A list was handed in.
        Requested = "reconciliation.requested" { source: String, rows: i64 },
        /// Everything was compared.
        Finished = "reconciliation.finished" { matched: i64, differing: i64, missing_here: i64, missing_there: i64, refused: i64 },
        /// It could not go on.
        Failed = "reconciliation.failed" { reason: String },
    }
}
