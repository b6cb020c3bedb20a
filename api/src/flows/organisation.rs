//! Organisations and the people who act for them: providers, colleges and institutions alike.

use chrono::NaiveDate;
use domain::{
    InvitationId, OrganisationId, PersonId,
    access::{Caller, Refusal, Role},
    agreement::College,
    course::Provider,
    credential::GrantRecord,
    decision,
    event::Event,
    institution::Institution,
    organisation::{Invitation, Invite, OrganisationEvent, OrganisationStanding},
    program::ProgramCode,
};
use persistence::{Error, Optional, Tx};

use crate::{auth::secrets, problem::Problem, v1::grants};

/// An organisation, of whatever kind.
#[derive(Debug, Clone)]
pub enum Organisation {
    /// A provider of courses.
    Provider(Provider),
    /// A college with a recognition agreement.
    College(College),
    /// An institution that pays for its people.
    Institution(Institution),
}

impl Organisation {
    /// The organisation of an id, held in a write; 404 when there is none.
    pub fn get(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Self, Problem> {
        if let Some(provider) = tx.providers().get(id).found()? {
            return Ok(Self::Provider(provider));
        }
        if let Some(college) = tx.colleges().get(id).found()? {
            return Ok(Self::College(college));
        }
        Ok(Self::Institution(tx.institutions().get(id)?))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> OrganisationId {
        match self {
            Self::Provider(one) => one.id,
            Self::College(one) => one.id,
            Self::Institution(one) => one.id,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Provider(one) => &one.name,
            Self::College(one) => &one.name,
            Self::Institution(one) => &one.name,
        }
    }

    /// Its program.
    #[must_use]
    pub fn program(&self) -> &ProgramCode {
        match self {
            Self::Provider(one) => &one.program,
            Self::College(one) => &one.program,
            Self::Institution(one) => &one.program,
        }
    }

    /// The role in which people act for it.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Provider(_) => Role::Provider,
            Self::College(_) => Role::College,
            Self::Institution(_) => Role::Institution,
        }
    }

    /// Whether it acts and who speaks first for it; institutions have no such standing.
    #[must_use]
    pub fn standing(&self) -> Option<&OrganisationStanding> {
        match self {
            Self::Provider(one) => Some(&one.standing),
            Self::College(one) => Some(&one.standing),
            Self::Institution(_) => None,
        }
    }

    fn event(&self, person: Option<PersonId>, fact: OrganisationEvent) -> Event<OrganisationEvent> {
        let program = Some(self.program().clone());
        Event { program, subject: self.id().to_string(), person, fact }
    }

    /// Saves its standing with what happened to it.
    pub fn stand(
        self,
        tx: &mut Tx<'_>,
        (standing, fact): (OrganisationStanding, OrganisationEvent),
    ) -> Result<Self, Problem> {
        let person = match &fact {
            OrganisationEvent::HandedOver { after, .. } => Some(*after),
            _ => None,
        };
        let event = self.event(person, fact);
        let saved = match self {
            Self::Provider(mut one) => {
                one.standing = standing;
                tx.providers().save(&mut one)?;
                Self::Provider(one)
            }
            Self::College(mut one) => {
                one.standing = standing;
                tx.colleges().save(&mut one)?;
                Self::College(one)
            }
            Self::Institution(one) => Self::Institution(one),
        };
        tx.record(event)?;
        Ok(saved)
    }
}

/// The people who act for an organisation: their grants in force, oldest first.
pub fn users(tx: &mut Tx<'_>, organisation: &Organisation) -> Result<Vec<GrantRecord>, Problem> {
    let mut users = tx.grants().standing_for(organisation.id())?;
    users.retain(|grant| grant.role == organisation.role());
    Ok(users)
}

/// Refuses (409) what somebody who acts for a provider would do while it is deactivated; the office may.
pub fn acts(
    tx: &mut Tx<'_>,
    caller: &Caller,
    provider: OrganisationId,
    today: NaiveDate,
) -> Result<(), Problem> {
    if !caller.organisations(&[Role::Provider]).contains(&provider) {
        return Ok(());
    }
    let standing = tx.providers().get(provider)?.standing;
    decision::by_state(vec![standing.active_finding(today)])?;
    Ok(())
}

/// Somebody became a user of an organisation: the first one is its primary contact.
pub fn welcome(
    tx: &mut Tx<'_>,
    organisation: Organisation,
    person: PersonId,
) -> Result<Organisation, Problem> {
    let Some(standing) = organisation.standing().cloned() else { return Ok(organisation) };
    match standing.welcome(person) {
        (standing, Some(fact)) => organisation.stand(tx, (standing, fact)),
        (_, None) => Ok(organisation),
    }
}

