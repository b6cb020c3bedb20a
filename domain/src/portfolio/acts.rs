//! The acts of the candidate on a portfolio, and those of the office before it is submitted.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Attempt, Portfolio, PortfolioAct, PortfolioContent, PortfolioEvent, PortfolioState, PreComment,
    PreReview,
};
use crate::{
    AttemptId, BadFact, Finding, InvoiceId, PortfolioId,
    calendar::Faults,
    candidacy::{Candidacy, CandidacyAct},
    competency::{CompetencySet, SetCode},
    decision::{self, Refused},
    policy::PortfolioPolicy,
    text,
};

/// What stands in the way of a new portfolio for a set, besides the candidacy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Whether the set is achieved already.
    pub achieved: bool,
    /// How many portfolios for the set were not achieved in this candidacy.
    pub not_achieved: u32,
}

impl Earlier {
    /// The findings on a new portfolio for `set`: it is not achieved, and another attempt is allowed.
    #[must_use]
    pub fn findings(self, set: &SetCode, policy: &PortfolioPolicy) -> Vec<Finding> {
        let again = self.not_achieved == 0 || policy.may_repeat;
        let count = u64::from(self.not_achieved);
        vec![
            unachieved_finding(set, self.achieved),
            Finding::new(
                "portfolio.may_repeat",
                "FAQ 10",
                again,
                if policy.may_repeat { "any number" } else { "no portfolio that was not achieved" },
                text::counted(count, "portfolio"),
                "Whether a new portfolio may follow one that was not achieved is the policy's to say.",
            ),
        ]
    }
}

/// The finding on whether a portfolio for `set` is still of use.
fn unachieved_finding(set: &SetCode, achieved: bool) -> Finding {
    Finding::new(
        "portfolio.set_not_achieved",
        "FAQ 10",
        !achieved,
        format!("{set} is not achieved yet"),
        if achieved { "achieved" } else { "not achieved" },
        format!("Whoever has achieved {set} needs no portfolio for it."),
    )
}

/// The finding on whether no other portfolio of the candidacy is open for the set.
#[must_use]
pub fn one_open_finding(free: bool) -> Finding {
    Finding::new(
        "portfolio.one_open",
        "FAQ 10",
        free,
        "no open portfolio for the set",
        if free { "none is open" } else { "one is open" },
        "One portfolio for a set is open at a time.",
    )
}

/// What a submission is decided on, besides the portfolio.
#[derive(Debug, Clone)]
pub struct Submission<'s> {
    /// The new attempt, with its hash.
    pub attempt: Attempt,
    /// The candidacy.
    pub candidacy: &'s Candidacy,
    /// The set.
    pub set: &'s CompetencySet,
    /// The finding on whether the fee is settled.
    pub fee: Finding,
    /// Whether the set is achieved already.
    pub achieved: bool,
    /// The day.
    pub today: NaiveDate,
}

impl Portfolio {
    /// A new draft, which may hold something already. `earlier` is what is known of the set.
    pub fn draft(
        id: PortfolioId,
        candidacy: &Candidacy,
        set: SetCode,
        content: PortfolioContent,
        earlier: Earlier,
        (policy, today, now): (&PortfolioPolicy, NaiveDate, DateTime<Utc>),
    ) -> Result<(Self, PortfolioEvent), Refused> {
        let mut findings = vec![candidacy.state_finding(CandidacyAct::WritePortfolio, today)];
        findings.extend(earlier.findings(&set, policy));
        decision::by_state(findings)?;
        let event = PortfolioEvent::Drafted { candidacy: candidacy.id, set: set.clone() };
        let draft = Self {
            id,
            program: candidacy.program.clone(),
            candidacy: candidacy.id,
            person: candidacy.person,
            set,
            state: PortfolioState::Draft,
            content,
            invoice: None,
            pre_review: None,
            attempt: None,
            attempts: 0,
            round: 1,
            requested: Vec::new(),
            disputed: Vec::new(),
            chance_ends_on: None,
            submitted_on: None,
            decided_on: None,
            created_at: now,
            version: 1,
        };
        Ok((draft, event))
    }

