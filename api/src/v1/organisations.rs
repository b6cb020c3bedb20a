//! The people who act for an organisation: a provider of courses, a college or an institution.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    OrganisationId, PersonId,
    access::{Action, Caller, Facts, Role},
    credential::GrantRecord,
    id::PersonKind,
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{actions, fields::OptionalReason};
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::organisation::{self, Organisation},
    openapi::words::{id_of, one_of},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_organisation_users)
        .service(remove_organisation_user)
        .service(hand_over_organisation);
}

/// Somebody who acts for an organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrganisationUserView {
    /// Who.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// In which role.
    #[schema(schema_with = one_of::<Role>)]
    pub role: Role,
    /// Whether they speak first for it: the office writes to them.
    pub primary_contact: bool,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// To whom an organisation is handed over.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Another of its users.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
}

fn offered(organisation: &Organisation, person: PersonId, caller: &Caller) -> Vec<ActionView> {
    let base = format!("/v1/organisations/{}", organisation.id());
    let facts = Facts::of_organisation(organisation.id());
    let may = |action, of| {
        caller.may(action, &facts).is_ok()
            && organisation::speaks_first(organisation, caller, of).is_ok()
    };
    let standing = organisation.standing();
    let mut offered = Vec::new();
    if may(Action::RemoveOrganisationUser, Some(person)) {
        let findings = standing.map(|one| one.leave_finding(person)).into_iter().collect();
        let href = format!("{base}/users/{person}/remove");
        offered.push(actions::view(Action::RemoveOrganisationUser, "POST", href, findings));
    }
    let first = standing.and_then(|standing| standing.primary_contact);
    if standing.is_some() && first != Some(person) && may(Action::HandOverOrganisation, None) {
        let href = format!("{base}/primary-contact");
        offered.push(actions::view(Action::HandOverOrganisation, "POST", href, Vec::new()));
    }
    offered
}

fn view(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
    grant: &GrantRecord,
    caller: &Caller,
) -> Result<OrganisationUserView, Problem> {
    let first = organisation.standing().and_then(|standing| standing.primary_contact);
    Ok(OrganisationUserView {
        person_id: grant.person,
        name: tx.people().get(grant.person)?.full_name(),
        role: grant.role,
        primary_contact: first == Some(grant.person),
        granted_at: grant.granted_at,
        actions: offered(organisation, grant.person, caller),
    })
}

fn listing(tx: &mut Tx<'_>, call: &Call, organisation: &Organisation) -> Result<Reply, Problem> {
    let mut views = Vec::new();
    for grant in organisation::users(tx, organisation)? {
        views.push(view(tx, organisation, &grant, call.caller())?);
    }
    Ok(Listing::whole(views).reply(call))
}

/// List the people who act for an organisation
///
/// Those whose role for it stands, the longest first, all on one page. One of them is its primary contact.
#[utoipa::path(tag = "Organisations", responses((status = 200, body = Listing<OrganisationUserView>)))]
#[get("/v1/organisations/{organisation_id}/users")]
pub(crate) async fn list_organisation_users(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListOrganisationUsers, &Facts::of_organisation(*id))?;
        let organisation = Organisation::get(tx, *id)?;
        listing(tx, call, &organisation)
    })
    .await
}

/// End somebody's acting for an organisation
///
/// By the primary contact or the office; everybody may remove themselves. Takes effect with their next
/// request. 409 for the primary contact, who hands over first. The answer is the people who act for it now.
#[utoipa::path(tag = "Organisations", request_body = OptionalReason,
    responses((status = 200, body = Listing<OrganisationUserView>)))]
#[post("/v1/organisations/{organisation_id}/users/{person_id}/remove")]
pub(crate) async fn remove_organisation_user(
    app: App,
    call: Call,
    path: PathOf<(OrganisationId, PersonId)>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    let (id, person) = path.0;
    app.change(&call, move |tx, call| {
        call.allow(Action::RemoveOrganisationUser, &Facts::of_organisation(id))?;
        let organisation = Organisation::get(tx, id)?;
        organisation::speaks_first(&organisation, call.caller(), Some(person))?;
        organisation::remove(tx, &organisation, person, body.get()?.reason.as_deref())?;
        listing(tx, call, &organisation)
    })
    .await
}

/// Hand an organisation over
///
/// Another of its users becomes its primary contact: by the present one or the office. The answer is the
/// people who act for it.
#[utoipa::path(tag = "Organisations", request_body = HandOver,
    responses((status = 200, body = Listing<OrganisationUserView>)))]
#[post("/v1/organisations/{organisation_id}/primary-contact")]
pub(crate) async fn hand_over_organisation(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<HandOver>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::HandOverOrganisation, &Facts::of_organisation(*id))?;
        let organisation = Organisation::get(tx, *id)?;
        organisation::speaks_first(&organisation, call.caller(), None)?;
        let organisation = organisation::hand_over(tx, organisation, body.get()?.person_id)?;
        listing(tx, call, &organisation)
    })
    .await
}
