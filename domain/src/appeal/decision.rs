//! What can be appealed, by whom and until when.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::SOURCE;
use crate::{
    AgreementId, ApplicationId, CompletionId, EventId, Finding, GraduateId, OrganisationId,
    PersonId, PortfolioId, ProposalId, RenewalId, access::Facts, attachment::AttachmentOwner,
    calendar, policy::AppealPolicy, words,
};

words! {
    /// What was decided.
    pub enum DecisionKind {
        /// An application was refused.
        ApplicationRefused = "application_refused",
        /// A completion of a course was refused.
        CompletionRefused = "completion_refused",
        /// A portfolio was judged not to achieve its set.
        PortfolioNotAchieved = "portfolio_not_achieved",
        /// A course proposal was declined.
        CourseDeclined = "course_declined",
        /// The draft of an agreement was sent back.
        AgreementSentBack = "agreement_sent_back",
        /// An agreement was ended by the office.
        AgreementEnded = "agreement_ended",
        /// A renewal was refused.
        RenewalRefused = "renewal_refused",
        /// A graduate of a recognised program was refused.
        GraduateRefused = "graduate_refused",
    }
}

/// What a decision was about, by its id; its prefix tells the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Subject {
    /// An application.
    Application(ApplicationId),
    /// A completion of a course.
    Completion(CompletionId),
    /// A portfolio.
    Portfolio(PortfolioId),
    /// A proposal of a course.
    CourseProposal(ProposalId),
    /// A recognition agreement.
    Agreement(AgreementId),
    /// A renewal of a certification.
    Renewal(RenewalId),
    /// A graduate of a recognised program.
    Graduate(GraduateId),
}

/// Not the id of something whose decision can be appealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the id of an application, a completion, a portfolio, a course proposal, an agreement, a renewal or a graduate"
)]
pub struct NotAppealable;

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(id) => id.fmt(f),
            Self::Completion(id) => id.fmt(f),
            Self::Portfolio(id) => id.fmt(f),
            Self::CourseProposal(id) => id.fmt(f),
            Self::Agreement(id) => id.fmt(f),
            Self::Renewal(id) => id.fmt(f),
            Self::Graduate(id) => id.fmt(f),
        }
    }
}

impl FromStr for Subject {
    type Err = NotAppealable;
    fn from_str(text: &str) -> Result<Self, NotAppealable> {
        let application = text.parse().map(Self::Application).ok();
        let other = || {
            let completion = || text.parse().map(Self::Completion).ok();
            let portfolio = || text.parse().map(Self::Portfolio).ok();
            let proposal = || text.parse().map(Self::CourseProposal).ok();
            let agreement = || text.parse().map(Self::Agreement).ok();
            let renewal = || text.parse().map(Self::Renewal).ok();
            let graduate = || text.parse().map(Self::Graduate).ok();
            let earlier = completion().or_else(portfolio).or_else(proposal).or_else(agreement);
            earlier.or_else(renewal).or_else(graduate)
        };
        application.or_else(other).ok_or(NotAppealable)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

impl TryFrom<String> for Subject {
    type Error = NotAppealable;
    fn try_from(text: String) -> Result<Self, NotAppealable> {
        text.parse()
    }
}

/// Whose appeal it is: the person or the organisation that the decision concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Appellant {
    /// A person.
    Person(PersonId),
    /// An organisation: a provider or a college.
    Organisation(OrganisationId),
}

impl Appellant {
    /// The person, where it is one.
    #[must_use]
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Organisation(_) => None,
        }
    }
    /// The organisation, where it is one.
    #[must_use]
    pub fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Person(_) => None,
            Self::Organisation(organisation) => Some(organisation),
        }
    }
    /// What access needs to know.
    #[must_use]
    pub fn facts(self) -> Facts {
        Facts { owner: self.person(), organisation: self.organisation() }
    }
    /// Whose the files are that may be handed in.
    #[must_use]
    pub fn files(self) -> AttachmentOwner {
        match self {
            Self::Person(person) => AttachmentOwner::Person(person),
            Self::Organisation(organisation) => AttachmentOwner::Organisation(organisation),
        }
    }
}

