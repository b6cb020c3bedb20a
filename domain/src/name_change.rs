//! Name changes: asked for with proof, decided by the office; every certificate of the person that still stands
//! is reissued under its number (FAQ 20).

use chrono::NaiveDate;

use crate::{
    AttachmentId, Finding, NameChangeId, PersonId,
    certificate::{Certification, CertificationEvent, Edition},
    certification::term::CertificationStatus,
    decision::{self, Refused},
    person::{Names, Person, PersonEvent},
    words,
};

words! {
    /// Where a name change stands.
    pub enum NameChangeState {
        /// Asked for.
        Requested = "requested",
        /// The person has the new name.
        Approved = "approved",
        /// The person keeps the old one.
        Declined = "declined",
    }
}

/// A change of a person's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameChange {
    /// Identity.
    pub id: NameChangeId,
    /// Whose names.
    pub person: PersonId,
    /// The names when it was asked for.
    pub before: Names,
    /// The names asked for.
    pub names: Names,
    /// The file that proves it; none once it was erased.
    pub proof: Option<AttachmentId>,
    /// Where it stands.
    pub state: NameChangeState,
    /// The day on which it was asked for.
    pub requested_on: NaiveDate,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl NameChange {
    /// Somebody asks for other names than they have.
    pub fn request(
        id: NameChangeId,
        person: &Person,
        names: Names,
        proof: AttachmentId,
        today: NaiveDate,
    ) -> Result<(Self, PersonEvent), Refused> {
        let before = Names::from(person);
        let differs = before != names;
        decision::by_rule(vec![Finding::new(
            "name_change.differs",
            "house rule",
            differs,
            "other names than now",
            if differs { "other names" } else { "the names of now" },
            "A name change asks for other names.",
        )])?;
        let event =
            PersonEvent::NameChangeRequested { name_change: id, after: names.clone(), proof };
        let change = Self {
            id,
            person: person.id,
            before,
            names,
            proof: Some(proof),
            state: NameChangeState::Requested,
            requested_on: today,
            decided_on: None,
            reason: None,
            version: 1,
        };
        Ok((change, event))
    }

    /// The finding on whether it can be decided.
    #[must_use]
    pub fn open_finding(&self) -> Finding {
        let open = [NameChangeState::Requested];
        decision::state_finding("name_change.state", "decide on the name change", self.state, &open)
    }

    /// The office approves: the person has the names from now on.
    pub fn approve(
        mut self,
        mut person: Person,
        today: NaiveDate,
    ) -> Result<(Self, Person, [PersonEvent; 2]), Refused> {
        decision::by_state(vec![self.open_finding()])?;
        self.state = NameChangeState::Approved;
        self.decided_on = Some(today);
        let before = Names::from(&person);
        let after = self.names.clone();
        person.given_name.clone_from(&after.given_name);
        person.family_name.clone_from(&after.family_name);
        let approved = PersonEvent::NameChangeApproved { name_change: self.id };
        Ok((self, person, [approved, PersonEvent::Renamed { before, after }]))
    }

    /// The office declines.
    pub fn decline(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, PersonEvent), Refused> {
        decision::by_state(vec![self.open_finding()])?;
        self.state = NameChangeState::Declined;
        self.decided_on = Some(today);
        self.reason = Some(reason.clone());
        let event = PersonEvent::NameChangeDeclined { name_change: self.id, reason };
        Ok((self, event))
    }
}

/// The finding on changing names without proof: who holds a certification does not.
#[must_use]
pub fn free_names_finding(certifications: &[Certification], today: NaiveDate) -> Finding {
    let held = certifications.iter().find(|one| one.is_printed(today));
    Finding::new(
        "person.names_by_name_change",
        "house rule",
        held.is_none(),
        "no certificate that still stands",
        held.map_or_else(|| "none".to_owned(), |one| one.number.to_string()),
        "Who holds a certificate asks for a name change, with proof.",
    )
}

impl Certification {
    /// Whether a print of it is of use on `today`: it has neither lapsed nor been revoked.
    #[must_use]
    pub fn is_printed(&self, today: NaiveDate) -> bool {
        !matches!(
            self.status(today),
            Some(CertificationStatus::Lapsed | CertificationStatus::Revoked)
        )
    }

    /// The finding on whether it is printed on `today`.
    #[must_use]
    pub fn print_finding(&self, today: NaiveDate) -> Finding {
        let printed = self.is_printed(today);
        Finding::new(
            "certification.printed",
            "FAQ 19",
            printed,
            "neither lapsed nor revoked",
            self.status(today).map_or_else(|| "not begun".to_owned(), |status| status.to_string()),
            "A certificate that lapsed or was revoked is not printed any more.",
        )
    }

    /// The edition in force.
    #[must_use]
    pub fn edition(&self) -> u32 {
        self.editions.last().map_or(1, |one| one.edition)
    }

    /// Prints it anew under its number, with the name of now. None where the name is the same, or no print is
    /// of use any more.
    #[must_use]
    pub fn reissue(
        mut self,
        holder_name: String,
        today: NaiveDate,
    ) -> Option<(Self, CertificationEvent)> {
        if self.holder_name == holder_name || !self.is_printed(today) {
            return None;
        }
        let edition = self.edition().saturating_add(1);
        let before = std::mem::replace(&mut self.holder_name, holder_name.clone());
        self.editions.push(Edition { edition, holder_name: holder_name.clone(), issued_on: today });
        let event = CertificationEvent::Reissued { edition, before, after: holder_name };
        Some((self, event))
    }
}
