//! The acts on an agreement.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Agreement, AgreementAct, AgreementAdvice, AgreementEvent, AgreementReview, AgreementState,
    AgreementTerms, AgreementVersion, College, Pending, REVIEWS_NEEDED,
};
use crate::{
    AgreementId, Finding,
    course::review::Reviewer,
    decision::{self, Refused},
    policy::RecognitionPolicy,
    recognition::{self, Coverage, CoverageOutcome},
    text,
};

/// What an agreement is signed on, or a change of one adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The day of signing, not after today; of a change, the first day on which it is in force.
    pub on: NaiveDate,
    /// Today.
    pub today: NaiveDate,
    /// The version of the competency sets in force.
    pub framework_version: i64,
    /// [`AgreementTerms::coverage`] of the pending text on that day.
    pub coverage: CoverageOutcome,
}

impl Signing {
    /// A full agreement satisfies every finding; a partial one names its conditions.
    fn coverage_findings(&self) -> Vec<Finding> {
        let partial = self.coverage.outcome == Coverage::Partial;
        let counts = |one: &&Finding| !partial || one.rule == "recognition.conditions_named";
        self.coverage.findings.iter().filter(counts).cloned().collect()
    }
}

impl Agreement {
    fn legal(&self, act: AgreementAct) -> Result<(), Refused> {
        decision::by_state(vec![self.state_finding(act)]).map(drop)
    }

