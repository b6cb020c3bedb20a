//! Name changes.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    AttachmentId, NameChangeId, PersonId,
    name_change::{NameChange, NameChangeState},
    person::Names,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::name_changes,
    types::V,
};

/// The repository of name changes.
pub struct NameChanges<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Name changes.
    pub fn name_changes(&mut self) -> NameChanges<'_, 'c> {
        NameChanges(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = name_changes, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<NameChangeId>,
    person_id: V<PersonId>,
    given_name: String,
    family_name: String,
    before: V<Value>,
    proof_id: Option<V<AttachmentId>>,
    state: V<NameChangeState>,
    requested_on: NaiveDate,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<&NameChange> for Row {
    type Error = Error;
    fn try_from(change: &NameChange) -> Result<Self, Error> {
        Ok(Self {
            id: V(change.id),
            person_id: V(change.person),
            given_name: change.names.given_name.clone(),
            family_name: change.names.family_name.clone(),
            before: json::of(&change.before)?,
            proof_id: change.proof.map(V),
            state: V(change.state),
            requested_on: change.requested_on,
            decided_on: change.decided_on,
            reason: change.reason.clone(),
            version: change.version,
        })
    }
}

impl TryFrom<Row> for NameChange {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            person: row.person_id.0,
            before: json::read(row.before)?,
            names: Names { given_name: row.given_name, family_name: row.family_name },
            proof: row.proof_id.map(|id| id.0),
            state: row.state.0,
            requested_on: row.requested_on,
            decided_on: row.decided_on,
            reason: row.reason,
            version: row.version,
        })
    }
}

aggregate!(NameChanges, name_changes, NameChange, NameChangeId);

/// What a list of name changes is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct NameChangeFilter {
    /// Whose.
    pub person: Option<PersonId>,
    /// Where they stand.
    pub state: Option<NameChangeState>,
}

impl NameChanges<'_, '_> {
    /// A page of name changes, oldest first.
    pub fn list(
        &mut self,
        filter: &NameChangeFilter,
        page: Page<NameChangeId>,
    ) -> Result<Vec<NameChange>, Error> {
        page!(self.0, name_changes, page, |query| {
            if let Some(person) = filter.person {
                query = query.filter(name_changes::person_id.eq(V(person)));
            }
            if let Some(state) = filter.state {
                query = query.filter(name_changes::state.eq(V(state)));
            }
        })
    }
}
