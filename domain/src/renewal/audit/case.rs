//! A renewal that an audit drew: documents, and what the office finds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{MAX_HANDED_IN, RenewalAudit};
use crate::{
    AttachmentId, AuditCaseId, CertificationId, Finding, PersonId, RenewalAuditId, RenewalId,
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    renewal::Renewal,
    words,
};

words! {
    /// How far the audit of one renewal got. Where it stands on a day is [`AuditStatus`].
    pub enum AuditCaseState {
        /// Documents are to follow.
        Open = "open",
        /// Documents are in.
        Documented = "documented",
        /// The office found nothing wrong.
        Passed = "passed",
        /// The office found that it should not have been granted.
        Failed = "failed",
    }
}

words! {
    /// Where the audit of one renewal stands on a day. Computed, never stored.
    pub enum AuditStatus {
        /// Documents are to follow.
        Open = "open",
        /// They did not come in by their day.
        Overdue = "overdue",
        /// Documents are in.
        Documented = "documented",
        /// The office found nothing wrong.
        Passed = "passed",
        /// The office found that it should not have been granted.
        Failed = "failed",
    }
}

words! {
    /// What the office finds.
    pub enum AuditOutcome {
        /// Nothing is wrong.
        Passed = "passed",
        /// The renewal should not have been granted.
        Failed = "failed",
    }
}

/// What a holder handed in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedIn {
    /// The day.
    pub on: NaiveDate,
    /// In words.
    pub text: Option<String>,
    /// Files of the holder's own.
    pub attachments: Vec<AttachmentId>,
}

/// The audit of one renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCase {
    /// Identity.
    pub id: AuditCaseId,
    /// The program.
    pub program: ProgramCode,
    /// The audit that drew it.
    pub audit: RenewalAuditId,
    /// The renewal.
    pub renewal: RenewalId,
    /// The holder.
    pub person: PersonId,
    /// The certification.
    pub certification: CertificationId,
    /// Its place in the draw.
    pub rank: i64,
    /// The day by which documents are due.
    pub documents_by: NaiveDate,
    /// What was handed in, in order.
    pub documents: Vec<HandedIn>,
    /// How far it got.
    pub state: AuditCaseState,
    /// The day of the office's finding.
    pub decided_on: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl AuditCase {
    /// A renewal that was drawn.
    #[must_use]
    pub fn open(
        id: AuditCaseId,
        audit: &RenewalAudit,
        renewal: &Renewal,
        rank: i64,
    ) -> (Self, AuditCaseEvent) {
        let case = Self {
            id,
            program: audit.program.clone(),
            audit: audit.id,
            renewal: renewal.id,
            person: renewal.person,
            certification: renewal.certification,
            rank,
            documents_by: audit.documents_by,
            documents: Vec::new(),
            state: AuditCaseState::Open,
            decided_on: None,
            reason: None,
            version: 1,
        };
        let (audit, renewal) = (case.audit, case.renewal);
        let event = AuditCaseEvent::Opened { audit, renewal, documents_by: case.documents_by };
        (case, event)
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn status(&self, day: NaiveDate) -> AuditStatus {
        match self.state {
            AuditCaseState::Open if day > self.documents_by => AuditStatus::Overdue,
            AuditCaseState::Open => AuditStatus::Open,
            AuditCaseState::Documented => AuditStatus::Documented,
            AuditCaseState::Passed => AuditStatus::Passed,
            AuditCaseState::Failed => AuditStatus::Failed,
        }
    }

    /// Whether the first documents came after their day.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.documents.first().is_some_and(|first| first.on > self.documents_by)
    }

    /// The findings on handing in documents: late ones are taken, and told as late.
    #[must_use]
    pub fn document_findings(&self) -> Vec<Finding> {
        let open = [AuditCaseState::Open, AuditCaseState::Documented];
        vec![
            decision::state_finding("audit.state", "hand in documents", self.state, &open),
            Finding::new(
                "audit.documents",
                "house rule",
                self.documents.len() < MAX_HANDED_IN,
                format!("less than {MAX_HANDED_IN} times"),
                format!("{} times", self.documents.len()),
                "Documents are handed in a limited number of times.",
            ),
        ]
    }

    /// Hands in documents.
    pub fn hand_in(mut self, documents: HandedIn) -> Result<(Self, AuditCaseEvent), Refused> {
        decision::by_state(self.document_findings())?;
        self.state = AuditCaseState::Documented;
        self.documents.push(documents.clone());
        Ok((self, AuditCaseEvent::Documented { documents }))
    }

    /// The findings on the office's finding today: on documents, or on that there are none in time.
    #[must_use]
    pub fn decision_findings(&self, outcome: AuditOutcome, today: NaiveDate) -> Vec<Finding> {
        let status = self.status(today);
        let allowed: &[AuditStatus] = match outcome {
            AuditOutcome::Passed => &[AuditStatus::Documented],
            AuditOutcome::Failed => &[AuditStatus::Documented, AuditStatus::Overdue],
        };
        vec![decision::state_finding("audit.state", "decide the audit", status, allowed)]
    }

    /// The office's finding. What follows from a failed audit is another decision of the office.
    pub fn decide(
        mut self,
        outcome: AuditOutcome,
        reason: Option<String>,
        today: NaiveDate,
    ) -> Result<(Self, AuditCaseEvent), Refused> {
        decision::by_state(self.decision_findings(outcome, today))?;
        self.decided_on = Some(today);
        self.reason.clone_from(&reason);
        let (state, event) = match outcome {
            AuditOutcome::Passed => {
                (AuditCaseState::Passed, AuditCaseEvent::Passed { on: today, reason })
            }
            AuditOutcome::Failed => {
                (AuditCaseState::Failed, AuditCaseEvent::Failed { on: today, reason })
            }
        };
        self.state = state;
        Ok((self, event))
    }
}

facts! {
    /// What happens to renewals that were drawn.
    pub enum AuditCaseEvent {
        /// It was drawn.
        Opened = "audit.opened" { audit: RenewalAuditId, renewal: RenewalId, documents_by: NaiveDate },
        /// Documents came in.
        Documented = "audit.documented" { documents: HandedIn },
        /// The office found nothing wrong.
        Passed = "audit.passed" { on: NaiveDate, reason: Option<String> },
        /// The office found that it should not have been granted.
        Failed = "audit.failed" { on: NaiveDate, reason: Option<String> },
    }
}
