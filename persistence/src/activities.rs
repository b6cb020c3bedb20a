//! Activities toward renewals.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    ActivityId, AttachmentId, CertificationId, PersonId, RenewalId,
    program::ProgramCode,
    renewal::{ActivityFacts, ActivityKind, ActivityState, Amount, LoggedActivity},
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, bulk, page},
    conn::{each_backend, get_row, get_rows},
    json,
    schema::activities,
    types::V,
};

/// The repository of activities.
pub struct Activities<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Activities toward renewals.
    pub fn activities(&mut self) -> Activities<'_, 'c> {
        Activities(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ActivityId>,
    program: String,
    person_id: V<PersonId>,
    certification_id: V<CertificationId>,
    title: String,
    kind: V<ActivityKind>,
    started_on: Option<NaiveDate>,
    dated_on: NaiveDate,
    minutes: Option<i64>,
    quantity: Option<i64>,
    technology: bool,
    sets: V<Value>,
    provider: Option<String>,
    document_id: Option<V<AttachmentId>>,
    document_url: Option<String>,
    logged_on: NaiveDate,
    renewal_id: Option<V<RenewalId>>,
    counted_minutes: Option<i64>,
    removed_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&LoggedActivity> for Row {
    type Error = Error;
    fn try_from(activity: &LoggedActivity) -> Result<Self, Error> {
        let facts = &activity.facts;
        let (minutes, quantity) = match facts.amount {
            Amount::Minutes(minutes) => (Some(minutes), None),
            Amount::Quantity(quantity) => (None, Some(quantity)),
        };
        Ok(Self {
            id: V(activity.id),
            program: activity.program.to_string(),
            person_id: V(activity.person),
            certification_id: V(activity.certification),
            title: facts.title.clone(),
            kind: V(facts.kind),
            started_on: facts.started_on,
            dated_on: facts.dated_on,
            minutes,
            quantity,
            technology: facts.technology,
            sets: json::of(&facts.sets)?,
            provider: facts.provider.clone(),
            document_id: facts.document.map(V),
            document_url: facts.document_url.clone(),
            logged_on: activity.logged_on,
            renewal_id: activity.renewal.map(V),
            counted_minutes: activity.counted_minutes,
            removed_on: activity.removed_on,
            version: activity.version,
        })
    }
}

impl TryFrom<Row> for LoggedActivity {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let amount = match (row.minutes, row.quantity) {
            (Some(minutes), None) => Amount::Minutes(minutes),
            (None, Some(quantity)) => Amount::Quantity(quantity),
            (Some(_), Some(_)) | (None, None) => {
                return Err(Error::Broken(format!("{} has no one amount", row.id.0)));
            }
        };
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            certification: row.certification_id.0,
            facts: ActivityFacts {
                title: row.title,
                kind: row.kind.0,
                started_on: row.started_on,
                dated_on: row.dated_on,
                amount,
                technology: row.technology,
                sets: json::read(row.sets)?,
                provider: row.provider,
                document: row.document_id.map(|id| id.0),
                document_url: row.document_url,
            },
            logged_on: row.logged_on,
            renewal: row.renewal_id.map(|id| id.0),
            counted_minutes: row.counted_minutes,
            removed_on: row.removed_on,
            version: row.version,
        })
    }
}

aggregate!(Activities, activities, LoggedActivity, ActivityId);
bulk!(Activities, activities, LoggedActivity, ActivityId);

/// What a list of activities is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Whose they are.
    pub person: Option<PersonId>,
    /// The certification that they are to renew.
    pub certification: Option<CertificationId>,
    /// The renewal that uses them.
    pub renewal: Option<RenewalId>,
    /// Whether a renewal uses them.
    pub state: Option<ActivityState>,
}

impl Activities<'_, '_> {
    /// A page of the activities that are in the log, the first one logged first.
    pub fn list(
        &mut self,
        filter: &ActivityFilter,
        page: Page<ActivityId>,
    ) -> Result<Vec<LoggedActivity>, Error> {
        page!(self.0, activities, page, |query| {
            query = query.filter(activities::removed_on.is_null());
            if let Some(program) = &filter.program {
                query = query.filter(activities::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(activities::person_id.eq(V(person)));
            }
            if let Some(certification) = filter.certification {
                query = query.filter(activities::certification_id.eq(V(certification)));
            }
            if let Some(renewal) = filter.renewal {
                query = query.filter(activities::renewal_id.eq(V(renewal)));
            }
            query = match filter.state {
                Some(ActivityState::Free) => query.filter(activities::renewal_id.is_null()),
                Some(ActivityState::Consumed) => query.filter(activities::renewal_id.is_not_null()),
                None => query,
            };
        })
    }

    /// Every activity of a certification that no renewal uses: as many as its log has room for. Hold the
    /// certification first.
    pub fn free_of(
        &mut self,
        certification: CertificationId,
    ) -> Result<Vec<LoggedActivity>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| activities::table
            .filter(activities::certification_id.eq(V(certification)))
            .filter(activities::renewal_id.is_null())
            .filter(activities::removed_on.is_null())
            .order(activities::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Every activity in the log of a certification. Hold the certification first.
    pub fn of_certification(
        &mut self,
        certification: CertificationId,
    ) -> Result<Vec<LoggedActivity>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| activities::table
            .filter(activities::certification_id.eq(V(certification)))
            .filter(activities::removed_on.is_null())
            .order(activities::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Several activities, each held until the end of a write, in the order of their ids; ids that name
    /// none are left out.
    pub fn held(&mut self, ids: &[ActivityId]) -> Result<Vec<LoggedActivity>, Error> {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        let mut held = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<Row> = get_rows!(
                self.0,
                activities::table
                    .filter(activities::id.eq_any(chunk.iter().map(|id| V(*id))))
                    .order(activities::id.asc())
                    .select(Row::as_select())
            )?;
            for row in rows {
                held.push(row.try_into()?);
            }
        }
        Ok(held)
    }
}