/// Somebody's role for an organisation was ended: whoever spoke first for it is one of its users.
pub fn part_with(
    tx: &mut Tx<'_>,
    organisation: Organisation,
    person: PersonId,
) -> Result<(), Problem> {
    let Some(standing) = organisation.standing().cloned() else { return Ok(()) };
    let users: Vec<_> = users(tx, &organisation)?.iter().map(|grant| grant.person).collect();
    if users.contains(&person) {
        return Ok(());
    }
    match standing.part_with(person, &users) {
        Some(changed) => organisation.stand(tx, changed).map(drop),
        None => Ok(()),
    }
}

/// Hands the first place over to another of its users: 409 where they are none.
pub fn hand_over(
    tx: &mut Tx<'_>,
    organisation: Organisation,
    to: PersonId,
) -> Result<Organisation, Problem> {
    let Some(standing) = organisation.standing().cloned() else {
        return Err(Problem::state("An institution has no primary contact."));
    };
    let users: Vec<_> = users(tx, &organisation)?.iter().map(|grant| grant.person).collect();
    organisation.stand(tx, standing.hand_over(to, &users)?)
}

/// Refuses (403) what a user who is not its primary contact would do to another user: only the primary
/// contact and the office hand it over and send others away. An institution has no primary contact.
pub fn speaks_first(
    organisation: &Organisation,
    caller: &Caller,
    of: Option<PersonId>,
) -> Result<(), Refusal> {
    let user = caller.organisations(&[organisation.role()]).contains(&organisation.id());
    let Some(standing) = organisation.standing().filter(|_| user) else { return Ok(()) };
    let me = caller.person();
    let may = me.is_some() && (standing.primary_contact == me || of == me);
    if may { Ok(()) } else { Err(Refusal::Forbidden) }
}

/// Ends somebody's acting for an organisation. 404 where they do not; 409 where they speak first for it.
pub fn remove(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
    person: PersonId,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let mut grants = users(tx, organisation)?;
    grants.retain(|grant| grant.person == person);
    if grants.is_empty() {
        return Err(Problem::not_found());
    }
    if let Some(standing) = organisation.standing() {
        decision::by_state(vec![standing.leave_finding(person)])?;
    }
    for grant in grants {
        grants::end(tx, &grant)?;
        let reason = reason.map(str::to_owned);
        let fact = OrganisationEvent::UserRemoved { person, grant: grant.id, reason };
        tx.record(organisation.event(Some(person), fact))?;
    }
    Ok(())
}

/// Invites somebody to act for an organisation. The mail that holds the token is made of the event.
pub fn invite(
    tx: &mut Tx<'_>,
    key: &[u8],
    organisation: &Organisation,
    email: String,
) -> Result<Invitation, Problem> {
    let id: InvitationId = tx.new_id();
    let invite = Invite {
        program: organisation.program().clone(),
        organisation: organisation.id(),
        role: organisation.role(),
        email,
        token_hash: secrets::hash(&secrets::invitation_token(key, id)?),
        invited_by: tx.actor().to_owned(),
    };
    let (invitation, fact) = Invitation::send(id, invite, tx.now());
    tx.invitations().insert(&invitation)?;
    tx.record(organisation.event(None, fact))?;
    Ok(invitation)
}

/// Takes an invitation back.
pub fn revoke(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
    invitation: Invitation,
) -> Result<Invitation, Problem> {
    let (mut invitation, fact) = invitation.revoke(tx.now())?;
    tx.invitations().save(&mut invitation)?;
    tx.record(organisation.event(None, fact))?;
    Ok(invitation)
}

/// Somebody accepts the invitation of a token, which grants them its role. 422 at `/token` where it is of
/// none, 409 where it was accepted, taken back or ran out.
pub fn accept(tx: &mut Tx<'_>, token: &str, person: PersonId) -> Result<Invitation, Problem> {
    let invitation = match tx.invitations().by_token(&secrets::hash(token)) {
        Err(Error::NotFound) => {
            return Err(Problem::input("/token", "void", "The token is of no invitation."));
        }
        other => other?,
    };
    let invite = &invitation.invite;
    let organisation = Organisation::get(tx, invite.organisation)?;
    let (grant, _) = grants::grant(tx, person, invite.role, Some(invite.organisation))?;
    let (mut invitation, fact) = invitation.accept(person, grant.id, tx.now())?;
    tx.invitations().save(&mut invitation)?;
    tx.record(organisation.event(Some(person), fact))?;
    welcome(tx, organisation, person)?;
    Ok(invitation)
}
