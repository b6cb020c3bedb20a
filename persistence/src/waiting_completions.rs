//! Completions that wait for somebody who enrolls later.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    CompletionId, CourseId, OrganisationId, WaitingId,
    program::ProgramCode,
    roster::{WaitingCompletion, WaitingState},
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::waiting_completions,
    types::V,
};

/// The repository of waiting completions.
pub struct WaitingCompletions<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Waiting completions.
    pub fn waiting_completions(&mut self) -> WaitingCompletions<'_, 'c> {
        WaitingCompletions(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = waiting_completions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<WaitingId>,
    program: String,
    provider_id: V<OrganisationId>,
    course_id: V<CourseId>,
    identity_key: String,
    email: String,
    name: String,
    completed_on: NaiveDate,
    state: V<WaitingState>,
    posted_at: V<DateTime<Utc>>,
    completion_id: Option<V<CompletionId>>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<&WaitingCompletion> for Row {
    type Error = Error;
    fn try_from(waiting: &WaitingCompletion) -> Result<Self, Error> {
        Ok(Self {
            id: V(waiting.id),
            program: waiting.program.to_string(),
            provider_id: V(waiting.provider),
            course_id: V(waiting.course),
            identity_key: waiting.key(),
            email: waiting.email.clone(),
            name: waiting.name.clone(),
            completed_on: waiting.completed_on,
            state: V(waiting.state),
            posted_at: V(waiting.posted_at),
            completion_id: waiting.completion.map(V),
            reason: waiting.reason.clone(),
            version: waiting.version,
        })
    }
}

impl TryFrom<Row> for WaitingCompletion {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            provider: row.provider_id.0,
            course: row.course_id.0,
            email: row.email,
            name: row.name,
            completed_on: row.completed_on,
            state: row.state.0,
            posted_at: row.posted_at.0,
            completion: row.completion_id.map(|id| id.0),
            reason: row.reason,
            version: row.version,
        })
    }
}

aggregate!(WaitingCompletions, waiting_completions, WaitingCompletion, WaitingId);
bulk!(WaitingCompletions, waiting_completions, WaitingCompletion, WaitingId);

/// What a list of waiting completions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct WaitingFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Providers who signed them.
    pub providers: Option<Vec<OrganisationId>>,
    /// A course.
    pub course: Option<CourseId>,
    /// A state.
    pub state: Option<WaitingState>,
}

impl WaitingCompletions<'_, '_> {
    /// A page of waiting completions, oldest first.
    pub fn list(
        &mut self,
        filter: &WaitingFilter,
        page: Page<WaitingId>,
    ) -> Result<Vec<WaitingCompletion>, Error> {
        page!(self.0, waiting_completions, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(waiting_completions::program.eq(program.as_str().to_owned()));
            }
            if let Some(providers) = &filter.providers {
                let providers = providers.iter().map(|id| V(*id));
                query = query.filter(waiting_completions::provider_id.eq_any(providers));
            }
            if let Some(course) = filter.course {
                query = query.filter(waiting_completions::course_id.eq(V(course)));
            }
            if let Some(state) = filter.state {
                query = query.filter(waiting_completions::state.eq(V(state)));
            }
        })
    }

    /// What waits under any of `keys` ([`domain::identity::Named::key`]) in a program.
    pub fn under(
        &mut self,
        program: &ProgramCode,
        keys: &[String],
    ) -> Result<Vec<WaitingCompletion>, Error> {
        let program = program.as_str();
        of_any!(self.0, waiting_completions, keys, |query, chunk| query
            .filter(waiting_completions::program.eq(program))
            .filter(waiting_completions::state.eq(V(WaitingState::Waiting)))
            .filter(waiting_completions::identity_key.eq_any(chunk)))
    }
}
