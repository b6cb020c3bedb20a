//! Candidacies.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    ApplicationId, CandidacyId, GraduateId, PersonId,
    candidacy::{Candidacy, CandidacyStatus, Provisional},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, bulk, of_any, page},
    conn::{each_backend, get_row, get_rows},
    json,
    schema::candidacies,
    types::V,
};

/// The repository of candidacies.
pub struct Candidacies<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Candidacies.
    pub fn candidacies(&mut self) -> Candidacies<'_, 'c> {
        Candidacies(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = candidacies, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<CandidacyId>,
    program: String,
    person_id: V<PersonId>,
    application_id: V<ApplicationId>,
    admitted_on: NaiveDate,
    policy_version: i64,
    framework_version: i64,
    years: i64,
    holds: V<Value>,
    extensions: V<Value>,
    deadline: NaiveDate,
    held_on: Option<NaiveDate>,
    completed_on: Option<NaiveDate>,
    withdrawn_on: Option<NaiveDate>,
    graduate_id: Option<V<GraduateId>>,
    hours_shown_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Candidacy> for Row {
    type Error = Error;
    fn try_from(candidacy: &Candidacy) -> Result<Self, Error> {
        Ok(Self {
            id: V(candidacy.id),
            program: candidacy.program.to_string(),
            person_id: V(candidacy.person),
            application_id: V(candidacy.application),
            admitted_on: candidacy.admitted_on,
            policy_version: candidacy.policy_version,
            framework_version: candidacy.framework_version,
            years: candidacy.years.into(),
            holds: json::of(&candidacy.holds)?,
            extensions: json::of(&candidacy.extensions)?,
            deadline: candidacy.settled_deadline(),
            held_on: candidacy.held_on(),
            completed_on: candidacy.completed_on,
            withdrawn_on: candidacy.withdrawn_on,
            graduate_id: candidacy.provisional.as_ref().map(|one| V(one.graduate)),
            hours_shown_on: candidacy.provisional.as_ref().and_then(|one| one.hours_shown_on),
            version: candidacy.version,
        })
    }
}

impl TryFrom<Row> for Candidacy {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let years = i32::try_from(row.years).map_err(|error| Error::Broken(error.to_string()))?;
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            application: row.application_id.0,
            admitted_on: row.admitted_on,
            policy_version: row.policy_version,
            framework_version: row.framework_version,
            years,
            holds: json::read(row.holds)?,
            extensions: json::read(row.extensions)?,
            completed_on: row.completed_on,
            withdrawn_on: row.withdrawn_on,
            provisional: row.graduate_id.map(|graduate| Provisional {
                graduate: graduate.0,
                hours_shown_on: row.hours_shown_on,
            }),
            version: row.version,
        })
    }
}

aggregate!(Candidacies, candidacies, Candidacy, CandidacyId);
bulk!(Candidacies, candidacies, Candidacy, CandidacyId);

/// What a list of candidacies is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct CandidacyFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A candidate.
    pub person: Option<PersonId>,
    /// A status, as of a day that is not before the last change: today.
    pub status: Option<(CandidacyStatus, NaiveDate)>,
}

impl Candidacies<'_, '_> {
    /// Several candidacies, each held until the end of a write, in the order of their ids: whoever takes
    /// several waits in that order. Ids that name none are left out.
    pub fn held(&mut self, ids: &[CandidacyId]) -> Result<Vec<Candidacy>, Error> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        let mut held = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<Row> = get_rows!(
                self.0,
                candidacies::table
                    .filter(candidacies::id.eq_any(chunk.iter().map(|id| V(*id))))
                    .order(candidacies::id.asc())
                    .select(Row::as_select())
            )?;
            for row in rows {
                held.push(row.try_into()?);
            }
        }
        Ok(held)
    }

    /// Every candidacy of several people in a program.
    pub fn of_people(
        &mut self,
        program: &ProgramCode,
        people: &[PersonId],
    ) -> Result<Vec<Candidacy>, Error> {
        let program = program.as_str();
        of_any!(self.0, candidacies, people, |query, chunk| query
            .filter(candidacies::program.eq(program))
            .filter(candidacies::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// Every candidacy of several people in every program, oldest first.
    pub fn of_people_anywhere(&mut self, people: &[PersonId]) -> Result<Vec<Candidacy>, Error> {
        of_any!(self.0, candidacies, people, |query, chunk| query
            .filter(candidacies::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// A page of candidacies, oldest first.
    pub fn list(
        &mut self,
        filter: &CandidacyFilter,
        page: Page<CandidacyId>,
    ) -> Result<Vec<Candidacy>, Error> {
        page!(self.0, candidacies, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(candidacies::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(candidacies::person_id.eq(V(person)));
            }
            // The same order of precedence as `Candidacy::status`, as predicates over stored dates.
            if let Some((status, today)) = filter.status {
                query = match status {
                    CandidacyStatus::Completed => {
                        query.filter(candidacies::completed_on.is_not_null())
                    }
                    CandidacyStatus::Withdrawn => query
                        .filter(candidacies::completed_on.is_null())
                        .filter(candidacies::withdrawn_on.is_not_null()),
                    CandidacyStatus::Active
                    | CandidacyStatus::OnHold
                    | CandidacyStatus::Expired => query
                        .filter(candidacies::completed_on.is_null())
                        .filter(candidacies::withdrawn_on.is_null()),
                };
                query = match status {
                    CandidacyStatus::Completed | CandidacyStatus::Withdrawn => query,
                    CandidacyStatus::OnHold => query.filter(candidacies::held_on.is_not_null()),
                    CandidacyStatus::Active => query
                        .filter(candidacies::held_on.is_null())
                        .filter(candidacies::deadline.ge(today)),
                    CandidacyStatus::Expired => query
                        .filter(candidacies::held_on.is_null())
                        .filter(candidacies::deadline.lt(today)),
                };
            }
        })
    }
}
