//! Completions of approved courses, and the achievements that they and other methods make.

mod corrections;

pub use corrections::Follows;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    AchievementId, AppealId, AttachmentId, BundleId, CandidacyId, CompletionId, CourseId, Finding,
    PersonId,
    certification::Method,
    competency::SetCode,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a completion stands.
    pub enum CompletionState {
        /// Handed in, not looked at yet.
        Recorded = "recorded",
        /// Verified by staff: it made an achievement.
        Verified = "verified",
        /// Refused by staff.
        Refused = "refused",
        /// It was withdrawn, or its achievement was voided: the course can be handed in again.
        Voided = "voided",
    }
}

words! {
    /// What shows that the course was completed.
    pub enum Proof {
        /// A roster that the provider signed.
        Roster = "roster",
        /// A completion form, verified by staff.
        CompletionForm = "completion_form",
    }
}

/// A candidate's completion of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Identity.
    pub id: CompletionId,
    /// The program.
    pub program: ProgramCode,
    /// The candidate.
    pub person: PersonId,
    /// The candidacy in which it counts.
    pub candidacy: CandidacyId,
    /// The course.
    pub course: CourseId,
    /// The competency set for which credit is claimed.
    pub set: SetCode,
    /// The day on which the course was completed.
    pub completed_on: NaiveDate,
    /// What shows it.
    pub proof: Proof,
    /// Where the proof is, an `https` address.
    pub proof_url: Option<String>,
    /// The completion form, as a file of the candidate's.
    pub form: Option<AttachmentId>,
    /// Where it stands.
    pub state: CompletionState,
    /// The day on which staff decided.
    pub decided_on: Option<NaiveDate>,
    /// Why staff refused it.
    pub reason: Option<String>,
    /// The findings of the decision.
    pub findings: Vec<Finding>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// The achievement of one competency set, whatever the method. One stands per candidate and set; it
/// can be voided with a reason and is never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Achievement {
    /// Identity.
    pub id: AchievementId,
    /// The program.
    pub program: ProgramCode,
    /// The candidate.
    pub person: PersonId,
    /// The candidacy.
    pub candidacy: CandidacyId,
    /// The set.
    pub set: SetCode,
    /// How.
    pub method: Method,
    /// The day from which it counts: never before the admission.
    pub achieved_on: NaiveDate,
    /// What shows it: the id of a completion, a bundle, a portfolio attempt or an agreement's graduate.
    pub evidence: String,
    /// The day on which it was voided.
    pub voided_on: Option<NaiveDate>,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Completion {
    /// The finding on whether staff can decide on it.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        let open = [CompletionState::Recorded];
        decision::state_finding("completion.state", act, self.state, &open)
    }

    /// Staff verified it: `credit` holds the findings of the credit rules, all of which must be
    /// satisfied, and it makes the achievement of its set.
    pub fn verify(
        mut self,
        achievement: AchievementId,
        credit: Vec<Finding>,
        admitted_on: NaiveDate,
        today: NaiveDate,
    ) -> Result<(Self, Achievement, [CompletionEvent; 2]), Refused> {
        let verified = self.verified(credit, today)?;
        let achieved = self.achievement(achievement, self.completed_on.max(admitted_on));
        let recorded = CompletionEvent::Achieved { after: achieved.clone() };
        Ok((self, achieved, [verified, recorded]))
    }

    /// It was verified as one of the courses of a bundle, and achieves nothing alone.
    pub fn verify_part(
        mut self,
        credit: Vec<Finding>,
        today: NaiveDate,
    ) -> Result<(Self, CompletionEvent), Refused> {
        let verified = self.verified(credit, today)?;
        Ok((self, verified))
    }

    fn verified(
        &mut self,
        credit: Vec<Finding>,
        today: NaiveDate,
    ) -> Result<CompletionEvent, Refused> {
        decision::by_state(vec![self.state_finding("verify the completion")])?;
        self.findings = decision::by_rule(credit)?;
        self.state = CompletionState::Verified;
        self.decided_on = Some(today);
        Ok(CompletionEvent::Verified { decided_on: today, findings: self.findings.clone() })
    }

    /// The achievement of its set, by this completion.
    fn achievement(&self, id: AchievementId, achieved_on: NaiveDate) -> Achievement {
        Achievement {
            id,
            program: self.program.clone(),
            person: self.person,
            candidacy: self.candidacy,
            set: self.set.clone(),
            method: Method::Course,
            achieved_on,
            evidence: self.id.to_string(),
            voided_on: None,
            void_reason: None,
            version: 1,
        }
    }

    /// The achievement that this completion, the last verified one of a bundle's courses, makes; the
    /// last of them was completed on `completed_on`.
    #[must_use]
    pub fn achieve_bundle(
        &self,
        achievement: AchievementId,
        bundle: BundleId,
        completed_on: NaiveDate,
        admitted_on: NaiveDate,
    ) -> (Achievement, CompletionEvent) {
        let mut achieved = self.achievement(achievement, completed_on.max(admitted_on));
        achieved.evidence = bundle.to_string();
        let event = CompletionEvent::Achieved { after: achieved.clone() };
        (achieved, event)
    }

    /// Staff refused it.
    pub fn refuse(
        mut self,
        credit: Vec<Finding>,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, CompletionEvent), Refused> {
        decision::by_state(vec![self.state_finding("refuse the completion")])?;
        self.state = CompletionState::Refused;
        self.decided_on = Some(today);
        self.reason = Some(reason.clone());
        self.findings.clone_from(&credit);
        Ok((self, CompletionEvent::Refused { decided_on: today, reason, findings: credit }))
    }
}

