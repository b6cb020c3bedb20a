//! Graduates under an agreement: posted by the college, or claimed by the person with a transcript; once
//! verified and admitted, every covered set is achieved at once (FAQ 12).

mod acts;

use chrono::{DateTime, NaiveDate, Utc};

use super::Agreement;
use crate::{
    AchievementId, AgreementId, AppealId, AttachmentId, CandidacyId, Finding, GraduateId,
    OrganisationId, PersonId,
    competency::SetCode,
    decision::{self, Refused},
    facts,
    identity::{Named, identity_key},
    policy::RecognitionPolicy,
    program::ProgramCode,
    recognition, words,
};

/// The most graduates of one batch.
pub const MAX_GRADUATES: usize = 1_000;

words! {
    /// Where a graduate stands.
    pub enum GraduateState {
        /// Posted by the college: its word is the proof.
        Posted = "posted",
        /// Claimed by the person: staff check the transcript.
        Claimed = "claimed",
        /// Verified: the graduation counts.
        Verified = "verified",
        /// Refused, with reasons.
        Refused = "refused",
        /// Withdrawn by the college or the person.
        Withdrawn = "withdrawn",
    }
}

/// Somebody who graduated from a recognised program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graduate {
    /// Identity.
    pub id: GraduateId,
    /// The program.
    pub program: ProgramCode,
    /// The agreement.
    pub agreement: AgreementId,
    /// Its college.
    pub college: OrganisationId,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The day of graduation.
    pub graduated_on: NaiveDate,
    /// Where it stands.
    pub state: GraduateState,
    /// Who it is, once that is known.
    pub person: Option<PersonId>,
    /// The transcript, of one who claims it.
    pub transcript: Option<AttachmentId>,
    /// When it was posted or claimed.
    pub recorded_at: DateTime<Utc>,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Why it was refused or withdrawn.
    pub reason: Option<String>,
    /// The findings of the decision.
    pub findings: Vec<Finding>,
    /// The candidacy that got the credit.
    pub candidacy: Option<CandidacyId>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// The finding on whether who claims a graduation has shown control of the address under which it is kept.
#[must_use]
pub fn address_finding(verified: bool) -> Finding {
    Finding::new(
        "graduate.address_verified",
        "house rule",
        verified,
        "a verified primary address",
        if verified { "verified" } else { "not verified" },
        "Who claims a graduation confirms their e-mail address first.",
    )
}

/// What a college posts, or a person claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graduation {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The day.
    pub graduated_on: NaiveDate,
}

impl Graduate {
    /// The college posts a graduate; refused where the graduation does not fall under the agreement.
    pub fn post(
        id: GraduateId,
        agreement: &Agreement,
        graduation: Graduation,
        policy: &RecognitionPolicy,
        now: DateTime<Utc>,
    ) -> Result<(Self, GraduateEvent), Refused> {
        let graduate = Self::new(id, agreement, graduation, None, now);
        decision::by_rule(graduate.graduation_findings(agreement, policy))?;
        let event =
            GraduateEvent::Posted { agreement: agreement.id, graduated_on: graduate.graduated_on };
        Ok((graduate, event))
    }

    /// The person claims to be a graduate, with a transcript that staff check.
    #[must_use]
    pub fn claim(
        id: GraduateId,
        agreement: &Agreement,
        graduation: Graduation,
        (person, transcript): (PersonId, AttachmentId),
        now: DateTime<Utc>,
    ) -> (Self, GraduateEvent) {
        let graduate = Self::new(id, agreement, graduation, Some((person, transcript)), now);
        let event = GraduateEvent::Claimed {
            agreement: agreement.id,
            graduated_on: graduate.graduated_on,
            transcript,
        };
        (graduate, event)
    }

