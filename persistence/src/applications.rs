//! Applications.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    ApplicationId, CandidacyId, InvoiceId, PersonId,
    application::{Application, ApplicationState, PaymentChoice, Statements},
    eligibility::Education,
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::applications,
    types::V,
};

/// The repository of applications.
pub struct Applications<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Applications.
    pub fn applications(&mut self) -> Applications<'_, 'c> {
        Applications(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ApplicationId>,
    program: String,
    person_id: V<PersonId>,
    state: V<ApplicationState>,
    education: Option<V<Education>>,
    jobs: V<Value>,
    attachments: V<Value>,
    payment_choice: Option<V<PaymentChoice>>,
    information_requested: Option<String>,
    invoice_id: Option<V<InvoiceId>>,
    created_at: V<DateTime<Utc>>,
    submitted_on: Option<NaiveDate>,
    decision: Option<V<Value>>,
    candidacy_id: Option<V<CandidacyId>>,
    version: i64,
}

impl TryFrom<&Application> for Row {
    type Error = Error;
    fn try_from(application: &Application) -> Result<Self, Error> {
        let statements = &application.statements;
        Ok(Self {
            id: V(application.id),
            program: application.program.to_string(),
            person_id: V(application.person),
            state: V(application.state),
            education: statements.education.map(V),
            jobs: json::of(&statements.jobs)?,
            attachments: json::of(&statements.attachments)?,
            payment_choice: statements.payment_choice.map(V),
            information_requested: application.information_requested.clone(),
            invoice_id: application.invoice.map(V),
            created_at: V(application.created_at),
            submitted_on: application.submitted_on,
            decision: application.decision.as_ref().map(json::of).transpose()?,
            candidacy_id: application.candidacy.map(V),
            version: application.version,
        })
    }
}

impl TryFrom<Row> for Application {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            state: row.state.0,
            statements: Statements {
                education: row.education.map(|education| education.0),
                jobs: json::read(row.jobs)?,
                attachments: json::read(row.attachments)?,
                payment_choice: row.payment_choice.map(|choice| choice.0),
            },
            information_requested: row.information_requested,
            invoice: row.invoice_id.map(|id| id.0),
            created_at: row.created_at.0,
            submitted_on: row.submitted_on,
            decision: row.decision.map(json::read).transpose()?,
            candidacy: row.candidacy_id.map(|id| id.0),
            version: row.version,
        })
    }
}

aggregate!(Applications, applications, Application, ApplicationId);

/// What a list of applications is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ApplicationFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// One of these programs; none = every one.
    pub programs: Option<Vec<ProgramCode>>,
    /// A state.
    pub state: Option<ApplicationState>,
    /// An applicant.
    pub person: Option<PersonId>,
}

impl Applications<'_, '_> {
    /// A page of applications, oldest first.
    pub fn list(
        &mut self,
        filter: &ApplicationFilter,
        page: Page<ApplicationId>,
    ) -> Result<Vec<Application>, Error> {
        page!(self.0, applications, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(applications::program.eq(program.as_str().to_owned()));
            }
            if let Some(programs) = &filter.programs {
                let codes = programs.iter().map(ToString::to_string);
                query = query.filter(applications::program.eq_any(codes.collect::<Vec<_>>()));
            }
            if let Some(state) = filter.state {
                query = query.filter(applications::state.eq(V(state)));
            }
            if let Some(person) = filter.person {
                query = query.filter(applications::person_id.eq(V(person)));
            }
        })
    }

    /// Every application of several people, oldest first.
    pub fn of_people(&mut self, people: &[PersonId]) -> Result<Vec<Application>, Error> {
        of_any!(self.0, applications, people, |query, chunk| query
            .filter(applications::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }
}
