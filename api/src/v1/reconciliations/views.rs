//! Reconciliations as they come in and go out.

use chrono::{DateTime, Utc};
use domain::{
    ClientId, EventId, PersonId, ReconciliationId,
    id::{ClientKind, EventKind, PersonKind, ReconciliationKind},
    import::RowForm,
    reconciliation::{Difference, DifferenceKind, Reconciliation, ReconciliationState},
};
use persistence::Recorded;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
};

/// Whose list it is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CreateReconciliationQuery {
    /// The machine whose list it is: the office says so, a machine sends its own.
    #[param(schema_with = id_of::<ClientKind>, required = false)]
    pub client_id: Option<ClientId>,
}

/// Which reconciliations are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReconciliations {
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Which differences are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDifferences {
    /// Only those of a kind.
    #[param(schema_with = one_of::<DifferenceKind>, required = false)]
    pub kind: Option<DifferenceKind>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// A reconciliation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// Its id.
    #[schema(schema_with = id_of::<ReconciliationKind>)]
    pub id: ReconciliationId,
    /// Where it stands.
    #[schema(schema_with = one_of::<ReconciliationState>)]
    pub state: ReconciliationState,
    /// How the rows of the list are written.
    #[schema(schema_with = one_of::<RowForm>)]
    pub form: RowForm,
    /// The machine whose list it is.
    pub source: String,
    /// Who asked for it, as the log names them.
    pub requested_by: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When everything was compared.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it ended before that.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why.
    pub failure: Option<String>,
    /// How many rows the list has.
    pub rows_total: i64,
    /// How many of them were compared.
    pub rows_done: i64,
    /// Rows whose account agrees.
    pub matched: i64,
    /// Rows whose account differs, in one field or several.
    pub differs: i64,
    /// Rows of accounts that are not here.
    pub missing_here: i64,
    /// Accounts here that the list does not name.
    pub missing_there: i64,
    /// Rows that could not be compared.
    pub unreadable: i64,
    /// Its version.
    pub version: i64,
}

impl From<&Reconciliation> for ReconciliationView {
    fn from(one: &Reconciliation) -> Self {
        Self {
            id: one.id,
            state: one.state(),
            form: one.form,
            source: one.source.clone(),
            requested_by: one.requested_by.clone(),
            requested_at: one.requested_at,
            started_at: one.started_at,
            finished_at: one.finished_at,
            failed_at: one.failed.as_ref().map(|(at, _)| *at),
            failure: one.failed.as_ref().map(|(_, reason)| reason.clone()),
            rows_total: one.rows_total,
            rows_done: one.found.rows_done,
            matched: one.found.matched,
            differs: one.found.differing,
            missing_here: one.found.missing_here,
            missing_there: one.found.missing_there,
            unreadable: one.found.refused,
            version: one.version,
        }
    }
}

/// The event that explains a difference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainingEventView {
    /// Its id.
    #[schema(schema_with = id_of::<EventKind>)]
    pub id: EventId,
    /// Its dotted type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Its place in the log; null until it has one.
    pub position: Option<i64>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// A difference.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferenceView {
    /// Its place among the differences, from 1.
    pub place: i64,
    /// What kind.
    #[schema(schema_with = one_of::<DifferenceKind>)]
    pub kind: DifferenceKind,
    /// The line of the list; null of an account that the list does not name.
    pub line: Option<i64>,
    /// What the partner calls it; null once the person was erased.
    pub external_id: Option<String>,
    /// Whose account it is here.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// What differs; of a row that cannot be read the column.
    pub field: Option<String>,
    /// What is here.
    pub here: Option<String>,
    /// What is there.
    pub there: Option<String>,
    /// Why, as a stable code.
    #[schema(example = "unlinked")]
    pub code: String,
    /// The event that explains it, where the log holds one.
    pub event: Option<ExplainingEventView>,
}

impl DifferenceView {
    /// A difference with the event that explains it.
    #[must_use]
    pub fn of(one: Difference, event: Option<&Recorded>) -> Self {
        Self {
            place: one.place,
            kind: one.kind,
            line: one.line,
            external_id: one.external_id,
            person_id: one.person,
            field: one.field,
            here: one.here,
            there: one.there,
            code: one.code,
            event: event.map(|event| ExplainingEventView {
                id: event.id,
                event_type: event.event_type.clone(),
                position: event.position,
                at: event.at,
            }),
        }
    }
}
