//! Recognition agreements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use domain::{
    AgreementId, OrganisationId,
    agreement::{Agreement, AgreementState, AgreementStatus, ProgramKind},
    program::ProgramCode,
    text,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, bulk, page},
    conn::{each_backend, get_row},
    json,
    schema::{agreements, colleges},
    types::V,
};

/// The repository of recognition agreements.
pub struct Agreements<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Recognition agreements.
    pub fn agreements(&mut self) -> Agreements<'_, 'c> {
        Agreements(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = agreements, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AgreementId>,
    program: String,
    college_id: V<OrganisationId>,
    state: V<AgreementState>,
    program_kind: V<ProgramKind>,
    program_title: String,
    pending: Option<V<Value>>,
    versions: V<Value>,
    signed_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    end_reason: Option<String>,
    yearly_reviews: V<Value>,
    next_review_on: Option<NaiveDate>,
    created_at: V<DateTime<Utc>>,
    version: i64,
}

impl TryFrom<&Agreement> for Row {
    type Error = Error;
    fn try_from(agreement: &Agreement) -> Result<Self, Error> {
        let textless = || Error::Broken(format!("{} has no text", agreement.id));
        let terms = agreement.terms().ok_or_else(textless)?;
        let signed = agreement.state == AgreementState::Signed;
        Ok(Self {
            id: V(agreement.id),
            program: agreement.program.to_string(),
            college_id: V(agreement.college),
            state: V(agreement.state),
            program_kind: V(terms.program_kind),
            program_title: terms.program_title.clone(),
            pending: agreement.pending.as_ref().map(json::of).transpose()?,
            versions: json::of(&agreement.versions)?,
            signed_on: agreement.signed_on,
            ends_on: agreement.ends_on,
            ended_on: agreement.ended_on,
            end_reason: agreement.end_reason.clone(),
            yearly_reviews: json::of(&agreement.yearly_reviews)?,
            next_review_on: agreement.next_review_on().filter(|_| signed),
            created_at: V(agreement.created_at),
            version: agreement.version,
        })
    }
}

impl TryFrom<Row> for Agreement {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            college: row.college_id.0,
            state: row.state.0,
            pending: row.pending.map(json::read).transpose()?,
            versions: json::read(row.versions)?,
            signed_on: row.signed_on,
            ends_on: row.ends_on,
            ended_on: row.ended_on,
            end_reason: row.end_reason,
            yearly_reviews: json::read(row.yearly_reviews)?,
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}

aggregate!(Agreements, agreements, Agreement, AgreementId);
bulk!(Agreements, agreements, Agreement, AgreementId);

/// What a list of agreements is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Colleges whose agreements these are.
    pub colleges: Option<Vec<OrganisationId>>,
    /// What the college's program ends with.
    pub program_kind: Option<ProgramKind>,
    /// Words of the college's name or of the title of its program: all of them.
    pub text: Option<String>,
    /// How far they got.
    pub state: Option<AgreementState>,
    /// Where they stand on a day.
    pub status: Option<(AgreementStatus, NaiveDate)>,
    /// Signed on this day or before, and not given up: what the public reads.
    pub signed_by: Option<NaiveDate>,
    /// A yearly review is due on this day or before.
    pub review_due_by: Option<NaiveDate>,
}

/// The same order of precedence as `Agreement::status`, as predicates over stored dates.
macro_rules! with_status {
    ($query:ident, $status:ident, $day:ident) => {{
        let begun = agreements::signed_on.le($day);
        let not_ended = agreements::ended_on.is_null().or(agreements::ended_on.ge($day));
        match $status {
            AgreementStatus::Draft => $query.filter(agreements::state.eq(V(AgreementState::Draft))),
            AgreementStatus::Withdrawn => {
                $query.filter(agreements::state.eq(V(AgreementState::Withdrawn)))
            }
            AgreementStatus::InReview => {
                let in_review = agreements::state.eq(V(AgreementState::InReview));
                $query.filter(in_review.or(agreements::signed_on.gt($day)))
            }
            AgreementStatus::Ended => $query.filter(begun).filter(agreements::ended_on.lt($day)),
            AgreementStatus::Expired => {
                $query.filter(begun).filter(agreements::ends_on.lt($day)).filter(not_ended)
            }
            AgreementStatus::InForce => {
                $query.filter(begun).filter(agreements::ends_on.ge($day)).filter(not_ended)
            }
        }
    }};
}

impl Agreements<'_, '_> {
    /// A page of agreements, oldest record first.
    pub fn list(
        &mut self,
        filter: &AgreementFilter,
        page: Page<AgreementId>,
    ) -> Result<Vec<Agreement>, Error> {
        page!(self.0, agreements, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(agreements::program.eq(program.as_str().to_owned()));
            }
            if let Some(colleges) = &filter.colleges {
                let colleges = colleges.iter().map(|id| V(*id));
                query = query.filter(agreements::college_id.eq_any(colleges));
            }
            if let Some(kind) = filter.program_kind {
                query = query.filter(agreements::program_kind.eq(V(kind)));
            }
            for word in text::fold(filter.text.as_deref().unwrap_or_default()).split_whitespace() {
                let like = format!("%{word}%");
                let theirs = colleges::table.filter(colleges::name_folded.like(like.clone()));
                let theirs = agreements::college_id.eq_any(theirs.select(colleges::id));
                query = query.filter(sql::<Text>("lower(program_title)").like(like).or(theirs));
            }
            if let Some(state) = filter.state {
                query = query.filter(agreements::state.eq(V(state)));
            }
            if let Some((status, day)) = filter.status {
                query = with_status!(query, status, day);
            }
            if let Some(day) = filter.signed_by {
                query = query.filter(agreements::signed_on.le(day));
            }
            if let Some(day) = filter.review_due_by {
                query = query.filter(agreements::next_review_on.le(day));
            }
        })
    }
}