    /// Changes what it holds. While more information is asked for, only in the competencies that are named.
    pub fn update(
        mut self,
        after: PortfolioContent,
        today: NaiveDate,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        self.legal(PortfolioAct::Update)?;
        decision::by_state(self.chance_finding(today).into_iter().collect())?;
        decision::by_rule(self.lock_findings(&after))?;
        let before = Box::new(std::mem::replace(&mut self.content, after.clone()));
        Ok((self, PortfolioEvent::Updated { before, after: Box::new(after) }))
    }

    /// The findings on changing to `after` while more information is asked for: one a part that changes,
    /// and what is not named is locked.
    #[must_use]
    pub fn lock_findings(&self, after: &PortfolioContent) -> Vec<Finding> {
        if self.state != PortfolioState::MoreInformation {
            return Vec::new();
        }
        let named: Vec<_> = self.requested.iter().map(ToString::to_string).collect();
        let finding = |name: String| {
            let message = format!("Only what was asked for can change now; {name} is changed.");
            let open = named.contains(&name);
            Finding::new("portfolio.unlocked", "FAQ 10", open, text::list(&named), name, message)
        };
        self.content.changed(after).into_iter().map(finding).collect()
    }

    /// The finding on whether the one chance still runs; none where there is none.
    #[must_use]
    pub fn chance_finding(&self, today: NaiveDate) -> Option<Finding> {
        let last = self.chance_ends_on.filter(|_| self.state == PortfolioState::MoreInformation)?;
        Some(Finding::new(
            "portfolio.chance",
            "FAQ 10",
            today <= last,
            format!("by {last}"),
            format!("on {today}"),
            format!("What was asked for is handed in by {last}, once."),
        ))
    }

    /// Asks staff to look at the draft: free, any number of times, one at a time.
    pub fn request_pre_review(
        mut self,
        today: NaiveDate,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        decision::by_state(self.pre_review_findings())?;
        self.pre_review =
            Some(PreReview { requested_on: today, commented_on: None, comments: Vec::new() });
        Ok((self, PortfolioEvent::PreReviewRequested { on: today }))
    }

    /// The findings on asking staff to look at it: it is a draft, and none is waited for.
    #[must_use]
    pub fn pre_review_findings(&self) -> Vec<Finding> {
        let waits = self.pre_review.as_ref().is_some_and(|one| one.commented_on.is_none());
        vec![
            self.state_finding(PortfolioAct::RequestPreReview),
            Finding::new(
                "portfolio.no_pre_review_waits",
                "FAQ 15",
                !waits,
                "none that waits",
                if waits { "one waits" } else { "none waits" },
                "Staff answer one review before submission before the next is asked for.",
            ),
        ]
    }

    /// What is wrong with comments: none, one without a text, a competency that the set does not have.
    #[must_use]
    pub fn check_comments(comments: &[PreComment], set: &CompetencySet) -> Vec<BadFact> {
        let mut faults = Faults::default();
        if comments.is_empty() {
            faults.add("/comments", "required", "Say something.");
        }
        for (place, comment) in comments.iter().enumerate() {
            if comment.text.trim().is_empty() || comment.text.chars().count() > super::MAX_TEXT {
                let detail = format!("A comment has 1 to {} characters.", super::MAX_TEXT);
                faults.add(format!("/comments/{place}/text"), "length", detail);
            }
            let code = comment.competency.as_ref();
            if let Some(code) =
                code.filter(|code| !set.competencies.iter().any(|one| one.code == **code))
            {
                let detail = format!("{} has no competency {code}.", set.code);
                faults.add(format!("/comments/{place}/competency"), "unknown", detail);
            }
        }
        faults.none().err().unwrap_or_default()
    }

    /// Staff comment on the draft, asked or not; what they said before is kept by the events.
    pub fn comment(
        mut self,
        comments: Vec<PreComment>,
        today: NaiveDate,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        self.legal(PortfolioAct::Comment)?;
        let requested_on = self.pre_review.as_ref().map_or(today, |one| one.requested_on);
        let said = comments.clone();
        self.pre_review = Some(PreReview { requested_on, commented_on: Some(today), comments });
        Ok((self, PortfolioEvent::Commented { comments: said }))
    }

