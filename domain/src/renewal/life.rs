//! A renewal that somebody submitted: judged on the day of its submission, decided once (FAQ 19).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ActivityFacts, NotCounted, Submission};
use crate::{
    ActivityId, AppealId, CertificationId, Finding, InvoiceId, PersonId, RenewalId,
    decision::{self, Refused},
    facts,
    policy::FeeCode,
    program::ProgramCode,
    words,
};

words! {
    /// Where a renewal stands.
    pub enum RenewalState {
        /// It waits for the office, or for its fee.
        Submitted = "submitted",
        /// Granted: the certification has another term.
        Granted = "granted",
        /// Refused by the office.
        Refused = "refused",
        /// Withdrawn by its holder.
        Withdrawn = "withdrawn",
    }
}

/// One activity of a renewal, as it was on the day of the submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalLine {
    /// The activity.
    pub activity: ActivityId,
    /// What it was.
    pub facts: ActivityFacts,
    /// What its facts are worth.
    pub minutes: i64,
    /// What counts: all of it or nothing. What counts nothing stays free.
    pub counted_minutes: i64,
    /// Why nothing counts.
    pub not_counted: Option<NotCounted>,
}

/// A renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// Identity.
    pub id: RenewalId,
    /// The program.
    pub program: ProgramCode,
    /// The holder.
    pub person: PersonId,
    /// The certification.
    pub certification: CertificationId,
    /// The number of the term that it asks for: 2 at the first renewal.
    pub term: u32,
    /// The last day of the term before, as it was on the submission.
    pub term_expires_on: NaiveDate,
    /// The day of the submission.
    pub submitted_on: NaiveDate,
    /// Its activities, in the order in which they were chosen.
    pub lines: Vec<RenewalLine>,
    /// Minutes that count.
    pub counted_minutes: i64,
    /// Minutes of them in technology.
    pub technology_minutes: i64,
    /// The findings on the day of the submission, all satisfied.
    pub findings: Vec<Finding>,
    /// The version of the policy that judged it.
    pub policy_version: i64,
    /// The invoice of its fee; none where it costs nothing.
    pub invoice: Option<InvoiceId>,
    /// Where it stands.
    pub state: RenewalState,
    /// The day of the decision, or on which it was withdrawn.
    pub decided_on: Option<NaiveDate>,
    /// Why it was refused, or withdrawn.
    pub reason: Option<String>,
    /// The last day of the term that it brought.
    pub renewed_until: Option<NaiveDate>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

/// What a grant is judged on, beside the renewal.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Whether the certification can be renewed at all.
    pub certification: Finding,
    /// Whether the fee is settled; none where there is none.
    pub fee: Option<Finding>,
    /// The number of the certification's present term.
    pub present_term: u32,
}

const OPEN: &[RenewalState] = &[RenewalState::Submitted];

impl Renewal {
    /// The finding on whether another renewal of the term is there.
    #[must_use]
    pub fn once_finding(another: bool) -> Finding {
        Finding::new(
            "renewal.once",
            "FAQ 19",
            !another,
            "no other renewal of the term",
            if another { "there is one" } else { "there is none" },
            "A term is renewed once, and one renewal of it is submitted at a time.",
        )
    }

    /// The finding on the activities that were chosen; `used` names those that are used up.
    #[must_use]
    pub fn activities_finding(used: &str) -> Finding {
        Finding::new(
            "renewal.activities_free",
            "FAQ 19",
            used.is_empty(),
            "activities that no renewal used",
            if used.is_empty() { "all free" } else { used },
            "An activity counts for one renewal only.",
        )
    }

    /// Submits a renewal: 409 by state, 422 by the rules of the day, or one that waits.
    pub fn submit(submission: Submission<'_>) -> Result<(Self, RenewalEvent), Refused> {
        decision::by_state(submission.state_findings())?;
        let Submission { id, certification, activities, outcome, policy_version, today, .. } =
            submission;
        let findings = decision::by_rule(outcome.findings)?;
        let lines: Vec<_> = activities
            .iter()
            .zip(&outcome.activities)
            .map(|(one, verdict)| RenewalLine {
                activity: one.id,
                facts: one.facts.clone(),
                minutes: verdict.minutes,
                counted_minutes: verdict.counted_minutes,
                not_counted: verdict.not_counted,
            })
            .collect();
        let renewal = Self {
            id,
            program: certification.program.clone(),
            person: certification.person,
            certification: certification.id,
            term: certification.term_number().saturating_add(1),
            term_expires_on: certification.expires_on,
            submitted_on: today,
            lines,
            counted_minutes: outcome.counted_minutes,
            technology_minutes: outcome.technology_minutes,
            findings,
            policy_version,
            invoice: None,
            state: RenewalState::Submitted,
            decided_on: None,
            reason: None,
            renewed_until: None,
            version: 1,
        };
        let event = RenewalEvent::Submitted {
            certification: renewal.certification,
            term: renewal.term,
            submitted_on: today,
            counted_minutes: renewal.counted_minutes,
            technology_minutes: renewal.technology_minutes,
            activities: renewal.consumed().map(|line| line.activity).collect(),
        };
        Ok((renewal, event))
    }

    /// The lines that count, whose activities it uses.
    pub fn consumed(&self) -> impl Iterator<Item = &RenewalLine> {
        self.lines.iter().filter(|line| line.counted_minutes > 0)
    }