impl Completion {
    /// Its achievement was voided.
    #[must_use]
    pub fn void(mut self, reason: String, today: NaiveDate) -> (Self, CompletionEvent) {
        self.state = CompletionState::Voided;
        self.reason = Some(reason.clone());
        (self, CompletionEvent::CompletionVoided { voided_on: today, reason })
    }
}

impl Achievement {
    /// Whether it stands on `as_of`: achieved by then, and not voided by then.
    #[must_use]
    pub fn stands_on(&self, as_of: NaiveDate) -> bool {
        self.achieved_on <= as_of && self.voided_on.is_none_or(|voided| as_of < voided)
    }

    /// The findings on voiding it. While a certification rests on it, revocation comes first.
    #[must_use]
    pub fn void_findings(&self, certificate: Option<&str>) -> Vec<Finding> {
        let stands = self.voided_on.is_none();
        vec![
            Finding::new(
                "achievement.stands",
                "life cycle",
                stands,
                "standing",
                if stands { "standing" } else { "voided" },
                "Only a standing achievement can be voided.",
            ),
            Finding::new(
                "achievement.not_certified",
                "life cycle",
                certificate.is_none(),
                "no certification rests on it",
                certificate
                    .map_or_else(|| "none".to_owned(), |number| format!("certification {number}")),
                "A certification that rests on the achievement is revoked first.",
            ),
        ]
    }

    /// Voids it from today on.
    pub fn void(
        mut self,
        reason: String,
        certificate: Option<&str>,
        today: NaiveDate,
    ) -> Result<(Self, CompletionEvent), Refused> {
        decision::by_state(self.void_findings(certificate))?;
        self.voided_on = Some(today);
        self.void_reason = Some(reason.clone());
        let event = CompletionEvent::Voided {
            achievement: self.id,
            set: self.set.clone(),
            voided_on: today,
            reason,
        };
        Ok((self, event))
    }
}

/// What a completion's proof and claim are, as its event tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The course.
    pub course: CourseId,
    /// The set.
    pub set: SetCode,
    /// The day of completion.
    pub completed_on: NaiveDate,
    /// The proof.
    pub proof: Proof,
}

impl From<&Completion> for Claim {
    fn from(completion: &Completion) -> Self {
        Self {
            course: completion.course,
            set: completion.set.clone(),
            completed_on: completion.completed_on,
            proof: completion.proof,
        }
    }
}

facts! {
    /// What happens to completions and achievements.
    pub enum CompletionEvent {
        /// A completion was handed in.
        Recorded = "completion.recorded" { after: Claim },
        /// Staff verified it.
        Verified = "completion.verified" { decided_on: NaiveDate, findings: Vec<Finding> },
        /// Staff refused it.
        Refused = "completion.refused" { decided_on: NaiveDate, reason: String, findings: Vec<Finding> },
        /// The day of completion was corrected and the credit judged again.
        Corrected = "completion.corrected" { before: NaiveDate, after: NaiveDate, reason: String, state: CompletionState, findings: Vec<Finding> },
        /// Its refusal was set aside by an appeal.
        Reopened = "completion.reopened" { appeal: AppealId },
        /// It was withdrawn.
        Withdrawn = "completion.withdrawn" { before: CompletionState, withdrawn_on: NaiveDate, reason: String },
        /// Its achievement was voided.
        CompletionVoided = "completion.voided" { voided_on: NaiveDate, reason: String },
        /// A set was achieved.
        Achieved = "achievement.recorded" { after: Achievement },
        /// The day of an achievement followed the correction of its completion.
        Redated = "achievement.corrected" { before: NaiveDate, after: NaiveDate, reason: String },
        /// An achievement was voided.
        Voided = "achievement.voided" { achievement: AchievementId, set: SetCode, voided_on: NaiveDate, reason: String },
    }
}