    /// The findings on asking for the invoice of the fee: once, while it is a draft, and where the set is
    /// not achieved in another way.
    #[must_use]
    pub fn invoice_findings(&self, achieved: bool) -> Vec<Finding> {
        let free = self.invoice.is_none();
        vec![
            self.state_finding(PortfolioAct::Invoice),
            unachieved_finding(&self.set, achieved),
            Finding::new(
                "portfolio.not_invoiced",
                "FAQ 21",
                free,
                "no invoice yet",
                if free { "no invoice" } else { "invoiced" },
                "The fee of a portfolio is invoiced once.",
            ),
        ]
    }

    /// Its fee is invoiced.
    pub fn bill(
        mut self,
        invoice: InvoiceId,
        achieved: bool,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        decision::by_state(self.invoice_findings(achieved))?;
        self.invoice = Some(invoice);
        Ok((self, PortfolioEvent::Invoiced { invoice }))
    }

    /// The findings on submitting: those of the state, the chance, the candidacy and the set, and those of
    /// the fee and every part. The one fee covers both rounds.
    #[must_use]
    pub fn submission_findings(
        &self,
        (candidacy, set): (&Candidacy, &CompetencySet),
        (fee, achieved): (&Finding, bool),
        today: NaiveDate,
    ) -> (Vec<Finding>, Vec<Finding>) {
        let mut states = vec![self.state_finding(PortfolioAct::Submit)];
        states.extend(self.chance_finding(today));
        let mut rules = Vec::new();
        if self.attempts == 0 {
            states.push(candidacy.state_finding(CandidacyAct::SubmitPortfolio, today));
            states.push(unachieved_finding(&self.set, achieved));
            rules.push(fee.clone());
        }
        rules.extend(self.content.completeness(set));
        (states, rules)
    }

    /// The attempt that submitting it now makes, before its hash is known.
    #[must_use]
    pub fn attempt(&self, id: AttemptId, now: DateTime<Utc>) -> Attempt {
        Attempt {
            id,
            program: self.program.clone(),
            portfolio: self.id,
            person: self.person,
            set: self.set.clone(),
            number: self.attempts.saturating_add(1),
            content: self.content.clone(),
            content_hash: String::new(),
            submitted_at: now,
            outcomes: Vec::new(),
            version: 1,
        }
    }

    /// Submits it: an attempt that nothing changes any more. The first time for the first round, the
    /// second time for the second.
    pub fn submit(
        mut self,
        asked: Submission<'_>,
    ) -> Result<(Self, Attempt, PortfolioEvent), Refused> {
        let against = (asked.candidacy, asked.set);
        let known = (&asked.fee, asked.achieved);
        let (states, rules) = self.submission_findings(against, known, asked.today);
        decision::by_state(states)?;
        decision::by_rule(rules)?;
        let second = self.state == PortfolioState::MoreInformation;
        let attempt = asked.attempt;
        let (number, content_hash) = (attempt.number, attempt.content_hash.clone());
        self.attempts = number;
        self.attempt = Some(attempt.id);
        self.submitted_on = self.submitted_on.or(Some(asked.today));
        let id = attempt.id;
        let event = if second {
            self.state = PortfolioState::InSecondEvaluation;
            self.round = 2;
            PortfolioEvent::Resubmitted { attempt: id, number, content_hash }
        } else {
            self.state = PortfolioState::InEvaluation;
            PortfolioEvent::Submitted { attempt: id, number, content_hash }
        };
        Ok((self, attempt, event))
    }

    /// Withdraws it.
    pub fn withdraw(mut self, reason: Option<String>) -> Result<(Self, PortfolioEvent), Refused> {
        self.legal(PortfolioAct::Withdraw)?;
        let before = std::mem::replace(&mut self.state, PortfolioState::Withdrawn);
        Ok((self, PortfolioEvent::Withdrawn { before, reason }))
    }
}
