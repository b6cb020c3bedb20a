//! Completions of courses.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    AttachmentId, CandidacyId, CompletionId, CourseId, OrganisationId, PersonId,
    access::Own,
    completion::{Completion, CompletionState, Proof},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::{completions, courses},
    types::V,
};

/// The repository of completions.
pub struct Completions<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Completions.
    pub fn completions(&mut self) -> Completions<'_, 'c> {
        Completions(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = completions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<CompletionId>,
    program: String,
    person_id: V<PersonId>,
    candidacy_id: V<CandidacyId>,
    course_id: V<CourseId>,
    set_code: String,
    completed_on: NaiveDate,
    proof: V<Proof>,
    proof_url: Option<String>,
    form_id: Option<V<AttachmentId>>,
    state: V<CompletionState>,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    findings: V<Value>,
    version: i64,
}

impl TryFrom<&Completion> for Row {
    type Error = Error;
    fn try_from(completion: &Completion) -> Result<Self, Error> {
        Ok(Self {
            id: V(completion.id),
            program: completion.program.to_string(),
            person_id: V(completion.person),
            candidacy_id: V(completion.candidacy),
            course_id: V(completion.course),
            set_code: completion.set.to_string(),
            completed_on: completion.completed_on,
            proof: V(completion.proof),
            proof_url: completion.proof_url.clone(),
            form_id: completion.form.map(V),
            state: V(completion.state),
            decided_on: completion.decided_on,
            reason: completion.reason.clone(),
            findings: json::of(&completion.findings)?,
            version: completion.version,
        })
    }
}

impl TryFrom<Row> for Completion {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            candidacy: row.candidacy_id.0,
            course: row.course_id.0,
            set: json::parsed(&row.set_code)?,
            completed_on: row.completed_on,
            proof: row.proof.0,
            proof_url: row.proof_url,
            form: row.form_id.map(|id| id.0),
            state: row.state.0,
            decided_on: row.decided_on,
            reason: row.reason,
            findings: json::read(row.findings)?,
            version: row.version,
        })
    }
}

aggregate!(Completions, completions, Completion, CompletionId);
bulk!(Completions, completions, Completion, CompletionId);

/// What a list of completions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CompletionFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A candidate.
    pub person: Option<PersonId>,
    /// A candidacy.
    pub candidacy: Option<CandidacyId>,
    /// A state.
    pub state: Option<CompletionState>,
    /// A course.
    pub course: Option<CourseId>,
    /// Providers whose courses these are.
    pub providers: Option<Vec<OrganisationId>>,
    /// Whose they are: a person's, or of the courses of organisations.
    pub own: Option<Own>,
}

impl Completions<'_, '_> {
    /// A page of completions, oldest first.
    pub fn list(
        &mut self,
        filter: &CompletionFilter,
        page: Page<CompletionId>,
    ) -> Result<Vec<Completion>, Error> {
        page!(self.0, completions, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(completions::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(completions::person_id.eq(V(person)));
            }
            if let Some(candidacy) = filter.candidacy {
                query = query.filter(completions::candidacy_id.eq(V(candidacy)));
            }
            if let Some(state) = filter.state {
                query = query.filter(completions::state.eq(V(state)));
            }
            if let Some(course) = filter.course {
                query = query.filter(completions::course_id.eq(V(course)));
            }
            if let Some(providers) = &filter.providers {
                let theirs = courses::table
                    .filter(courses::provider_id.eq_any(providers.iter().map(|id| V(*id))));
                query = query.filter(completions::course_id.eq_any(theirs.select(courses::id)));
            }
            if let Some(own) = &filter.own {
                let theirs = own.organisations.iter().map(|id| V(*id));
                let theirs = courses::table.filter(courses::provider_id.eq_any(theirs));
                let theirs = completions::course_id.eq_any(theirs.select(courses::id));
                query = match own.person {
                    Some(person) => query.filter(theirs.or(completions::person_id.eq(V(person)))),
                    None => query.filter(theirs),
                };
            }
        })
    }

    /// Every completion of several candidacies: what a roster is compared with.
    pub fn of_candidacies(
        &mut self,
        candidacies: &[CandidacyId],
    ) -> Result<Vec<Completion>, Error> {
        of_any!(self.0, completions, candidacies, |query, chunk| query
            .filter(completions::candidacy_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }
}