/// A decision that can be appealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The event that tells it: the same thing may be decided again after a remand.
    pub id: EventId,
    /// What was decided.
    pub kind: DecisionKind,
    /// What it was about.
    pub subject: Subject,
    /// The day, in the program's zone.
    pub decided_on: NaiveDate,
    /// The day of its receipt: a decision can be read as soon as it is made.
    pub received_on: NaiveDate,
    /// Who decided, and who judged it before: as the event log names them.
    pub decided_by: Vec<String>,
}

/// The last days of an appeal. Days in the program's zone, each still in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// Of the notice of intent.
    pub notice_by: NaiveDate,
    /// Of the documents.
    pub documents_by: NaiveDate,
    /// Of the committee's response: the latest, until the documents are in.
    pub response_by: NaiveDate,
    /// Of the meeting: the latest, until the response is there.
    pub meeting_by: NaiveDate,
}

/// What a notice of intent is judged on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The decision, where there is one that stands.
    pub decision: Option<Decision>,
    /// Whether the decision was appealed already.
    pub appealed: bool,
    /// Whether the appellant decided it: who ended their own agreement has nobody to appeal to.
    pub own: bool,
    /// Where the thing stands, in a word.
    pub state: &'static str,
}

fn after(day: NaiveDate, days: u32) -> NaiveDate {
    calendar::add_days(day, i64::from(days))
}

impl Decision {
    /// The deadlines as they are from the start.
    #[must_use]
    pub fn deadlines(&self, policy: &AppealPolicy) -> Deadlines {
        self.deadlines_after(policy, None, None)
    }

    /// The deadlines once documents, or the response, came in on a day.
    pub(super) fn deadlines_after(
        &self,
        policy: &AppealPolicy,
        documents: Option<NaiveDate>,
        response: Option<NaiveDate>,
    ) -> Deadlines {
        let documents_by = after(self.decided_on, policy.documents_days);
        let response_by = after(documents.unwrap_or(documents_by), policy.response_days);
        Deadlines {
            notice_by: after(self.received_on, policy.notice_days),
            documents_by,
            response_by,
            meeting_by: after(response.unwrap_or(response_by), policy.meeting_days),
        }
    }

    /// The finding on whether `by` may judge it: who took part in the decision may not.
    #[must_use]
    pub fn independent_finding(&self, by: &str) -> Finding {
        let took_part = self.decided_by.iter().any(|one| one == by);
        Finding::new(
            "appeal.independent",
            SOURCE,
            !took_part,
            "somebody who took no part in the decision",
            if took_part { "took part in the decision" } else { "took no part in it" },
            "Who took part in a decision cannot judge the appeal against it.",
        )
    }
}

impl Notice {
    /// The findings by state: there is a decision of the program that stands, and no appeal against it.
    #[must_use]
    pub fn standing_findings(&self) -> Vec<Finding> {
        let decided = self.decision.is_some();
        let mut findings = vec![Finding::new(
            "appeal.decision",
            SOURCE,
            decided,
            "a decision that stands",
            self.state,
            "An appeal is against a decision that stands.",
        )];
        if decided {
            findings.push(Finding::new(
                "appeal.of_the_program",
                SOURCE,
                !self.own,
                "decided by the program",
                if self.own { "decided by the appellant" } else { "decided by the program" },
                "What one decided oneself cannot be appealed.",
            ));
            findings.push(Finding::new(
                "appeal.once",
                SOURCE,
                !self.appealed,
                "not appealed before",
                if self.appealed { "appealed already" } else { "not appealed" },
                "A decision is appealed once.",
            ));
        }
        findings
    }

    /// The finding on whether notice of intent would be in time today.
    #[must_use]
    pub fn time_finding(&self, policy: &AppealPolicy, today: NaiveDate) -> Option<Finding> {
        let last = self.decision.as_ref()?.deadlines(policy).notice_by;
        Some(in_time("appeal.notice", "Notice of intent", last, today))
    }

    /// Every finding on giving notice of intent today.
    #[must_use]
    pub fn findings(&self, policy: &AppealPolicy, today: NaiveDate) -> Vec<Finding> {
        let mut findings = self.standing_findings();
        findings.extend(self.time_finding(policy, today));
        findings
    }
}

/// The finding on whether something that is due by `last` is in time on `day`.
pub(super) fn in_time(rule: &'static str, what: &str, last: NaiveDate, day: NaiveDate) -> Finding {
    Finding::new(
        rule,
        SOURCE,
        day <= last,
        format!("by {last}"),
        format!("on {day}"),
        format!("{what} is due by {last}."),
    )
}
