//! Guidance for competency sets, and requests for help.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    GuidanceId, HelpRequestId, PersonId,
    competency::SetCode,
    program::ProgramCode,
    support::{Guidance, HelpRequest, HelpState},
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{guidance, help_requests},
    types::V,
};

/// The repository of guidance.
pub struct Guidances<'a, 'c>(&'a mut Tx<'c>);

/// The repository of requests for help.
pub struct HelpRequests<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Guidance for competency sets.
    pub fn guidance(&mut self) -> Guidances<'_, 'c> {
        Guidances(self)
    }
    /// Requests for help.
    pub fn help_requests(&mut self) -> HelpRequests<'_, 'c> {
        HelpRequests(self)
    }
}

mod written {
    use super::*;

    #[derive(Queryable, Selectable, Insertable, AsChangeset)]
    #[diesel(table_name = guidance)]
    pub(super) struct Row {
        id: V<GuidanceId>,
        program: String,
        set_code: String,
        content: V<Value>,
        updated_at: V<DateTime<Utc>>,
        updated_by: String,
        version: i64,
    }

    impl TryFrom<&Guidance> for Row {
        type Error = Error;
        fn try_from(guidance: &Guidance) -> Result<Self, Error> {
            Ok(Self {
                id: V(guidance.id),
                program: guidance.program.to_string(),
                set_code: guidance.set.to_string(),
                content: json::of(&guidance.text)?,
                updated_at: V(guidance.updated_at),
                updated_by: guidance.updated_by.clone(),
                version: guidance.version,
            })
        }
    }

    impl TryFrom<Row> for Guidance {
        type Error = Error;
        fn try_from(row: Row) -> Result<Self, Error> {
            Ok(Self {
                id: row.id.0,
                program: json::program(&row.program)?,
                set: json::parsed(&row.set_code)?,
                text: json::read(row.content)?,
                updated_at: row.updated_at.0,
                updated_by: row.updated_by,
                version: row.version,
            })
        }
    }

    aggregate!(Guidances, guidance, Guidance, GuidanceId);

    impl Guidances<'_, '_> {
        /// The guidance for a set, held until the end of a write. [`Error::NotFound`] when there is none.
        pub fn of_set(&mut self, program: &ProgramCode, set: &SetCode) -> Result<Guidance, Error> {
            let (program, set) = (program.as_str().to_owned(), set.as_str().to_owned());
            let row: Row = get_row!(
                self.0,
                guidance::table
                    .filter(guidance::program.eq(program.clone()))
                    .filter(guidance::set_code.eq(set.clone()))
                    .select(Row::as_select())
            )?;
            row.try_into()
        }

        /// All of a program, by set.
        pub fn of_program(&mut self, program: &ProgramCode) -> Result<Vec<Guidance>, Error> {
            let rows: Vec<Row> = each_backend!(self.0.conn, |c| guidance::table
                .filter(guidance::program.eq(program.as_str()))
                .order(guidance::set_code.asc())
                .select(Row::as_select())
                .load(c))?;
            rows.into_iter().map(TryInto::try_into).collect()
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = help_requests, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<HelpRequestId>,
    program: String,
    person_id: V<PersonId>,
    set_code: Option<String>,
    question: String,
    state: V<HelpState>,
    asked_at: V<DateTime<Utc>>,
    answers: V<Value>,
    closed_at: Option<V<DateTime<Utc>>>,
    version: i64,
}

impl TryFrom<&HelpRequest> for Row {
    type Error = Error;
    fn try_from(request: &HelpRequest) -> Result<Self, Error> {
        Ok(Self {
            id: V(request.id),
            program: request.program.to_string(),
            person_id: V(request.person),
            set_code: request.set.as_ref().map(ToString::to_string),
            question: request.question.clone(),
            state: V(request.state),
            asked_at: V(request.asked_at),
            answers: json::of(&request.answers)?,
            closed_at: request.closed_at.map(V),
            version: request.version,
        })
    }
}

impl TryFrom<Row> for HelpRequest {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            set: row.set_code.as_deref().map(json::parsed).transpose()?,
            question: row.question,
            state: row.state.0,
            asked_at: row.asked_at.0,
            answers: json::read(row.answers)?,
            closed_at: row.closed_at.map(|at| at.0),
            version: row.version,
        })
    }
}

aggregate!(HelpRequests, help_requests, HelpRequest, HelpRequestId);

/// What a list of requests for help is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct HelpFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Who asks.
    pub person: Option<PersonId>,
    /// A competency set.
    pub set: Option<SetCode>,
    /// A state.
    pub state: Option<HelpState>,
}

impl HelpRequests<'_, '_> {
    /// A page of requests, oldest first.
    pub fn list(
        &mut self,
        filter: &HelpFilter,
        page: Page<HelpRequestId>,
    ) -> Result<Vec<HelpRequest>, Error> {
        page!(self.0, help_requests, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(help_requests::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(help_requests::person_id.eq(V(person)));
            }
            if let Some(set) = &filter.set {
                query = query.filter(help_requests::set_code.eq(set.as_str().to_owned()));
            }
            if let Some(state) = filter.state {
                query = query.filter(help_requests::state.eq(V(state)));
            }
        })
    }
}