    /// A new draft with a college that acts.
    pub fn draft(
        id: AgreementId,
        college: &College,
        terms: AgreementTerms,
        by: String,
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![college.standing.active_finding(today)])?;
        let event = AgreementEvent::Drafted { college: college.id, after: terms.clone() };
        let draft = Self {
            id,
            program: college.program.clone(),
            college: college.id,
            state: AgreementState::Draft,
            pending: Some(Pending {
                terms,
                reason: None,
                requested_by: by,
                authors: Vec::new(),
                requested_on: today,
                reviews: Vec::new(),
            }),
            versions: Vec::new(),
            signed_on: None,
            ends_on: None,
            ended_on: None,
            end_reason: None,
            yearly_reviews: Vec::new(),
            created_at: now,
            version: 1,
        };
        Ok((draft, event))
    }

    /// Changes the draft; its reviews begin anew.
    pub fn update(
        mut self,
        after: AgreementTerms,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, AgreementEvent), Refused> {
        self.legal(AgreementAct::Update)?;
        let before = self.pending.take();
        let mut authors = Vec::new();
        for one in before.iter().flat_map(|one| one.authors.iter().chain([&one.requested_by])) {
            if *one != by && !authors.contains(one) {
                authors.push(one.clone());
            }
        }
        self.pending = Some(Pending {
            terms: after.clone(),
            reason: None,
            requested_by: by,
            authors,
            requested_on: today,
            reviews: Vec::new(),
        });
        let before = before.map(|pending| pending.terms);
        Ok((self, AgreementEvent::Updated { before, after }))
    }

    /// Hands the draft to its reviewers.
    pub fn submit(mut self, today: NaiveDate) -> Result<(Self, AgreementEvent), Refused> {
        self.legal(AgreementAct::Submit)?;
        self.state = AgreementState::InReview;
        Ok((self, AgreementEvent::Submitted { on: today }))
    }

    /// The findings on whether somebody may review the pending text: nobody twice, nobody who wrote it,
    /// nobody of the college.
    #[must_use]
    pub fn reviewer_findings(&self, reviewer: &Reviewer, college: &College) -> Vec<Finding> {
        let reviews = self.pending.iter().flat_map(|pending| &pending.reviews);
        let twice = reviews.into_iter().any(|one| one.reviewer == reviewer.person);
        let own = self.pending.as_ref().is_some_and(|pending| pending.is_by(reviewer.person));
        let mut findings = vec![
            Finding::new(
                "review.once",
                "FAQ 12",
                !twice,
                "not reviewed by this person",
                if twice { "reviewed already" } else { "not reviewed" },
                "Two different people review an agreement.",
            ),
            Finding::new(
                "review.not_proposer",
                "house rule",
                !own,
                "somebody else wrote it",
                if own { "wrote it" } else { "somebody else wrote it" },
                "Nobody reviews what they wrote.",
            ),
        ];
        findings.extend(reviewer.conflict_findings(college.id, &college.name));
        findings
    }

    /// The finding on whether a text that is not in force is open, as `wanted`.
    #[must_use]
    pub fn pending_finding(&self, wanted: bool) -> Finding {
        let open = self.pending.is_some();
        let told = |is: bool| if is { "a change is open" } else { "no change is open" };
        Finding::new(
            "agreement.pending",
            "life cycle",
            open == wanted,
            told(wanted),
            told(open),
            "One change of a signed agreement is open at a time.",
        )
    }

    /// Records a review of the pending text.
    pub fn review(
        mut self,
        reviewer: &Reviewer,
        college: &College,
        review: AgreementReview,
    ) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![
            self.state_finding(AgreementAct::Review),
            self.pending_finding(true),
        ])?;
        decision::by_rule(self.reviewer_findings(reviewer, college))?;
        if let Some(pending) = &mut self.pending {
            pending.reviews.push(review.clone());
        }
        Ok((self, AgreementEvent::Reviewed { review }))
    }

    /// Hands it back to be changed.
    pub fn send_back(mut self, reason: String) -> Result<(Self, AgreementEvent), Refused> {
        self.legal(AgreementAct::SendBack)?;
        self.state = AgreementState::Draft;
        if let Some(pending) = &mut self.pending {
            pending.reviews.clear();
        }
        Ok((self, AgreementEvent::SentBack { reason }))
    }

    /// Gives it up before it is signed.
    pub fn withdraw(mut self, reason: Option<String>) -> Result<(Self, AgreementEvent), Refused> {
        self.legal(AgreementAct::Withdraw)?;
        self.state = AgreementState::Withdrawn;
        Ok((self, AgreementEvent::Withdrawn { reason }))
    }

    /// The finding on whether two different people reviewed the pending text and say: sign.
    #[must_use]
    pub fn reviews_finding(&self) -> Finding {
        let reviews = self.pending.iter().flat_map(|pending| &pending.reviews);
        let (mut approving, mut other) = (Vec::new(), 0_u64);
        for review in reviews {
            if review.advice == AgreementAdvice::Change {
                other = other.saturating_add(1);
            } else if !approving.contains(&review.reviewer) {
                approving.push(review.reviewer);
            }
        }
        let told = |count: usize| {
            text::counted(u64::try_from(count).unwrap_or(u64::MAX), "approving review")
        };
        Finding::new(
            "agreement.reviews",
            "FAQ 12",
            approving.len() >= REVIEWS_NEEDED && other == 0,
            told(REVIEWS_NEEDED),
            format!("{}, {other} asking for changes", told(approving.len())),
            "Two people review an agreement before it is signed, and neither asks for changes.",
        )
    }

    /// The finding on whether the day of signing comes after the reviews; none where nobody reviewed.
    fn reviewed_finding(&self, on: NaiveDate) -> Option<Finding> {
        let reviews = self.pending.iter().flat_map(|pending| &pending.reviews);
        let last = reviews.map(|review| review.reviewed_on).max()?;
        Some(Finding::new(
            "agreement.signed_after_reviews",
            "house rule",
            last <= on,
            format!("from {last} on"),
            format!("on {on}"),
            "An agreement is signed once it is reviewed, not before.",
        ))
    }

    /// The findings on signing, or on adopting a change.
    #[must_use]
    pub fn signing_findings(&self, signing: &Signing) -> Vec<Finding> {
        let mut findings = vec![
            self.reviews_finding(),
            Finding::new(
                "agreement.signed_by_today",
                "FAQ 12",
                signing.on <= signing.today,
                format!("by {}", signing.today),
                format!("on {}", signing.on),
                "An agreement is recorded when it is signed, not before.",
            ),
        ];
        findings.extend(self.reviewed_finding(signing.on));
        findings.extend(signing.coverage_findings());
        findings
    }

    /// The pending text as the next version; its conditions for all findings are checked.
    fn next_version(&mut self, signing: &Signing) -> Result<AgreementVersion, Refused> {
        decision::by_rule(self.signing_findings(signing))?;
        let Some(pending) = self.pending.take() else {
            return Err(Refused::State(vec![self.pending_finding(true)]));
        };
        let number = self.versions.last().map_or(0, |version| version.number).saturating_add(1);
        let version = AgreementVersion {
            number,
            terms: pending.terms,
            in_force_from: signing.on,
            framework_version: signing.framework_version,
            coverage: signing.coverage.outcome,
            findings: signing.coverage.findings.clone(),
            reviews: pending.reviews,
            reason: pending.reason,
        };
        self.versions.push(version.clone());
        Ok(version)
    }

    /// Signs it, for the policy's years from the day of signing on.
    pub fn sign(
        mut self,
        signing: &Signing,
        policy: &RecognitionPolicy,
    ) -> Result<(Self, AgreementEvent), Refused> {
        self.legal(AgreementAct::Sign)?;
        let after = self.next_version(signing)?;
        let ends_on = recognition::agreement_ends_on(signing.on, policy);
        self.state = AgreementState::Signed;
        self.signed_on = Some(signing.on);
        self.ends_on = Some(ends_on);
        Ok((self, AgreementEvent::Signed { signed_on: signing.on, ends_on, after }))
    }

    /// Asks for a change of the signed text.
    pub fn request_change(
        mut self,
        terms: AgreementTerms,
        reason: String,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![
            self.state_finding(AgreementAct::RequestChange),
            self.pending_finding(false),
        ])?;
        self.pending = Some(Pending {
            terms: terms.clone(),
            reason: Some(reason.clone()),
            requested_by: by,
            authors: Vec::new(),
            requested_on: today,
            reviews: Vec::new(),
        });
        Ok((self, AgreementEvent::ChangeRequested { reason, after: terms }))
    }

    /// The change comes into force as the next version, on `signing.on`: not before the version that it
    /// follows.
    pub fn adopt_change(mut self, signing: &Signing) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![
            self.state_finding(AgreementAct::DecideChange),
            self.pending_finding(true),
        ])?;
        if let Some(last) = self.versions.last() {
            decision::by_rule(vec![Finding::new(
                "agreement.version_order",
                "FAQ 12",
                last.in_force_from <= signing.on,
                format!("from {} on", last.in_force_from),
                format!("from {} on", signing.on),
                "A version is in force after the one that it follows.",
            )])?;
        }
        let after = self.next_version(signing)?;
        Ok((self, AgreementEvent::Changed { after }))
    }

    /// The change is dropped: the text in force stays.
    pub fn drop_change(mut self, reason: String) -> Result<(Self, AgreementEvent), Refused> {
        decision::by_state(vec![
            self.state_finding(AgreementAct::DecideChange),
            self.pending_finding(true),
        ])?;
        self.pending = None;
        Ok((self, AgreementEvent::ChangeDropped { reason }))
    }
}
