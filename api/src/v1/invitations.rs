//! Invitations to act for an organisation: a mail with a token, accepted by whoever is signed in.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BadFact, InvitationId, OrganisationId, PersonId, Word,
    access::{Action, Caller, Facts, Role},
    decision,
    id::{InvitationKind, OrganisationKind, PersonKind},
    organisation::{Invitation, InvitationState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{actions, fields::EmailAddress};
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, Limit, Page, PathOf, Query},
    flows::organisation::{self, Organisation},
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_invitations)
        .service(invite_user)
        .service(revoke_invitation)
        .service(accept_invitation);
}

/// An invitation to act for an organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationView {
    /// Its id.
    #[schema(schema_with = id_of::<InvitationKind>)]
    pub id: InvitationId,
    /// The organisation.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub organisation_id: OrganisationId,
    /// The role that it grants.
    #[schema(schema_with = one_of::<Role>)]
    pub role: Role,
    /// Where the token went.
    #[schema(format = "email")]
    pub email: String,
    /// Where it stands.
    #[schema(schema_with = one_of::<InvitationState>)]
    pub state: InvitationState,
    /// Who invited.
    pub invited_by: String,
    /// When it was sent.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// Who accepted it.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub accepted_by: Option<PersonId>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl InvitationView {
    fn of(invitation: Invitation, now: DateTime<Utc>, caller: &Caller) -> Self {
        let state = invitation.state(now);
        let id = invitation.invite.organisation;
        let facts = Facts::of_organisation(id);
        let revoke = caller.may(Action::RevokeInvitation, &facts).is_ok().then(|| {
            let href = format!("/v1/organisations/{id}/invitations/{}/revoke", invitation.id);
            let open = [InvitationState::Open];
            let act = "revoke the invitation";
            let finding = decision::state_finding("invitation.state", act, state, &open);
            actions::view(Action::RevokeInvitation, "POST", href, vec![finding])
        });
        Self {
            id: invitation.id,
            organisation_id: id,
            role: invitation.invite.role,
            email: invitation.invite.email,
            state,
            invited_by: invitation.invite.invited_by,
            invited_at: invitation.invited_at,
            expires_at: invitation.expires_at,
            accepted_by: invitation.accepted.map(|(person, _)| person),
            accepted_at: invitation.accepted.map(|(_, at)| at),
            revoked_at: invitation.revoked_at,
            actions: revoke.into_iter().collect(),
        }
    }
}

/// Who is invited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteUser {
    /// Where the mail with the token goes.
    pub email: EmailAddress,
    /// The role: the one in which people act for organisations of the kind.
    #[schema(value_type = String, example = "provider")]
    pub role: Role,
}

/// The acceptance of an invitation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The token of the mail.
    #[schema(max_length = 200)]
    pub token: String,
}

/// Which page of invitations is listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInvitations {
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List the invitations of an organisation
///
/// Oldest first, those that were accepted, taken back or ran out too.
#[utoipa::path(tag = "Organisations", params(ListInvitations),
    responses((status = 200, body = Listing<InvitationView>)))]
#[get("/v1/organisations/{organisation_id}/invitations")]
pub(crate) async fn list_invitations(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    query: Query<ListInvitations>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::ListInvitations, &Facts::of_organisation(*id))?;
            Organisation::get(tx, *id)?;
            let page = Page::<InvitationId>::of(query.limit, query.cursor.as_ref())?;
            let rows = tx.invitations().list(*id, page.rows())?;
            let view = |row| InvitationView::of(row, app.now(), call.caller());
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Invite somebody to act for an organisation
///
/// A mail with a token goes to the address; whoever is signed in and has the token accepts it, within 14
/// days. The first who accepts is the organisation's primary contact.
#[utoipa::path(tag = "Organisations", request_body = InviteUser,
    responses((status = 201, body = InvitationView)))]
#[post("/v1/organisations/{organisation_id}/invitations")]
pub(crate) async fn invite_user(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<InviteUser>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::InviteUser, &Facts::of_organisation(*id))?;
            let organisation = Organisation::get(tx, *id)?;
            let body = body.get()?;
            let role = organisation.role();
            if role == Role::Institution {
                let detail = "An admin grants people their role for an institution.";
                return Err(BadFact::at("/role", "unknown", detail).into());
            }
            if body.role != role {
                let detail =
                    format!("People act for {} as {}.", organisation.name(), role.as_str());
                return Err(BadFact::at("/role", "unknown", detail).into());
            }
            let key = app.auth.mac_key()?;
            let sent = organisation::invite(tx, key, &organisation, body.email.to_string())?;
            let view = InvitationView::of(sent, app.now(), call.caller());
            Ok(Reply::created(format!("/v1/organisations/{}/invitations", *id), &view).private())
        })
        .await
}

/// Take an invitation back
///
/// Its token is good for nothing from now on. 409 where it was accepted already.
#[utoipa::path(tag = "Organisations", responses((status = 200, body = InvitationView)))]
#[post("/v1/organisations/{organisation_id}/invitations/{invitation_id}/revoke")]
pub(crate) async fn revoke_invitation(
    app: App,
    call: Call,
    path: PathOf<(OrganisationId, InvitationId)>,
) -> Result<Reply, Problem> {
    let (id, invitation) = path.0;
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::RevokeInvitation, &Facts::of_organisation(id))?;
            // Held before the organisation, as by its acceptance.
            let invitation = tx.invitations().get(invitation)?;
            if invitation.invite.organisation != id {
                return Err(Problem::not_found());
            }
            let organisation = Organisation::get(tx, id)?;
            let revoked = organisation::revoke(tx, &organisation, invitation)?;
            Ok(Reply::ok(&InvitationView::of(revoked, app.now(), call.caller())).private())
        })
        .await
}

/// Accept an invitation
///
/// With the token of the mail, which works once. It grants the person who is signed in the role for the
/// organisation, with their next request.
#[utoipa::path(tag = "Organisations", request_body = AcceptInvitation,
    responses((status = 200, body = InvitationView)))]
#[post("/v1/invitations/accept")]
pub(crate) async fn accept_invitation(
    app: App,
    call: Call,
    body: Body<AcceptInvitation>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let owner = call.signed()?.person();
            call.allow(Action::AcceptInvitation, &Facts { owner, organisation: None })?;
            let Some(person) = owner else { return Err(Problem::not_found()) };
            let accepted = organisation::accept(tx, &body.get()?.token, person)?;
            Ok(Reply::ok(&InvitationView::of(accepted, app.now(), call.caller())).private())
        })
        .await
}
