//! Attempts: what was submitted, which nothing changes, and what it came to (FAQ 10, 15).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Assignment, Portfolio, PortfolioAct, PortfolioContent, PortfolioEvent, PortfolioFacts,
    PortfolioOutcome, PortfolioResult, PortfolioState, assignment::seat_ratings, evaluate,
};
use crate::{
    AttemptId, BadFact, PersonId, PortfolioId, calendar,
    competency::{Framework, SetCode},
    decision::Refused,
    policy::PortfolioPolicy,
    program::ProgramCode,
};

/// What the ratings of an attempt came to, and when. One that was set aside is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptOutcome {
    /// 1 or 2.
    pub round: i64,
    /// The day.
    pub decided_on: NaiveDate,
    /// What it came to.
    pub outcome: PortfolioOutcome,
    /// The day on which it was set aside.
    pub set_aside_on: Option<NaiveDate>,
}

/// What was submitted. Its content is never changed and nothing of it is ever lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Identity.
    pub id: AttemptId,
    /// The program.
    pub program: ProgramCode,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The candidate.
    pub person: PersonId,
    /// The set.
    pub set: SetCode,
    /// 1 at first.
    pub number: i64,
    /// What was submitted.
    pub content: PortfolioContent,
    /// The SHA-256 of everything in it, the files' own included: 64 hexadecimal digits.
    pub content_hash: String,
    /// When.
    pub submitted_at: DateTime<Utc>,
    /// What it came to, oldest first.
    pub outcomes: Vec<AttemptOutcome>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Attempt {
    /// What stands of it.
    #[must_use]
    pub fn outcome(&self) -> Option<&AttemptOutcome> {
        self.outcomes.iter().rev().find(|one| one.set_aside_on.is_none())
    }

    /// Sets aside what stands of it.
    #[must_use]
    pub fn set_aside(mut self, today: NaiveDate) -> Self {
        for one in self.outcomes.iter_mut().filter(|one| one.set_aside_on.is_none()) {
            one.set_aside_on = Some(today);
        }
        self
    }

    /// Keeps what its ratings came to; a third evaluator's outcome follows the split that asked for it.
    #[must_use]
    pub fn decided(mut self, round: i64, outcome: PortfolioOutcome, today: NaiveDate) -> Self {
        let kept = AttemptOutcome { round, decided_on: today, outcome, set_aside_on: None };
        self.outcomes.push(kept);
        self
    }
}

impl Portfolio {
    /// What the final ratings of its attempts come to now; none while somebody still rates. The order in
    /// which the ratings came changes nothing: seats do not.
    pub fn judge(
        &self,
        assignments: &[Assignment],
        framework: &Framework,
        policy: &PortfolioPolicy,
    ) -> Result<Option<PortfolioOutcome>, Vec<BadFact>> {
        let Some(held) = framework.set(&self.set) else { return Ok(None) };
        let codes: Vec<_> = held.competencies.iter().map(|one| one.code.clone()).collect();
        let seat = |number: i64| seat_ratings(number, self.attempt, assignments, &codes);
        let (Some(one), Some(other)) = (seat(1), seat(2)) else { return Ok(None) };
        let mut ratings = vec![one, other];
        // Only a split asks for the third, and then nothing is decided without it.
        if !self.disputed.is_empty() {
            let Some(third) = seat(3) else { return Ok(None) };
            ratings.push(third);
        }
        let facts = PortfolioFacts { competency_set: self.set.clone(), round: self.round, ratings };
        evaluate(&facts, framework, policy).map(Some)
    }

    /// What the outcome of the present round makes of it. From the first round to the chance, or to the
    /// end.
    pub fn conclude(
        mut self,
        outcome: PortfolioOutcome,
        policy: &PortfolioPolicy,
        today: NaiveDate,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        self.legal(PortfolioAct::Rate)?;
        let kept = Box::new(outcome.clone());
        let event = match outcome.outcome {
            PortfolioResult::MoreInformation => {
                let chance_ends_on = calendar::add_days(today, policy.chance_days.into());
                self.state = PortfolioState::MoreInformation;
                self.requested = outcome.requested;
                self.chance_ends_on = Some(chance_ends_on);
                PortfolioEvent::MoreInformationRequested { outcome: kept, chance_ends_on }
            }
            PortfolioResult::ThirdEvaluator => {
                self.disputed = outcome.disputed;
                PortfolioEvent::ThirdEvaluatorNeeded { outcome: kept }
            }
            PortfolioResult::Achieved => {
                self.state = PortfolioState::Achieved;
                self.decided_on = Some(today);
                PortfolioEvent::Achieved { outcome: kept }
            }
            PortfolioResult::NotAchieved => {
                self.state = PortfolioState::NotAchieved;
                self.decided_on = Some(today);
                PortfolioEvent::NotAchieved { outcome: kept }
            }
        };
        Ok((self, event))
    }

    /// The chance was not used in time: the second round runs on the ratings of the first, and on what was
    /// `submitted`. None while the chance runs, and where there is none.
    #[must_use]
    pub fn run_out(
        mut self,
        submitted: &Attempt,
        today: NaiveDate,
    ) -> Option<(Self, PortfolioEvent)> {
        let ended = self.chance_ends_on.filter(|last| today > *last)?;
        self.legal(PortfolioAct::RunOut).ok()?;
        self.state = PortfolioState::InSecondEvaluation;
        self.round = 2;
        // What was begun of an answer and never handed in is none.
        self.content.clone_from(&submitted.content);
        Some((self, PortfolioEvent::ChanceRanOut { chance_ended_on: ended }))
    }

    /// Sets the outcome of the present round aside, because a rating is void or an appeal was remanded:
    /// evaluators judge what was `submitted` again. What was changed since for a chance that is none any
    /// more is not part of it, for nothing of it could be changed back.
    pub fn set_aside(
        mut self,
        submitted: &Attempt,
        reason: String,
    ) -> Result<(Self, PortfolioEvent), Refused> {
        self.legal(PortfolioAct::SetAside)?;
        self.content.clone_from(&submitted.content);
        self.decided_on = None;
        self.disputed.clear();
        if self.round == 1 {
            self.state = PortfolioState::InEvaluation;
            self.requested.clear();
            self.chance_ends_on = None;
            Ok((self, PortfolioEvent::FirstOutcomeSetAside { reason }))
        } else {
            self.state = PortfolioState::InSecondEvaluation;
            Ok((self, PortfolioEvent::SecondOutcomeSetAside { reason }))
        }
    }
}
