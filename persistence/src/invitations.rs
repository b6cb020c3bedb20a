//! Invitations to act for an organisation.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    InvitationId, OrganisationId, PersonId,
    access::Role,
    organisation::{Invitation, Invite},
};

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::invitations,
    types::V,
};

/// The repository of invitations to act for an organisation.
pub struct Invitations<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Invitations to act for an organisation.
    pub fn invitations(&mut self) -> Invitations<'_, 'c> {
        Invitations(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invitations, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<InvitationId>,
    program: String,
    organisation_id: V<OrganisationId>,
    role: V<Role>,
    email: String,
    token_hash: Vec<u8>,
    invited_by: String,
    invited_at: V<DateTime<Utc>>,
    expires_at: V<DateTime<Utc>>,
    accepted_by: Option<V<PersonId>>,
    accepted_at: Option<V<DateTime<Utc>>>,
    revoked_at: Option<V<DateTime<Utc>>>,
    version: i64,
}

impl TryFrom<&Invitation> for Row {
    type Error = Error;
    fn try_from(invitation: &Invitation) -> Result<Self, Error> {
        let invite = &invitation.invite;
        Ok(Self {
            id: V(invitation.id),
            program: invite.program.to_string(),
            organisation_id: V(invite.organisation),
            role: V(invite.role),
            email: invite.email.clone(),
            token_hash: invite.token_hash.to_vec(),
            invited_by: invite.invited_by.clone(),
            invited_at: V(invitation.invited_at),
            expires_at: V(invitation.expires_at),
            accepted_by: invitation.accepted.map(|(person, _)| V(person)),
            accepted_at: invitation.accepted.map(|(_, at)| V(at)),
            revoked_at: invitation.revoked_at.map(V),
            version: invitation.version,
        })
    }
}

impl TryFrom<Row> for Invitation {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let token_hash = row.token_hash.try_into();
        Ok(Self {
            id: row.id.0,
            invite: Invite {
                program: json::program(&row.program)?,
                organisation: row.organisation_id.0,
                role: row.role.0,
                email: row.email,
                token_hash: token_hash
                    .map_err(|_long| Error::Broken(format!("{}: its token", row.id.0)))?,
                invited_by: row.invited_by,
            },
            invited_at: row.invited_at.0,
            expires_at: row.expires_at.0,
            accepted: row.accepted_by.zip(row.accepted_at).map(|(by, at)| (by.0, at.0)),
            revoked_at: row.revoked_at.map(|at| at.0),
            version: row.version,
        })
    }
}

aggregate!(Invitations, invitations, Invitation, InvitationId);

impl Invitations<'_, '_> {
    /// A page of an organisation's invitations, oldest first.
    pub fn list(
        &mut self,
        organisation: OrganisationId,
        page: Page<InvitationId>,
    ) -> Result<Vec<Invitation>, Error> {
        page!(self.0, invitations, page, |query| {
            query = query.filter(invitations::organisation_id.eq(V(organisation)));
        })
    }

    /// The invitation of a token, by its SHA-256; held in a write. [`Error::NotFound`] when there is none.
    pub fn by_token(&mut self, token_hash: &[u8; 32]) -> Result<Invitation, Error> {
        let row: Row = get_row!(
            self.0,
            invitations::table
                .filter(invitations::token_hash.eq(token_hash.to_vec()))
                .select(Row::as_select())
        )?;
        row.try_into()
    }
}
