//! Notices, and what is to be told of dates that come nearer.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::{Bool, Date},
};
use domain::{
    EmailId, FactId, NoticeId, PersonId,
    notice::{DropReason, Notice, NoticeKind, NoticeState, Window},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{CHUNK, aggregate, bulk, page},
    conn::{each_backend, get_row},
    json,
    schema::{candidacies, certifications, notices},
    types::{Uid, V},
};

/// The repository of notices.
pub struct Notices<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Notices.
    pub fn notices(&mut self) -> Notices<'_, 'c> {
        Notices(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notices, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<NoticeId>,
    program: String,
    kind: V<NoticeKind>,
    person_id: V<PersonId>,
    subject: String,
    fact_id: V<FactId>,
    fact_on: NaiveDate,
    months: i64,
    due_on: NaiveDate,
    made_at: V<DateTime<Utc>>,
    state: V<NoticeState>,
    settled_at: Option<V<DateTime<Utc>>>,
    template_version: Option<i64>,
    email_id: Option<V<EmailId>>,
    reason: Option<V<DropReason>>,
    version: i64,
}

impl TryFrom<&Notice> for Row {
    type Error = Error;
    fn try_from(notice: &Notice) -> Result<Self, Error> {
        Ok(Self {
            id: V(notice.id),
            program: notice.program.to_string(),
            kind: V(notice.kind),
            person_id: V(notice.person),
            subject: notice.subject.clone(),
            fact_id: V(notice.fact),
            fact_on: notice.fact_on,
            months: notice.months.into(),
            due_on: notice.due_on,
            made_at: V(notice.made_at),
            state: V(notice.state),
            settled_at: notice.settled_at.map(V),
            template_version: notice.template_version,
            email_id: notice.email.map(V),
            reason: notice.reason.map(V),
            version: notice.version,
        })
    }
}

impl TryFrom<Row> for Notice {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            kind: row.kind.0,
            person: row.person_id.0,
            subject: row.subject,
            fact: row.fact_id.0,
            fact_on: row.fact_on,
            months: i32::try_from(row.months).map_err(|error| Error::Broken(error.to_string()))?,
            due_on: row.due_on,
            made_at: row.made_at.0,
            state: row.state.0,
            settled_at: row.settled_at.map(|at| at.0),
            template_version: row.template_version,
            email: row.email_id.map(|id| id.0),
            reason: row.reason.map(|reason| reason.0),
            version: row.version,
        })
    }
}

aggregate!(Notices, notices, Notice, NoticeId);
bulk!(Notices, notices, Notice, NoticeId);

/// What a list of notices is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct NoticeFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// To whom.
    pub person: Option<PersonId>,
    /// What they tell.
    pub kind: Option<NoticeKind>,
    /// Where they stand.
    pub state: Option<NoticeState>,
    /// Due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Due on this day or earlier.
    pub due_until: Option<NaiveDate>,
}

/// A fact as it is told once: its id, its date, and how many months before.
pub type Told = (FactId, NaiveDate, i32);

/// Where a look for what is to be told goes on: the date and the id of the last that was found.
pub type Spot = (NaiveDate, FactId);

/// What a look for what is to be told asks.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The program.
    pub program: &'a ProgramCode,
    /// Where dates lie.
    pub window: &'a Window,
    /// After which.
    pub after: Option<Spot>,
    /// How many.
    pub limit: i64,
}

/// What lies in a window and was not told yet, by date and id. Whether a notice was made is asked of the unique
/// index of notices, row by row.
macro_rules! untold {
    ($tx:expr, $table:ident, $date:ident, $place:expr, $ask:expr, |$query:ident, $window:ident| $filters:block) => {{
        let Ask { program, window: $window, after, limit } = $ask;
        let rows: Vec<(NaiveDate, V<FactId>)> = each_backend!($tx.conn, |c| {
            let told = notices::table
                .filter(notices::fact_id.eq($table::id))
                .filter(notices::kind.eq(V($window.kind)))
                .filter(notices::months.eq(i64::from($window.months)))
                .filter(notices::fact_on.eq($table::$date));
            let mut $query = $table::table
                .select(($table::$date, $table::id))
                .filter($table::program.eq(program.as_str()))
                .filter($table::$date.ge($window.from))
                .filter($table::$date.le($window.through))
                .filter(not(exists(told)))
                .into_boxed();
            $filters
            if let Some((day, id)) = after {
                let place = sql::<Bool>($place).bind::<Date, _>(day).sql(", ");
                $query = $query.filter(place.bind::<Uid, _>(V(id)).sql(")"));
            }
            $query.order(($table::$date.asc(), $table::id.asc())).limit(limit).load(c)
        })?;
        Ok(rows.into_iter().map(|(day, id)| (day, id.0)).collect())
    }};
}

impl Notices<'_, '_> {
    /// Candidacies or certifications of whose dates somebody may have to be told.
    pub fn untold(&mut self, ask: Ask<'_>) -> Result<Vec<Spot>, Error> {
        if ask.window.kind == NoticeKind::CandidacyDeadline {
            self.untold_candidacies(ask)
        } else {
            self.untold_certifications(ask)
        }
    }

    fn untold_candidacies(&mut self, ask: Ask<'_>) -> Result<Vec<Spot>, Error> {
        let place = "(candidacies.deadline, candidacies.id) > (";
        untold!(self.0, candidacies, deadline, place, ask, |query, window| {
            query = query
                .filter(candidacies::completed_on.is_null())
                .filter(candidacies::withdrawn_on.is_null())
                .filter(candidacies::held_on.is_null());
        })
    }

    fn untold_certifications(&mut self, ask: Ask<'_>) -> Result<Vec<Spot>, Error> {
        let place = "(certifications.expires_on, certifications.id) > (";
        untold!(self.0, certifications, expires_on, place, ask, |query, window| {
            if let Some(day) = window.opened_by {
                query = query.filter(certifications::renewal_opens_on.le(day));
            }
            if let Some(day) = window.grace_from {
                query = query.filter(certifications::grace_ends_on.ge(day));
            }
            if let Some(day) = window.grace_through {
                query = query.filter(certifications::grace_ends_on.le(day));
            }
        })
    }

    /// Of these things, what was told of a kind.
    pub fn told(&mut self, kind: NoticeKind, facts: &[FactId]) -> Result<HashSet<Told>, Error> {
        let mut told = HashSet::new();
        for chunk in facts.chunks(CHUNK) {
            let rows: Vec<(V<FactId>, NaiveDate, i64)> =
                each_backend!(self.0.conn, |c| notices::table
                    .filter(notices::fact_id.eq_any(chunk.iter().map(|id| V(*id))))
                    .filter(notices::kind.eq(V(kind)))
                    .select((notices::fact_id, notices::fact_on, notices::months))
                    .load(c))?;
            for (fact, day, months) in rows {
                let months =
                    i32::try_from(months).map_err(|error| Error::Broken(error.to_string()))?;
                told.insert((fact.0, day, months));
            }
        }
        Ok(told)
    }

    /// A page of notices, the first made first.
    pub fn list(
        &mut self,
        filter: &NoticeFilter,
        page: Page<NoticeId>,
    ) -> Result<Vec<Notice>, Error> {
        page!(self.0, notices, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(notices::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(notices::person_id.eq(V(person)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(notices::kind.eq(V(kind)));
            }
            if let Some(state) = filter.state {
                query = query.filter(notices::state.eq(V(state)));
            }
            if let Some(day) = filter.due_from {
                query = query.filter(notices::due_on.ge(day));
            }
            if let Some(day) = filter.due_until {
                query = query.filter(notices::due_on.le(day));
            }
        })
    }
}
