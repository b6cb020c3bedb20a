//! Roles granted to people.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BadFact, GrantId, OrganisationId, PersonId,
    access::{Action, Facts, Role},
    credential::{CredentialEvent, GrantRecord, is_granted, needs_organisation},
    event::Event,
};
use persistence::{Optional, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::organisation::{self, Organisation},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_grants);
    config.service(grant_role);
    config.service(end_role);
}

/// What a grant takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRole {
    /// The role; candidate and partner are not granted.
    #[schema(value_type = String, example = "staff")]
    pub role: Role,
    /// The organisation, for provider, college and institution: whose.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub organisation: Option<OrganisationId>,
}

/// A role granted to a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub struct GrantView {
    /// Identity.
    #[schema(value_type = String)]
    pub id: GrantId,
    /// To whom.
    #[schema(value_type = String)]
    pub person: PersonId,
    /// The role.
    #[schema(value_type = String, example = "staff")]
    pub role: Role,
    /// Whose, for provider, college and institution.
    #[schema(value_type = Option<String>)]
    pub organisation: Option<OrganisationId>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// By whom.
    pub granted_by: String,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<&GrantRecord> for GrantView {
    fn from(grant: &GrantRecord) -> Self {
        Self {
            id: grant.id,
            person: grant.person,
            role: grant.role,
            organisation: grant.organisation,
            granted_at: grant.granted_at,
            granted_by: grant.granted_by.clone(),
            ended_at: grant.ended_at,
        }
    }
}

fn event(person: PersonId, fact: CredentialEvent) -> Event<CredentialEvent> {
    Event { program: None, subject: person.to_string(), person: Some(person), fact }
}

fn check(role: Role, organisation: Option<OrganisationId>) -> Result<(), Problem> {
    if !is_granted(role) {
        return Err(
            BadFact::at("/role", "unknown", format!("The role {role} is not granted.")).into()
        );
    }
    match (needs_organisation(role), organisation) {
        (true, None) => {
            Err(BadFact::at("/organisation", "required", format!("{role} needs an organisation."))
                .into())
        }
        (false, Some(_)) => {
            Err(BadFact::at("/organisation", "exclusive", format!("{role} takes no organisation."))
                .into())
        }
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// Refuses an organisation that is not there.
fn check_organisation(
    tx: &mut Tx<'_>,
    role: Role,
    organisation: Option<OrganisationId>,
) -> Result<(), Problem> {
    let Some(id) = organisation else { return Ok(()) };
    let is_there = match role {
        Role::Provider => tx.providers().get(id).found()?.is_some(),
        Role::College => tx.colleges().get(id).found()?.is_some(),
        Role::Institution => tx.institutions().get(id).found()?.is_some(),
        _ => true,
    };
    if is_there {
        return Ok(());
    }
    let detail = format!("There is no {role} of this id.");
    Err(BadFact::at("/organisation", "unknown", detail).into())
}

/// Grants a role: also for the command line. One that stands already is answered as it is.
pub(crate) fn grant(
    tx: &mut Tx<'_>,
    person: PersonId,
    role: Role,
    organisation: Option<OrganisationId>,
) -> Result<(GrantRecord, bool), Problem> {
    // Holding the person keeps two grants of the same role at the same time apart.
    tx.grants().hold_person(person)?;
    let standing = tx.grants().of(person)?.into_iter().find(|grant| {
        grant.role == role && grant.organisation == organisation && grant.ended_at.is_none()
    });
    if let Some(standing) = standing {
        return Ok((standing, false));
    }
    let grant = GrantRecord {
        id: tx.new_id(),
        person,
        role,
        organisation,
        program: None,
        granted_at: tx.now(),
        granted_by: tx.actor().to_owned(),
        ended_at: None,
    };
    tx.grants().insert(&grant)?;
    let fact = CredentialEvent::RoleGranted { grant: grant.id, role, organisation };
    tx.record(event(person, fact))?;
    Ok((grant, true))
}

/// Ends a grant that stands; whether it did.
pub(crate) fn end(tx: &mut Tx<'_>, grant: &GrantRecord) -> Result<bool, Problem> {
    let ended = tx.grants().end(grant.id)?;
    if ended {
        let fact = CredentialEvent::RoleEnded { grant: grant.id, role: grant.role };
        tx.record(event(grant.person, fact))?;
    }
    Ok(ended)
}

/// List the roles granted to a person
///
/// Ended ones too, oldest first.
#[utoipa::path(tag = "Administration",
    responses((status = 200, body = Listing<GrantView>, description = "The grants, all on one page.")))]
#[get("/v1/people/{person_id}/grants")]
pub(crate) async fn list_grants(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListGrants, &Facts::of_person(*id))?;
        tx.grants().hold_person(*id)?;
        let items = tx.grants().of(*id)?.iter().map(GrantView::from).collect();
        Ok(Listing { items, next_cursor: None }.reply(call))
    })
    .await
}

/// Grant a role
///
/// Takes effect with the person's next request, whatever token they hold. A role that stands already
/// is answered as it is: 200.
#[utoipa::path(tag = "Administration", request_body = GrantRole,
    responses((status = 201, body = GrantView, description = "The grant."),
        (status = 200, body = GrantView, description = "The grant that stands already.")))]
#[post("/v1/people/{person_id}/grants")]
pub(crate) async fn grant_role(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<GrantRole>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::GrantRole, &Facts::of_person(*id))?;
        tx.grants().hold_person(*id)?;
        let asked = body.get()?;
        check(asked.role, asked.organisation)?;
        check_organisation(tx, asked.role, asked.organisation)?;
        let (grant, fresh) = grant(tx, *id, asked.role, asked.organisation)?;
        if let (true, Some(organisation)) = (fresh, asked.organisation) {
            let organisation = Organisation::get(tx, organisation)?;
            organisation::welcome(tx, organisation, *id)?;
        }
        Ok(Reply::of(if fresh { 201 } else { 200 }, &GrantView::from(&grant)).private())
    })
    .await
}

/// End a role
///
/// Takes effect with the person's next request. An ended one stays as it is. Where the person spoke first for
/// an organisation, the longest of its other users does now, or nobody until another one comes.
#[utoipa::path(tag = "Administration", responses((status = 200, body = GrantView, description = "The grant.")))]
#[post("/v1/people/{person_id}/grants/{grant_id}/end")]
pub(crate) async fn end_role(
    app: App,
    call: Call,
    path: PathOf<(PersonId, GrantId)>,
) -> Result<Reply, Problem> {
    let (person, id) = *path;
    app.change(&call, move |tx, call| {
        call.allow(Action::EndRole, &Facts::of_person(person))?;
        let mut grant = tx.grants().get(id)?;
        if grant.person != person {
            return Err(Problem::not_found());
        }
        if end(tx, &grant)? {
            grant.ended_at = Some(tx.now());
            if let Some(organisation) = grant.organisation {
                let organisation = Organisation::get(tx, organisation)?;
                organisation::part_with(tx, organisation, person)?;
            }
        }
        Ok(Reply::ok(&GrantView::from(&grant)).private())
    })
    .await
}
