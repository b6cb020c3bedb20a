//! The decisions on a graduate, and the credit that follows.

use chrono::NaiveDate;

use super::{Graduate, GraduateEvent, GraduateState};
use crate::{
    AchievementId, AppealId, Finding, Word,
    agreement::Agreement,
    candidacy::{Candidacy, CandidacyStatus},
    certificate::Certification,
    certification::{Method, term::CertificationStatus},
    competency::SetCode,
    completion::{Achievement, CompletionEvent},
    decision::{self, Refused},
    policy::RecognitionPolicy,
};

/// The proof of a graduate whom the college posted, as findings tell it.
const POSTED: &str = "posted by the college";

impl Graduate {
    /// Every finding on verifying it: the graduation, its proof, and that its person is known.
    #[must_use]
    pub fn verification_findings(
        &self,
        agreement: &Agreement,
        policy: &RecognitionPolicy,
    ) -> Vec<Finding> {
        let posted = self.state == GraduateState::Posted;
        let proof = posted || self.transcript.is_some();
        let known = self.person.is_some();
        let mut findings = self.graduation_findings(agreement, policy);
        findings.push(Finding::new(
            "recognition.proof",
            "FAQ 12",
            proof,
            "posted by the college, or a transcript that staff checked",
            match (posted, proof) {
                (true, _) => POSTED,
                (false, true) => "a transcript",
                (false, false) => "missing",
            },
            "The college posts its graduates, or staff check a transcript.",
        ));
        findings.push(Finding::new(
            "recognition.person_known",
            "FAQ 12",
            known,
            "a registered person",
            if known { "known" } else { "nobody yet" },
            "A graduate is verified for the person who registered with this address and name.",
        ));
        findings
    }

    /// Verified: by the office's check of a transcript, or by the college's own posting.
    pub fn verify(
        mut self,
        agreement: &Agreement,
        policy: &RecognitionPolicy,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, GraduateEvent), Refused> {
        decision::by_state(vec![self.state_finding("verify the graduate")])?;
        let findings = decision::by_rule(self.verification_findings(agreement, policy))?;
        self.state = GraduateState::Verified;
        self.decided_on = Some(today);
        self.decided_by = Some(by);
        self.findings.clone_from(&findings);
        Ok((self, GraduateEvent::Verified { decided_on: today, findings }))
    }

    /// Refused, with the findings and a reason.
    pub fn refuse(
        mut self,
        findings: Vec<Finding>,
        reason: String,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, GraduateEvent), Refused> {
        decision::by_state(vec![self.state_finding("refuse the graduate")])?;
        self.state = GraduateState::Refused;
        self.decided_on = Some(today);
        self.decided_by = Some(by);
        self.reason = Some(reason.clone());
        self.findings.clone_from(&findings);
        Ok((self, GraduateEvent::Refused { decided_on: today, reason, findings }))
    }

    /// Its refusal was set aside: it waits for the office as before, `confirmed` by the college or not.
    pub fn reopen(
        mut self,
        confirmed: bool,
        appeal: AppealId,
    ) -> Result<(Self, GraduateEvent), Refused> {
        let refused = [GraduateState::Refused];
        let act = "decide on the graduate anew";
        decision::by_state(vec![decision::state_finding(
            "graduate.state",
            act,
            self.state,
            &refused,
        )])?;
        let by_college = confirmed || self.transcript.is_none();
        self.state = if by_college { GraduateState::Posted } else { GraduateState::Claimed };
        self.decided_on = None;
        self.decided_by = None;
        self.reason = None;
        self.findings.clear();
        Ok((self, GraduateEvent::Reopened { appeal }))
    }

    /// Whether the college's word was the proof when it was decided on.
    fn decided_as_posted(&self) -> bool {
        let posted = |one: &Finding| one.rule == "recognition.proof" && one.actual == POSTED;
        self.transcript.is_none() || self.findings.iter().any(posted)
    }

    /// The finding that the office refused what the college posts: its word does not set that aside. None
    /// where it was not refused, or was by a transcript alone.
    #[must_use]
    pub fn refusal_finding(&self) -> Option<Finding> {
        let reason = self.reason.as_ref().filter(|_| self.state == GraduateState::Refused)?;
        self.decided_as_posted().then(|| {
            Finding::new(
                "graduate.not_refused",
                "house rule",
                false,
                "not refused by the office",
                "refused",
                format!("The office refused this graduate: {reason}"),
            )
        })
    }

    /// The findings on withdrawing: it stands, and is not credited.
    #[must_use]
    pub fn withdrawal_findings(&self) -> Vec<Finding> {
        let open = [GraduateState::Posted, GraduateState::Claimed, GraduateState::Verified];
        let state =
            decision::state_finding("graduate.state", "withdraw the graduate", self.state, &open);
        vec![state, self.not_credited()]
    }

