//! Organisations that people act for: providers of courses and colleges. Who may act for one is a
//! grant of a role; here is who speaks first for it, who is invited, and whether it acts at all.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    Finding, GrantId, InvitationId, OrganisationId, PersonId,
    access::Role,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

/// Days for which an invitation can be accepted (set).
pub const INVITATION_DAYS: i64 = 14;

/// Whether an organisation acts, and who speaks first for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OrganisationStanding {
    /// The first of its users, whom the office writes to; the first who accepted an invitation.
    pub primary_contact: Option<PersonId>,
    /// The first day on which it acts no more.
    pub deactivated_on: Option<NaiveDate>,
    /// Why it was deactivated.
    pub deactivation_reason: Option<String>,
}

impl OrganisationStanding {
    /// Whether it acts on `day`.
    #[must_use]
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.deactivated_on.is_none_or(|ended| day < ended)
    }

    /// The finding on whether it acts today: a deactivated organisation proposes, offers and posts
    /// nothing.
    #[must_use]
    pub fn active_finding(&self, today: NaiveDate) -> Finding {
        let active = self.is_active_on(today);
        let actual = match self.deactivated_on {
            Some(on) if !active => format!("deactivated on {on}"),
            _ => "active".to_owned(),
        };
        Finding::new(
            "organisation.active",
            "FAQ 11",
            active,
            "active",
            actual,
            "Only an active organisation proposes, offers and posts.",
        )
    }

    /// Deactivates it from today on.
    pub fn deactivate(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, OrganisationEvent), Refused> {
        decision::by_state(vec![self.active_finding(today)])?;
        self.deactivated_on = Some(today);
        self.deactivation_reason = Some(reason.clone());
        Ok((self, OrganisationEvent::Deactivated { deactivated_on: today, reason }))
    }

    /// The finding on whether it may be activated again.
    #[must_use]
    pub fn deactivated_finding(&self, today: NaiveDate) -> Finding {
        let ended = !self.is_active_on(today);
        Finding::new(
            "organisation.deactivated",
            "life cycle",
            ended,
            "deactivated",
            if ended { "deactivated" } else { "active" },
            "Only a deactivated organisation is activated again.",
        )
    }

    /// Lets it act again.
    pub fn reactivate(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, OrganisationEvent), Refused> {
        decision::by_state(vec![self.deactivated_finding(today)])?;
        self.deactivated_on = None;
        self.deactivation_reason = None;
        Ok((self, OrganisationEvent::Reactivated { on: today, reason }))
    }

    /// Hands the first place over to another of its `users`.
    pub fn hand_over(
        mut self,
        to: PersonId,
        users: &[PersonId],
    ) -> Result<(Self, OrganisationEvent), Refused> {
        let is_user = users.contains(&to);
        let other = self.primary_contact != Some(to);
        let findings = vec![
            Finding::new(
                "organisation.user",
                "house rule",
                is_user,
                "a user of the organisation",
                if is_user { "a user" } else { "not a user" },
                "The primary contact is one of the organisation's users.",
            ),
            Finding::new(
                "organisation.other_contact",
                "house rule",
                other,
                "somebody else",
                if other { "somebody else" } else { "the primary contact" },
                "The place is handed over to somebody else.",
            ),
        ];
        decision::by_state(findings)?;
        let before = self.primary_contact.replace(to);
        Ok((self, OrganisationEvent::HandedOver { before, after: to }))
    }

    /// Somebody became its user: the first one is its primary contact.
    #[must_use]
    pub fn welcome(mut self, person: PersonId) -> (Self, Option<OrganisationEvent>) {
        if self.primary_contact.is_some() {
            return (self, None);
        }
        self.primary_contact = Some(person);
        (self, Some(OrganisationEvent::HandedOver { before: None, after: person }))
    }

    /// `person` is no user of it any more, whoever they were: the first of the `users` who are left speaks
    /// first then, or nobody until another one comes. None where they did not speak first.
    #[must_use]
    pub fn part_with(
        mut self,
        person: PersonId,
        users: &[PersonId],
    ) -> Option<(Self, OrganisationEvent)> {
        if self.primary_contact != Some(person) {
            return None;
        }
        self.primary_contact = users.iter().copied().find(|one| *one != person);
        let event = match self.primary_contact {
            Some(after) => OrganisationEvent::HandedOver { before: Some(person), after },
            None => OrganisationEvent::ContactLeft { before: person },
        };
        Some((self, event))
    }

    /// The finding on whether `person` may cease to act for it: the primary contact hands over first.
    #[must_use]
    pub fn leave_finding(&self, person: PersonId) -> Finding {
        let primary = self.primary_contact == Some(person);
        Finding::new(
            "organisation.not_primary",
            "house rule",
            !primary,
            "not the primary contact",
            if primary { "the primary contact" } else { "another user" },
            "The primary contact hands over before leaving.",
        )
    }
}

