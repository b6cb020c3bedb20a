//! Roles granted to people.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{GrantId, OrganisationId, PersonId, access::Role, credential::GrantRecord};

use crate::{
    Error, Tx,
    conn::{each_backend, get_row},
    schema_access::{grants, people},
    types::V,
};

/// Roles granted to people.
pub struct Grants<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Roles granted to people.
    pub fn grants(&mut self) -> Grants<'_, 'c> {
        Grants(self)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
struct Row {
    id: V<GrantId>,
    person_id: V<PersonId>,
    role: V<Role>,
    organisation_id: Option<V<OrganisationId>>,
    program: Option<String>,
    granted_at: V<DateTime<Utc>>,
    granted_by: String,
    ended_at: Option<V<DateTime<Utc>>>,
}

impl TryFrom<Row> for GrantRecord {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let program = row.program.map(|code| code.parse()).transpose();
        Ok(Self {
            id: row.id.0,
            person: row.person_id.0,
            role: row.role.0,
            organisation: row.organisation_id.map(|id| id.0),
            program: program
                .map_err(|_wrong| Error::Broken(format!("grant {}: its program", row.id.0)))?,
            granted_at: row.granted_at.0,
            granted_by: row.granted_by,
            ended_at: row.ended_at.map(|at| at.0),
        })
    }
}

impl Grants<'_, '_> {
    /// A grant, held in a write.
    pub fn get(&mut self, id: GrantId) -> Result<GrantRecord, Error> {
        get_row!(self.0, grants::table.find(V(id)).select(Row::as_select()))
            .and_then(|row: Row| row.try_into())
    }
    /// Holds the person whose grants are changed; [`Error::NotFound`] when there is nobody.
    pub fn hold_person(&mut self, person: PersonId) -> Result<(), Error> {
        let _held: V<PersonId> =
            get_row!(self.0, people::table.find(V(person)).select(people::id))?;
        Ok(())
    }
    /// Every grant of a person, ended ones too, oldest first.
    pub fn of(&mut self, person: PersonId) -> Result<Vec<GrantRecord>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            grants::table
                .filter(grants::person_id.eq(V(person)))
                .order(grants::id.asc())
                .select(Row::as_select())
                .load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
    /// The grants in force for an organisation, oldest first: its users.
    pub fn standing_for(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<Vec<GrantRecord>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| {
            grants::table
                .filter(grants::organisation_id.eq(V(organisation)))
                .filter(grants::ended_at.is_null())
                .order(grants::id.asc())
                .select(Row::as_select())
                .load(c)
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
    /// Whether anybody holds a role in force.
    pub fn anybody_is(&mut self, role: Role) -> Result<bool, Error> {
        let found: Option<V<GrantId>> = each_backend!(self.0.conn, |c| {
            grants::table
                .filter(grants::role.eq(V(role)))
                .filter(grants::ended_at.is_null())
                .select(grants::id)
                .first(c)
                .optional()
        })?;
        Ok(found.is_some())
    }
    /// Who holds a role in force, in the order of their ids.
    pub fn holders(&mut self, role: Role) -> Result<Vec<PersonId>, Error> {
        let found: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| {
            grants::table
                .filter(grants::role.eq(V(role)))
                .filter(grants::ended_at.is_null())
                .select(grants::person_id)
                .distinct()
                .order(grants::person_id.asc())
                .load(c)
        })?;
        Ok(found.into_iter().map(|person| person.0).collect())
    }
    /// Stores a new grant.
    pub fn insert(&mut self, grant: &GrantRecord) -> Result<(), Error> {
        let row = Row {
            id: V(grant.id),
            person_id: V(grant.person),
            role: V(grant.role),
            organisation_id: grant.organisation.map(V),
            program: grant.program.as_ref().map(ToString::to_string),
            granted_at: V(grant.granted_at),
            granted_by: grant.granted_by.clone(),
            ended_at: grant.ended_at.map(V),
        };
        each_backend!(self.0.conn, |c| {
            diesel::insert_into(grants::table).values(&row).execute(c)
        })?;
        Ok(())
    }
    /// Ends a grant that stands; whether it did.
    pub fn end(&mut self, id: GrantId) -> Result<bool, Error> {
        let now = V(self.0.now());
        let ended = each_backend!(self.0.conn, |c| {
            diesel::update(grants::table.find(V(id)).filter(grants::ended_at.is_null()))
                .set(grants::ended_at.eq(Some(now)))
                .execute(c)
        })?;
        Ok(ended == 1)
    }
}