    /// Withdrawn by the college that posted it or the person who claims it; not once it is credited.
    pub fn withdraw(mut self, reason: String) -> Result<(Self, GraduateEvent), Refused> {
        decision::by_state(self.withdrawal_findings())?;
        self.state = GraduateState::Withdrawn;
        self.reason = Some(reason.clone());
        Ok((self, GraduateEvent::Withdrawn { reason }))
    }

    fn not_credited(&self) -> Finding {
        let free = self.candidacy.is_none();
        Finding::new(
            "graduate.not_credited",
            "life cycle",
            free,
            "not credited yet",
            if free { "not credited" } else { "credited" },
            "A graduate is credited in one candidacy that runs or is certified.",
        )
    }

    /// The graduate as a later candidacy finds it: where the one that got the credit, `credited`, expired, was
    /// withdrawn or led to a certification that lapsed, it can be credited anew.
    #[must_use]
    pub fn free_of(
        mut self,
        credited: &Candidacy,
        certification: Option<&Certification>,
        today: NaiveDate,
    ) -> Self {
        let lapsed = Some(CertificationStatus::Lapsed);
        let over = match credited.status(today) {
            CandidacyStatus::Active | CandidacyStatus::OnHold => false,
            CandidacyStatus::Expired | CandidacyStatus::Withdrawn => true,
            CandidacyStatus::Completed => {
                certification.is_some_and(|one| one.status(today) == lapsed)
            }
        };
        if self.candidacy == Some(credited.id) && over {
            self.candidacy = None;
        }
        self
    }

    /// An achievement that rested on it was voided: it waits for a decision again, and is credited anew
    /// when it is verified. None where another candidacy has its credit by now.
    #[must_use]
    pub fn void_credit(
        mut self,
        voided: &Achievement,
        reason: String,
    ) -> Option<(Self, GraduateEvent)> {
        if self.candidacy != Some(voided.candidacy) {
            return None;
        }
        let posted = self.decided_as_posted();
        self.state = if posted { GraduateState::Posted } else { GraduateState::Claimed };
        self.candidacy = None;
        self.decided_on = None;
        self.decided_by = None;
        self.findings.clear();
        Some((self, GraduateEvent::CreditVoided { achievement: voided.id, reason }))
    }

    /// Whether its person is a verified graduate whose sets can be credited: what a provisional
    /// acceptance rests on.
    #[must_use]
    pub fn recognised_finding(&self) -> Finding {
        let verified = self.state == GraduateState::Verified && self.candidacy.is_none();
        Finding::new(
            "recognition.verified_graduate",
            "FAQ 12",
            verified,
            "a verified graduate",
            if self.candidacy.is_some() { "credited already" } else { self.state.as_str() },
            "A verified graduate of a recognised program may show the hours of work later.",
        )
    }

    /// Credits every covered set to the candidacy at once; a set of `standing` that is achieved another
    /// way is kept. The sets are those of the version in force on the day of graduation. `new_id` hands
    /// out the ids.
    pub fn credit(
        mut self,
        agreement: &Agreement,
        candidacy: &Candidacy,
        standing: &[SetCode],
        mut new_id: impl FnMut() -> AchievementId,
    ) -> Result<(Self, Vec<Achievement>, Vec<CompletionEvent>, GraduateEvent), Refused> {
        let state = decision::state_finding(
            "graduate.state",
            "credit the graduate",
            self.state,
            &[GraduateState::Verified],
        );
        let same = self.person == Some(candidacy.person);
        let own = Finding::new(
            "graduate.own_candidacy",
            "FAQ 12",
            same,
            "a candidacy of the graduate",
            if same { "the graduate's" } else { "somebody else's" },
            "A graduate is credited in their own candidacy.",
        );
        decision::by_state(vec![state, self.not_credited(), own])?;
        let version = agreement.version_on(self.graduated_on);
        let covered =
            version.map(|one| one.terms.covered_on(self.graduated_on)).unwrap_or_default();
        let (kept, new): (Vec<_>, Vec<_>) =
            covered.into_iter().partition(|set| standing.contains(set));
        let achieved: Vec<_> =
            new.iter().map(|set| self.achievement(new_id(), candidacy, set.clone())).collect();
        let made = |after: &Achievement| CompletionEvent::Achieved { after: after.clone() };
        let events = achieved.iter().map(made).collect();
        self.candidacy = Some(candidacy.id);
        let event = GraduateEvent::Credited { candidacy: candidacy.id, achieved: new, kept };
        Ok((self, achieved, events, event))
    }

    fn achievement(&self, id: AchievementId, candidacy: &Candidacy, set: SetCode) -> Achievement {
        Achievement {
            id,
            program: candidacy.program.clone(),
            person: candidacy.person,
            candidacy: candidacy.id,
            set,
            method: Method::Recognition,
            achieved_on: self.graduated_on.max(candidacy.admitted_on),
            evidence: self.id.to_string(),
            voided_on: None,
            void_reason: None,
            version: 1,
        }
    }
}
