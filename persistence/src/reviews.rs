//! Reviews of course proposals.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    OrganisationId, PersonId, ProposalId, ReviewId,
    course::review::{Review, ReviewState},
    program::ProgramCode,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::course_reviews,
    types::V,
};

/// The repository of reviews of course proposals.
pub struct Reviews<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Reviews of course proposals.
    pub fn reviews(&mut self) -> Reviews<'_, 'c> {
        Reviews(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = course_reviews, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<ReviewId>,
    program: String,
    proposal_id: V<ProposalId>,
    provider_id: V<OrganisationId>,
    reviewer_id: V<PersonId>,
    state: V<ReviewState>,
    assigned_on: NaiveDate,
    submitted_on: Option<NaiveDate>,
    rubric: Option<V<Value>>,
    note: Option<String>,
    version: i64,
}

impl TryFrom<&Review> for Row {
    type Error = Error;
    fn try_from(review: &Review) -> Result<Self, Error> {
        Ok(Self {
            id: V(review.id),
            program: review.program.to_string(),
            proposal_id: V(review.proposal),
            provider_id: V(review.provider),
            reviewer_id: V(review.reviewer),
            state: V(review.state),
            assigned_on: review.assigned_on,
            submitted_on: review.submitted_on,
            rubric: review.rubric.as_ref().map(json::of).transpose()?,
            note: review.note.clone(),
            version: review.version,
        })
    }
}

impl TryFrom<Row> for Review {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            proposal: row.proposal_id.0,
            provider: row.provider_id.0,
            reviewer: row.reviewer_id.0,
            state: row.state.0,
            assigned_on: row.assigned_on,
            submitted_on: row.submitted_on,
            rubric: row.rubric.map(json::read).transpose()?,
            note: row.note,
            version: row.version,
        })
    }
}

aggregate!(Reviews, course_reviews, Review, ReviewId);

/// What a list of reviews is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ReviewFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A reviewer.
    pub reviewer: Option<PersonId>,
    /// A proposal.
    pub proposal: Option<ProposalId>,
    /// The provider whose proposals these are of.
    pub provider: Option<OrganisationId>,
    /// A state.
    pub state: Option<ReviewState>,
}

impl Reviews<'_, '_> {
    /// A page of reviews, oldest first.
    pub fn list(
        &mut self,
        filter: &ReviewFilter,
        page: Page<ReviewId>,
    ) -> Result<Vec<Review>, Error> {
        page!(self.0, course_reviews, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(course_reviews::program.eq(program.as_str().to_owned()));
            }
            if let Some(reviewer) = filter.reviewer {
                query = query.filter(course_reviews::reviewer_id.eq(V(reviewer)));
            }
            if let Some(proposal) = filter.proposal {
                query = query.filter(course_reviews::proposal_id.eq(V(proposal)));
            }
            if let Some(provider) = filter.provider {
                query = query.filter(course_reviews::provider_id.eq(V(provider)));
            }
            if let Some(state) = filter.state {
                query = query.filter(course_reviews::state.eq(V(state)));
            }
        })
    }

    /// Every review of a proposal, in the order of assignment.
    pub fn of(&mut self, proposal: ProposalId) -> Result<Vec<Review>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| course_reviews::table
            .filter(course_reviews::proposal_id.eq(V(proposal)))
            .order(course_reviews::id.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Every review of several proposals, in the order of assignment.
    pub fn of_proposals(&mut self, proposals: &[ProposalId]) -> Result<Vec<Review>, Error> {
        of_any!(self.0, course_reviews, proposals, |query, chunk| query
            .filter(course_reviews::proposal_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// The providers with whom somebody declared a conflict of interest.
    pub fn declared_by(&mut self, reviewer: PersonId) -> Result<Vec<OrganisationId>, Error> {
        let found: Vec<V<OrganisationId>> = each_backend!(self.0.conn, |c| course_reviews::table
            .filter(course_reviews::reviewer_id.eq(V(reviewer)))
            .filter(course_reviews::state.eq(V(ReviewState::Conflicted)))
            .select(course_reviews::provider_id)
            .distinct()
            .load(c))?;
        Ok(found.into_iter().map(|id| id.0).collect())
    }
}
