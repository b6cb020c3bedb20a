//! The acts on an application. Each takes the present application and returns the next one with its
//! event, or the findings that stand in the way.

use chrono::NaiveDate;

use super::{
    Application, ApplicationAct, ApplicationEvent, ApplicationState, OfficeDecision, Statements,
};
use crate::{
    AppealId, CandidacyId, Finding, InvoiceId,
    decision::{self, Refused},
};

/// What acceptance is judged on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Whether eligibility is shown, as of the day of submission (FAQ 6).
    pub eligible: bool,
    /// The findings on eligibility; an advisory one may be unmet although it is shown.
    pub eligibility: Vec<Finding>,
    /// Whether the application fee is settled.
    pub fee: Finding,
    /// Staff accept although eligibility is not shown, for this reason.
    pub override_reason: Option<String>,
    /// Whether the applicant is a verified graduate of a recognition agreement (FAQ 12).
    pub recognition: Option<Finding>,
}

/// What the hours of work and the position are shown by: what a recognised graduate may owe.
const SHOWN_BY_JOBS: [&str; 2] = ["eligibility.work_hours", "eligibility.support_staff_position"];

impl Acceptance {
    /// Every finding.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.eligibility.clone();
        findings.push(self.fee.clone());
        findings.extend(self.recognition.clone());
        findings
    }
    /// Whether acceptance is provisional: a verified graduate who is short of the hours of work, and of
    /// nothing else but what the same jobs show (FAQ 12). An override leaves no condition.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        let graduate = self.recognition.as_ref().is_some_and(|finding| finding.satisfied);
        let unmet = |finding: &&Finding| !finding.satisfied;
        let mut open = self.eligibility.iter().filter(unmet);
        let short =
            self.eligibility.iter().any(|one| !one.satisfied && one.rule == SHOWN_BY_JOBS[0]);
        let only = open.all(|one| SHOWN_BY_JOBS.contains(&one.rule.as_ref()));
        !self.eligible && self.override_reason.is_none() && graduate && short && only
    }
    /// Whether acceptance may go ahead: the fee is settled, and eligibility is shown or overridden, or
    /// the applicant is a recognised graduate who may show the hours later.
    #[must_use]
    pub fn holds(&self) -> bool {
        let entitled = self.override_reason.is_some() || self.eligible || self.is_provisional();
        self.fee.satisfied && entitled
    }
}

impl Application {
    /// Changes what the applicant states.
    pub fn update(mut self, after: Statements) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Update)?;
        let before = std::mem::replace(&mut self.statements, after.clone());
        Ok((self, ApplicationEvent::Updated { before, after }))
    }

    /// What submission asks for: a stated education, at least one job and a way to pay.
    #[must_use]
    pub fn completeness(&self) -> Vec<Finding> {
        self.completeness_of(false)
    }

    /// [`Application::completeness`]; the graduate of a recognised program may show jobs later (FAQ 12).
    #[must_use]
    pub fn completeness_of(&self, graduate: bool) -> Vec<Finding> {
        let stated = |is: bool| if is { "stated" } else { "missing" };
        let education = self.statements.education.is_some();
        let jobs = self.statements.jobs.len();
        let payment = self.statements.payment_choice.is_some();
        vec![
            Finding::new(
                "application.education",
                "FAQ 6",
                education,
                "stated",
                stated(education),
                "The application states the highest education.",
            ),
            Finding::new(
                "application.jobs",
                "FAQ 6",
                jobs > 0 || graduate,
                if graduate { "none of a recognised graduate" } else { "at least 1 job" },
                format!("{jobs} jobs"),
                "The application states at least one job in a library, paid or volunteer.",
            ),
            Finding::new(
                "application.payment_choice",
                "FAQ 22",
                payment,
                "stated",
                stated(payment),
                "The application states how the fee will be paid.",
            ),
        ]
    }

    /// Whether submission now is the first one, which owes the application fee.
    #[must_use]
    pub fn owes_fee_on_submission(&self) -> bool {
        self.invoice.is_none()
    }

    /// Hands the application in: a draft becomes submitted and owes `invoice`; what was asked for
    /// goes back into review. There are no application deadlines (FAQ 7).
    pub fn submit(
        self,
        invoice: InvoiceId,
        today: NaiveDate,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.submit_of(false, invoice, today)
    }

    /// [`Application::submit`]; the graduate of a recognised program may show jobs later.
    pub fn submit_of(
        mut self,
        graduate: bool,
        invoice: InvoiceId,
        today: NaiveDate,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Submit)?;
        decision::by_rule(self.completeness_of(graduate))?;
        let event = if self.state == ApplicationState::Draft {
            self.state = ApplicationState::Submitted;
            self.submitted_on = Some(today);
            self.invoice = Some(invoice);
            ApplicationEvent::Submitted { submitted_on: today, invoice }
        } else {
            self.state = ApplicationState::InReview;
            self.information_requested = None;
            ApplicationEvent::Resubmitted { on: today }
        };
        Ok((self, event))
    }

    /// Withdraws the application.
    pub fn withdraw(mut self, reason: Option<String>) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Withdraw)?;
        let before = std::mem::replace(&mut self.state, ApplicationState::Withdrawn);
        Ok((self, ApplicationEvent::Withdrawn { before, reason }))
    }

    /// Takes the application into review.
    pub fn review(mut self) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Review)?;
        self.state = ApplicationState::InReview;
        Ok((self, ApplicationEvent::ReviewStarted {}))
    }

    /// Asks the applicant for information.
    pub fn request_information(
        mut self,
        message: String,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::RequestInformation)?;
        self.state = ApplicationState::NeedsInformation;
        self.information_requested = Some(message.clone());
        Ok((self, ApplicationEvent::InformationRequested { message }))
    }

    /// Accepts the application, which makes the candidacy. The fee must be settled; eligibility must
    /// be shown, or overridden with a reason.
    pub fn accept(
        mut self,
        candidacy: CandidacyId,
        acceptance: &Acceptance,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Accept)?;
        if !acceptance.holds() {
            return Err(Refused::Rule(acceptance.findings()));
        }
        let decision = OfficeDecision {
            decided_on: today,
            decided_by: by,
            reason: acceptance.override_reason.clone(),
            findings: acceptance.findings(),
        };
        self.state = ApplicationState::Accepted;
        self.decision = Some(decision.clone());
        self.candidacy = Some(candidacy);
        Ok((self, ApplicationEvent::Accepted { candidacy, decision }))
    }

    /// Refuses the application, with its findings and a reason for the applicant.
    pub fn refuse(
        mut self,
        findings: Vec<Finding>,
        reason: String,
        by: String,
        today: NaiveDate,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Refuse)?;
        let decision =
            OfficeDecision { decided_on: today, decided_by: by, reason: Some(reason), findings };
        self.state = ApplicationState::Refused;
        self.decision = Some(decision.clone());
        Ok((self, ApplicationEvent::Refused { decision }))
    }
    /// An appeal set the refusal aside: it is in review again, and decided anew. `invoice` is that of the
    /// application fee where it is owed anew, since a refusal returns it.
    pub fn reopen(
        mut self,
        appeal: AppealId,
        invoice: Option<InvoiceId>,
    ) -> Result<(Self, ApplicationEvent), Refused> {
        self.legal(ApplicationAct::Reopen)?;
        self.state = ApplicationState::InReview;
        self.decision = None;
        self.invoice = invoice.or(self.invoice);
        Ok((self, ApplicationEvent::Reopened { appeal, invoice }))
    }
}