words! {
    /// Where an invitation stands.
    pub enum InvitationState {
        /// It can be accepted.
        Open = "open",
        /// It was accepted.
        Accepted = "accepted",
        /// Its time ran out.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// Who is invited to act for which organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The program.
    pub program: ProgramCode,
    /// The organisation.
    pub organisation: OrganisationId,
    /// [`Role::Provider`] or [`Role::College`].
    pub role: Role,
    /// Where the token goes.
    pub email: String,
    /// SHA-256 of the token, which has 256 bits of chance and stands nowhere.
    pub token_hash: [u8; 32],
    /// Who invites.
    pub invited_by: String,
}

/// An invitation to act for an organisation. Whoever holds its token may accept it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Identity.
    pub id: InvitationId,
    /// Who, and for whom.
    pub invite: Invite,
    /// When it was sent.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// By whom and when it was accepted.
    pub accepted: Option<(PersonId, DateTime<Utc>)>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Invitation {
    /// Invites somebody, for [`INVITATION_DAYS`].
    #[must_use]
    pub fn send(id: InvitationId, invite: Invite, now: DateTime<Utc>) -> (Self, OrganisationEvent) {
        let expires_at = now.checked_add_signed(TimeDelta::days(INVITATION_DAYS)).unwrap_or(now);
        let event = OrganisationEvent::Invited {
            invitation: id,
            role: invite.role,
            email: invite.email.clone(),
            expires_at,
        };
        let invitation = Self {
            id,
            invite,
            invited_at: now,
            expires_at,
            accepted: None,
            revoked_at: None,
            version: 1,
        };
        (invitation, event)
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> InvitationState {
        if self.accepted.is_some() {
            InvitationState::Accepted
        } else if self.revoked_at.is_some() {
            InvitationState::Revoked
        } else if now >= self.expires_at {
            InvitationState::Expired
        } else {
            InvitationState::Open
        }
    }

    fn open(&self, act: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let open = [InvitationState::Open];
        let finding = decision::state_finding("invitation.state", act, self.state(now), &open);
        decision::by_state(vec![finding]).map(drop)
    }

    /// Somebody who holds its token accepts it, which makes `grant`.
    pub fn accept(
        mut self,
        person: PersonId,
        grant: GrantId,
        now: DateTime<Utc>,
    ) -> Result<(Self, OrganisationEvent), Refused> {
        self.open("accept the invitation", now)?;
        self.accepted = Some((person, now));
        let invitation = self.id;
        Ok((self, OrganisationEvent::InvitationAccepted { invitation, by: person, grant }))
    }

    /// Takes it back.
    pub fn revoke(mut self, now: DateTime<Utc>) -> Result<(Self, OrganisationEvent), Refused> {
        self.open("revoke the invitation", now)?;
        self.revoked_at = Some(now);
        let invitation = self.id;
        Ok((self, OrganisationEvent::InvitationRevoked { invitation }))
    }
}

facts! {
    /// What happens to organisations and their users. The subject is the organisation.
    pub enum OrganisationEvent {
        /// It acts no more.
        Deactivated = "organisation.deactivated" { deactivated_on: NaiveDate, reason: String },
        /// It acts again.
        Reactivated = "organisation.reactivated" { on: NaiveDate, reason: String },
        /// Another user speaks first for it.
        HandedOver = "organisation.handed_over" { before: Option<PersonId>, after: PersonId },
        /// Who spoke first for it acts for it no more, and nobody else does.
        ContactLeft = "organisation.contact_left" { before: PersonId },
        /// Somebody was invited.
        Invited = "organisation.user_invited" { invitation: InvitationId, role: Role, email: String, expires_at: DateTime<Utc> },
        /// An invitation was accepted.
        InvitationAccepted = "organisation.invitation_accepted" { invitation: InvitationId, by: PersonId, grant: GrantId },
        /// An invitation was taken back.
        InvitationRevoked = "organisation.invitation_revoked" { invitation: InvitationId },
        /// Somebody no longer acts for it.
        UserRemoved = "organisation.user_removed" { person: PersonId, grant: GrantId, reason: Option<String> },
    }
}
