//! Graduates under recognition agreements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    AgreementId, AttachmentId, CandidacyId, GraduateId, OrganisationId, PersonId,
    agreement::graduate::{Graduate, GraduateState},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::graduates,
    types::V,
};

/// The repository of graduates.
pub struct Graduates<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Graduates.
    pub fn graduates(&mut self) -> Graduates<'_, 'c> {
        Graduates(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = graduates, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<GraduateId>,
    program: String,
    agreement_id: V<AgreementId>,
    college_id: V<OrganisationId>,
    identity_key: String,
    name: String,
    email: String,
    graduated_on: NaiveDate,
    state: V<GraduateState>,
    person_id: Option<V<PersonId>>,
    transcript_id: Option<V<AttachmentId>>,
    recorded_at: V<DateTime<Utc>>,
    decided_on: Option<NaiveDate>,
    decided_by: Option<String>,
    reason: Option<String>,
    findings: V<Value>,
    candidacy_id: Option<V<CandidacyId>>,
    version: i64,
}

impl TryFrom<&Graduate> for Row {
    type Error = Error;
    fn try_from(graduate: &Graduate) -> Result<Self, Error> {
        Ok(Self {
            id: V(graduate.id),
            program: graduate.program.to_string(),
            agreement_id: V(graduate.agreement),
            college_id: V(graduate.college),
            identity_key: graduate.key(),
            name: graduate.name.clone(),
            email: graduate.email.clone(),
            graduated_on: graduate.graduated_on,
            state: V(graduate.state),
            person_id: graduate.person.map(V),
            transcript_id: graduate.transcript.map(V),
            recorded_at: V(graduate.recorded_at),
            decided_on: graduate.decided_on,
            decided_by: graduate.decided_by.clone(),
            reason: graduate.reason.clone(),
            findings: json::of(&graduate.findings)?,
            candidacy_id: graduate.candidacy.map(V),
            version: graduate.version,
        })
    }
}

impl TryFrom<Row> for Graduate {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            agreement: row.agreement_id.0,
            college: row.college_id.0,
            name: row.name,
            email: row.email,
            graduated_on: row.graduated_on,
            state: row.state.0,
            person: row.person_id.map(|id| id.0),
            transcript: row.transcript_id.map(|id| id.0),
            recorded_at: row.recorded_at.0,
            decided_on: row.decided_on,
            decided_by: row.decided_by,
            reason: row.reason,
            findings: json::read(row.findings)?,
            candidacy: row.candidacy_id.map(|id| id.0),
            version: row.version,
        })
    }
}

aggregate!(Graduates, graduates, Graduate, GraduateId);
bulk!(Graduates, graduates, Graduate, GraduateId);

/// What a list of graduates is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct GraduateFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Colleges whose graduates these are.
    pub colleges: Option<Vec<OrganisationId>>,
    /// An agreement.
    pub agreement: Option<AgreementId>,
    /// A person.
    pub person: Option<PersonId>,
    /// A state.
    pub state: Option<GraduateState>,
}

impl Graduates<'_, '_> {
    /// A page of graduates, oldest first.
    pub fn list(
        &mut self,
        filter: &GraduateFilter,
        page: Page<GraduateId>,
    ) -> Result<Vec<Graduate>, Error> {
        page!(self.0, graduates, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(graduates::program.eq(program.as_str().to_owned()));
            }
            if let Some(colleges) = &filter.colleges {
                let colleges = colleges.iter().map(|id| V(*id));
                query = query.filter(graduates::college_id.eq_any(colleges));
            }
            if let Some(agreement) = filter.agreement {
                query = query.filter(graduates::agreement_id.eq(V(agreement)));
            }
            if let Some(person) = filter.person {
                query = query.filter(graduates::person_id.eq(V(person)));
            }
            if let Some(state) = filter.state {
                query = query.filter(graduates::state.eq(V(state)));
            }
        })
    }

    /// The graduates of a program under any of `keys` ([`domain::identity::Named::key`]), whatever became
    /// of them.
    pub fn under(
        &mut self,
        program: &ProgramCode,
        keys: &[String],
    ) -> Result<Vec<Graduate>, Error> {
        let program = program.as_str();
        of_any!(self.0, graduates, keys, |query, chunk| query
            .filter(graduates::program.eq(program))
            .filter(graduates::identity_key.eq_any(chunk)))
    }

    /// Every graduate of a program that a person is, whatever became of it.
    pub fn of_person(
        &mut self,
        program: &ProgramCode,
        person: PersonId,
    ) -> Result<Vec<Graduate>, Error> {
        let filter = GraduateFilter {
            program: Some(program.clone()),
            person: Some(person),
            ..GraduateFilter::default()
        };
        self.list(&filter, Page { after: None, limit: 100 })
    }
}
