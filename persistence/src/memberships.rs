//! ALA memberships.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    MembershipId, PersonId,
    person::{Membership, MembershipState},
    program::ProgramCode,
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row, get_rows},
    json,
    schema::memberships,
    types::V,
};

/// The repository of ALA memberships.
pub struct Memberships<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// ALA memberships.
    pub fn memberships(&mut self) -> Memberships<'_, 'c> {
        Memberships(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = memberships, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<MembershipId>,
    person_id: V<PersonId>,
    program: String,
    number: String,
    number_folded: String,
    state: V<MembershipState>,
    claimed_at: V<DateTime<Utc>>,
    decided_at: Option<V<DateTime<Utc>>>,
    valid_from: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Membership> for Row {
    type Error = Error;
    fn try_from(membership: &Membership) -> Result<Self, Error> {
        Ok(Self {
            id: V(membership.id),
            person_id: V(membership.person),
            program: membership.program.to_string(),
            number: membership.number.clone(),
            number_folded: membership.number.to_lowercase(),
            state: V(membership.state),
            claimed_at: V(membership.claimed_at),
            decided_at: membership.decided_at.map(V),
            valid_from: membership.valid_from,
            valid_until: membership.valid_until,
            version: membership.version,
        })
    }
}

impl TryFrom<Row> for Membership {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            person: row.person_id.0,
            program: json::program(&row.program)?,
            number: row.number,
            state: row.state.0,
            claimed_at: row.claimed_at.0,
            decided_at: row.decided_at.map(|at| at.0),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            version: row.version,
        })
    }
}

aggregate!(Memberships, memberships, Membership, MembershipId);

/// What a list of memberships is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct MembershipFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// A person.
    pub person: Option<PersonId>,
    /// A state.
    pub state: Option<MembershipState>,
}

impl Memberships<'_, '_> {
    /// Every membership of a person, the oldest claim first.
    pub fn of(&mut self, person: PersonId) -> Result<Vec<Membership>, Error> {
        let filter = MembershipFilter { person: Some(person), ..MembershipFilter::default() };
        self.list(&filter, Page { after: None, limit: 1_000 })
    }

    /// Whether a number is verified for somebody else. Holds every claim of the number: of two that are
    /// verified at the same moment the second one sees the first.
    pub fn is_verified_of_another(&mut self, membership: &Membership) -> Result<bool, Error> {
        let claims: Vec<Row> = get_rows!(
            self.0,
            memberships::table
                .filter(memberships::program.eq(membership.program.as_str()))
                .filter(memberships::number_folded.eq(membership.number.to_lowercase()))
                .order(memberships::id.asc())
                .select(Row::as_select())
        )?;
        Ok(claims.iter().any(|one| {
            one.state.0 == MembershipState::Verified && one.person_id.0 != membership.person
        }))
    }

    /// Every membership of a program that has one of these numbers, however they are written, the oldest
    /// claim first.
    pub fn numbered(
        &mut self,
        program: &ProgramCode,
        numbers: &[String],
    ) -> Result<Vec<Membership>, Error> {
        let mut rows: Vec<Row> = Vec::new();
        for some in numbers.chunks(1_000) {
            let folded: Vec<_> = some.iter().map(|number| number.to_lowercase()).collect();
            rows.append(&mut each_backend!(self.0.conn, |c| memberships::table
                .filter(memberships::program.eq(program.as_str()))
                .filter(memberships::number_folded.eq_any(folded))
                .select(Row::as_select())
                .load(c))?);
        }
        rows.sort_by_key(|row| row.id.0);
        rows.dedup_by_key(|row| row.id.0);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of memberships, the oldest claim first.
    pub fn list(
        &mut self,
        filter: &MembershipFilter,
        page: Page<MembershipId>,
    ) -> Result<Vec<Membership>, Error> {
        page!(self.0, memberships, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(memberships::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(memberships::person_id.eq(V(person)));
            }
            if let Some(state) = filter.state {
                query = query.filter(memberships::state.eq(V(state)));
            }
        })
    }
}