    /// Whether it came after the term, within the grace period.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.submitted_on > self.term_expires_on
    }

    /// The fee that it owes.
    #[must_use]
    pub fn fee(&self) -> FeeCode {
        if self.is_late() { FeeCode::LateRenewal } else { FeeCode::Renewal }
    }

    /// The finding on an act on it.
    #[must_use]
    pub fn state_finding(&self, act: &str) -> Finding {
        decision::state_finding("renewal.state", act, self.state, OPEN)
    }

    /// The findings on granting it: those by state, then the fee.
    #[must_use]
    pub fn grant_findings(&self, grant: &Grant) -> Vec<Finding> {
        let mut findings = self.standing_findings(grant);
        findings.extend(grant.fee.clone());
        findings
    }

    fn standing_findings(&self, grant: &Grant) -> Vec<Finding> {
        let follows = self.term == grant.present_term.saturating_add(1);
        vec![
            self.state_finding("grant the renewal"),
            grant.certification.clone(),
            Finding::new(
                "renewal.term",
                "FAQ 19",
                follows,
                format!("term {}", grant.present_term.saturating_add(1)),
                format!("term {}", self.term),
                "A renewal brings the term that follows the present one.",
            ),
        ]
    }

    /// Grants it: by itself, or by the office. What it was judged on on the day of its submission stands.
    pub fn grant(
        mut self,
        grant: &Grant,
        renewed_until: NaiveDate,
        today: NaiveDate,
    ) -> Result<(Self, RenewalEvent), Refused> {
        decision::by_state(self.standing_findings(grant))?;
        decision::by_rule(grant.fee.iter().cloned().collect())?;
        self.state = RenewalState::Granted;
        self.decided_on = Some(today);
        self.reason = None;
        self.renewed_until = Some(renewed_until);
        Ok((self, RenewalEvent::Granted { on: today, renewed_until }))
    }

    /// Refuses it, with a reason: its activities are free again.
    pub fn refuse(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, RenewalEvent), Refused> {
        decision::by_state(vec![self.state_finding("refuse the renewal")])?;
        self.state = RenewalState::Refused;
        self.decided_on = Some(today);
        self.reason = Some(reason.clone());
        Ok((self, RenewalEvent::Refused { on: today, reason }))
    }

    /// Withdraws it: its activities are free again.
    pub fn withdraw(
        mut self,
        reason: Option<String>,
        today: NaiveDate,
    ) -> Result<(Self, RenewalEvent), Refused> {
        decision::by_state(vec![self.state_finding("withdraw the renewal")])?;
        self.state = RenewalState::Withdrawn;
        self.decided_on = Some(today);
        self.reason.clone_from(&reason);
        Ok((self, RenewalEvent::Withdrawn { on: today, reason }))
    }

    /// An appeal set the refusal aside: it waits for its decision again, on what it was submitted with.
    /// `invoice` is that of the fee where it is owed anew.
    pub fn reopen(
        mut self,
        appeal: AppealId,
        present_term: u32,
        invoice: Option<InvoiceId>,
    ) -> Result<(Self, RenewalEvent), Refused> {
        let refused = [RenewalState::Refused];
        decision::by_state(vec![
            decision::state_finding("renewal.state", "reopen the renewal", self.state, &refused),
            Finding::new(
                "renewal.once",
                "FAQ 19",
                self.term == present_term.saturating_add(1),
                format!("term {}", present_term.saturating_add(1)),
                format!("term {}", self.term),
                "A term that was renewed since is not renewed once more.",
            ),
        ])?;
        self.state = RenewalState::Submitted;
        self.decided_on = None;
        self.reason = None;
        self.invoice = invoice;
        Ok((self, RenewalEvent::Reopened { appeal, invoice }))
    }
}

impl RenewalState {
    /// Where the events of a renewal lead, along legal edges only; none where they do not.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        let mut state = None;
        for told in types {
            state = Some(match (state, told) {
                (None, "renewal.submitted") | (Some(Self::Refused), "renewal.reopened") => {
                    Self::Submitted
                }
                (Some(Self::Submitted), "renewal.granted") => Self::Granted,
                (Some(Self::Submitted), "renewal.refused") => Self::Refused,
                (Some(Self::Submitted), "renewal.withdrawn") => Self::Withdrawn,
                _ => return None,
            });
        }
        state
    }
}

facts! {
    /// What happens to renewals.
    pub enum RenewalEvent {
        /// It was submitted, and uses these activities.
        Submitted = "renewal.submitted" { certification: CertificationId, term: u32, submitted_on: NaiveDate, counted_minutes: i64, technology_minutes: i64, activities: Vec<ActivityId> },
        /// It was granted.
        Granted = "renewal.granted" { on: NaiveDate, renewed_until: NaiveDate },
        /// It was refused: its activities are free.
        Refused = "renewal.refused" { on: NaiveDate, reason: String },
        /// It was withdrawn: its activities are free.
        Withdrawn = "renewal.withdrawn" { on: NaiveDate, reason: Option<String> },
        /// An appeal set the refusal aside: it uses its activities again.
        Reopened = "renewal.reopened" { appeal: AppealId, invoice: Option<InvoiceId> },
    }
}
