//! Appeals against decisions.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    AppealId, EventId, OrganisationId, PersonId,
    access::Own,
    appeal::{Appeal, AppealState, AppealStatus, Appellant, DecisionKind, Subject},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::appeals,
    types::V,
};

/// The repository of appeals.
pub struct Appeals<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Appeals against decisions.
    pub fn appeals(&mut self) -> Appeals<'_, 'c> {
        Appeals(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = appeals, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AppealId>,
    program: String,
    decision_id: V<EventId>,
    decision_kind: V<DecisionKind>,
    subject: String,
    decision: V<Value>,
    person_id: Option<V<PersonId>>,
    organisation_id: Option<V<OrganisationId>>,
    state: V<AppealState>,
    grounds: String,
    policy: V<Value>,
    noticed_on: NaiveDate,
    documents_by: NaiveDate,
    documents: V<Value>,
    response: Option<V<Value>>,
    meeting: Option<V<Value>>,
    outcome: Option<V<Value>>,
    withdrawal: Option<String>,
    created_at: V<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<&Appeal> for Row {
    type Error = Error;
    fn try_from(appeal: &Appeal) -> Result<Self, Error> {
        Ok(Self {
            id: V(appeal.id),
            program: appeal.program.to_string(),
            decision_id: V(appeal.decision.id),
            decision_kind: V(appeal.decision.kind),
            subject: appeal.decision.subject.to_string(),
            decision: json::of(&appeal.decision)?,
            person_id: appeal.appellant.person().map(V),
            organisation_id: appeal.appellant.organisation().map(V),
            state: V(appeal.state),
            grounds: appeal.grounds.clone(),
            policy: json::of(&appeal.policy)?,
            noticed_on: appeal.noticed_on,
            documents_by: appeal.deadlines().documents_by,
            documents: json::of(&appeal.documents)?,
            response: appeal.response.as_ref().map(json::of).transpose()?,
            meeting: appeal.meeting.as_ref().map(json::of).transpose()?,
            outcome: appeal.outcome.as_ref().map(json::of).transpose()?,
            withdrawal: appeal.withdrawal.clone(),
            created_at: V(appeal.created_at),
            version: appeal.version,
        })
    }
}

impl TryFrom<Row> for Appeal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let appellant = match (row.person_id, row.organisation_id) {
            (Some(person), None) => Appellant::Person(person.0),
            (None, Some(organisation)) => Appellant::Organisation(organisation.0),
            _ => return Err(Error::Broken(format!("{} has no one appellant", row.id.0))),
        };
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            decision: json::read(row.decision)?,
            appellant,
            state: row.state.0,
            grounds: row.grounds,
            policy: json::read(row.policy)?,
            noticed_on: row.noticed_on,
            documents: json::read(row.documents)?,
            response: row.response.map(json::read).transpose()?,
            meeting: row.meeting.map(json::read).transpose()?,
            outcome: row.outcome.map(json::read).transpose()?,
            withdrawal: row.withdrawal,
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}

aggregate!(Appeals, appeals, Appeal, AppealId);

/// What a list of appeals is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AppealFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// What they are about.
    pub subject: Option<Subject>,
    /// A kind of decision.
    pub kind: Option<DecisionKind>,
    /// Whose they are.
    pub person: Option<PersonId>,
    /// Of which organisation they are.
    pub organisation: Option<OrganisationId>,
    /// Where they stand on a day.
    pub status: Option<(AppealStatus, NaiveDate)>,
    /// Whose they are: a person's, or of organisations.
    pub own: Option<Own>,
}

/// As `Appeal::status`, over stored words and days.
fn state_of(status: AppealStatus) -> AppealState {
    match status {
        AppealStatus::Noticed | AppealStatus::Forfeited => AppealState::Noticed,
        AppealStatus::Documented => AppealState::Documented,
        AppealStatus::Answered => AppealState::Answered,
        AppealStatus::MeetingSet => AppealState::MeetingSet,
        AppealStatus::Upheld => AppealState::Upheld,
        AppealStatus::Remanded => AppealState::Remanded,
        AppealStatus::Withdrawn => AppealState::Withdrawn,
    }
}

impl Appeals<'_, '_> {
    /// The appeal against a decision, by the event that tells it. A decision has one at most.
    pub fn of_decision(&mut self, decision: EventId) -> Result<Option<Appeal>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| appeals::table
            .filter(appeals::decision_id.eq(V(decision)))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }

    /// A page of appeals, oldest first.
    pub fn list(
        &mut self,
        filter: &AppealFilter,
        page: Page<AppealId>,
    ) -> Result<Vec<Appeal>, Error> {
        page!(self.0, appeals, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(appeals::program.eq(program.as_str().to_owned()));
            }
            if let Some(subject) = filter.subject {
                query = query.filter(appeals::subject.eq(subject.to_string()));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(appeals::decision_kind.eq(V(kind)));
            }
            if let Some(person) = filter.person {
                query = query.filter(appeals::person_id.eq(V(person)));
            }
            if let Some(organisation) = filter.organisation {
                query = query.filter(appeals::organisation_id.eq(V(organisation)));
            }
            if let Some((status, day)) = filter.status {
                query = query.filter(appeals::state.eq(V(state_of(status))));
                query = match status {
                    AppealStatus::Forfeited => query.filter(appeals::documents_by.lt(day)),
                    AppealStatus::Noticed => query.filter(appeals::documents_by.ge(day)),
                    _ => query,
                };
            }
            if let Some(own) = &filter.own {
                let theirs = own.organisations.iter().map(|id| V(*id));
                let theirs = appeals::organisation_id.eq_any(theirs).assume_not_null();
                query = match own.person {
                    Some(person) => {
                        let mine = appeals::person_id.eq(V(person)).assume_not_null();
                        query.filter(theirs.or(mine))
                    }
                    None => query.filter(theirs),
                };
            }
        })
    }
}