    fn new(
        id: GraduateId,
        agreement: &Agreement,
        graduation: Graduation,
        claimed: Option<(PersonId, AttachmentId)>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            program: agreement.program.clone(),
            agreement: agreement.id,
            college: agreement.college,
            name: graduation.name,
            email: graduation.email,
            graduated_on: graduation.graduated_on,
            state: claimed.map_or(GraduateState::Posted, |_| GraduateState::Claimed),
            person: claimed.map(|(person, _)| person),
            transcript: claimed.map(|(_, transcript)| transcript),
            recorded_at: now,
            decided_on: None,
            decided_by: None,
            reason: None,
            findings: Vec::new(),
            candidacy: None,
            version: 1,
        }
    }

    /// How it names its person.
    #[must_use]
    pub fn named(&self) -> Named {
        let (email, name) = (Some(self.email.clone()), Some(self.name.clone()));
        Named { candidacy: None, email, name }
    }

    /// What it waits under until its person comes.
    #[must_use]
    pub fn key(&self) -> String {
        identity_key(&self.email, &self.name)
    }

    /// The findings on the graduation: the agreement was signed, and the day lies in its window, an early
    /// end included (FAQ 16).
    #[must_use]
    pub fn graduation_findings(
        &self,
        agreement: &Agreement,
        policy: &RecognitionPolicy,
    ) -> Vec<Finding> {
        let signed = agreement.signed_on.zip(agreement.last_day());
        let mut findings = vec![Finding::new(
            "recognition.agreement_signed",
            "FAQ 12",
            signed.is_some(),
            "a signed agreement",
            agreement.state.to_string(),
            "Graduates are recognised under a signed agreement.",
        )];
        if let Some((signed_on, last)) = signed {
            findings.push(recognition::graduate_finding(
                self.graduated_on,
                signed_on,
                last,
                policy,
            ));
        }
        findings
    }

    /// The finding on whether `act` is legal before it is decided.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        let open = [GraduateState::Posted, GraduateState::Claimed];
        decision::state_finding("graduate.state", act, self.state, &open)
    }

    /// The college posts who claimed it before: from now on its word is the proof, and its day counts.
    /// Refused where the graduation does not fall under the agreement; nothing unless it is `claimed`.
    pub fn confirm(
        mut self,
        agreement: &Agreement,
        graduated_on: NaiveDate,
        policy: &RecognitionPolicy,
    ) -> Result<Option<(Self, GraduateEvent)>, Refused> {
        if self.state != GraduateState::Claimed {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.graduated_on, graduated_on);
        decision::by_rule(self.graduation_findings(agreement, policy))?;
        self.state = GraduateState::Posted;
        Ok(Some((self, GraduateEvent::Confirmed { before, after: graduated_on })))
    }

    /// Its person is known now; nothing where it was before.
    #[must_use]
    pub fn matched(mut self, person: PersonId) -> Option<(Self, GraduateEvent)> {
        if self.person.is_some() {
            return None;
        }
        self.person = Some(person);
        Some((self, GraduateEvent::Matched { person }))
    }
}

facts! {
    /// What happens to graduates. Names and addresses stand in none.
    pub enum GraduateEvent {
        /// The college posted one.
        Posted = "graduate.posted" { agreement: AgreementId, graduated_on: NaiveDate },
        /// A person claims to be one.
        Claimed = "graduate.claimed" { agreement: AgreementId, graduated_on: NaiveDate, transcript: AttachmentId },
        /// The college posted who had claimed it: the college's word stands for the transcript.
        Confirmed = "graduate.confirmed" { before: NaiveDate, after: NaiveDate },
        /// Its person is known.
        Matched = "graduate.matched" { person: PersonId },
        /// It was verified.
        Verified = "graduate.verified" { decided_on: NaiveDate, findings: Vec<Finding> },
        /// It was refused.
        Refused = "graduate.refused" { decided_on: NaiveDate, reason: String, findings: Vec<Finding> },
        /// Its refusal was set aside by an appeal.
        Reopened = "graduate.reopened" { appeal: AppealId },
        /// It was withdrawn.
        Withdrawn = "graduate.withdrawn" { reason: String },
        /// An achievement that rested on it was voided: it waits for a decision again.
        CreditVoided = "graduate.credit_voided" { achievement: AchievementId, reason: String },
        /// Its covered sets were achieved at once.
        Credited = "graduate.credited" { candidacy: CandidacyId, achieved: Vec<SetCode>, kept: Vec<SetCode> },
    }
}
