//! People: one record each; e-mail is an attribute, never the identity.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    AttachmentId, EmailId, Finding, MembershipId, NameChangeId, PersonId,
    decision::{self, Refused},
    facts,
    life::{Life, PersonState},
    program::ProgramCode,
    words,
};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// Given names, as the person writes them.
    pub given_name: String,
    /// Family name, as the person writes it.
    pub family_name: String,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// What became of them.
    pub life: Life,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Person {
    /// The name as a certificate prints it.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// An e-mail address of a person. The first is primary; exactly one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// Identity.
    pub id: EmailId,
    /// Whose.
    pub person: PersonId,
    /// As the person writes it.
    pub address: String,
    /// Whether notices go here.
    pub is_primary: bool,
    /// When control of the address was shown.
    pub verified_at: Option<DateTime<Utc>>,
}

impl Email {
    /// Refused while nobody has shown control of the address: whoever reads the primary one can take
    /// the account over.
    pub fn may_be_primary(&self) -> Result<(), Refused> {
        let verified = self.verified_at.is_some();
        let (actual, message) = if verified {
            ("verified", "Control of the address was shown.")
        } else {
            ("not verified", "Use the token of the mail that went to this address first.")
        };
        let finding =
            Finding::new("email.verified", "house rule", verified, "verified", actual, message);
        decision::by_state(vec![finding]).map(drop)
    }
}

/// The form of an address by which two of them are the same: lower case.
#[must_use]
pub fn fold_email(address: &str) -> String {
    address.trim().to_lowercase()
}

words! {
    /// Where a claimed ALA membership stands.
    pub enum MembershipState {
        /// Claimed by the person, not verified yet: the full price holds.
        Claimed = "claimed",
        /// Verified by staff for a period: the member price holds in it.
        Verified = "verified",
        /// Staff found no such membership.
        Rejected = "rejected",
    }
}

/// An ALA membership (FAQ 21: members pay less; FAQ 23: none is needed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Identity.
    pub id: MembershipId,
    /// Whose.
    pub person: PersonId,
    /// The program to which it was shown.
    pub program: ProgramCode,
    /// The membership number, as claimed.
    pub number: String,
    /// Where the claim stands.
    pub state: MembershipState,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// When staff decided on it.
    pub decided_at: Option<DateTime<Utc>>,
    /// First day of validity, once verified.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity, once verified.
    pub valid_until: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Membership {
    /// Whether the member price holds on `day`: verified, and valid that day.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.state == MembershipState::Verified
            && self.valid_from.is_some_and(|from| from <= day)
            && self.valid_until.is_some_and(|until| day <= until)
    }

    /// Staff found the membership, valid in the closed period from `from` to `until`.
    pub fn verify(
        mut self,
        from: NaiveDate,
        until: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(Self, PersonEvent), Refused> {
        self.decidable("verify the membership")?;
        self.state = MembershipState::Verified;
        self.decided_at = Some(now);
        self.valid_from = Some(from);
        self.valid_until = Some(until);
        let event = PersonEvent::MembershipVerified {
            membership: self.id,
            valid_from: from,
            valid_until: until,
        };
        Ok((self, event))
    }

    /// Staff found no such membership.
    pub fn reject(
        mut self,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<(Self, PersonEvent), Refused> {
        self.decidable("reject the membership")?;
        self.state = MembershipState::Rejected;
        self.decided_at = Some(now);
        let event = PersonEvent::MembershipRejected { membership: self.id, reason };
        Ok((self, event))
    }

    /// What was claimed, or even verified, is taken back: it counts no more.
    pub fn retract(
        mut self,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<(Self, PersonEvent), Refused> {
        let open = [MembershipState::Claimed, MembershipState::Verified];
        let act = "take the membership back";
        let finding = decision::state_finding("membership.state", act, self.state, &open);
        decision::by_state(vec![finding])?;
        self.state = MembershipState::Rejected;
        self.decided_at = Some(now);
        let event = PersonEvent::MembershipRejected { membership: self.id, reason };
        Ok((self, event))
    }

    /// A verification is taken back: the membership is claimed, as it was before.
    pub fn reopen(mut self, reason: String) -> Result<(Self, PersonEvent), Refused> {
        let verified = [MembershipState::Verified];
        let act = "take the verification back";
        let finding = decision::state_finding("membership.state", act, self.state, &verified);
        decision::by_state(vec![finding])?;
        self.state = MembershipState::Claimed;
        (self.decided_at, self.valid_from, self.valid_until) = (None, None, None);
        let event = PersonEvent::MembershipReopened { membership: self.id, reason };
        Ok((self, event))
    }

    fn decidable(&self, act: &str) -> Result<(), Refused> {
        let open = [MembershipState::Claimed];
        decision::by_state(vec![decision::state_finding(
            "membership.state",
            act,
            self.state,
            &open,
        )])
        .map(drop)
    }
}

/// Both names of a person, as events tell them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Names {
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
}

impl From<&Person> for Names {
    fn from(person: &Person) -> Self {
        Self { given_name: person.given_name.clone(), family_name: person.family_name.clone() }
    }
}

facts! {
    /// What happens to people.
    pub enum PersonEvent {
        /// Somebody registered.
        Registered = "person.registered" { after: Names },
        /// Their names changed.
        Renamed = "person.renamed" { before: Names, after: Names },
        /// They retired.
        Retired = "person.retired" { retired_on: NaiveDate },
        /// They died.
        Deceased = "person.deceased" { deceased_on: NaiveDate },
        /// They are active again.
        Restored = "person.restored" { before: PersonState, reason: Option<String> },
        /// Their personal data was removed.
        Erased = "person.erased" { erased_on: NaiveDate },
        /// Other names were asked for, with proof.
        NameChangeRequested = "person.name_change_requested" { name_change: NameChangeId, after: Names, proof: AttachmentId },
        /// The office approved other names.
        NameChangeApproved = "person.name_change_approved" { name_change: NameChangeId },
        /// The office declined other names.
        NameChangeDeclined = "person.name_change_declined" { name_change: NameChangeId, reason: String },
        /// An e-mail address was added.
        EmailAdded = "person.email_added" { email: EmailId, address: String },
        /// An e-mail address was removed.
        EmailRemoved = "person.email_removed" { email: EmailId, address: String },
        /// A mail by which control of an e-mail address can be shown was asked for.
        VerificationRequested = "person.email_verification_requested" { email: EmailId, address: String },
        /// Control of an e-mail address was shown.
        EmailVerified = "person.email_verified" { email: EmailId, address: String },
        /// Another e-mail address became the primary one, instead of `before`.
        EmailMadePrimary = "person.email_made_primary" { email: EmailId, address: String, before: String },
        /// An ALA membership was claimed.
        MembershipClaimed = "membership.claimed" { membership: MembershipId, number: String },
        /// An ALA membership was verified.
        MembershipVerified = "membership.verified" { membership: MembershipId, valid_from: NaiveDate, valid_until: NaiveDate },
        /// An ALA membership was rejected.
        MembershipRejected = "membership.rejected" { membership: MembershipId, reason: String },
        /// The verification of a membership was taken back: it is claimed again.
        MembershipReopened = "membership.reopened" { membership: MembershipId, reason: String },
    }
}
